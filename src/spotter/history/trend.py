"""Where a measure is heading over weeks, and how sure that is: the Theil-Sen line with Sen's interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Direction = Literal["rising", "falling", "no clear change", "not enough to say"]

CONFIDENCE = 0.95
"""How often an interval is to hold the truth."""

LEAST_DAYS = 5
"""Days with a value that a 95 % interval needs: with four, even the whole range of slopes is one of 92 %."""

LEAST_SPAN_DAYS = 14.0
"""From the first of them to the last; from less, a change a week would be more guessed than measured."""

_MOST_POINTS = 120  # the pairs of more would take longer than they tell
_WEEK_DAYS = 7.0


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through values over days, with how steep else it could be.

    Attributes:
        per_week: how much the measure changes in a week, in its unit; NaN with fewer than two days.
        low, high: ends of the 95 % interval of that; NaN where there is too little to say.
        days: on how many days it is known.
        missing_days: how many days more are needed.
        missing_span_days: how much longer, in days, they must reach.
        middle_day, middle: a point of the line; the days are counted as those that came in.
    """

    per_week: float
    low: float
    high: float
    days: int
    missing_days: int
    missing_span_days: float
    middle_day: float
    middle: float

    @property
    def direction(self) -> Direction:
        """What may be said: a direction only where the interval leaves out a slope of 0."""
        if math.isnan(self.low):
            return "not enough to say"
        if self.low > 0:
            return "rising"
        return "falling" if self.high < 0 else "no clear change"

    def at(self, days: Floats) -> Floats:
        """The line's values on some days."""
        return np.asarray(self.middle + self.per_week / _WEEK_DAYS * (days - self.middle_day))

    def band(self, days: Floats) -> tuple[Floats, Floats]:
        """The lowest and the highest that the line could be on some days, turned about its middle."""
        ends = [
            self.middle + slope / _WEEK_DAYS * (days - self.middle_day) for slope in (self.low, self.high)
        ]
        return np.minimum(*ends), np.maximum(*ends)


def trend(days: NDArray[np.floating], values: NDArray[np.floating]) -> Trend:
    """The Theil-Sen line: the median of the slopes between all pairs of days (Theil 1950, Sen 1968).

    A single day that went wrong does not turn it, and days may lie as irregularly as they like. The interval
    is Sen's (J. Am. Stat. Assoc. 63(324):1379-1389): slopes ranked so far from both ends that Kendall's S
    leaves 2.5 % beyond each, by the exact distribution of S. It takes the days' deviations from the line for
    independent of each other and equally distributed, in whatever way.

    Values of one day are first made one, their mean. Of more than 120 days, equally many neighbours are made
    one, days and values alike, so that 120 or fewer are left; that keeps a straight line straight.

    Args:
        days: array (n,), in days from anywhere, in order of time.
        values: array (n,); NaN is passed over.

    >>> days = np.array([0.0, 2, 7, 9, 14, 16, 21])
    >>> found = trend(days, 80 + 2 * days / 7 + np.array([0.1, 0, -0.1, 0.2, 0, 0, 0.1]))
    >>> round(found.per_week, 2), found.direction
    (2.0, 'rising')
    >>> trend(days[:3], days[:3]).missing_days
    2
    """
    known = np.isfinite(values)
    x, y = _one_a_day(np.asarray(days, np.float64)[known], np.asarray(values, np.float64)[known])
    span = float(x[-1] - x[0]) if len(x) else 0.0
    missing_days = max(0, LEAST_DAYS - len(x))
    missing_span = max(0.0, LEAST_SPAN_DAYS - span)
    middle_day = float(np.median(x)) if len(x) else math.nan
    count = len(x)
    x, y = _neighbours_together(x, y)
    slopes = np.sort(_slopes(x, y))
    slope = float(slopes[(len(slopes) - 1) // 2] + slopes[len(slopes) // 2]) / 2 if len(slopes) else math.nan
    level = y - slope * (x - middle_day) if len(slopes) else y
    low = high = math.nan
    if not missing_days and not missing_span:
        low, high = _interval(slopes, len(x))
    return Trend(
        per_week=slope * _WEEK_DAYS,
        low=low * _WEEK_DAYS,
        high=high * _WEEK_DAYS,
        days=count,
        missing_days=missing_days,
        missing_span_days=missing_span,
        middle_day=middle_day,
        middle=float(np.median(level)) if len(level) else math.nan,
    )


def _one_a_day(days: Floats, values: Floats) -> tuple[Floats, Floats]:
    each, row, counts = np.unique(days, return_inverse=True, return_counts=True)
    return each, np.bincount(row, values, len(each)) / counts


def _neighbours_together(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    if len(x) <= _MOST_POINTS:
        return x, y
    starts = np.arange(0, len(x), math.ceil(len(x) / _MOST_POINTS))
    counts = np.diff(np.append(starts, len(x)))
    return np.add.reduceat(x, starts) / counts, np.add.reduceat(y, starts) / counts


def _slopes(x: Floats, y: Floats) -> Floats:
    """Slopes between all pairs, array (n * (n - 1) / 2,)."""
    first, second = _pairs(len(x))
    return np.asarray((y[second] - y[first]) / (x[second] - x[first]))


@cache
def _pairs(points: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.triu_indices(points, 1)


def _interval(slopes: Floats, points: int) -> tuple[float, float]:
    rank = _rank(points)
    return float(slopes[rank - 1]), float(slopes[len(slopes) - rank])


@cache
def _rank(points: int) -> int:
    """The largest rank from either end whose slopes hold the true one often enough; from 1.

    The slopes below the true one are the pairs that chance has put in the wrong order, and each order of the
    points is equally likely, so their number is distributed as the inversions of a permutation.

    >>> [_rank(points) for points in (5, 6, 8, 10)]
    [1, 2, 6, 12]
    """
    chance = np.ones(1)  # of each number of inversions
    for size in range(2, points + 1):  # the next point goes before 0 to size - 1 others, each as likely
        sums = np.cumsum(np.pad(chance, (size, size - 1)))
        chance = (sums[size:] - sums[:-size]) / size
    below = np.cumsum(chance)  # that at most so many pairs are in the wrong order
    return int(np.count_nonzero(below <= (1 - CONFIDENCE) / 2 + 1e-12))
