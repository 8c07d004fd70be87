"""Measures: hand-computed values of posed bodies, their signs, what is not seen, and mirrored bodies."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from spotter.body.keypoints import INDEX
from spotter.motion.angles import measure_angles
from spotter.motion.measures import measure_table, picture_bound, take_measures, units
from tests.motion.stick import (
    FOREARM,
    HALF_WIDTH,
    LEG,
    SHANK,
    THIGH,
    TRUNK,
    UPPER_ARM,
    Array,
    Pose,
    landmarks,
)

WIDTH = 2 * HALF_WIDTH
SIN_20, SIN_25 = math.sin(math.radians(20)), math.sin(math.radians(25))
SQUAT = Pose(trunk=30, thigh=90, knee=100)
LUNGE = Pose(thigh=(60, -20), knee=(60, 70))
SIDE_LUNGE = Pose(apart=(40, 30), knee=(70, 0), thigh=(50, 0), trunk=20)
HALF_DOWN = Pose(trunk=35, thigh=70, knee=80, lift=40, elbow=50, nod=10, azimuth=40)  # both sides alike
LEVEL = Pose(trunk=90, thigh=-90, lift=90)  # a straight body, face down


def measures_of(pose: Pose, visibility: Array | None = None) -> dict[str, float]:
    return measures_in(landmarks(pose), visibility)


def measures_in(space: Array, visibility: Array | None = None) -> dict[str, float]:
    seen = np.full(space.shape[:2], 0.95) if visibility is None else visibility
    found = take_measures(space, space[..., :2], seen, measure_angles(space))
    return {name: values.item() for name, values in found.items()}


def lunge_lead() -> float:
    """How far the left ankle of LUNGE is in front of the right one: hip to knee to ankle, each side."""
    left = THIGH * math.sin(math.radians(60)) + SHANK * math.sin(0)
    right = THIGH * math.sin(math.radians(-20)) + SHANK * math.sin(math.radians(-90))
    return (left - right) / LEG


CASES: dict[str, tuple[Pose, dict[str, float]]] = {
    "standing": (
        Pose(),
        {"knee": 180, "bent_knee": 180, "straight_knee": 180, "knees_apart": 0, "hip": 180, "shoulder": 0}
        | {"feet_across": WIDTH / LEG, "feet_along": 0, "feet_lead": 0, "knees_across": WIDTH / LEG}
        | {"knees_to_feet": 1, "left_knee_cave": 0, "right_knee_cave": 0, "knee_lead": 0}
        | {"hip_height": LEG / TRUNK, "hip_over_knee": THIGH / TRUNK, "hip_sag": 0, "neck": 0}
        | {"wrist_height": -(UPPER_ARM + FOREARM) / TRUNK, "left_wrist_over_elbow": -FOREARM / TRUNK}
        | {"hand_to_shoulder": (UPPER_ARM + FOREARM) / TRUNK, "hands_apart": WIDTH / TRUNK},
    ),
    "squat": (
        SQUAT,
        {"knee": 80, "hip": 60, "thigh": 90, "shank": 10, "knees_apart": 0, "hips_apart": 0}
        | {"hip_over_knee": 0, "hip_height": SHANK * math.cos(math.radians(10)) / TRUNK}
        | {"feet_across": WIDTH / LEG, "knees_to_feet": 1, "feet_lead": 0},
    ),
    "wide stance": (
        Pose(apart=25),
        {"feet_across": (WIDTH + 2 * LEG * SIN_25) / LEG, "knees_across": (WIDTH + 2 * THIGH * SIN_25) / LEG}
        | {"knees_to_feet": (WIDTH + 2 * THIGH * SIN_25) / (WIDTH + 2 * LEG * SIN_25), "left_knee_cave": 0},
    ),
    "one knee bent": (
        Pose(knee=(90, 20)),
        {"bent_knee": 90, "straight_knee": 160, "knees_apart": 70, "knee": 125, "knee_lead": 70},
    ),
    "the other knee bent": (Pose(knee=(20, 90)), {"bent_knee": 90, "straight_knee": 160, "knee_lead": -70}),
    "left leg in front": (
        LUNGE,
        {"feet_lead": lunge_lead(), "feet_along": lunge_lead(), "feet_across": WIDTH / LEG},
    ),
    "right leg in front": (LUNGE.mirrored(), {"feet_lead": -lunge_lead(), "feet_along": lunge_lead()}),
    "hands at the shoulders": (
        Pose(elbow=180),
        {"elbow": 0, "left_wrist_over_elbow": FOREARM / TRUNK, "right_wrist_over_elbow": FOREARM / TRUNK}
        | {"hand_to_shoulder": (UPPER_ARM - FOREARM) / TRUNK, "wrist_height": -(UPPER_ARM - FOREARM) / TRUNK},
    ),
    "arms level": (
        Pose(abduct=90),
        {"shoulder": 90, "wrist_height": 0, "hands_apart": (WIDTH + 2 * (UPPER_ARM + FOREARM)) / TRUNK}
        | {"hand_to_shoulder": (UPPER_ARM + FOREARM) / TRUNK},
    ),
    "one arm up": (
        Pose(lift=(180, 0)),
        {"shoulder": 90, "low_shoulder": 0, "shoulders_apart": 180, "left_wrist_height": 1.14}
        | {"right_wrist_height": -1.14, "wrist_height": 0},
    ),
    "hands at the ears": (
        Pose(lift=180, elbow=180),  # the forearms come back down to 3 centimetres above the shoulders
        {"hand_to_ear": (0.2 - (UPPER_ARM - FOREARM)) / TRUNK, "wrist_height": (UPPER_ARM - FOREARM) / TRUNK},
    ),
    "one elbow bent": (Pose(elbow=(120, 10)), {"elbow": 115, "bent_elbow": 60, "elbows_apart": 110}),
    "one hip bent": (Pose(thigh=(60, 0)), {"hip": 150, "bent_hip": 120, "hips_apart": 60}),
    "straight body": (LEVEL, {"hip_sag": 0, "hip_to_knee_sag": 0, "hip": 180, "neck": 0}),
    "lying straight": (Pose(trunk=-90, thigh=90), {"hip_sag": 0, "hip_to_knee_sag": 0}),
    "head up": (replace(LEVEL, nod=-25), {"neck": 25}),
    "head hangs": (replace(LEVEL, nod=40), {"neck": -40}),
    "bowed, head hangs": (Pose(trunk=60, nod=30), {"neck": -30}),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("azimuth", [0, 50, 90, -90, 180])
def test_values_of_a_posed_body(case: str, azimuth: float) -> None:
    pose, expected = CASES[case]
    azimuth = azimuth + np.asarray(pose.azimuth)
    found = measures_of(replace(pose, azimuth=azimuth))
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=2e-3)


def test_the_hand_computed_bodies_cover_every_kind() -> None:
    tested = (
        {name for _, expected in CASES.values() for name in expected} | picture_bound() | {"left_knee_cave"}
    )
    kinds = {measure.kind for measure in measure_table()}
    assert kinds == {measure.kind for measure in measure_table() if measure.name in tested}


@pytest.mark.parametrize("azimuth", [0, 30, 90, 180, -135])
@pytest.mark.parametrize(
    ("cave", "degrees"),
    [
        ((0.06, 0.06), (1, 1)),
        ((-0.06, -0.06), (-1, -1)),  # bow legs
        ((0.06, 0.0), (1, 0)),
        ((0.0, 0.06), (0, 1)),
        ((0.06, -0.06), (1, -1)),
    ],
)
def test_knees_cave_inwards_positively(
    cave: tuple[float, float], degrees: tuple[int, int], azimuth: float
) -> None:
    legs = [math.hypot(THIGH, c) + math.hypot(SHANK, c) for c in cave]
    one = math.degrees(math.atan2(0.06, sum(legs) / 4))
    found = measures_of(Pose(cave=cave, azimuth=azimuth))
    assert found["left_knee_cave"] == pytest.approx(degrees[0] * one, abs=1e-3)
    assert found["right_knee_cave"] == pytest.approx(degrees[1] * one, abs=1e-3)
    assert found["knees_to_feet"] == pytest.approx((WIDTH - sum(cave)) / WIDTH, abs=1e-4)


@pytest.mark.parametrize("azimuth", [0, 90])
def test_a_deep_squat_does_not_change_the_sign_of_the_cave(azimuth: float) -> None:
    found = measures_of(replace(SQUAT, cave=0.05, azimuth=azimuth))
    assert found["left_knee_cave"] == pytest.approx(found["right_knee_cave"])
    assert found["left_knee_cave"] == pytest.approx(math.degrees(math.atan2(0.05, LEG / 2)), rel=0.02)
    assert found["knees_to_feet"] == pytest.approx(2 / 3, abs=1e-3)


@pytest.mark.parametrize("azimuth", [90, -90, 60, 0])
@pytest.mark.parametrize("slope", [0, 15, -15], ids=["level", "head up", "head down"])
@pytest.mark.parametrize("bend", [20, -20])
def test_hips_that_sag_are_positive_and_high_hips_negative(bend: float, slope: float, azimuth: float) -> None:
    trunk, thigh = 90 - slope - bend / 2, -(90 - slope) - bend / 2
    found = measures_of(Pose(trunk=trunk, thigh=thigh, lift=trunk, azimuth=azimuth))
    assert found["hip_to_knee_sag"] == pytest.approx(bend, abs=1e-3)
    assert found["hip_sag"] == pytest.approx(bend, abs=1e-3)


@pytest.mark.parametrize("azimuth", [90, -90, 55])
@pytest.mark.parametrize("trunk", [-90, -60, -20, 0, 30, 60, 90, 105])
@pytest.mark.parametrize("nod", [45, -30])
def test_a_head_pulled_forward_is_negative_in_every_posture(nod: float, trunk: float, azimuth: float) -> None:
    found = measures_of(Pose(trunk=trunk, nod=nod, thigh=30, knee=40, azimuth=azimuth))
    assert found["neck"] == pytest.approx(-nod, abs=1e-3)


def test_a_side_that_is_better_seen_weighs_more_in_a_mean() -> None:
    seen = np.full((1, 33), 0.9)
    rows = [INDEX[f"right_{name}"] for name in ("hip", "knee", "ankle")]
    seen[:, rows] = 0.3
    found = measures_of(Pose(knee=(90, 30)), seen)
    assert found["knee"] == pytest.approx((0.9 * 90 + 0.3 * 150) / 1.2, abs=0.5)


@pytest.mark.parametrize("side", ["left", "right"])
def test_with_one_side_hidden_the_other_one_speaks(side: str) -> None:
    other = "right" if side == "left" else "left"
    space = landmarks(Pose(knee=(90, 40), thigh=(50, 20), trunk=10))
    plain = measure_angles(space)
    space[:, [INDEX[f"{side}_{name}"] for name in ("knee", "ankle", "heel", "foot_index")]] = np.nan
    found = measures_in(space)
    seen = plain[f"{other}_knee"].item()
    for name in ("knee", "bent_knee", "straight_knee"):
        assert found[name] == pytest.approx(seen, abs=1e-3), name
    for name in (
        "knees_apart",
        "feet_across",
        "feet_lead",
        "knees_to_feet",
        f"{side}_knee_cave",
        "knee_lead",
    ):
        assert math.isnan(found[name]), name
    assert found["hip_to_knee_sag"] == pytest.approx(180 - plain[f"{other}_hip"].item(), abs=1e-3) or found[
        "hip_to_knee_sag"
    ] == pytest.approx(plain[f"{other}_hip"].item() - 180, abs=1e-3)


def test_what_is_not_seen_is_nan_and_never_zero() -> None:
    space = np.full((1, 33, 3), np.nan)
    assert all(math.isnan(value) for value in measures_in(space, np.zeros((1, 33))).values())
    assert all(math.isnan(value) for value in measures_in(space, np.full((1, 33), 0.9)).values())


@pytest.mark.parametrize(
    "landmark", ["left_shoulder", "right_hip", "left_wrist", "right_ankle", "left_ear", "right_knee"]
)
def test_a_hidden_landmark_gives_no_made_up_value(landmark: str) -> None:
    """Each measure without the landmark is NaN, or near what the whole body gives."""
    space = landmarks(HALF_DOWN)
    full = measures_in(space)
    space[:, INDEX[landmark]] = np.nan
    for name, value in measures_in(space).items():
        # a middle moves to the side that is seen
        lengths = units()[name] in ("m", "trunk lengths", "leg lengths")
        if name not in ("neck", "trunk_lean"):
            assert math.isnan(value) or value == pytest.approx(full[name], abs=0.2 if lengths else 0.5), name


@pytest.mark.parametrize("azimuth", [90, 40])
@pytest.mark.parametrize(
    ("landmark", "name"),
    [
        ("left_shoulder", "trunk_lean"),
        ("right_hip", "trunk_lean"),
        ("left_shoulder", "neck"),
        ("right_ear", "neck"),
    ],
)
def test_one_hidden_side_does_not_turn_the_trunk(landmark: str, name: str, azimuth: float) -> None:
    """In a side view the far shoulder may be hidden; the near one lies far from the body's middle."""
    space = landmarks(replace(HALF_DOWN, azimuth=azimuth))
    seen = {**measures_in(space), "trunk_lean": measure_angles(space)["trunk_lean"].item()}[name]
    space[:, INDEX[landmark]] = np.nan
    hidden = {**measures_in(space), "trunk_lean": measure_angles(space)["trunk_lean"].item()}[name]
    assert hidden == pytest.approx(seen, abs=2)


@pytest.mark.parametrize(
    "pose",
    [SQUAT, LUNGE, SIDE_LUNGE, replace(LUNGE, azimuth=60, cave=(0.04, 0), elbow=(90, 20), abduct=(0, 30))],
    ids=["squat", "lunge", "side lunge", "turned"],
)
def test_a_mirrored_body_has_mirrored_measures(pose: Pose) -> None:
    plain, mirrored = measures_of(pose), measures_of(pose.mirrored())
    changes_sign = {m.name for m in measure_table() if m.kind in ("lead", "lag")} | {
        n for n in plain if n.endswith("_x")
    }
    for name, value in plain.items():
        other = name.replace("left_", "RIGHT_").replace("right_", "left_").replace("RIGHT_", "right_")
        assert mirrored[other] == pytest.approx(-value if name in changes_sign else value, abs=2e-3), name


def test_places_are_in_metres_to_the_right_and_up() -> None:
    found = measures_of(Pose(at=(0.4, 1.0, 2.0)))
    assert (found["ankle_x"], found["ankle_y"]) == pytest.approx((0.4, -1.0))
    assert (found["hip_x"], found["hip_y"]) == pytest.approx((0.4, -1.0 + LEG))
    assert (found["shoulder_x"], found["shoulder_y"]) == pytest.approx((0.4, -1.0 + LEG + TRUNK))
    assert (found["wrist_x"], found["wrist_y"]) == pytest.approx(
        (0.4, -1.0 + LEG + TRUNK - UPPER_ARM - FOREARM)
    )


def test_feet_together_have_no_ratio() -> None:
    narrow = math.degrees(math.asin(0.13 / LEG))
    assert math.isnan(measures_of(Pose(apart=-narrow))["knees_to_feet"])


def test_lengths_are_relative_to_the_body() -> None:
    pose = replace(LUNGE, azimuth=70, lift=40)
    plain, tall = measures_in(landmarks(pose)), measures_in(landmarks(pose) * 1.3)
    for name in plain.keys() - picture_bound():
        assert tall[name] == pytest.approx(plain[name], abs=1e-3), name


def test_the_table_is_whole() -> None:
    table = measure_table()
    assert len({measure.name for measure in table}) == len(table)
    assert {"deg", "m", "ratio", "leg lengths", "trunk lengths"} == set(units().values())
    assert not any("*" in measure.name or "*" in str(measure.args) for measure in table)
    assert picture_bound() == {m.name for m in table if m.unit == "m"}
