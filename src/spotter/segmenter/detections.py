"""What the network found in a picture: boxes, classes, scores, and masks as small as it gave them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from spotter.segmenter.annotation import Rle


@dataclass(frozen=True, slots=True)
class Detections:
    """Things found in one picture, the surest first.

    Attributes:
        boxes: float32 array (n, 4), left, top, right, bottom in pixels of the picture, inside it.
        labels: int64 array (n,), numbers of their classes, from 1.
        scores: float32 array (n,), 0 to 1.
        masks: float32 array (n, side, side), 0 to 1: the mask stretched over the box, as Mask R-CNN's mask
            head gives it (He et al. 2017, arXiv:1703.06870).
        height, width: of the picture, in pixels.
    """

    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    scores: NDArray[np.float32]
    masks: NDArray[np.float32]
    height: int
    width: int

    def __len__(self) -> int:
        return len(self.scores)

    def chosen(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Detections:
        """Some of them, by their rows."""
        return Detections(
            self.boxes[rows], self.labels[rows], self.scores[rows], self.masks[rows], self.height, self.width
        )

    def full_masks(self) -> Iterator[NDArray[np.bool_]]:
        """The mask (height, width) of each, one after the other."""
        for box, mask in zip(self.boxes, self.masks, strict=True):
            (left, top), likely = pasted(box, mask, self.height, self.width)
            full = np.zeros((self.height, self.width), np.bool_)
            full[top : top + likely.shape[0], left : left + likely.shape[1]] = likely >= 0.5
            yield full

    def rles(self) -> list[Rle]:
        """The masks in COCO's compressed run-length encoding."""
        return [encoded(mask) for mask in self.full_masks()]


def pasted(
    box: NDArray[np.float32], mask: NDArray[np.float32], height: int, width: int
) -> tuple[tuple[int, int], NDArray[np.float32]]:
    """A small mask stretched over its box.

    Args:
        box: float32 array (4,), left, top, right, bottom in pixels.
        mask: float32 array (side, side), 0 to 1, whose outer pixels end at the box's edges.
        height, width: of the picture.

    Returns:
        The left and top pixel, and how likely (h, w) each pixel from there belongs to it; 0 to 1.

    >>> pasted(np.float32([2, 1, 6, 5]), np.ones((2, 2), np.float32), 10, 10)[0]
    (1, 0)
    """
    side = mask.shape[0]
    across, down = (box[2] - box[0]) / side, (box[3] - box[1]) / side
    left, top = max(0, int(np.floor(box[0] - across / 2))), max(0, int(np.floor(box[1] - down / 2)))
    right = min(width, int(np.ceil(box[2] + across / 2)))
    bottom = min(height, int(np.ceil(box[3] + down / 2)))
    if right <= left or bottom <= top or not (across > 0 and down > 0):
        return (left, top), np.zeros((0, 0), np.float32)
    x = np.arange(left, right, dtype=np.float32) + 0.5  # a pixel is where its middle is
    y = np.arange(top, bottom, dtype=np.float32) + 0.5
    return (left, top), sampled(box, mask, x, y)


def sampled(
    box: NDArray[np.float32], mask: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.float32]:
    """A small mask stretched over its box, at the places where some columns and rows cross.

    Between the middles of its cells it is interpolated; beyond the box there is nothing, so that it fades out
    over the box's edge.

    Args:
        box: float32 array (4,), left, top, right, bottom; wider and higher than 0.
        mask: float32 array (side, side), 0 to 1, whose outer cells end at the box's edges.
        x, y: float32 arrays (w,) and (h,), where the columns and rows are.

    Returns:
        float32 array (h, w), 0 to 1.

    >>> at = np.float32([0, 1, 2, 3, 4])
    >>> sampled(np.float32([1, 0, 3, 4]), np.ones((2, 2), np.float32), at, at[2:3]).tolist()
    [[0.0, 0.5, 1.0, 0.5, 0.0]]
    """
    side = mask.shape[0]
    cells = np.arange(side, dtype=np.float32) + 0.5
    columns = x * (side / (box[2] - box[0])) - box[0] * (side / (box[2] - box[0]))
    rows = y * (side / (box[3] - box[1])) - box[1] * (side / (box[3] - box[1]))
    across = np.maximum(1 - np.abs(columns[:, None] - cells), 0)
    down = np.maximum(1 - np.abs(rows[:, None] - cells), 0)
    return np.asarray(down @ mask @ across.T, np.float32)


def encoded(mask: NDArray[np.bool_]) -> Rle:
    """A mask (height, width) in COCO's compressed run-length encoding.

    >>> encoded(np.eye(2, dtype=bool))["size"]
    [2, 2]
    """
    rle: Rle = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return rle


def decoded(rle: Rle) -> NDArray[np.bool_]:
    """The mask (height, width) of a run-length code.

    >>> decoded(encoded(np.eye(2, dtype=bool))).tolist()
    [[True, False], [False, True]]
    """
    return np.asarray(coco_mask.decode(rle), np.bool_)
