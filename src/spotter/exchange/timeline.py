"""A session as sets and the rests between them, and its moments as times of day."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from spotter.coach.heart import HeartRate
from spotter.coach.schema import shipped_exercises
from spotter.coach.session import Session, SessionSet
from spotter.errors import ExchangeError


@dataclass(frozen=True, slots=True)
class Span:
    """A set, or a rest.

    Attributes:
        start_s, end_s: in seconds from the session's beginning.
        of: the set; None for a rest.
    """

    start_s: float
    end_s: float
    of: SessionSet | None = None

    @property
    def duration_s(self) -> float:
        """How long it took, in seconds."""
        return self.end_s - self.start_s


def spans(session: Session) -> tuple[Span, ...]:
    """Sets in order of time, with a rest wherever nothing was done, from the beginning to the end.

    >>> when = datetime(2026, 5, 4, 18, 30, tzinfo=UTC)
    >>> sets = (SessionSet("squat", 5.0, 30.0), SessionSet("squat", 90.0, 120.0))
    >>> [(one.start_s, one.of is None) for one in spans(Session("1", "me", when, 120.0, sets))]
    [(0.0, True), (5.0, False), (30.0, True), (90.0, False)]
    """
    found: list[Span] = []
    reached = 0.0
    for one in sorted(session.sets, key=lambda one: one.start_s):
        if one.start_s > reached:
            found.append(Span(reached, one.start_s))
        found.append(Span(one.start_s, max(one.start_s, one.end_s), one))
        reached = max(reached, one.end_s)
    if session.duration_s > reached:
        found.append(Span(reached, session.duration_s))
    return tuple(found)


def instant(session: Session, seconds: float) -> datetime:
    """The time of day so many seconds after the session began, in UTC.

    It is counted in UTC, because in a local time an hour may be missing or come twice.

    Raises:
        ExchangeError: it is not known, or lies beyond the calendar.
    """
    try:
        return session.started.astimezone(UTC) + timedelta(seconds=seconds)
    except (OverflowError, ValueError) as error:
        raise ExchangeError(
            f"a moment of the session lies {seconds:g} s after its beginning, which is no time of day; "
            "correct the times of its sets"
        ) from error


def length_s(session: Session) -> float:
    """Seconds from the session's beginning to the end of it, or of its last set if that is later."""
    return max([session.duration_s, *(one.end_s for one in session.sets)])


def mean_score(one: SessionSet) -> float:
    """Mean score of the set's complete repetitions, 0 to 100; NaN where none was judged."""
    return _mean(rep.score for rep in one.reps if rep.complete)


def mean_range_deg(one: SessionSet) -> float:
    """Mean range of motion of the set's complete repetitions, in degrees; NaN where there is none."""
    return _mean(rep.range_deg for rep in one.reps if rep.complete)


def readings(heart_rate: HeartRate | None, from_s: float, to_s: float) -> NDArray[np.float64]:
    """What a heart rate's format can say: float64 array (n, 2) of seconds and whole beats a minute, 1 to 254.

    Args:
        heart_rate: None gives an empty array.
        from_s, to_s: the times that are wanted, without ``to_s`` itself.
    """
    if heart_rate is None:
        return np.zeros((0, 2))
    rounded = np.rint(heart_rate.bpm.astype(np.float64))
    with np.errstate(invalid="ignore"):
        kept = (rounded >= 1) & (rounded <= 254) & (heart_rate.time_s >= from_s) & (heart_rate.time_s < to_s)
    return np.column_stack([heart_rate.time_s[kept], rounded[kept]])


@cache
def exercise_title(name: str) -> str:
    """What an exercise is called; of a user's own one its name, made readable.

    >>> exercise_title("push-up"), exercise_title("my-row")
    ('Push-up', 'My row')
    """
    known = shipped_exercises().get(name)
    return known.title if known else name.replace("-", " ").capitalize()


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan
