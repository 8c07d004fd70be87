"""What went wrong with the database, told so that the user knows what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from spotter.errors import HistoryError

_RESTORE = "restore the last backup into a new database: spotter history restore FILE --database NEW"
_FULL = "could not be written: the disk is full; nothing half was kept, free some space and try again"
_NO_ROOM = _FULL.replace("is full", "is full, or failed")
_LOCKED = "is locked: another program writes to it; nothing was changed, try again, or end that program"

READ_ONLY = (
    "is read-only; nothing was changed, give yourself the right to write to it and its folder, "
    "or name another database"
)
DAMAGED = f"is damaged; keep the file as it is and {_RESTORE}"
"""What is said of a SQLite file, behind its name."""

_SQLITE = {
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR: "could not be read or written: the disk failed; nothing half was kept, check it",
    sqlite3.SQLITE_IOERR_WRITE: _NO_ROOM,
    sqlite3.SQLITE_IOERR_SHMOPEN: _NO_ROOM,  # reading needs a small file beside the database too
    sqlite3.SQLITE_IOERR_SHMSIZE: _NO_ROOM,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; name a file in a folder that you may write to",
    sqlite3.SQLITE_NOTADB: f"is no SQLite database, or its beginning is damaged; name another, or {_RESTORE}",
}
"""SQLite's result code, the extended one or the primary one, to what is said."""

_POSTGRES = {
    "": "cannot be reached; check that the server runs, that the database is there, user and password",
    "08": "cannot be reached: the connection broke; nothing half was kept, try again",
    "25": "is read-only; nothing was changed, name a server that takes changes",
    "40": "is used by too many at once; nothing was changed, try again",
    "53": "could not be written: the server's disk, memory or connections are used up; nothing half was kept",
    "55": "is locked by another program; nothing was changed, try again",
    "57": "was shut down meanwhile; nothing half was kept, try again",
    "XX": "is damaged, says the server; ask whoever looks after it",
}
"""First two letters of PostgreSQL's SQLSTATE to what is said; none where no connection came about."""


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turns a database's error inside into one for the user.

    Args:
        place: the database as the user knows it, without a password.

    Raises:
        HistoryError: for whatever the database raises inside.

    >>> with told("a.db"):
    ...     sqlite3.connect(":memory:").execute("select")
    Traceback (most recent call last):
        ...
    spotter.errors.HistoryError: a.db: the database said: incomplete input
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        raise HistoryError(_sentence(place, cause)) from error


def _sentence(place: str, cause: BaseException) -> str:
    first_line = str(cause).strip().partition("\n")[0]
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        said = _SQLITE.get(code, _SQLITE.get(code & 0xFF)) if isinstance(code, int) else None
        if said is not None:
            return f"{place} {said}"
    elif type(cause).__module__.startswith("psycopg"):
        unreachable = any(kind.__name__ == "OperationalError" for kind in type(cause).__mro__)
        state = getattr(cause, "sqlstate", None) or ("" if unreachable else "?")
        about = _POSTGRES.get(state[:2], "failed; nothing was changed")
        return f"{place} {about} ({first_line})"
    return f"{place}: the database said: {first_line}"
