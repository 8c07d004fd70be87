"""Looks at a frame while the coach still thinks about the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from spotter.body.joint_source import JointEngine
from spotter.body.keypoints import Body
from spotter.media.frame import Frame


class LookAhead:
    """A joint engine that has looked at a frame before the coach is given it.

    Looking is the larger part of the work and needs nothing of what the coach thinks; so one frame's thinking
    and the next one's looking go on side by side, and ``wait`` lies between them and all else.

    Args:
        engine: finds the joints.

    >>> from spotter.body.engine import PoseEngine
    >>> from spotter.media.frame import Frame
    >>> import numpy as np
    >>> ahead = LookAhead(PoseEngine())
    >>> frame = Frame(np.zeros((48, 64, 3), np.uint8), 0.0, 0)
    >>> ahead.think(lambda: None)
    >>> ahead.look(frame)
    >>> ahead.wait()
    >>> ahead.push(frame)
    []
    """

    def __init__(self, engine: JointEngine) -> None:
        self._engine = engine
        self._bodies: list[Body] = []
        self._thinker = ThreadPoolExecutor(1, "spotter-think")
        self._thought: Future[None] | None = None
        self.shot = 0

    @property
    def spent_s(self) -> Mapping[str, float]:
        """Seconds that the engine has spent, by stage."""
        return self._engine.spent_s

    def look(self, frame: Frame) -> None:
        """Find the joints in a frame."""
        self._bodies = self._engine.push(frame)

    def push(self, frame: Frame) -> list[Body]:
        """The bodies in the frame that was looked at last."""
        self.shot = self._engine.shot
        return self._bodies

    def think(self, thought: Callable[[], None]) -> None:
        """Begin to think, beside the next frame's look."""
        self.wait()
        self._thought = self._thinker.submit(thought)

    def wait(self) -> None:
        """Wait until nothing is thought any more; whatever went wrong meanwhile is raised here."""
        thought, self._thought = self._thought, None
        if thought is not None:
            thought.result()
