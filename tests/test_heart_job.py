"""The heart beside an analysis: a watch's file found by the time of day, a strap lost or never found."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from spotter.analysis_job import Options
from spotter.body.joint_source import JointEngine
from spotter.coach.heart import gaps
from spotter.errors import DeviceError, UsageError
from spotter.exchange import heart_strap
from spotter.exchange.fit import fit_bytes
from spotter.exchange.importing import read_recorded
from spotter.exchange.known_devices import KnownDevice, remember
from spotter.exchange.landmark_engine import PlayedLandmarks
from spotter.exchange.landmarks import read_landmarks
from spotter.exchange.tcx import write_tcx
from spotter.heart_job import NO_HEART, StrapBeside, heart_source, strap_beside
from spotter.history.history import History
from spotter.media.frame import MediaInfo
from spotter.media.reader import open_media
from spotter.media.source import MediaSource
from spotter.report.terminal import error_console
from spotter.settings import change_setting
from tests.coached_clip import spotter, write_clip, write_joints
from tests.exchange.sessions import squats
from tests.exchange.straps import FakeStrap

EXAMPLE = Path(__file__).parents[1] / "examples" / "squat.mp4"
EVENING = datetime(2026, 5, 4, 16, 30, tzinfo=UTC)
RATE = bytes([0x06, 77])
POLAR = KnownDevice("C8:2B", "Polar H10")


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven seconds from half past four."""
    return write_clip(tmp_path_factory.mktemp("heart") / "evening.mp4", creation_time="2026-05-04T16:30:00Z")


@pytest.fixture(scope="session")
def joints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_joints(tmp_path_factory.mktemp("heart") / "joints.json", 0.5, 2.5, 4.5)


@pytest.fixture(scope="session")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """From a minute before that on, a reading a second: 90 and the seconds since, from 130 on again 90."""
    path = tmp_path_factory.mktemp("heart") / "watch.tcx"
    write_tcx(squats(EVENING - timedelta(minutes=1)), path)
    return path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's devices, settings and history."""
    for name in ("SPOTTER_HOME", "SPOTTER_DATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("SPOTTER_CONFIG", str(tmp_path / "settings.toml"))
    return tmp_path / "home"


@pytest.fixture
def analyze(clip: Path, joints: Path, tmp_path: Path) -> Any:
    def call(*words: object, video: Path = clip) -> int:
        out = ("--exercise", "squat", "--no-video", "--out", tmp_path / "out")
        return spotter("analyze", video, "--landmarks", joints, *out, *words)

    return call


@pytest.fixture
def strap(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeStrap]:
    """Puts a fake strap in bleak's place; retries come at once."""

    def put(*scripts: Any) -> FakeStrap:
        fake = FakeStrap(list(scripts))
        monkeypatch.setattr(heart_strap, "_bleak", lambda: SimpleNamespace(BleakClient=fake.open))
        for name in ("_LOOK_EVERY_S", "_FIRST_RETRY_S", "_LAST_RETRY_S"):
            monkeypatch.setattr(heart_strap, name, 0.01)
        return fake

    return put


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clip: Path, joints: Path) -> Callable[..., int]:
    """Analyses seven seconds as if a camera saw them, with joints that are found at once."""

    def open_it(_: int) -> MediaSource:
        source = open_media(clip)
        source.info = replace(source.info, created=EVENING, name="camera-0", path="camera 0")
        return source

    def engine(_: Options, info: MediaInfo) -> JointEngine:
        return PlayedLandmarks(read_landmarks(joints), size=(info.width, info.height), first=0, fps=30)

    def call(*words: object) -> int:
        monkeypatch.setattr("spotter.analysis_job.open_camera", open_it)
        monkeypatch.setattr("spotter.analysis_job._joint_engine", engine)
        out = ("--exercise", "squat", "--no-video", "--out", tmp_path / "out")
        return spotter("analyze", "--camera", 0, *out, *words)

    return call


def heard(beside: StrapBeside) -> int:
    heart = beside.heart_rate()
    return 0 if heart is None else len(heart.bpm)


def document(tmp_path: Path) -> Any:
    (path,) = (tmp_path / "out").glob("*/analysis.json")
    return json.loads(path.read_text("utf-8"))


def test_a_watch_is_matched_by_the_time_of_day_and_kept_everywhere(
    analyze: Any, watch: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert analyze("--heart-rate", watch, "--drop", tmp_path / "drop", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    found = document(tmp_path)
    assert printed == found
    assert found["heart_rate"]["time_s"] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert found["heart_rate"]["bpm"] == [110, 111, 112, 113, 114, 115, 116, 117]
    assert found["heart_rate"]["source"].startswith("watch.tcx")
    assert found["people"][0]["sets"][0]["heart_rate"]["highest_bpm"] >= 115
    assert "Heart rate" in (tmp_path / "out" / "evening" / "report.html").read_text("utf-8")
    with History.open(home / "history.db") as history:
        kept = history.get(history.find()[0].id).heart_rate
    assert kept is not None and kept.bpm.tolist() == found["heart_rate"]["bpm"]
    assert kept.source == found["heart_rate"]["source"]
    (dropped,) = (tmp_path / "drop").iterdir()
    (again,) = read_recorded(dropped)
    assert again.heart_rate is not None and 110 in again.heart_rate.bpm and 116 in again.heart_rate.bpm


def test_the_time_may_be_said(analyze: Any, watch: Path, tmp_path: Path) -> None:
    assert analyze("--heart-rate", watch, "--started", "2026-05-04T16:30:35+00:00") == 0
    assert document(tmp_path)["heart_rate"]["bpm"][:6] == [105, 106, 107, 108, 109, 110]


def test_a_watch_that_was_off_then_is_told_and_costs_nothing_else(
    analyze: Any, watch: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert analyze("--heart-rate", watch, "--started", "2026-05-05T10:00:00+00:00") == 2
    said = capsys.readouterr().err
    assert "--heart-rate holds nothing of evening, which began 2026-05-05T10:00:00+00:00 (as given)" in said
    assert document(tmp_path)["heart_rate"] is None
    assert "  history" in said


def test_a_fit_is_found_too(clip: Path, joints: Path, tmp_path: Path) -> None:
    path = tmp_path / "watch.fit"
    path.write_bytes(fit_bytes(squats(EVENING - timedelta(minutes=1))))
    source = heart_source(str(path), None, camera=False, several=False)
    assert len(source.watch) == 1 and source.strap is None


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--heart-rate", "none.fit"), 3, "no such file"),
        (("--heart-rate", "strap"), 2, "needs --camera"),
        (("--heart-rate", str(EXAMPLE)), 17, "neither FIT, TCX"),
        (("--heart-rate", "none.fit", "--person", "all"), 2, "is of one person"),
    ],
)
def test_what_cannot_be_is_told_before_any_work(
    analyze: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert analyze(*words) == code
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_which_strap_is_meant() -> None:
    def chosen(wanted: str | None, usual: str | None = None, several: bool = False) -> KnownDevice | None:
        return heart_source(wanted, usual, camera=True, several=several).strap

    with pytest.raises(DeviceError, match="spotter devices pair"):
        chosen("strap")
    remember(POLAR)
    remember(KnownDevice("A1", "Wahoo"))
    assert chosen("strap") == KnownDevice("A1", "Wahoo"), "the one that was paired last"
    assert chosen("strap", usual="c8:2b") == POLAR
    assert chosen("polar h10") == POLAR
    assert chosen("FF:00") == KnownDevice("FF:00", "FF:00")
    assert chosen(None) is None and chosen(None, usual="C8:2B") == POLAR
    assert chosen(None, usual="C8:2B", several=True) is None
    with pytest.raises(UsageError, match="--person all are several"):
        chosen("strap", several=True)
    with pytest.raises(UsageError, match="spotter export --heart-rate"):
        chosen(str(EXAMPLE))
    assert heart_source(None, "C8:2B", camera=False, several=False) == NO_HEART


def test_without_bleak_it_is_told_before_any_work(
    camera: Callable[..., int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "bleak", None)
    assert camera("--heart-rate", "C8:2B") == 14
    assert "pip install 'spotter-coach[records]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_strap_is_read_while_a_camera_records(
    camera: Callable[..., int], strap: Callable[..., FakeStrap], tmp_path: Path, home: Path
) -> None:
    remember(POLAR)
    fake = strap(*[[RATE, "lost"]] * 2000)
    assert camera("--heart-rate", "strap") == 0
    heart = document(tmp_path)["heart_rate"]
    assert set(heart["bpm"]) == {77.0} and heart["source"] == "Polar H10"
    assert all(time_s >= 0 for time_s in heart["time_s"])
    assert all(client.let_go for client in fake.clients)
    assert {client.address for client in fake.clients} == {"C8:2B"}
    with History.open(home / "history.db") as history:
        kept = history.get(history.find()[0].id).heart_rate
    assert kept is not None and kept.bpm.tolist() == heart["bpm"]


def test_a_strap_that_is_never_found_stops_nothing(
    camera: Callable[..., int],
    strap: Callable[..., FakeStrap],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    strap(*["refuse"] * 2000)
    change_setting("heart_rate", "C8:2B")
    remember(POLAR)
    assert camera() == 0
    said = " ".join(capsys.readouterr().err.split())
    assert said.count("Polar H10 is not found: Device not found; it is tried again") == 1
    assert "until then the heart rate has a gap" in said
    assert "Polar H10 was never heard: there is no heart rate" in said
    found = document(tmp_path)
    assert found["heart_rate"] is None and found["people"][0]["sets"][0]["reps"]


def test_the_strap_of_the_settings_is_not_somebody_elses(
    camera: Callable[..., int], strap: Callable[..., FakeStrap]
) -> None:
    fake = strap([RATE])
    change_setting("person", "Ada")
    change_setting("heart_rate", "C8:2B")
    assert camera("--name", "Eve") == 0
    assert fake.connections == 0


def test_a_strap_that_is_lost_and_comes_back_leaves_a_gap(
    strap: Callable[..., FakeStrap], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    strap([RATE, "lost"], "refuse", "refuse", [RATE])
    looks = iter(np.arange(100.0, 1e6, 4.0))  # four seconds go by at each look at the clock
    monkeypatch.setattr(heart_strap.LiveHeart, "time_s", property(lambda _: 90.0))
    monkeypatch.setattr(heart_strap.StrapReader, "time_s", property(lambda _: next(looks)))
    with strap_beside(POLAR, error_console()) as beside:
        for time_s in (1.0, 3.0, 2.0):  # all come at 90 s: the second with the least delay
            beside.on_frame(time_s)
        end = time.monotonic() + 10
        while heard(beside) < 2 and time.monotonic() < end:
            time.sleep(0.001)
    heart = beside.heart_rate()
    assert heart is not None and heart.source == "Polar H10"
    assert heart.time_s[0] >= 100 - (90 - 3) and heart.time_s[0] % 4 == (100 - (90 - 3)) % 4
    assert len(gaps(heart)) == len(heart.bpm) - 1 >= 1
    said = " ".join(capsys.readouterr().err.split())
    assert said.count("Polar H10 is connected") == 2
    assert "Polar H10 was lost; it is tried again, and until then the heart rate has a gap" in said
    assert "never heard" not in said
