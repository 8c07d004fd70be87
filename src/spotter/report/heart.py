"""Decides what the report says about the heart: its curve with the sets, figures of each, and short rests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Hold, Person, RepSet
from spotter.coach.heart import HeartRate, figures, gaps, rates_at
from spotter.coach.recovery import Recovery, recoveries, rest_advice, rest_rule, usual_drop
from spotter.report.axes import Axes, Tick, line_path
from spotter.report.charts import Chart, Line, Span
from spotter.report.curve import Points
from spotter.report.plots import ticks
from spotter.report.words import clock, counted, number

UNIT = "bpm"
"""Unit of the chart's values: beats a minute."""

_POINTS = 600  # of the curve: more than the page has pixels for
_STEP_BPM, _LEAST_BPM = 10.0, 40.0  # ends of the value axis lie on tens, and at least so far apart
_HEARD = 0.98
_MOST_GAPS = 3


@dataclass(frozen=True, slots=True)
class HeartRow:
    """One set or hold: its name, when, beats a minute in words, and whether the rest after it was short."""

    name: str
    time: str
    mean: str
    highest: str
    end: str
    rest: str
    drop: str
    short: bool


@dataclass(frozen=True, slots=True)
class HeartView:
    """All that the page says about the heart.

    Attributes:
        source: what it was read from; may be empty.
        chart: beats a minute over time, with sets and holds.
        rows: a set or hold each.
        advice: after which of them to rest a little longer.
        limit: where that limit comes from; empty without advice.
        later_s: seconds of rest after which it is said how far the heart came down.
        remark: what was not heard, or whose heart is not known; may be empty.
    """

    source: str
    chart: Chart
    rows: tuple[HeartRow, ...]
    advice: tuple[str, ...]
    limit: str
    later_s: float
    remark: str


def heart_view(heart: HeartRate, people: Sequence[Person], window_s: tuple[float, float]) -> HeartView | None:
    """Put together what the page says about the heart.

    Args:
        heart: with times as the video's.
        people: who was analysed; of several it is not known whose heart it is, and no set is named then.
        window_s: first and last time of what was analysed.

    Returns:
        None where nothing was heard meanwhile.
    """
    start_s, end_s = window_s
    moments = np.linspace(start_s, max(end_s, start_s + 1.0), _POINTS)
    rates = rates_at(heart, moments)
    known = rates[np.isfinite(rates)]
    if not len(known):
        return None
    done = people[0].efforts if len(people) == 1 else ()
    word = "hold" if done and isinstance(done[0], Hold) else "set"
    axes = Axes(start_s, float(moments[-1]), *_ends(float(known.min()), float(known.max())))
    rests = recoveries(done, heart)
    advice = rest_advice(rests, heart, word)
    short = {place for place, _ in advice}
    return HeartView(
        source=heart.source,
        chart=_chart(Points(moments, rates, np.full_like(rates, np.nan)), axes, done, word),
        rows=tuple(
            _row(place, word, one, rest, heart, place in short)
            for place, (one, rest) in enumerate(zip(done, rests, strict=True))
        ),
        advice=tuple(said for _, said in advice),
        limit=_limits(rests, short),
        later_s=rest_rule().after_s,
        remark=_remark(heart, rates, axes, len(people)),
    )


def _ends(low: float, high: float) -> tuple[float, float]:
    """Ends of the value axis, on tens.

    >>> _ends(82.0, 147.0), _ends(70.0, 71.0)
    ((80.0, 150.0), (50.0, 100.0))
    """
    short = max(0.0, _LEAST_BPM - (high - low)) / 2
    return (
        max(0.0, math.floor((low - short) / _STEP_BPM) * _STEP_BPM),
        math.ceil((high + short) / _STEP_BPM) * _STEP_BPM,
    )


def _chart(points: Points, axes: Axes, done: Sequence[RepSet | Hold], word: str) -> Chart:
    spans = []
    for place, one in enumerate(done, start=1):
        left = axes.left(one.start_s)
        width = round(axes.left(one.end_s) - left, 3)
        spans.append(Span(left, width, str(place), word, f"{word.capitalize()} {place}"))
    seen = points.value[np.isfinite(points.value)]
    marked = f", with {counted(len(done), word, f'{word}s')} marked" if done else ""
    return Chart(
        heading="",
        about=f"Heart rate over time, from {seen.min():.0f} to {seen.max():.0f} beats a minute{marked}.",
        unit=UNIT,
        lines=(Line("Heart rate", line_path(points, axes), ""),),
        spans=tuple(spans),
        marks=(),
        times=axes.times(),
        values=tuple(Tick(axes.top(bpm), f"{bpm:g}") for bpm in ticks(axes.low, axes.high)),
        start_s=axes.start_s,
        end_s=axes.end_s,
        low=axes.low,
        high=axes.high,
        min_px=0,
    )


def _row(
    place: int, word: str, one: RepSet | Hold, rest: Recovery, heart: HeartRate, short: bool
) -> HeartRow:
    worked = figures(heart, one.start_s, one.end_s)
    return HeartRow(
        name=f"{word.capitalize()} {place + 1}",
        time=f"{clock(one.start_s)} to {clock(one.end_s)}",
        mean=number(worked.mean_bpm),
        highest=number(worked.highest_bpm),
        end=number(rest.end_bpm),
        rest=clock(rest.rest_s),
        drop=_signed(-rest.drop_bpm),
        short=short,
    )


def _signed(change_bpm: float) -> str:
    r"""A change with its sign.

    >>> _signed(-24.4) == "\N{MINUS SIGN}24", _signed(0.2), _signed(3.0)
    (True, '0', '+3')
    """
    words = number(abs(change_bpm))
    sign = "\N{MINUS SIGN}" if change_bpm < 0 else "+"
    return f"{sign}{words}" if math.isfinite(change_bpm) and words != "0" else words


def _limits(rests: Sequence[Recovery], short: set[int]) -> str:
    """Where the limits come from that the rests were short by."""
    used = [rest_rule().limit(usual_drop(rests[:place]))[1].source for place in sorted(short)]
    return " ".join(dict.fromkeys(used))


def _remark(heart: HeartRate, rates: NDArray[np.float64], axes: Axes, people: int) -> str:
    said = []
    share = float(np.isfinite(rates).mean())
    if share < _HEARD:
        silent = [
            f"{clock(first)} to {clock(last)}"
            for first, last in gaps(heart)
            if axes.start_s <= first < axes.end_s
        ]
        where = f", not from {' and from '.join(silent)}" if 0 < len(silent) <= _MOST_GAPS else ""
        said.append(f"The heart was heard {100 * share:.0f} % of the time{where}; the line is broken there.")
    if people > 1:
        said.append("Several people were analysed, and whose heart this is, is not known: no set is named.")
    return " ".join(said)
