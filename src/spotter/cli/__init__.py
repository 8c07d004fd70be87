"""The command ``spotter``."""
