"""Turns curves and repetitions into what the page draws: SVG paths and places in per cent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Fault, Hold, Person, Rep, Severity
from spotter.report.axes import Axes, Tick, band_path, line_path, value_label, value_range
from spotter.report.collect import MARGIN_S, SHORT_S, active_times
from spotter.report.curve import Points
from spotter.report.palette import SEVERITY_RANK
from spotter.report.words import amount, clock, counted, fault_title, title_of

_REP_PX, _MAX_PX = 20, 2_400
_IN_A_GAP = 92.0  # per cent from the top, where there is no curve to put a mark on


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the video, and its heading (empty for all of it)."""

    heading: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name, the path along it, and the path around its uncertainty (empty where unknown)."""

    name: str
    path: str
    band: str


@dataclass(frozen=True, slots=True)
class Span:
    """A repetition, an attempt or a hold on the time axis, in per cent.

    Attributes:
        left, width: in per cent of the axis.
        label: what is written above it; empty where there is no room.
        kind: ``"rep"``, ``"attempt"`` or ``"hold"``.
        hint: what it is, in words.
    """

    left: float
    width: float
    label: str
    kind: str
    hint: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A fault on the curve, in per cent from the left and the top, with its severity and its words."""

    left: float
    top: float
    severity: Severity
    hint: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the page needs to draw one chart.

    Attributes:
        heading: which part of the video, such as ``"Set 2, from 4:10"``; empty for all of it.
        about: what is shown in a sentence, for those who cannot see it.
        unit: the values' unit.
        lines, spans, marks: what is drawn.
        times, values: the axes' marks.
        start_s, end_s, low, high: the axes' ends.
        min_px: width below which the page lets the reader scroll.
    """

    heading: str
    about: str
    unit: str
    lines: tuple[Line, ...]
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    times: tuple[Tick, ...]
    values: tuple[Tick, ...]
    start_s: float
    end_s: float
    low: float
    high: float
    min_px: int


def angle_chart(
    title: str,
    unit: str,
    curves: dict[str, Points],
    person: Person,
    window: Window,
    fault_titles: dict[str, str],
) -> Chart | None:
    """The chart of one signal, or of the same angle left and right.

    Args:
        title: what is shown.
        unit: of the values.
        curves: signal name to points; gaps (NaN) stay gaps.
        person: whose repetitions, attempts, holds and faults are marked.
        window: the part that is drawn.
        fault_titles: fault name to title.

    Returns:
        The chart; None where nothing was seen.
    """
    start, end = window.start_s, max(window.end_s, window.start_s + 1e-3)
    curves = {name: points.between(start, end) for name, points in curves.items()}
    with_band = len(curves) == 1
    drawn = [value for points in curves.values() for value in _extent(points, with_band)]
    seen = np.concatenate(drawn)
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return None
    axes = Axes(start, end, *value_range(seen, unit))
    reps = [rep for rep in person.reps if rep.end_s >= start and rep.start_s <= end]
    holds = [hold for hold in person.holds if hold.end_s >= start and hold.start_s <= end]
    min_px = _min_px(reps, end - start)
    return Chart(
        heading=window.heading,
        about=_about(title, reps, holds, axes, unit),
        unit=unit,
        lines=tuple(
            Line(title_of(name), line_path(points, axes), band_path(points, axes) if with_band else "")
            for name, points in curves.items()
        ),
        spans=tuple(_spans(reps, holds, axes, min_px)),
        marks=tuple(_marks(reps, holds, next(iter(curves.values())), axes, fault_titles)),
        times=axes.times(),
        values=axes.values(unit),
        start_s=start,
        end_s=end,
        low=axes.low,
        high=axes.high,
        min_px=min_px,
    )


def chart_windows(person: Person, whole_s: tuple[float, float]) -> list[Window]:
    """The parts of the video that get a chart each: all of a short one; of a long one its sets and holds.

    Args:
        person: whose sets and holds.
        whole_s: first and last time of the video.
    """
    start, end = whole_s
    spans = active_times(person)
    if end - start <= SHORT_S or not spans:
        return [Window("", start, end)]
    word = "Set" if person.sets else "Hold"
    return [
        Window(
            f"{word} {i}, from {clock(first)}" if len(spans) > 1 else "",
            max(start, first - MARGIN_S),
            min(end, last + MARGIN_S),
        )
        for i, (first, last) in enumerate(spans, start=1)
    ]


def _extent(points: Points, with_band: bool) -> list[NDArray[np.float64]]:
    return [points.value, points.value - points.sd, points.value + points.sd] if with_band else [points.value]


def _min_px(reps: Sequence[Rep], length_s: float) -> int:
    """Width at which the usual repetition has room for its number."""
    if not reps:
        return 0
    usual_s = max(float(np.median([rep.end_s - rep.start_s for rep in reps])), 1e-3)
    return min(round(_REP_PX * length_s / usual_s), _MAX_PX)


def _spans(reps: Sequence[Rep], holds: Sequence[Hold], axes: Axes, min_px: int) -> list[Span]:
    # Where even the widest drawing has no room for every number, only some are written.
    every = max(1, math.ceil(len(reps) * _REP_PX / max(min_px, 1)))
    return [_rep_span(rep, axes, every) for rep in reps] + [_hold_span(hold, axes) for hold in holds]


def _rep_span(rep: Rep, axes: Axes, every: int) -> Span:
    left = axes.left(rep.start_s)
    width = round(axes.left(rep.end_s) - left, 3)
    if not rep.complete:
        hint = f"Attempt at {clock(rep.turn_s)}: turned back early, not counted"
        return Span(left, width, "", "attempt", hint)
    label = str(rep.number) if (rep.number - 1) % every == 0 else ""
    return Span(left, width, label, "rep", f"Repetition {rep.number}")


def _hold_span(hold: Hold, axes: Axes) -> Span:
    left = axes.left(hold.start_s)
    held_s = hold.end_s - hold.start_s
    label = f"{held_s:.0f} s"
    return Span(left, round(axes.left(hold.end_s) - left, 3), label, "hold", f"Held for {label}")


def _marks(
    reps: Sequence[Rep], holds: Sequence[Hold], points: Points, axes: Axes, titles: dict[str, str]
) -> list[Mark]:
    """A mark at the worst fault of each repetition or hold, on the curve."""
    owners: list[tuple[str, tuple[Fault, ...]]] = [
        (f"Repetition {rep.number}", rep.faults) for rep in reps if rep.complete
    ]
    owners += [("Hold", hold.faults) for hold in holds]
    marks = []
    for owner, faults in owners:
        if not faults:
            continue
        worst = max(faults, key=lambda fault: SEVERITY_RANK[fault.severity])
        row = int(np.abs(points.time_s - worst.at_s).argmin())
        value = float(points.value[row])
        top = axes.top(value) if math.isfinite(value) else _IN_A_GAP
        names = ", ".join(
            f"{fault_title(fault.name, titles)} ({amount(fault.measured, fault.unit)})" for fault in faults
        )
        marks.append(Mark(axes.left(worst.at_s), top, worst.severity, f"{owner}: {names}"))
    return marks


def _about(title: str, reps: Sequence[Rep], holds: Sequence[Hold], axes: Axes, unit: str) -> str:
    what = f"{title} over time, between {value_label(axes.low, unit)} and {value_label(axes.high, unit)}"
    complete = sum(rep.complete for rep in reps)
    parts = [
        (complete, "repetition", "repetitions"),
        (len(reps) - complete, "attempt that was not counted", "attempts that were not counted"),
        (len(holds), "hold", "holds"),
    ]
    words = [counted(count, one, many) for count, one, many in parts if count]
    return f"{what}, with {' and '.join(words)} marked." if words else f"{what}."
