"""Renders clips of a body that exercises, with exactly known joints, repetitions and faults."""
