"""Databases that cannot be used: each says what came, what was wanted and what to do, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text

from spotter.errors import HistoryError, MediaNotFoundError
from spotter.history.history import History
from spotter.history.migrate import HEAD
from tests.history.material import full, simple

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with a session in it."""
    made = tmp_path / "history.db"
    with History.open(made) as history:
        history.add(full())
    return made


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that other users may enter, as pytest's own may not be."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


def refused(path: Path | str, said: str) -> None:
    with pytest.raises(HistoryError, match=said):
        History.open(path, wait_s=0.2)


def still_there(path: Path) -> None:
    with History.open(path) as history:
        assert [entry.id for entry in history.find()] == ["full"]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_newer_version_is_left_alone(kind: str, path: Path, request: pytest.FixtureRequest) -> None:
    address = str(path) if kind == "sqlite" else request.getfixturevalue("postgres")
    History.open(address).close()
    engine = create_engine(f"sqlite:///{path}" if kind == "sqlite" else address)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    refused(address, f"is of version 0999, and this Spotter knows versions up to {HEAD}; .* update Spotter")
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{HEAD}'"))
    engine.dispose()
    if kind == "sqlite":
        still_there(path)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE places (url)")
    before = path.read_bytes()
    refused(path, r"tables of another program \(places\); nothing was changed")
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_locked_one_is_waited_for_and_then_told(path: Path) -> None:
    with History.open(path, wait_s=0.2) as history, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            HistoryError, match="is locked: another program writes to it; nothing was changed"
        ):
            history.add(simple())
        assert [entry.id for entry in history.find()] == ["full"]  # who only reads does not wait
        other.rollback()
        assert history.add(simple())


def test_a_locked_server_is_waited_for_and_then_told(postgres: str) -> None:
    engine = create_engine(postgres)
    with History.open(postgres, wait_s=0.3) as history, engine.connect() as other:
        other.execute(text("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(HistoryError, match="is locked by another program; nothing was changed"):
            history.add(simple())
        other.rollback()
        assert history.people() == () and history.add(simple())
    engine.dispose()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs to become another user")
@pytest.mark.parametrize("log", ["closed", "left over"])
def test_a_read_only_one(public_folder: Path, path: Path, log: str) -> None:
    copy = public_folder / path.name
    with History.open(path) as history:
        history.add(simple())
        for file in path.parent.glob("history.db*" if log == "left over" else "history.db"):
            shutil.copyfile(file, public_folder / file.name)
    os.seteuid(NOBODY)
    try:
        refused(copy, "is read-only; nothing was changed, give yourself the right")
    finally:
        os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs to become another user")
def test_a_folder_that_may_not_be_entered(public_folder: Path) -> None:
    locked = public_folder / "locked"
    locked.mkdir(mode=0o700)
    os.seteuid(NOBODY)
    try:
        for path in (locked / "history.db", locked / "deeper" / "history.db"):
            refused(path, r"cannot be opened.*Permission denied.*name a")
    finally:
        os.seteuid(0)


def test_it_becomes_read_only_while_it_is_open(path: Path) -> None:
    with History.open(path) as history:
        with history._reading() as connection:
            connection.exec_driver_sql("PRAGMA query_only = 1")
        with pytest.raises(HistoryError, match="is read-only; nothing was changed"):
            history.add(simple())
    still_there(path)


def test_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file" / "h.db", "its folder cannot be made")
    refused(tmp_path, "cannot be opened")


@pytest.mark.parametrize("offset", [0, 100, 4 * 4096])
def test_flipped_bytes_are_noticed_when_it_is_opened(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    for place in range(offset, offset + 400):
        content[place] ^= 0xFF
    path.write_bytes(content)
    refused(path, "is damaged|beginning is damaged")
    assert path.read_bytes() == bytes(content)


def test_a_page_cut_off_is_noticed(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])
    refused(path, "is damaged.*restore the last backup")


def test_any_flipped_byte_is_told_or_harmless(path: Path) -> None:
    whole = path.read_bytes()
    for place in range(0, len(whole), len(whole) // 25):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            with History.open(path) as history:
                history.find()
                history.get("full")
        except HistoryError as error:
            assert len(str(error)) > 20
        for file in path.parent.glob("history.db-*"):
            file.unlink()


def test_a_full_disk_keeps_nothing_half(path: Path) -> None:
    with History.open(path) as history:

        @event.listens_for(history._database.writing, "begin")
        def fill(connection: object) -> None:  # no page more than there are
            connection.exec_driver_sql("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]

        with pytest.raises(HistoryError, match="the disk is full; nothing half was kept, free some space"):
            for number in range(1000):
                history.add(full(f"s{number}"))
        kept = history.find()
        assert kept and all(len(history.get(entry.id).sets) == 3 for entry in kept)
        history.check()


def test_no_such_server_or_password(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(HistoryError, match="cannot be reached") as caught:
        History.open("postgresql+psycopg://me:secret@127.0.0.1:1/x", wait_s=2)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["mysql://host/name", "postgresql+psycopg://host", "sqlite://", "://"])
def test_addresses_that_are_none(address: str) -> None:
    refused(address, "give the path of a file, sqlite:///PATH or postgresql")


def test_no_such_database_on_the_server(postgres: str) -> None:
    refused(
        postgres.replace("/postgres?", "/nothing?"),
        'cannot be reached; check that .* the database is there.*"nothing" does not exist',
    )


def test_restoring_what_is_no_backup_changes_nothing(path: Path, tmp_path: Path) -> None:
    damaged, foreign = tmp_path / "damaged.db", tmp_path / "foreign.db"
    damaged.write_bytes(path.read_bytes()[:-5000])
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE places (url)")
    text_file = tmp_path / "notes.txt"
    text_file.write_text("squats " * 1000)
    with History.open(path) as history:
        for file, said in ((damaged, "damaged"), (foreign, "no backup"), (text_file, "no SQLite database")):
            with pytest.raises(HistoryError, match=said):
                history.restore(file)
        with pytest.raises(MediaNotFoundError, match="no file"):
            history.restore(tmp_path / "missing.db")
    still_there(path)
    assert {one.name for one in tmp_path.iterdir()} == {"history.db", "damaged.db", "foreign.db", "notes.txt"}


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from spotter.errors import MissingExtraError

    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"spotter-coach\[postgres\]"):
        History.open("postgresql+psycopg://host/name")
