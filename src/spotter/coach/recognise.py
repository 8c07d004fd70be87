"""Tells which exercise a motion shows, or that it shows none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from spotter.coach.counted import Counted, find_reps
from spotter.coach.exercise import Exercise
from spotter.coach.holds import find_holds
from spotter.motion.motion import Motion

SURE_FIT = 0.5
"""Repetitions that fit worse on average do not make an exercise."""

LEAST_S = 3.0
"""Two or more repetitions must take this long together, or they are a gesture."""

LEAST_SHARE = 0.5
"""What is shorter, or a single repetition, must fill this share of the time the person was seen."""

MOST_IRREGULAR = 0.3
"""Three or more repetitions whose lengths spread by more than this share of their mean are gestures."""

HOLD_WORTH = 0.5
"""A second of holding counts this much of a second of repetitions: standing about is a hold of something."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An exercise that a motion may show.

    Attributes:
        name: the exercise.
        weight: seconds of the motion that it explains, each by how well it fits.
        confidence: 0 to 1: its share of what all exercises explain, by its own fit.
    """

    name: str
    weight: float
    confidence: float


FindReps = Callable[[Motion, Exercise], list[Counted]]


def recognise(
    motions: Iterable[Motion], exercises: Mapping[str, Exercise], find: FindReps = find_reps
) -> Guess | None:
    """The exercise that explains most of the motions' time; None where nothing is one.

    Args:
        motions: of the same people.
        exercises: which may be recognised, by name.
        find: finds an exercise's repetitions; who asks again and again has one that remembers.
    """
    weights: dict[str, float] = {}
    fits: dict[str, float] = {}
    for motion in motions:
        for name, exercise in exercises.items():
            weight, mean_fit = _explained(motion, exercise, find)
            if weight > weights.get(name, 0.0):
                weights[name], fits[name] = weight, mean_fit
    if not weights:
        return None
    best = max(weights, key=lambda name: weights[name])
    rivals = sum(weight for name, weight in weights.items() if name != best)
    return Guess(best, weights[best], fits[best] * weights[best] / (weights[best] + rivals))


def _explained(motion: Motion, exercise: Exercise, find: FindReps) -> tuple[float, float]:
    """Seconds that an exercise explains, each by its fit, and the mean fit; zeros where not believed."""
    if exercise.kind == "hold":
        holds = find_holds(motion, exercise)
        held = sum(float(motion.time_s[b] - motion.time_s[a]) for a, b in holds)
        return HOLD_WORTH * held, 1.0 if holds else 0.0
    reps = [rep for rep in find(motion, exercise) if rep.swing.complete]
    if not reps:
        return 0.0, 0.0
    mean_fit = sum(rep.fit for rep in reps) / len(reps)
    lengths = np.array([rep.swing.span.end_s - rep.swing.span.start_s for rep in reps])
    if len(reps) > 2 and lengths.std() > MOST_IRREGULAR * lengths.mean():
        return 0.0, 0.0
    total = float(lengths.sum())
    fills_the_video = total >= LEAST_SHARE * _seen_s(motion)
    if mean_fit < SURE_FIT or not (fills_the_video or (len(reps) > 1 and total >= LEAST_S)):
        return 0.0, 0.0
    return float(sum(rep.fit * length for rep, length in zip(reps, lengths, strict=True))), mean_fit


def _seen_s(motion: Motion) -> float:
    return float(motion.seen.mean() * (motion.time_s[-1] - motion.time_s[0]))
