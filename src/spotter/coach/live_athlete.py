"""Who is coached: one person through crossings, hiding and cuts; somebody else only when that one is gone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from spotter.body.keypoints import Body
from spotter.body.tracker import FORGET_S

NEWCOMER_S = 2.0
"""When the athlete has been gone for so long, somebody who came meanwhile is coached."""

_REACH = 1.0  # body sizes between where the athlete was lost and where they are found under another number
_SIZES = 2.5
_LARGER = 1.5  # before anything counts, whoever is this much larger is the one who means to be coached


class Athlete:
    """Follows one person by number, by place where the number was lost, and by size where both were.

    Example::

        athlete = Athlete()
        athlete.find(bodies, shot=0, time_s=0.0)
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._shot = -1
        self._seen_s = -math.inf
        self._last: Body | None = None
        self._numbers: dict[
            int, float
        ] = {}  # the athlete's numbers, the oldest first, and when they were seen
        self._beside: set[int] = set()  # of people seen at the same time

    def find(
        self,
        bodies: Sequence[Body],
        shot: int,
        time_s: float,
        *,
        settled: bool = True,
        counted: bool = True,
    ) -> Body | None:
        """The athlete among the people in a picture; None while they are not seen.

        Args:
            bodies: everybody in the picture.
            shot: number of the shot; after a cut numbers mean nothing.
            time_s: the picture's time.
            settled: False while somebody else who is much larger may still become the athlete.
            counted: False while nothing of the athlete counts: who is gone then may have been nobody, and
                somebody much larger who was there beside them is coached.
        """
        if shot != self._shot:
            self._shot, self._last, self.number = shot, None, None
            self._numbers, self._beside = {}, set()
        found = self._known(bodies) or self._moved(bodies) or self._other(bodies, time_s, counted)
        if found is not None and not settled:
            largest = max(bodies, key=lambda body: body.area)
            if largest.area > _LARGER * found.area:
                found, self._numbers = largest, {}
        if found is not None:
            self._follow(found, bodies, time_s)
        return found

    def _known(self, bodies: Sequence[Body]) -> Body | None:
        """By number, the oldest first: the engine knows somebody who was hidden again by their looks."""
        by_number = {body.id: body for body in bodies}
        return next((by_number[number] for number in self._numbers if number in by_number), None)

    def _moved(self, bodies: Sequence[Body]) -> Body | None:
        """By place: somebody new who stands where the athlete was lost, and is about as large."""
        last = self._last
        new = [body for body in bodies if body.id not in self._beside]
        if last is None or not new:
            return None
        nearest = min(new, key=lambda body: _away(last, body))
        return nearest if _away(last, nearest) < _REACH and _sizes(last, nearest) < _SIZES else None

    def _other(self, bodies: Sequence[Body], time_s: float, counted: bool) -> Body | None:
        """By size: the largest of those who came since the athlete was lost, or later of all."""
        gone_s = time_s - self._seen_s if self.number is not None else math.inf
        if gone_s <= NEWCOMER_S:
            return None
        least = math.inf if counted or self._last is None else _LARGER * self._last.area
        there = [
            body for body in bodies if gone_s > FORGET_S or body.id not in self._beside or body.area > least
        ]
        return max(there, key=lambda body: body.area, default=None)

    def _follow(self, body: Body, bodies: Sequence[Body], time_s: float) -> None:
        self.number, self._last, self._seen_s = body.id, body, time_s
        self._numbers = {n: seen_s for n, seen_s in self._numbers.items() if time_s - seen_s <= FORGET_S}
        self._numbers[body.id] = time_s
        self._beside = (self._beside | {other.id for other in bodies}) - self._numbers.keys()


def _away(a: Body, b: Body) -> float:
    """Distance of two bodies, in sizes of the larger one."""
    middles = [body.keypoints.xy.mean(axis=0) for body in (a, b)]
    return float(np.linalg.norm(middles[0] - middles[1])) / max(_size(a), _size(b), 1.0)


def _sizes(a: Body, b: Body) -> float:
    """How many times larger the larger one is."""
    small, large = sorted((_size(a), _size(b)))
    return large / max(small, 1.0)


def _size(body: Body) -> float:
    left, top, right, bottom = body.box
    return float(np.hypot(right - left, bottom - top))
