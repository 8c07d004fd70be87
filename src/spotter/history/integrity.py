"""Whether a SQLite file is whole, looked at when it is opened and on demand."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from spotter.errors import HistoryError
from spotter.history.problems import DAMAGED, READ_ONLY
from spotter.history.tables import SESSIONS

_SMALL = 4 * 2**20  # bytes that are looked through in some milliseconds


def prepare_file(path: Path, wait_s: float) -> None:
    """Look at a SQLite file before it is used, and switch it to write-ahead logging.

    Reading through gigabytes would make every start slow, and SQLite itself notices a damaged page when it
    comes by. So all pages are looked at where the file is small, or where it was not closed cleanly: its log
    is still there, and nobody has it open.

    Raises:
        HistoryError: it is read-only, or pages are damaged.
        sqlite3.Error: it cannot be read, or stays locked.
    """
    _check_writable(path)
    there = path.exists() and path.stat().st_size > 0
    cut_short = there and _was_cut_short(path)
    with closing(sqlite3.connect(path, timeout=wait_s)) as connection:
        if there and (cut_short or path.stat().st_size <= _SMALL):
            check(connection, str(path))
        if not there or _is_ours(connection):
            _log_ahead(connection, wait_s)


def check(connection: sqlite3.Connection, place: str) -> None:
    """Look at every page.

    Raises:
        HistoryError: one is damaged.
        sqlite3.Error: it cannot be read at all.
    """
    found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise HistoryError(f"{place} {DAMAGED} (SQLite says: {found[0].splitlines()[-1]})")


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Whether it has tables of ours, or none yet; another program's file stays as it is, byte by byte."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return not names or SESSIONS.name in names


def _check_writable(path: Path) -> None:
    """SQLite's own answer depends on which of its files are there, and may blame the disk."""
    ours = os.access in os.supports_effective_ids
    try:
        there = [what for what in (path, path.parent) if what.exists()]
    except OSError as error:
        raise HistoryError(
            f"{path} cannot be opened ({error.strerror}); name a file in a folder that you may write to"
        ) from error
    for what in there:
        if not os.access(what, os.W_OK, effective_ids=ours):
            raise HistoryError(f"{path} {READ_ONLY}")


def _was_cut_short(path: Path) -> bool:
    """Whether a log is there although nobody uses the file: its last user was killed, or the power went."""
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or log.stat().st_size == 0:
        return False
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False  # others have it open; the first of them has looked
            raise
    return True


def _log_ahead(connection: sqlite3.Connection, wait_s: float) -> None:
    """Readers and a writer do not wait for each other then; SQLite does not wait by itself for it."""
    until = time.monotonic() + wait_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return
