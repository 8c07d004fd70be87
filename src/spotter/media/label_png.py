"""Label maps as PNG files whose pixels are the labels and whose palette makes them seen."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE = 3  # PNG's colour type
_QUICK = 4  # of zlib's levels: a tenth larger than the best, in a quarter of the time


def label_png(labels: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """A PNG file (W3C PNG, third edition) of 8 bits a pixel, each an index of its palette.

    Programs that keep the palette read the labels (Pillow: ``np.array(Image.open(path))``); OpenCV turns
    them into the palette's colours.

    Args:
        labels: uint8 array (height, width), at least one pixel.
        palette: uint8 array (n, 3), RGB of label 0, 1, ...; n is at most 256 and above every label.

    Raises:
        ValueError: if a label has no colour, or there is no pixel.

    >>> label_png(np.zeros((2, 3), np.uint8), np.zeros((1, 3), np.uint8))[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    if not labels.size or int(labels.max()) >= len(palette):
        raise ValueError(f"labels of shape {labels.shape} do not go with a palette of {len(palette)} colours")
    height, width = labels.shape
    rows = np.zeros((height, width + 1), np.uint8)  # each begins with its filter: none
    rows[:, 1:] = labels
    head = struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)
    chunks = (
        (b"IHDR", head),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.data, _QUICK)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
