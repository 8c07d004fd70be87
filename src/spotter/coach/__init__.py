"""Exercises as data, repetitions, faults, cues, and recognising the exercise."""
