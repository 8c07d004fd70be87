"""``spotter export`` and ``spotter import`` from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer

from spotter.cli.app import run
from spotter.cli.export import export_command
from spotter.cli.import_ import import_command
from spotter.exchange.fit import write_fit
from spotter.exchange.formats import FORMATS
from spotter.exchange.importing import read_recorded
from spotter.exchange.session_json import write_session
from tests.exchange.sessions import heart_of, squats

Said = tuple[int, str, str]
Command = Callable[..., Said]


@pytest.fixture
def spotter(capsys: pytest.CaptureFixture[str]) -> Command:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command("export")(export_command)
    app.command("import")(import_command)

    def call(*words: object) -> Said:
        code = run(lambda: app([str(word) for word in words]))
        return (code, *capsys.readouterr())

    return call


def document(said: Said) -> Any:
    return json.loads(said[1])


def test_every_format_has_its_writer() -> None:
    for one in FORMATS.values():
        assert find_spec(f"spotter.exchange.{one.module}"), one
        assert one.suffix == f".{one.name}"


def test_a_session_in_several_formats(tmp_path: Path, spotter: Command) -> None:
    write_session(squats(), tmp_path / "mine.json")
    words = ("export", tmp_path / "mine.json", "--to", "fit", "--to", "tcx", "--to", "csv", "--to", "fit")
    said = spotter(*words, "--out", tmp_path / "out", "--json")
    assert said[0] == 0
    (one,) = document(said)["sessions"]
    assert (one["reps"], one["exercises"], one["started"]) == (13, ["squat"], "2026-05-04T18:30:00+02:00")
    assert [Path(file).name for file in one["files"]] == ["mine.fit", "mine.tcx", "mine.csv"]
    assert len(read_recorded(tmp_path / "out" / "mine.fit")) == 1


def test_a_given_time_and_what_is_told(tmp_path: Path, spotter: Command) -> None:
    write_session(squats(), tmp_path / "mine.json")
    words = ("export", tmp_path / "mine.json", "--to", "tcx", "--out", tmp_path)
    code, out, err = spotter(*words, "--started", "2026-01-02T03:04:05+05:30")
    assert (code, out) == (0, "")
    assert "began 2026-01-02T03:04:05+05:30 (as given)" in err
    assert spotter(*words, "--started", "soon")[0] == 2
    assert spotter(*words, "--quiet") == (0, "", "")


def test_the_heart_rate_of_a_watch(tmp_path: Path, spotter: Command) -> None:
    write_fit(squats(), tmp_path / "watch.fit")
    write_session(squats(heart=False), tmp_path / "mine.json")
    words = ("export", tmp_path / "mine.json", "--to", "json", "--out", tmp_path / "out")
    words = (*words, "--heart-rate", tmp_path / "watch.fit", "--json")
    assert document(spotter(*words))["sessions"][0]["heart_rate_readings"] == 121
    code, _, err = spotter(*words, "--started", "2026-05-05T18:30+02:00")
    assert code == 2 and "holds no heart rate of the session" in err


def test_one_that_fails_does_not_stop_the_others(tmp_path: Path, spotter: Command) -> None:
    write_session(squats(), tmp_path / "mine.json")
    (tmp_path / "bad.json").write_text("{}")
    paths = (tmp_path / "none.json", tmp_path / "bad.json", tmp_path / "mine.json")
    code, _, err = spotter("export", *paths, "--to", "csv", "--out", tmp_path)
    assert code == 3
    assert "no such file" in err and "is no session" in err
    assert (tmp_path / "mine.csv").exists()
    assert spotter("export", tmp_path / "mine.json", "--to", "cake")[0] == 2
    (tmp_path / "other").mkdir()
    write_session(squats(), tmp_path / "other" / "mine.json")
    code, _, err = spotter("export", tmp_path / "mine.json", tmp_path / "other" / "mine.json", "--to", "csv")
    assert code == 2 and "two sessions would be written to mine" in err


def test_import_says_what_was_found(tmp_path: Path, spotter: Command) -> None:
    write_fit(squats(), tmp_path / "watch.fit")
    cut = tmp_path / "cut.fit"
    cut.write_bytes((tmp_path / "watch.fit").read_bytes()[:-40])
    (tmp_path / "bad.xml").write_text("<html/>")
    said = spotter("import", tmp_path / "watch.fit", cut, tmp_path / "bad.xml", "--json")
    assert said[0] == 17
    whole, part, bad = document(said)["files"]
    told = whole["activities"][0]["heart_rate"]
    bpm = heart_of(131).bpm
    assert told == {"readings": 121, "mean_bpm": round(float(bpm.mean()), 1), "max_bpm": 129.0}
    assert "it is cut" in part["activities"][0]["warnings"][0]
    assert "neither FIT" in bad["error"]
    code, out, err = spotter("import", cut)
    assert code == 0
    assert "1 activity" in out and "strength_training, heart 108 to 129 bpm, cut.fit" in out
    assert "cut.fit: it is cut" in err
