"""A stretch of video that has been analysed to the end, handed on while later frames are still to come."""

from __future__ import annotations

from dataclasses import dataclass

from spotter.coach.analysis import Person
from spotter.coach.exercise import Exercise
from spotter.motion.motion import Motion


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was found in a few minutes of video.

    Attributes:
        start_s, end_s: the first and the last frame's time.
        exercise: the exercise that was judged; None where there was none.
        motions: one for each person analysed, on the same frames.
        people: what each of them did in this stretch (repetition numbers go on from the stretch before).
    """

    start_s: float
    end_s: float
    exercise: Exercise | None
    motions: tuple[Motion, ...]
    people: tuple[Person, ...]
