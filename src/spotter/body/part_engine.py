"""The fast part engine: pushed one frame at a time, it answers with everybody's parts."""

from __future__ import annotations

from spotter.body.engine import PoseEngine
from spotter.body.part_map import PartMap
from spotter.body.parts_fast import part_map
from spotter.media.frame import Frame
from spotter.models.store import ModelStore


class FastParts:
    """Tells apart the parts of the people in a stream of frames, by the pose engine's masks and landmarks.

    Args:
        store: where the weights come from; the default store if None.
        max_people: how many people are followed at once.

    Example::

        engine = FastParts(max_people=2)
        with open_media("gym.mp4") as source:
            for frame in source:
                parts = engine.push(frame)
                print(frame.time_s, [parts.areas(ident)["left_hand"] for ident in parts.ids])
    """

    def __init__(self, store: ModelStore | None = None, *, max_people: int = 4) -> None:
        self._engine = PoseEngine(store, max_people=max_people, masks=True)

    def push(self, frame: Frame) -> PartMap:
        """The people in this frame and their parts; times must grow from call to call."""
        return part_map(self._engine.push(frame), *frame.image.shape[:2])
