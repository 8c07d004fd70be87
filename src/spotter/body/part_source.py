"""What all engines that find the parts of bodies have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from spotter.body.part_map import PartMap
from spotter.media.frame import Frame


class PartEngine(Protocol):
    """Finds the people in a film, and the parts of their bodies, pixel by pixel.

    >>> class Nobody:
    ...     def push(self, frame: Frame) -> PartMap:
    ...         return PartMap.empty(*frame.image.shape[:2])
    >>> engine: PartEngine = Nobody()
    """

    def push(self, frame: Frame) -> PartMap:
        """The part map of a frame, of the frame's size; times must grow from call to call."""


OpenEngine = Callable[[], PartEngine]
"""Gives a new engine for each film and picture, so that nobody is taken for somebody of another."""
