"""Deleting sessions and people, so that no trace of them is left."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, delete, text

from spotter.errors import HistoryError
from spotter.history.engine import Database
from spotter.history.problems import told
from spotter.history.tables import METADATA, PEOPLE, SESSIONS


def delete_session(connection: Connection, session: str) -> bool:
    """Delete a session with all that belongs to it; whether it was there."""
    return connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session)).rowcount > 0


def delete_person(connection: Connection, name: str) -> bool:
    """Delete a person with sessions, profile and targets; whether there was one of that name."""
    return connection.execute(delete(PEOPLE).where(PEOPLE.c.name == name)).rowcount > 0


def scrub(database: Database, wait_s: float) -> None:
    """Write the tables anew without what was deleted from them, and empty SQLite's log.

    Args:
        database: it may be open here, but nobody may be reading it just now.
        wait_s: how long to wait for others.

    Raises:
        HistoryError: the disk is full, or another program reads meanwhile, so that traces are left.
    """
    try:
        with told(database.place):
            if database.path is None:
                _scrub_server(database)
            else:
                _scrub_file(database.path, wait_s)
    except HistoryError as error:
        raise HistoryError(
            "deleted, but the database still holds traces. They go when you delete once more, even if nobody "
            f"of that name is said to be there; now they could not be removed: {error}"
        ) from error


def _scrub_file(path: Path, wait_s: float) -> None:
    with closing(sqlite3.connect(path, timeout=wait_s, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise HistoryError(
            f"{path}: another program reads the database and keeps its log {path.name}-wal; end it"
        )


def _scrub_server(database: Database) -> None:
    """PostgreSQL keeps what was deleted in a table's file, and common values in its statistics."""
    with database.writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (*METADATA.sorted_tables, "pg_statistic"):
            connection.execute(text(f"VACUUM (FULL, ANALYZE) {table}"))
