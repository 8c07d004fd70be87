"""The angle that an exercise is counted by, over a repetition: how deep it went, and its curve."""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Rep
from spotter.coach.exercise import Exercise
from spotter.coach.session import Angles
from spotter.coach.window import MIN_SEEN, TURN_S

Floats = NDArray[np.float64]

POINTS = 41
"""Of a curve: its way out ends, and its way back begins, with the middle one."""


def known_exercise(name: str) -> Exercise | None:
    """A shipped exercise; None for one that Spotter does not know, such as a user's own.

    >>> known_exercise("squat").title, known_exercise("my-own-lift")
    ('Squat', None)
    """
    from spotter.coach.schema import shipped_exercises  # reading them takes a while, and most do without

    return shipped_exercises().get(name)


def working_angle(exercise: str) -> str:
    """Name of the angle that an exercise is counted by, without its side; empty for a hold or an unknown one.

    >>> working_angle("squat"), working_angle("good-morning"), working_angle("plank")
    ('knee', 'trunk_lean', '')
    """
    known = known_exercise(exercise)
    return known.counting.signal if known is not None and known.counting is not None else ""


def deeper(exercise: str) -> int:
    """Whether deeper is a larger (1) or a smaller (-1) angle; 0 where that is not known, or it may be either.

    >>> deeper("squat"), deeper("shoulder-press"), deeper("deadlift")
    (-1, 1, 0)
    """
    known = known_exercise(exercise)
    if known is None or known.counting is None:
        return 0
    return {"low": -1, "high": 1, "either": 0}[known.counting.far_end]


def depths(reps: tuple[Rep, ...], exercise: str, angles: Angles | None) -> Floats:
    """The working angle of each repetition where it turned, array (n,) in degrees.

    It is the mean over 0.3 seconds, as faults are judged by; of both sides, the surer one weighing more. NaN
    where it was not seen or not kept, and where the exercise has no one end that is the far one.
    """
    found = np.full(len(reps), np.nan)
    if angles is None:
        return found
    known = known_exercise(exercise)
    if known is None or not deeper(exercise):
        return found
    for row, rep in enumerate(reps):
        begin, stop = np.searchsorted(angles.time_s, [rep.turn_s - TURN_S, rep.turn_s + TURN_S + 1e-9])
        values = _values(angles, known, rep, slice(begin, stop))
        seen = np.isfinite(values)
        if len(values) and seen.mean() >= MIN_SEEN:
            found[row] = values[seen].mean()
    return found


def curve(rep: Rep, exercise: str, angles: Angles | None) -> Floats:
    """The working angle over a repetition, array (41,): from its beginning to its turn, and back.

    Way out and way back are stretched to 20 steps each, so that repetitions of any tempo lie over each other.
    All NaN where the angle was seen in less than half of the time, or not kept.
    """
    nothing = np.full(POINTS, np.nan)
    ends = (rep.start_s, rep.turn_s, rep.end_s)
    if angles is None or not all(map(math.isfinite, ends)):
        return nothing
    known = known_exercise(exercise)
    if known is None:
        return nothing
    begin, stop = np.searchsorted(angles.time_s, [rep.start_s, rep.end_s + 1e-9])
    values, time_s = _values(angles, known, rep, slice(begin, stop)), angles.time_s[begin:stop]
    seen = np.isfinite(values)
    if not len(values) or seen.mean() < MIN_SEEN:
        return nothing
    at_s = np.interp(np.linspace(0, 2, POINTS), [0, 1, 2], ends)
    return np.interp(at_s, time_s[seen], values[seen])


def _values(angles: Angles, exercise: Exercise, rep: Rep, rows: slice) -> Floats:
    """The working angle in some rows: of the sides that moved, the surer one weighing more."""
    names = [name for name in _names(exercise, rep) if name in angles.values]
    if not names:
        return np.zeros(0)
    values = np.array([angles.values[name][rows] for name in names], np.float64)
    sd = np.array([angles.sd.get(name, np.ones(len(angles.time_s)))[rows] for name in names], np.float64)
    weight = np.where(np.isfinite(values), 1 / np.maximum(np.nan_to_num(sd, nan=90.0), 1.0) ** 2, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # neither side was seen
        return np.asarray(np.nansum(values * weight, axis=0) / weight.sum(axis=0))


def _names(exercise: Exercise, rep: Rep) -> list[str]:
    counting = exercise.counting
    if counting is None:
        return []
    if counting.sides == "either" and rep.side != "both":
        return [f"{rep.side}_{counting.signal}"]
    return [counting.signal, f"left_{counting.signal}", f"right_{counting.signal}"]
