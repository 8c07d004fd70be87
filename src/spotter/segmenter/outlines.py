"""Masks that are drawn only when somebody looks at them: polygons, and small masks stretched over a box."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from spotter.segmenter.annotation import Rle
from spotter.segmenter.detections import decoded, encoded

Polygon: TypeAlias = "array[float]"
"""Corners x, y, x, y, ... in pixels from the picture's top left corner, smaller than in NumPy's arrays."""


Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


class Shape(Protocol):
    """What a mask can be drawn from."""

    def drawn(self, height: int, width: int) -> Rle:
        """Its run-length code in a picture of this size."""


class DrawnRle(dict[str, Any]):
    """A run-length code whose ``counts`` are worked out when they are first asked for.

    Data sets have hundreds of thousands of polygons, and drawing one takes longer than reading it.

    >>> rle = DrawnRle(4, 6, polygons_of([[1, 1, 5, 1, 5, 3, 1, 3]], 4, 6))
    >>> "counts" in rle, int(coco_mask.area(rle)), "counts" in rle
    (False, 8, True)
    """

    __slots__ = ("shape",)

    def __init__(self, height: int, width: int, shape: Shape) -> None:
        super().__init__(size=[height, width])
        self.shape = shape

    def __missing__(self, key: str) -> bytes:
        if key != "counts":
            raise KeyError(key)
        height, width = self["size"]
        counts: bytes = self.shape.drawn(height, width)["counts"]
        self["counts"] = counts
        return counts


@dataclass(frozen=True, slots=True)
class Polygons:
    """A thing whose outline is told by one polygon for each piece that is seen of it.

    Attributes:
        pieces: the polygons.
        box: left, top, right and bottom of all of them.
    """

    pieces: tuple[Polygon, ...]
    box: Box

    def drawn(self, height: int, width: int) -> Rle:
        """Filled as pycocotools fills them."""
        rles = coco_mask.frPyObjects([one.tolist() for one in self.pieces], height, width)
        rle: Rle = coco_mask.merge(rles)
        return rle

    def area(self) -> float:
        """Square pixels, as if they did not overlap (the shoelace formula).

        >>> polygons_of([[0, 0, 4, 0, 4, 4]], 9, 9).area()
        8.0
        """
        total = 0.0
        for one in self.pieces:
            corners = np.frombuffer(one)
            x, y = corners[0::2], corners[1::2]
            closing = x[-1] * y[0] - y[-1] * x[0]
            total += abs(float(x[:-1] @ y[1:] - y[:-1] @ x[1:] + closing)) / 2
        return total


@dataclass(frozen=True, slots=True)
class Stretched:
    """A small mask stretched over a box, as DensePose-COCO has them.

    Attributes:
        small: the mask's own run-length code.
        box: left, top, right and bottom in pixels of the picture.
    """

    small: Rle
    box: Box

    def drawn(self, height: int, width: int) -> Rle:
        """Where the small mask has a pixel at the middle of the picture's."""
        rows, columns = self.small["size"]
        left, top, right, bottom = self.box
        x, y = (right - left) / columns, (bottom - top) / rows
        to_small = np.array([[1 / x, 0, (0.5 - left) / x - 0.5], [0, 1 / y, (0.5 - top) / y - 0.5]])
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        full = cv2.warpAffine(decoded(self.small).astype(np.uint8), to_small, (width, height), flags=flags)
        return encoded(np.asarray(full, np.bool_))


def packed(told: object) -> object:
    """Polygons as they stand in a JSON document, in a tenth of the memory; anything else as it is.

    >>> packed([[0, 0, 4, 0, 4, 5]]).box, packed("person")
    ((0.0, 0.0, 4.0, 5.0), 'person')
    """
    try:
        return _polygons(told)
    except ValueError:
        return told


def polygons_of(told: object, height: int, width: int) -> Polygons:
    """Polygons as they stand in a JSON document (a list of lists of numbers, or one such list), or packed.

    Raises:
        ValueError: if it is something else, or reaches further than a picture's length out of the picture;
            the message says what is wrong.
    """
    polygons = told if isinstance(told, Polygons) else _polygons(told)
    far = max(height, width)
    if min(polygons.box) < -far or max(polygons.box) > 2 * far:
        raise ValueError("a polygon reaches far out of the picture")
    return polygons


def _polygons(told: object) -> Polygons:
    if not isinstance(told, list) or not told:
        raise ValueError("it has no polygon")
    lists: list[Any] = told if isinstance(told[0], list) else [told]
    pieces = tuple(map(_polygon, lists))
    x, y = ([number for one in lists for number in one[first::2]] for first in (0, 1))
    return Polygons(pieces, (float(min(x)), float(min(y)), float(max(x)), float(max(y))))


def _polygon(told: object) -> Polygon:
    if not isinstance(told, list) or len(told) < 6 or len(told) % 2:
        raise ValueError("a polygon has not three or more corners of two numbers")
    try:
        numbers = array("d", told)
    except TypeError:
        raise ValueError("a polygon has something else than numbers in it") from None
    except OverflowError:
        raise ValueError("a polygon has a number that is far too large") from None
    if not math.isfinite(sum(told)):
        raise ValueError("a polygon has a number that is none (NaN or infinite)")
    return numbers
