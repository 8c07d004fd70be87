"""The rotated square that the landmark model looks at, and the way there and back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MARGIN = 1.25
"""The square is this much larger than the circle around the body (BlazePose's own figure)."""


@dataclass(frozen=True, slots=True)
class Roi:
    """A rotated square region of interest.

    Attributes:
        x, y: its centre in pixels.
        size: the length of a side in pixels.
        rotation: clockwise turn in radians; 0 where the body stands upright in the picture.
    """

    x: float
    y: float
    size: float
    rotation: float

    @staticmethod
    def from_alignment(
        centre: NDArray[np.floating], rim: NDArray[np.floating], margin: float = MARGIN
    ) -> Roi:
        """The square around a body given by its hip centre and a point on the circle above its head.

        >>> roi = Roi.from_alignment(np.array([50.0, 60.0]), np.array([50.0, 20.0]))
        >>> round(roi.size), round(roi.rotation, 3)
        (100, 0.0)
        """
        dx, dy = float(rim[0] - centre[0]), float(rim[1] - centre[1])
        turn = math.pi / 2 - math.atan2(-dy, dx)
        return Roi(
            float(centre[0]),
            float(centre[1]),
            2 * math.hypot(dx, dy) * margin,
            turn - 2 * math.pi * math.floor((turn + math.pi) / (2 * math.pi)),
        )

    def to_image(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        """Points (n, 2) inside the square, 0 to 1 a side, as pixels of the picture."""
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        local = (np.asarray(points, np.float32) - 0.5) * self.size
        x = local[:, 0] * cos - local[:, 1] * sin + self.x
        y = local[:, 0] * sin + local[:, 1] * cos + self.y
        return np.stack([x, y], axis=1).astype(np.float32)

    def crop_matrix(self, side: int) -> NDArray[np.float64]:
        """The 2x3 matrix that takes pixels of a ``side`` x ``side`` crop to pixels of the picture."""
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        scale = self.size / side
        a, b = cos * scale, -sin * scale
        # Corner to corner, not pixel centre to pixel centre: so the models were trained.
        half = side / 2
        return np.array([[a, b, self.x - a * half - b * half], [-b, a, self.y + b * half - a * half]])

    def crop(self, image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
        """Cut the square out of the picture, upright; (side, side, 3) uint8.

        Outside the picture its border goes on, as in the landmark model's training: with black there, the
        model no longer believes in bodies that the picture cuts off.
        """
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        matrix = self.crop_matrix(side)
        out = cv2.warpAffine(image, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(out, np.uint8)

    def overlap(self, other: Roi) -> float:
        """How much two squares cover each other, turned upright: intersection over union, 0 to 1.

        >>> Roi(0, 0, 10, 0).overlap(Roi(0, 0, 10, 1)), Roi(0, 0, 10, 0).overlap(Roi(20, 0, 10, 0))
        (1.0, 0.0)
        """
        half_a, half_b = self.size / 2, other.size / 2
        width = min(self.x + half_a, other.x + half_b) - max(self.x - half_a, other.x - half_b)
        height = min(self.y + half_a, other.y + half_b) - max(self.y - half_a, other.y - half_b)
        shared = max(width, 0.0) * max(height, 0.0)
        return shared / (self.size**2 + other.size**2 - shared)
