"""One training session: what a person did at a time of day, as it is kept, exported and compared."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Analysis, Hold, NotJudged, Rep
from spotter.coach.heart import HeartRate
from spotter.errors import UsageError

_SESSIONS = uuid.UUID("6f1c2f0e-6d0b-4c57-9a53-3b1f9a7b8f11")  # what the ids of sessions are made within
_YEARS = (1900, 2199)  # beyond them a clock was never set; far beyond, its local time is in no calendar
_MOST_KG = 10_000


@dataclass(frozen=True, slots=True)
class SessionSet:
    """Repetitions of one exercise with no long rest between them, or one held posture.

    Attributes:
        exercise: name of its exercise, such as ``"squat"``.
        start_s, end_s: in seconds from the session's beginning.
        reps: repetitions and attempts in order of time; times as the set's.
        holds: held postures; times as the set's.
        weight_kg: that was moved; None if not said.
        view: how the camera saw the person: ``"front"``, ``"oblique"``, ``"side"``, ``"back"`` or
            ``"unknown"``.
    """

    exercise: str
    start_s: float
    end_s: float
    reps: tuple[Rep, ...] = ()
    holds: tuple[Hold, ...] = ()
    weight_kg: float | None = None
    view: str = "unknown"

    @property
    def count(self) -> int:
        """How many complete repetitions it has."""
        return sum(rep.complete for rep in self.reps)


@dataclass(frozen=True)
class Angles:
    """Joint angles and measures over a session; NaN where something was not seen.

    Attributes:
        time_s: float64 array (n,), growing, in seconds from the session's beginning.
        values: name to float32 array (n,), as ``Motion.values``.
        sd: angle's name to float32 array (n,), its standard deviation.
    """

    time_s: NDArray[np.float64]
    values: Mapping[str, NDArray[np.float32]]
    sd: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """What one person did.

    Attributes:
        id: a UUID as text, the same wherever the session goes.
        person: who; a name that the user chose.
        started: when it began, with its time zone.
        duration_s: how long it took.
        sets: in order of time.
        source: of what it was made: name of the video, or ``"camera"``.
        summary: sentences a trainer would say.
        not_judged: faults that could not be judged, with the reason.
        heart_rate: None without a strap.
        angles: None where they were not kept.
        note: the user's own words.

    Raises:
        UsageError: ``started`` has no time zone, or is not from 1900 to 2199.
    """

    id: str
    person: str
    started: datetime
    duration_s: float
    sets: tuple[SessionSet, ...]
    source: str = ""
    summary: tuple[str, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    heart_rate: HeartRate | None = None
    angles: Angles | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.started.tzinfo is None or self.started.utcoffset() is None:
            raise UsageError(
                f"the session began at {self.started.isoformat()}, which says no time zone; "
                "give one, as in 2026-05-04T18:30:00+02:00"
            )
        if not _YEARS[0] <= self.started.year <= _YEARS[1]:
            raise UsageError(
                f"the session began at {self.started.isoformat()}; "
                f"give a time from {_YEARS[0]} to {_YEARS[1]}"
            )

    @property
    def count(self) -> int:
        """Complete repetitions of all sets."""
        return sum(one.count for one in self.sets)

    @property
    def exercises(self) -> tuple[str, ...]:
        """Names of what was done, each once, in order of time."""
        return tuple(dict.fromkeys(one.exercise for one in self.sets))


def session_of(
    analysis: Analysis,
    started: datetime,
    *,
    person: int | None = None,
    name: str = "me",
    weights_kg: Sequence[float] = (),
    heart_rate: HeartRate | None = None,
    angles: Angles | None = None,
    note: str = "",
) -> Session | None:
    """The session of one person in an analysis.

    Args:
        analysis: of a video, or of what a camera saw.
        started: when its first frame was taken, with a time zone.
        person: number of the person; who did most if None, see `Analysis.athlete`.
        name: what the person is called.
        weights_kg: of each set in turn; the last one goes on for those that follow.
        heart_rate: with times from the first frame on; the analysis's own if None. With several people in the
            analysis it is not known whose that is, and it is left out.
        angles: with times from the first frame on.
        note: the user's own words.

    Returns:
        None where no exercise was found or this person did nothing.

    Raises:
        UsageError: a weight is none, or ``started`` is no time of a session.

    Example::

        session = session_of(spotter.analyze("squat.mp4"), datetime.now().astimezone())
    """
    exercise = analysis.exercise.name
    chosen = analysis.athlete(person)
    if exercise is None or chosen is None:
        return None
    sets = [
        SessionSet(exercise, one.start_s, one.end_s, one.reps, (), None, chosen.view) for one in chosen.sets
    ]
    sets += [
        SessionSet(exercise, one.start_s, one.end_s, (), (one,), None, chosen.view) for one in chosen.holds
    ]
    sets.sort(key=lambda one: one.start_s)
    if not sets:
        return None
    source = str(analysis.video.get("name", ""))
    return Session(
        id=session_id(started, name, chosen.id, exercise, source),
        person=name,
        started=started,
        duration_s=_duration_s(analysis, sets),
        sets=tuple(_weighted(sets, weights_kg)),
        source=source,
        summary=chosen.summary,
        not_judged=chosen.not_judged,
        heart_rate=heart_rate if heart_rate is not None else analysis.athletes_heart_rate,
        angles=angles,
        note=note,
    )


def check_weight(what: str, weight_kg: float) -> None:
    """Refuse what nobody can have moved.

    Raises:
        UsageError: it is no number, below 0 or above ten tons; ``what`` says which weight it is.

    >>> check_weight("the weight of set 2", -5.0)
    Traceback (most recent call last):
        ...
    spotter.errors.UsageError: the weight of set 2 is -5 kg; give 0 to 10000
    """
    if not 0 <= weight_kg <= _MOST_KG:
        raise UsageError(f"{what} is {weight_kg:g} kg; give 0 to {_MOST_KG}")


def session_id(started: datetime, name: str, person: int, exercise: str, source: str) -> str:
    """The id of a session: the same however often it is made of the same analysis.

    Args:
        started: when it began, with a time zone.
        name: what the person is called.
        person: the person's number in the analysis.
        exercise: name of the exercise.
        source: of what it was made.
    """
    words = (started.astimezone(UTC).isoformat(), name, str(person), exercise, source)
    text = "\n".join(words).encode("utf-8", "replace")  # a video's name may hold half characters
    return str(uuid.uuid5(_SESSIONS, text.decode("utf-8")))


def _duration_s(analysis: Analysis, sets: Sequence[SessionSet]) -> float:
    told = analysis.video.get("analysed_to_s")
    last = max(one.end_s for one in sets)
    return max(last, float(told)) if isinstance(told, int | float) else last


def _weighted(sets: Sequence[SessionSet], weights_kg: Sequence[float]) -> list[SessionSet]:
    if not weights_kg:
        return list(sets)
    for number, weight_kg in enumerate(weights_kg, start=1):
        check_weight(f"the weight of set {number}", weight_kg)
    last = len(weights_kg) - 1
    return [replace(one, weight_kg=weights_kg[min(row, last)]) for row, one in enumerate(sets)]
