"""Finds the 33 landmarks inside a region of interest: BlazePose's landmark model."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import Keypoints
from spotter.body.mask import PersonMask
from spotter.body.roi import Roi
from spotter.models.session import Session
from spotter.models.store import ModelStore

INPUT_SIDE = 256
_HEATMAP_SIDE = 64
_KERNEL_REACH = 3
_MIN_HEAT = 0.5
_POINTS = 39  # 33 landmarks, 2 for the next region of interest, 4 that the model keeps to itself


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What the landmark model says of one region of interest.

    Attributes:
        keypoints: the 33 landmarks in pixels of the picture.
        score: 0 to 1, how surely there is a person in the region.
        alignment: float32 array (2, 2), hip centre and rim of the body's circle in pixels:
            the next region of interest.
        mask: the person's mask, where it was asked for.
    """

    keypoints: Keypoints
    score: float
    alignment: NDArray[np.float32]
    mask: PersonMask | None


class Landmarker:
    """Runs the landmark model on regions of interest.

    Args:
        store: where the weights come from.
        with_mask: also compute the person's mask (costs a third more).
        parallel: how many landmarkers run at the same time; see `Session`.
    """

    def __init__(self, store: ModelStore, with_mask: bool = False, parallel: int = 1) -> None:
        outputs = ["Identity", "Identity_1", "Identity_3", "Identity_4"]
        if with_mask:
            outputs.append("Identity_2")
        path = store.path("pose-landmark-full")
        self._session = Session(path, outputs=outputs, exact_side=2, parallel=parallel)

    def __call__(self, image: NDArray[np.uint8], roi: Roi) -> Landmarks:
        """The landmarks of the person inside ``roi`` of an RGB picture (height, width, 3)."""
        crop = roi.crop(image, INPUT_SIDE)
        tensor = np.multiply(crop, np.float32(1 / 255), dtype=np.float32)[None]
        raw, flag, heat, world, *mask = self._session.run(tensor)
        points = raw.reshape(_POINTS, 5).astype(np.float32)
        places = points[:, :2] / np.float32(INPUT_SIDE)
        _refine(places, heat[0])
        pixels = roi.to_image(places)
        likely = _sigmoid(points[:33, 3:5])
        return Landmarks(
            keypoints=Keypoints(
                xy=pixels[:33],
                world=_turn(world.reshape(_POINTS, 3)[:33], roi.rotation),
                visibility=likely[:, 0],
                presence=likely[:, 1],
            ),
            score=float(flag.reshape(-1)[0]),
            alignment=pixels[33:35],
            mask=PersonMask.from_logits(mask[0].reshape(INPUT_SIDE, INPUT_SIDE), roi) if mask else None,
        )


def _refine(places: NDArray[np.float32], heat: NDArray[np.float32]) -> None:
    """Move each place (39, 2), in place, to the centre of mass of its heat map (64, 64, 39) around it."""
    cells = np.floor(places * _HEATMAP_SIDE).astype(np.int64)
    inside = ((cells >= 0) & (cells < _HEATMAP_SIDE)).all(axis=1)
    k = np.flatnonzero(inside)
    reach = np.arange(-_KERNEL_REACH, _KERNEL_REACH + 1)
    columns, rows = cells[k, 0, None] + reach, cells[k, 1, None] + reach
    patch = heat[
        rows.clip(0, _HEATMAP_SIDE - 1)[:, :, None],
        columns.clip(0, _HEATMAP_SIDE - 1)[:, None, :],
        k[:, None, None],
    ]
    weight = _sigmoid(patch)
    weight *= ((rows >= 0) & (rows < _HEATMAP_SIDE))[:, :, None]
    weight *= ((columns >= 0) & (columns < _HEATMAP_SIDE))[:, None, :]
    hot = weight.max(axis=(1, 2)) >= _MIN_HEAT
    k, weight, columns, rows = k[hot], weight[hot], columns[hot], rows[hot]
    total = weight.sum(axis=(1, 2)) * _HEATMAP_SIDE
    places[k, 0] = (weight.sum(axis=1) * columns).sum(axis=1) / total
    places[k, 1] = (weight.sum(axis=2) * rows).sum(axis=1) / total


def _sigmoid(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)


def _turn(world: NDArray[np.floating], rotation: float) -> NDArray[np.float32]:
    """World landmarks (n, 3) turned from the upright crop back into the picture."""
    cos, sin = math.cos(rotation), math.sin(rotation)
    x, y, z = world.T
    return np.stack([x * cos - y * sin, x * sin + y * cos, z], axis=1).astype(np.float32)
