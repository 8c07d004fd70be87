"""The fit of the angles' uncertainty: it finds the constants that errors were made with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.uncertainty import GRID, fit_tables, spread_of
from spotter.motion.angles import angle_uncertainty, measure_angles
from tests.motion.stick import Pose, landmarks

TRUE = (0.02, 0.04, 3.0, 1.0)
N = 30_000


@dataclass(frozen=True)
class Made:
    """Errors drawn with known constants."""

    exercise: str
    error: NDArray[np.float64]
    sd: NDArray[np.float64]
    plane: NDArray[np.float64]
    depth: NDArray[np.float64]
    seen: NDArray[np.float64]


def made(exercise: str, seed: int) -> Made:
    draw = np.random.default_rng(seed)
    plane, depth = draw.uniform(50, 500, N), draw.uniform(50, 500, N)
    seen = draw.uniform(0.2, 1, N)
    blur = 1 + TRUE[3] * (1 - seen)
    sd = np.sqrt(TRUE[2] ** 2 + ((TRUE[0] * plane) ** 2 + (TRUE[1] * depth) ** 2) * blur**2)
    return Made(exercise, draw.normal(0, sd), sd, plane, depth, seen)


def test_the_fit_finds_the_constants_that_errors_were_made_with() -> None:
    assert TRUE in GRID
    (table,) = fit_tables([made("squat", 1), made("lunge", 2)])
    now, fitted, *left_out = table.rows
    assert now[1:5] == (None,) * 4
    for row in (fitted, *left_out):
        assert row[1:5] == TRUE
    for row in table.rows:  # what was said is what it was made with, so both are well calibrated
        assert row[5:8] == pytest.approx((68.3, 95.4, 1.0), abs=1.0)


def test_the_spread_is_how_far_an_angle_moves_with_its_landmarks() -> None:
    space = landmarks(Pose(knee=90, thigh=80, azimuth=np.array([0.0, 90.0])))
    plane, depth = spread_of(space)
    moved = space.copy()
    step_m = 1e-3
    for axis, spread in ((2, depth), (0, plane)):
        moved = space.copy()
        moved[:, 27, axis] += step_m  # the left ankle
        change = np.abs(measure_angles(moved)["left_knee"] - measure_angles(space)["left_knee"])
        assert (change <= step_m * spread["left_knee"] + 0.01).all()
    facing, sideways = depth["left_knee"]
    assert facing > sideways  # bent towards the camera, the angle lies in depth
    said = angle_uncertainty(space, np.ones(space.shape[:2]))["left_knee"]
    assert (said > 0).all()
