"""Label maps as PNG files whose grey levels are the labels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def label_png(labels: NDArray[np.uint8]) -> bytes:
    """A grey PNG file of 8 bits a pixel, each of which is its label: every program reads it the same.

    Args:
        labels: uint8 array (height, width), at least one pixel.

    Raises:
        ValueError: if there is no pixel.

    >>> label_png(np.zeros((2, 3), np.uint8))[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    if not labels.size:
        raise ValueError(f"labels of shape {labels.shape} make no picture")
    return cv2.imencode(".png", labels)[1].tobytes()
