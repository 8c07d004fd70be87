"""How well label maps of body parts agree: intersection over union."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PARTS, PASCAL, TO_PASCAL

Labels = NDArray[np.integer] | NDArray[np.bool_]
Counts = NDArray[np.int64]

LABELS: Final = len(PARTS) + 1
PASCAL_LABELS: Final = len(PASCAL) + 1


def confusion(found: Labels, truth: Labels, labels: int = LABELS) -> Counts:
    """Pixels by their true label, in rows, and the one found, in columns: (labels, labels).

    Args:
        found, truth: of the same shape, 0 for the background.
        labels: how many there are, the background among them.

    Raises:
        ValueError: the two have different shapes.

    >>> confusion(np.array([1, 1, 0]), np.array([1, 0, 0]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    if found.shape != truth.shape:
        raise ValueError(f"labels found are {found.shape}, the true ones {truth.shape}")
    pairs = truth.ravel().astype(np.int64) * labels + found.ravel()
    return np.bincount(pairs, minlength=labels**2).reshape(labels, labels)


def iou(counts: Counts) -> NDArray[np.float64]:
    """Intersection over union of each label, (..., labels); NaN for one that the truth does not contain.

    >>> iou(np.array([[1, 1], [0, 1]])).tolist()
    [0.5, 0.5]
    """
    shared = np.diagonal(counts, axis1=-2, axis2=-1)
    there = counts.sum(axis=-1)
    either = there + counts.sum(axis=-2) - shared
    unknown = np.full(shared.shape, np.nan)
    return np.asarray(np.divide(shared, either, out=unknown, where=there > 0))


def to_pascal(counts: Counts) -> Counts:
    """The confusion (7, 7) of Pascal-Person-Part's six, from that of the 14 parts (15, 15)."""
    return _merged(counts, TO_PASCAL)


@dataclass(slots=True)
class PartIou:
    """Intersection over union of the parts, over the pixels of all pictures, as Pascal VOC counts it.

    Attributes:
        counts: int64 array (15, 15), see `confusion`.

    >>> agreed = PartIou()
    >>> agreed.add(np.array([[1, 1, 2, 0]]), np.array([[1, 2, 2, 0]]))
    >>> agreed.parts["head"], agreed.parts["torso"], agreed.mean, agreed.person
    (0.5, 0.5, 0.5, 1.0)
    """

    counts: Counts = field(default_factory=lambda: np.zeros((LABELS, LABELS), np.int64))

    def add(self, found: Labels, truth: Labels) -> None:
        """Count one more picture: labels (height, width), 0 to 14 as in ``PartMap``.

        Raises:
            ValueError: the two have different shapes.
        """
        self.counts += confusion(found, truth)

    @property
    def parts(self) -> dict[str, float]:
        """Of each of ``PARTS``; NaN for one that is not there."""
        return dict(zip(PARTS, iou(self.counts)[1:].tolist(), strict=True))

    @property
    def mean(self) -> float:
        """The mean of the 14 parts, without those that are not there."""
        return _mean(self.parts)

    @property
    def pascal(self) -> dict[str, float]:
        """Of each of ``PASCAL``: hands with the lower arms, feet with the lower legs, both sides as one."""
        return dict(zip(PASCAL, iou(to_pascal(self.counts))[1:].tolist(), strict=True))

    @property
    def pascal_mean(self) -> float:
        """The mean of Pascal-Person-Part's six."""
        return _mean(self.pascal)

    @property
    def person(self) -> float:
        """Of the whole person, whatever the part."""
        return float(iou(_merged(self.counts, (0,) + (1,) * len(PARTS)))[1])


def _merged(counts: Counts, into: tuple[int, ...]) -> Counts:
    """The confusion of fewer labels: each label counts as ``into[label]``."""
    to = np.asarray(into)
    out = np.zeros((to.max() + 1, to.max() + 1), np.int64)
    np.add.at(out, (to[:, None], to[None, :]), counts)
    return out


def _mean(values: dict[str, float]) -> float:
    known = [value for value in values.values() if value == value]
    return float(np.mean(known)) if known else float("nan")
