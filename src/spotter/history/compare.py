"""Two sessions beside each other: repetition over repetition, and which differences are more than error."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Hold, Rep
from spotter.coach.session import Session, SessionSet
from spotter.errors import UsageError
from spotter.history.exercise_progress import exercise_title
from spotter.history.measures import Measure, change_places, change_said, measure_table, span_said
from spotter.history.shift import Shift, shift
from spotter.history.working import POINTS, curve, depths, working_angle

Floats = NDArray[np.float64]
Verdict = Literal[
    "more",
    "less",
    "no clear difference",
    "within the error of measuring",
    "not enough to say",
    "not comparable",
]


@dataclass(frozen=True, slots=True)
class Pair:
    """The same repetition of two sessions; None in the one that had fewer.

    Attributes:
        set_number, number: from 1; of the exercise's sets, and of the set's complete repetitions.
        first, second: the repetitions.
    """

    set_number: int
    number: int
    first: Rep | None
    second: Rep | None

    @property
    def range_deg(self) -> float:
        """How much further the second one went, in degrees; NaN if there is none."""
        return _less(self.second, self.first, lambda rep: rep.range_deg)

    @property
    def score(self) -> float:
        """How much better the second one scored; NaN if that is not known."""
        return _less(self.second, self.first, lambda rep: rep.score)

    @property
    def duration_s(self) -> float:
        """How much longer the second one took, in seconds; NaN if there is none."""
        return _less(self.second, self.first, lambda rep: rep.end_s - rep.start_s)


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second session was more or less than the first one, in one measure.

    Attributes:
        measure: which.
        first, second: the medians of their repetitions.
        shift: the difference, with the interval that the repetitions' own spread leaves.
        error: of measuring, a 95 % limit; None where it is not known.
        why_not: why the two cannot be compared; empty where they can.
    """

    measure: Measure
    first: float
    second: float
    shift: Shift
    error: float | None
    why_not: str = ""

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true difference lies, the error of measuring included; NaN where that is not known."""
        value, error = self.shift.value, self.error or 0.0
        below, above = value - self.shift.low, self.shift.high - value
        return value - math.hypot(below, error), value + math.hypot(above, error)

    @property
    def verdict(self) -> Verdict:
        """What may be said: more or less only where the interval leaves out 0."""
        if self.why_not:
            return "not comparable"
        if self.shift.missing:
            return "not enough to say"
        low, high = self.interval
        if low > 0 or high < 0:
            return "more" if low > 0 else "less"
        spread_alone = self.shift.low > 0 or self.shift.high < 0
        return "within the error of measuring" if spread_alone else "no clear difference"


@dataclass(frozen=True)
class ExerciseComparison:
    """Two sessions in one exercise that they have in common.

    Attributes:
        exercise, title: its name, and that for a reader.
        pairs: complete repetitions, those of the first sets, then of the second ones.
        holds: held postures in pairs, in order of time.
        views: how the camera saw the person in the first and in the second one.
        differences: of the measures that are known of both.
        angle: the angle that repetitions are counted by; empty where there is none.
        curves: of the first and of the second session, array (n, 41) of that angle over each repetition, see
            ``working.curve``; (0, 41) where angles were not kept.
    """

    exercise: str
    title: str
    pairs: tuple[Pair, ...]
    holds: tuple[tuple[Hold | None, Hold | None], ...]
    views: tuple[str, str]
    differences: tuple[Difference, ...]
    angle: str
    curves: tuple[Floats, Floats]

    @property
    def same_view(self) -> bool:
        """Whether both were seen from the same side."""
        return self.views[0] == self.views[1] and self.views[0] != "unknown"


@dataclass(frozen=True)
class Comparison:
    """Two sessions, and the exercises that they have in common."""

    first: Session
    second: Session
    exercises: tuple[ExerciseComparison, ...]


def compare(first: Session, second: Session) -> Comparison:
    """Compare two sessions in the exercises that they have in common.

    Raises:
        UsageError: they have none.

    >>> from spotter.coach.analysis import Tempo
    >>> from datetime import UTC, datetime
    >>> def squats(*ranges: float) -> Session:
    ...     reps = tuple(
    ...         Rep(number, 0, 1, 2, True, "both", degrees, Tempo(1, 0, 1), math.nan, 100.0)
    ...         for number, degrees in enumerate(ranges, start=1)
    ...     )
    ...     sets = (SessionSet("squat", 0, 2, reps, (), None, "side"),)
    ...     return Session("a", "Ada", datetime.now(UTC), 2, sets)
    >>> found = compare(squats(60, 61, 62, 63), squats(95, 96, 97, 98, 99)).exercises[0]
    >>> found.differences[1].measure.name, found.differences[1].verdict, found.pairs[4].first
    ('range_deg', 'more', None)
    """
    common = [name for name in first.exercises if name in second.exercises]
    if not common:
        raise UsageError(
            f"the sessions have no exercise in common: {_names(first)} and {_names(second)}; "
            "name two that have"
        )
    return Comparison(first, second, tuple(_in(exercise, first, second) for exercise in common))


def difference_words(one: Difference, exercise: str) -> str:
    """A difference in words; of the depth, deeper or less deep.

    >>> range_deg, depth_deg = (measure_table()[name] for name in ("range_deg", "depth_deg"))
    >>> difference_words(Difference(range_deg, 70, 78, Shift(8, 5, 11, 0), None), "squat")
    '+8.0°'
    >>> difference_words(Difference(depth_deg, 110, 102, Shift(-8, -11, -5, 0), None), "squat")
    '8.0° deeper'
    """
    value, measure = one.shift.value, one.measure
    places = max(measure.places, min(change_places(value, measure.unit), measure.places + 1))
    better = measure.better_in(exercise)
    if measure.better != "deeper" or not better:
        return change_said(value, measure.unit, places, signed=True)
    word = "deeper" if (value > 0) == (better == "more") else "less deep"
    return f"{change_said(abs(value), measure.unit, places)} {word}"


def interval_words(one: Difference, exercise: str) -> str:
    """From where to where a difference may be; without signs where its words say which way."""
    low, high = one.interval
    if one.verdict in ("more", "less") and one.measure.better == "deeper" and one.measure.better_in(exercise):
        low, high = sorted((abs(low), abs(high)))
        return span_said(low, high, one.measure.unit, signed=False)
    return span_said(low, high, one.measure.unit)


def _in(exercise: str, first: Session, second: Session) -> ExerciseComparison:
    sets = tuple([one for one in session.sets if one.exercise == exercise] for session in (first, second))
    views = (_view(sets[0]), _view(sets[1]))
    one, other = (
        np.array([curve(rep, exercise, session.angles) for rep in _complete(part)]).reshape(-1, POINTS)
        for session, part in zip((first, second), sets, strict=True)
    )
    one_hold, other_hold = ([hold for one in part for hold in one.holds] for part in sets)
    return ExerciseComparison(
        exercise=exercise,
        title=exercise_title(exercise),
        pairs=tuple(_pairs(*sets)),
        holds=tuple(zip_longest(one_hold, other_hold)),
        views=views,
        differences=tuple(_differences(exercise, (first, second), sets, views)),
        angle=working_angle(exercise),
        curves=(_known_rows(one), _known_rows(other)),
    )


def _pairs(first: Sequence[SessionSet], second: Sequence[SessionSet]) -> Iterator[Pair]:
    sets = zip_longest((_complete([one]) for one in first), (_complete([one]) for one in second))
    for set_number, (one, other) in enumerate(sets, start=1):
        for number, (rep, same) in enumerate(zip_longest(one or (), other or ()), start=1):
            yield Pair(set_number, number, rep, same)


def _differences(
    exercise: str,
    sessions: tuple[Session, Session],
    sets: tuple[Sequence[SessionSet], ...],
    views: tuple[str, str],
) -> Iterator[Difference]:
    same_view = views[0] == views[1] and views[0] != "unknown"
    unlike = {one.fault for one in sessions[0].not_judged} ^ {one.fault for one in sessions[1].not_judged}
    for measure in measure_table().values():
        values = tuple(
            _values(measure, exercise, session, part) for session, part in zip(sessions, sets, strict=True)
        )
        if not all(np.isfinite(each).any() for each in values):
            continue
        first, second = (float(np.nanmedian(each)) for each in values)
        why_not = "different faults could be judged" if measure.name == "score" and unlike else ""
        error = measure.same_view if same_view else measure.other_view
        yield Difference(measure, first, second, shift(*values), error, why_not)


def _values(measure: Measure, exercise: str, session: Session, sets: Sequence[SessionSet]) -> Floats:
    """A measure of each complete repetition, or of each hold."""
    reps = _complete(sets)
    if measure.name == "held_s":
        return np.array([hold.end_s - hold.start_s for one in sets for hold in one.holds])
    if measure.name == "depth_deg":
        return depths(reps, exercise, session.angles)
    return np.array([rep_value(rep, measure.name) for rep in reps], np.float64)


def rep_value(rep: Rep, name: str) -> float:
    """What a repetition says of itself of a measure, such as ``"score"`` or ``"out_s"``."""
    tempo = {"out_s": rep.tempo_s.out, "hold_s": rep.tempo_s.hold, "back_s": rep.tempo_s.back}
    value: float = tempo[name] if name in tempo else getattr(rep, name)
    return value


def _complete(sets: Sequence[SessionSet]) -> tuple[Rep, ...]:
    return tuple(rep for one in sets for rep in one.reps if rep.complete)


def _view(sets: Sequence[SessionSet]) -> str:
    views = {one.view for one in sets if one.reps or one.holds}
    return views.pop() if len(views) == 1 else "unknown"


def _known_rows(curves: Floats) -> Floats:
    return curves[np.isfinite(curves).all(axis=1)]


def _less(one: Rep | None, other: Rep | None, of: Callable[[Rep], float]) -> float:
    return math.nan if one is None or other is None else of(one) - of(other)


def _names(session: Session) -> str:
    return ", ".join(session.exercises) or "none"
