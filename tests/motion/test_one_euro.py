"""The One-Euro filter for live use: quick in motion, quiet at rest, and honest about what is not seen."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spotter.motion.filters import OneEuro
from tests.motion.stick import Array, clock, glide

MIN_CUTOFF_HZ, BETA = 1.5, 4.0


def filtered(time_s: Array, values: Array, beta: float = BETA) -> Array:
    euro = OneEuro(MIN_CUTOFF_HZ, beta)
    return np.array([euro(float(t), np.atleast_1d(v)) for t, v in zip(time_s, values, strict=True)]).reshape(
        values.shape
    )


@pytest.mark.parametrize("fps", [15, 30, 60, 120])
def test_a_step_is_followed_without_overshoot(fps: float) -> None:
    time_s = clock(3, fps)
    step = np.where(time_s >= 1, 0.5, 0.0)
    out = filtered(time_s, step)
    assert (out[time_s < 1] == 0).all()
    assert (np.diff(out) >= 0).all()
    assert out.max() <= 0.5
    assert out[time_s >= 1.15][0] > 0.45
    assert out[-1] == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_a_resting_joint_trembles_less(fps: float) -> None:
    noise = np.random.default_rng(0).normal(0, 0.005, round(fps * 20))
    out = filtered(np.arange(noise.size) / fps, noise)
    assert out[10:].std() < (0.75 if fps == 15 else 0.6) * noise.std()


def test_a_squat_lags_less_than_a_tenth_of_a_second() -> None:
    time_s = clock(4)
    hips = glide(time_s, (0, 0), (1, 0), (2, 0.45), (3, 0), (4, 0))
    out = filtered(time_s, hips)
    lags = np.arange(0, 8)
    misfit = [np.abs(out[8:] - np.roll(hips, lag)[8:]).mean() for lag in lags]
    assert lags[int(np.argmin(misfit))] / 30 < 0.1
    assert np.abs(out - hips).max() < 0.06


def test_speed_opens_the_filter() -> None:
    time_s = clock(1)
    ramp = 2.0 * time_s
    slow, quick = filtered(time_s, ramp, beta=0.0), filtered(time_s, ramp, beta=BETA)
    assert ramp[-1] - quick[-1] < 0.3 * (ramp[-1] - slow[-1])


def test_each_value_is_filtered_for_itself() -> None:
    time_s = clock(1)
    both = np.stack([np.where(time_s > 0.5, 1.0, 0.0), np.full(31, 3.0)], axis=1)
    out = filtered(time_s, both)
    assert (out[:, 1] == 3.0).all()
    assert out[:, 0].tolist() == filtered(time_s, both[:, 0]).tolist()


def test_nan_passes_through_and_starts_anew() -> None:
    euro = OneEuro(MIN_CUTOFF_HZ, BETA)
    for k in range(10):
        euro(k / 30, np.array([0.0, 1.0]))
    gone = euro(10 / 30, np.array([math.nan, 1.0]))
    assert math.isnan(gone[0])
    assert gone[1] == 1.0
    assert euro(11 / 30, np.array([8.0, 1.0])).tolist() == [8.0, 1.0]  # no trail from where it was before
    after = euro(12 / 30, np.array([8.5, 1.0]))
    assert 8.0 < after[0] < 8.5


@pytest.mark.parametrize("later", [0.5, 0.2], ids=["the same time", "an earlier time"])
def test_time_that_does_not_grow_starts_anew(later: float) -> None:
    euro = OneEuro(MIN_CUTOFF_HZ, BETA)
    euro(0.5, np.array([1.0]))
    assert euro(later, np.array([4.0])).tolist() == [4.0]


def test_what_comes_in_is_not_changed() -> None:
    euro, values = OneEuro(MIN_CUTOFF_HZ, BETA), np.array([1.0, 2.0])
    first = euro(0.0, values)
    first += 5
    assert values.tolist() == [1.0, 2.0]
    assert euro(0.1, values).tolist() == [1.0, 2.0]
