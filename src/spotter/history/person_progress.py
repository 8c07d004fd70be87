"""How a person came along in all exercises, read at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import Connection, and_, select

from spotter.errors import UsageError
from spotter.history.exercise_progress import (
    ExerciseProgress,
    ExerciseSessions,
    exercise_progress,
    parsed,
)
from spotter.history.instants import microseconds
from spotter.history.people import read_targets
from spotter.history.tables import FIGURES, PEOPLE, SESSIONS, TOTALS
from spotter.history.weeks import Streak, longest_streak, running_streak

AHEAD = timedelta(days=1)
"""A session that begins so much later than now was recorded with a wrong clock."""

_WORDS = ("view", "set_reps", "not_judged", "faults")
_NUMBERS = [
    column.name
    for table in (TOTALS, FIGURES)
    for column in table.c
    if column.name not in (*_WORDS, "session", "exercise", "person", "started_us", "mean_range_deg")
]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A session that is not looked at, because it lies in the future: its clock was wrong."""

    session: str
    day: np.datetime64


@dataclass(frozen=True)
class PersonProgress:
    """How a person came along.

    Attributes:
        person: who.
        made: when this was worked out, with a time zone.
        since: sessions before are not shown; None for all.
        exercises: the one trained most first; one without a session since then has none, but its records.
        longest_streak, running_streak: weeks in a row with a session of any exercise.
        left_out: sessions from the future.
    """

    person: str
    made: datetime
    since: date | None
    exercises: tuple[ExerciseProgress, ...]
    longest_streak: Streak
    running_streak: Streak
    left_out: tuple[LeftOut, ...]


def read_person_progress(
    connection: Connection, person: str, exercise: str | None, since: date | None, now: datetime | None
) -> PersonProgress:
    """Read how a person came along; see ``History.person_progress``."""
    made = now if now is not None else datetime.now().astimezone()
    sessions, left_out = read_sessions_by_exercise(connection, person, made)
    if exercise is not None and exercise not in sessions:
        names = ", ".join(sessions) or "none"
        raise UsageError(f"{person} has no session with {exercise!r}; there are {names}")
    wanted = [exercise] if exercise is not None else list(sessions)
    targets = read_targets(connection, person)
    today = np.datetime64(made.date())
    no_days = np.zeros(0, "datetime64[D]")
    days = np.concatenate([no_days, *(sessions[name].days for name in wanted)])
    found = [exercise_progress(sessions[name], targets.get(name), since, today) for name in wanted]
    found.sort(key=lambda one: (len(one.sessions), sessions[one.exercise].started[-1]), reverse=True)
    return PersonProgress(
        *(person, made, since, tuple(found), longest_streak(days), running_streak(days, today), left_out)
    )


def read_sessions_by_exercise(
    connection: Connection, person: str, now: datetime
) -> tuple[dict[str, ExerciseSessions], tuple[LeftOut, ...]]:
    """All sessions of a person by exercise, in alphabetical order, and those from the future.

    Raises:
        UsageError: there is no such person.
    """
    key = connection.execute(select(PEOPLE.c.key).where(PEOPLE.c.name == person)).scalar()
    if key is None:
        raise UsageError(f"there is no {person!r}; spotter history person lists who there is")
    numbers = [(TOTALS if name in TOTALS.c else FIGURES).c[name] for name in _NUMBERS]
    words = [(TOTALS if name in TOTALS.c else FIGURES).c[name] for name in _WORDS]
    rows = connection.execute(
        select(TOTALS.c.exercise, SESSIONS.c.id, TOTALS.c.started_us, *words, *numbers)
        .join(SESSIONS, SESSIONS.c.key == TOTALS.c.session)
        .join(FIGURES, and_(FIGURES.c.session == TOTALS.c.session, FIGURES.c.exercise == TOTALS.c.exercise))
        .where(TOTALS.c.person == key)
        .order_by(TOTALS.c.exercise, TOTALS.c.started_us, TOTALS.c.session)
    ).all()
    latest_us = microseconds(now.astimezone(UTC) + AHEAD)
    found, left_out = {}, dict[str, LeftOut]()
    for exercise, part in groupby(rows, key=lambda row: row[0]):
        sessions = _sessions(exercise, list(part))
        late = sessions.started.astype(np.int64) > latest_us
        for row in np.flatnonzero(late):
            left_out[sessions.ids[row]] = LeftOut(sessions.ids[row], sessions.days[row])
        if not late.all():
            found[exercise] = sessions.only(~late)
    return found, tuple(left_out.values())


def _sessions(exercise: str, rows: Sequence[Any]) -> ExerciseSessions:
    _, ids, started_us, views, set_reps, not_judged, faults, *numbers = zip(*rows, strict=True)
    columns = {  # NumPy makes NaN of None
        name: np.array(values, np.float64) for name, values in zip(_NUMBERS, numbers, strict=True)
    }
    started = np.array(started_us, np.int64).astype("datetime64[us]")
    offset_s = columns["offset_s"].astype(np.int64)
    return ExerciseSessions(
        exercise=exercise,
        ids=ids,
        started=started,
        days=(started + offset_s.astype("timedelta64[s]")).astype("datetime64[D]"),
        offset_s=offset_s,
        columns=columns,
        views=views,
        faults=tuple(parsed(faults)),
        not_judged=tuple(parsed(not_judged)),
        set_reps=set_reps,
    )
