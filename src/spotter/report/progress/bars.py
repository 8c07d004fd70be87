"""What was done in each week, and how frequent each fault was, as plain shapes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.history.exercise_progress import ExerciseProgress, FaultProgress
from spotter.history.measures import Unit, said
from spotter.report.axes import Axes, Tick
from spotter.report.plots import ticks
from spotter.report.progress.charts import day_ticks, last_known, value_ticks
from spotter.report.progress.told import Said, fault_said, volume_said

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

_MOST_WEEKS, _MOST_CELLS, _MOST_FAULTS = 104, 26, 6
_VALUES = 4
_LEAST_WEEKS = 8
_WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True)
class BarChart:
    """What was done in each week, or in each month where there are many weeks.

    Attributes:
        title, about, said, latest, axes, days, values: as a dot chart's.
        begins, ends: arrays (n,), days since 1970 of each bar.
        heights: array (n,).
        hints: of each bar, in words.
    """

    title: str
    about: str
    said: tuple[Said, ...]
    latest: str
    begins: Floats
    ends: Floats
    heights: Floats
    hints: tuple[str, ...]
    axes: Axes
    days: tuple[Tick, ...]
    values: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """A fault over time.

    Attributes:
        said: where it is heading; its title is the fault's.
        cue: what to do about it.
        severity: as the exercise has it; None where it does not know it.
        latest: its share in the last part with a session, as it is written.
        cells: share of each part of the time; NaN where it could not be judged or nobody trained.
        hints: of each, in words.
    """

    said: Said
    cue: str
    severity: str | None
    latest: str
    cells: tuple[float, ...]
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Strips:
    """Faults over time, beside each other in equal parts of whole weeks; ``days`` are marks below them."""

    strips: tuple[Strip, ...]
    more: int
    days: tuple[Tick, ...]


@dataclass(frozen=True)
class _Done:
    """What was done in each part of the time, arrays (n,)."""

    part: str
    begins: Days
    ends: Days
    heights: Floats
    sessions: Floats
    volume_kg: Floats


def week_chart(progress: ExerciseProgress) -> BarChart | None:
    """Repetitions a week, or seconds held; None where nothing was done."""
    weeks = progress.weeks
    if not len(weeks):
        return None
    unit: Unit = "s" if progress.is_hold else "count"
    word = "Seconds held" if progress.is_hold else "Repetitions"
    name = "held_s" if progress.is_hold else "reps"
    done = _done(progress, name)
    first, last = _number(done.begins[0]), _number(done.ends[-1])
    first = min(first, last - _LEAST_WEEKS * 7)  # a single week is not to be as wide as the chart
    axes = Axes(first, last, 0.0, _round_above(float(done.heights.max())))
    sentences = [volume_said("Volume", weeks.trends[name], unit)]
    if np.nansum(weeks.volume_kg) > 0:
        sentences.append(volume_said("Weight moved", weeks.trends["volume_kg"], "kg"))
    words = f"{sentences[0].words} ({sentences[0].remark})"
    return BarChart(
        title=f"{word} a {done.part}",
        about=f"{word} a {done.part}, {done.heights.max():.0f} at most: {words}",
        said=tuple(sentences),
        latest=f"{done.heights[-1]:.0f}",
        begins=done.begins.astype(np.float64),
        ends=done.ends.astype(np.float64),
        heights=done.heights,
        hints=tuple(_hints(done, word)),
        axes=axes,
        days=day_ticks(axes),
        values=value_ticks(axes, "count"),
    )


def _done(progress: ExerciseProgress, name: str) -> _Done:
    """By week; by month where there are many weeks."""
    weeks = progress.weeks
    heights, sessions = (np.asarray(getattr(weeks, one), np.float64) for one in (name, "sessions"))
    if len(weeks) <= _MOST_WEEKS:
        return _Done("week", weeks.begins, weeks.begins + _WEEK, heights, sessions, weeks.volume_kg)
    first, last = (weeks.begins[row].astype("datetime64[M]") for row in (0, -1))
    months = np.arange(first, last + 1)
    row = (weeks.begins.astype("datetime64[M]") - first).astype(int)
    begins, ends = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")

    def total(values: Floats) -> Floats:
        return np.bincount(row, np.nan_to_num(values), len(months)).astype(np.float64)

    return _Done("month", begins, ends, total(heights), total(sessions), total(weeks.volume_kg))


def _hints(done: _Done, word: str) -> list[str]:
    hints = []
    for begin, height, sessions, volume_kg in zip(
        done.begins, done.heights, done.sessions, done.volume_kg, strict=True
    ):
        moved = f", {said(volume_kg, 'kg')} moved" if volume_kg > 0 else ""
        hints.append(f"{done.part} from {begin}: {word.lower()} {height:.0f}, sessions {sessions:.0f}{moved}")
    return hints


def _round_above(value: float) -> float:
    marks = ticks(0.0, max(value, 1.0), _VALUES)
    step = marks[1] - marks[0]
    return math.ceil(value / step - 1e-9) * step or 1.0


def _number(day: np.datetime64) -> float:
    return float(day.astype(np.float64))


def fault_strips(progress: ExerciseProgress) -> Strips | None:
    """The most frequent faults over time; None where none was found."""
    days = progress.sessions.days
    if not progress.faults or not len(days):
        return None
    mondays = progress.weeks.begins
    width = math.ceil(len(mondays) / _MOST_CELLS)
    starts = mondays[::width]
    row = np.searchsorted(starts, days, side="right") - 1
    axes = Axes(_number(starts[0]), _number(starts[-1] + width * _WEEK), 0.0, 1.0)
    judged = progress.sessions.columns["judged"]
    found = [_strip(one, row, judged, starts) for one in progress.faults[:_MOST_FAULTS]]
    return Strips(tuple(found), len(progress.faults) - len(found), day_ticks(axes))


def _strip(one: FaultProgress, row: NDArray[np.int64], judged: Floats, starts: Days) -> Strip:
    known = np.where(np.isfinite(one.share), judged, 0.0)
    of = np.bincount(row, known, len(starts))
    faulty = np.bincount(row, np.nan_to_num(one.share) * known, len(starts))
    cells = np.divide(faulty, of, out=np.full(len(starts), np.nan), where=of > 0)
    return Strip(
        said=fault_said(one, 0.0),
        cue=one.cue,
        severity=one.severity,
        latest=said(last_known(cells), "share"),
        cells=tuple(cells.tolist()),
        hints=tuple(
            f"from {start}: {said(cell, 'share')} of {count:.0f} repetitions"
            if count
            else f"from {start}: not judged"
            for start, cell, count in zip(starts, cells, of, strict=True)
        ),
    )
