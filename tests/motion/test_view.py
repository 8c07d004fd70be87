"""How the camera sees the person: turn and view names."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spotter.body.keypoints import INDEX
from spotter.motion.view import azimuth, usual_view, view_names
from tests.motion.stick import Pose, clock, landmarks, make_motion

TURNS = [0, 30, 45, 89, 91, 135, 170, -20, -60, -90, -120, -179]


@pytest.mark.parametrize("degrees", TURNS)
@pytest.mark.parametrize("trunk", [0, 40], ids=["upright", "bowed"])
def test_azimuth_is_the_turn_of_the_body(degrees: float, trunk: float) -> None:
    assert azimuth(landmarks(Pose(azimuth=degrees, trunk=trunk, thigh=60, knee=80))).item() == pytest.approx(
        degrees
    )


@pytest.mark.parametrize(
    ("degrees", "name"),
    [
        (math.nan, "unknown"),
        (0, "front"), (24.9, "front"), (-24.9, "front"),
        (25.1, "oblique"), (-45, "oblique"), (59.9, "oblique"),
        (60.1, "side"), (90, "side"), (-90, "side"), (-119.9, "side"),
        (120.1, "oblique"), (150, "oblique"), (-154.9, "oblique"),
        (155.1, "back"), (180, "back"), (-180, "back"),
    ],
)  # fmt: skip
def test_view_names(degrees: float, name: str) -> None:
    assert view_names(np.array([degrees])).tolist() == [name]
    assert usual_view(np.array([degrees])) == name


@pytest.mark.parametrize(
    ("turns", "name"),
    [
        ([], "unknown"),
        ([math.nan, math.nan], "unknown"),
        ([math.nan, 5.0, math.nan], "front"),
        ([179.0, -179.0], "back"),  # their plain mean would be the front
        ([88.0, -92.0, 91.0], "side"),
        ([2.0, 3.0, 80.0], "front"),
        ([10.0, 80.0, 80.0], "side"),
    ],
)
def test_usual_view(turns: list[float], name: str) -> None:
    assert usual_view(np.array(turns)) == name


@pytest.mark.parametrize(("degrees", "name"), [(0, "front"), (45, "oblique"), (-90, "side"), (180, "back")])
def test_a_motion_knows_its_views(degrees: float, name: str) -> None:
    motion = make_motion(Pose(azimuth=degrees), clock(0.5), noise_m=0.003)
    assert set(motion.views.tolist()) == {name}
    assert np.abs(np.exp(1j * np.radians(motion.values["azimuth"] - degrees)) - 1).max() < 0.1


def test_hips_alone_or_shoulders_alone_are_not_enough() -> None:
    space = landmarks(Pose())
    space[:, INDEX["left_hip"]] = np.nan
    assert np.isnan(azimuth(space)).all()
