"""Trends and shifts: by hand where that can be done, and how often an interval holds the truth."""

from __future__ import annotations

import math
from itertools import combinations, permutations, product

import numpy as np
import pytest

from spotter.history.shift import LEAST_EACH, shift
from spotter.history.trend import LEAST_DAYS, LEAST_SPAN_DAYS, trend

NAN = math.nan


def test_the_slope_is_the_median_of_all_slopes() -> None:
    days = np.array([0.0, 7.0, 14.0, 21.0, 35.0])
    values = np.array([50.0, 52.0, 51.0, 56.0, 60.0])
    # by hand, a week: 2, 0.5, 2, 2 | -1, 2, 2 | 5, 3 | 2
    by_hand = sorted([2.0, 0.5, 2.0, 2.0, -1.0, 2.0, 2.0, 5.0, 3.0, 2.0])
    found = trend(days, values)
    assert found.per_week == pytest.approx(2.0)
    # of five points only all ten slopes hold the true one often enough: from the least to the largest
    assert (found.low, found.high) == pytest.approx((by_hand[0], by_hand[-1]))
    assert found.direction == "no clear change"
    assert (found.middle_day, found.days) == (14.0, 5)
    # the line's level: the median of 50 + 4, 52 + 2, 51, 56 - 2, 60 - 6
    assert found.middle == pytest.approx(54.0)
    assert found.at(np.array([21.0]))[0] == pytest.approx(56.0)


def test_the_interval_is_that_of_kendalls_table() -> None:
    # Hollander and Wolfe, table A.30: P(S >= 18) = 0.0156, P(S >= 16) = 0.0305 for n = 8: C = 18, so the
    # sixth of the 28 slopes from either end
    rng = np.random.default_rng(3)
    days = np.sort(rng.choice(100, 8, replace=False)).astype(float)
    values = rng.normal(size=8)
    slopes = sorted(7 * (values[j] - values[i]) / (days[j] - days[i]) for i, j in combinations(range(8), 2))
    found = trend(days, values)
    assert (found.low, found.high) == pytest.approx((slopes[5], slopes[22]))


def test_one_wrong_day_does_not_turn_it() -> None:
    days = np.arange(0, 63, 7.0)
    values = 80 + days / 7
    values[4] = 0.0
    found = trend(days, values)
    assert found.per_week == pytest.approx(1.0) and found.direction == "rising"


def test_too_little_is_said_with_what_is_missing() -> None:
    assert trend(np.zeros(0), np.zeros(0)).missing_days == LEAST_DAYS
    one = trend(np.array([3.0]), np.array([80.0]))
    assert (one.direction, one.missing_days, one.middle) == ("not enough to say", 4, 80.0)
    assert math.isnan(one.per_week) and one.missing_span_days == LEAST_SPAN_DAYS
    four = trend(np.array([0.0, 10, 20, 30]), np.array([1.0, 2, 3, 4]))
    assert four.per_week == pytest.approx(0.7) and four.missing_days == 1
    assert math.isnan(four.low) and four.direction == "not enough to say"
    short = trend(np.arange(6.0), np.arange(6.0))
    assert (short.missing_days, short.missing_span_days) == (0, 9.0)
    assert short.direction == "not enough to say"
    unknown = trend(np.arange(0, 70, 7.0), np.full(10, NAN))
    assert unknown.days == 0 and math.isnan(unknown.middle)


def test_sessions_of_one_day_are_one_and_unknown_ones_none() -> None:
    days = np.array([0.0, 0, 7, 7, 7, 14, 21])
    values = np.array([10.0, 12, NAN, 12, 14, NAN, 15])
    found = trend(days, values)
    assert (found.days, found.missing_days) == (3, 2)
    assert found.per_week == pytest.approx(np.median([2.0, 4 / 3, 1.0]))


def test_a_level_measure_neither_rises_nor_falls() -> None:
    found = trend(np.arange(0, 140, 7.0), np.full(20, 90.0))
    assert (found.per_week, found.low, found.high) == (0.0, 0.0, 0.0)
    assert found.direction == "no clear change"


def test_the_band_holds_the_line_and_turns_about_the_middle() -> None:
    rng = np.random.default_rng(1)
    days = np.arange(0, 200, 4.0)
    found = trend(days, 60 + 0.1 * days + rng.normal(0, 2, 50))
    low, high = found.band(days)
    assert (low <= found.at(days)).all() and (found.at(days) <= high).all()
    middle_low, middle_high = found.band(np.array([found.middle_day]))
    assert middle_low[0] == pytest.approx(middle_high[0]) == pytest.approx(found.middle)


@pytest.mark.parametrize(
    ("sessions", "errors", "years"),
    [(6, "normal", 0.3), (12, "heavy", 1.0), (30, "skewed", 2.0), (45, "normal", 0.3), (300, "heavy", 4.0)],
)
def test_the_interval_holds_the_true_slope_in_95_of_100_draws(
    sessions: int, errors: str, years: float
) -> None:
    rng = np.random.default_rng(sessions)
    draws, held = 500, 0
    for _ in range(draws):
        days = np.sort(rng.choice(round(365 * years), sessions, replace=False)).astype(float)
        days[-1] = max(days[-1], days[0] + 15)
        error = {
            "normal": lambda: rng.normal(size=sessions),
            "heavy": lambda: rng.standard_t(2, sessions),
            "skewed": lambda: rng.exponential(size=sessions),
        }[errors]()
        found = trend(days, 70 + 0.4 * days / 7 + 3 * error)
        held += found.low <= 0.4 <= found.high
    # of few points the interval holds more, for its ends are slopes; 500 draws are good to 2 %
    assert 0.93 <= held / draws <= (0.975 if sessions >= 12 else 1.0)


def test_nothing_that_changes_is_seldom_called_a_change() -> None:
    rng = np.random.default_rng(11)
    days = np.arange(0, 210, 7.0)
    called = sum(trend(days, rng.normal(85, 5, 30)).direction != "no clear change" for _ in range(400))
    assert called / 400 < 0.08


def test_a_shift_is_the_median_of_all_differences() -> None:
    found = shift(np.array([1.0, 4.0, NAN]), np.array([3.0, 9.0]))
    assert found.value == pytest.approx(np.median([2.0, 8.0, -1.0, 5.0]))
    assert found.missing == 2 and math.isnan(found.low)
    nothing = shift(np.array([NAN]), np.array([1.0]))
    assert math.isnan(nothing.value) and nothing.missing == LEAST_EACH


def test_the_shifts_interval_is_exact_for_every_order() -> None:
    # of 4 and 5 values every order is as likely: count in how many the true shift, 0, lies in the interval
    held = total = 0
    for chosen in combinations(range(9), 4):
        first = np.array([float(value) for value in chosen])
        second = np.array([float(value) for value in range(9) if value not in chosen])
        found = shift(first, second)
        total += 1
        held += found.low < 0 < found.high
    assert total == 126 and held / total >= 0.95
    # one rank further in it would be less: of the 20 differences, 3 to 17 below 0
    below = [
        sum(b < a for a, b in product(chosen, set(range(9)) - set(chosen)))
        for chosen in combinations(range(9), 4)
    ]
    assert held == sum(2 <= count <= 18 for count in below)
    assert sum(3 <= count <= 17 for count in below) / total < 0.95


def test_the_trends_interval_is_exact_for_every_order() -> None:
    days = np.arange(6) * 7.0
    held = sum(
        (found := trend(days, np.array(order, float))).low <= 0 <= found.high
        for order in permutations(range(6))
    )
    assert 0.95 <= held / math.factorial(6) < 1


def test_large_groups_are_as_exact_as_small_ones() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(300):
        found = shift(rng.exponential(size=70), 0.5 + rng.exponential(size=60))
        held += found.low <= 0.5 <= found.high
    assert 0.92 <= held / 300 <= 0.98
