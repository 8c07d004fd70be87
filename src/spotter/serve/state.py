"""The coach's state as the message that a client gets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spotter.body.keypoints import Body
from spotter.coach.analysis import Cue
from spotter.coach.live_state import LiveState, Working
from spotter.coach.schema import shipped_exercises
from spotter.serve.messages import (
    BodyMessage,
    CueMessage,
    ExerciseMessage,
    GuideMessage,
    RepMessage,
    State,
    WorkingMessage,
)


def state_message(live: LiveState, height: int, width: int) -> State:
    """What a client is told after a frame; its number, its times and the parts are filled in later.

    Args:
        live: what the coach says.
        height, width: of the picture that it looked at.
    """
    coach = live.coach
    return State(
        stage=live.stage,
        guide=[GuideMessage(name=hint.name, text=hint.text) for hint in live.guide],
        countdown_s=live.countdown_s,
        rest_left_s=live.rest_left_s,
        set=live.set_number,
        sets=live.sets,
        count=live.count,
        attempts=live.attempts,
        held_s=live.held_s,
        phase=coach.phase,
        progress=coach.progress,
        exercise=_exercise(coach.exercise, live.title),
        working=_working(live.working),
        angles={name: round(degrees, 1) for name, degrees in coach.angles.items()},
        bodies=body_messages(coach.bodies, height, width),
        person=coach.person,
        rep=None if live.rep is None else RepMessage.model_validate(live.rep),
        cue=_cue(live.cue),
        heart_rate=live.heart_rate,
    )


def body_messages(bodies: Sequence[Body], height: int, width: int) -> list[BodyMessage]:
    """Bodies found in a picture of this height and width, their points as shares of it."""
    size = np.array([width, height], np.float32)
    found = []
    for body in bodies:
        seen = np.column_stack([body.keypoints.xy / size, body.keypoints.visibility])
        found.append(BodyMessage(id=body.id, points=np.round(seen.astype(np.float64), 4).tolist()))
    return found


def _exercise(name: str | None, title: str) -> ExerciseMessage | None:
    known = shipped_exercises().get(name or "")
    return None if known is None else ExerciseMessage(name=known.name, title=title, kind=known.kind)


def _working(angle: Working | None) -> WorkingMessage | None:
    if angle is None:
        return None
    return WorkingMessage(name=angle.name, title=angle.title, degrees=angle.degrees)


def _cue(cue: Cue | None) -> CueMessage | None:
    if cue is None:
        return None
    return CueMessage(name=cue.fault, text=cue.text, severity=cue.severity, since_s=cue.since_s)
