"""Keeps a signal of any length in a bounded number of points, with its peaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_POINTS = 4000
"""A curve never has more points than this."""

_MAX_BINS = MAX_POINTS // 3 - 2  # each gives two points, and a third where a pause follows it
_PAUSE_TIMES, _PAUSE_S = 6.0, 0.5

Floats = NDArray[np.float64]

# Columns of a bin: time and value of its lowest and of its highest sample, and its standard deviation.
_LOW_S, _LOW, _HIGH_S, _HIGH, _SD = range(5)


@dataclass(frozen=True, slots=True)
class Points:
    """A curve to draw.

    Attributes:
        time_s: array (n,), growing.
        value: array (n,), NaN in gaps.
        sd: array (n,), standard deviation; NaN where it is not known.
    """

    time_s: Floats
    value: Floats
    sd: Floats

    def between(self, start_s: float, end_s: float) -> Points:
        """The points from one time to another, both included."""
        inside = (self.time_s >= start_s) & (self.time_s <= end_s)
        return Points(self.time_s[inside], self.value[inside], self.sd[inside])


class Curve:
    """A signal that grows and is thinned as it grows: each bin keeps its lowest and its highest sample.

    When there are too many bins, each two become one, so a video of ten hours takes no more memory than one
    of ten minutes, and no peak is lost. A bin without any value stays a gap.

    >>> curve = Curve()
    >>> curve.add(np.arange(100_000) / 30, np.sin(np.arange(100_000) / 50), np.ones(100_000))
    >>> points = curve.points()
    >>> len(points.time_s) <= MAX_POINTS, round(float(points.value.max()), 3)
    (True, 1.0)
    """

    def __init__(self) -> None:
        self._bins: Floats = np.empty((0, 5))
        self._samples_per_bin = 1
        self._waiting: Floats = np.empty((0, 3))

    def add(
        self, time_s: NDArray[np.floating], value: NDArray[np.floating], sd: NDArray[np.floating]
    ) -> None:
        """Append samples, arrays (n,), later than all before."""
        samples = np.vstack([self._waiting, np.stack([time_s, value, sd], axis=1).astype(np.float64)])
        while len(samples) // self._samples_per_bin + len(self._bins) > _MAX_BINS:
            self._halve()
        full = len(samples) - len(samples) % self._samples_per_bin
        self._bins = np.vstack([self._bins, _binned(samples[:full], self._samples_per_bin)])
        self._waiting = samples[full:]

    def points(self) -> Points:
        """The curve as it is now."""
        bins = np.vstack([self._bins, _binned(self._waiting, max(1, len(self._waiting)))])
        low, high = bins[:, [_LOW_S, _LOW, _SD]], bins[:, [_HIGH_S, _HIGH, _SD]]
        both = np.stack([low, high], axis=1)
        late = bins[:, _LOW_S] > bins[:, _HIGH_S]
        both[late] = both[late][:, ::-1]
        single = bins[:, _LOW_S] == bins[:, _HIGH_S]
        keep = np.ones((len(bins), 2), bool)
        keep[single, 1] = False
        time_s, value, sd = _lifted_over_pauses(both[keep]).T
        return Points(time_s, value, sd)

    def _halve(self) -> None:
        pairs = len(self._bins) // 2
        first, second = self._bins[: 2 * pairs : 2], self._bins[1 : 2 * pairs : 2]
        merged = np.empty((pairs, 5))
        for columns, better in (((_LOW_S, _LOW), np.less), ((_HIGH_S, _HIGH), np.greater)):
            take_second = better(second[:, columns[1]], first[:, columns[1]]) | np.isnan(first[:, columns[1]])
            merged[:, columns] = np.where(take_second[:, None], second[:, columns], first[:, columns])
        merged[:, _SD] = np.fmax(first[:, _SD], second[:, _SD])
        self._bins = np.vstack([merged, self._bins[2 * pairs :]])
        self._samples_per_bin *= 2


def _lifted_over_pauses(points: Floats) -> Floats:
    """Points (n, 3) with a gap at every pause: a step in time, where a bin has grown over it."""
    steps = np.diff(points[:, 0])
    if not len(steps):
        return points
    pauses = np.flatnonzero(steps > max(_PAUSE_TIMES * float(np.median(steps)), _PAUSE_S))
    gaps = np.full((len(pauses), 3), np.nan)
    gaps[:, 0] = points[pauses, 0] + steps[pauses] / 2
    return np.insert(points, pauses + 1, gaps, axis=0)


def _binned(samples: Floats, size: int) -> Floats:
    """Samples (n * size, 3) as bins (n, 5)."""
    groups = samples.reshape(-1, size, 3)
    rows = np.arange(len(groups))
    seen = np.isfinite(groups[:, :, 1])
    low = np.where(seen, groups[:, :, 1], np.inf).argmin(axis=1)
    high = np.where(seen, groups[:, :, 1], -np.inf).argmax(axis=1)
    sd = np.where(seen, groups[:, :, 2], np.nan)
    known = np.isfinite(sd).any(axis=1)
    worst = np.where(known, np.where(np.isfinite(sd), sd, -np.inf).max(axis=1, initial=-np.inf), np.nan)
    return np.column_stack(
        [groups[rows, low, 0], groups[rows, low, 1], groups[rows, high, 0], groups[rows, high, 1], worst]
    )
