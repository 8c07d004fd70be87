"""What all engines that find joints have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from spotter.body.keypoints import Body
from spotter.media.frame import Frame


class JointEngine(Protocol):
    """Finds the people in a film and their joints, pushed one frame at a time."""

    @property
    def shot(self) -> int:
        """Number of the present shot, from 0; it grows at every cut that the engine notices."""

    @property
    def spent_s(self) -> Mapping[str, float]:
        """Seconds spent so far, by what they were spent on."""

    def push(self, frame: Frame) -> list[Body]:
        """The people in this frame, by their numbers; times must grow from call to call."""
