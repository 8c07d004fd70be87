"""A person's mask, kept small and drawn into the picture when it is needed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.roi import Roi


@dataclass(frozen=True, slots=True)
class PersonMask:
    """How likely each pixel belongs to the person.

    Attributes:
        values: uint8 array (side, side), 0 to 255, upright inside the region of interest.
        roi: where the region lies in the picture.
    """

    values: NDArray[np.uint8]
    roi: Roi

    @staticmethod
    def from_logits(logits: NDArray[np.floating], roi: Roi) -> PersonMask:
        """From the model's raw output (side, side).

        >>> PersonMask.from_logits(np.zeros((4, 4)), Roi(2, 2, 4, 0)).values[0, 0]
        np.uint8(127)
        """
        return PersonMask(
            (255 / (1 + np.exp(-logits.clip(-30, 30).astype(np.float32)))).astype(np.uint8), roi
        )

    def full(self, height: int, width: int) -> NDArray[np.uint8]:
        """The mask as a picture (height, width), 0 to 255; 0 outside the region.

        >>> mask = PersonMask(np.full((4, 4), 255, np.uint8), Roi(4, 4, 4, 0))
        >>> mask.full(8, 8)[4].tolist()
        [0, 0, 255, 255, 255, 255, 0, 0]
        """
        matrix = self.roi.crop_matrix(self.values.shape[0])
        out = cv2.warpAffine(self.values, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=0)
        return np.asarray(out, np.uint8)
