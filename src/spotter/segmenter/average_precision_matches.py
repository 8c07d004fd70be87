"""Which of the things found in a picture are right: each is held against what is marked, the surest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spotter.segmenter.average_precision_overlaps import Bools, Floats, Ints, Overlaps, ranks_within

IOUS: Final[Floats] = np.linspace(0.5, 0.95, 10)
"""What intersection over union makes a find right: COCO's ten thresholds."""

SIZES: Final = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
"""COCO's sizes: areas in pixels of the picture, both ends included."""

_LIMITS: Final[Floats] = np.array(list(SIZES.values()))


@dataclass(frozen=True, slots=True)
class Matches:
    """What came of one picture.

    Attributes:
        labels: int64 array (found,), classes of what was found, the surest first.
        scores: float64 array (found,).
        ranks: int64 array (found,), how many of its class in this picture are surer.
        right: bool array (sizes, ious, found), whether it is right if only things of a size count, and this
            much of it must cover something marked.
        counted: bool array (sizes, ious, found), whether it counts at all: not if it lies on something that
            is unsure or of another size, or covers nothing and is itself of another size.
        truth: int64 array (found,), which of what is marked it was held for at an IoU of 0.5; -1 for none.
        true_labels: int64 array (marked,).
        wanted: bool array (sizes, marked), whether it is to be found if only things of a size count.
        near: int64 array (pairs, 2), a find and something marked of any class with an IoU of 0.5 or more, the
            pair with the largest first.
    """

    labels: Ints
    scores: Floats
    ranks: Ints
    right: Bools
    counted: Bools
    truth: Ints
    true_labels: Ints
    wanted: Bools
    near: Ints


def matches(overlaps: Overlaps) -> Matches:
    """Hold what was found in a picture against what is marked in it, as COCO does.

    The surest find comes first. It takes, of what is marked of its class and not yet taken, that which it
    covers best and well enough; only where there is none, something that does not count, of which a crowd can
    be taken any number of times (Lin et al. 2014, arXiv:1405.0312; ``evaluateImg`` of pycocotools).
    """
    found, marked = overlaps.iou.shape
    outside = _outside(overlaps.true_areas) | overlaps.unsure
    given = np.full((len(SIZES), len(IOUS), found), -1)
    for label in np.unique(overlaps.found_labels):
        rows = np.flatnonzero(overlaps.found_labels == label)
        columns = np.flatnonzero(overlaps.true_labels == label)
        if len(columns):
            places = _given(overlaps.iou[np.ix_(rows, columns)], overlaps.crowd[columns], outside[:, columns])
            given[:, :, rows] = np.where(places >= 0, columns[places], -1)
    taken = given >= 0
    ignored = np.zeros_like(taken)
    if marked:
        ignored = taken & np.take_along_axis(outside[:, None], given.clip(0), 2)
    ignored |= ~taken & _outside(overlaps.found_areas)[:, None]
    return Matches(
        overlaps.found_labels,
        overlaps.scores,
        ranks_within(overlaps.found_labels),
        taken & ~ignored,
        ~ignored,
        given[0, 0],
        overlaps.true_labels,
        ~outside,
        _near(overlaps),
    )


def _outside(areas: Floats) -> Bools:
    """Whether things are not of each size, (sizes, things)."""
    return np.asarray((areas < _LIMITS[:, :1]) | (areas > _LIMITS[:, 1:]))


def _given(iou: Floats, crowd: Bools, outside: Bools) -> NDArray[np.int64]:
    """For each size, threshold and find of one class the column of what it takes; -1 for nothing.

    Args:
        iou: (found, marked), the surest find first.
        crowd: (marked,).
        outside: (sizes, marked), whether it does not count.
    """
    found, marked = iou.shape
    given = np.full((len(outside), len(IOUS), found), -1)
    free = np.ones((len(outside), len(IOUS), marked), bool)
    extra = outside[:, None]
    for row in np.flatnonzero(iou.max(1) >= IOUS[0]):
        fits = (iou[row] >= IOUS[:, None]) & free
        first = fits & ~extra
        fits = np.where(first.any(2, keepdims=True), first, fits)
        values = np.where(fits, iou[row], -1.0)
        best = marked - 1 - values[:, :, ::-1].argmax(2)  # of equal ones the last, as COCO does
        sizes, thresholds = np.nonzero(fits.any(2))
        places = best[sizes, thresholds]
        given[sizes, thresholds, row] = places
        free[sizes, thresholds, places] = crowd[places]
    return given


def _near(overlaps: Overlaps) -> Ints:
    rows, columns = np.nonzero((overlaps.iou >= IOUS[0]) & ~overlaps.unsure)
    order = np.argsort(-overlaps.iou[rows, columns], kind="stable")
    return np.stack([rows, columns], 1)[order].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Ranking:
    """All that was found of one class in all pictures, the surest first.

    Attributes:
        scores: float64 array (found,).
        pictures: int64 array (found,), the number of its picture.
        ranks, right, counted: see `Matches`.
        wanted: int64 array (sizes, pictures), how many of the class are to be found.
    """

    scores: Floats
    pictures: Ints
    ranks: Ints
    right: Bools
    counted: Bools
    wanted: Ints


def rankings(pictures: Sequence[Matches], classes: int) -> list[Ranking]:
    """What came of the pictures, class by class.

    Args:
        pictures: at least one, in the order that decides between equal scores.
        classes: how many there are.
    """
    labels = np.concatenate([one.labels for one in pictures])
    scores = np.concatenate([one.scores for one in pictures])
    numbers = np.repeat(np.arange(len(pictures)), [len(one.labels) for one in pictures])
    ranks = np.concatenate([one.ranks for one in pictures])
    right = np.concatenate([one.right for one in pictures], 2)
    counted = np.concatenate([one.counted for one in pictures], 2)
    found = []
    for label in range(1, classes + 1):
        rows = np.flatnonzero(labels == label)
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        wanted = np.stack([one.wanted[:, one.true_labels == label].sum(1) for one in pictures], 1)
        found.append(
            Ranking(scores[rows], numbers[rows], ranks[rows], right[..., rows], counted[..., rows], wanted)
        )
    return found
