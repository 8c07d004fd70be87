"""Two sessions beside each other, repetition over repetition."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from spotter.coach.analysis import Rep
from spotter.coach.session import Session
from spotter.errors import UsageError


@dataclass(frozen=True, slots=True)
class Pair:
    """The same repetition of two sessions; None in the one that had fewer.

    Attributes:
        exercise: of both.
        set_number, number: from 1; of the exercise's sets, and of the set's complete repetitions.
        first, second: the repetitions.
    """

    exercise: str
    set_number: int
    number: int
    first: Rep | None
    second: Rep | None

    @property
    def range_deg(self) -> float:
        """How much further the second one went, in degrees; NaN if there is none."""
        return _difference(self, "range_deg")

    @property
    def score(self) -> float:
        """How much better the second one scored; NaN if that is not known."""
        return _difference(self, "score")

    @property
    def duration_s(self) -> float:
        """How much longer the second one took, in seconds; NaN if there is none."""
        if self.first is None or self.second is None:
            return math.nan
        return (self.second.end_s - self.second.start_s) - (self.first.end_s - self.first.start_s)


def compare(first: Session, second: Session) -> tuple[Pair, ...]:
    """Complete repetitions in pairs: those of the first sets of an exercise, then of the second ones.

    Raises:
        UsageError: they have no exercise in common.
    """
    common = [name for name in first.exercises if name in second.exercises]
    if not common:
        raise UsageError(
            f"the sessions have no exercise in common: {_names(first)} and {_names(second)}; "
            "name two that have"
        )
    return tuple(pair for exercise in common for pair in _pairs(exercise, first, second))


def _pairs(exercise: str, first: Session, second: Session) -> Iterator[Pair]:
    sets = zip_longest(_complete(first, exercise), _complete(second, exercise), fillvalue=())
    for set_number, (one, other) in enumerate(sets, start=1):
        for number, (rep, same) in enumerate(zip_longest(one, other), start=1):
            yield Pair(exercise, set_number, number, rep, same)


def _complete(session: Session, exercise: str) -> list[tuple[Rep, ...]]:
    return [
        tuple(rep for rep in one.reps if rep.complete) for one in session.sets if one.exercise == exercise
    ]


def _difference(pair: Pair, name: str) -> float:
    if pair.first is None or pair.second is None:
        return math.nan
    difference: float = getattr(pair.second, name) - getattr(pair.first, name)
    return difference


def _names(session: Session) -> str:
    return ", ".join(session.exercises) or "none"
