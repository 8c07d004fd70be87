"""Joint angles: hand-computed tables, what is not seen, mirrored bodies, and how uncertain an angle is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from spotter.body.keypoints import INDEX, LANDMARKS
from spotter.motion.angles import (
    angle_table,
    angle_uncertainty,
    included_angle,
    lean_angle,
    measure_angles,
    point,
)
from tests.motion.stick import Pose, landmarks

NAN = math.nan
ROOT_3 = math.sqrt(3)

SQUAT = Pose(trunk=30, thigh=90, knee=100)
SPLIT = Pose(trunk=5, thigh=(60, -15), knee=(70, 55), lift=(20, 0), elbow=(90, 30), abduct=(0, 45))


@pytest.mark.parametrize(
    ("a", "b", "c", "degrees"),
    [
        ((NAN, 0), (0, 0), (1, 0), NAN),
        ((1, 0), (0, NAN), (0, 1), NAN),
        ((1, 0), (0, 0), (0, NAN), NAN),
        ((2, 3), (2, 3), (5, 5), NAN),  # no line, no angle
        ((5, 5), (2, 3), (2, 3), NAN),
        ((0, 0), (0, 0), (0, 0), NAN),
        ((-1, 0), (0, 0), (1, 0), 180),
        ((1, 0), (0, 0), (3, 0), 0),
        ((0, 1), (0, 0), (1, 0), 90),
        ((0, 1), (0, 0), (-7, 0), 90),
        ((1, 0), (0, 0), (1, 1), 45),
        ((1, 0), (0, 0), (-1, 1), 135),
        ((1, 0), (0, 0), (1, ROOT_3), 60),
        ((11, 7), (10, 7), (11, 7 + ROOT_3), 60),  # wherever it lies
        ((1, 0, 0), (0, 0, 0), (0, 0, 1), 90),
        ((1, 1, 0), (0, 0, 0), (0, 1, 1), 60),
        ((1, 1, 1), (0, 0, 0), (-1, -1, 1), math.degrees(math.acos(-1 / 3))),
        ((1e-9, 0), (0, 0), (0, 1e9), 90),  # however long
    ],
)
def test_included_angle(
    a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...], degrees: float
) -> None:
    value = included_angle(np.array(a, float), np.array(b, float), np.array(c, float))
    assert value.item() == pytest.approx(degrees, abs=1e-5, nan_ok=True)
    assert included_angle(np.array(c, float), np.array(b, float), np.array(a, float)).item() == pytest.approx(
        degrees, abs=1e-5, nan_ok=True
    )


@pytest.mark.parametrize(
    ("low", "high", "degrees"),
    [
        ((0, 0, 0), (0, NAN, 0), NAN),
        ((NAN, 0, 0), (0, -1, 0), NAN),
        ((1, 1, 1), (1, 1, 1), NAN),
        ((0, 1, 0), (0, 0, 0), 0),  # y points down
        ((0, 0, 0), (0, 1, 0), 180),
        ((0, 0, 0), (1, 0, 0), 90),
        ((0, 0, 0), (0, 0, -1), 90),
        ((0, 1, 0), (1, 0, 0), 45),
        ((0, 1, 0), (-1, 0, 0), 45),  # to the left as to the right
        ((0, 1, 0), (0, 0, 1), 45),
        ((3, 5, 2), (3, 5 - ROOT_3, 3), 30),
        ((0, 0, 0), (0, 1, 1), 135),
    ],
)
def test_lean_angle(low: tuple[float, ...], high: tuple[float, ...], degrees: float) -> None:
    value = lean_angle(np.array(low, float), np.array(high, float)).item()
    assert value == pytest.approx(degrees, abs=1e-5, nan_ok=True)


def test_angles_of_many_frames_at_once() -> None:
    turn = np.radians([10.0, 90.0, 179.0, NAN])
    ends = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    still = np.zeros((4, 2))
    values = included_angle(np.tile([1.0, 0.0], (4, 1)), still, ends)
    assert values == pytest.approx([10, 90, 179, NAN], abs=1e-9, nan_ok=True)


def test_the_table_names_known_landmarks() -> None:
    table = angle_table()
    assert len({angle.name for angle in table}) == len(table) == 19
    for angle in table:
        assert angle.kind in ("included", "lean")
        assert len(angle.points) == {"included": 3, "lean": 2}[angle.kind]
        for name in angle.points:
            assert name in INDEX or f"left_{name.removeprefix('mid_')}" in INDEX
        if angle.name != "trunk_lean":
            side = angle.name.partition("_")[0]
            assert all(name.startswith(side) for name in angle.points)


@pytest.mark.parametrize(
    ("pose", "expected"),
    [
        (
            Pose(),
            {"knee": 180, "hip": 180, "elbow": 180, "shoulder": 0, "ankle": 90, "thigh": 0, "shank": 0}
            | {"upper_arm": 0, "forearm": 0, "trunk_lean": 0},
        ),
        (
            SQUAT,  # thighs level, shins 10 degrees forward
            {"knee": 80, "hip": 60, "ankle": 80, "trunk_lean": 30, "thigh": 90, "shank": 10}
            | {"upper_arm": 30, "elbow": 180},  # the arms hang along the leaning trunk
        ),
        (
            Pose(trunk=75, thigh=-75, lift=75),  # the top of a push-up
            {"knee": 180, "hip": 180, "trunk_lean": 75, "thigh": 75, "shank": 75, "elbow": 180}
            | {"shoulder": 75, "upper_arm": 0, "forearm": 0},
        ),
        (
            Pose(
                trunk=75, thigh=-75, lift=30, elbow=90
            ),  # its bottom: elbows behind, hands below the shoulders
            {"elbow": 90, "upper_arm": 45, "forearm": 45, "shoulder": 30, "hip": 180},
        ),
        (Pose(elbow=130), {"elbow": 50, "upper_arm": 0, "forearm": 130, "shoulder": 0}),
        (Pose(abduct=90), {"shoulder": 90, "elbow": 180, "upper_arm": 90, "forearm": 90}),
        (Pose(abduct=90, elbow=90, turn=90), {"shoulder": 90, "elbow": 90, "upper_arm": 90, "forearm": 180}),
        (Pose(abduct=170), {"shoulder": 170, "upper_arm": 170, "elbow": 180}),
        (Pose(trunk=-90, thigh=50, knee=110), {"trunk_lean": 90, "hip": 140 + 80, "knee": 70}),
        (Pose(trunk=90), {"trunk_lean": 90, "hip": 90, "knee": 180, "upper_arm": 90}),
        (Pose(apart=25), {"knee": 180, "thigh": 25, "shank": 25, "hip": 155}),
        (Pose(foot=-30), {"ankle": 120}),
    ],
)
@pytest.mark.parametrize("azimuth", [0, 37, -90, 180])
def test_angles_of_a_posed_body(pose: Pose, expected: dict[str, float], azimuth: float) -> None:
    values = measure_angles(landmarks(replace(pose, azimuth=azimuth)))
    for name, degrees in expected.items():
        degrees = min(degrees, 360 - degrees)
        for full in [name] if name == "trunk_lean" else [f"left_{name}", f"right_{name}"]:
            assert values[full].item() == pytest.approx(degrees, abs=1e-3), full


def test_sides_are_told_apart() -> None:
    values = measure_angles(landmarks(SPLIT))
    assert [values[f"{side}_knee"].item() for side in ("left", "right")] == pytest.approx([110, 125])
    assert [values[f"{side}_hip"].item() for side in ("left", "right")] == pytest.approx([115, 170])
    assert [values[f"{side}_elbow"].item() for side in ("left", "right")] == pytest.approx([90, 150])
    assert [values[f"{side}_shoulder"].item() for side in ("left", "right")] == pytest.approx([20, 45])


@pytest.mark.parametrize(
    "pose", [Pose(), SQUAT, SPLIT, replace(SPLIT, azimuth=50)], ids=["standing", "squat", "split", "turned"]
)
def test_a_mirrored_body_has_mirrored_angles(pose: Pose) -> None:
    plain, mirrored = measure_angles(landmarks(pose)), measure_angles(landmarks(pose.mirrored()))
    for name, values in plain.items():
        other = name.replace("left_", "RIGHT_").replace("right_", "left_").replace("RIGHT_", "right_")
        assert mirrored[other] == pytest.approx(values, abs=1e-3)


@pytest.mark.parametrize("factor", [0.1, 1.0, 40.0])
def test_angles_do_not_depend_on_size_or_place(factor: float) -> None:
    space = landmarks(SPLIT)
    plain, moved = measure_angles(space), measure_angles(space * factor + [3.0, -2.0, 9.0])
    for name, values in plain.items():
        assert moved[name] == pytest.approx(values, abs=1e-2)


@pytest.mark.parametrize("landmark", LANDMARKS)
def test_an_angle_without_one_of_its_points_is_not_known(landmark: str) -> None:
    space = landmarks(SPLIT)
    space[:, INDEX[landmark]] = NAN
    for angle, values in zip(angle_table(), measure_angles(space).values(), strict=True):
        # of a middle between left and right, one side is enough
        assert math.isnan(values.item()) == (landmark in angle.points), angle.name


@pytest.mark.parametrize("joint", ["shoulder", "hip"])
def test_a_lean_without_both_sides_is_not_known(joint: str) -> None:
    space = landmarks(SQUAT)
    for side in ("left", "right"):
        space[:, INDEX[f"{side}_{joint}"]] = NAN
    assert math.isnan(measure_angles(space)["trunk_lean"].item())
    assert np.isnan(point(space, f"mid_{joint}")).all()


def test_a_body_that_is_not_seen_has_no_angles() -> None:
    nothing = np.full((4, 33, 3), NAN)
    for name, values in measure_angles(nothing).items():
        assert np.isnan(values).all(), name
    for name, values in angle_uncertainty(nothing, np.zeros((4, 33))).items():
        assert np.isnan(values).all(), name


def test_uncertainty_grows_with_what_is_hidden_and_with_depth() -> None:
    side_on, towards = landmarks(replace(SQUAT, azimuth=90)), landmarks(SQUAT)
    well, badly = np.full((1, 33), 0.95), np.full((1, 33), 0.25)
    sure = angle_uncertainty(side_on, well)
    assert all(2 <= sure[angle.name].item() <= 90 for angle in angle_table())
    bent = [name for name in sure if not name.endswith(("elbow", "left_shoulder", "right_shoulder"))]
    assert all(angle_uncertainty(side_on, badly)[name] > sure[name] for name in bent)
    # how far the shins lean towards the camera is known by their depth alone
    assert angle_uncertainty(towards, well)["left_shank"] > 1.5 * sure["left_shank"]


def test_uncertainty_is_the_spread_that_such_errors_cause() -> None:
    space = np.repeat(landmarks(replace(SQUAT, azimuth=45)), 4000, axis=0)
    errors = np.random.default_rng(1).normal(0, [0.025, 0.025, 0.07], space.shape)
    said = angle_uncertainty(space[:1], np.ones((1, 33)))
    spread = {name: values.std() for name, values in measure_angles(space + errors).items()}
    for name in ("left_knee", "right_knee", "left_hip", "right_hip", "left_thigh"):
        assert said[name].item() == pytest.approx(math.hypot(spread[name], 2.0), rel=0.2), name


@pytest.mark.parametrize("name", ["left_knee", "left_elbow", "left_hip"])
def test_a_straight_joint_is_as_uncertain_as_a_bent_one(name: str) -> None:
    space = np.repeat(landmarks(Pose(azimuth=90)), 4000, axis=0)
    errors = np.random.default_rng(1).normal(0, [0.025, 0.025, 0.07], space.shape)
    wrong_by = 180 - measure_angles(space + errors)[name]
    said = angle_uncertainty(space[:1], np.ones((1, 33)))[name].item()
    assert said >= 0.7 * math.sqrt((wrong_by**2).mean())
