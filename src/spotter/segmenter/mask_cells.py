"""How the masks of detections overlap, reckoned on the cells of their own small grids."""

from __future__ import annotations

import numpy as np

from spotter.segmenter.detections import Detections, sampled


class MaskCells:
    """How the masks of detections overlap.

    Args:
        found: the detections; they are named by their rows.

    >>> whole = np.ones((2, 4, 4), np.float32)
    >>> boxes = np.float32([[0, 0, 40, 40], [0, 20, 40, 60]])
    >>> cells = MaskCells(Detections(boxes, np.array([1, 1]), np.float32([1, 1]), whole, 80, 80))
    >>> round(cells.share_inside(0, 1), 2), round(cells.overlap(0, 1), 2)
    (0.5, 0.33)
    """

    def __init__(self, found: Detections) -> None:
        self.scores = found.scores
        self.boxes, self._masks = found.boxes, found.masks
        side = found.masks.shape[-1]
        middles = (np.arange(side, dtype=np.float32) + 0.5) / side
        self.sizes = found.boxes[:, 2:] - found.boxes[:, :2]
        self._x = found.boxes[:, 0:1] + self.sizes[:, 0:1] * middles
        self._y = found.boxes[:, 1:2] + self.sizes[:, 1:2] * middles
        self._cell = self.sizes.prod(1) / side**2
        self._area = found.masks.sum((1, 2)) * self._cell

    def share_inside(self, one: int, other: int) -> float:
        """The share of one mask that lies in another, 0 to 1."""
        return self._shared(one, other) / max(float(self._area[one]), 1e-6)

    def overlap(self, one: int, other: int) -> float:
        """What two masks share, by what they cover together, 0 to 1."""
        shared = self._shared(one, other)
        return shared / max(float(self._area[one] + self._area[other]) - shared, 1e-6)

    def _shared(self, one: int, other: int) -> float:
        """Pixels; on the grid of the first."""
        boxes = self.boxes
        apart = (boxes[one, :2] >= boxes[other, 2:]) | (boxes[other, :2] >= boxes[one, 2:])
        if apart.any() or not (self.sizes[[one, other]] > 0).all():
            return 0.0
        there = sampled(boxes[other], self._masks[other], self._x[one], self._y[one])
        return float((self._masks[one] * there).sum() * self._cell[one])
