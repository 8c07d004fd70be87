"""Small pictures of what went by, spread evenly over a stream whose length nobody knows beforehand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.pictures import square

SIDE = 160
"""Of a still, in pixels."""

_MOST = 64
_FIRST_STEP_S = 0.1


@dataclass(frozen=True, slots=True)
class Still:
    """One small picture: its time in seconds, and the square in the middle, RGB uint8 (160, 160, 3)."""

    time_s: float
    image: NDArray[np.uint8]


class Filmstrip:
    """Keeps at most 64 stills: when there are more, every second one goes and the others come half as often.

    >>> film = Filmstrip()
    >>> for number in range(1000):
    ...     film.add(number / 25, np.zeros((8, 8, 3), np.uint8))
    >>> [round(still.time_s) for still in film.pick(0.0, 40.0, 4)]
    [5, 15, 25, 35]
    """

    def __init__(self) -> None:
        self._stills: list[Still] = []
        self._step_s = _FIRST_STEP_S
        self._due_s = -math.inf

    def add(self, time_s: float, image: NDArray[np.uint8]) -> None:
        """Keep a picture, RGB of shape (height, width, 3), if one is due; times must grow."""
        if time_s < self._due_s:
            return
        self._stills.append(Still(time_s, square(image, SIDE)))
        if len(self._stills) > _MOST:
            del self._stills[1::2]
            self._step_s *= 2
        self._due_s = self._stills[-1].time_s + self._step_s

    def pick(self, start_s: float, end_s: float, count: int) -> list[Still]:
        """One still for each of ``count`` equal parts of a time; fewer where there are not as many.

        Each is the one nearest to the middle of its part, and none comes twice.
        """
        count = min(count, len(self._stills))
        part_s = (end_s - start_s) / max(count, 1)
        nearest = [
            min(self._stills, key=lambda still: abs(still.time_s - (start_s + (i + 0.5) * part_s)))
            for i in range(count)
        ]
        return list({still.time_s: still for still in nearest}.values())
