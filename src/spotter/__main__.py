"""Runs the command by ``python -m spotter``."""

from spotter.cli.app import main

main()
