"""Which photos are nearly the same picture: saved again, resized, brighter, turned a little."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import SpotterError
from spotter.media.pictures import THREADS, read_picture

PRINT_SIDE = 16
"""A picture's print has this many values a side."""

_READ_SIDE = 64
_COARSE = PRINT_SIDE / 8  # blur, in values, that is taken off: light and shade of the whole scene
_FLAT = 1.0  # grey levels; a picture with less in it than that is not like any other
_SAME, _LIKE = 0.999, 0.9  # correlation of two prints
_CLEARLY = 0.11  # how much less they may differ than pictures of this set do that are merely similar
_SIMILAR_SHARE, _LEAST_SIMILAR = 0.05, 10
_SAMPLE = 2000
_BLOCK = 32_000_000  # correlations held at once

Prints = NDArray[np.float32]


def picture_print(image: NDArray[np.uint8]) -> Prints:
    """What is characteristic of a picture in few numbers: its coarse shapes, whatever its size and light.

    Args:
        image: RGB (h, w, 3).

    Returns:
        Array (256,) of length 1, or of zeros where the picture is flat. The scalar product of two is the
        correlation of the pictures: 1 for the same one, above 0.95 after JPEG, resizing or a small turn.

    >>> photo = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    >>> bool(picture_print(photo) @ picture_print(photo // 2) > 0.99)
    True
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (PRINT_SIDE, PRINT_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    shapes = np.asarray(small - cv2.GaussianBlur(small, (0, 0), _COARSE), np.float32).ravel()
    shapes -= shapes.mean()
    length = float(np.linalg.norm(shapes))
    return shapes / length if length > _FLAT * PRINT_SIDE else np.zeros_like(shapes)


def read_prints(paths: Sequence[Path]) -> Prints:
    """The print of each picture, (n, 256), read small and in threads; zeros where it cannot be read."""
    with ThreadPoolExecutor(THREADS) as threads:
        prints = list(threads.map(_read_print, paths))
    return np.stack(prints) if prints else np.zeros((0, PRINT_SIDE**2), np.float32)


def alike_pairs(prints: Prints) -> list[tuple[int, int]]:
    """Pairs of pictures that are nearly the same.

    A pair must correlate by 0.9, and differ nine times less than either of them does from the pictures of
    the set that resemble it: all photos of an eye's background look alike, and are not the same for that.

    Args:
        prints: (n, 256); see `picture_print`.

    Returns:
        Numbers of two pictures, the smaller first, in order.
    """
    count = len(prints)
    if count < 2:
        return []
    similar = _similar(prints)
    step = max(1, _BLOCK // count)
    pairs: list[tuple[int, int]] = []
    for start in range(0, count, step):
        close = prints[start : start + step] @ prints.T
        first, second = np.nonzero(close >= _LIKE)
        ahead = first + start < second
        first, second = first[ahead], second[ahead]
        value = close[first, second]
        first += start
        usual = 1 - np.maximum(similar[first], similar[second])
        good = (value >= _SAME) | (1 - value <= _CLEARLY * usual)
        pairs += zip(first[good].tolist(), second[good].tolist(), strict=True)
    return pairs


def clusters(count: int, pairs: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Things that hang together by pairs, in order; those that are in no pair are left out.

    >>> clusters(6, [(0, 4), (4, 5), (1, 2)])
    [(0, 4, 5), (1, 2)]
    """
    parent = list(range(count))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    for first, second in pairs:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    together: dict[int, list[int]] = {}
    for one in range(count):
        together.setdefault(root(one), []).append(one)
    return [tuple(members) for members in together.values() if len(members) > 1]


def _similar(prints: Prints) -> NDArray[np.float32]:
    """For each picture the correlation with those of the set that resemble it, about the best twentieth."""
    count = len(prints)
    sample = prints if count <= _SAMPLE else prints[:: -(-count // _SAMPLE)]
    rank = min(max(_LEAST_SIMILAR, round(_SIMILAR_SHARE * len(sample))), len(sample) - 1)
    similar = np.empty(count, np.float32)
    step = max(1, _BLOCK // len(sample))
    for start in range(0, count, step):
        close = prints[start : start + step] @ sample.T  # a picture's likeness to itself is the best of them
        similar[start : start + step] = -np.partition(-close, rank, axis=1)[:, rank]
    return similar


def _read_print(path: Path) -> Prints:
    try:
        return picture_print(read_picture(path, max_side=_READ_SIDE))
    except SpotterError:
        return np.zeros(PRINT_SIDE**2, np.float32)
