"""Progress, a comparison and a month in short, as lines for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator

from spotter.history.advice import look_at, went_well
from spotter.history.compare import Comparison
from spotter.history.dates import month_title
from spotter.history.exercise_progress import ExerciseProgress
from spotter.history.month import MonthSummary
from spotter.history.person_progress import PersonProgress
from spotter.report.progress.charts import last_known
from spotter.report.progress.dates import period, short_day
from spotter.report.progress.told import (
    difference_said,
    fault_said,
    measure_said,
    record_said,
    value_said,
)
from spotter.report.words import clock, counted

_TITLE, _VALUE = 28, 8  # letters


def progress_lines(progress: PersonProgress) -> Iterator[str]:
    """A person's progress, an exercise after the other."""
    streak = progress.running_streak.weeks
    yield progress.person + (f", {streak} weeks in a row" if streak > 1 else "")
    for left_out in progress.left_out:
        yield (
            f"left out: {left_out.session[:8]} of {short_day(left_out.day)}, which lies in the future; "
            "its clock was wrong"
        )
    for one in progress.exercises:
        yield ""
        yield from _exercise_lines(one, progress)


def _exercise_lines(one: ExerciseProgress, progress: PersonProgress) -> Iterator[str]:
    count = len(one.sessions)
    if not count:
        yield f"{one.title}: no session since {progress.since}"
        return
    yield f"{one.title}: {counted(count, 'session', 'sessions')}, {period(one.sessions.days)}"
    for each in one.measures:
        told = measure_said(each, one.exercise, 0.0)
        latest = value_said(last_known(each.values), each.measure)
        yield _line(told.title, latest, f"{told.words} ({told.remark})")
    for fault in one.faults:
        told = fault_said(fault, 0.0)
        yield _line(told.title, f"{fault.count} x", f"{told.words} ({told.remark})")
    for record in one.records:
        yield _line(record.title, record_said(record), f"record of {short_day(record.day)}")


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """Every repetition, then what may be said of all."""
    yield "exercise, set, repetition: difference of range, of score, of time"
    for one in comparison.exercises:
        for pair in one.pairs:
            differences = (
                in_column(pair.range_deg, "deg", "+"),
                in_column(pair.score, "", "+"),
                in_column(pair.duration_s, "s", "+"),
            )
            yield f"{one.exercise} {pair.set_number}.{pair.number:<3} {'  '.join(differences)}"
        for number, (first, second) in enumerate(one.holds, start=1):
            lengths = [math.nan if hold is None else hold.end_s - hold.start_s for hold in (first, second)]
            yield f"{one.exercise} {number:<5} {in_column(lengths[1] - lengths[0], 's', '+')}"
    for one in comparison.exercises:
        yield ""
        views = "filmed from the same side" if one.same_view else "not filmed from the same side"
        yield f"{one.title}, {views}"
        for difference in one.differences:
            told = difference_said(difference, one.exercise)
            change = " to ".join(
                value_said(value, difference.measure) for value in (difference.first, difference.second)
            )
            yield _line(told.title, change, f"{told.words} ({told.remark})", wide=2)


def month_lines(summary: MonthSummary) -> Iterator[str]:
    """Each person: what was done, what went well, what to look at."""
    before = month_title(summary.month.before.name).split()[0]
    yield month_title(summary.month.name)
    for person in summary.people:
        yield ""
        count = counted(person.sessions, "session", "sessions")
        yield f"{person.person}: {count} ({person.before} in {before})"
        for one in person.exercises:
            done = [counted(len(one.days), "session", "sessions")]
            done += [f"{one.reps} repetitions"] if one.reps else []
            done += [f"{clock(one.held_s)} held"] if one.held_s >= 1 else []
            yield f"  {one.title}: {', '.join(done)}"
        for sign, sentences in (("+", went_well(person, summary)), ("!", look_at(person, summary))):
            for sentence in sentences:
                yield f"  {sign} {sentence}"


def _line(title: str, value: str, words: str, wide: int = 1) -> str:
    return f"  {title:<{_TITLE}} {value:>{_VALUE * wide}}  {words}"


def in_column(value: float, unit: str = "", sign: str = "") -> str:
    """A number in nine places, a dash where it is not known.

    >>> in_column(7.5, "deg", "+"), in_column(math.nan)
    (' +7.5 deg', '        -')
    """
    number = "-" if math.isnan(value) else f"{value:{sign}.1f}"
    return f"{number} {unit}".strip().rjust(9)
