"""landmarks.npz: everything comes back, a minute is small, bad files and failing disks are told."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spotter.body.keypoints import LANDMARKS
from spotter.errors import ExchangeError, MediaNotFoundError, MediaUnreadableError, OutputError
from spotter.motion.landmark_file import VERSION, LandmarkFile, LandmarkTrack, read_landmark_file
from spotter.motion.motion import Motion
from spotter.motion.stature import EYE_HEIGHT
from tests.motion.stick import EYES_OVER_HEELS, Pose, clock, make_motion, there_and_back

TIMES = clock(2.0)
BENDING = Pose(azimuth=40, knee=60 * np.sin(TIMES) ** 2, thigh=20)
LYING = Pose(azimuth=60, trunk=90, thigh=-90)
GONE = (TIMES > 0.8) & (TIMES < 1.5)
MOST_WRONG = {"space": 1e-4, "xy": 1 / 32, "visibility": 1 / 512}


def moving(pose: Pose = BENDING, *, person: int = 1, later_s: float = 0.0, shot: int = 0) -> Motion:
    """Two seconds of somebody who is lost in between, and whose left wrist is never seen."""
    made = make_motion(
        pose, TIMES, person=person, gone=GONE, hidden=("left_wrist",), noise_m=0.004, seed=person
    )
    frame = made.frame + round(later_s * 30)
    return replace(made, time_s=made.time_s + later_s, frame=frame, shot=made.shot + shot)


def write(path: Path, *stretches: tuple[Motion, ...]) -> Path:
    with LandmarkFile(path) as file:
        for motions in stretches:
            file.add(motions)
    return path


def assert_same(track: LandmarkTrack, *motions: Motion) -> None:
    for name in ("time_s", "frame", "shot"):
        wanted = np.concatenate([getattr(motion, name) for motion in motions])
        np.testing.assert_array_equal(getattr(track, name), wanted)
        assert getattr(track, name).dtype == wanted.dtype
    for name, most in MOST_WRONG.items():
        wanted = np.concatenate([getattr(motion, name) for motion in motions])
        np.testing.assert_allclose(getattr(track, name), wanted, rtol=0, atol=most)
        assert getattr(track, name).dtype == np.float32
    assert len(track) == sum(map(len, motions))


def test_stretches_are_put_together_for_each_person(tmp_path: Path) -> None:
    first = (moving(person=2), moving(person=11))
    second = (moving(person=2, later_s=60.0, shot=3),)
    third = tuple(moving(person=person, later_s=600.0) for person in (11, 2))
    path = write(tmp_path / "new" / "landmarks.npz", first, second, third)
    two, eleven = read_landmark_file(path)
    assert (two.person, eleven.person) == (2, 11)
    assert np.isnan(two.space).any() and np.isnan(two.xy).any()
    assert_same(two, first[0], second[0], third[1])
    assert_same(eleven, first[1], third[0])
    assert [one.name for one in path.parent.iterdir()] == ["landmarks.npz"]


def test_numpy_alone_reads_the_documented_layout(tmp_path: Path) -> None:
    motion = moving()
    path = write(tmp_path / "a.npz", (motion,), (moving(later_s=9.0),))
    with np.load(path, allow_pickle=False) as kept:
        assert (kept["version"], tuple(kept["landmarks"])) == (VERSION, LANDMARKS)
        assert kept["person1/stretch2/time_s"][0] == 9.0
        np.testing.assert_allclose(kept["person1/stretch1/space"], motion.space, atol=1e-4)
        names = {"time_s", "frame", "shot", "xy", "visibility", "space", "stature_m"}
        wanted = {f"person1/stretch{number}/{name}" for number in (1, 2) for name in names}
        assert set(kept.files) == wanted | {"version", "landmarks"}


def test_a_minute_is_under_a_megabyte(tmp_path: Path) -> None:
    time_s = clock(60.0)[:-1]
    depth = there_and_back(time_s, [2.0 + 4 * one for one in range(14)], length_s=3.0)
    pose = Pose(azimuth=50, trunk=30 * depth, thigh=90 * depth, knee=100 * depth)
    motion = make_motion(pose, time_s, noise_m=0.02)
    assert len(motion) == 1800
    assert 100_000 < write(tmp_path / "a.npz", (motion,)).stat().st_size < 900_000


def test_the_same_motion_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = (write(tmp_path / name, (moving(),)).read_bytes() for name in ("a.npz", "b.npz"))
    assert one == other


def test_what_was_written_once_is_not_rounded_again(tmp_path: Path) -> None:
    motion = moving()
    (once,) = read_landmark_file(write(tmp_path / "a.npz", (motion,)))
    again = replace(motion, xy=once.xy, visibility=once.visibility, space=once.space)
    (twice,) = read_landmark_file(write(tmp_path / "b.npz", (again,)))
    np.testing.assert_array_equal(twice.space, once.space)
    np.testing.assert_array_equal(twice.xy, once.xy)


def test_the_stature_is_that_of_the_stretch_in_which_somebody_stood(tmp_path: Path) -> None:
    standing, lying = make_motion(Pose(), TIMES), moving(LYING, later_s=5.0)
    (track,) = read_landmark_file(write(tmp_path / "a.npz", (standing,), (lying,)))
    assert track.stature_m == pytest.approx(EYES_OVER_HEELS / EYE_HEIGHT, rel=0.01)
    (track,) = read_landmark_file(write(tmp_path / "a.npz", (lying,)))
    assert math.isnan(track.stature_m)
    (track,) = read_landmark_file(write(tmp_path / "a.npz", (make_motion(Pose(), TIMES, height_m=1.9),)))
    assert track.stature_m == pytest.approx(1.9, rel=0.01)


def test_nobody_and_no_frames(tmp_path: Path) -> None:
    assert read_landmark_file(write(tmp_path / "a.npz")) == ()
    (track,) = read_landmark_file(write(tmp_path / "a.npz", (make_motion(Pose(), TIMES[:0]),)))
    assert (len(track), track.space.shape) == (0, (0, 33, 3))


def test_nothing_has_the_files_name_before_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with LandmarkFile(path) as file:
        file.add([moving()])
        assert not path.exists()
    assert path.exists()
    file.close()


def test_an_abort_elsewhere_keeps_the_stretches_that_are_whole(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), LandmarkFile(tmp_path / "a.npz") as file:
        file.add([moving()])
        raise KeyboardInterrupt
    assert_same(read_landmark_file(tmp_path / "a.npz")[0], moving())


def test_an_abort_within_a_stretch_keeps_nothing(tmp_path: Path) -> None:
    def interrupted() -> Iterator[Motion]:
        yield moving()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), LandmarkFile(tmp_path / "a.npz") as file:
        file.add(interrupted())
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here to play a full disk")
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spotter.motion.landmark_file.temporary_name", lambda path: Path("/dev/full"))
    gone: list[Path] = []
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: gone.append(self))
    with pytest.raises(OutputError, match="the disk is full"), LandmarkFile(tmp_path / "a.npz") as file:
        for second in range(0, 60, 3):
            file.add([moving(later_s=second)])
    assert gone == [Path("/dev/full")]
    with pytest.raises(OutputError, match="the disk is full"):
        LandmarkFile(tmp_path / "small.npz").close()
    assert not list(tmp_path.iterdir())


def test_a_place_that_may_not_be_written_or_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="choose a folder"):
        LandmarkFile(tmp_path / "file" / "a.npz")
    with pytest.raises(MediaNotFoundError, match="no such file"):
        read_landmark_file(tmp_path / "a.npz")
    with pytest.raises(MediaUnreadableError, match="cannot be read"):
        read_landmark_file(tmp_path)


def test_a_file_cut_anywhere_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.npz", (moving(),), (moving(later_s=5.0),))
    content = path.read_bytes()
    for size in (0, 1, 30, len(content) // 3, len(content) // 2, len(content) - 200, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(ExchangeError, match="damaged or cut off"):
            read_landmark_file(path)


def test_wrong_bytes_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.npz", (moving(),))
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for start in rng.integers(200, len(content) - 2000, 20):  # before the list of what is in it
        wrong = bytearray(content)
        wrong[start : start + 64] = rng.bytes(64)
        path.write_bytes(wrong)
        with pytest.raises(ExchangeError, match=r"a\.npz is damaged"):
            read_landmark_file(path)


def changed(path: Path, **change: Any) -> Path:
    """A file in which arrays are another, or gone where that is None; ``_`` stands for person1/stretch1/."""
    with np.load(write(path, (moving(),)), allow_pickle=False) as kept:
        arrays: dict[str, Any] = dict(kept)
    arrays |= {name.replace("_", "person1/stretch1/", 1): value for name, value in change.items()}
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return path


N = len(TIMES)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": VERSION + 1}, f"is of version 2; this version of Spotter reads version {VERSION}: upda"),
        ({"version": None}, "is no file of landmarks: there is no array version in it"),
        ({"landmarks": None}, "is no file of landmarks: there is no array landmarks in it"),
        ({"landmarks": [*LANDMARKS[:-1], "tail"]}, "holds other landmarks than BlazePose's 33"),
        ({"version": "one"}, "is no file of landmarks: its version is 'one'"),
        ({"version": 1.5}, "its version is 1.5"),
        ({"version": 0}, "its version is 0"),
        ({"version": [1, 1]}, r"its version is \[1, 1\]"),
        ({"_space": None}, "no whole file of landmarks: there is no person1/stretch1/space in it"),
        (
            {"_space": np.zeros((N, 17, 3), np.float32)},
            r"space is float32 \(61, 17, 3\); float32 \(61, 33, 3",
        ),
        ({"_xy": np.zeros((N, 33, 2))}, "xy is float64"),
        ({"_frame": np.arange(N - 1)}, r"frame is int64 \(60,\); int64 \(61,\) is wanted"),
        ({"_time_s": np.zeros(N)}, "the times of person 1 do not grow"),
        ({"_time_s": np.full(N, np.nan)}, "the times of person 1 do not grow"),
        ({"_time_s": np.float64(3.0)}, r"time_s is float64 \(\)"),
        ({"_shot": np.array([{}] * N, object)}, "damaged or cut off .*allow_pickle"),
        ({"_stature_m": np.zeros(2)}, r"stature_m is float64 \(2,\)"),
    ],
)
def test_another_layout_is_told(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=said):
        read_landmark_file(changed(tmp_path / "a.npz", **change))


def test_arrays_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    path = changed(tmp_path / "a.npz", _colour=np.zeros(3), note=np.array("filmed in a gym"))
    assert_same(read_landmark_file(path)[0], moving())


def test_another_zip_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("person1/stretch1/time_s.npy", b"hello")
    with pytest.raises(ExchangeError, match="there is no array version"):
        read_landmark_file(tmp_path / "a.npz")
