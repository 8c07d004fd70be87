"""The heart between readings: gaps stay gaps at every rhythm, and figures are of what was heard."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.coach.heart import GAP_S, HeartRate, figures, gap_s, gaps, rates_at


def heart_of(times: list[float], bpm: list[float]) -> HeartRate:
    return HeartRate(np.array(times), np.array(bpm, np.float32))


def every(step_s: float, until_s: float = 300.0, bpm: float = 120.0) -> HeartRate:
    times = np.arange(0.0, until_s, step_s)
    return HeartRate(times, np.full(len(times), bpm, np.float32))


@pytest.mark.parametrize(
    ("step_s", "longest_s"), [(0.5, 3.0), (1.0, 3.0), (2.0, 5.0), (5.0, 12.5), (10.0, 15.0), (60.0, 15.0)]
)
def test_a_watch_that_notes_rarely_is_not_lost_between(step_s: float, longest_s: float) -> None:
    heart = every(step_s, 1200.0)
    assert gap_s(heart) == longest_s
    assert bool(gaps(heart)) == (step_s > 15)


def test_a_lost_strap_is_a_gap_and_not_a_line() -> None:
    times = [float(second) for second in range(60) if not 20 <= second < 40]
    heart = heart_of(times, [80.0 + time_s for time_s in times])
    assert gaps(heart) == [(19.0, 40.0)]
    rates = rates_at(heart, [18.5, 20.0, 20.6, 30.0, 38.0, 38.6, 40.5, 61.0])
    expected = [98.5, 99.0, math.nan, math.nan, math.nan, 120.0, 120.5, math.nan]
    assert rates.tolist() == pytest.approx(expected, nan_ok=True)


def test_a_reading_that_is_no_number_is_none() -> None:
    heart = heart_of([0.0, 1.0, 2.0, 3.0, 9.0], [80.0, math.nan, 90.0, math.nan, 100.0])
    assert rates_at(heart, 1.0) == 85.0
    assert gaps(heart) == [(2.0, 9.0)]


@pytest.mark.parametrize("heart", [heart_of([], []), heart_of([1.0, 2.0], [math.nan, math.nan])])
def test_nothing_heard_is_not_known(heart: HeartRate) -> None:
    assert gaps(heart) == [] and gap_s(heart) == GAP_S
    assert np.isnan(rates_at(heart, [[0.0, 1.5], [2.0, 9.0]])).all()
    assert math.isnan(figures(heart, 0.0, 10.0).mean_bpm)


def test_figures_are_over_the_time_and_only_of_what_was_heard() -> None:
    heart = heart_of([0.0, 1.0, 2.0, 20.0, 21.0, 22.0], [100, 100, 100, 160, 180, 160])
    assert math.isnan(figures(heart, 0.0, 22.0).mean_bpm), "two thirds of it were not heard"
    assert figures(heart, 0.0, 3.0).mean_bpm == 100
    assert figures(heart, 19.0, 22.0).highest_bpm == 180
    uneven = heart_of([0.0, 0.1, 0.2, 0.3, 2.0], [100, 100, 100, 100, 200])
    assert figures(uneven, 0.0, 2.0).mean_bpm == pytest.approx(143, abs=3)
    assert figures(every(1.0), 5.0, 5.0).mean_bpm == 120


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True),
    st.lists(st.floats(-50, 450), min_size=1, max_size=20),
)
def test_a_rate_is_always_near_what_was_heard(seconds: list[int], moments: list[float]) -> None:
    times = np.array(sorted(seconds), np.float64)
    heart = HeartRate(times, (60 + times % 97).astype(np.float32))
    rates = rates_at(heart, moments)
    known = np.isfinite(rates)
    near = np.abs(np.asarray(moments)[:, None] - times).min(axis=1)
    assert (near[known] <= gap_s(heart) / 2 + 1e-9).all()
    assert known[near <= 1.5 - 1e-9].all(), "beside a reading the rate is known"
    assert (rates[known] >= heart.bpm.min()).all() and (rates[known] <= heart.bpm.max()).all()
