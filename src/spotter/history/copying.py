"""Backup of a whole database to one SQLite file, and back; whole or not at all."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text

from spotter.errors import HistoryError, MediaNotFoundError, OutputError
from spotter.history.engine import Database, connect
from spotter.history.integrity import check, prepare_file
from spotter.history.migrate import migrate
from spotter.history.problems import told
from spotter.history.tables import METADATA, PEOPLE, SESSIONS
from spotter.media.writing import scratch_beside

_AT_ONCE = 5_000  # rows


def backup(database: Database, path: Path, wait_s: float) -> None:
    """Copy everything, as it is at one moment, into one SQLite file; others may write meanwhile.

    Args:
        database: on SQLite it is copied page by page, from a server row by row.
        path: replaced if it is there.
        wait_s: how long to wait for others.

    Raises:
        OutputError: the file's folder cannot be written to, or the file is a database that is in use.
        HistoryError: the copy cannot be written, or a database fails.
    """
    _check_free(database, path)
    with scratch_beside(path) as scratch:
        if database.path is None:
            _copy_server(database, scratch, path, wait_s)
        else:
            _copy_pages(database, scratch, path)
        _make_one_file(scratch, path)
        os.replace(scratch, path)


def restore(database: Database, path: Path, wait_s: float) -> None:
    """Put what a backup holds in place of everything, in one transaction.

    Args:
        database: what is in it is gone afterwards.
        path: a file that ``backup`` wrote, by this version or an older one, or another database of this kind,
            with what still lies in its log; it stays as it is.
        wait_s: how long to wait for others.

    Raises:
        MediaNotFoundError: there is no such file.
        HistoryError: it is damaged, none of ours or of a newer version; nothing is changed then.
    """
    if not path.is_file():
        raise MediaNotFoundError(f"there is no file {path}; give one that spotter history backup wrote")
    beside = (database.path or path).absolute()
    with scratch_beside(beside.with_name("restored.db")) as scratch:
        _copy_file(path, scratch)
        with told(str(path)), closing(sqlite3.connect(f"{scratch.as_uri()}?mode=ro", uri=True)) as copied:
            check(copied, str(path))
            _check_ours(copied, path)
        with (
            _opened(scratch, wait_s, str(path)) as copy,
            told(database.place),
            copy.reading.begin() as source,
            database.writing.begin() as target,
        ):
            for table in reversed(METADATA.sorted_tables):
                target.execute(delete(table))
            _copy_rows(source, target)
            _count_on(target)


def _copy_server(database: Database, scratch: Path, path: Path, wait_s: float) -> None:
    with (
        _opened(scratch, wait_s, str(path)) as copy,
        told(str(path)),
        database.reading.begin() as source,
        copy.writing.begin() as target,
    ):
        _copy_rows(source, target)


def _copy_pages(database: Database, scratch: Path, path: Path) -> None:
    with (
        told(str(path)),
        database.reading.connect() as source,
        closing(sqlite3.connect(scratch)) as target,
    ):
        driver: Any = source.connection.driver_connection
        driver.backup(target)


def _copy_rows(source: Connection, target: Connection) -> None:
    for table in METADATA.sorted_tables:
        rows = source.execution_options(yield_per=_AT_ONCE).execute(select(table)).mappings()
        for part in rows.partitions():
            target.execute(insert(table), [dict(row) for row in part])


def _count_on(connection: Connection) -> None:
    """PostgreSQL numbers new rows by a counter, which must go on behind the rows that were copied."""
    if connection.dialect.name == "postgresql":
        for table in (PEOPLE, SESSIONS):
            counter = f"pg_get_serial_sequence('{table.name}', 'key')"
            last = connection.execute(select(func.coalesce(func.max(table.c.key), 0))).scalar_one()
            connection.execute(text(f"SELECT setval({counter}, :next, false)"), {"next": last + 1})


def _check_free(database: Database, path: Path) -> None:
    """A database that is open must not get another file under its log."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file for the backup")
    if database.path is not None and path.exists() and path.samefile(database.path):
        raise OutputError(f"{path} is the database itself; name another file for the backup")
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        raise OutputError(
            f"{path} is a database that is in use, or was not closed cleanly: its log {log.name} is there; "
            "name another file for the backup"
        )


def _copy_file(path: Path, scratch: Path) -> None:
    """Copy a SQLite file, with what lies in its log where it is in use or was not closed cleanly."""
    if not any(path.with_name(f"{path.name}{end}").exists() for end in ("-wal", "-journal")):
        shutil.copyfile(path, scratch)
        return
    address = f"{path.absolute().as_uri()}?mode=ro"
    with (
        told(str(path)),
        closing(sqlite3.connect(address, uri=True)) as source,
        closing(sqlite3.connect(scratch)) as target,
    ):
        source.backup(target)


@contextmanager
def _opened(path: Path, wait_s: float, shown: str) -> Iterator[Database]:
    """A SQLite database at its newest version, new if it is not there; ``shown`` is what it is called."""
    database = replace(connect(path, wait_s), place=shown)
    try:
        with told(shown):
            prepare_file(path, wait_s)
            migrate(database)
        yield database
    finally:
        database.reading.dispose()


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        raise HistoryError(
            f"{path} is no backup of Spotter's; nothing was changed, "
            "give a file that spotter history backup wrote"
        )


def _make_one_file(scratch: Path, path: Path) -> None:
    """Without a log beside it, and really on the disk."""
    with told(str(path)), closing(sqlite3.connect(scratch)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with scratch.open("rb+") as file:
        os.fsync(file.fileno())
