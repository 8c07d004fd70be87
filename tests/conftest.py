"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Threads of OpenMP wait by spinning: beside those of OpenVINO they cost more than they bring.
os.environ.setdefault("OMP_NUM_THREADS", "1")

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of clips, photos and truth that is not part of the repository."""
    folder = Path(os.environ.get("SPOTTER_SHARED") or REPOSITORY.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"there is no test material at {folder}; name its folder with SPOTTER_SHARED")
    return folder
