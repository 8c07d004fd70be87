"""TRC, MOT and C3D: gaps, uneven times, one frame, cut files, and everything read back equal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spotter.coach.session import Angles
from spotter.errors import ExchangeError, MissingExtraError, OutputError
from spotter.exchange.c3d import read_c3d, write_c3d
from spotter.exchange.markers import Markers, marker_names, markers_of, on_even_clock
from spotter.exchange.mot import read_mot, write_mot
from spotter.exchange.trc import read_trc, write_trc
from spotter.motion.motion import Motion
from tests.motion.stick import Pose, clock, make_motion

Writer = Callable[[Motion, Path], None]
Reader = Callable[[Path], Markers]
MARKER_FILES = [pytest.param(write_trc, read_trc, id="trc"), pytest.param(write_c3d, read_c3d, id="c3d")]


@pytest.fixture(scope="module")
def motion() -> Motion:
    """Somebody who bends a knee, is lost for half a second, and whose left wrist is never seen."""
    time_s = clock(2.0) + 3.0
    gone = (time_s > 4.0) & (time_s < 4.5)
    pose = Pose(azimuth=40, knee=60 * np.sin(time_s - 3) ** 2, thigh=20)
    return make_motion(pose, time_s, gone=gone, hidden=("left_wrist",))


def cut_out(motion: Motion, rows: slice) -> Motion:
    values = {name: value[rows] for name, value in motion.values.items()}
    return replace(
        motion,
        time_s=motion.time_s[rows],
        shot=motion.shot[rows],
        space=motion.space[rows],
        values=values,
    )


@pytest.mark.parametrize(("write", "read"), MARKER_FILES)
def test_markers_read_back_equal(write: Writer, read: Reader, motion: Motion, tmp_path: Path) -> None:
    path = tmp_path / "new" / "squat.any"
    write(motion, path)
    back = read(path)
    sent = markers_of(motion, back.unit)
    assert np.isnan(sent.places).any() and np.isfinite(sent.places).any()
    np.testing.assert_array_equal(back.places, sent.places)
    np.testing.assert_allclose(back.time_s, sent.time_s, atol=1e-5)
    assert (back.labels, back.rate_hz) == (marker_names(), 30.0)
    assert [one.name for one in path.parent.iterdir()] == ["squat.any"]


@pytest.mark.parametrize(("write", "read"), MARKER_FILES)
def test_a_single_frame(write: Writer, read: Reader, motion: Motion, tmp_path: Path) -> None:
    write(cut_out(motion, slice(5, 6)), tmp_path / "one")
    assert read(tmp_path / "one").places.shape == (1, 33, 3)


@pytest.mark.parametrize(("write", "read"), MARKER_FILES)
def test_no_frame_cannot_be_written(write: Writer, read: Reader, motion: Motion, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="no frame"):
        write(cut_out(motion, slice(0, 0)), tmp_path / "none")
    assert not list(tmp_path.iterdir())
    with pytest.raises(ExchangeError, match="none"):
        read(tmp_path / "none")


@pytest.mark.parametrize(("write", "read"), MARKER_FILES)
def test_a_file_cut_anywhere_is_told(write: Writer, read: Reader, motion: Motion, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    write(cut_out(motion, slice(0, 4)), path)
    content = path.read_bytes()
    for share in (0.0, 0.01, 0.03, 0.1, 0.3, 0.6, 0.85):  # C3D fills its last block
        path.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(ExchangeError, match=r"(line|byte) \d+"):
            read(path)
    path.write_bytes(b"\xff\xfe" * 999)
    with pytest.raises(ExchangeError):
        read(path)


def test_a_place_that_may_not_be_written(motion: Motion, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for write in (write_trc, write_c3d, write_mot):
        with pytest.raises(OutputError):
            write(motion, tmp_path / "file" / "squat")


def test_axes_are_opensims(motion: Motion) -> None:
    metres, millimetres = markers_of(motion, "m"), markers_of(motion, "mm")
    place = dict(zip(metres.labels, metres.places[0], strict=True))
    assert place["Nose"][1] > place["LHip"][1] > place["LBigToe"][1]  # Y is up
    left = np.asarray(place["LHip"] - place["RHip"])
    forwards = np.asarray(place["RBigToe"] - place["RHeel"])
    up = np.array([0.0, 1.0, 0.0])
    assert np.dot(np.cross(up, forwards), left) > 0  # a right-handed system: left is up turned onto forwards
    np.testing.assert_allclose(millimetres.places, metres.places * 1000, rtol=1e-6)


def test_uneven_times_become_even_and_gaps_stay() -> None:
    steps = np.array([0.04, 0.04, 0.055, 0.025, 0.04, 1.0, 0.04, 0.04, 0.04])
    time_s = np.r_[0.0, np.cumsum(steps)] + 7.0
    shot = np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
    even_s, values, rate = on_even_clock(time_s, (time_s * 2)[:, None], shot)
    assert rate == 25.0
    np.testing.assert_allclose(np.diff(even_s), 0.04)
    known = np.isfinite(values[:, 0])
    np.testing.assert_allclose(values[known, 0], even_s[known] * 2, atol=3e-3)
    assert not known[(even_s > 7.21) & (even_s < 8.19)].any() and known[even_s < 7.2].all()


def test_times_that_are_only_rounded_are_left_alone() -> None:
    time_s = np.round(np.arange(300) / 29.97, 3)
    values = np.random.default_rng(0).normal(size=(300, 2))
    _, even, rate = on_even_clock(time_s, values)
    assert rate == pytest.approx(29.97, abs=2e-3)
    np.testing.assert_array_equal(even, values)


def test_joint_angles_read_back_as_clinical_flexion(motion: Motion, tmp_path: Path) -> None:
    write_mot(motion, tmp_path / "squat.mot")
    back = read_mot(tmp_path / "squat.mot")
    assert back.in_degrees and np.array_equal(back.time_s, motion.time_s)
    column = back.values[:, back.labels.index("knee_angle_r")]
    np.testing.assert_array_equal(column, 180 - motion.values["right_knee"])
    assert np.isnan(column).any() and np.nanmin(column) < 5 and np.nanmax(column) > 45
    assert np.isnan(back.values[:, back.labels.index("elbow_flex_l")]).all()
    arm = back.values[:, back.labels.index("shoulder_elv_r")]
    assert np.nanmax(arm) < 25  # it hangs


def test_the_angles_of_a_session(tmp_path: Path) -> None:
    angles = Angles(np.array([0.0, 0.5]), {"left_elbow": np.array([180.0, np.nan], np.float32)})
    write_mot(angles, tmp_path / "a.sto")
    back = read_mot(tmp_path / "a.sto")
    assert back.labels == ("elbow_flex_l",) and back.values[0, 0] == 0 and np.isnan(back.values[1, 0])
    with pytest.raises(ExchangeError, match="no joint angles"):
        write_mot(Angles(np.array([0.0]), {}), tmp_path / "b.mot")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("endheader", "end", "no endheader"),
        ("nRows=", "rows=", "nRows"),
        ("nColumns=9", "nColumns=12", "9 columns are named; 12"),
        ("nRows=4", "nRows=9", "ends after 4 of 9 rows"),
        ("nRows=4", "nRows=2", "line 10: more rows"),
        ("\n3.0\t", "\nthree\t", "line 8: could not convert"),
        ("\n3.0\t", "\n3.0\t1\t", "line 8: 10 cells"),
    ],
)
def test_a_damaged_mot_names_the_line(old: str, new: str, said: str, motion: Motion, tmp_path: Path) -> None:
    path = tmp_path / "a.mot"
    write_mot(cut_out(motion, slice(0, 4)), path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(ExchangeError, match=said):
        read_mot(path)


def test_without_ezc3d_the_extra_is_named(
    motion: Motion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(MissingExtraError, match=r"spotter-coach\[records\]"):
        write_c3d(motion, tmp_path / "a.c3d")
