"""Notices a cut between shots, so that nobody is followed from one camera into another."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_THUMB = (32, 18)
# Two kinds of cut, each a jump in grey levels of 255, its multiple of the usual movement, and the likeness
# (correlation) of the two pictures below which it is one: to another scene, or to another view of the same.
_CUTS = ((14.0, 5.0, 0.8), (6.0, 25.0, 0.94))


class CutDetector:
    """Compares each picture with the one before.

    A cut is a jump that is far above the movement of the last second and after which the picture no longer
    resembles the one before.

    >>> detector = CutDetector()
    >>> black, noise = np.zeros((90, 160, 3), np.uint8), np.random.default_rng(0)
    >>> detector.push(black), detector.push(black)
    (False, False)
    >>> detector.push(noise.integers(0, 255, (90, 160, 3)).astype(np.uint8))
    True
    """

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None
        self._usual = 0.0

    def push(self, image: NDArray[np.uint8]) -> bool:
        """True where this RGB picture (height, width, 3) begins a new shot."""
        thumb = _thumbnail(image)
        before, self._before = self._before, thumb
        if before is None:
            return False
        jump = float(np.abs(thumb - before).mean())
        likeness = _likeness(thumb, before)
        is_cut = any(
            jump > max(least, times * self._usual) and likeness < most for least, times, most in _CUTS
        )
        if not is_cut:
            self._usual += 0.1 * (jump - self._usual)
        return is_cut


def _thumbnail(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    step = max(1, min(image.shape[0] // 72, image.shape[1] // 128))
    green = np.ascontiguousarray(image[::step, ::step, 1])  # a third of the work, and most of the brightness
    small = cv2.resize(green, _THUMB, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _likeness(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0
