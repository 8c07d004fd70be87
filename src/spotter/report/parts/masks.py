"""The masks of people and their parts as COCO writes them: run-length codes, and outlines as polygons."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PARTS, PartMap
from spotter.segmenter.run_lengths import compressed

_TOLERANCE = 0.02  # of the square root of the area: how far an outline may be from the mask's edge ...
_MOST_PX = 0.9  # ... and the most in pixels: less than a pixel, so that nothing thin is lost


@dataclass(frozen=True, slots=True)
class Mask:
    """One mask.

    Attributes:
        label: 0 for a whole person, else the number of the part.
        area: in pixels.
        box: left, top, width and height in pixels.
        counts: the run-length code of the whole picture, as text.
        polygons: outlines x, y, x, y, ... in whole pixels from the picture's top left corner, along the edges
            of pixels; one for each piece, and a hole in it is joined to it by a line there and back.
    """

    label: int
    area: int
    box: tuple[int, int, int, int]
    counts: str
    polygons: list[list[int]]


def person_masks(part_map: PartMap, place: int) -> Iterator[Mask]:
    """The mask of a person, then those of the parts that are seen; nothing of a person with no pixel.

    Args:
        part_map: of a picture.
        place: the person's number in ``part_map.people``.

    >>> people = np.zeros((4, 6), np.uint8)
    >>> people[1:3, 2:5] = 1
    >>> mask, part = person_masks(PartMap(people * 2, people, (1,), np.ones((1, 15), np.float32)), 1)
    >>> mask.label, part.label, part.area, part.box, part.counts
    (0, 2, 6, (2, 1, 3, 2), '9220003')
    >>> part.polygons
    [[2, 1, 2, 3, 5, 3, 5, 1]]
    """
    own = (part_map.people == place).view(np.uint8)
    x, y, width, height = cv2.boundingRect(own)
    if not width:
        return
    window = slice(y, y + height), slice(x, x + width)
    size = part_map.people.shape
    yield from _masks(own[window], (0,), (x, y), size)
    yield from _masks(part_map.labels[window] * own[window], range(1, len(PARTS) + 1), (x, y), size)


def _masks(
    numbers: NDArray[np.uint8],
    labels: Iterable[int],
    corner: tuple[int, int],
    size: tuple[int, ...],
) -> Iterator[Mask]:
    """A mask for each label; a single one is for all numbers above 0."""
    runs = _Runs(numbers, corner, size)
    for label in labels:
        number = label or 1
        box = runs.box(number)
        if box is None:
            continue
        left, top, width, height = box
        x, y = left - corner[0], top - corner[1]
        inside = (numbers[y : y + height, x : x + width] == number).view(np.uint8)
        yield Mask(label, cv2.countNonZero(inside), box, runs.counts(number), outlines(inside, left, top))


class _Runs:
    """The runs of equal numbers in a window of a picture, column by column, found in one pass."""

    def __init__(self, numbers: NDArray[np.uint8], corner: tuple[int, int], size: tuple[int, ...]) -> None:
        height = len(numbers)
        pixels = np.ascontiguousarray(numbers.T).ravel()
        begins = np.empty(pixels.size, np.bool_)
        np.not_equal(pixels[1:], pixels[:-1], out=begins[1:])
        begins[::height] = True
        starts = np.flatnonzero(begins)
        columns, rows = np.divmod(starts, height)
        lengths = np.diff(starts, append=pixels.size)
        self._numbers = pixels[starts]
        self._columns, self._rows, self._lengths = corner[0] + columns, corner[1] + rows, lengths
        self._starts = self._columns * size[0] + self._rows
        self._size = size

    def box(self, number: int) -> tuple[int, int, int, int] | None:
        """Left, top, width and height of what has a number; None where nothing has it."""
        chosen = np.flatnonzero(self._numbers == number)
        if not chosen.size:
            return None
        columns, rows = self._columns[chosen], self._rows[chosen]
        left, top = int(columns[0]), int(rows.min())
        bottom = int((rows + self._lengths[chosen]).max())
        return left, top, int(columns[-1]) + 1 - left, bottom - top

    def counts(self, number: int) -> str:
        """COCO's compressed code of the mask of one number."""
        chosen = self._numbers == number
        starts = self._starts[chosen]
        stops = starts + self._lengths[chosen]
        apart = starts[1:] != stops[:-1]  # not from the lower end of a column on to the upper end of the next
        edges = np.stack([starts[np.append(True, apart)], stops[np.append(apart, True)]], axis=1).ravel()
        height, width = self._size
        rest = height * width - edges[-1:]
        counts = np.concatenate([edges[:1], np.diff(edges), rest[rest > 0]])
        code: bytes = compressed(counts, height, width)["counts"]
        return code.decode("ascii")


def outlines(mask: NDArray[np.uint8], left: int = 0, top: int = 0) -> list[list[int]]:
    """The outlines of a mask as polygons along the edges of its pixels, see `Mask`.

    They are exact for small masks; of larger ones steps are smoothed, by less than a pixel.

    Args:
        mask: uint8 array (height, width), 0 outside.
        left, top: where it lies in the picture.

    >>> outlines(np.array([[255, 0], [255, 255]], np.uint8))
    [[0, 0, 0, 2, 2, 2, 2, 1, 1, 1, 1, 0]]
    """
    # Contours run through the middles of pixels. Of a picture twice as large they run through the middles of
    # quarter pixels, of which two lie at each edge: halved and rounded up they are the edge.
    doubled = cv2.resize(mask, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    contours, tree = cv2.findContours(doubled, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    shift = np.array([left, top], np.int32)
    rings = [_smoothed((contour + 1) // 2) + shift for contour in contours]
    pieces: dict[int, list[NDArray[np.int32]]] = {}
    for index, (_, _, _, parent) in enumerate(tree[0] if contours else ()):
        if parent < 0:
            pieces.setdefault(index, []).insert(0, rings[index])
        else:
            pieces.setdefault(int(parent), []).append(rings[index])
    return [_joined(piece).ravel().tolist() for piece in pieces.values()]


def _smoothed(ring: NDArray[Any]) -> NDArray[np.int32]:
    most = min(_MOST_PX, _TOLERANCE * math.sqrt(cv2.contourArea(ring)))
    return np.asarray(cv2.approxPolyDP(ring, most, True)[:, 0], np.int32)


def _joined(rings: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    """A ring with its holes as one polygon: from its first corner to each hole, around it and back."""
    first = rings[0][:1]
    ways = [points for hole in rings[1:] for points in (first, hole, hole[:1])]
    return np.concatenate([rings[0], *ways])
