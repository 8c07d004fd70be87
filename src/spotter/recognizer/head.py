"""The linear layer on top of features: multinomial or per-label logistic regression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax

Task = Literal["single", "multi"]
Floats = NDArray[np.float32]

DECAYS = (1.0, 0.3, 0.1, 0.01)
"""Strengths of the weights' decay that are tried; the one with the lowest validation loss is taken."""

_PATIENCE = 15  # epochs without a better validation loss until training ends


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """How a head is trained.

    Attributes:
        task: ``"single"``: softmax and cross-entropy; ``"multi"``: sigmoid and binary cross-entropy.
        epochs: at most so many steps of L-BFGS, each of which sees all pictures.
        label_smoothing: 0 to 1, how much of each target is shared out among all classes.
        class_weights: whether rare classes count as much as frequent ones.
    """

    task: Task = "single"
    epochs: int = 100
    label_smoothing: float = 0.0
    class_weights: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """A linear layer on features: ``logits = features @ weight + bias``.

    Attributes:
        weight: float32 of shape (features, classes).
        bias: float32 of shape (classes,).
        decay: that it was trained with.
        epochs: after how many it was best.
    """

    weight: Floats
    bias: Floats
    decay: float
    epochs: int

    def logits(self, features: Floats) -> Floats:
        """Of features (pictures, features): an array (pictures, classes)."""
        return np.asarray(features @ self.weight + self.bias, np.float32)


@dataclass(frozen=True, slots=True)
class Step:
    """How training stands after an epoch: both losses, and the accuracy on the validation photos."""

    epoch: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float


def train_head(
    features: Floats,
    targets: Floats,
    validation_features: Floats,
    validation_targets: Floats,
    settings: HeadSettings,
    watch: Callable[[Step], None] | None = None,
) -> Head:
    """Train with each strength of decay, and keep the epoch with the lowest validation loss of all.

    The problem is convex and L-BFGS starts from zero, so that the same data give the same head.

    Args:
        features: of shape (pictures, features).
        targets: of shape (pictures, classes), 0 or 1.
        validation_features: of pictures that it is not trained with.
        validation_targets: theirs.
        settings: how.
        watch: is told of every epoch of the strength that turned out best.
    """
    tries = []
    for decay in DECAYS:
        judge = _Judge(validation_features, validation_targets, settings.task)
        _descend(features, targets, settings, decay, settings.epochs, judge.look)
        tries.append(judge)
    best = min(tries, key=lambda judge: judge.loss)
    for step in best.steps:
        if watch is not None:
            watch(step)
    return best.head


def refit_head(features: Floats, targets: Floats, settings: HeadSettings, like: Head) -> Head:
    """Train on all photos, the validation ones too, with the decay and the epochs that were best before."""
    last = [like]

    def look(head: Head, loss: float) -> bool:
        last[0] = head
        return False

    _descend(features, targets, settings, like.decay, like.epochs, look)
    return last[0]


def probabilities_of(logits: Floats, task: Task) -> Floats:
    """Softmax or sigmoid of logits (pictures, classes)."""
    return np.asarray(softmax(logits, 1) if task == "single" else expit(logits), np.float32)


def mean_loss(logits: Floats, targets: Floats, task: Task) -> float:
    """Cross-entropy a picture, or binary cross-entropy a picture and label, in nats."""
    if task == "single":
        return float(-(targets * log_softmax(logits.astype(np.float64), 1)).sum(1).mean())
    return float((np.logaddexp(0, logits.astype(np.float64)) - targets * logits).mean())


def accuracy(logits: Floats, targets: Floats, task: Task) -> float:
    """The share of pictures whose top answer is right, or of labels on the right side of one half."""
    if task == "single":
        return float((logits.argmax(1) == targets.argmax(1)).mean())
    return float(((logits > 0) == (targets > 0.5)).mean())


class _Judge:
    """Looks at each epoch's head on the validation photos, keeps the best one, and says when it is enough."""

    head: Head

    def __init__(self, features: Floats, targets: Floats, task: Task) -> None:
        self._features, self._targets, self._task = features, targets, task
        self.steps: list[Step] = []
        self.loss = np.inf

    def look(self, head: Head, train_loss: float) -> bool:
        logits = head.logits(self._features)
        loss = mean_loss(logits, self._targets, self._task)
        right = accuracy(logits, self._targets, self._task)
        self.steps.append(Step(head.epochs, train_loss, loss, right))
        if loss < self.loss:
            self.loss, self.head = loss, head
        return head.epochs - self.head.epochs >= _PATIENCE


def _descend(
    features: Floats,
    targets: Floats,
    settings: HeadSettings,
    decay: float,
    epochs: int,
    look: Callable[[Head, float], bool],
) -> None:
    """L-BFGS on standardised features; ``look`` is shown each epoch's head and ends training with True."""
    mean, spread = features.mean(0), features.std(0) + 1e-6
    normal = np.asarray((features - mean) / spread, np.float32)
    labels = targets.shape[1] if settings.task == "multi" else 1
    weights = photo_weights(targets, settings) * labels  # each label stands against the decay as one alone
    share = settings.label_smoothing
    middle = 1 / targets.shape[1] if settings.task == "single" else 0.5
    soft = np.asarray(targets * (1 - share) + share * middle, np.float32)
    count, width = normal.shape[1], targets.shape[1]
    epoch, loss_now = 0, np.inf

    def unpacked(flat: NDArray[np.float64]) -> tuple[Floats, Floats]:
        table = flat.reshape(count + 1, width).astype(np.float32)
        return table[:-1], table[-1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        nonlocal loss_now
        weight, bias = unpacked(flat)
        logits = normal @ weight + bias
        if settings.task == "single":
            logs = log_softmax(logits, 1)
            data = float(-(weights * soft * logs).sum())
            slope = weights * (np.exp(logs) - soft)
        else:
            data = float((weights * (np.logaddexp(0, logits) - soft * logits)).sum())
            slope = weights * (expit(logits) - soft)
        gradient = np.vstack([normal.T @ slope + decay * weight, slope.sum(0)])
        loss_now = data + decay / 2 * float((weight**2).sum())
        return loss_now, gradient.astype(np.float64).ravel()

    def after_step(flat: NDArray[np.float64]) -> None:
        nonlocal epoch
        epoch += 1
        weight, bias = unpacked(flat)
        plain = weight / spread[:, None]
        head = Head(np.asarray(plain, np.float32), np.asarray(bias - mean @ plain, np.float32), decay, epoch)
        if look(head, loss_now / labels):
            raise StopIteration

    start = np.zeros((count + 1) * width)
    after_step(start)
    descent: Any = minimize  # its stubs do not know that the loss may bring its gradient along
    try:
        descent(
            loss,
            start,
            jac=True,
            method="L-BFGS-B",
            callback=after_step,
            options={"maxiter": epochs - 1},
        )
    except StopIteration:
        return


def photo_weights(targets: Floats, settings: HeadSettings) -> Floats:
    """What each picture, or each of its labels, counts: (pictures, 1) or (pictures, labels), summing to 1."""
    if settings.task == "multi":
        positive = targets.sum(0)
        rare = len(targets) / (2 * np.maximum(positive, 1))
        common = len(targets) / (2 * np.maximum(len(targets) - positive, 1))
        each = np.where(targets > 0, rare, common) if settings.class_weights else np.ones_like(targets)
        return np.asarray(each / each.sum(), np.float32)
    frequency = targets.sum(0)
    each = (targets / np.maximum(frequency, 1)).sum(1) if settings.class_weights else np.ones(len(targets))
    return np.asarray(each / each.sum(), np.float32)[:, None]
