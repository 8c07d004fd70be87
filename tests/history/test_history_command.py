"""``spotter history``: what it prints, what it asks, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from spotter.cli.app import run
from spotter.cli.history import app
from spotter.history.engine import default_path
from spotter.history.history import History
from tests.history.material import MOMENT, full, simple

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def spotter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Calls the command with the user's own database in a folder; exit code, output, errors."""
    monkeypatch.setenv("SPOTTER_DATA", str(tmp_path / "data"))

    def call(*words: object) -> tuple[int, str, str]:
        code = run(lambda: app([str(word) for word in words], standalone_mode=False))
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def three() -> None:
    """Two sessions of Ada and one of somebody else, in the user's own database."""
    with History.open() as history:
        history.add(full())
        history.add(simple("abc-1"))
        first = simple().sets[0]
        further = replace(first, reps=(replace(first.reps[0], range_deg=99.5),))
        history.add(replace(simple("abd-2", started=MOMENT + timedelta(days=7)), sets=(further,)))


def test_the_users_own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOTTER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SPOTTER_DATA", raising=False)
    assert default_path() == tmp_path / "home" / "history.db"
    monkeypatch.setenv("SPOTTER_DATA", str(tmp_path / "data"))
    assert default_path() == tmp_path / "data" / "history.db"


@pytest.mark.usefixtures("spotter", "three")
def test_list_show_and_compare(spotter: Command, three: None) -> None:
    code, out, _ = spotter("list", "--person", "Ada")
    assert code == 0 and [line[:5] for line in out.splitlines()] == ["abd-2", "abc-1"]
    assert "2 x squat" in out
    assert [one["id"] for one in json.loads(spotter("list", "--json", "--since", "2026-05-08")[1])] == [
        "abd-2"
    ]
    code, out, _ = spotter("show", "full")
    assert code == 0 and "set 1: squat, 1 repetitions, 42.5 kg" in out and "held 15.5 s" in out
    assert json.loads(spotter("show", "full", "--json")[1])["heart_rate"]["bpm"] == [90, 91.5, 120]
    code, out, _ = spotter("compare", "abc", "abd")
    assert code == 0 and "squat 1.1    +7.5 deg" in out and out.splitlines()[2].count("-") == 3
    document = json.loads(spotter("compare", "abc", "abd", "--json")[1])
    assert document["schema"] == 1 and len(document["exercises"][0]["pairs"]) == 2


def test_mistakes_end_with_a_sentence_and_a_code(spotter: Command, three: None, tmp_path: Path) -> None:
    for words, code, said in (
        (("show", "zzz"), 16, "no session begins with 'zzz'"),
        (("show", "ab"), 16, "several sessions begin with 'ab'"),
        (("export", "--out", tmp_path, "--to", "xml"), 2, "--to is 'xml'"),
        (("restore", tmp_path / "missing", "--yes"), 3, "no file"),
        (("person", "Nobody"), 2, "there is no 'Nobody'"),
        (("person", "Nobody", "--delete", "--yes"), 2, "there is no 'Nobody'"),
        (("person", "Ada", "--height", 17), 2, "height in cm"),
        (("list", "--database", "mysql://x/y"), 16, "cannot be used"),
    ):
        found, _, err = spotter(*words)
        assert (found, said in err) == (code, True), (words, found, err)


def test_backup_delete_and_restore(spotter: Command, three: None, tmp_path: Path) -> None:
    assert spotter("backup", tmp_path / "b.db")[0] == 0
    assert spotter("delete", "abc", "--yes")[0] == 0
    assert spotter("person", full().person, "--delete", "--yes")[0] == 0
    assert len(json.loads(spotter("list", "--json")[1])) == 1
    assert spotter("restore", tmp_path / "b.db", "--yes")[0] == 0
    assert len(json.loads(spotter("list", "--json")[1])) == 3
    elsewhere = tmp_path / "elsewhere.db"
    assert (
        spotter("restore", tmp_path / "b.db", "--database", elsewhere)[0] == 0
    )  # nothing there, nothing asked
    code, out, _ = spotter("export", "--out", tmp_path / "out", "--database", elsewhere)
    assert code == 0 and Path(out.strip()).name == "history.json"


def test_a_person(spotter: Command, three: None) -> None:
    code, out, _ = spotter("person", "Ada", "--height", 170.5, "--handedness", "left")
    assert code == 0 and "height_cm 170.5" in out
    profile = json.loads(spotter("person", "Ada", "--weight", 60, "--json")[1])["profile"]
    assert profile == {"height_cm": 170.5, "weight_kg": 60, "birth_year": None, "handedness": "left"}
    assert spotter("person")[1].splitlines() == ["Ada", full().person]
