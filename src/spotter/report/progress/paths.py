"""Charts as SVG paths, in the units of the report's drawings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.report.axes import HEIGHT
from spotter.report.progress.bars import BarChart
from spotter.report.progress.charts import DotChart, Dots

Floats = NDArray[np.float64]

_MANY = 120  # dots that need to be small
_GAP = 0.18  # between two bars, of their distance
_GAP_MOST = 60  # drawing's units


@dataclass(frozen=True, slots=True)
class DotsPaths:
    """One measure: its name, dots, best dots, line and band; each may be empty."""

    name: str
    dots: str
    best: str
    line: str
    band: str
    clear: bool


@dataclass(frozen=True, slots=True)
class DotPaths:
    """A dot chart: its measures, its target in per cent from the top, and whether its dots are small."""

    measures: tuple[DotsPaths, ...]
    target: float | None
    many: bool


@dataclass(frozen=True, slots=True)
class BarPaths:
    """A bar chart: a path around all bars, and left end, width and words of each, in per cent."""

    bars: str
    spans: tuple[tuple[float, float, str], ...]


def dot_paths(chart: DotChart) -> DotPaths:
    """The paths of a dot chart."""
    target = None if chart.target is None else chart.axes.top(chart.target)
    many = max(len(one.days) for one in chart.dots) > _MANY
    return DotPaths(tuple(_measure(one, chart) for one in chart.dots), target, many)


def _measure(one: Dots, chart: DotChart) -> DotsPaths:
    said = one.trend.direction != "not enough to say"
    line = band = ""
    if said:
        ends = np.array([np.min(one.days), np.max(one.days)])
        around = np.unique(np.append(ends, one.trend.middle_day))
        below, above = one.trend.band(around)
        line = "M" + "L".join(chart.axes.xy(ends, one.trend.at(ends)))
        band = "M" + "L".join([*chart.axes.xy(around, above), *chart.axes.xy(around, below)[::-1]]) + "Z"
    clear = one.trend.direction in ("rising", "falling")
    best = "" if one.best is None else _dots(one.days, one.best, chart)
    return DotsPaths(one.name, _dots(one.days, one.values, chart), best, line, band, clear)


def _dots(days: Floats, values: Floats, chart: DotChart) -> str:
    """Lines without length: with round ends they are dots of any size, and one path of any number."""
    known = np.isfinite(values)
    return "".join(f"M{place}h0" for place in chart.axes.xy(days[known], values[known]))


def bar_paths(chart: BarChart) -> BarPaths:
    """The paths of a bar chart."""
    axes = chart.axes
    left, right = (axes.xy(days, np.zeros(len(days))) for days in (chart.begins, chart.ends))
    pieces, spans = [], []
    for first, last, height, hint in zip(left, right, chart.heights, chart.hints, strict=True):
        x, end = (int(place.split()[0]) for place in (first, last))
        gap = min(round(_GAP * (end - x)), _GAP_MOST)
        top = round(HEIGHT * (1 - height / axes.high))
        if height > 0:
            pieces.append(f"M{x + gap // 2} {HEIGHT}V{top}H{end - gap + gap // 2}V{HEIGHT}Z")
        spans.append((x / 100, (end - x) / 100, hint))
    return BarPaths("".join(pieces), tuple(spans))
