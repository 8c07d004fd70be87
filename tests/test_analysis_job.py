"""Where records begin: ``spotter analyze`` keeps sessions, drops files, plays others' joints, feeds Rerun."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spotter.analysis_job import Options, analyze_camera, analyze_videos
from spotter.coach.schema import find_exercise
from spotter.coach.session import Session
from spotter.exchange.importing import read_recorded
from spotter.history.history import History
from spotter.media.reader import open_media
from spotter.media.source import MediaSource
from spotter.records import Records
from spotter.report.terminal import error_console
from spotter.settings import change_setting
from tests.coached_clip import count_of, spotter, write_clip, write_joints, write_two_people

EXAMPLE = Path(__file__).parents[1] / "examples" / "squat.mp4"
EVENING = datetime(2026, 5, 4, 16, 30, tzinfo=UTC)
THREE = (0.5, 2.5, 4.5)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "evening.mp4", creation_time="2026-05-04T16:30:00Z")


@pytest.fixture(scope="session")
def joints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three squats."""
    return write_joints(tmp_path_factory.mktemp("joints") / "joints.json", *THREE)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder and no settings."""
    monkeypatch.setenv("SPOTTER_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SPOTTER_CONFIG", str(tmp_path / "settings.toml"))
    return tmp_path / "data"


@pytest.fixture
def analyze(clip: Path, joints: Path, data: Path, tmp_path: Path) -> Any:
    """Analyse the clip of three squats into ``out``; its exit code."""

    def call(*words: object, video: Path = clip, found: Path = joints) -> int:
        words = ("--exercise", "squat", "--no-video", "--out", tmp_path / "out", *words)
        return spotter("analyze", video, "--landmarks", found, *words)

    return call


def sessions(data: Path) -> list[Session]:
    with History.open(data / "history.db") as history:
        return [history.get(entry.id) for entry in history.find()]


def test_an_analysis_is_kept_with_all_that_is_known(
    analyze: Any, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert analyze("--name", "Ada", "--weight", 40) == 0
    (session,) = sessions(data)
    assert (session.person, session.count, session.exercises) == ("Ada", 3, ("squat",))
    assert session.started == EVENING and session.source == "evening"
    assert session.sets[0].weight_kg == 40
    assert session.angles is not None and session.angles.values["left_knee"].min() < 90
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("  history")]
    assert f"{session.id[:8]} of Ada, began {session.started.astimezone():%Y-%m-%d %H:%M}" in line
    assert "when the video says that it was made" in line
    document = json.loads((tmp_path / "out" / "evening" / "analysis.json").read_text("utf-8"))
    assert document["video"]["created"] == "2026-05-04T16:30:00+00:00"


def test_the_same_video_again_is_one_session_and_loses_nothing(
    analyze: Any, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good_morning = write_joints(tmp_path / "two.json", 0.5, 2.5)
    assert analyze("--exercise", "good-morning", "--weight", 20, "--quiet", found=good_morning) == 0
    assert analyze("--weight", 40) == 0
    assert analyze() == 0
    (session,) = sessions(data)
    assert (session.count, session.exercises, session.sets[0].weight_kg) == (3, ("squat",), 40)
    assert "in place of what was kept of this recording before" in capsys.readouterr().err
    assert analyze("--end", 4.4) == 0  # a look at a part costs nothing of the rest
    assert [one.count for one in sessions(data)] == [3]
    assert analyze("--name", "Eve") == 0
    assert sorted(one.person for one in sessions(data)) == ["Eve", "me"]


def test_what_is_not_to_be_kept_is_not(analyze: Any, data: Path, tmp_path: Path) -> None:
    assert analyze("--no-history") == 0
    assert not data.exists()
    change_setting("keep", "false")
    assert analyze() == 0
    assert not data.exists()
    assert analyze("--history") == 0
    assert len(sessions(data)) == 1
    assert analyze("--database", tmp_path / "other.db") == 0
    with History.open(tmp_path / "other.db") as history:
        assert len(history.find()) == 1


def test_where_nothing_is_counted_nothing_is_kept(analyze: Any, data: Path, tmp_path: Path) -> None:
    standing = write_joints(tmp_path / "standing.json")
    assert analyze("--drop", tmp_path / "drop", found=standing) == 0
    assert count_of(tmp_path / "out" / "evening") == 0
    assert not data.exists() and not (tmp_path / "drop").exists()


def test_the_settings_are_those_of_one_person(analyze: Any, data: Path, tmp_path: Path) -> None:
    for name, value in {"person": "Ada", "height_cm": "200", "drop": str(tmp_path / "drop")}.items():
        change_setting(name, value)
    change_setting("drop_format", "tcx")
    change_setting("database", str(tmp_path / "family.db"))
    assert analyze() == 0
    assert analyze("--name", "Eve") == 0
    assert [file.suffix for file in (tmp_path / "drop").iterdir()] == [".tcx"]
    with History.open(tmp_path / "family.db") as history:
        assert history.people() == ("Ada", "Eve")
    assert analyze("--no-history", "--start", 1) == 0
    assert len(list((tmp_path / "drop").iterdir())) == 1


def test_a_broken_setting_is_told_before_any_work(
    analyze: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "settings.toml").write_text('height_cm = "tall"\n')
    assert analyze() == 2
    assert "settings.toml: height_cm is 'tall'; allowed is a number from 50 to 260" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_finished_session_is_dropped(analyze: Any, data: Path, tmp_path: Path) -> None:
    assert analyze("--drop", tmp_path / "drop", "--no-history") == 0
    (file,) = (tmp_path / "drop").iterdir()
    (recorded,) = read_recorded(file)
    assert file.suffix == ".fit" and recorded.started == EVENING
    assert analyze("--drop", tmp_path / "drop", "--drop-format", "tcx") == 0
    assert sorted(one.suffix for one in (tmp_path / "drop").iterdir()) == [".fit", ".tcx"]


@pytest.mark.parametrize("kind", ["newer", "corrupt", "foreign"])
def test_a_database_that_fails_costs_nothing_of_the_results(
    analyze: Any, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    data.mkdir()
    said = {"newer": "of version 0999", "corrupt": "no SQLite database", "foreign": "of another program"}[
        kind
    ]
    if kind == "corrupt":
        (data / "history.db").write_text("squats " * 1000)
    else:
        History.open(data / "history.db").close() if kind == "newer" else None
        with closing(sqlite3.connect(data / "history.db")) as other, other:
            newer = "UPDATE alembic_version SET version_num = '0999'"
            other.execute(newer if kind == "newer" else "CREATE TABLE places (url)")
    assert analyze("--json", "--drop", tmp_path / "drop") == 16
    out, err = capsys.readouterr()
    assert json.loads(out)["exercise"]["name"] == "squat"
    assert len(err.splitlines()) == 1 and said in err
    assert (tmp_path / "out" / "evening" / "report.html").exists()
    assert count_of(tmp_path / "out" / "evening") == 3
    assert len(list((tmp_path / "drop").iterdir())) == 1  # one that fails does not stop the other


def test_a_folder_that_cannot_be_dropped_into(
    analyze: Any, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert analyze("--drop", tmp_path / "file") == 11
    assert "could not be written" in capsys.readouterr().err
    assert len(sessions(data)) == 1


def test_two_people_of_whom_one_did_most(
    analyze: Any, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two = write_two_people(tmp_path / "two.json")
    assert analyze("--person", "all", found=two) == 0
    assert count_of(tmp_path / "out" / "evening") == 5
    assert [one.count for one in sessions(data)] == [3]
    assert "of me (who did most of 2 people)" in capsys.readouterr().err


def test_joints_that_are_not_of_the_video(
    analyze: Any, clip: Path, joints: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_text("[]")
    assert analyze(found=tmp_path / "bad.json") == 17
    assert "holds nobody" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert spotter("analyze", clip, EXAMPLE, "--landmarks", joints) == 2
    assert "--landmarks belongs to one video, and there are 2" in capsys.readouterr().err
    assert spotter("analyze", "--camera", 0, "--landmarks", joints) == 2
    assert spotter("analyze", clip, "--joints", "haar", "--landmarks", joints) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--started", "soon"), "--started is 'soon'"),
        (("--weight", "-1"), "give kilograms from 0"),
        (("--weight", "nan"), "give kilograms from 0"),
        (("--name", " "), "has no name"),
        (("--drop-format", "gpx"), "allowed are fit, tcx"),
        (("--no-history", "--database", "a.db"), "leave one of them out"),
        (("--rerun", "a.rrd", str(EXAMPLE)), "--rerun belongs to one video"),
        (("--started", "2026-05-04", str(EXAMPLE)), "--started belongs to one video"),
    ],
)
def test_wrong_options(
    clip: Path, data: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert spotter("analyze", clip, *words) == 2
    assert said in capsys.readouterr().err


def test_when_it_was_taken_may_be_said(analyze: Any, data: Path) -> None:
    assert analyze("--started", "2025-01-02T03:04:05+05:30") == 0
    (session,) = sessions(data)
    assert session.started.isoformat() == "2025-01-02T03:04:05+05:30"


def test_a_file_for_rerun(analyze: Any, tmp_path: Path) -> None:
    rerun = pytest.importorskip("rerun")
    path = tmp_path / "films" / "squat.rrd"
    assert analyze("--rerun", path, "--no-history") == 0
    entities = {str(chunk.entity_path) for chunk in rerun.chunk.RrdReader(path).stream()}
    assert "/person/1/space" in entities and "/person/1/angles/left_knee" in entities
    whole = path.read_bytes()
    nobody = write_joints(tmp_path / "late.json", *THREE)
    frames = json.loads(nobody.read_text())
    nobody.write_text(json.dumps([None] * len(frames) + frames))
    assert analyze("--rerun", path, found=nobody) == 6
    assert path.read_bytes() == whole, "what is there stays where nobody is found"
    assert [one.name for one in path.parent.iterdir()] == ["squat.rrd"]


def test_what_is_asked_for_and_not_installed_is_told_before_any_work(
    analyze: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "rerun", None)
    monkeypatch.setitem(sys.modules, "garmin_fit_sdk", None)
    assert analyze("--rerun", tmp_path / "a.rrd") == 14
    assert analyze("--drop", tmp_path / "drop") == 14
    assert "pip install 'spotter-coach[records]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


WITHOUT_EXTRA = """
import sys
from spotter.cli.app import app, run
sys.modules["sqlalchemy"] = None
code = run(lambda: app(sys.argv[1:], standalone_mode=False))
assert not any(name.startswith("spotter.history") for name in sys.modules)
sys.exit(code)
"""


def test_without_the_extra_an_analysis_works_as_ever_and_imports_nothing_of_it(
    clip: Path, joints: Path, data: Path, tmp_path: Path
) -> None:
    words = ("analyze", clip, "--landmarks", joints, "--no-video", "--out", tmp_path / "out")
    command = [sys.executable, "-c", WITHOUT_EXTRA, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert count_of(tmp_path / "out" / "evening") == 3
    assert len([line for line in done.stderr.splitlines() if "spotter-coach[records]" in line]) == 1


def test_the_hint_is_for_people_and_what_is_asked_for_is_an_error(
    analyze: Any, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    assert analyze("--quiet") == 0 and analyze("--json") == 0
    assert capsys.readouterr().err == ""
    monkeypatch.delitem(sys.modules, "spotter.history")
    assert analyze("--history") == 14
    assert "keeping sessions needs SQLAlchemy" in capsys.readouterr().err
    assert not data.exists()


class StopsLate(threading.Event):
    """Is set after it has been asked so many times."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._left = after

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_what_was_stopped_is_not_kept(clip: Path, joints: Path, data: Path, tmp_path: Path) -> None:
    records = Records(drop=tmp_path / "drop")
    options = Options(None, tmp_path / "out", with_video=False, landmarks=joints, records=records)
    (one,) = analyze_videos([clip], options, error_console(quiet=True), StopsLate(150))
    assert one.analysis is not None and one.analysis.count == 2
    assert one.stopped and one.kept is None and not one.problems
    assert count_of(one.folder) == 2
    assert not data.exists() and not (tmp_path / "drop").exists()


def test_what_a_camera_saw_begins_when_it_was_switched_on(
    clip: Path, joints: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def camera(_: int) -> MediaSource:
        source = open_media(clip)
        source.info = replace(source.info, name="camera-0", path="camera 0")
        return source

    monkeypatch.setattr("spotter.analysis_job.open_camera", camera)
    options = Options(find_exercise("squat"), tmp_path / "out", with_video=False, records=Records(name="Ada"))
    options = replace(options, landmarks=joints, end_s=5.0)  # what the engine finds does not matter here
    one = analyze_camera(0, options, error_console(quiet=True), threading.Event())
    assert [file.name for file in one.files][:2] == ["recording.mp4", "report.html"]
    (session,) = sessions(data)
    assert (session.started, session.source, session.person, session.count) == (EVENING, "camera-0", "Ada", 2)
    assert one.kept is not None and not one.stopped
    assert spotter("analyze", "--camera", 0, "--started", "2026-05-04T10:00") == 2
