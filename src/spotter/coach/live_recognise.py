"""Finds out, while frames come in, which exercise goes on: not from one gesture, and never for good."""

from __future__ import annotations

import math

from spotter.coach.counted import Counted, RepFinder
from spotter.coach.exercise import Exercise
from spotter.coach.recognise import Guess, Trust, recognise
from spotter.coach.schema import shipped_exercises
from spotter.motion.motion import Motion

_EVERY_S = 1.0
_LEAST_CHANGE = 3  # repetitions of another exercise than the one that was named: a drink takes two


class LiveRecogniser:
    """Names the exercise of a motion that grows, when two looks in a row agree.

    Example::

        recogniser = LiveRecogniser()
        exercise = recogniser.look(live.window(), live.settled_s, since_s)
    """

    def __init__(self) -> None:
        self._finders = {name: RepFinder(one) for name, one in shipped_exercises().items()}
        self._looked_s = -math.inf
        self._guessed: str | None = None

    def look(
        self, motion: Motion, settled_s: float, since_s: float, named: Exercise | None = None
    ) -> Exercise | None:
        """The exercise, if that is sure now; ``named`` else.

        Args:
            motion: of the last half minute.
            settled_s: what is older will be the same in the next look's motion.
            since_s: what turned before belongs to another set.
            named: what it was taken for until now.
        """
        if len(motion) < 2 or motion.time_s[-1] - self._looked_s < _EVERY_S:
            return named
        self._looked_s = float(motion.time_s[-1])
        guess = self._guess(motion, settled_s, Trust(since_s, alone=False))
        before, self._guessed = self._guessed, None if guess is None else guess.name
        if guess is None or guess.name != before:
            return named
        found = shipped_exercises()[guess.name]
        few = named is not None and found.kind == "reps" and guess.reps < _LEAST_CHANGE
        return named if few else found

    def finish(self, motion: Motion, since_s: float) -> Exercise | None:
        """The exercise by all that there is, as of a file: nothing more will come."""
        guess = self._guess(motion, -math.inf, Trust(since_s)) if len(motion) > 1 else None
        return None if guess is None else shipped_exercises()[guess.name]

    def _guess(self, motion: Motion, settled_s: float, trust: Trust) -> Guess | None:
        def find(motion: Motion, exercise: Exercise) -> list[Counted]:
            return self._finders[exercise.name].find(motion, settled_s).reps

        return recognise([motion], shipped_exercises(), find, trust)
