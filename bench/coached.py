"""Coaches a clip twice from one look at it: told the exercise, and finding it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.table import Cell
from spotter.coach.analysis import ExerciseFound, Person
from spotter.coach.analyze import analyze
from spotter.coach.judge import coach_person
from spotter.coach.schema import shipped_exercises
from spotter.coach.stretch import Stretch
from spotter.errors import NoPersonError

GOOD_S = 0.25
"""A turning point this near to the true one is right: the truth itself is good to 0.2 s."""

_NOBODY = Person(0, "unknown")
_NOTHING = ExerciseFound(None, "recognised", 0.0)


@dataclass(frozen=True, slots=True)
class Coached:
    """What Spotter says of a clip.

    Attributes:
        given: the athlete, coached on the exercise that it was told; nothing done where it was told none.
        found: the exercise that it recognised.
        found_count: complete repetitions of that.
        found_holds: how many holds of that.
        seconds: how long the clip is.
    """

    given: Person
    found: ExerciseFound
    found_count: int
    found_holds: int
    seconds: float

    @property
    def turns_s(self) -> list[float]:
        """When the complete repetitions of the given exercise turned."""
        return [rep.turn_s for rep in self.given.reps if rep.complete]

    @property
    def attempts(self) -> int:
        """Repetitions that turned back early."""
        return sum(not rep.complete for rep in self.given.reps)


def coach_clip(clip: Path, exercise: str | None) -> Coached:
    """Look at a clip once, with the exercise to be recognised, and judge the same motion as the one given."""
    stretches: list[Stretch] = []
    try:
        analysis = analyze(clip, on_stretch=stretches.append)
    except NoPersonError:
        return Coached(_NOBODY, _NOTHING, 0, 0, 0.0)
    if len(stretches) != 1:
        raise ValueError(f"{clip} is too long for a benchmark of counts: it takes {len(stretches)} stretches")
    motions = stretches[0].motions
    known = shipped_exercises()
    given = coach_person(motions[0], known[exercise]) if exercise in known and motions else _NOBODY
    holds = sum(len(person.holds) for person in analysis.people)
    seconds = stretches[0].end_s - stretches[0].start_s
    return Coached(given, analysis.exercise, analysis.count, holds, seconds)


def share(what: str, right: Sequence[bool], wanted: str | None) -> tuple[Cell, ...]:
    """A row of a table: what was measured, how many are right, of how many, and how many were wanted."""
    return what, sum(right), len(right), wanted


def turn_errors(found_s: Sequence[float], true_s: Sequence[float]) -> list[float]:
    """How far the nearest turning point found lies from each true one, in seconds; infinite if none was.

    >>> turn_errors([1.0, 2.5], [1.5, 2.5, 4.0])
    [0.5, 0.0, 1.5]
    """
    found = np.array(found_s, np.float64)
    return [float(np.abs(found - turn).min(initial=np.inf)) for turn in true_s]
