"""The fast engine: from the pose engine's bodies to the parts of everybody in the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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
_HALF = 127  # half of a pixel's claim is its mask, half how far in front the person is


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
    canvas = _Canvas.empty(height, width, shared=len(bodies) > 1)
    scores = np.full((len(bodies), len(PARTS) + 1), np.nan, np.float32)
    frames = [PartFrame.of(body.keypoints) for body in bodies]
    layers: dict[int, PartLayer] = {}
    for row, (body, frame, lead) in enumerate(zip(bodies, frames, _leads(frames), strict=True)):
        scores[row, 0], seen = body.score, _visibility(frame)
        layer = _layer(body, frame, seen, height, width)
        if layer is not None:
            canvas.paint(layer, row + 1, lead)
            layers[row], scores[row, 1:] = layer, seen
    for row, layer in layers.items():  # only now is it known who is hidden behind others
        scores[row, 1:][~canvas.parts(layer, row + 1)] = np.nan
    return PartMap(canvas.labels, canvas.people, tuple(body.id for body in bodies), scores)


def _layer(body: Body, frame: PartFrame | None, seen: Floats, height: int, width: int) -> PartLayer | None:
    if body.mask is None:
        return None
    return part_layer(body.mask, frame, seen >= MIN_VISIBILITY, part_shapes(), height, width)


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


@dataclass(frozen=True, slots=True)
class _Canvas:
    """The picture while people are painted into it.

    Attributes:
        labels, people: as in ``PartMap``.
        claims: how strong the claim of each pixel's owner is, 0 to 255; None where nobody can dispute it.
    """

    labels: Bytes
    people: Bytes
    claims: Bytes | None

    @staticmethod
    def empty(height: int, width: int, shared: bool) -> _Canvas:
        labels, people = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
        return _Canvas(labels, people, np.zeros_like(people) if shared else None)

    def paint(self, layer: PartLayer, number: int, lead: float) -> None:
        """Give a person the pixels to which nobody has a stronger claim."""
        here = layer.rows, layer.columns
        mine = layer.mask >= MIN_MASK
        if self.claims is not None:
            claim = np.asarray(cv2.convertScaleAbs(layer.mask, alpha=0.5, beta=lead * _HALF), np.uint8)
            mine &= claim > self.claims[here]
            cv2.copyTo(claim, mine.view(np.uint8), self.claims[here])
        cv2.copyTo(layer.labels, mine.view(np.uint8), self.labels[here])
        cv2.copyTo(np.full_like(layer.mask, number), mine.view(np.uint8), self.people[here])

    def parts(self, layer: PartLayer, number: int) -> NDArray[np.bool_]:
        """Which parts of a person have a pixel, (14,)."""
        labels, people = self.labels[layer.rows, layer.columns], self.people[layer.rows, layer.columns]
        few = slice(None, None, _SPARSE)
        theirs = labels[few, few][people[few, few] == number]
        found = np.bincount(theirs, minlength=len(PARTS) + 1) > 0
        for label in layer.parts[~found[layer.parts]]:  # small ones, or hidden behind somebody
            found[label] = ((labels == label) & (people == number)).any()
        return np.asarray(found[1:])
