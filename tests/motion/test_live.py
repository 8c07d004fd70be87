"""Motion while it happens: close to a file's motion, of one person at a time, no longer than its window."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spotter.motion.live
from spotter.body.keypoints import Body, Keypoints
from spotter.media.frame import Frame
from spotter.motion.angles import angle_table
from spotter.motion.live import WINDOW_S, LiveMotion
from tests.motion.stick import Array, Pose, blend, clock, make_motion, raw_landmarks, there_and_back

STANDING = Pose(azimuth=40)
SQUAT = Pose(azimuth=40, trunk=30, thigh=90, knee=100)
NO_PICTURE = np.zeros((2, 2, 3), np.uint8)


def bodies(pose: Pose, time_s: Array, noise_m: float = 0.0, person: int = 1) -> list[Body]:
    raw = {
        name: values.astype(np.float32)
        for name, values in raw_landmarks(pose, time_s, noise_m=noise_m).items()
    }
    return [
        Body(person, Keypoints(xy, world, seen, seen), 0.9)
        for xy, world, seen in zip(raw["xy"], raw["world"], raw["visibility"], strict=True)
    ]


def feed(live: LiveMotion, time_s: Array, seen: list[Body | None], shot: int = 0) -> None:
    for k, (t, body) in enumerate(zip(time_s, seen, strict=True)):
        live.add(Frame(NO_PICTURE, float(t), k), shot, body)


def test_the_window_is_close_to_the_motion_of_a_file() -> None:
    time_s = clock(5)
    pose = blend(STANDING, SQUAT, there_and_back(time_s, [0.5, 2.7]))
    live = LiveMotion()
    feed(live, time_s, bodies(pose, time_s, noise_m=0.004))
    window, offline = live.window(), make_motion(pose, time_s, noise_m=0.004)
    assert window.time_s == pytest.approx(offline.time_s)
    assert window.frame.tolist() == offline.frame.tolist()
    assert set(window.values) == set(offline.values)
    assert set(window.sd) == set(offline.sd)
    assert (window.views == offline.views).mean() > 0.95
    for name in ("left_knee", "right_hip", "trunk_lean", "left_elbow"):
        assert np.abs(window.values[name] - offline.values[name]).mean() < 4, name
        assert np.abs(window.values[name] - offline.values[name]).max() < 16, name
    depth = [motion.values["left_knee"].min() for motion in (window, offline)]
    assert depth[0] == pytest.approx(depth[1], abs=5)
    assert (
        int(window.values["left_knee"].argmin()) - int(offline.values["left_knee"].argmin()) <= 3
    )  # frames late
    assert np.ptp(window.values["hip_y"]) == pytest.approx(np.ptp(offline.values["hip_y"]), rel=0.1)


def test_a_resting_knee_trembles_less_than_a_degree_and_a_half() -> None:
    time_s = clock(4)
    live = LiveMotion()
    bent = Pose(azimuth=90, thigh=40, knee=60)
    feed(live, time_s, bodies(bent, time_s, noise_m=0.005))
    assert live.window().values["left_knee"][30:].std() < 1.5


def test_the_newest_angles() -> None:
    live = LiveMotion()
    before = live.latest_angles()
    assert list(before) == [angle.name for angle in angle_table()]
    assert all(math.isnan(value) for value in before.values())
    feed(live, clock(0.5), bodies(Pose(knee=60, thigh=30), clock(0.5)))
    now = live.latest_angles()
    assert now["left_knee"] == pytest.approx(120, abs=0.5)
    assert now == {name: pytest.approx(live.window().values[name][-1]) for name in now}


@pytest.mark.parametrize("first", [True, False], ids=["from the beginning", "in between"])
def test_a_person_not_found_is_nan(first: bool) -> None:
    time_s = clock(1)
    seen: list[Body | None] = list(bodies(STANDING, time_s))
    gone = range(0, 5) if first else range(10, 20)
    for k in gone:
        seen[k] = None
    live = LiveMotion()
    feed(live, time_s, seen)
    window = live.window()
    assert np.flatnonzero(np.isnan(window.values["left_knee"])).tolist() == list(gone)
    assert np.flatnonzero(~window.seen).tolist() == list(gone)
    assert window.values["left_knee"][-1] == pytest.approx(180, abs=0.5)
    assert {window.views[k] for k in gone} == {"unknown"}


@pytest.mark.parametrize(("person", "shot"), [(2, 0), (1, 1)], ids=["another person", "another shot"])
def test_the_filter_starts_anew(person: int, shot: int) -> None:
    live = LiveMotion()
    feed(live, clock(0.5), bodies(Pose(knee=120, thigh=60), clock(0.5)))
    late = clock(0.5) + 0.6
    feed(live, late, bodies(STANDING, clock(0.5), person=person), shot)
    window = live.window()
    after = window.time_s >= 0.6
    assert window.values["left_knee"][after] == pytest.approx(180, abs=0.5)
    assert window.person == person
    assert set(window.shot[after].tolist()) == {shot}


def test_only_the_last_half_minute_is_kept() -> None:
    time_s = np.arange(0, 2 * WINDOW_S, 0.5)
    live = LiveMotion()
    feed(live, time_s, bodies(STANDING, time_s))
    window = live.window()
    assert window.time_s[0] == pytest.approx(time_s[-1] - WINDOW_S)
    assert window.time_s[-1] == time_s[-1]


def test_hours_of_frames_take_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spotter.motion.live, "_CAPACITY", 64)
    time_s = np.arange(0, 180, 1.0)
    knee = np.linspace(0, 100, 180)
    live = LiveMotion()
    feed(live, time_s, bodies(Pose(thigh=knee / 2, knee=knee, azimuth=90), time_s))
    window = live.window()
    assert window.time_s.tolist() == time_s[-31:].tolist()
    assert window.frame.tolist() == list(range(149, 180))
    assert window.values["left_knee"] == pytest.approx(180 - knee[-31:], abs=1)
    assert window.xy.shape == (31, 33, 2)
