"""How far what was found in a picture and what is marked in it cover each other, as boxes and as masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from spotter.segmenter.annotation import Instance
from spotter.segmenter.detections import Detections

MOST_FOUND = 100
"""Things of one class in one picture that are looked at, the surest first, as COCO does."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What was found in a picture, the surest first, against all that is marked in it.

    Attributes:
        found_labels: int64 array (found,), numbers of the classes, from 1.
        scores: float64 array (found,), falling.
        found_areas: float64 array (found,), in pixels.
        true_labels: int64 array (marked,).
        true_areas: float64 array (marked,), of the mask where it is known, else of the box; in pixels.
        crowd: bool array (marked,), whether it stands for many that were not told apart.
        unsure: bool array (marked,), whether finding it is neither rewarded nor punished: crowds, and in
            judging masks also what has none.
        iou: float64 array (found, marked), intersection over union, 0 to 1; over the area of what was found
            for crowds.
    """

    found_labels: Ints
    scores: Floats
    found_areas: Floats
    true_labels: Ints
    true_areas: Floats
    crowd: Bools
    unsure: Bools
    iou: Floats


def surest(found: Detections) -> Detections:
    """The surest first, and of each class no more than `MOST_FOUND`; equal scores stay in their order.

    >>> zeros = np.zeros((2, 4), np.float32), np.ones(2, np.int64)
    >>> scores, masks = np.float32([0.2, 0.9]), np.zeros((2, 1, 1), np.float32)
    >>> surest(Detections(*zeros, scores, masks, 5, 5)).scores.tolist()
    [0.8999999761581421, 0.20000000298023224]
    """
    order = np.argsort(-found.scores, kind="stable")
    return found.chosen(order[ranks_within(found.labels[order]) < MOST_FOUND])


def ranks_within(labels: Ints) -> Ints:
    """For each thing how many of its class stand before it.

    >>> ranks_within(np.array([3, 1, 3, 3])).tolist()
    [0, 0, 1, 2]
    """
    ranks = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        rows = labels == label
        ranks[rows] = np.arange(rows.sum())
    return ranks


def box_overlaps(found: Detections, marked: Sequence[Instance]) -> Overlaps:
    """Of boxes.

    Args:
        found: see `surest`.
        marked: all that is marked of these classes.
    """
    boxes = _lengths(found.boxes)
    crowd = np.array([one.crowd for one in marked], bool)
    return Overlaps(
        found.labels,
        found.scores.astype(np.float64),
        boxes[:, 2] * boxes[:, 3],
        np.array([one.label for one in marked], np.int64),
        _areas(marked),
        crowd,
        crowd,
        _box_iou(boxes, marked),
    )


def mask_overlaps(found: Detections, marked: Sequence[Instance]) -> Overlaps:
    """Of masks. What has no mask is unsure, and covered by what lies in its box.

    Args:
        found: see `surest`.
        marked: all that is marked of these classes, with masks of the picture's size.
    """
    codes = found.rles()
    crowd = np.array([one.crowd for one in marked], bool)
    masked = np.array([one.mask is not None for one in marked], bool)
    iou = np.zeros((len(found), len(marked)))
    if codes and masked.any():
        masks = [one.mask for one in marked if one.mask is not None]
        iou[:, masked] = coco_mask.iou(codes, masks, crowd[masked].astype(np.uint8).tolist())
    if codes and not masked.all():
        rest = [one for one in marked if one.mask is None]
        iou[:, ~masked] = _box_iou(_lengths(found.boxes), rest)
    return Overlaps(
        found.labels,
        found.scores.astype(np.float64),
        np.asarray(coco_mask.area(codes), np.float64).reshape(-1),
        np.array([one.label for one in marked], np.int64),
        _areas(marked),
        crowd,
        crowd | ~masked,
        iou,
    )


def _box_iou(boxes: Floats, marked: Sequence[Instance]) -> Floats:
    if not len(boxes) or not marked:
        return np.zeros((len(boxes), len(marked)))
    true = _lengths(np.stack([one.box for one in marked]))
    return np.asarray(coco_mask.iou(boxes, true, [int(one.crowd) for one in marked]), np.float64)


def _lengths(boxes: NDArray[np.float32]) -> Floats:
    """Left, top, width, height of boxes (n, 4) of left, top, right, bottom."""
    exact = boxes.astype(np.float64)
    return np.concatenate([exact[:, :2], exact[:, 2:] - exact[:, :2]], 1)


def _areas(marked: Sequence[Instance]) -> Floats:
    return np.array(
        [
            float(coco_mask.area(one.mask)) if one.mask is not None else _area_of_box(one.box)
            for one in marked
        ],
        np.float64,
    )


def _area_of_box(box: NDArray[np.float32]) -> float:
    left, top, right, bottom = box.tolist()
    return float((right - left) * (bottom - top))
