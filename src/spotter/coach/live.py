"""The live coach: pushed one frame at a time, it answers with the present state and one cue at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spotter.body.engine import PoseEngine
from spotter.body.joint_source import JointEngine
from spotter.body.keypoints import Body
from spotter.coach.analysis import Cue, Fault, Hold, Rep, Side
from spotter.coach.counter import MAX_BLIND_S
from spotter.coach.exercise import Exercise
from spotter.coach.faults import Verdict
from spotter.coach.live_athlete import Athlete
from spotter.coach.live_cues import Cues
from spotter.coach.live_holds import LiveHolds
from spotter.coach.live_recognise import LiveRecogniser
from spotter.coach.live_reps import LiveReps
from spotter.coach.schema import named_exercise
from spotter.media.frame import Frame
from spotter.models.store import ModelStore
from spotter.motion.live import LiveMotion
from spotter.motion.motion import Motion

LOOK_EVERY_S = 0.1
"""How often repetitions are looked for."""

_READY, _FAR = 0.2, 0.85  # shares of the way between which the person is on the way

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
        side: the side that moves, where the sides alternate; else ``"both"``.
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
    side: Side
    angles: Mapping[str, float]
    new_rep: Rep | None
    cue: Cue | None


class Coach:
    """Counts, measures and coaches while frames come in.

    Args:
        exercise: a shipped exercise's name, the path of a TOML file, or an exercise; None or ``"auto"``
            recognises it after a few repetitions, and another one when that follows.
        store: where the models come from.
        engine: finds the joints; a new pose engine if None.
        height_m: the person's height, which makes lengths true; None if not known.
        look_later: whether ``push`` leaves it to ``look`` to find out what was done, for which a third of the
            frames take half as long again: then the answer is there sooner, and tells it a frame later.

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

    def __init__(
        self,
        exercise: str | Exercise | None = None,
        store: ModelStore | None = None,
        *,
        engine: JointEngine | None = None,
        height_m: float | None = None,
        look_later: bool = False,
    ) -> None:
        self._exercise = named_exercise(exercise)
        self._engine = engine or PoseEngine(store)
        self._motion = LiveMotion(height_m)
        self._athlete = Athlete()
        self._cues = Cues()
        self._look_later = look_later
        self._is_due = False
        self._looked_at: Motion | None = None
        self._new_rep: Rep | None = None
        self._size: tuple[int, ...] = ()
        self._turns = 0  # how often the picture's size has changed
        self._time_s = self._looked_s = -math.inf
        self._counts_from_s = -math.inf
        self._reps: LiveReps | None = None
        self._holds: LiveHolds | None = None
        self._recogniser = LiveRecogniser() if self._exercise is None else None
        self._follow_exercise()

    @property
    def exercise(self) -> Exercise | None:
        """The exercise; None until it is recognised."""
        return self._exercise

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The complete repetitions so far."""
        return tuple(self._reps.done) if self._reps else ()

    @property
    def attempts(self) -> tuple[Rep, ...]:
        """The attempts that turned back early, so far."""
        return tuple(self._reps.attempts) if self._reps else ()

    @property
    def holds(self) -> tuple[Hold, ...]:
        """The times in the right posture so far."""
        return self._holds.done if self._holds else ()

    @property
    def verdicts(self) -> list[list[Verdict]]:
        """What the fault rules said of each complete repetition, or of the newest held posture."""
        judged = self._reps or self._holds
        return judged.verdicts if judged else []

    @property
    def moving_since_s(self) -> float | None:
        """When the repetition began that has turned back, or the posture that is held; None if neither is."""
        if self._reps is not None and self._reps.under_way is not None:
            return self._reps.under_way.swing.span.start_s
        return self._holds.since_s if self._holds is not None else None

    @property
    def looked_at(self) -> Motion | None:
        """The motion of the last half minute, if it was looked at since the last ``push``; else None."""
        return self._looked_at

    def recent(self) -> Motion:
        """The motion of the last half minute; its arrays are good until the next ``push``."""
        return self._motion.window()

    @property
    def settled_s(self) -> float:
        """What is older than this stays as it is in ``recent``."""
        return self._motion.settled_s

    def push(self, frame: Frame) -> CoachState:
        """Look at a frame and answer; times must grow from call to call, gaps of any length are allowed."""
        if math.isfinite(self._time_s) and frame.time_s - self._time_s > MAX_BLIND_S and self._reps:
            self._reps.interrupted(frame.time_s)
        self._time_s, self._looked_at = frame.time_s, None
        bodies = self._engine.push(frame)
        shot = self._shot(frame)
        settled, counted = not self._is_paused, bool(self.reps or self.attempts or self.holds)
        body = self._athlete.find(bodies, shot, frame.time_s, settled=settled, counted=counted)
        self._motion.add(frame, shot, body)
        if frame.time_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = frame.time_s
            self._is_due = True
        if not self._look_later:
            self.look()
        new_rep, self._new_rep = self._new_rep, None
        return self._state(bodies, body, new_rep)

    def look(self) -> None:
        """Find out what was done until now, if that is due; ``push`` does it itself unless told otherwise."""
        if self._is_due:
            self._is_due = False
            self._looked_at = self._motion.window()
            self._new_rep = self._look(self._looked_at)

    def begin(self) -> None:
        """Count anew: what has turned until now counts no more, what turns from now on does."""
        if self._exercise is None:  # what was done before is not to be taken for an exercise
            self._motion.forget()
        self._count_from(self._time_s)

    def pause(self) -> None:
        """Count nothing until ``begin``."""
        self._count_from(math.inf)

    def finish(self) -> Rep | None:
        """No frame will come: a repetition that has all but ended counts, as at the end of a video."""
        motion = self._motion.window()
        if self._recogniser is not None and self._exercise is None and not self._is_paused:
            self._name(self._recogniser.finish(motion, self._counts_from_s))
        if self._holds is not None:
            self._holds.look(motion)
        return None if self._reps is None else self._reps.finish(motion)

    def change(self, exercise: str | Exercise | None) -> None:
        """Coach another exercise from now on, or recognise it; counts begin anew.

        Raises:
            ExerciseError: there is no such exercise; nothing has changed then.
        """
        self._exercise = named_exercise(exercise)
        self._recogniser = LiveRecogniser() if self._exercise is None else None
        self._cues = Cues()
        self._counts_from_s = max(self._counts_from_s, self._time_s)
        self._follow_exercise()

    @property
    def _is_paused(self) -> bool:
        return self._counts_from_s == math.inf

    def _count_from(self, time_s: float) -> None:
        self._counts_from_s = time_s
        for counted in (self._reps, self._holds):
            if counted is not None:
                counted.begin(time_s)

    def _follow_exercise(self) -> None:
        """What counts the present exercise."""
        exercise = self._exercise
        self._reps = LiveReps(exercise) if exercise and exercise.kind == "reps" else None
        self._holds = LiveHolds(exercise) if exercise and exercise.kind == "hold" else None
        self._count_from(self._counts_from_s)

    def _shot(self, frame: Frame) -> int:
        """Number of the shot; a picture of another size begins one too, as when a phone is turned."""
        if frame.image.shape != self._size:
            self._turns += bool(self._size)
            self._size = frame.image.shape
        return self._engine.shot + self._turns

    def _look(self, motion: Motion) -> Rep | None:
        """Look at the recent motion: what was done, and what to say about it."""
        if self._recogniser is not None and not self._is_paused:
            settled_s, since_s = self._motion.settled_s, self._counts_from_s
            self._name(self._recogniser.look(motion, settled_s, since_s, self._exercise))
        if len(motion) < 2:
            return None
        if self._holds is not None:
            self._say(self._holds.look(motion))
        if self._reps is None:
            return None
        rep = self._reps.look(motion, self._motion.settled_s)
        faults = rep.faults if rep is not None else self._reps.sure_faults(motion)
        self._say(faults[0] if faults else None)
        return rep

    def _name(self, exercise: Exercise | None) -> None:
        """From now on it is this exercise; what was done of it since counting began counts."""
        if exercise is not self._exercise:
            self._exercise = exercise
            self._cues = Cues()
            self._follow_exercise()

    def _say(self, fault: Fault | None) -> None:
        if fault is not None:
            self._cues.say(Cue(fault.name, fault.cue, fault.severity, self._time_s))

    def _state(self, bodies: list[Body], body: Body | None, new_rep: Rep | None) -> CoachState:
        reps, holds = self._reps, self._holds
        return CoachState(
            time_s=self._time_s,
            bodies=tuple(bodies),
            person=body.id if body is not None else None,
            exercise=self._exercise.name if self._exercise else None,
            count=len(reps.done) if reps else 0,
            attempts=len(reps.attempts) if reps else 0,
            held_s=holds.held_s if holds else 0.0,
            phase=self._phase(body),
            progress=reps.progress if reps else math.nan,
            side=reps.side if reps else "both",
            angles=self._motion.latest_angles(),
            new_rep=new_rep,
            cue=self._cues.at(self._time_s),
        )

    def _phase(self, body: Body | None) -> Phase:
        if body is None:
            return "unseen"
        progress = self._reps.progress if self._reps else math.nan
        if not np.isfinite(progress) or progress < _READY:
            return "ready"
        if progress > _FAR:
            return "far"
        return "out" if self._reps and self._reps.rising else "back"
