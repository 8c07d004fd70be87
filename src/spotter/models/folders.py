"""Where Spotter keeps what belongs to the user and not to one analysis."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """The user's data folder for Spotter; it may not exist yet.

    ``SPOTTER_HOME`` if it is set; otherwise what the system wants: ``$XDG_DATA_HOME/spotter`` or
    ``~/.local/share/spotter``, ``~/Library/Application Support/Spotter`` or ``%LOCALAPPDATA%\\Spotter``.
    """
    if home := os.environ.get("SPOTTER_HOME"):
        return Path(home).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Spotter"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Spotter"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "spotter"
