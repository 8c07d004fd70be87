"""The connection to SQLite or PostgreSQL: where the database is, and how safe and how patient it is."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from spotter.errors import HistoryError, MissingExtraError
from spotter.models.folders import data_folder

FILE = "history.db"
"""What the database in the user's data folder is called."""

_DRIVERS = ("sqlite", "postgresql+psycopg")


@dataclass(frozen=True, slots=True)
class Database:
    """A database and the two ways to talk to it.

    Attributes:
        place: path or address as the user may read it, without a password.
        path: the SQLite file; None on a server.
        reading: what is read in one transaction is of one moment.
        writing: on SQLite it is locked for other writers from a transaction's first moment on, so that none
            has to give up in the middle.
    """

    place: str
    path: Path | None
    reading: Engine
    writing: Engine


def default_path() -> Path:
    """The user's own database: in ``$SPOTTER_DATA`` if that is set, else in Spotter's data folder."""
    folder = os.environ.get("SPOTTER_DATA")
    return (Path(folder).expanduser() if folder else data_folder()) / FILE


def connect(url_or_path: str | Path | None, wait_s: float) -> Database:
    """A database that is not opened yet; a SQLite file's folder is made.

    Args:
        url_or_path: a path, an address such as ``postgresql+psycopg://user@host/name``, or None for the
            user's own.
        wait_s: how long to wait for other writers.

    Raises:
        HistoryError: the address is none, or the folder cannot be made.
        MissingExtraError: PostgreSQL without psycopg.
    """
    url = _url(url_or_path)
    path = Path(url.database).absolute() if url.drivername == "sqlite" and url.database else None
    if path is not None:
        _make_folder(path)
        engine = create_engine(url.set(database=str(path)), connect_args={"timeout": wait_s})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        reading = engine
    else:
        engine = _server(url, wait_s)
        reading = engine.execution_options(isolation_level="REPEATABLE READ")
    place = str(path or _shown(url))
    return Database(place, path, reading, engine.execution_options(writing=True))


def _url(url_or_path: str | Path | None) -> URL:
    text = str(default_path() if url_or_path is None else url_or_path)
    try:
        url = make_url(text) if "://" in text else URL.create("sqlite", database=str(Path(text).expanduser()))
    except (ArgumentError, ValueError, RuntimeError) as error:  # the last one of ~nobody
        without_password = re.sub("//.*@", "//***@", text)
        raise HistoryError(
            f"{without_password} is no address of a database; {_wanted()}, "
            "where @, : and / of a password are written %40, %3A and %2F"
        ) from error
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    of_file = url.drivername == "sqlite"
    none = not url.database or url.database == ":memory:" or (of_file and url.query)
    if url.drivername not in _DRIVERS or none:
        raise HistoryError(f"{_shown(url)} cannot be used; {_wanted()}")
    return url


def _shown(url: URL) -> str:
    """An address without the password, which may stand in two places."""
    if "password" in url.query:
        url = url.update_query_dict({"password": "***"})
    return url.render_as_string(hide_password=True)


def _wanted() -> str:
    return "give the path of a file, sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME"


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HistoryError(
            f"{path} cannot be opened: its folder cannot be made ({error.strerror}); name another database"
        ) from error


def _server(url: URL, wait_s: float) -> Engine:
    waits = {"connect_timeout": max(2, round(wait_s)), "options": f"-c lock_timeout={round(wait_s * 1000)}"}
    try:
        return create_engine(url, pool_pre_ping=True, connect_args=waits)
    except NoSuchModuleError as error:
        raise HistoryError(f"{url.drivername} is not known; {_wanted()}") from error
    except ImportError as error:
        raise MissingExtraError(
            "PostgreSQL needs psycopg, which is not installed; install it with: "
            "pip install 'spotter-coach[postgres]'"
        ) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where Python guesses
    for pragma in (
        "foreign_keys = ON",
        "synchronous = FULL",  # a confirmed session survives a power cut
        "secure_delete = ON",  # what is deleted is overwritten
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
