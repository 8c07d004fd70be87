"""Measures how good and how fast Spotter is: `python -m bench` prints tables and writes them as CSV."""
