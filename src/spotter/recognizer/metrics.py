"""How good answers are: accuracy and its interval, confusion, precision and recall, calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating]

BINS = 10
"""Into how many equal parts confidence is divided for calibration."""


@dataclass(frozen=True, slots=True)
class ClassScores:
    """How well one class is recognised; NaN where nothing can be said.

    Attributes:
        precision: of the photos that were called so, the share that are.
        recall: of the photos that are, the share that were called so.
        f1: the harmonic mean of both.
        n: photos that are of the class.
        average_precision: how well its probability ranks the photos, see `average_precision`.
    """

    precision: float
    recall: float
    f1: float
    n: int
    average_precision: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Answers sorted into bins by how sure the model was; NaN in empty bins.

    Attributes:
        confidence: mean of each bin, 0 to 1.
        accuracy: share of right answers of each bin, 0 to 1.
        counts: answers in each bin.
    """

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    counts: NDArray[np.int64]

    @property
    def error(self) -> float:
        """Expected calibration error: the mean distance of both, weighted by the answers in the bins.

        Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning" (2015).
        0 is best; NaN without answers.
        """
        total = self.counts.sum()
        if not total:
            return math.nan
        return float(np.nansum(self.counts * np.abs(self.confidence - self.accuracy)) / total)


def share(count: float, of: float) -> float:
    """A part of a whole, 0 to 1; NaN of nothing.

    >>> share(1, 4), share(0, 0)
    (0.25, nan)
    """
    return float(count) / float(of) if of else math.nan


def wilson_interval(right: int, count: int, level: float = 0.95) -> tuple[float, float]:
    """The interval in which a share lies that was found to be ``right`` of ``count``.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927). It assumes that
    the photos are independent of each other: photos of few people say less.

    Args:
        right: how many were right.
        count: of how many.
        level: how often such intervals hold the true share, 0 to 1.

    Returns:
        Its ends, 0 to 1; NaN without photos.

    >>> low, high = wilson_interval(9, 10)
    >>> round(low, 3), round(high, 3)
    (0.596, 0.982)
    """
    if count == 0:
        return math.nan, math.nan
    z = float(ndtri((1 + level) / 2))
    found = right / count
    middle = found + z * z / (2 * count)
    half = z * math.sqrt(found * (1 - found) / count + z * z / (4 * count * count))
    below = 1 + z * z / count
    return max(0.0, (middle - half) / below), min(1.0, (middle + half) / below)


def confusion_matrix(
    truth: NDArray[np.integer], answers: NDArray[np.integer], rows: int, columns: int
) -> NDArray[np.int64]:
    """How many photos of each class got each answer.

    Args:
        truth: for each photo, the number of its row.
        answers: for each photo, the number of its column.
        rows: how many there are.
        columns: how many there are.

    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2, 2).tolist()
    [[1, 1], [0, 1]]
    """
    matrix = np.zeros((rows, columns), np.int64)
    np.add.at(matrix, (truth, answers), 1)
    return matrix


def class_scores(truth: Bools, named: Bools, probabilities: Floats) -> tuple[ClassScores, ...]:
    """How well each class is recognised.

    Args:
        truth: whether each photo shows each class, of shape (photos, classes).
        named: whether it was answered, of the same shape.
        probabilities: of the same shape, 0 to 1.
    """
    return tuple(
        _scores(truth[:, i], named[:, i], np.asarray(probabilities[:, i])) for i in range(truth.shape[1])
    )


def macro(values: list[float]) -> float:
    """The mean over the classes of which something can be said; NaN if there is none.

    >>> macro([1.0, 0.5, math.nan])
    0.75
    """
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan


def average_precision(truth: Bools, scores: Floats) -> float:
    """The area under the steps of precision over recall: the sum of (R_n - R_n-1) P_n over all thresholds.

    1 if every photo of the class has a higher score than every other. Equal scores are one threshold. This
    is what scikit-learn's ``average_precision_score`` computes.

    Args:
        truth: whether each photo shows the class, of shape (photos,).
        scores: higher where that is likelier, of shape (photos,).

    Returns:
        0 to 1; NaN if no photo shows the class.

    >>> round(average_precision(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.35, 0.8])), 4)
    0.8333
    """
    if not truth.any():
        return math.nan
    order = np.argsort(-scores, kind="stable")
    sorted_scores, hits = scores[order], np.cumsum(truth[order])
    ends = np.append(np.flatnonzero(np.diff(sorted_scores)), len(scores) - 1)
    precision, recall = hits[ends] / (ends + 1), hits[ends] / hits[-1]
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def reliability(confidence: Floats, right: Bools, bins: int = BINS) -> Reliability:
    """Sort answers into equal bins by how sure the model was.

    Args:
        confidence: of each answer, 0 to 1.
        right: whether each is right.
        bins: how many.

    >>> found = reliability(np.array([0.95, 0.95, 0.55]), np.array([True, False, True]))
    >>> found.counts.tolist(), round(found.error, 3)
    ([0, 0, 0, 0, 0, 1, 0, 0, 0, 2], 0.45)
    """
    place = np.clip((np.asarray(confidence, np.float64) * bins).astype(int), 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        return Reliability(
            np.bincount(place, confidence, bins) / counts,
            np.bincount(place, right.astype(np.float64), bins) / counts,
            counts.astype(np.int64),
        )


def _scores(truth: Bools, named: Bools, scores: Floats) -> ClassScores:
    both = int((truth & named).sum())
    return ClassScores(
        precision=share(both, named.sum()),
        recall=share(both, truth.sum()),
        f1=share(2 * both, truth.sum() + named.sum()),
        n=int(truth.sum()),
        average_precision=average_precision(truth, scores),
    )
