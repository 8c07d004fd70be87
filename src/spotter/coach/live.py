"""The live coach: pushed one frame at a time, it answers with the present state and one cue at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spotter.body.engine import PoseEngine
from spotter.body.keypoints import Body
from spotter.coach.analysis import Cue, Rep
from spotter.coach.counted import Counted, find_reps, progress
from spotter.coach.exercise import Exercise
from spotter.coach.faults import judge
from spotter.coach.holds import find_holds, judge_hold
from spotter.coach.recognise import recognise
from spotter.coach.schema import find_exercise, shipped_exercises
from spotter.coach.sets import make_rep
from spotter.coach.window import Span
from spotter.media.frame import Frame
from spotter.models.store import ModelStore
from spotter.motion.live import LiveMotion
from spotter.motion.motion import Motion

CUE_S = 4.0
"""How long a cue stands."""

CUE_AGAIN_S = 12.0
"""The same cue is not given again within this time."""

_JUDGE_EVERY_S = 0.1
_RECOGNISE_EVERY_S = 1.0
_LOST_S = 2.0

Phase = Literal["unseen", "ready", "out", "far", "back"]


@dataclass(frozen=True, slots=True)
class CoachState:
    """What the coach knows after a frame.

    Attributes:
        time_s: the frame's time.
        bodies: everybody in the picture.
        person: number of the person who is coached; None while nobody is seen.
        exercise: name of the exercise; None until it is recognised.
        count: complete repetitions so far.
        attempts: attempts that turned back early.
        held_s: seconds in the right posture, for a hold.
        phase: ``"unseen"``, ``"ready"``, ``"out"`` to the far end, ``"far"``, or on the way ``"back"``.
        progress: share of the way to the far end, 0 to 1; NaN before the person's range is known.
        angles: angle name to degrees; NaN where it is not seen.
        new_rep: the repetition that this frame completed, if it did.
        cue: the one thing to say now, if there is one.
    """

    time_s: float
    bodies: tuple[Body, ...]
    person: int | None
    exercise: str | None
    count: int
    attempts: int
    held_s: float
    phase: Phase
    progress: float
    angles: Mapping[str, float]
    new_rep: Rep | None
    cue: Cue | None


class Coach:
    """Counts, measures and coaches while frames come in.

    Args:
        exercise: a shipped exercise's name, the path of a TOML file, or an exercise; None or ``"auto"``
            recognises it.
        store: where the models come from.

    Raises:
        ExerciseError: there is no such exercise.
        ModelError: a model is missing or damaged.

    Example::

        coach = spotter.Coach("squat")
        with open_camera(0) as camera:
            for frame in camera:
                state = coach.push(frame)
                print(state.count, state.phase, state.cue.text if state.cue else "")
    """

    def __init__(self, exercise: str | Exercise | None = None, store: ModelStore | None = None) -> None:
        wanted = find_exercise(exercise) if isinstance(exercise, str) and exercise != "auto" else exercise
        self._exercise = wanted if isinstance(wanted, Exercise) else None
        self._engine = PoseEngine(store)
        self._motion = LiveMotion()
        self._person: int | None = None
        self._seen_s = -math.inf
        self._judged_s = self._recognised_s = -math.inf
        self._last_turn_s = self._last_attempt_s = -math.inf
        self._reps: list[Rep] = []
        self._attempts = 0
        self._held_s, self._held_to_s = 0.0, -math.inf
        self._progress = math.nan
        self._rising = True
        self._cue: Cue | None = None
        self._cued_s: dict[str, float] = {}

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The complete repetitions so far."""
        return tuple(self._reps)

    def push(self, frame: Frame) -> CoachState:
        """Look at a frame and answer; times must grow from call to call."""
        bodies = self._engine.push(frame)
        body = self._athlete(bodies, frame.time_s)
        self._motion.add(frame, self._engine.shot, body)
        new_rep = None
        if frame.time_s - self._judged_s >= _JUDGE_EVERY_S:
            self._judged_s = frame.time_s
            new_rep = self._judge(self._motion.window())
        if self._cue is not None and frame.time_s - self._cue.since_s > CUE_S:
            self._cue = None
        return CoachState(
            time_s=frame.time_s,
            bodies=tuple(bodies),
            person=self._person if body is not None else None,
            exercise=self._exercise.name if self._exercise else None,
            count=len(self._reps),
            attempts=self._attempts,
            held_s=self._held_s,
            phase=self._phase(body),
            progress=self._progress,
            angles=self._motion.latest_angles(),
            new_rep=new_rep,
            cue=self._cue,
        )

    def _athlete(self, bodies: list[Body], time_s: float) -> Body | None:
        """The person who is coached: the same as before, or the largest once they are gone."""
        known = next((body for body in bodies if body.id == self._person), None)
        if known is None and bodies and time_s - self._seen_s > (_LOST_S if self._person else 0):
            known = max(bodies, key=lambda body: body.area)
            self._person = known.id
        if known is not None:
            self._seen_s = time_s
        return known

    def _judge(self, motion: Motion) -> Rep | None:
        if self._exercise is None:
            self._recognise(motion)
        if self._exercise is None or len(motion) < 2:
            return None
        if self._exercise.kind == "hold":
            self._hold(motion, self._exercise)
            return None
        share = progress(motion, self._exercise)
        self._rising = share >= self._progress if share != self._progress else self._rising
        self._progress = share
        return self._count(motion, self._exercise)

    def _recognise(self, motion: Motion) -> None:
        if motion.time_s[-1] - self._recognised_s < _RECOGNISE_EVERY_S:
            return
        self._recognised_s = float(motion.time_s[-1])
        guess = recognise([motion], shipped_exercises())
        if guess is not None:
            self._exercise = shipped_exercises()[guess.name]

    def _count(self, motion: Motion, exercise: Exercise) -> Rep | None:
        """Take over repetitions that are done since the last look; the newest of them."""
        newest = None
        for counted in find_reps(motion, exercise):
            span = counted.swing.span
            if counted.swing.complete and span.start_s >= self._last_turn_s:
                self._last_turn_s = span.turn_s
                newest = self._complete(motion, exercise, counted)
            elif not counted.swing.complete and span.start_s >= max(self._last_attempt_s, self._last_turn_s):
                self._last_attempt_s = span.turn_s
                self._attempts += 1
        return newest

    def _complete(self, motion: Motion, exercise: Exercise, counted: Counted) -> Rep:
        verdicts = judge(motion, exercise, counted.swing.span, counted.side)
        rep = make_rep(motion, exercise, counted, len(self._reps) + 1, verdicts)
        self._reps.append(rep)
        if rep.faults:
            worst = rep.faults[0]
            self._say(Cue(worst.name, worst.cue, worst.severity, float(motion.time_s[-1])))
        return rep

    def _hold(self, motion: Motion, exercise: Exercise) -> None:
        """The right seconds of the hold that goes on now, and what is wrong with it."""
        for first, last in find_holds(motion, exercise):
            start_s, end_s = float(motion.time_s[first]), float(motion.time_s[last])
            row = judge(motion, exercise, Span(start_s, start_s, end_s), "both")
            parts, faults = judge_hold(motion, [v.rule for v in row if not v.why_not], first, last)
            for part in parts:  # the window forgets what lies half a minute back, the sum does not
                self._held_s += max(0.0, part.end_s - max(part.start_s, self._held_to_s))
                self._held_to_s = max(self._held_to_s, part.end_s)
            for fault in faults[-1:]:
                if motion.time_s[-1] - fault.at_s < 1.0:
                    self._say(Cue(fault.name, fault.cue, fault.severity, float(motion.time_s[-1])))

    def _say(self, cue: Cue) -> None:
        if cue.since_s - self._cued_s.get(cue.fault, -math.inf) >= CUE_AGAIN_S:
            self._cued_s[cue.fault] = cue.since_s
            self._cue = cue

    def _phase(self, body: Body | None) -> Phase:
        if body is None:
            return "unseen"
        if not np.isfinite(self._progress) or self._progress < 0.2:
            return "ready"
        if self._progress > 0.85:
            return "far"
        return "out" if self._rising else "back"
