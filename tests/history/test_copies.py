"""Backup, restore, export and the steps of the tables' versions."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from spotter.errors import OutputError
from spotter.history.history import History
from spotter.history.migrate import HEAD
from spotter.history.people import Profile, Target
from spotter.history.tables import METADATA
from tests.history.material import full, simple
from tests.history.test_keeping import same


def filled(history: History) -> None:
    history.add(full())
    history.add(simple())
    history.set_profile("Ada", Profile(170.5))
    history.set_target("Ada", "squat", Target(reps=10))


@pytest.fixture
def other(tmp_path: Path, request: pytest.FixtureRequest, address: str) -> str:
    """An empty database of the other kind, or another file where there is no server."""
    if not address.startswith("postgresql"):
        return str(tmp_path / "other.db")
    return str(tmp_path / "from-the-server.db")


def test_a_backup_is_one_file_and_brings_everything_back(
    history: History, other: str, tmp_path: Path
) -> None:
    filled(history)
    copy = tmp_path / "copies" / "backup.db"
    history.backup(copy)
    history.backup(copy)  # replaced
    assert [file.name for file in copy.parent.iterdir()] == ["backup.db"]
    history.delete_person("Ada")
    history.add(simple("later", "Eve"))
    for target in (history.place, other):
        with History.open(target if target == other else _address(history)) as restored:
            restored.restore(copy)
            assert same(restored.get("full"), full()) and same(restored.get("one"), simple())
            assert restored.people() == ("Ada", full().person)
            assert restored.profile("Ada") == Profile(170.5)
            assert restored.targets("Ada") == {"squat": Target(reps=10)}
            assert restored.add(simple("after", "Someone new"))  # keys go on behind those that were copied
            assert len(restored.progress("Ada", "squat")) == 1
    assert [file.name for file in copy.parent.iterdir()] == ["backup.db"]


def _address(history: History) -> str:
    return history._database.writing.url.render_as_string(hide_password=False)


def test_a_backup_sees_one_moment_while_others_write(tmp_path: Path) -> None:
    with History.open(tmp_path / "h.db") as history:
        history.add(full())
        with closing(sqlite3.connect(tmp_path / "h.db", isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("UPDATE sessions SET note = 'half'")
            history.backup(tmp_path / "b.db")
            writer.execute("ROLLBACK")
    with History.open(tmp_path / "b.db") as copy:
        assert same(copy.get("full"), full())


def test_a_backup_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        History.open(tmp_path / "h.db") as history,
        pytest.raises(OutputError, match="could not be written"),
    ):
        history.backup(tmp_path / "file" / "b.db")
    assert {one.name for one in tmp_path.iterdir()} == {"file", "h.db"}


def test_everything_is_exported_as_json(history: History, tmp_path: Path) -> None:
    filled(history)
    document = json.loads(history.export_json(tmp_path / "out").read_text(), parse_constant=pytest.fail)
    assert document["schema"] == 1
    ada = next(one for one in document["people"] if one["name"] == "Ada")
    assert ada["profile"]["height_cm"] == 170.5 and ada["targets"]["squat"]["reps"] == 10
    found = {one["id"]: one for one in document["sessions"]}
    assert found["full"]["started"] == "2026-05-04T18:30:00+00:00"
    assert found["full"]["sets"][0]["reps"][0]["faults"][0]["measured"] is None
    assert found["full"]["angles"]["values"]["left_knee"][0] is None
    assert len(found["full"]["heart_rate"]["bpm"]) == 3 and found["one"]["angles"] is None


def test_everything_is_exported_as_parquet(history: History, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    filled(history)
    tables = {
        path.stem: parquet.read_table(path).to_pylist() for path in history.export_parquet(tmp_path / "out")
    }
    assert {name: len(rows) for name, rows in tables.items()} == {
        "people": 2, "profiles": 1, "targets": 1, "sessions": 2, "sets": 4, "reps": 4, "holds": 2,
        "faults": 4, "totals": 3, "figures": 3, "angles": 200, "heart_rate": 3, "beats": 1,
    }  # fmt: skip
    assert {row["symmetry"] for row in tables["reps"]} == {None, 0.5}
    left = [row for row in tables["angles"] if row["name"] == "left_knee"]
    assert left[0]["value"] is None and left[0]["sd"] == 3.0 and left[0]["session"] == "full"


def test_an_empty_history_can_be_exported_and_copied(history: History, tmp_path: Path) -> None:
    assert json.loads(history.export_json(tmp_path).read_text()) == {
        "schema": 1,
        "people": [],
        "sessions": [],
    }
    history.backup(tmp_path / "b.db")
    history.restore(tmp_path / "b.db")
    assert history.find() == ()


def test_the_steps_from_an_empty_database_lead_to_the_tables(address: str, tmp_path: Path) -> None:
    History.open(address).close()
    url = address if "://" in address else f"sqlite:///{address}"
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, METADATA) == []
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]


def test_the_steps_write_the_very_same_sql(tmp_path: Path) -> None:
    History.open(tmp_path / "stepped.db").close()
    direct = create_engine(f"sqlite:///{tmp_path / 'direct.db'}", poolclass=NullPool)
    METADATA.create_all(direct)
    assert _schema(tmp_path / "stepped.db") == _schema(tmp_path / "direct.db")


def _schema(path: Path) -> dict[str, list[str]]:
    """Name of a table or index to the words of its SQL, but for Alembic's own table."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: sql.split() for name, sql in rows if name != "alembic_version"}
