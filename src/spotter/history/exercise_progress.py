"""How a person came along in one exercise: measures, faults and weeks with their trends, and records."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Severity
from spotter.history.measures import Measure, measure_table
from spotter.history.people import Target
from spotter.history.records import Record, records_of
from spotter.history.trend import Trend, trend
from spotter.history.weeks import Weeks, weeks_of
from spotter.history.working import known_exercise

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class ExerciseSessions:
    """All sessions of a person with one exercise, in order of time; n of them.

    Attributes:
        exercise: its name.
        ids: of the sessions.
        started: datetime64[us] array (n,), in UTC.
        days: datetime64[D] array (n,), by the calendar on the wall.
        offset_s: int array (n,), seconds that the clock on the wall was before UTC.
        columns: column of the totals and figures to float64 array (n,), NaN where it is not known.
        views: how the camera saw each.
        faults: of each, name to how many repetitions and holds had it.
        not_judged: of each, faults that could not be judged.
        set_reps: of each, complete repetitions of its sets, as a JSON list; `parsed` reads them.
    """

    exercise: str
    ids: tuple[str, ...]
    started: NDArray[np.datetime64]
    days: Days
    offset_s: Counts
    columns: Mapping[str, Floats]
    views: tuple[str, ...]
    faults: tuple[Mapping[str, int], ...]
    not_judged: tuple[Sequence[str], ...]
    set_reps: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, rows: NDArray[np.bool_]) -> ExerciseSessions:
        """Some of them, by a boolean array (n,)."""
        if rows.all():
            return self
        return ExerciseSessions(
            exercise=self.exercise,
            ids=tuple(compress(self.ids, rows)),
            started=self.started[rows],
            days=self.days[rows],
            offset_s=self.offset_s[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            views=tuple(compress(self.views, rows)),
            faults=tuple(compress(self.faults, rows)),
            not_judged=tuple(compress(self.not_judged, rows)),
            set_reps=tuple(compress(self.set_reps, rows)),
        )

    def count_of(self, fault: str) -> Floats:
        """How many repetitions and holds had a fault, array (n,)."""
        return np.array([one.get(fault, 0) for one in self.faults], np.float64)

    def share_with(self, fault: str) -> Floats:
        """Share of the judged repetitions that had a fault, array (n,); NaN where it could not be judged."""
        counts = self.count_of(fault)
        judged = self.columns["judged"].copy()
        judged[[fault in names for names in self.not_judged]] = 0
        share = np.divide(counts, judged, out=np.full(len(self), np.nan), where=judged > 0)
        return np.asarray(share.clip(max=1.0))


@dataclass(frozen=True)
class MeasureProgress:
    """One measure over the sessions.

    Attributes:
        measure: which.
        values: float64 array (n,), NaN where it is not known.
        best: array (n,), of the best repetition of each session; None where the measure has none.
        target: what the person aims at; None for no aim.
        trend: where it is heading.
    """

    measure: Measure
    values: Floats
    best: Floats | None
    target: float | None
    trend: Trend


@dataclass(frozen=True)
class FaultProgress:
    """One fault over the sessions.

    Attributes:
        name, title, severity, cue: as the exercise has them; no severity where it does not know the fault.
        count: in how many repetitions and holds it was found.
        share: float64 array (n,), in what share of the judged ones; NaN where it could not be judged.
        trend: where that is heading.
    """

    name: str
    title: str
    severity: Severity | None
    cue: str
    count: int
    share: Floats
    trend: Trend


@dataclass(frozen=True)
class ExerciseProgress:
    """All about one exercise.

    Attributes:
        exercise, title: its name, and that for a reader.
        is_hold: whether a posture is held, not repeated.
        sessions: those that are shown.
        measures: those that are known of at least one session, in the table's order.
        faults: those that were found, the most frequent first.
        weeks: how much was done in each.
        records: of all sessions, those from before what is shown too.
        target: what the person aims at.
        views: how the camera saw the person, in how many sessions, the most frequent first.
    """

    exercise: str
    title: str
    is_hold: bool
    sessions: ExerciseSessions
    measures: tuple[MeasureProgress, ...]
    faults: tuple[FaultProgress, ...]
    weeks: Weeks
    records: tuple[Record, ...]
    target: Target | None
    views: tuple[tuple[str, int], ...]

    def measure(self, name: str) -> MeasureProgress | None:
        """A measure by name; None where it is not known of any session."""
        return next((one for one in self.measures if one.measure.name == name), None)


def exercise_progress(
    sessions: ExerciseSessions, target: Target | None, since: date | None, today: np.datetime64
) -> ExerciseProgress:
    """Work out all about one exercise.

    Args:
        sessions: all there are.
        target: what the person aims at in it.
        since: sessions before are not shown; None for all.
        today: the day on the wall.
    """
    shown = sessions.only(sessions.days >= np.datetime64(since)) if since is not None else sessions
    known = known_exercise(sessions.exercise)
    columns = shown.columns
    is_hold = known.kind == "hold" if known is not None else bool(sessions.columns["held_s"].any())
    return ExerciseProgress(
        exercise=sessions.exercise,
        title=exercise_title(sessions.exercise),
        is_hold=is_hold,
        sessions=shown,
        measures=tuple(_measures(shown, target)),
        faults=tuple(_faults(shown)),
        weeks=weeks_of(
            *(shown.days, columns["sets"].astype(np.int64), columns["reps"].astype(np.int64)),
            *(columns["held_s"], columns["volume_kg"], today),
        ),
        records=records_of(sessions.exercise, sessions.ids, sessions.days, sessions.columns),
        target=target,
        views=tuple(Counter(shown.views).most_common()),
    )


def exercise_title(name: str) -> str:
    """An exercise's name for a reader, also where Spotter does not know it.

    >>> exercise_title("push-up"), exercise_title("my-own-lift")
    ('Push-up', 'My own lift')
    """
    known = known_exercise(name)
    return known.title if known is not None else name.replace("-", " ").capitalize()


def _measures(sessions: ExerciseSessions, target: Target | None) -> list[MeasureProgress]:
    found = []
    days = sessions.days.astype(np.float64)
    for measure in measure_table().values():
        values = sessions.columns[measure.values]
        best = sessions.columns[measure.best] if measure.best else None
        if measure.name == "held_s":
            values = np.where(np.isnan(sessions.columns["longest_hold_s"]), np.nan, values)
        if not np.isfinite(values).any():
            continue
        aim = target.range_deg if target is not None and measure.name == "range_deg" else None
        found.append(MeasureProgress(measure, values, best, aim, trend(days, values)))
    return found


def _faults(sessions: ExerciseSessions) -> list[FaultProgress]:
    known = known_exercise(sessions.exercise)
    rules = {rule.name: rule for rule in known.faults} if known is not None else {}
    names = {name for one in sessions.faults for name in one}
    counts = {name: int(sessions.count_of(name).sum()) for name in names}
    days = sessions.days.astype(np.float64)
    found = []
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        rule, share = rules.get(name), sessions.share_with(name)
        found.append(
            FaultProgress(
                name=name,
                title=rule.title if rule is not None else name.replace("-", " ").capitalize(),
                severity=rule.severity if rule is not None else None,
                cue=rule.cue if rule is not None else "",
                count=count,
                share=share,
                trend=trend(days, share),
            )
        )
    return found


def parsed(texts: Iterable[str]) -> list[Any]:
    """JSON texts in one call, which is ten times faster.

    >>> parsed(["[10, 8]", "[]"])
    [[10, 8], []]
    """
    found: list[Any] = json.loads(f"[{','.join(texts)}]")
    return found


def usual(values: Floats) -> float:
    """The median of what is known; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else math.nan
