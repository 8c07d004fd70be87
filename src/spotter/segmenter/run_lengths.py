"""Masks as runs of pixels column by column: COCO's code taken apart, checked, and made of label maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from spotter.segmenter.annotation import Rle

_MOST_LABELS = 255
_LONGEST = 7  # characters of a number: more than any picture has pixels


def counts_of(code: bytes) -> NDArray[np.int64]:
    """How many pixels of nothing, of the thing, of nothing, ... follow each other, by COCO's compressed code.

    Each number is written in digits of 5 bits, the lowest first, as characters from "0" on; all but the first
    three are written as the difference from the last but one (``rleToString`` of pycocotools).

    Raises:
        ValueError: if it is no such code.

    >>> counts_of(b"021").tolist()
    [0, 2, 1]
    """
    digits = np.frombuffer(code, np.uint8).astype(np.int64) - 48
    if digits.size == 0 or digits.min() < 0 or digits.max() > 63 or digits[-1] & 32:
        raise ValueError("characters that no run-length code has, or it breaks off")
    last = np.flatnonzero((digits & 32) == 0)
    first = np.concatenate([[0], last[:-1] + 1])
    lengths = last - first + 1
    if lengths.max() > _LONGEST:
        raise ValueError("a number that is too large")
    powers = 5 * (np.arange(digits.size) - np.repeat(first, lengths))
    values = np.add.reduceat((digits & 31) << powers, first)
    values -= np.where(digits[last] & 16, np.int64(1) << (5 * lengths), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def runs_of(rle: Rle) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the runs of a mask begin, and the pixels after their ends, counted column by column.

    >>> starts, stops = runs_of({"size": [2, 2], "counts": b"112"})
    >>> starts.tolist(), stops.tolist()
    ([1], [2])
    """
    ends = np.cumsum(counts_of(rle["counts"]))
    stops = ends[1::2]
    return ends[0::2][: len(stops)], stops


def compressed(counts: NDArray[np.int64], height: int, width: int) -> Rle:
    """COCO's compressed code of a mask.

    >>> compressed(np.array([1, 1, 2]), 2, 2)
    {'size': [2, 2], 'counts': b'112'}
    """
    coded: Rle = coco_mask.frPyObjects({"size": [height, width], "counts": counts.tolist()}, height, width)
    return coded


def checked(segmentation: dict[str, Any]) -> Rle:
    """A run-length code of a JSON document, compressed or not, as a compressed one that is sound.

    Raises:
        ValueError: if it is not; the message says what is wrong.

    >>> checked({"size": [2, 2], "counts": [1, 1, 2]})
    {'size': [2, 2], 'counts': b'112'}
    >>> checked({"size": [2, 2], "counts": "113"})
    Traceback (most recent call last):
    ValueError: it has 5 pixels and not 2 x 2
    """
    height, width = _size(segmentation.get("size"))
    told = segmentation.get("counts")
    if isinstance(told, list):
        if not all(type(one) is int and 0 <= one <= height * width for one in told):
            raise ValueError("a run that is no whole number, below 0 or longer than the picture")
        counts = np.array(told, np.int64)
    elif isinstance(told, str) and told.isascii():
        counts = counts_of(told.encode())
        if (counts < 0).any():
            raise ValueError("a run below 0")
    else:
        raise ValueError("neither a list nor a text of counts")
    if counts.sum() != height * width:
        raise ValueError(f"it has {counts.sum()} pixels and not {height} x {width}")
    if isinstance(told, str):
        return {"size": [height, width], "counts": told.encode()}
    return compressed(counts, height, width)


def box_of(rle: Rle) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of a mask; None if it is empty.

    >>> box_of({"size": [2, 2], "counts": b"112"})
    (0.0, 1.0, 1.0, 2.0)
    """
    left, top, width, height = coco_mask.toBbox(rle).tolist()
    return (left, top, left + width, top + height) if width and height else None


def label_layers(rles: Sequence[Rle]) -> list[tuple[NDArray[np.uint8], list[int]]]:
    """Masks of one size as label maps, as few as will do for each pixel to have one label in each.

    Args:
        rles: run-length codes, all of the same size.

    Returns:
        Label maps (width, height), column by column as the codes are, and the rows of ``rles`` that their
        labels 1, 2, ... stand for.

    >>> one, other = ({"size": [1, 2], "counts": code} for code in (b"011", b"11"))
    >>> label_layers([one, other])
    [(array([[1],
             [2]], dtype=uint8), [0, 1])]
    """
    layers: list[_Layer] = []
    for member, rle in enumerate(rles):
        starts, stops = runs_of(rle)
        starts, stops = starts[starts < stops], stops[starts < stops]
        layer = next((one for one in layers if one.takes(starts, stops)), None)
        if layer is None:
            layers.append(layer := _Layer())
        layer.add(member, starts, stops)
    return [(layer.labels(*rles[0]["size"]), layer.members) for layer in layers]


def label_masks(labels: NDArray[np.uint8] | NDArray[np.int32]) -> dict[int, Rle]:
    """The masks of all labels of a label map (height, width) but 0, found in one pass.

    >>> label_masks(np.array([[0, 3], [3, 3]], np.uint8))
    {3: {'size': [2, 2], 'counts': b'13'}}
    """
    height, width = labels.shape
    pixels = labels.ravel(order="F")
    starts = np.concatenate([[0], np.flatnonzero(pixels[1:] != pixels[:-1]) + 1])
    stops = np.concatenate([starts[1:], [pixels.size]])
    values = pixels[starts]
    found = {}
    for label in np.unique(values[values > 0]).tolist():
        rows = values == label
        edges = np.stack([starts[rows], stops[rows]], 1).ravel()
        rest = [pixels.size - edges[-1]] if edges[-1] < pixels.size else []
        counts = np.concatenate([edges[:1], np.diff(edges), rest]).astype(np.int64)
        found[label] = compressed(counts, height, width)
    return found


class _Layer:
    """Masks that do not overlap, as the sorted runs of all of them."""

    def __init__(self) -> None:
        self.members: list[int] = []
        self._starts = self._stops = np.zeros(0, np.int64)
        self._numbers = np.zeros(0, np.uint8)

    def takes(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> bool:
        """Whether there is room for these runs between those that are there."""
        if len(self.members) == _MOST_LABELS:
            return False
        # the first run that ends after each begins
        after = np.searchsorted(self._stops, starts, side="right")
        near = after < len(self._starts)
        return not np.any(self._starts[after[near]] < stops[near])

    def add(self, member: int, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> None:
        """One more mask."""
        self.members.append(member)
        joined = np.concatenate([self._starts, starts])
        order = np.argsort(joined, kind="stable")
        numbers = np.full(len(starts), len(self.members), np.uint8)
        self._starts, self._stops = joined[order], np.concatenate([self._stops, stops])[order]
        self._numbers = np.concatenate([self._numbers, numbers])[order]

    def labels(self, height: int, width: int) -> NDArray[np.uint8]:
        """The label map (width, height): number n for the n-th mask."""
        values = np.zeros(2 * len(self._numbers) + 1, np.uint8)
        values[1::2] = self._numbers
        edges = np.stack([self._starts, self._stops], 1).ravel()
        lengths = np.diff(edges, prepend=0, append=height * width)
        return np.repeat(values, lengths).reshape(width, height)


def _size(told: object) -> tuple[int, int]:
    if not (isinstance(told, list) and len(told) == 2 and all(type(one) is int and one > 0 for one in told)):
        raise ValueError("its size is not two whole numbers above 0")
    return told[0], told[1]
