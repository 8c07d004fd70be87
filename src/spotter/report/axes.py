"""Axes of a chart: where a time and a value lie, what is written along them, and paths through a curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.report.curve import Points
from spotter.report.words import clock

WIDTH, HEIGHT = 10_000, 1_000
"""Units of the drawing that the paths are in; the page stretches it to any size."""

_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_VALUE_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 45, 60, 90)
_TIME_TICKS, _VALUE_TICKS = 7, 6
_LEAST_RANGE = {"deg": 20.0}  # so that a held posture is not blown up to fill the drawing


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, in per cent from the left or the top, and what is written there."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Axes:
    """Ends of the time axis in seconds and of the value axis in the values' unit."""

    start_s: float
    end_s: float
    low: float
    high: float

    def left(self, time_s: float) -> float:
        """Per cent from the left, held inside."""
        return round(100 * min(1.0, max(0.0, (time_s - self.start_s) / (self.end_s - self.start_s))), 3)

    def top(self, value: float) -> float:
        """Per cent from the top, held inside."""
        return round(100 * min(1.0, max(0.0, (self.high - value) / (self.high - self.low))), 3)

    def xy(self, time_s: NDArray[np.floating], value: NDArray[np.floating]) -> list[str]:
        """Places in the drawing's units."""
        x = np.round((time_s - self.start_s) / (self.end_s - self.start_s) * WIDTH).clip(0, WIDTH).astype(int)
        y = np.round((self.high - value) / (self.high - self.low) * HEIGHT).clip(0, HEIGHT).astype(int)
        return [f"{a} {b}" for a, b in zip(x.tolist(), y.tolist(), strict=True)]

    def times(self) -> tuple[Tick, ...]:
        """Marks of the time axis."""
        places = _ticks(self.start_s, self.end_s, _TIME_STEPS_S, _TIME_TICKS)
        return tuple(Tick(self.left(place), clock(place)) for place in places)

    def values(self, unit: str) -> tuple[Tick, ...]:
        """Marks of the value axis."""
        places = _ticks(self.low, self.high, _VALUE_STEPS, _VALUE_TICKS)
        return tuple(Tick(self.top(place), value_label(place, unit)) for place in places)


def line_path(points: Points, axes: Axes) -> str:
    """An SVG path along a curve; it is lifted at gaps, and a lone sample becomes a dot.

    >>> nan = float("nan")
    >>> values = np.array([0.0, 10.0, nan, 5.0])
    >>> line_path(Points(np.arange(4.0), values, values), Axes(0, 4, 0, 10))
    'M0 1000L2500 0M7500 500h0'
    """
    pieces = []
    for piece in _runs(np.isfinite(points.value)):
        places = axes.xy(points.time_s[piece], points.value[piece])
        pieces.append("M" + "L".join(places) + ("h0" if len(places) == 1 else ""))
    return "".join(pieces)


def band_path(points: Points, axes: Axes) -> str:
    """An SVG path around one standard deviation above and below a curve; empty where none is known."""
    pieces = []
    for piece in _runs(np.isfinite(points.value) & np.isfinite(points.sd)):
        time_s, value, sd = points.time_s[piece], points.value[piece], points.sd[piece]
        above, below = axes.xy(time_s, value + sd), axes.xy(time_s, value - sd)
        pieces.append("M" + "L".join([*above, *below[::-1]]) + "Z")
    return "".join(pieces)


def value_range(values: NDArray[np.floating], unit: str) -> tuple[float, float]:
    """Ends of the value axis around what was seen, with some air.

    >>> value_range(np.array([80.0, 170.0]), "deg")
    (70.0, 180.0)
    """
    low, high = float(values.min()), float(values.max())
    short = max(_LEAST_RANGE.get(unit, 0.1) - (high - low), 0.0) / 2
    low, high = low - short, high + short
    air = 0.06 * (high - low)
    step = 10.0 if unit == "deg" else 0.1
    low, high = math.floor((low - air) / step) * step, math.ceil((high + air) / step) * step
    return (max(low, 0.0), min(high, 180.0)) if unit == "deg" else (low, high)


def _runs(good: NDArray[np.bool_]) -> list[slice]:
    """Unbroken stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    return [slice(first, last) for first, last in edges.reshape(-1, 2).tolist()]


def _ticks(low: float, high: float, steps: Sequence[float], most: int) -> list[float]:
    step = next((one for one in steps if (high - low) / one <= most), steps[-1])
    step *= max(1, math.ceil((high - low) / step / most))
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def value_label(value: float, unit: str) -> str:
    """A value as it stands on an axis.

    >>> value_label(90.0, "deg"), value_label(0.5, "ratio")
    ('90°', '0.5')
    """
    return f"{value:.0f}°" if unit == "deg" else f"{value:g}"
