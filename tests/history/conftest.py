"""Databases to test with: SQLite always, PostgreSQL where a server can be had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bench.postgres import NoServer, server
from spotter.history.history import History


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a database on a real server."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        with server() as address:
            yield address
    except NoServer as reason:
        pytest.skip(str(reason))


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The same, emptied."""
    yield postgres_server
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "history.db")
    found: str = request.getfixturevalue("postgres")
    return found


@pytest.fixture
def history(address: str) -> Iterator[History]:
    """A history in an empty database of either kind."""
    with History.open(address) as opened:
        yield opened
