"""Deleting sessions and people, so that no trace of them is left."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, delete

from spotter.errors import HistoryError
from spotter.history.tables import PEOPLE, SESSIONS


def delete_session(connection: Connection, session: str) -> bool:
    """Delete a session with all that belongs to it; whether it was there."""
    return connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session)).rowcount > 0


def delete_person(connection: Connection, name: str) -> bool:
    """Delete a person with sessions, profile and targets; whether there was one of that name."""
    return connection.execute(delete(PEOPLE).where(PEOPLE.c.name == name)).rowcount > 0


def scrub(path: Path, wait_s: float) -> None:
    """Write a SQLite file anew without what was deleted from it, and empty its log.

    Args:
        path: the database; it may be open here, but nobody may be reading it just now.
        wait_s: how long to wait for others.

    Raises:
        HistoryError: another program reads the log meanwhile, so that it cannot be emptied.
        sqlite3.Error: the disk is full, or the file is locked.
    """
    with closing(sqlite3.connect(path, timeout=wait_s, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise HistoryError(
            f"{path}: deleted, but another program reads the database, so that its log {path.name}-wal "
            "still holds what was deleted; end that program and delete once more"
        )
