"""Gives each pixel to the person, and in it to the part, that is likeliest there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spotter.segmenter.compose_edges import drawn_to_edges
from spotter.segmenter.compose_people import Figure
from spotter.segmenter.detections import Detections, pasted

_DOUBT = 0.27  # odds of 1 to e: what no part takes may be of a part that was overlooked
_UNTOLD = 0.5  # where no part was looked for, parts tell nothing
_MOSTLY = 0.5  # of how likely a person is at a pixel: then it has a part

Window = tuple[slice, slice]


def painted(
    found: Detections, people: Sequence[Figure], image: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Number of the part and of the person, from 1, at each pixel: two uint8 arrays (height, width)."""
    labels = np.zeros((found.height, found.width), np.uint8)
    owners = np.zeros_like(labels)
    best = np.full(labels.shape, 0.5, np.float32)  # below it there is nobody
    for number, figure in enumerate(people, start=1):
        window = _window(found, figure)
        if window is None:
            continue
        parts = _Parts(found, figure, window)
        likely = drawn_to_edges(_likely(found, figure, window, parts), image[window])
        won = likely > best[window]
        np.maximum(best[window], likely, out=best[window])
        np.copyto(owners[window], number, where=won)
        parts.number[parts.total < _MOSTLY * likely] = 0
        np.copyto(labels[window], parts.number, where=won)
    return labels, owners


class _Parts:
    """The parts of one person, pixel by pixel.

    Attributes:
        total: float32 (h, w), how likely a pixel is in any part: parts do not overlap, so it is their sum.
        number: uint8 (h, w), the likeliest part; 0 where there is none.
        least: float32 (h, w), what `total` is taken for at least: less inside the box of some part.
    """

    def __init__(self, found: Detections, figure: Figure, window: Window) -> None:
        shape = window[0].stop - window[0].start, window[1].stop - window[1].start
        self.total = np.zeros(shape, np.float32)
        self.number = np.zeros(shape, np.uint8)
        self.least = np.full(shape, _UNTOLD, np.float32)
        most = np.zeros(shape, np.float32)
        for number, row in figure.parts.items():
            place, likely = _in_window(found, row, window)
            self.total[place] += likely
            np.copyto(self.number[place], number, where=likely > most[place])
            np.maximum(most[place], likely, out=most[place])
            self.least[place] = _DOUBT
        np.minimum(self.total, 1, out=self.total)


def _likely(found: Detections, figure: Figure, window: Window, parts: _Parts) -> NDArray[np.float32]:
    """How likely each pixel of the window is this person's, 0 to 1; more than one half where it is.

    The odds of the person's mask times the odds of the parts', which are finer. Their product is above one
    where the two probabilities add up to more than one, so that their mean says the same.
    """
    if figure.person is None:
        return parts.total
    place, coarse = _in_window(found, figure.person, window)
    likely = np.maximum(parts.total, parts.least)
    likely[place] += coarse
    likely *= 0.5
    return likely


def _window(found: Detections, figure: Figure) -> Window | None:
    """The part of the picture that a person's boxes are in, fading edges included; None if it is empty."""
    rows = [*figure.parts.values(), *([] if figure.person is None else [figure.person])]
    boxes = found.boxes[rows]
    fade = (boxes[:, 2:] - boxes[:, :2]) / found.masks.shape[-1]
    left, top = np.floor((boxes[:, :2] - fade).min(0)).clip(0).astype(int)
    right, bottom = np.ceil((boxes[:, 2:] + fade).max(0)).clip(0, (found.width, found.height)).astype(int)
    return (slice(top, bottom), slice(left, right)) if right > left and bottom > top else None


def _in_window(found: Detections, row: int, window: Window) -> tuple[Window, NDArray[np.float32]]:
    """Where a detection's mask lies in the window, and how likely (h, w) each pixel there belongs to it."""
    (left, top), likely = pasted(found.boxes[row], found.masks[row], found.height, found.width)
    top, left = top - window[0].start, left - window[1].start
    return (slice(top, top + likely.shape[0]), slice(left, left + likely.shape[1])), likely
