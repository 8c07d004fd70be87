"""Who is who in files that do not say it: people are followed from frame to frame by where they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spotter.exchange.landmark_files import FoundBody

_FORGET_FRAMES = 30
_REACH = 0.5  # of a body's size, that its landmarks may move on average and still be the same person's

Floats = NDArray[np.float32]


def number_people(bodies: Sequence[FoundBody], places: Sequence[Floats]) -> list[int]:
    """A number from 1 for each body, the same for one person over time.

    Args:
        bodies: in order of time.
        places: float array (33, 2) of each, NaN where a landmark was not found.

    Returns:
        Numbers in the order of the bodies. Where every body has a number in the file, those in their order.

    >>> here, there = np.zeros((33, 2), np.float32), np.full((33, 2), 500, np.float32)
    >>> here[0], there[0] = 40, 540
    >>> bodies = [FoundBody(frame, None, np.zeros((33, 4))) for frame in (0, 0, 1, 1)]
    >>> number_people(bodies, [here, there, there + 2, here])
    [1, 2, 2, 1]
    """
    told = {body.person for body in bodies}
    if None not in told and len({(body.frame, body.person) for body in bodies}) == len(bodies):
        numbers = {person: number for number, person in enumerate(sorted(told, key=lambda p: p or 0), 1)}
        return [numbers[body.person] for body in bodies]
    known: dict[int, tuple[int, Floats]] = {}
    given = [0] * len(bodies)
    for rows in _by_frame(bodies):
        frame = bodies[rows[0]].frame
        near = {n: xy for n, (at, xy) in known.items() if frame - at <= _FORGET_FRAMES}
        for row, number in _pairs({row: places[row] for row in rows}, near):
            given[row] = number
        for row in rows:
            given[row] = given[row] or max(known, default=0) + 1
            known[given[row]] = frame, places[row]
    return given


def _by_frame(bodies: Sequence[FoundBody]) -> list[list[int]]:
    frames: dict[int, list[int]] = {}
    for row, body in enumerate(bodies):
        frames.setdefault(body.frame, []).append(row)
    return [frames[frame] for frame in sorted(frames)]


def _pairs(new: dict[int, Floats], known: dict[int, Floats]) -> list[tuple[int, int]]:
    """Rows and the people that they are, the nearest first; each once."""
    ways = sorted((_apart(xy, before), row, n) for row, xy in new.items() for n, before in known.items())
    pairs: list[tuple[int, int]] = []
    for way, row, number in ways:
        if way < _REACH and all(row != other and number != taken for other, taken in pairs):
            pairs.append((row, number))
    return pairs


def _apart(a: Floats, b: Floats) -> float:
    """Mean way between the landmarks that both have, in sizes of the larger body."""
    both = np.isfinite(a[:, 0]) & np.isfinite(b[:, 0])
    if not both.any():
        return float("inf")
    size = max(float(np.linalg.norm(np.ptp(xy[np.isfinite(xy[:, 0])], axis=0))) for xy in (a, b))
    return float(np.linalg.norm(a[both] - b[both], axis=1).mean()) / max(size, 1e-9)
