"""A month of several people side by side: how much, how near to their aims, what changed, what to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from spotter.history.calendar_month import Month, month_of
from spotter.history.exercise_progress import ExerciseSessions
from spotter.history.month_exercise import ExerciseMonth, exercise_month
from spotter.history.people import Target, read_targets
from spotter.history.person_progress import read_sessions_by_exercise
from spotter.history.tables import PEOPLE


@dataclass(frozen=True)
class PersonMonth:
    """A person in a month.

    Attributes:
        person: who.
        days: datetime64[D] array (n,), days with a session, each once.
        sessions: how many.
        before: how many in the month before.
        exercises: the most frequent first; those that were aimed at and not done have no session.
        left_out: sessions that lie in the future.
    """

    person: str
    days: NDArray[np.datetime64]
    sessions: int
    before: int
    exercises: tuple[ExerciseMonth, ...]
    left_out: int


@dataclass(frozen=True)
class MonthSummary:
    """Several people in a month.

    Attributes:
        month: which.
        made: when this was worked out, with a time zone.
        over: whether the month is over.
        people: in the order in which they were asked for.
    """

    month: Month
    made: datetime
    over: bool
    people: tuple[PersonMonth, ...]


def read_month(
    connection: Connection, month: str | None, people: Sequence[str], now: datetime | None
) -> MonthSummary:
    """Read a month of several people; see ``History.month``."""
    made = now if now is not None else datetime.now().astimezone()
    chosen = month_of(month, made)
    names = list(dict.fromkeys(people)) or sorted(connection.execute(select(PEOPLE.c.name)).scalars())
    today = np.datetime64(made.date())
    found = []
    for name in names:
        sessions, left_out = read_sessions_by_exercise(connection, name, made)
        targets = read_targets(connection, name)
        found.append(_person(name, sessions, targets, chosen, today, len(left_out)))
    return MonthSummary(chosen, made, bool(chosen.ends <= today), tuple(found))


def _person(
    name: str,
    sessions: Mapping[str, ExerciseSessions],
    targets: Mapping[str, Target],
    month: Month,
    today: np.datetime64,
    left_out: int,
) -> PersonMonth:
    exercises = [
        exercise_month(exercise, sessions.get(exercise), targets.get(exercise), month, today)
        for exercise in dict.fromkeys((*sessions, *targets))
    ]
    shown = [one for one in exercises if len(one.days) or one.adherence]
    shown.sort(key=lambda one: -len(one.days))
    ids = {part: _ids(sessions.values(), part) for part in (month.before, month)}
    days = np.concatenate([np.zeros(0, "datetime64[D]"), *(one.days for one in exercises)])
    return PersonMonth(name, np.unique(days), len(ids[month]), len(ids[month.before]), tuple(shown), left_out)


def _ids(sessions: Iterable[ExerciseSessions], month: Month) -> set[str]:
    """Sessions of a month; one with several exercises counts once."""
    return {id for one in sessions for id in one.only(month.rows(one.days)).ids}
