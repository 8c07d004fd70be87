"""Finds people in a whole picture: BlazePose's detector, its anchors and non-maximum suppression."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.roi import Roi
from spotter.models.session import Session
from spotter.models.store import ModelStore

INPUT_SIDE = 224
MIN_SCORE = 0.5
SUPPRESSION_OVERLAP = 0.3
_STRIDES_AND_ANCHORS = ((8, 2), (16, 2), (32, 6))


@dataclass(frozen=True, slots=True)
class Detection:
    """A person found in a whole picture.

    Attributes:
        box: float array (4,), left, top, right, bottom of the face and upper body, in pixels.
        points: float array (4, 2) in pixels: hip centre, rim of the circle around the whole body,
            shoulder centre, rim of the circle around the upper body.
        score: 0 to 1.
    """

    box: NDArray[np.float32]
    points: NDArray[np.float32]
    score: float

    @property
    def roi(self) -> Roi:
        """The square around the whole body."""
        return Roi.from_alignment(self.points[0], self.points[1])


@cache
def anchors() -> NDArray[np.float32]:
    """Centres (2254, 2) of the detector's anchors, 0 to 1, row by row, fine grid first.

    >>> anchors().shape, bool(np.allclose(anchors()[0], 0.5 / 28))
    ((2254, 2), True)
    """
    grids = []
    for stride, count in _STRIDES_AND_ANCHORS:
        cells = INPUT_SIDE // stride
        line = (np.arange(cells, dtype=np.float32) + 0.5) / np.float32(cells)
        x, y = np.meshgrid(line, line)
        grids.append(np.stack([x, y], axis=-1).reshape(-1, 2).repeat(count, axis=0))
    centres = np.concatenate(grids)
    centres.setflags(write=False)
    return centres


class Detector:
    """Runs the person detector on whole pictures.

    Args:
        store: where the weights come from.
        parallel: how many detectors run at the same time; see `Session`.

    Example::

        detector = Detector(ModelStore())
        for detection in detector(image):
            print(detection.score, detection.roi)
    """

    def __init__(self, store: ModelStore, parallel: int = 1) -> None:
        self._session = Session(store.path("pose-detection"), parallel=parallel)

    def __call__(self, image: NDArray[np.uint8]) -> list[Detection]:
        """People in an RGB picture (height, width, 3), the surest first."""
        tensor, scale, left, top = _letterbox(image)
        raw_boxes, raw_scores = self._session.run(tensor)
        scores = 1 / (1 + np.exp(-np.clip(raw_scores[0, :, 0], -80, 80)))
        keep = np.flatnonzero(scores >= MIN_SCORE)
        if keep.size == 0:
            return []
        boxes, points = _decode(raw_boxes[0, keep], anchors()[keep])
        shift = np.array([left, top], np.float32)
        boxes = (boxes.reshape(-1, 2, 2) - shift) / scale
        points = (points - shift) / scale
        return _suppress(boxes.reshape(-1, 4), points, scores[keep])


def _letterbox(image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float, float, float]:
    """The picture fitted into the model's square, -1 to 1; the scale and the margins in model pixels."""
    height, width = image.shape[:2]
    scale = INPUT_SIDE / max(height, width)
    left, top = (INPUT_SIDE - width * scale) / 2, (INPUT_SIDE - height * scale) / 2
    matrix = np.array([[scale, 0, left], [0, scale, top]])
    square = cv2.warpAffine(image, matrix, (INPUT_SIDE, INPUT_SIDE), flags=cv2.INTER_LINEAR, borderValue=0)
    tensor = np.asarray(square, np.float32)[None] / np.float32(127.5) - np.float32(1)
    return tensor, scale, left, top


def _decode(
    raw: NDArray[np.float32], centres: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Boxes (n, 4) and points (n, 4, 2) in model pixels from the raw offsets (n, 12)."""
    centre = raw[:, 0:2] + centres * INPUT_SIDE
    half = raw[:, 2:4] / 2
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    points = raw[:, 4:12].reshape(-1, 4, 2) + centres[:, None] * INPUT_SIDE
    return boxes, points


def _suppress(
    boxes: NDArray[np.float32], points: NDArray[np.float32], scores: NDArray[np.float32]
) -> list[Detection]:
    """Weighted non-maximum suppression: overlapping candidates are averaged (BlazeFace, arXiv:1907.05047)."""
    found = []
    left = np.argsort(-scores)
    while left.size:
        best = left[0]
        near = _overlaps(boxes[best], boxes[left]) > SUPPRESSION_OVERLAP
        near[0] = True
        group = left[near]
        weight = scores[group] / scores[group].sum()
        found.append(
            Detection(
                box=(boxes[group] * weight[:, None]).sum(axis=0),
                points=(points[group] * weight[:, None, None]).sum(axis=0),
                score=float(scores[best]),
            )
        )
        left = left[~near]
    return found


def _overlaps(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one box with each of (n, 4)."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return np.asarray(shared / np.maximum((box[2:] - box[:2]).prod() + area - shared, 1e-9), np.float32)
