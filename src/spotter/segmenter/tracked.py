"""Who is who from one part map to the next: numbers that stay while people move."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from spotter.body.cuts import CutDetector
from spotter.body.part_map import PartMap
from spotter.media.frame import Frame

FORGET_S = 2.0
"""A person out of sight for longer than this comes back under a new number."""

_SIDE = 160  # cells of the longer side of the grid that masks are compared on
_LIKE = 0.2  # overlap from which on two outlines may be one person
_NEAR = 0.6  # body sizes that somebody may have moved unseen
_AHEAD_S = 0.5  # so far a movement is thought to go on


@dataclass(slots=True)
class _Outline:
    """Where a person is: cells of the small grid, and their box (left, top, right, bottom)."""

    cells: NDArray[np.bool_]
    box: NDArray[np.float32]

    @property
    def middle(self) -> NDArray[np.float32]:
        return np.asarray((self.box[:2] + self.box[2:]) / 2)


@dataclass(slots=True)
class _Track:
    ident: int
    outline: _Outline
    seen_s: float
    velocity: NDArray[np.float32] = field(default_factory=lambda: np.zeros(2, np.float32))

    def likeness(self, outline: _Outline, time_s: float) -> float:
        """How much of an outline is where the person was or would have got to, 0 to 1."""
        both = int(np.count_nonzero(self.outline.cells & outline.cells))
        either = int(np.count_nonzero(self.outline.cells | outline.cells))
        return max(both / max(1, either), _box_overlap(self._ahead(time_s), outline.box))

    def distance(self, outline: _Outline, time_s: float) -> float:
        """From where the person would have got to, in sizes of the body."""
        ahead = self._ahead(time_s)
        size = float((ahead[2:] - ahead[:2]).max())
        return float(np.linalg.norm((ahead[:2] + ahead[2:]) / 2 - outline.middle)) / max(size, 1.0)

    def move_to(self, outline: _Outline, time_s: float) -> None:
        step = max(time_s - self.seen_s, 1e-3)
        moved = (outline.middle - self.outline.middle) / step
        self.velocity += min(1.0, 4 * step) * (moved - self.velocity)
        self.outline, self.seen_s = outline, time_s

    def _ahead(self, time_s: float) -> NDArray[np.float32]:
        moved = self.velocity * min(time_s - self.seen_s, _AHEAD_S)
        return np.asarray(self.outline.box + np.tile(moved, 2), np.float32)


class PersonTracker:
    """Gives the people of each part map of a video the numbers that they had before.

    Example::

        tracker = PersonTracker()
        for frame in source:
            found = tracker.push(segmenter.part_map(frame.image), frame)
    """

    def __init__(self) -> None:
        self._cuts = CutDetector()
        self._tracks: list[_Track] = []
        self._next = 1

    def push(self, found: PartMap, frame: Frame) -> PartMap:
        """The same map with numbers that stay; times must grow from call to call."""
        if self._cuts.push(frame.image):
            self._tracks = []
        self._tracks = [one for one in self._tracks if frame.time_s - one.seen_s <= FORGET_S]
        outlines = _outlines(found)
        owners = self._matched(outlines, frame.time_s)
        idents = []
        for row, outline in enumerate(outlines):
            track = owners.get(row)
            if track is None:
                track = _Track(self._next, outline, frame.time_s)
                self._tracks.append(track)
                self._next += 1
            else:
                track.move_to(outline, frame.time_s)
            idents.append(track.ident)
        return replace(found, ids=tuple(idents))

    def _matched(self, outlines: list[_Outline], time_s: float) -> dict[int, _Track]:
        """Whom each outline is: first by overlap, then those that are left by distance."""
        owners: dict[int, _Track] = {}
        likeness = np.array([[t.likeness(one, time_s) for t in self._tracks] for one in outlines])
        if likeness.size:
            rows, columns = linear_sum_assignment(likeness, maximize=True)
            for one, other in zip(rows.tolist(), columns.tolist(), strict=True):
                if likeness[one, other] >= _LIKE:
                    owners[one] = self._tracks[other]
        free = [track for track in self._tracks if all(track is not own for own in owners.values())]
        for row, outline in enumerate(outlines):
            if row in owners or not free:
                continue
            nearest = min(free, key=lambda track: track.distance(outline, time_s))
            if nearest.distance(outline, time_s) < _NEAR:
                owners[row] = nearest
                free.remove(nearest)
        return owners


def _outlines(found: PartMap) -> list[_Outline]:
    """Where everybody is; people who are hidden altogether have no cells."""
    height, width = found.people.shape
    scale = max(1.0, max(height, width) / _SIDE)
    size = max(1, round(width / scale)), max(1, round(height / scale))
    small = cv2.resize(found.people, size, interpolation=cv2.INTER_NEAREST)
    outlines = []
    for number in range(1, len(found.ids) + 1):
        cells = np.asarray(small == number)
        x, y, w, h = cv2.boundingRect(cells.astype(np.uint8))
        outlines.append(_Outline(cells, np.array([x, y, x + w, y + h], np.float32)))
    return outlines


def _box_overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    shared = float((np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])).clip(0).prod())
    whole = float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod()) - shared
    return shared / whole if whole > 0 else 0.0
