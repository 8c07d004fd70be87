"""What came of an evaluation: photos, what they show, what was answered, and the figures made of both."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.card import RecognizerCard
from spotter.recognizer.dataset import LeftOut, Photo, PhotoSet
from spotter.recognizer.metrics import (
    BINS,
    ClassScores,
    Reliability,
    class_scores,
    confusion_matrix,
    macro,
    reliability,
    share,
    wilson_interval,
)
from spotter.recognizer.predict import UNKNOWN
from spotter.recognizer.robustness import TrialResult

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]

_OUTSIDE = (UNKNOWN, "other")


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many photos of what got which answer.

    Attributes:
        rows: what the photos show.
        columns: the answers; ``"unknown"`` last where it can be one.
        counts: of shape (rows, columns).
        row_of: for each photo, the number of its row.
        column_of: for each photo, the number of its column.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int64]
    row_of: NDArray[np.int64]
    column_of: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a recognizer said of photos, and how good that is; made by `evaluate` or `judge`.

    Attributes:
        card: the model's.
        photos: those that were answered.
        probabilities: of shape (photos, classes), 0 to 1.
        truth: whether each photo shows each class, (photos, classes); nothing of what is unknown.
        named: whether it was answered, (photos, classes). Of one class a picture, the likeliest one; only
            where some of the photos are of nothing that the model knows, "unknown" is an answer too.
        left_out: files that are not judged, and why.
        robustness: how it did on photos that were made worse, the same photos as they are first; empty if
            that was not tried.
    """

    card: RecognizerCard
    photos: tuple[Photo, ...]
    probabilities: Floats
    truth: Bools
    named: Bools
    left_out: tuple[LeftOut, ...] = ()
    robustness: tuple[TrialResult, ...] = ()

    def __len__(self) -> int:
        return len(self.photos)

    @property
    def right(self) -> Bools:
        """Whether each answer is right; in a multi-label set, whether all of it is."""
        return is_right(self.truth, self.named)

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0 to 1; see ``named`` for when "unknown" is one."""
        return share(self.right.sum(), len(self))

    @property
    def interval(self) -> tuple[float, float]:
        """Where the accuracy lies with a probability of 95 %; see `wilson_interval`."""
        return wilson_interval(int(self.right.sum()), len(self))

    @property
    def classes(self) -> dict[str, ClassScores]:
        """How well each of the model's classes is recognised."""
        scores = class_scores(self.truth, self.named, self.probabilities)
        return dict(zip(self.card.classes, scores, strict=True))

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the classes."""
        return macro([scores.f1 for scores in self.classes.values()])

    @property
    def mean_average_precision(self) -> float:
        """The mean average precision of the classes."""
        return macro([scores.average_precision for scores in self.classes.values()])

    @property
    def top_accuracy(self) -> float:
        """The share of photos of known classes whose likeliest class is right, "unknown" or not; 0 to 1."""
        known = self.truth.any(axis=1)
        top = self.probabilities.argmax(axis=1)
        return share(self.truth[known, top[known]].sum(), known.sum())

    @property
    def label_accuracy(self) -> float:
        """The share of all yes-or-no answers, one a photo and class, that are right; 0 to 1."""
        return share((self.truth == self.named).sum(), self.truth.size)

    @property
    def answered(self) -> Bools:
        """Whether the model was sure enough of each photo for an answer other than "unknown"."""
        return np.asarray(named_by(self.card, self.probabilities).any(axis=1))

    @property
    def answered_accuracy(self) -> float:
        """The share of right ones among the answers that are not "unknown", 0 to 1."""
        return share((self.right & self.answered).sum(), self.answered.sum())

    @property
    def reliability(self) -> Reliability:
        """How sure the model was, and how often it was right.

        Of one class a picture: the likeliest class of photos of known classes. Of several: every class of
        every photo, and how often it is there.
        """
        if self.card.task == "multi":
            return reliability(self.probabilities.ravel(), self.truth.ravel())
        known = self.truth.any(axis=1)
        rows = self.probabilities[known]
        top = rows.argmax(axis=1)
        return reliability(rows.max(axis=1), self.truth[known, top])

    @property
    def confusion(self) -> Confusion | None:
        """Which class was taken for which; None of a multi-label model."""
        if self.card.task == "multi":
            return None
        names = self.card.classes
        outside = not self.truth.any(axis=1).all()
        rows = (*names, UNKNOWN) if outside else names
        columns = rows
        row_of, column_of = _numbers(self.truth), _numbers(self.named)
        counts = confusion_matrix(row_of, column_of, len(rows), len(columns))
        return Confusion(rows, columns, counts, row_of, column_of)

    @property
    def certainty(self) -> Floats:
        """How sure each answer was, 0 to 1: of several labels, its most certain one that is wrong."""
        if self.card.task == "single":
            return np.asarray(self.probabilities.max(axis=1), np.float32)
        sure = np.where(self.named, self.probabilities, 1 - self.probabilities)
        wrong = self.truth != self.named
        return np.asarray(np.where(wrong, sure, 0).max(axis=1), np.float32)

    @property
    def mistakes(self) -> list[int]:
        """The numbers of the photos with wrong answers, the surest first, and "unknown" after all others."""
        wrong = np.flatnonzero(~self.right)
        hedged = ~self.answered[wrong] if self.card.task == "single" else np.zeros(len(wrong), bool)
        order = np.lexsort((-self.certainty[wrong], hedged))
        return [int(number) for number in wrong[order]]

    def answer(self, number: int) -> tuple[str, ...]:
        """The classes that a photo was said to show; ``("unknown",)`` for none."""
        named = tuple(self.card.classes[i] for i in np.flatnonzero(self.named[number]))
        return named or (UNKNOWN,)

    def document(self) -> dict[str, Any]:
        """All of it as JSON has it; what is not known is null."""
        multi = self.card.task == "multi"
        return {
            "task": self.card.task,
            "n": len(self),
            "accuracy": _number(self.accuracy),
            "interval": [_number(end) for end in self.interval],
            "top_accuracy": None if multi else _number(self.top_accuracy),
            "label_accuracy": _number(self.label_accuracy) if multi else None,
            "macro_f1": _number(self.macro_f1),
            "mean_average_precision": _number(self.mean_average_precision),
            "classes": {name: _scores_document(scores) for name, scores in self.classes.items()},
            "confusion": _confusion_document(self.confusion),
            "calibration": _reliability_document(self.reliability),
            "unknown": {
                "below": None if multi else self.card.calibration.unknown_below,
                "answered": _number(share(self.answered.sum(), len(self))),
                "accuracy_of_answered": _number(self.answered_accuracy),
            },
            "robustness": [_trial_document(result) for result in self.robustness],
            "mistakes": [self._mistake_document(number) for number in self.mistakes],
            "unreadable": [{"photo": str(one.path), "why": one.why} for one in self.left_out],
        }

    def _mistake_document(self, number: int) -> dict[str, Any]:
        photo = self.photos[number]
        values = zip(self.card.classes, self.probabilities[number].tolist(), strict=True)
        return {
            "photo": str(photo.path),
            "labels": list(photo.labels),
            "answer": list(self.answer(number)),
            "probabilities": {name: _number(value) for name, value in values},
        }


def judge(
    card: RecognizerCard,
    photos: PhotoSet,
    probabilities: Floats,
    *,
    left_out: Iterable[LeftOut] = (),
    robustness: Iterable[TrialResult] = (),
) -> Evaluation:
    """Hold probabilities that are already computed against what the photos show.

    Args:
        card: the model's, whose thresholds make answers of probabilities.
        photos: what they show: the model's classes, or ``unknown`` or ``other``.
        probabilities: of shape (photos, classes), in the order of the card's classes.
        left_out: files that are not judged, and why.
        robustness: see `Evaluation`.
    """
    truth = truth_of(card, photos.photos)
    return Evaluation(
        card,
        photos.photos,
        probabilities,
        truth,
        answers_to(card, truth, probabilities),
        tuple(left_out),
        tuple(robustness),
    )


def is_unknown(label: str) -> bool:
    """Whether a label means something that no model knows.

    >>> is_unknown("Other"), is_unknown("hand")
    (True, False)
    """
    return label.casefold() in _OUTSIDE


def truth_of(card: RecognizerCard, photos: Iterable[Photo]) -> Bools:
    """Whether each photo shows each of a model's classes, (photos, classes); no other labels count."""
    return np.array([[name in photo.labels for name in card.classes] for photo in photos], bool)


def named_by(card: RecognizerCard, probabilities: Floats) -> Bools:
    """Which classes probabilities (photos, classes) mean by the card's thresholds; none is "unknown"."""
    probabilities = np.asarray(probabilities, np.float64)  # as in Recognizer.answer, to the last digit
    if card.task == "multi":
        return np.asarray(probabilities >= np.array(card.calibration.thresholds))
    named = np.zeros(probabilities.shape, bool)
    rows = np.arange(len(probabilities))
    top = probabilities.argmax(axis=1)
    named[rows, top] = probabilities[rows, top] >= card.calibration.unknown_below
    return named


def answers_to(card: RecognizerCard, truth: Bools, probabilities: Floats) -> Bools:
    """Which classes are held against the truth, (photos, classes); see `Evaluation`.

    "Unknown" for a known class is no mistake but a question left open: where no photo is of anything else,
    each is judged by its likeliest class, and how many would be "unknown" stands beside it.
    """
    if card.task == "multi" or not truth.any(axis=1).all():
        return named_by(card, probabilities)
    return np.asarray(np.arange(truth.shape[1]) == probabilities.argmax(axis=1)[:, None])


def is_right(truth: Bools, named: Bools) -> Bools:
    """Whether exactly what a photo shows was named, for arrays (photos, classes)."""
    return np.asarray((truth == named).all(axis=1))


def _numbers(table: Bools) -> NDArray[np.int64]:
    """For each row of (photos, classes) the number of its class; one more than there are for none."""
    return np.asarray(np.where(table.any(axis=1), table.argmax(axis=1), table.shape[1]), np.int64)


def _number(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None


def _scores_document(scores: ClassScores) -> dict[str, Any]:
    return {
        "precision": _number(scores.precision),
        "recall": _number(scores.recall),
        "f1": _number(scores.f1),
        "n": scores.n,
        "average_precision": _number(scores.average_precision),
    }


def _confusion_document(confusion: Confusion | None) -> dict[str, Any] | None:
    if confusion is None:
        return None
    return {
        "rows": list(confusion.rows),
        "columns": list(confusion.columns),
        "counts": confusion.counts.tolist(),
    }


def _reliability_document(found: Reliability) -> dict[str, Any]:
    bins = [
        {
            "from": i / BINS,
            "to": (i + 1) / BINS,
            "n": int(found.counts[i]),
            "confidence": _number(found.confidence[i]),
            "accuracy": _number(found.accuracy[i]),
        }
        for i in range(BINS)
    ]
    return {"error": _number(found.error), "bins": bins}


def _trial_document(result: TrialResult) -> dict[str, Any]:
    trial = result.trial
    return {
        "name": "as they are" if trial is None else trial.name,
        "strength": None if trial is None else trial.strength,
        "words": "" if trial is None else trial.words,
        "n": result.n,
        "accuracy": _number(result.accuracy),
        "unknown": _number(share(result.unknown, result.n)),
    }
