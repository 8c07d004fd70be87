"""Fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
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


@pytest.fixture(scope="session", autouse=True)
def nobodys_records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither the history nor the settings of whoever runs the tests are touched."""
    folder = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOTTER_DATA", str(folder))
        patch.setenv("SPOTTER_CONFIG", str(folder / "settings.toml"))
        yield
