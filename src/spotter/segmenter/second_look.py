"""Looks at a picture as a whole for the people, and then at each of them closely for the parts.

So a small network sees everybody at the size that it knows best, however far away they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.segmenter.annotation import PERSON
from spotter.segmenter.detections import Detections, sampled
from spotter.segmenter.mask_cells import MaskCells
from spotter.segmenter.placement import FILL, fitted

FILLS: Final = 0.8
"""The share of the square's side that somebody fills who is looked at closely."""

Look = Callable[[NDArray[np.uint8]], Detections]
"""What is found in a square (side, side, 3), in pixels of the square, the surest first."""

_MOST = 6  # people that are looked at closely, the surest
_LEAST_SCORE = 0.25  # of somebody who is
_DOUBLE = 0.6  # overlap of two finds that are one person
_SAME = 0.5  # overlap of somebody at first sight and looked at closely
_HAIR = 0.5  # pixels that a box may reach out of the picture before its mask is cut, too
_THEIRS = 0.5  # share of a part that lies in a person whose it is


def seen_once(look: Look, image: NDArray[np.uint8], side: int) -> Detections:
    """What is found in the picture as a whole, in its own pixels.

    Args:
        look: the network.
        image: RGB uint8 (height, width, 3).
        side: of the square that the network takes.
    """
    square, scale = fitted(image, side)
    return _moved(look(square), 1 / scale, (0.0, 0.0), image)


def seen_twice(look: Look, image: NDArray[np.uint8], side: int) -> Detections:
    """What is found in the picture as a whole and in close views of its people, in its own pixels.

    Class 1 is the people; the others are parts of them. See `seen_once`.
    """
    first = seen_once(look, image, side)
    chosen = _people(first)
    if not chosen:
        return first
    views = [_Close.of(box, image, side) for box in first.boxes[chosen]]
    close = [_theirs(view.seen(look, image), first, row) for view, row in zip(views, chosen, strict=True)]
    rest = np.ones(len(first), np.bool_)
    rest[chosen] = False
    cells = MaskCells(first)
    for row in np.flatnonzero(first.labels != PERSON).tolist():
        rest[row] = all(cells.share_inside(row, person) < _THEIRS for person in chosen)
    return _together([first.chosen(rest), *close])


def _people(first: Detections) -> list[int]:
    """Rows of the people who are looked at closely: sure enough, and no double of a surer one."""
    cells = MaskCells(first)
    chosen: list[int] = []
    for row in np.flatnonzero((first.labels == PERSON) & (first.scores >= _LEAST_SCORE)).tolist():
        if len(chosen) < _MOST and all(cells.overlap(row, other) < _DOUBLE for other in chosen):
            chosen.append(row)
    return chosen


def _theirs(close: Detections, first: Detections, row: int) -> Detections:
    """Of what was found in a close view, the person and what is part of them."""
    both = _together([first.chosen(np.array([row])), close], ordered=False)
    cells = MaskCells(both)
    people = [one for one in range(1, len(both)) if both.labels[one] == PERSON]
    same = max(people, key=lambda one: cells.overlap(one, 0), default=0)
    person = same if same and cells.overlap(same, 0) >= _SAME else 0
    both.scores[person] = (both.scores[0] + both.scores[person]) / 2  # as sure as both looks
    parts = np.flatnonzero(both.labels != PERSON).tolist()
    return both.chosen(
        np.array([person, *(one for one in parts if cells.share_inside(one, person) >= _THEIRS)])
    )


@dataclass(frozen=True, slots=True)
class _Close:
    """A close view.

    Attributes:
        left, top, width: of the part of the picture that is seen, a square, in pixels.
        side: of the square that the network takes.
    """

    left: int
    top: int
    width: int
    side: int

    @staticmethod
    def of(box: NDArray[np.float32], image: NDArray[np.uint8], side: int) -> _Close:
        longest = float((box[2:] - box[:2]).max()) / FILLS
        width = max(round(longest), 8)
        left, top = np.round((box[:2] + box[2:] - width) / 2).astype(int).tolist()
        return _Close(left, top, width, side)

    def seen(self, look: Look, image: NDArray[np.uint8]) -> Detections:
        """What is found in it, in pixels of the picture."""
        inside = image[
            max(self.top, 0) : max(self.top + self.width, 0),
            max(self.left, 0) : max(self.left + self.width, 0),
        ]
        above, before = max(-self.top, 0), max(-self.left, 0)
        below, after = self.width - above - inside.shape[0], self.width - before - inside.shape[1]
        whole = cv2.copyMakeBorder(
            inside, above, below, before, after, cv2.BORDER_CONSTANT, value=(FILL,) * 3
        )
        way = cv2.INTER_AREA if self.width > self.side else cv2.INTER_LINEAR
        square = np.asarray(cv2.resize(whole, (self.side, self.side), interpolation=way), np.uint8)
        return _moved(look(square), self.width / self.side, (self.left, self.top), image)


def _moved(
    found: Detections, scale: float, corner: tuple[float, float], image: NDArray[np.uint8]
) -> Detections:
    """Detections of a square in pixels of the picture that it shows a part of, cut off at its edges."""
    height, width = image.shape[:2]
    boxes = (found.boxes * np.float32(scale) + np.array(corner * 2, np.float32)).astype(np.float32)
    inside = boxes.clip(0, np.array([width, height] * 2, np.float32))
    masks = found.masks.copy()
    for row in np.flatnonzero(np.abs(inside - boxes).max(1, initial=0) > _HAIR):
        masks[row] = _cut(boxes[row], inside[row], masks[row])
    return Detections(inside, found.labels, found.scores, masks, height, width)


def _cut(
    box: NDArray[np.float32], inside: NDArray[np.float32], mask: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The mask of a box, for the part of that box that is left."""
    if not (box[2:] > box[:2]).all():
        return mask
    middles = (np.arange(len(mask), dtype=np.float32) + 0.5) / len(mask)
    x, y = (inside[axis] + middles * (inside[axis + 2] - inside[axis]) for axis in (0, 1))
    return sampled(box, mask, x, y)


def _together(every: list[Detections], ordered: bool = True) -> Detections:
    """Detections of one picture, the surest first if they are to be put in order."""
    scores = np.concatenate([one.scores for one in every])
    order = np.argsort(-scores, kind="stable") if ordered else np.arange(len(scores))
    joined = (np.concatenate([getattr(one, name) for one in every])[order] for name in ("boxes", "labels"))
    boxes, labels = joined
    masks = np.concatenate([one.masks for one in every])[order]
    return Detections(boxes, labels, scores[order], masks, every[0].height, every[0].width)
