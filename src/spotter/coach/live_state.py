"""What a live session is asked for, and what it answers after every frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from spotter.coach.analysis import Cue, Rep
from spotter.coach.exercise import Exercise
from spotter.coach.framing import Hint
from spotter.coach.live import CoachState
from spotter.coach.words import ENGLISH, Words
from spotter.errors import UsageError

Stage = Literal["guide", "countdown", "set", "rest", "done"]


@dataclass(frozen=True, slots=True)
class Target:
    """What the person wants to do; None for "until I stop".

    Attributes:
        reps: complete repetitions a set, 1 or more.
        sets: how many sets, 1 or more; after the last one the session is done.
        rest_s: seconds of rest between sets; None rests until the next repetition begins.
        hold_s: seconds a set of a held posture.

    Raises:
        UsageError: one of them is out of its range.
    """

    reps: int | None = None
    sets: int | None = None
    rest_s: float | None = None
    hold_s: float | None = None

    def __post_init__(self) -> None:
        for what, number in (("repetitions", self.reps), ("sets", self.sets)):
            if number is not None and number < 1:
                raise UsageError(f"the target is {number} {what}; give 1 or more, or none")
        for what, seconds in (("rest", self.rest_s), ("hold", self.hold_s)):
            if seconds is not None and not (math.isfinite(seconds) and seconds >= 0):
                raise UsageError(f"the {what} is {seconds:g} s; give 0 or more")


@dataclass(frozen=True, slots=True)
class Working:
    """The angle that the exercise works, now.

    Attributes:
        name: an angle, or the mean of both sides, such as ``"left_elbow"`` or ``"knee"``.
        title: the same in words, such as ``"Left elbow"``.
        degrees: NaN where it is not seen.
    """

    name: str
    title: str
    degrees: float


@dataclass(frozen=True, slots=True)
class LiveState:
    """What to show after a frame.

    Attributes:
        coach: bodies, person, exercise, phase, progress and angles; its counts are those of the present set.
        title: the exercise's, in the session's language; empty until it is known.
        stage: ``"guide"``, ``"countdown"``, ``"set"``, ``"rest"`` or ``"done"``.
        guide: what to change until the coach can see well, most important first; may be filled in any stage
            (somebody who walks out of the picture is told so), empty where all is well.
        countdown_s: seconds until the set begins; None but in the countdown.
        rest_left_s: seconds of rest that are left; None but in a rest, and in one without an end.
        set_number: of the set that goes on or comes next, from 1; in rests and at the end of the last one.
        sets: how many are wanted; None for no limit.
        count, attempts: complete repetitions of this set, and attempts that turned back early.
        held_s: seconds of this set in the right posture, for a hold.
        working: the working angle; None until the exercise is known.
        rep: the repetition that this frame completed, with its number in the set; one that was good has no
            ``faults``.
        cue: the one thing to say now; a new one has another ``since_s``.
        heart_rate: beats a minute heard in the last seconds; NaN where nothing was.
    """

    coach: CoachState
    title: str
    stage: Stage
    guide: tuple[Hint, ...]
    countdown_s: float | None
    rest_left_s: float | None
    set_number: int
    sets: int | None
    count: int
    attempts: int
    held_s: float
    working: Working | None
    rep: Rep | None
    cue: Cue | None
    heart_rate: float


def working_angle(exercise: Exercise | None, state: CoachState, words: Words = ENGLISH) -> Working | None:
    """The angle that an exercise works: of the side that moves, or the mean of both sides that are seen."""
    if exercise is None or not exercise.working_angles:
        return None
    names = exercise.working_angles
    if state.side != "both":
        names = tuple(name for name in names if name.startswith(state.side)) or names
    known = {name: state.angles.get(name, math.nan) for name in names}
    seen = {name: degrees for name, degrees in known.items() if math.isfinite(degrees)}
    pairs = {name.partition("_")[2] for name in seen or known if name.startswith(("left_", "right_"))}
    if len(seen) == 1 or len(pairs) != 1 or state.side != "both":
        name = next(iter(seen or known))
        return Working(name, words(title_of(name)), seen.get(name, math.nan))
    name = pairs.pop()
    mean = sum(seen.values()) / len(seen) if seen else math.nan
    return Working(name, words(title_of(name)), mean)


def title_of(name: str) -> str:
    """An angle's name in words.

    >>> title_of("left_elbow")
    'Left elbow'
    """
    return name.replace("_", " ").capitalize()
