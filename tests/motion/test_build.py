"""Motion from raw landmarks: noise, gaps, cuts between shots, the person's height, and depth."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from spotter.body.keypoints import INDEX
from spotter.motion.angles import angle_table, measure_angles
from spotter.motion.build import build_motion, lift, metres_per_pixel
from spotter.motion.measures import measure_table
from spotter.motion.stature import EYE_HEIGHT, measured_stature
from tests.motion.stick import (
    EYES_OVER_HEELS,
    LEG,
    PIXELS_PER_METRE,
    Array,
    Pose,
    blend,
    clock,
    landmarks,
    make_motion,
    raw_landmarks,
    there_and_back,
)

STANDING = Pose(azimuth=40)
SQUAT = Pose(azimuth=40, trunk=30, thigh=90, knee=100)
TRUE_STATURE = EYES_OVER_HEELS / EYE_HEIGHT


def squatting(time_s: Array) -> Pose:
    return blend(STANDING, SQUAT, there_and_back(time_s, [0.5, 3.0]))


TIME_S = clock(5.5)
POSE = squatting(TIME_S)
TRUTH = measure_angles(landmarks(POSE))


def error(values: Array, name: str) -> Array:
    return np.abs(values - TRUTH[name])


def test_without_noise_the_true_angles_come_out() -> None:
    motion = make_motion(POSE, TIME_S)
    for angle in angle_table():
        assert error(motion.values[angle.name], angle.name).max() < 2.0, (
            angle.name
        )  # the low-pass rounds a corner
    assert motion.seen.all()
    assert len(motion) == len(TIME_S)
    assert set(motion.values) == {a.name for a in angle_table()} | {m.name for m in measure_table()} | {
        "azimuth"
    }
    assert set(motion.sd) == {angle.name for angle in angle_table()}
    assert all(column.shape == (len(TIME_S),) for column in motion.values.values())
    assert motion.space[:, INDEX["left_hip"]] + motion.space[:, INDEX["right_hip"]] == pytest.approx(
        0, abs=1e-5
    )


@pytest.mark.parametrize("fps", [24, 30, 60, 120])
def test_noise_is_taken_out(fps: float) -> None:
    time_s = clock(5.5, fps)
    pose = squatting(time_s)
    raw = raw_landmarks(pose, time_s, noise_m=0.02)
    noisy = measure_angles(raw["world"])
    clean, truth = make_motion(pose, time_s, noise_m=0.02), measure_angles(landmarks(pose))
    for name in ("left_knee", "right_hip", "left_shank", "trunk_lean"):
        before, after = (
            np.abs(noisy[name] - truth[name]).mean(),
            np.abs(clean.values[name] - truth[name]).mean(),
        )
        assert after < (0.85 if fps == 24 else 0.8) * before, name


def test_wild_landmarks_are_replaced_by_their_neighbours() -> None:
    raw = raw_landmarks(POSE, TIME_S, noise_m=0.003)
    for row in (20, 50, 90, 120):
        raw["xy"][row, INDEX["left_knee"]] += 200
        raw["world"][row, INDEX["left_knee"]] += 0.6
    zeros = np.zeros(len(TIME_S), np.int64)
    motion = build_motion(
        1, TIME_S, np.arange(len(TIME_S)), zeros, raw["xy"], raw["world"], raw["visibility"]
    )
    assert error(motion.values["left_knee"], "left_knee").max() < 8


@pytest.mark.parametrize(("seconds", "filled"), [(0.2, True), (1.0, False)])
def test_short_gaps_are_filled_and_long_ones_stay_empty(seconds: float, filled: bool) -> None:
    gone = (TIME_S > 0.9) & (0.9 + seconds > TIME_S)
    raw = raw_landmarks(POSE, TIME_S)
    raw["xy"][gone], raw["world"][gone] = np.nan, np.nan  # the landmarks' visibility is still there
    zeros = np.zeros(len(TIME_S), np.int64)
    motion = build_motion(
        1, TIME_S, np.arange(len(TIME_S)), zeros, raw["xy"], raw["world"], raw["visibility"]
    )
    assert np.isnan(motion.values["left_knee"][gone]).all() != filled
    assert not np.isnan(motion.values["left_knee"][~gone]).any()
    assert motion.seen.tolist() == (~gone | filled).tolist()
    if filled:
        assert error(motion.values["left_knee"], "left_knee").max() < 5


def test_a_person_lost_for_a_moment_has_angles_all_the_time() -> None:
    gone = (TIME_S > 0.9) & (TIME_S < 1.1)
    motion = make_motion(POSE, TIME_S, gone=gone)
    assert np.isfinite(motion.values["left_knee"]).all()
    assert error(motion.values["left_knee"], "left_knee").max() < 5


def test_a_person_lost_for_long_has_none() -> None:
    gone = (TIME_S > 0.9) & (TIME_S < 2.0)
    motion = make_motion(POSE, TIME_S, gone=gone)
    for name, values in motion.values.items():
        assert np.isnan(values[gone]).all(), name
        assert np.isfinite(values[~gone]).all(), name
    assert set(motion.views[gone].tolist()) == {"unknown"}
    assert np.isnan(motion.sd["left_knee"][gone]).all()


def test_a_hidden_joint_is_nan_but_only_that() -> None:
    motion = make_motion(POSE, TIME_S, hidden=("left_ankle",))
    assert np.isnan(motion.values["left_knee"]).all()
    assert np.isnan(motion.values["left_ankle"]).all()
    assert np.isfinite(motion.values["right_knee"]).all()
    assert motion.values["knee"] == pytest.approx(motion.values["right_knee"])
    assert np.isfinite(motion.values["left_hip"]).all()


def test_nothing_leaks_across_a_cut() -> None:
    shot = (TIME_S > 1.52).astype(np.int64)
    near, far = (
        make_motion(POSE, TIME_S),
        make_motion(replace(POSE, azimuth=-120, at=(2.0, 1.0, 0.0)), TIME_S),
    )
    before, after = (raw_landmarks(replace(POSE, azimuth=a), TIME_S) for a in (40, -120))
    second = shot == 1
    xy = np.where(
        second[:, None, None], after["xy"] * 0.4 + 300, before["xy"]
    )  # the other camera stands farther away
    world = np.where(second[:, None, None], after["world"], before["world"])
    motion = build_motion(1, TIME_S, np.arange(len(TIME_S)), shot, xy, world, before["visibility"])
    assert np.unique(motion.views[~second]).tolist() == ["oblique"]
    assert (motion.values["azimuth"][second] < -100).all()
    for angle in angle_table():
        assert motion.values[angle.name][~second] == pytest.approx(near.values[angle.name][~second], abs=3), (
            angle.name
        )
        assert motion.values[angle.name][second] == pytest.approx(far.values[angle.name][second], abs=3), (
            angle.name
        )
    thigh = np.linalg.norm(motion.space[:, INDEX["left_hip"]] - motion.space[:, INDEX["left_knee"]], axis=1)
    assert thigh == pytest.approx(0.45, abs=0.01)  # each shot has its own scale


def test_gaps_are_not_filled_across_a_cut() -> None:
    raw = raw_landmarks(POSE, TIME_S)
    raw["xy"][60:64], raw["world"][60:64] = np.nan, np.nan
    shot = (np.arange(len(TIME_S)) >= 62).astype(np.int64)
    motion = build_motion(1, TIME_S, np.arange(len(TIME_S)), shot, raw["xy"], raw["world"], raw["visibility"])
    assert np.flatnonzero(np.isnan(motion.values["left_knee"])).tolist() == [60, 61, 62, 63]


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_very_short_motions(n: int) -> None:
    motion = make_motion(STANDING, np.arange(n) / 30)
    assert len(motion) == n
    assert motion.values["left_knee"] == pytest.approx(np.full(n, 180), abs=0.1)


def test_nobody_seen() -> None:
    n = 30
    nan = np.full((n, 33, 3), np.nan)
    zeros = np.zeros(n, np.int64)
    motion = build_motion(
        1, np.arange(n) / 30, zeros, zeros, nan[..., :2], nan, np.zeros((n, 33)), height_m=1.8
    )
    assert not motion.seen.any()
    assert all(np.isnan(values).all() for values in motion.values.values())


def test_the_raw_landmarks_are_not_changed() -> None:
    raw = raw_landmarks(POSE, TIME_S, noise_m=0.01)
    kept = {name: values.copy() for name, values in raw.items()}
    zeros = np.zeros(len(TIME_S), np.int64)
    build_motion(1, TIME_S, zeros, zeros, raw["xy"], raw["world"], raw["visibility"], height_m=1.6)
    assert all((raw[name] == values).all() for name, values in kept.items())


def test_stature_is_measured_where_the_person_stands_most_upright() -> None:
    seen = np.full((len(TIME_S), 33), 0.9)
    assert measured_stature(landmarks(POSE), seen) == pytest.approx(TRUE_STATURE, rel=0.01)
    hidden = seen.copy()
    hidden[:, [INDEX["left_heel"], INDEX["right_heel"]]] = 0.1
    assert math.isnan(measured_stature(landmarks(POSE), hidden))


@pytest.mark.parametrize("trunk", [90.0, -90.0], ids=["face down", "on the back"])
@pytest.mark.parametrize("azimuth", [0.0, 60.0, 90.0])
def test_who_lies_has_no_stature_and_keeps_the_scale(trunk: float, azimuth: float) -> None:
    lying = Pose(azimuth=azimuth, trunk=trunk, thigh=-trunk)
    seen = np.full((len(TIME_S), 33), 0.9)
    assert math.isnan(measured_stature(landmarks(lying, len(TIME_S)), seen))
    plain, told = make_motion(lying, TIME_S), make_motion(lying, TIME_S, height_m=1.8)
    np.testing.assert_array_equal(told.space, plain.space)


@pytest.mark.parametrize("height_m", [1.5, 2.0])
def test_a_known_height_sets_the_scale_of_lengths_only(height_m: float) -> None:
    plain, scaled = make_motion(POSE, TIME_S), make_motion(POSE, TIME_S, height_m=height_m)
    factor = height_m / TRUE_STATURE
    assert scaled.space == pytest.approx(plain.space * factor, rel=0.01, abs=0.005)
    rise = [np.ptp(motion.values["hip_y"]) for motion in (plain, scaled)]
    assert rise[1] == pytest.approx(rise[0] * factor, rel=0.01)
    for name in ("left_knee", "trunk_lean", "knees_to_feet", "hip_height", "azimuth"):
        assert scaled.values[name] == pytest.approx(plain.values[name], abs=0.05), name
    assert scaled.xy == pytest.approx(plain.xy)


def test_a_known_height_of_a_body_never_seen_whole_changes_nothing() -> None:
    hidden = ("left_heel", "right_heel")
    plain = make_motion(POSE, TIME_S, hidden=hidden)
    assert make_motion(POSE, TIME_S, hidden=hidden, height_m=1.5).space == pytest.approx(
        plain.space, nan_ok=True
    )


def test_lift_takes_places_from_the_picture_and_depth_from_the_model() -> None:
    space = landmarks(SQUAT)
    hips = (space[:, [INDEX["left_hip"]]] + space[:, [INDEX["right_hip"]]]) / 2
    xy, world = space[..., :2] * 250 + 77, space - hips
    assert metres_per_pixel(xy, world) == pytest.approx(1 / 250)
    assert lift(xy, world) == pytest.approx(world)
    wrong = world.copy()
    wrong[:, INDEX["left_wrist"], :2] += 0.1  # the small head is wrong in the picture's plane
    lifted = lift(xy, wrong)
    assert lifted[:, INDEX["left_wrist"]] == pytest.approx(world[:, INDEX["left_wrist"]], rel=0.05, abs=0.01)
    assert lifted[..., 2] == pytest.approx(world[..., 2])


def test_places_in_the_picture_are_in_metres() -> None:
    time_s = clock(2)
    walk = replace(STANDING, at=(time_s * 0.5, 1.0, 0.0))
    motion = make_motion(walk, time_s)
    assert motion.values["ankle_x"][-1] - motion.values["ankle_x"][0] == pytest.approx(1.0, abs=0.01)
    assert motion.values["hip_y"] - motion.values["ankle_y"] == pytest.approx(LEG, abs=0.01)
    assert motion.xy[-1, INDEX["left_ankle"], 0] - motion.xy[0, INDEX["left_ankle"], 0] == pytest.approx(
        PIXELS_PER_METRE, abs=3
    )


def test_a_motion_finds_its_rows_by_time() -> None:
    motion = make_motion(POSE, TIME_S)
    assert motion.at(-5) == 0
    assert motion.at(1.02) == 31
    assert motion.at(99) == len(motion) - 1
    with pytest.raises(ValueError):
        make_motion(STANDING, np.empty(0)).at(1.0)
