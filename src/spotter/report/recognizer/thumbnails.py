"""Photos on the pages: read again, small, and with what the network looked at laid over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import SpotterError
from spotter.media.pictures import THREADS, read_picture
from spotter.recognizer.dataset import Photo
from spotter.recognizer.pictures import read_square, square
from spotter.report.shell import picture_uri

Image = NDArray[np.uint8]
Made = TypeVar("Made")

_READ_SIDE = 256  # thousands of photos are read for a page: no more of them than it shows
_QUALITY = 76
_STRONGEST = 0.62  # of the heat's colours over the picture
_GREY = 0.75  # how much of its colours the picture loses where there is no heat


def squares_of(photos: Sequence[Photo], side: int) -> list[Image | None]:
    """The middle squares of photos, RGB (side, side, 3); None for one that cannot be read any more."""
    return _of_each([photo.path for photo in photos], partial(read_square, side=side))


def thumbnail_uris(paths: Sequence[Path], side: int, *, whole: bool = False) -> list[str | None]:
    """Small pictures of photos, for ``<img src>``; None for one that cannot be read.

    Args:
        paths: of the photos.
        side: the longest side, in pixels, at most 256.
        whole: whether the whole photo is shown, and not only the square in its middle.
    """

    def uri(path: Path) -> str:
        image = read_picture(path, max_side=_READ_SIDE)
        return picture_uri(image if whole else square(image, side), side, _QUALITY)

    return _of_each(paths, uri)


def with_heat(image: Image, heat: NDArray[np.float32]) -> Image:
    """A picture with a heat map laid over it; it is greyed where there is none.

    Args:
        image: RGB of shape (side, side, 3).
        heat: of any square shape, 0 to 1.
    """
    side = image.shape[0]
    enlarged = cv2.resize(heat, (side, side), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    levels = np.asarray((255 * enlarged).round(), np.uint8)
    colours = cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO)[:, :, ::-1].astype(np.float32)
    weight = enlarged[:, :, None].astype(np.float32)
    grey = image.mean(axis=2, keepdims=True, dtype=np.float32)
    faded = image + (grey - image) * _GREY * (1 - weight)
    mixed = faded + (colours - faded) * _STRONGEST * weight
    return np.asarray(mixed.clip(0, 255), np.uint8)


def _of_each(paths: Sequence[Path], make: Callable[[Path], Made]) -> list[Made | None]:
    """What is made of each photo, several at a time; None where one cannot be read."""

    def one(path: Path) -> Made | None:
        try:
            return make(path)
        except SpotterError:
            return None

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, paths))
