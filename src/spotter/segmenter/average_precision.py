"""COCO's average precision and recall, of all pictures or of any choice of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spotter.segmenter.average_precision_matches import IOUS, SIZES, Ranking
from spotter.segmenter.average_precision_overlaps import MOST_FOUND, Floats

RECALLS: Final[Floats] = np.linspace(0.0, 1.0, 101)
"""Where precision is read off: COCO's 101 places."""

_SIZES: Final = tuple(SIZES)
_TINY: Final = float(np.spacing(1))
_AT_ONCE: Final = 2_000_000  # numbers that are worked on together


@dataclass(frozen=True, slots=True)
class Figure:
    """One of COCO's figures.

    Attributes:
        precision: whether it is an average precision; else an average recall.
        size: of the things that count, a key of `SIZES`.
        iou: the one threshold that counts; all ten if None.
        most: finds of a class in a picture that are looked at.
    """

    precision: bool = True
    size: str = "all"
    iou: float | None = None
    most: int = MOST_FOUND


FIGURES: Final = {
    "AP": Figure(),
    "AP50": Figure(iou=0.5),
    "AP75": Figure(iou=0.75),
    "small": Figure(size="small"),
    "medium": Figure(size="medium"),
    "large": Figure(size="large"),
    "AR1": Figure(precision=False, most=1),
    "AR10": Figure(precision=False, most=10),
    "AR100": Figure(precision=False),
    "AR_small": Figure(precision=False, size="small"),
    "AR_medium": Figure(precision=False, size="medium"),
    "AR_large": Figure(precision=False, size="large"),
}
"""COCO's twelve figures by name, in the order of https://cocodataset.org/#detection-eval."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision over recall of one class; NaN where there is nothing to be found.

    Attributes:
        precision: float64 array (ious, 101), the best precision at each of `RECALLS` or beyond.
        recall: float64 array (ious,), of all that is found.
    """

    precision: Floats
    recall: Floats


def curve(ranking: Ranking, size: str = "all", most: int = MOST_FOUND) -> Curve:
    """Precision over recall, as COCO draws it (``accumulate`` of pycocotools).

    Args:
        ranking: of one class.
        size: of the things that count, a key of `SIZES`.
        most: finds of the class in a picture that are looked at.
    """
    place = _SIZES.index(size)
    total = int(ranking.wanted[place].sum())
    if not total:
        return Curve(np.full((len(IOUS), len(RECALLS)), np.nan), np.full(len(IOUS), np.nan))
    chosen = slice(None) if most >= MOST_FOUND else ranking.ranks < most
    hits = ranking.right[place][:, chosen].cumsum(1)
    seen = ranking.counted[place][:, chosen].cumsum(1)
    precision = np.zeros((len(IOUS), len(RECALLS)))
    if not hits.shape[1]:
        return Curve(precision, np.zeros(len(IOUS)))
    recall = hits / total
    best = np.maximum.accumulate((hits / (seen + _TINY))[:, ::-1], 1)[:, ::-1]
    for row in range(len(IOUS)):
        places = np.searchsorted(recall[row], RECALLS)
        reached = places < recall.shape[1]
        precision[row, reached] = best[row, places[reached]]
    return Curve(precision, recall[:, -1])


def averages(ranking: Ranking) -> dict[str, float]:
    """COCO's figures of one class by name, 0 to 1; NaN where there is nothing to be found."""
    needed = {(one.size, one.most) for one in FIGURES.values()}
    curves = {(size, most): curve(ranking, size, most) for size, most in needed}
    found = {}
    for name, one in FIGURES.items():
        chosen = curves[one.size, one.most]
        values = chosen.precision if one.precision else chosen.recall
        rows = slice(None) if one.iou is None else np.isclose(IOUS, one.iou)
        found[name] = float(values[rows].mean())
    return found


def mean_of(values: list[float]) -> float:
    """The mean of those that are known; NaN if none is.

    >>> mean_of([0.5, math.nan, 1.0])
    0.75
    """
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def resampled_precision(ranking: Ranking, weights: NDArray[np.int64]) -> Floats:
    """AP, AP50 and AP75 of one class on other choices of the pictures.

    Args:
        ranking: of the class.
        weights: how often each picture is in each choice, (choices, pictures).

    Returns:
        float64 array (choices, 3); NaN where there is nothing to be found.
    """
    right, counted = ranking.right[0], ranking.counted[0]
    a_time = max(1, _AT_ONCE // max(1, right.size))
    found = np.empty((len(weights), 3))
    for first in range(0, len(weights), a_time):
        chosen = weights[first : first + a_time]
        often = chosen[:, None, ranking.pictures]
        hits, seen = (right * often).cumsum(2), (counted * often).cumsum(2)
        total = chosen @ ranking.wanted[0]
        with np.errstate(invalid="ignore", divide="ignore"):
            recall = hits / total[:, None, None]
        best = np.maximum.accumulate((hits / (seen + _TINY))[..., ::-1], 2)[..., ::-1]
        reached = np.searchsorted(RECALLS, recall, side="right")  # so many of the 101 places
        precision = (best * np.diff(reached, axis=2, prepend=0)).sum(2) / len(RECALLS)
        precision[total == 0] = np.nan
        found[first : first + a_time] = np.stack(
            [precision.mean(1), *(precision[:, np.isclose(IOUS, iou)][:, 0] for iou in (0.5, 0.75))], 1
        )
    return found
