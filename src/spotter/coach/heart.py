"""The heart while somebody trains: what a strap or a watch said, where it was not heard, and its figures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

GAP_S = 3.0
"""A strap says something every second: where it says nothing for longer than this, it was not heard."""

_RHYTHM_TIMES, _RHYTHM_READINGS, _LONGEST_GAP_S = 2.5, 10, 15.0  # a watch may note the rate more rarely
_ALONE_S = 1.5  # how long a reading stands for the heart where there is none beside it
_LEAST_HEARD = 0.5  # of a time, for a mean or a highest rate to be said of it
_EVERY_S = 0.5


@dataclass(frozen=True)
class HeartRate:
    """The heart during a session; a lost strap leaves a gap in the times, nothing is filled in.

    Attributes:
        time_s: float64 array (n,), growing, in seconds from the session's beginning.
        bpm: float32 array (n,), beats a minute; NaN where nothing was heard.
        rr_time_s: float64 array (m,), when a beat came, in seconds from the session's beginning.
        rr_s: float32 array (m,), seconds since the beat before it.
        source: what it was read from, such as the strap's name or a file's; empty where that is not known.
    """

    time_s: NDArray[np.float64]
    bpm: NDArray[np.float32]
    rr_time_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    rr_s: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    source: str = ""


@dataclass(frozen=True, slots=True)
class HeartFigures:
    """The heart during one set; NaN where it was heard for less than half of it.

    Attributes:
        mean_bpm: mean over the time, not over the readings, in beats a minute.
        highest_bpm: highest reading, in beats a minute.
    """

    mean_bpm: float
    highest_bpm: float


def gap_s(heart: HeartRate) -> float:
    """How far apart readings may lie, in seconds, to belong to one curve: 3 to 15, by their usual distance.

    >>> gap_s(HeartRate(np.arange(60.0), np.full(60, 80, np.float32)))
    3.0
    >>> gap_s(HeartRate(np.arange(0.0, 300.0, 5.0), np.full(60, 80, np.float32)))
    12.5
    """
    time_s, _ = _heard(heart)
    if len(time_s) < _RHYTHM_READINGS:
        return GAP_S
    usual_s = float(np.median(np.diff(time_s)))
    return min(_LONGEST_GAP_S, max(GAP_S, _RHYTHM_TIMES * usual_s))


def gaps(heart: HeartRate) -> list[tuple[float, float]]:
    """Times during which nothing was heard: (last reading before, first one after), in seconds.

    >>> gaps(HeartRate(np.array([0.0, 1.0, 8.0]), np.array([80, 81, 95], np.float32)))
    [(1.0, 8.0)]
    """
    time_s, _ = _heard(heart)
    rows = np.flatnonzero(np.diff(time_s) > gap_s(heart))
    return [(float(time_s[row]), float(time_s[row + 1])) for row in rows]


def rates_at(heart: HeartRate, moments_s: ArrayLike) -> NDArray[np.float64]:
    """Beats a minute at moments, between readings on the line from one to the next; NaN inside gaps.

    Args:
        heart: what was heard.
        moments_s: in seconds, of any shape, which is the result's too.

    >>> heart = HeartRate(np.array([0.0, 2.0, 60.0]), np.array([80, 90, 120], np.float32))
    >>> rates_at(heart, [1.0, 3.0, 30.0, 59.0, 70.0])
    array([ 85.,  90.,  nan, 120.,  nan])
    """
    moments = np.asarray(moments_s, np.float64)
    time_s, bpm = _heard(heart)
    if not len(time_s):
        return np.full(moments.shape, np.nan)
    last = len(time_s) - 1
    before = (np.searchsorted(time_s, moments, side="right") - 1).clip(0, last)
    after = np.searchsorted(time_s, moments).clip(0, last)
    nearer = np.where(abs(moments - time_s[before]) <= abs(time_s[after] - moments), before, after)
    alone = np.where(abs(moments - time_s[nearer]) <= _ALONE_S, bpm[nearer], np.nan)
    between = (time_s[before] <= moments) & (moments <= time_s[after])
    joined = between & (time_s[after] - time_s[before] <= gap_s(heart))
    return np.where(joined, np.interp(moments, time_s, bpm), alone)


def figures(heart: HeartRate, start_s: float, end_s: float) -> HeartFigures:
    """The heart between two moments, in seconds.

    >>> heart = HeartRate(np.arange(20.0), np.arange(100, 120).astype(np.float32))
    >>> figures(heart, 0.0, 10.0), figures(heart, 15.0, 60.0)
    (HeartFigures(mean_bpm=105.0, highest_bpm=110.0), HeartFigures(mean_bpm=nan, highest_bpm=nan))
    """
    moments = np.linspace(start_s, end_s, max(2, round((end_s - start_s) / _EVERY_S) + 1))
    heard = rates_at(heart, moments)
    heard = heard[np.isfinite(heard)]
    if len(heard) < _LEAST_HEARD * len(moments):
        return HeartFigures(math.nan, math.nan)
    time_s, bpm = _heard(heart)
    within = bpm[(time_s >= start_s) & (time_s <= end_s)]
    return HeartFigures(float(heard.mean()), float(max(within.max(initial=0), heard.max())))


def _heard(heart: HeartRate) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times and rates of the readings that say something."""
    known = np.isfinite(heart.bpm)
    return heart.time_s[known], heart.bpm[known].astype(np.float64)
