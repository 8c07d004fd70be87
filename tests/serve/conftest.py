"""Fixtures of the server's tests: a server that runs, with trainers that look at nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra serve is not installed")

from spotter.serve.config import Config
from tests.serve.fake import FakeTrainers, Running


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A server of its own: any free port, and a folder and a database that nobody else uses."""
    return Config(port=0, data=tmp_path, database=str(tmp_path / "history.db"), workers=2)


@pytest.fixture
def trainers() -> FakeTrainers:
    return FakeTrainers()


@pytest.fixture
def server(config: Config, trainers: FakeTrainers) -> Iterator[Running]:
    with Running(config, trainers) as running:
        yield running
