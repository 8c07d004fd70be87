"""Measures over days as plain shapes: a page draws them in SVG, a picture in pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.history.exercise_progress import ExerciseProgress, MeasureProgress
from spotter.history.measures import Unit, said
from spotter.history.trend import Trend
from spotter.report.axes import Axes, Tick
from spotter.report.plots import ticks
from spotter.report.progress.dates import day_marks
from spotter.report.progress.told import Said, measure_said

Floats = NDArray[np.float64]

_LEAST_RANGE: dict[Unit, float] = {"deg": 20.0, "points": 20.0, "share": 0.1, "s": 0.5, "kg": 10, "count": 4}
_AIR = 0.08
_MARKS, _VALUES = 6, 4
_EDGE_DAYS = 0.02  # of the axis, left and right of the first and the last session


@dataclass(frozen=True)
class Dots:
    """One measure in a chart.

    Attributes:
        name: as the legend has it; empty where it is alone.
        days: array (n,), days since 1970.
        values: array (n,), NaN where it is not known.
        best: array (n,), of the best repetition; None where there is none.
        trend: its line, drawn where something can be said.
    """

    name: str
    days: Floats
    values: Floats
    best: Floats | None
    trend: Trend


@dataclass(frozen=True)
class DotChart:
    """Sessions over days.

    Attributes:
        title: what is shown.
        about: the same in a sentence, for those who cannot see it.
        dots: one measure, or those of the tempo.
        said: where each is heading.
        latest: the last value, as it is written.
        target: what is aimed at; None for no aim.
        target_label: that in words.
        axes: ends of both axes, the days as seconds are elsewhere.
        days, values: marks of the axes.
    """

    title: str
    about: str
    dots: tuple[Dots, ...]
    said: tuple[Said, ...]
    latest: str
    target: float | None
    target_label: str
    axes: Axes
    days: tuple[Tick, ...]
    values: tuple[Tick, ...]


def dot_charts(progress: ExerciseProgress) -> tuple[DotChart, ...]:
    """A chart for each measure that is known, and one for the tempo."""
    charts: dict[str, list[MeasureProgress]] = {}
    for one in progress.measures:
        charts.setdefault(one.measure.chart, []).append(one)
    return tuple(_dot_chart(title, group, progress) for title, group in charts.items())


def _dot_chart(title: str, group: Sequence[MeasureProgress], progress: ExerciseProgress) -> DotChart:
    measure = group[0].measure
    days = progress.sessions.days.astype(np.float64)
    alone = len(group) == 1
    names = ["" if alone else one.measure.title for one in group]
    dots = tuple(
        Dots(name, days, one.values, one.best, one.trend) for name, one in zip(names, group, strict=True)
    )
    target = group[0].target
    drawn = [values for one in dots for values in (one.values, one.best) if values is not None]
    axes = Axes(*_ends(days), *value_ends(drawn, target, measure.unit, measure.least, measure.most))
    weeks = float(days[-1] - days[0]) / 7
    sentences = tuple(measure_said(one, progress.exercise, weeks) for one in group)
    heading = [f"{one.title.lower()} " if name else "" for name, one in zip(names, sentences, strict=True)]
    words = [f"{one.words} ({one.remark})" for one in sentences]
    return DotChart(
        title=title,
        about=f"{title} over {len(days)} sessions: "
        + "; ".join(head + word for head, word in zip(heading, words, strict=True)),
        dots=dots,
        said=sentences,
        latest=" · ".join(said(last_known(one.values), measure.unit, measure.places) for one in group),
        target=target,
        target_label="" if target is None else f"aim {said(target, measure.unit, measure.places)}",
        axes=axes,
        days=day_ticks(axes),
        values=value_ticks(axes, measure.unit),
    )


def _ends(days: Floats) -> tuple[float, float]:
    first, last = float(days.min()), float(days.max())
    air = max(_EDGE_DAYS * (last - first), 0.5)
    return first - air, last + air


def value_ends(
    drawn: Sequence[Floats], target: float | None, unit: Unit, least: float | None, most: float | None
) -> tuple[float, float]:
    """Round ends of the value axis around all that is drawn.

    Args:
        drawn: arrays of any shape, NaN is passed over; at least one value is known.
        target: that is drawn too; None for none.
        unit: of the values; small differences do not fill the axis.
        least, most: ends that the axis does not go beyond.

    >>> value_ends([np.array([71.0, 96.0])], 95.0, "deg", 0, 180)
    (60.0, 100.0)
    """
    known = np.concatenate([values.ravel() for values in drawn] + ([] if target is None else [[target]]))
    known = known[np.isfinite(known)]
    low, high = float(known.min()), float(known.max())
    short = max(_LEAST_RANGE[unit] - (high - low), 0.0) / 2
    air = _AIR * (high - low)
    low, high = low - short - air, high + short + air
    marks = ticks(low, high, _VALUES)
    step = marks[1] - marks[0] if len(marks) > 1 else high - low
    low, high = (
        round(end, 9) for end in (math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step)
    )
    low = low if least is None else max(low, least)
    return low, high if most is None else min(high, most)


def value_ticks(axes: Axes, unit: Unit) -> tuple[Tick, ...]:
    """Marks of the value axis, at round values."""
    marks = ticks(axes.low, axes.high, _VALUES)
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    places = 1 if unit == "s" and step < 1 else 0
    return tuple(Tick(axes.top(value), said(value, unit, places)) for value in marks)


def day_ticks(axes: Axes) -> tuple[Tick, ...]:
    """Marks of the axis of days."""
    first, last = (np.datetime64(day, "D") for day in (math.ceil(axes.start_s), math.floor(axes.end_s)))
    marks = day_marks(first, last, _MARKS)
    return tuple(Tick(axes.left(float(day.astype(float))), label) for day, label in marks)


def last_known(values: Floats) -> float:
    """The last one that is known; NaN where none is."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else math.nan
