"""One frame's thinking and the next one's looking go on side by side, and meet nowhere else."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from spotter.body.keypoints import Body
from spotter.media.frame import Frame
from spotter.serve.ahead import LookAhead
from tests.serve.fake import PATIENCE_S

FRAME = Frame(np.zeros((4, 4, 3), np.uint8), 0.0, 0)


class Engine:
    """Looks, and says so."""

    def __init__(self) -> None:
        self.looked = threading.Event()
        self.shot = 0
        self.spent_s: dict[str, float] = {}

    def push(self, frame: Frame) -> list[Body]:
        self.looked.set()
        self.shot += 1
        return []


def test_a_frame_is_looked_at_while_the_one_before_is_thought_about() -> None:
    engine, thought = Engine(), []
    ahead = LookAhead(engine)
    ahead.think(lambda: thought.append(engine.looked.wait(PATIENCE_S)))
    ahead.look(FRAME)
    assert ahead.shot == 0, "what is thought about is still of the frame before"
    ahead.wait()
    assert thought == [True]
    assert ahead.push(FRAME) == [] and ahead.shot == 1


def test_one_thought_after_the_other() -> None:
    ahead, thought = LookAhead(Engine()), []
    for number in range(100):
        ahead.think(lambda number=number: thought.append(number))  # type: ignore[misc]
    ahead.wait()
    ahead.wait()
    assert thought == list(range(100))


def test_what_goes_wrong_in_a_thought_is_not_lost() -> None:
    ahead = LookAhead(Engine())
    ahead.think(lambda: [][0])
    with pytest.raises(IndexError):
        ahead.wait()
    ahead.wait()  # once
