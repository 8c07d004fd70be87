"""One exercise of a person in a month: how near to the aims, what changed for certain, the main faults."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.history.calendar_month import Month
from spotter.history.compare import Difference
from spotter.history.exercise_progress import ExerciseSessions, exercise_title, parsed, usual
from spotter.history.measures import Measure, measure_table
from spotter.history.people import Target
from spotter.history.records import Record, records_of
from spotter.history.shift import Shift, shift
from spotter.history.working import known_exercise

Floats = NDArray[np.float64]

CHANGES = ("range_deg", "depth_deg", "score", "symmetry", "held_s")
"""Measures whose change since the month before is told."""

_WEIGHT = {"danger": 9, "warning": 3, "hint": 1, None: 1}
_MOST_FAULTS = 3


@dataclass(frozen=True, slots=True)
class Adherence:
    """How near to an aim somebody came.

    Attributes:
        aim: ``"sessions_a_week"``, ``"sets"``, ``"reps"`` or ``"range_deg"``.
        wanted: the aim.
        done, of: how often it was reached, of how often it could have been; sessions of a month that is not
            over are wanted up to today only.
    """

    aim: str
    wanted: float
    done: int
    of: float

    @property
    def share(self) -> float:
        """Reached, as a share; NaN where there was nothing to reach it in."""
        return self.done / self.of if self.of else math.nan


@dataclass(frozen=True, slots=True)
class MonthFault:
    """A fault in a month.

    Attributes:
        name, title, severity, cue: as the exercise has them.
        share: of the judged repetitions and holds that had it.
        before: the same of the month before; NaN where it is not known.
        change: of the sessions' shares since then.
    """

    name: str
    title: str
    severity: str | None
    cue: str
    share: float
    before: float
    change: Shift


@dataclass(frozen=True)
class ExerciseMonth:
    """One exercise of a person in a month.

    Attributes:
        exercise, title: its name, and that for a reader.
        is_hold: whether a posture is held.
        days: datetime64[D] array (n,), of each session.
        sets, reps, held_s, volume_kg: how much in all; the volume is NaN where no weight is known.
        adherence: to what was aimed at.
        changes: of measures, from the month before to this one.
        faults: the ones that matter most first, three at most.
        records: reached in this month, and better than all before.
        scores: float64 array (n,), of each session.
    """

    exercise: str
    title: str
    is_hold: bool
    days: NDArray[np.datetime64]
    sets: int
    reps: int
    held_s: float
    volume_kg: float
    adherence: tuple[Adherence, ...]
    changes: tuple[Difference, ...]
    faults: tuple[MonthFault, ...]
    records: tuple[Record, ...]
    scores: Floats


def exercise_month(
    exercise: str,
    sessions: ExerciseSessions | None,
    target: Target | None,
    month: Month,
    today: np.datetime64,
) -> ExerciseMonth:
    known = known_exercise(exercise)
    is_hold = known is not None and known.kind == "hold"
    if sessions is None:
        return _not_done(exercise, is_hold, tuple(_adherence(None, target, month, today)))
    now, before = (sessions.only(part.rows(sessions.days)) for part in (month, month.before))
    columns = now.columns
    weights = columns["volume_kg"][np.isfinite(columns["volume_kg"])]
    return ExerciseMonth(
        exercise=exercise,
        title=exercise_title(exercise),
        is_hold=is_hold or (known is None and bool(sessions.columns["held_s"].any())),
        days=now.days,
        sets=int(columns["sets"].sum()),
        reps=int(columns["reps"].sum()),
        held_s=float(columns["held_s"].sum()),
        volume_kg=float(weights.sum()) if len(weights) else math.nan,
        adherence=tuple(_adherence(now, target, month, today)),
        changes=tuple(_changes(before, now)) if len(now) else (),
        faults=tuple(_faults(before, now)),
        records=tuple(_new_records(sessions, month)),
        scores=columns["score"],
    )


def _not_done(exercise: str, is_hold: bool, adherence: tuple[Adherence, ...]) -> ExerciseMonth:
    return ExerciseMonth(
        exercise=exercise,
        title=exercise_title(exercise),
        is_hold=is_hold,
        days=np.zeros(0, "datetime64[D]"),
        sets=0,
        reps=0,
        held_s=0.0,
        volume_kg=math.nan,
        adherence=adherence,
        changes=(),
        faults=(),
        records=(),
        scores=np.zeros(0),
    )


def _adherence(
    sessions: ExerciseSessions | None, target: Target | None, month: Month, today: np.datetime64
) -> Iterator[Adherence]:
    if target is None:
        return
    count = 0 if sessions is None else len(sessions)
    if target.sessions_a_week is not None:
        until = min(month.ends, today + np.timedelta64(1, "D"))
        days = float((until - month.begins) / np.timedelta64(1, "D"))
        yield Adherence(
            "sessions_a_week", target.sessions_a_week, count, round(target.sessions_a_week * days / 7, 1)
        )
    if sessions is None or not count:
        return
    if target.sets is not None:
        yield Adherence("sets", target.sets, int((sessions.columns["sets"] >= target.sets).sum()), count)
    if target.reps is not None:
        sets = np.array([reps for one in parsed(sessions.set_reps) for reps in one])
        yield Adherence("reps", target.reps, int((sets >= target.reps).sum()), len(sets))
    if target.range_deg is not None:
        known = sessions.columns["median_range_deg"]
        known = known[np.isfinite(known)]
        yield Adherence("range_deg", target.range_deg, int((known >= target.range_deg).sum()), len(known))


def _changes(before: ExerciseSessions, now: ExerciseSessions) -> Iterator[Difference]:
    """Each session is one value; where the camera stood in each is part of their spread."""
    unlike_view = _usual_view(before) != _usual_view(now)
    unlike_faults = _never_judged(before) != _never_judged(now)
    for name in CHANGES:
        measure = measure_table()[name]
        first, second = _column(measure, before), _column(measure, now)
        if not np.isfinite(second).any():
            continue
        why_not = ""
        if np.isfinite(first).any():
            if unlike_view and measure.unit in ("deg", "share"):
                why_not = "filmed from another side"
            elif unlike_faults and name == "score":
                why_not = "different faults could be judged"
        yield Difference(measure, usual(first), usual(second), shift(first, second), None, why_not)


def _column(measure: Measure, sessions: ExerciseSessions) -> Floats:
    if measure.name == "held_s":
        return sessions.columns["longest_hold_s"]
    return sessions.columns[measure.values]


def _usual_view(sessions: ExerciseSessions) -> str:
    return max(sorted(set(sessions.views)), key=sessions.views.count, default="")


def _never_judged(sessions: ExerciseSessions) -> frozenset[str]:
    """Faults that could be judged in fewer than half of the sessions."""
    names = {name for one in sessions.not_judged for name in one}
    return frozenset(
        name for name in names if 2 * sum(name in one for one in sessions.not_judged) > len(sessions)
    )


def _faults(before: ExerciseSessions, now: ExerciseSessions) -> list[MonthFault]:
    known = known_exercise(now.exercise)
    rules = {rule.name: rule for rule in known.faults} if known is not None else {}
    found = []
    for name in sorted({name for one in now.faults for name in one}):
        rule = rules.get(name)
        shares = before.share_with(name), now.share_with(name)
        found.append(
            MonthFault(
                name,
                rule.title if rule is not None else name.replace("-", " ").capitalize(),
                rule.severity if rule is not None else None,
                rule.cue if rule is not None else "",
                _in_all(now, name),
                _in_all(before, name),
                shift(*shares),
            )
        )
    found.sort(key=lambda one: -_WEIGHT[one.severity] * (one.share if math.isfinite(one.share) else 0.0))
    return found[:_MOST_FAULTS]


def _in_all(sessions: ExerciseSessions, fault: str) -> float:
    """Share of all judged repetitions of some sessions that had a fault."""
    share = sessions.share_with(fault)
    judged = np.where(np.isfinite(share), sessions.columns["judged"], 0.0)
    return float(np.nansum(share * judged) / judged.sum()) if judged.sum() else math.nan


def _new_records(sessions: ExerciseSessions, month: Month) -> Iterator[Record]:
    """Records that stood at the month's end and were reached in it, where there is something from before."""
    until = sessions.only(sessions.days < month.ends)
    if not (until.days < month.begins).any():
        return
    for one in records_of(until.exercise, until.ids, until.days, until.columns):
        if one.session and one.day >= month.begins:
            yield one
