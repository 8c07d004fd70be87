"""``spotter history progress``, ``compare``, ``month`` and ``target``: what they write, print and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from spotter.cli.app import run
from spotter.cli.history import app
from spotter.history.history import History
from tests.history.training import BEGINNING, Form, session_on

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def spotter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Calls the command with the user's own database and settings in a folder; exit code, output, errors."""
    monkeypatch.setenv("SPOTTER_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SPOTTER_CONFIG", str(tmp_path / "settings.toml"))

    def call(*words: object) -> tuple[int, str, str]:
        code = run(lambda: app([str(word) for word in words], standalone_mode=False))
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def trained(spotter: Command) -> datetime:
    """Six sessions of Ada, the last one today; returns when that was."""
    now = datetime.now(UTC)
    ago = (now - BEGINNING).total_seconds() / 86_400
    with History.open() as history:
        for week in range(6):
            day = ago - 35 + 7 * week - 0.01
            history.add(session_on("Ada", "squat", day, Form(range_deg=70 + 5 * week, angle="knee")))
    return now


def test_progress_in_short_in_full_and_as_data(spotter: Command, trained: datetime, tmp_path: Path) -> None:
    code, out, _ = spotter("progress")  # the only person there is
    assert code == 0 and out.startswith("Ada, 6 weeks in a row") and "Range of motion" in out
    document = json.loads(spotter("progress", "--json")[1])
    assert document["schema"] == 1 and len(document["exercises"][0]["sessions"]["id"]) == 6
    since = (trained - timedelta(days=20)).date()
    document = json.loads(spotter("progress", "--since", since, "--exercise", "squat", "--json")[1])
    assert len(document["exercises"][0]["sessions"]["id"]) == 3 and document["since"] == str(since)
    folder = tmp_path / "new" / "folder"
    code, out, _ = spotter("progress", "--person", "Ada", "--out", folder)
    assert code == 0
    assert [Path(line).name for line in out.splitlines()] == [
        "progress.html",
        "progress.csv",
        "progress-squat.png",
    ]
    assert {path.name for path in folder.iterdir()} == {Path(line).name for line in out.splitlines()}
    code, out, err = spotter("progress", "--out", folder, "--json")
    assert json.loads(out)["person"] == "Ada" and len(err.splitlines()) == 3


def test_compare_writes_page_picture_and_table(spotter: Command, trained: datetime, tmp_path: Path) -> None:
    with History.open() as history:
        first, *_, last = (entry.id for entry in reversed(history.find("Ada")))
    code, out, _ = spotter("compare", first, last)
    assert code == 0 and "squat 1.1" in out and "Squat, filmed from the same side" in out
    code, out, _ = spotter("compare", first, last, "--out", tmp_path / "out")
    assert code == 0 and sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "compare-squat.png", "compare.csv", "compare.html",
    ]  # fmt: skip


def test_month_of_everybody_and_of_some(spotter: Command, trained: datetime, tmp_path: Path) -> None:
    with History.open() as history:
        history.add(session_on("Ben", "lunge", 0, Form()))
    month = f"{trained:%Y-%m}"
    document = json.loads(spotter("month", "--json")[1])
    assert document["month"] == month and [one["person"] for one in document["people"]] == ["Ada", "Ben"]
    document = json.loads(spotter("month", month, "--person", "Ben", "--json")[1])
    assert [one["person"] for one in document["people"]] == ["Ben"]
    assert "No session this month" in spotter("month", month, "--person", "Ben")[1]
    code, out, _ = spotter("month", month, "--out", tmp_path / "out")
    assert code == 0
    assert [Path(line).name for line in out.splitlines()] == [f"month-{month}.html", f"month-{month}.csv"]


def test_aims_are_set_shown_and_ended(spotter: Command, trained: datetime) -> None:
    assert spotter("target", "squat")[1] == "Ada, squat: no aim\n"
    assert spotter("target", "squat", "--reps", 10, "--range", 95)[0] == 0
    assert (
        spotter("target", "squat", "--a-week", 3)[1]
        == "Ada, squat: reps 10, range_deg 95, sessions_a_week 3\n"
    )
    document = json.loads(spotter("progress", "--json")[1])
    assert document["exercises"][0]["measures"][1]["target"] == 95
    assert spotter("target", "squat", "--clear")[1] == "Ada, squat: no aim\n"
    code, _, err = spotter("target", "sqat", "--reps", 10)
    assert code == 10 and "Did you mean squat" in err


def test_mistakes_end_with_a_sentence_and_a_code(spotter: Command, tmp_path: Path) -> None:
    for words in (("progress",), ("month",), ("target", "squat")):
        code, _, err = spotter(*words)
        assert (code, "no session is kept yet; spotter history add FOLDER" in err) == (2, True), words
    with History.open() as history:
        for person in ("Ada", "Ben"):
            history.add(session_on(person, "squat", 0, Form()))
    blocked = tmp_path / "file"
    blocked.write_text("x")
    for words, code, said in (
        (("progress",), 2, "several people are kept; name one with --person: Ada, Ben"),
        (("progress", "--person", "Eve"), 2, "there is no 'Eve'"),
        (
            ("progress", "--person", "Ada", "--exercise", "plank"),
            2,
            "no session with 'plank'; there are squat",
        ),
        (("progress", "--person", "Ada", "--out", blocked / "x"), 11, "could not be written"),
        (("month", "2026-99"), 2, "the month is '2026-99'"),
        (("month", "--person", "Eve"), 2, "there is no 'Eve'"),
        (("month", "2999-01"), 2, "has not begun"),
        (("compare", "squat-ada-0", "nothing"), 16, "no session begins with 'nothing'"),
        (("target", "squat", "--person", "Eve"), 2, "there is no 'Eve'"),
        (("target", "squat", "--person", "Ada", "--reps", 0), 2, "0 is not repetitions of a set"),
    ):
        found, _, err = spotter(*words)
        assert (found, said in err) == (code, True), (words, found, err)


def test_who_the_settings_name_is_meant(spotter: Command, tmp_path: Path) -> None:
    with History.open() as history:
        for person in ("Ada", "Ben"):
            history.add(session_on(person, "squat", 0, Form()))
    (tmp_path / "settings.toml").write_text('person = "Ben"\n')
    assert spotter("progress")[1].startswith("Ben")
