"""Frames in from files, folders and cameras, video out, always with true timestamps."""
