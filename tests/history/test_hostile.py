"""What somebody hostile or unlucky gives to the history: it is told in a sentence, and nothing is lost."""

from __future__ import annotations

import math
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from spotter.cli.app import run
from spotter.cli.history import app
from spotter.coach.session import Session
from spotter.errors import HistoryError, OutputError, SpotterError, UsageError
from spotter.history.history import History
from spotter.history.people import Profile
from tests.history.material import MOMENT, full, rep, simple

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
NASTY_NAMES = [
    "Robert'); DROP TABLE sessions;--",
    "%_\\",
    "\N{WEIGHT LIFTER}\N{ZERO WIDTH JOINER}\N{FEMALE SIGN} Zoë 更深",
    "x" * 200,
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("name", NASTY_NAMES)
def test_a_name_is_only_a_name(history: History, name: str) -> None:
    history.add(simple(person=name, note=name))
    history.set_profile(name, Profile(170.5))
    assert history.people() == (name,) and history.get("one").note == name
    assert [entry.person for entry in history.find(name)] == [name]
    assert history.find(name[:-1]) == () and history.progress(name, "squat").ids == ("one",)
    assert history.delete_person(name) and history.find() == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "has no name"),
        (" \t ", "has no name"),
        ("x" * 201, "name of 201 characters; give at most 200"),
        ("a\0b", r"U\+0000"),
        ("Ada\x1b[31m", r"U\+001B"),
        ("Ada\nEve", r"U\+000A"),
        ("Ada\udcff", r"U\+DCFF"),
    ],
)
def test_a_name_that_is_none_is_refused(history: History, name: str, said: str) -> None:
    for add in (lambda: history.add(simple(person=name)), lambda: history.set_profile(name, Profile())):
        with pytest.raises(UsageError, match=said):
            add()
    assert history.people() == () and history.find() == ()
    assert history.find(name) == () and not history.delete_person(name)  # asking for it does no harm


def with_set(**changed: object) -> Session:
    session = simple()
    return replace(session, sets=(replace(session.sets[0], **changed),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("session", "said"),
    [
        (simple(""), "the session's id has no letters"),
        (simple("i" * 201), "the session's id has 201 characters"),
        (simple("a\0b"), r"U\+0000"),
        (with_set(exercise=""), "exercise of set 1 has no letters"),
        (with_set(exercise="y" * 5000), "exercise of set 1 has 5000 characters"),
        (with_set(weight_kg=-5.0), "the weight of set 1 is -5 kg"),
        (with_set(weight_kg=math.nan), "the weight of set 1 is nan kg"),
        (with_set(weight_kg=math.inf), "the weight of set 1 is inf kg"),
        (with_set(reps=(rep(10**30),)), "a repetition of set 1 has the number 1000000"),
        (with_set(start_s=-1e15), "set 1 of 2026-05-04.* begins at -1e[+]15 s"),
        (with_set(end_s=1e300), "set 1 of 2026-05-04.* ends at 1e[+]300 s"),
        (replace(simple(), duration_s=1e15), "the session of .* ends at 1e[+]15 s"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_true_is_refused_and_nothing_of_it_kept(
    history: History, session: Session, said: str
) -> None:
    with pytest.raises(SpotterError, match=f"{said}.*nothing was kept"):
        history.add(session)
    assert history.people() == () and history.find() == ()


@pytest.mark.parametrize(
    "started",
    [
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-5))),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
        datetime(2200, 1, 1, tzinfo=UTC),
        datetime(1899, 12, 31, tzinfo=UTC),
    ],
)
def test_a_clock_that_no_session_has(started: datetime) -> None:
    with pytest.raises(UsageError, match="give a time from 1900 to 2199"):
        simple(started=started)


def test_the_furthest_clocks_are_listed_like_others(history: History) -> None:
    first = datetime(1900, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    last = datetime(2199, 12, 31, 23, tzinfo=UTC)
    history.add(simple("first", started=first))
    history.add(simple("last", started=last))
    assert [entry.started for entry in history.find()] == [last, first]


def test_text_that_no_database_takes_is_kept_as_far_as_it_can_be(history: History) -> None:
    fault = replace(full().sets[0].reps[0].faults[0], cue="out\0 \ud800", unit="\0")
    faulty = replace(simple().sets[0].reps[0], faults=(fault,))
    session = replace(
        with_set(reps=(faulty,), view="s\0ide"),
        source="Video\udcff.mp4",  # as Python reads a file's name that is no UTF-8
        note="a\0b",
        summary=("up\udcff\0",),
    )
    assert history.add(session)
    found = history.get("one")
    assert (found.source, found.note) == (f"Video{UNKNOWN}.mp4", f"a{UNKNOWN}b")
    assert found.sets[0].view == f"s{UNKNOWN}ide" and found.summary[0].startswith(f"up{UNKNOWN}")
    assert found.sets[0].reps[0].faults[0].cue == f"out{UNKNOWN} {UNKNOWN}"
    with pytest.raises(HistoryError, match="no session begins with"):
        history.get("\udcff")


def test_a_limit_larger_than_any_database_counts(history: History) -> None:
    history.add(simple())
    assert len(history.find(limit=10**30)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://me:p@ss@w:secret@127.0.0.1:9/db",
        "postgresql+psycopg://me:secret@[::1/db",
        "postgresql+psycopg://127.0.0.1:1/db?user=me&password=secret",
        "postgresql+psycopg://me:secret@127.0.0.1:1/db?bogus=1",
        "oracle://me:secret@host/db",
    ],
)
def test_a_password_is_never_shown(address: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(HistoryError) as caught:
        History.open(address, wait_s=1)
    assert "secret" not in str(caught.value)
    assert any(
        said in str(caught.value) for said in ("give the path", "cannot be reached", "failed; nothing")
    )


@pytest.mark.parametrize(
    "address", [":memory:", "~no-such-user-here/h.db", "sqlite:///h.db?mode=ro&uri=true", "a" * 300 + ".db"]
)
def test_addresses_that_would_make_something_else(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HistoryError, match=r"give the path|name a file"):
        History.open(address)
    assert list(tmp_path.iterdir()) == []


def test_the_database_itself_is_no_place_for_its_backup(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with History.open(path) as history:
        history.add(simple())
        (tmp_path / "link.db").symlink_to(path)
        for target in (path, tmp_path / "link.db"):
            with pytest.raises(OutputError, match="is the database itself"):
                history.backup(target)
        assert history.add(simple("two"))
    with History.open(path) as history:
        assert len(history.find()) == 2


def test_a_database_that_is_in_use_is_not_replaced_by_a_backup(tmp_path: Path) -> None:
    with History.open(tmp_path / "mine.db") as mine, History.open(tmp_path / "other.db") as other:
        other.add(simple("other"))
        with pytest.raises(OutputError, match=r"other\.db-wal"):
            mine.backup(tmp_path / "other.db")
        assert [entry.id for entry in other.find()] == ["other"]
    with pytest.raises(OutputError, match="is a folder"), History.open(tmp_path / "mine.db") as mine:
        mine.backup(tmp_path)


def test_restoring_takes_what_still_lies_in_a_log(tmp_path: Path) -> None:
    """A database that is open elsewhere, and one that was copied after a crash, with its log beside it."""
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    with History.open(tmp_path / "live.db") as live:
        live.add(simple("in the log"))
        for file in tmp_path.glob("live.db*"):
            shutil.copyfile(file, crashed / file.name)
        for source in (tmp_path / "live.db", crashed / "live.db"):
            with History.open(tmp_path / f"{source.parent.name}.copy.db") as copy:
                copy.restore(source)
                assert [entry.id for entry in copy.find()] == ["in the log"]
        live.restore(tmp_path / "live.db")
        assert [entry.id for entry in live.find()] == ["in the log"]


def test_names_of_files_that_an_address_would_take_for_something_else(tmp_path: Path) -> None:
    folder = tmp_path / "what? #1 100%41 ü"
    with History.open(folder / "a?b#c%41.db") as history:
        history.add(simple())
        history.backup(folder / "b?mode=memory#.backup")
        history.delete("one")
        history.restore(folder / "b?mode=memory#.backup")
        assert [entry.id for entry in history.find()] == ["one"]
    assert sorted(file.name for file in folder.iterdir()) == ["a?b#c%41.db", "b?mode=memory#.backup"]


def test_a_backup_of_a_newer_version_is_named_as_the_user_knows_it(tmp_path: Path) -> None:
    with History.open(tmp_path / "mine.db") as history:
        history.add(simple())
        history.backup(tmp_path / "new.backup")
        with closing(sqlite3.connect(tmp_path / "new.backup")) as newer, newer:
            newer.execute("UPDATE alembic_version SET version_num = '0999'")
        with pytest.raises(HistoryError, match=r"^\S*/new\.backup is of version 0999"):
            history.restore(tmp_path / "new.backup")
        assert len(history.find()) == 1


def test_the_ends_of_the_calendar_are_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with History.open(tmp_path / "h.db") as history:
        history.add(simple())
        first, last = (end.replace(tzinfo=UTC) for end in (datetime.min, datetime.max))
        assert [entry.started for entry in history.find(since=first, until=last)] == [MOMENT]
    ended = []
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        for words in (("--since", "0001-01-01"), ("--until", "9999-12-31T23:59")):
            command = ["list", *words, "--database", str(tmp_path / "h.db")]
            ended.append(run(lambda command=command: app(command, standalone_mode=False)))  # type: ignore[misc]
    monkeypatch.delenv("TZ")
    time.tzset()
    assert set(ended) <= {0, 2} and 2 in ended
    assert "has no local time; give a day from 1900 to 2199" in capsys.readouterr().err
