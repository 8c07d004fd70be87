"""Two sessions as plain shapes: their curves over each other, and their repetitions side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Rep
from spotter.history.compare import Difference, ExerciseComparison, rep_value
from spotter.history.measures import Measure, measure_table
from spotter.report.axes import Axes, Tick
from spotter.report.progress.charts import value_ends, value_ticks
from spotter.report.words import title_of

Floats = NDArray[np.float64]

_PHASES = ((0.0, "start"), (0.5, "turn"), (1.0, "end"))
_MEASURES = ("range_deg", "score", "out_s", "back_s")


@dataclass(frozen=True)
class CurveChart:
    """The working angle over all repetitions of two sessions.

    Attributes:
        title, about: what is shown, and the same in a sentence.
        curves: of the first and of the second session, array (n, 41).
        usual: the median of each, array (41,).
        axes: the phase from 0 to 1, and degrees.
        phases, values: marks of the axes.
    """

    title: str
    about: str
    curves: tuple[Floats, Floats]
    usual: tuple[Floats, Floats]
    axes: Axes
    phases: tuple[Tick, ...]
    values: tuple[Tick, ...]


@dataclass(frozen=True)
class PairChart:
    """A measure of the same repetitions of two sessions.

    Attributes:
        title, about: what is shown, and the same in a sentence.
        measure: of it.
        x: array (n,), places of the repetitions, with room between sets.
        first, second: arrays (n,), NaN where that session has no such repetition.
        error: of measuring a difference, a 95 % limit; None where it is not known.
        axes: places and values.
        sets, values: marks of the axes.
    """

    title: str
    about: str
    measure: Measure
    x: Floats
    first: Floats
    second: Floats
    error: float | None
    axes: Axes
    sets: tuple[Tick, ...]
    values: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a difference lies, in per cent of a scale with 0 in its middle; NaN where that is not known."""

    low: float
    high: float
    value: float
    error_low: float
    error_high: float


def curve_chart(one: ExerciseComparison) -> CurveChart | None:
    """The curves; None where one of the sessions has none."""
    if not all(len(curves) for curves in one.curves):
        return None
    low, high = value_ends(list(one.curves), None, "deg", 0.0, 180.0)
    axes = Axes(0.0, 1.0, low, high)
    title = title_of(one.angle)
    counts = [len(curves) for curves in one.curves]
    return CurveChart(
        title=title,
        about=f"{title} over the repetition, {counts[0]} of the first session and {counts[1]} of the second",
        curves=one.curves,
        usual=(np.median(one.curves[0], axis=0), np.median(one.curves[1], axis=0)),
        axes=axes,
        phases=tuple(Tick(axes.left(at), label) for at, label in _PHASES),
        values=value_ticks(axes, "deg"),
    )


def pair_charts(one: ExerciseComparison) -> tuple[PairChart, ...]:
    """Range, score and tempo of the repetitions, where both sessions know them; of holds, their lengths."""
    if not one.pairs:
        hold = _hold_chart(one)
        return () if hold is None else (hold,)
    charts = []
    for name in _MEASURES:
        first, second = (_values([getattr(pair, which) for pair in one.pairs], name) for which in _WHICH)
        if np.isfinite(first).any() and np.isfinite(second).any():
            charts.append(_pair_chart(one, measure_table()[name], first, second))
    return tuple(charts)


_WHICH = ("first", "second")


def interval(one: Difference) -> Interval:
    """A difference on a scale that holds its interval and the error of measuring."""
    low, high = one.interval
    error = one.error or 0.0
    known = [abs(value) for value in (low, high, one.shift.value, error) if math.isfinite(value)]
    most = 1.15 * max(known, default=1.0) or 1.0

    def place(value: float) -> float:
        return round(50 + 50 * value / most, 2)

    return Interval(*(place(value) for value in (low, high, one.shift.value, -error, error)))


def _hold_chart(one: ExerciseComparison) -> PairChart | None:
    lengths = [
        np.array([math.nan if hold is None else hold.end_s - hold.start_s for hold in holds])
        for holds in zip(*one.holds, strict=True)
    ]
    if not lengths:
        return None
    return _pair_chart(one, measure_table()["held_s"], lengths[0], lengths[1])


def _pair_chart(one: ExerciseComparison, measure: Measure, first: Floats, second: Floats) -> PairChart:
    numbers = np.array([pair.set_number for pair in one.pairs] or range(1, len(first) + 1))
    x = np.arange(len(first), dtype=np.float64) + (numbers - 1 if one.pairs else 0)
    low, high = value_ends([first, second], None, measure.unit, measure.least, measure.most)
    axes = Axes(-0.8, float(x[-1]) + 0.8, low, high)
    word = "set" if one.pairs else "hold"
    both = int((np.isfinite(first) & np.isfinite(second)).sum())
    return PairChart(
        title=measure.title,
        about=f"{measure.title} of {both} repetitions of both sessions, side by side",
        measure=measure,
        x=x,
        first=first,
        second=second,
        error=measure.same_view if one.same_view else measure.other_view,
        axes=axes,
        sets=tuple(
            Tick(axes.left(float(x[numbers == number].mean())), f"{word} {number}")
            for number in np.unique(numbers).tolist()
        ),
        values=value_ticks(axes, measure.unit),
    )


def _values(reps: Sequence[Rep | None], name: str) -> Floats:
    return np.array([math.nan if rep is None else rep_value(rep, name) for rep in reps])
