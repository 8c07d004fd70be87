"""Tells which exercise a motion shows, or that it shows none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

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

LEAST_HOLD_S = 5.0
"""A posture that may be the beginning of something else must be held for so long."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An exercise that a motion may show.

    Attributes:
        name: the exercise.
        weight: seconds of the motion that it explains, each by how well it fits.
        reps: how many complete repetitions these are; 0 of a hold.
        confidence: 0 to 1: its share of what all exercises explain, by its own fit.
    """

    name: str
    weight: float
    reps: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Trust:
    """What an exercise is recognised by.

    Attributes:
        since_s: what turned, or was held, before this time does not count.
        alone: whether a single repetition, or a short hold, may be all there is, as in a short clip.
    """

    since_s: float = -math.inf
    alone: bool = True


FindReps = Callable[[Motion, Exercise], list[Counted]]


def recognise(
    motions: Iterable[Motion],
    exercises: Mapping[str, Exercise],
    find: FindReps = find_reps,
    trust: Trust | None = None,
) -> Guess | None:
    """The exercise that explains most of the motions' time; None where nothing is one.

    Args:
        motions: of the same people.
        exercises: which may be recognised, by name.
        find: finds an exercise's repetitions; who asks again and again has one that remembers.
        trust: what it is recognised by; all that there is if None.
    """
    trust = trust or Trust()
    guesses: dict[str, Guess] = {}
    for motion in motions:
        for name, exercise in exercises.items():
            guess = _explained(motion, exercise, find, trust)
            if guess is not None and (name not in guesses or guess.weight > guesses[name].weight):
                guesses[name] = guess
    if not guesses:
        return None
    best = max(guesses.values(), key=lambda guess: guess.weight)
    return replace(
        best, confidence=best.confidence * best.weight / sum(guess.weight for guess in guesses.values())
    )


def _explained(motion: Motion, exercise: Exercise, find: FindReps, trust: Trust) -> Guess | None:
    """An exercise by its own fit alone; None where it is not believed."""
    if exercise.kind == "hold":
        return _held(motion, exercise, trust)
    found = (rep for rep in find(motion, exercise) if rep.swing.span.turn_s >= trust.since_s)
    reps = [rep for rep in found if rep.swing.complete]
    if not reps:
        return None
    mean_fit = sum(rep.fit for rep in reps) / len(reps)
    lengths = np.array([rep.swing.span.end_s - rep.swing.span.start_s for rep in reps])
    if len(reps) > 2 and lengths.std() > MOST_IRREGULAR * lengths.mean():
        return None
    total = float(lengths.sum())
    fills_the_video = trust.alone and total >= LEAST_SHARE * _seen_s(motion)
    if mean_fit < SURE_FIT or not (fills_the_video or (len(reps) > 1 and total >= LEAST_S)):
        return None
    weight = float(sum(rep.fit * length for rep, length in zip(reps, lengths, strict=True)))
    return Guess(exercise.name, weight, len(reps), mean_fit)


def _held(motion: Motion, exercise: Exercise, trust: Trust) -> Guess | None:
    held_s = sum(
        max(0.0, float(motion.time_s[last] - max(motion.time_s[first], trust.since_s)))
        for first, last in find_holds(motion, exercise)
    )
    if held_s == 0 or not (trust.alone or held_s >= LEAST_HOLD_S):
        return None
    return Guess(exercise.name, HOLD_WORTH * held_s, 0, 1.0)


def _seen_s(motion: Motion) -> float:
    return float(motion.seen.mean() * (motion.time_s[-1] - motion.time_s[0]))
