"""Records: the best that a person did in an exercise, and on which day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.history.measures import Unit
from spotter.history.weeks import longest_streak
from spotter.history.working import deeper


@dataclass(frozen=True, slots=True)
class Record:
    """One record; of equal ones the first.

    Attributes:
        name: such as ``"most_reps"``.
        title: for a reader.
        value: in ``unit``; of a streak, weeks.
        unit: as of measures.
        day: when it was reached; of a streak, the Monday of its last week.
        session: whose; empty for a streak.
    """

    name: str
    title: str
    value: float
    unit: Unit
    day: np.datetime64
    session: str


_BESTS: tuple[tuple[str, str, Unit], ...] = (
    ("most_reps", "Most repetitions in a set", "count"),
    ("heaviest_kg", "Heaviest", "kg"),
    ("deepest_deg", "Deepest", "deg"),
    ("widest_deg", "Largest range of motion", "deg"),
    ("best_score", "Best score", "points"),
    ("longest_hold_s", "Longest hold", "s"),
)
"""Columns of the figures, in the order in which they are shown."""


def records_of(
    exercise: str,
    ids: Sequence[str],
    days: NDArray[np.datetime64],
    columns: Mapping[str, NDArray[np.float64]],
) -> tuple[Record, ...]:
    """The records among all sessions with an exercise; those of which nothing is known are left out.

    Only repetitions that are complete and were judged count, see ``figures_of``.

    Args:
        exercise: its name; it says which way is deeper.
        ids, days, columns: of its sessions, in order of time, as in ``ExerciseSessions``.
    """
    found = []
    for name, title, unit in _BESTS:
        values = columns[name] * ((deeper(exercise) or 1) if name == "deepest_deg" else 1)
        if not np.isfinite(values).any() or (unit == "count" and not np.nanmax(values)):
            continue
        row = int(np.nanargmax(values))
        found.append(Record(name, title, float(columns[name][row]), unit, days[row], ids[row]))
    streak = longest_streak(days)
    if streak.weeks > 1:
        found.append(Record("streak", "Weeks in a row", streak.weeks, "count", streak.ends, ""))
    return tuple(found)
