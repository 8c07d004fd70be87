"""Turns curves and repetitions into what the page draws: SVG paths and places in per cent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Fault, Hold, Person, Rep, Severity
from spotter.report.curve import Points
from spotter.report.palette import SEVERITY_RANK
from spotter.report.words import amount, clock, counted, fault_title, title_of

WIDTH, HEIGHT = 10_000, 1_000
"""Units of the drawing that the paths are in; the page stretches it to any size."""

_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_VALUE_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 45, 60, 90)
_TIME_TICKS, _VALUE_TICKS = 7, 6
_LEAST_RANGE = {"deg": 20.0}  # so that a held posture is not blown up to fill the drawing
_REP_PX, _MAX_PX = 20, 2_400
_IN_A_GAP = 92.0  # per cent from the top, where there is no curve to put a mark on


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name, the path along it, and the path around its uncertainty (empty where unknown)."""

    name: str
    path: str
    band: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, in per cent from the left or the top, and what is written there."""

    place: float
    label: str


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
        title: what is shown, such as ``"Knee angle"``.
        about: the same in a sentence, for those who cannot see it.
        unit: the values' unit.
        lines, spans, marks: what is drawn.
        times, values: the axes' marks.
        start_s, end_s, low, high: the axes' ends.
        min_px: width below which the page lets the reader scroll.
    """

    title: str
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

    @property
    def kinds(self) -> set[str]:
        """The kinds of spans that there are, for the key."""
        return {span.kind for span in self.spans}

    @property
    def has_band(self) -> bool:
        """Whether an uncertainty is drawn."""
        return any(line.band for line in self.lines)


def angle_chart(
    title: str,
    unit: str,
    curves: dict[str, Points],
    person: Person,
    window_s: tuple[float, float],
    fault_titles: dict[str, str],
) -> Chart | None:
    """The chart of one signal, or of the same angle left and right.

    Args:
        title: its heading.
        unit: of the values.
        curves: signal name to points; gaps (NaN) stay gaps.
        person: whose repetitions, attempts, holds and faults are marked.
        window_s: the part of the video that was analysed.
        fault_titles: fault name to title.

    Returns:
        The chart; None where nothing was seen.
    """
    seen = np.concatenate([one.value[np.isfinite(one.value)] for one in curves.values()])
    if not len(seen):
        return None
    with_band = len(curves) == 1
    if with_band:
        only = next(iter(curves.values()))
        around = np.concatenate([seen, only.value - only.sd, only.value + only.sd])
        seen = around[np.isfinite(around)]
    low, high = value_range(seen, unit)
    start, end = window_s
    end = max(end, start + 1e-3)
    axes = _Axes(start, end, low, high)
    return Chart(
        title=title,
        about=_about(title, person, low, high, unit),
        unit=unit,
        lines=tuple(
            Line(title_of(name), line_path(points, axes), band_path(points, axes) if with_band else "")
            for name, points in curves.items()
        ),
        spans=tuple(_spans(person, axes)),
        marks=tuple(_marks(person, next(iter(curves.values())), axes, fault_titles)),
        times=tuple(Tick(axes.left(at), clock(at)) for at in _ticks(start, end, _TIME_STEPS_S, _TIME_TICKS)),
        values=tuple(Tick(axes.top(at), _value_label(at, unit)) for at in _value_ticks(low, high)),
        start_s=start,
        end_s=end,
        low=low,
        high=high,
        min_px=min(_REP_PX * len(person.reps), _MAX_PX),
    )


@dataclass(frozen=True, slots=True)
class _Axes:
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


def line_path(points: Points, axes: _Axes) -> str:
    """An SVG path along a curve; it is lifted at gaps, and a lone sample becomes a dot.

    >>> nan = float("nan")
    >>> values = np.array([0.0, 10.0, nan, 5.0])
    >>> line_path(Points(np.arange(4.0), values, values), _Axes(0, 4, 0, 10))
    'M0 1000L2500 0M7500 500h0'
    """
    pieces = []
    for piece in _runs(np.isfinite(points.value)):
        places = axes.xy(points.time_s[piece], points.value[piece])
        pieces.append("M" + "L".join(places) + ("h0" if len(places) == 1 else ""))
    return "".join(pieces)


def band_path(points: Points, axes: _Axes) -> str:
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


def _value_ticks(low: float, high: float) -> list[float]:
    return _ticks(low, high, _VALUE_STEPS, _VALUE_TICKS)


def _value_label(value: float, unit: str) -> str:
    return f"{value:.0f}°" if unit == "deg" else f"{value:g}"


def _spans(person: Person, axes: _Axes) -> list[Span]:
    # Where there are more repetitions than the widest drawing has room for, not every one gets its number.
    every = max(1, math.ceil(len(person.reps) * _REP_PX / _MAX_PX))
    spans = [_rep_span(rep, axes, every) for rep in person.reps]
    return spans + [_hold_span(hold, axes) for hold in person.holds]


def _rep_span(rep: Rep, axes: _Axes, every: int) -> Span:
    left = axes.left(rep.start_s)
    width = round(axes.left(rep.end_s) - left, 3)
    if not rep.complete:
        hint = f"Attempt at {clock(rep.turn_s)}: turned back early, not counted"
        return Span(left, width, "", "attempt", hint)
    label = str(rep.number) if (rep.number - 1) % every == 0 else ""
    return Span(left, width, label, "rep", f"Repetition {rep.number}")


def _hold_span(hold: Hold, axes: _Axes) -> Span:
    left = axes.left(hold.start_s)
    held_s = hold.end_s - hold.start_s
    label = f"{held_s:.0f} s"
    return Span(left, round(axes.left(hold.end_s) - left, 3), label, "hold", f"Held for {label}")


def _marks(person: Person, points: Points, axes: _Axes, titles: dict[str, str]) -> list[Mark]:
    """A mark at the worst fault of each repetition or hold, on the curve."""
    marks = []
    labelled: list[tuple[str, tuple[Fault, ...]]] = [
        (f"Repetition {rep.number}", rep.faults) for rep in person.reps if rep.complete
    ]
    labelled += [("Hold", hold.faults) for hold in person.holds]
    for owner, faults in labelled:
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


def _about(title: str, person: Person, low: float, high: float, unit: str) -> str:
    what = f"{title} over time, between {_value_label(low, unit)} and {_value_label(high, unit)}"
    attempts = sum(not rep.complete for rep in person.reps)
    parts = []
    if person.reps:
        parts.append(counted(person.count, "repetition", "repetitions"))
    if attempts:
        parts.append(counted(attempts, "attempt that was not counted", "attempts that were not counted"))
    if person.holds:
        parts.append(counted(len(person.holds), "hold", "holds"))
    return f"{what}, with {' and '.join(parts)} marked." if parts else f"{what}."
