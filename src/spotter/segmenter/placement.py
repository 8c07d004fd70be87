"""Where a picture and what is marked in it come to lie in the square that a network sees."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.media.convert import limited_size

FILL = 0
"""Grey level of the square where no picture is."""


@dataclass(frozen=True, slots=True)
class Placement:
    """How a picture is laid into a square.

    Attributes:
        matrix: float64 array (2, 3) that takes a point x, y of the picture, in pixels from its top left
            corner, to the square.
        side: of the square in pixels.
        mirrored: whether left and right have changed places.
    """

    matrix: NDArray[np.float64]
    side: int
    mirrored: bool = False

    @property
    def scale(self) -> float:
        """Pixels of the square that a pixel of the picture becomes."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))

    def points(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points (..., 2) of the picture lie in the square."""
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2])

    def boxes(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """The upright boxes (n, 4) around moved boxes, which may reach out of the square.

        >>> letterbox(100, 200, 50).boxes(np.float32([[0, 0, 200, 100]])).tolist()
        [[0.0, 0.0, 50.0, 25.0]]
        """
        corners = self.points(boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]].astype(np.float64))
        return np.concatenate([corners.min(1), corners.max(1)], 1).astype(np.float32)

    def picture(self, image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
        """The square (side, side, 3), filled with `FILL` where no picture is.

        Args:
            image: RGB, perhaps smaller than the picture that the matrix holds for.
            height, width: of the picture that the matrix holds for.
        """
        stretch = width / image.shape[1], height / image.shape[0]
        matrix = np.column_stack([self.matrix[:, :2] * stretch, self.matrix[:, 2]])
        return self._warped(image, matrix, cv2.INTER_LINEAR, FILL)

    def standing_labels(self, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The square (side, side) of a label map that is given column by column, as (width, height)."""
        return self._warped(labels, self.matrix[:, [1, 0, 2]], cv2.INTER_NEAREST, 0)

    def _warped(
        self, image: NDArray[np.uint8], matrix: NDArray[np.float64], way: int, border: int
    ) -> NDArray[np.uint8]:
        centred = matrix.copy()  # OpenCV counts from the middle of the first pixel, we from its corner
        centred[:, 2] += matrix[:, :2].sum(1) / 2 - 0.5
        size = (self.side, self.side)
        return np.asarray(
            cv2.warpAffine(image, centred, size, flags=way, borderValue=(border,) * 3), np.uint8
        )


def letterbox(height: int, width: int, side: int) -> Placement:
    """The picture as large as it fits into the square, in its top left corner.

    >>> letterbox(100, 200, 50).scale
    0.25
    """
    return Placement(np.eye(2, 3) * (side / max(height, width)), side)


def fitted(image: NDArray[np.uint8], side: int) -> tuple[NDArray[np.uint8], float]:
    """A picture as large as it fits into the top left corner of a square: what a network is given.

    Args:
        image: RGB (height, width, 3).
        side: of the square in pixels.

    Returns:
        RGB (side, side, 3), and how many pixels of the square a pixel of the picture became.

    >>> square, scale = fitted(np.full((100, 200, 3), 9, np.uint8), 50)
    >>> square[:, 0, 0].sum(), scale
    (np.uint64(225), 0.25)
    """
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale > 1:
        inner_w, inner_h = max(1, round(width * scale)), max(1, round(height * scale))
    else:
        inner_w, inner_h = limited_size(width, height, side)
    square = np.full((side, side, 3), FILL, np.uint8)
    if (inner_h, inner_w) != (height, width):
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        image = np.asarray(cv2.resize(image, (inner_w, inner_h), interpolation=way), np.uint8)
    square[:inner_h, :inner_w] = image
    return square, scale
