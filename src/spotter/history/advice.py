"""What a coach would say of a person's month: what went well, and what to look at."""

from __future__ import annotations

import math
from collections.abc import Iterator

from spotter.history.compare import Difference, difference_words, interval_words
from spotter.history.dates import month_title
from spotter.history.measures import said
from spotter.history.month import MonthSummary, PersonMonth
from spotter.history.month_exercise import Adherence, ExerciseMonth, MonthFault

_MOST = 4  # sentences of each kind


def went_well(person: PersonMonth, summary: MonthSummary) -> tuple[str, ...]:
    """Aims that were reached, records, and changes for the better that are more than chance."""
    before = month_title(summary.month.before.name).split()[0]
    found = []
    for one in person.exercises:
        found += [f"{one.title}: {words}" for words in _good(one, before)]
    return tuple(found[:_MOST])


def look_at(person: PersonMonth, summary: MonthSummary) -> tuple[str, ...]:
    """Sessions that are missing, changes for the worse that are more than chance, and the main faults."""
    before = month_title(summary.month.before.name).split()[0]
    if not person.sessions:
        return (f"No session this month; {person.before} in {before}.",)
    found = []
    for one in person.exercises:
        found += [f"{one.title}: {words}" for words in _bad(one, before)]
    return tuple(found[:_MOST])


def change_words(one: Difference, exercise: str) -> str:
    """A change since the month before with its interval, or why nothing can be said of it."""
    if one.verdict == "not comparable":
        return one.why_not
    if math.isnan(one.first):
        return "nothing to compare with in the month before"
    if one.verdict == "not enough to say":
        return f"too few sessions to say, {one.shift.missing} more in a month"
    span = interval_words(one, exercise)
    clear = one.verdict in ("more", "less")
    return f"{difference_words(one, exercise) if clear else 'no clear change'} ({span})"


def adherence_words(one: Adherence) -> str:
    """How near to an aim somebody came, in words.

    >>> adherence_words(Adherence("reps", 10, 7, 12))
    '10 repetitions: 7 of 12 sets'
    """
    of = f"{one.done} of {one.of:.0f}"
    return {
        "sessions_a_week": f"{one.wanted:g} a week: {of} sessions",
        "sets": f"{one.wanted:g} sets: {of} sessions",
        "reps": f"{one.wanted:g} repetitions: {of} sets",
        "range_deg": f"{one.wanted:g}° of range: {of} sessions",
    }[one.aim]


def _good(one: ExerciseMonth, before: str) -> Iterator[str]:
    if one.records:
        told = [
            f"{record.title[0].lower()}{record.title[1:]} {said(record.value, record.unit)}"
            for record in one.records
        ]
        yield f"{'records' if len(told) > 1 else 'a record'}: {', '.join(told)}."
    for change in one.changes:
        if change.verdict in ("more", "less") and change.verdict == change.measure.better_in(one.exercise):
            yield _changed(change, one.exercise, before)
    for fault in one.faults:
        if fault.change.high < 0:
            yield f"“{fault.title}” became rarer, {_shares(fault, before)}."
    for aim in one.adherence:
        if aim.aim == "sessions_a_week" and aim.of and aim.done >= math.floor(aim.of):
            yield f"every session that was wanted ({aim.wanted:g} a week) was done."


def _bad(one: ExerciseMonth, before: str) -> Iterator[str]:
    for aim in one.adherence:
        if aim.aim == "sessions_a_week" and aim.done < math.floor(aim.of):
            yield f"{aim.done} sessions of {aim.of:.0f} that were wanted ({aim.wanted:g} a week)."
    for change in one.changes:
        better = change.measure.better_in(one.exercise)
        if better and change.verdict in ("more", "less") and change.verdict != better:
            yield _changed(change, one.exercise, before)
    for row, fault in enumerate(one.faults):
        if fault.change.low > 0:
            yield f"“{fault.title}” became more frequent, {_shares(fault, before)}. {fault.cue}".strip()
        elif not row and fault.share > 0:
            yield f"“{fault.title}”, {_shares(fault, before)}. {fault.cue}".strip()
    for aim in one.adherence:
        if aim.aim != "sessions_a_week" and aim.of and aim.share < 1 / 2:
            yield f"the aim was reached in less than half, {adherence_words(aim)}."


def _changed(change: Difference, exercise: str, before: str) -> str:
    span = interval_words(change, exercise)
    words = difference_words(change, exercise)
    return f"{change.measure.title.lower()}, {words} since {before} (likely {span})."


def _shares(fault: MonthFault, before: str) -> str:
    now = f"in {said(fault.share, 'share')} of repetitions"
    return now if math.isnan(fault.before) else f"{now}, {said(fault.before, 'share')} in {before}"
