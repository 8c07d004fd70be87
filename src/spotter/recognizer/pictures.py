"""What a picture goes through on its way into a network: the square in its middle, resized."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.media.pictures import read_picture

MAX_SIDE = 1024
"""Pictures are shrunk to this longest side while they are read: networks see 128 to 300 pixels."""


def square(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The largest square in the middle of a picture, resized: what every network sees.

    Args:
        image: RGB of shape (height, width, 3).
        side: of the square that comes out, in pixels.

    Returns:
        RGB of shape (side, side, 3), contiguous.

    >>> square(np.zeros((40, 90, 3), np.uint8), 16).shape
    (16, 16, 3)
    """
    height, width = image.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    middle = image[top : top + edge, left : left + edge]
    if edge == side:
        return np.ascontiguousarray(middle)
    way = cv2.INTER_AREA if edge > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(middle, (side, side), interpolation=way), np.uint8)


def read_square(path: Path, side: int) -> NDArray[np.uint8]:
    """Read a picture and take the square in its middle; see `square` and `read_picture`."""
    return square(read_picture(path, max_side=max(MAX_SIDE, side)), side)
