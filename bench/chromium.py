"""Where this machine's Chromium is, for benchmarks, tests and pictures."""

from __future__ import annotations

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""What it may be called."""


def find_chromium() -> str | None:
    """Path of the installed Chromium; None where there is none on the path."""
    return next(filter(None, map(shutil.which, NAMES)), None)
