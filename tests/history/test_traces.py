"""Deleting: what is gone is gone from the file's bytes too, and the rest stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select, text

from spotter.errors import HistoryError
from spotter.history.history import History
from spotter.history.people import Profile, Target
from spotter.history.tables import METADATA
from tests.history.material import full, simple

NAME = "Bartholomew"
NOTE = "knee hurts since Tuesday"


def traces(folder: Path) -> list[str]:
    """Files in a folder that hold a word of the deleted person, as SQLite and UTF-16 would write it."""
    words = [word.encode(code) for word in (NAME, NOTE, "secretly") for code in ("utf-8", "utf-16-le")]
    return [path.name for path in folder.iterdir() if any(word in path.read_bytes() for word in words)]


def filled(history: History) -> None:
    for number in range(60):
        history.add(simple(f"other {number}", "Ada"))
        history.add(replace(full(f"mine {number}"), person=NAME, note=NOTE, source="secretly.mp4"))
    history.set_profile(NAME, Profile(181.5))
    history.set_target(NAME, "squat", Target(reps=10))


def test_a_deleted_person_is_in_no_byte_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with History.open(path) as history:
        filled(history)
        assert set(traces(tmp_path)) & {"history.db", "history.db-wal"}
        assert history.delete_person(NAME)
        assert traces(tmp_path) == []  # while it is still open: the log is clean too
        assert history.people() == ("Ada",) and len(history.find()) == 60
        assert not history.delete_person(NAME)
    assert traces(tmp_path) == [] and [file.name for file in tmp_path.iterdir()] == ["history.db"]


def test_a_deleted_person_is_in_no_byte_of_what_is_written_afterwards(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with History.open(tmp_path / "history.db") as history:
        filled(history)
        history.backup(tmp_path / "before.db")
        assert traces(tmp_path) and "before.db" in traces(tmp_path)  # the user's own to delete
        history.delete_person(NAME)
        history.backup(kept / "after.db")
        history.export_json(kept)
        history.export_parquet(kept)
    assert len(list(kept.iterdir())) > 5 and traces(kept) == []


def test_a_deleted_session_is_in_no_byte_once_the_database_is_closed(tmp_path: Path) -> None:
    with History.open(tmp_path / "history.db") as history:
        filled(history)
        for entry in history.find(NAME):
            history.delete(entry.id)
    names = [NAME.encode(code) for code in ("utf-8", "utf-16-le")]
    content = (tmp_path / "history.db").read_bytes()
    assert NOTE.encode() not in content and b"secretly" not in content
    assert any(name in content for name in names)  # the person is still there


def test_a_deleted_person_is_in_no_table_file_of_a_server(postgres: str) -> None:
    folder = Path(make_url(postgres).query.get("host", ""))  # type: ignore[arg-type]
    if not (folder / "data" / "base").is_dir():
        pytest.skip("the server's files are not here")
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")

    def with_traces() -> list[Path]:
        with engine.connect() as connection:
            connection.execute(text("CHECKPOINT"))
        files = [path for path in (folder / "data" / "base").rglob("*") if path.is_file()]
        return [path for path in files if NAME.encode() in path.read_bytes()]

    with History.open(postgres) as history:
        filled(history)
        with engine.connect() as connection:
            connection.execute(text("ANALYZE"))  # which notes the commonest values
        assert with_traces()
        assert history.delete_person(NAME)
        assert with_traces() == []
        assert history.people() == ("Ada",) and len(history.find()) == 60
    engine.dispose()


def test_a_deleted_person_is_in_no_table(history: History) -> None:
    filled(history)
    assert history.delete_person(NAME)
    with history._reading() as connection:
        rows = {table.name: len(connection.execute(select(table)).all()) for table in METADATA.sorted_tables}
    assert rows == {
        "people": 1, "profiles": 0, "targets": 0, "sessions": 60, "sets": 60, "reps": 120, "holds": 0,
        "faults": 0, "columns": 0, "totals": 60, "figures": 60,
    }  # fmt: skip
    assert history.profile(NAME) == Profile() and history.targets(NAME) == {}


def test_who_reads_meanwhile_keeps_the_traces_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with History.open(path, wait_s=0.2) as history:
        filled(history)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM people").fetchall()
            with pytest.raises(
                HistoryError,
                match=r"delete once more.*another program reads .* its log history\.db-wal",
            ):
                history.delete_person(NAME)
        assert history.people() == ("Ada",)
        assert not history.delete_person(NAME)  # nobody of that name, but the traces go
        assert traces(tmp_path) == []


def test_a_deleted_session_takes_all_that_is_its_own(history: History) -> None:
    history.add(full())
    history.add(simple("two", full().person))
    assert history.delete("ful") == "full"
    with history._reading() as connection:
        rows = {table.name: len(connection.execute(select(table)).all()) for table in METADATA.sorted_tables}
    assert (rows["sessions"], rows["sets"], rows["reps"], rows["columns"], rows["totals"]) == (1, 1, 2, 0, 1)
    assert history.progress(full().person, "squat").ids == ("two",)
    with pytest.raises(HistoryError, match="no session"):
        history.delete("full")
