"""A coach that answers first and finds out afterwards what was done: the same, a frame later."""

from __future__ import annotations

import numpy as np

from spotter.body.keypoints import Body, Keypoints
from spotter.coach.live import Coach, CoachState
from spotter.media.frame import Frame
from tests.coach.moves import MOVES, repeat
from tests.motion.stick import raw_landmarks

FPS = 12
PICTURE = np.zeros((2, 2, 3), np.uint8)


class Script:
    """A joint engine that tells what it was told."""

    shot = 0

    def __init__(self, bodies: list[Body]) -> None:
        self.spent_s: dict[str, float] = {}
        self._bodies = bodies

    def push(self, frame: Frame) -> list[Body]:
        return [self._bodies[frame.index]]


def squats(look_later: bool) -> list[CoachState]:
    time_s, share = repeat(MOVES["squat"], 3, fps=FPS)
    raw = {
        name: values.astype(np.float32)
        for name, values in raw_landmarks(MOVES["squat"].at(share), time_s, noise_m=0.002).items()
    }
    rows = zip(raw["xy"], raw["world"], raw["visibility"], strict=True)
    people = [Body(1, Keypoints(xy, world, seen, seen), 0.9) for xy, world, seen in rows]
    coach = Coach("squat", engine=Script(people), look_later=look_later)
    states = []
    for index, t in enumerate(time_s):
        states.append(coach.push(Frame(PICTURE, float(t), index)))
        coach.look()
    return states


def test_what_was_done_is_told_a_frame_later() -> None:
    at_once, later = squats(look_later=False), squats(look_later=True)
    told = [[row for row, state in enumerate(states) if state.new_rep] for states in (at_once, later)]
    assert len(told[0]) == 3
    assert told[1] == [row + 1 for row in told[0]]
    assert [state.count for state in later[1:]] == [state.count for state in at_once[:-1]]
    assert [later[row].new_rep for row in told[1]] == [at_once[row].new_rep for row in told[0]]
