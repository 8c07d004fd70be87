"""The fast engine: from the pose engine's bodies to the parts of everybody in the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import Body
from spotter.body.part_frame import Floats, PartFrame
from spotter.body.part_layer import PartLayer, part_layer
from spotter.body.part_map import PARTS, PartMap
from spotter.body.part_shapes import part_shapes

MIN_VISIBILITY: Final = 0.2
"""A part whose landmarks are seen less than this, on average, is left out."""

MIN_MASK: Final = 128
"""From here on a pixel of the mask, 0 to 255, is the person's."""

Bytes = NDArray[np.uint8]

_SPARSE = 8  # a part is looked for in every so many rows and columns first
_MOST_CLAIM = 127  # half of a pixel's claim is its mask, half how far in front the person is


def part_map(bodies: Sequence[Body], height: int, width: int) -> PartMap:
    """Whose part each pixel of a picture is, by the masks and landmarks of the bodies found in it.

    Args:
        bodies: of ``PoseEngine(masks=True)``, 255 at most; one without a mask has no pixels.
        height, width: of the picture that they were found in.

    Returns:
        The map; a part's score is how well its landmarks are seen, on average.

    >>> part_map([], 2, 3).labels.tolist()
    [[0, 0, 0], [0, 0, 0]]
    """
    labels, people = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    claims = np.zeros((height, width), np.uint8) if len(bodies) > 1 else None
    scores = np.full((len(bodies), len(PARTS) + 1), np.nan, np.float32)
    frames = [PartFrame.of(body.keypoints) for body in bodies]
    layers: list[PartLayer | None] = []
    for body, frame, lead, row in zip(bodies, frames, _leads(frames), scores, strict=True):
        seen = _visibility(frame)
        row[0], row[1:] = body.score, seen
        present = seen >= MIN_VISIBILITY
        mask = body.mask
        layer = None if mask is None else part_layer(mask, frame, present, part_shapes(), height, width)
        layers.append(layer)
        if layer is not None:
            _paint(layer, len(layers), labels, people)

    for number, (layer, row) in enumerate(zip(layers, scores, strict=True), start=1):
        row[1:][~_found(layer, number, labels, people)] = np.nan
    return PartMap(labels, people, tuple(body.id for body in bodies), scores)


def _visibility(frame: PartFrame | None) -> Floats:
    """How well the landmarks of each part are seen, on average, (14,)."""
    if frame is None:
        return np.zeros(len(PARTS), np.float32)
    return np.asarray(part_shapes().landmarks @ frame.visibility, np.float32)


def _leads(frames: Sequence[PartFrame | None]) -> list[float]:
    """How far in front each person is, 0 to 1: those who look larger stand nearer to the camera."""
    nearness = [-math.inf if frame is None else math.log(frame.scale) for frame in frames]
    last = min((near for near in nearness if near > -math.inf), default=0.0)
    return [min(max(near - last, 0.0), 1.0) for near in nearness]


def _paint(layer: PartLayer, number: int, lead: float, onto: tuple[Bytes, Bytes, Bytes]) -> None:
    """Give a person the pixels that nobody has a stronger claim to; ``onto``: labels, people and claims."""
    labels, people, claims = (whole[layer.rows, layer.columns] for whole in onto)
    claim = np.asarray(cv2.convertScaleAbs(layer.mask, alpha=0.5, beta=lead * _MOST_CLAIM), np.uint8)
    mine = ((layer.mask >= MIN_MASK) & (claim > claims)).view(np.uint8)
    for source, target in ((layer.labels, labels), (np.full_like(people, number), people), (claim, claims)):
        cv2.copyTo(source, mine, target)


def _found(layer: PartLayer | None, number: int, labels: Bytes, people: Bytes) -> NDArray[np.bool_]:
    """Which parts of a person have a pixel, (14,)."""
    if layer is None:
        return np.zeros(len(PARTS), np.bool_)
    here = layer.rows, layer.columns
    theirs = labels[here] * (people[here] == number)
    found = np.bincount(theirs[::_SPARSE, ::_SPARSE].ravel(), minlength=len(PARTS) + 1) > 0
    for label in np.flatnonzero(~found):  # a few that are small or not there at all
        found[label] = (theirs == label).any()
    return found[1:]
