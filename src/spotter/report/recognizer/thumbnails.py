"""Photos on the recognizer's pages: read again, small, and with what the network looked at laid over them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import SpotterError
from spotter.recognizer.dataset import Photo
from spotter.recognizer.pictures import read_square

Image = NDArray[np.uint8]

_THREADS = min(8, os.cpu_count() or 1)
_STRONGEST = 0.62  # of the heat's colours over the picture
_GREY = 0.75  # how much of its colours the picture loses where there is no heat


def squares_of(photos: Sequence[Photo], side: int) -> list[Image | None]:
    """The middle squares of photos, RGB (side, side, 3); None for one that cannot be read any more."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(lambda photo: _square(photo.path, side), photos))


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


def _square(path: Path, side: int) -> Image | None:
    try:
        return read_square(path, side)
    except SpotterError:
        return None
