"""Making probabilities mean what they say, and saying "unknown" where none is high enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from spotter.recognizer.card import Calibration, Task
from spotter.recognizer.head import mean_loss, probabilities_of

Floats = NDArray[np.float32]

_KEPT_RIGHT = 0.995  # the share of right answers that must not become "unknown"
_HIGHEST_LIMIT = 0.8  # whoever is surer is answered, however sure the validation photos were


def calibrate(logits: Floats, targets: Floats, task: Task) -> Calibration:
    """Temperature, limit of "unknown" and limits of labels from the validation photos.

    Args:
        logits: of shape (photos, classes).
        targets: of the same shape, 0 or 1.
        task: ``"single"`` or ``"multi"``.
    """
    temperature = best_temperature(logits, targets, task)
    probabilities = probabilities_of(logits / np.float32(temperature), task)
    if task == "single":
        return Calibration(temperature, unknown_limit(probabilities, targets))
    return Calibration(temperature, thresholds=label_limits(probabilities, targets))


def logits_of(probabilities: Floats, task: Task) -> Floats:
    """Logits that give these probabilities; of a softmax, those whose exponentials sum to 1.

    >>> bool(np.allclose(probabilities_of(logits_of(np.array([[0.2, 0.8]]), "multi"), "multi"), [[0.2, 0.8]]))
    True
    """
    inside = np.clip(probabilities.astype(np.float64), 1e-12, 1 - 1e-12)
    logs = np.log(inside) if task == "single" else np.log(inside) - np.log1p(-inside)
    return np.asarray(logs, np.float32)


def best_temperature(logits: Floats, targets: Floats, task: Task) -> float:
    """The number that logits are divided by so that probabilities mean what they say.

    The one with the lowest loss on the validation photos, 0.2 to 10 (Guo et al., "On Calibration of Modern
    Neural Networks", ICML 2017). As if two more photos had been seen, one of them wrong (Platt,
    "Probabilistic Outputs for Support Vector Machines", 1999): a few photos, all of them right, do not prove
    that the model is always right.

    >>> logits = np.array([[9.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 0.0]], np.float32)
    >>> truth = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32)  # surer than right
    >>> best_temperature(logits, truth, "single") > 5
    True
    """
    doubt = 1 / (len(targets) + 2)
    others = 1 - targets if task == "multi" else (1 - targets) / max(targets.shape[1] - 1, 1)
    soft = np.asarray(targets * (1 - doubt) + others * doubt, np.float32)

    def loss(log_temperature: float) -> float:
        return mean_loss(np.asarray(logits / np.exp(log_temperature), np.float32), soft, task)

    found = minimize_scalar(loss, bounds=(np.log(0.2), np.log(10.0)), method="bounded")
    return float(np.exp(found.x))


def unknown_limit(probabilities: Floats, targets: Floats) -> float:
    """The highest limit of the top probability that keeps nearly all right answers; below it is "unknown"."""
    top = probabilities.argmax(1)
    right = targets[np.arange(len(top)), top] > 0
    if not right.any():
        return 0.0
    limit = float(np.quantile(probabilities.max(1)[right], 1 - _KEPT_RIGHT))
    return min(_HIGHEST_LIMIT, max(0.0, limit - 1e-3))  # a little lower: rounding must not turn a known one


def label_limits(probabilities: Floats, targets: Floats) -> tuple[float, ...]:
    """For each label of a multi-label model the probability from which on naming it gives the best F1.

    >>> label_limits(np.array([[0.2], [0.4], [0.9]], np.float32), np.array([[0], [1], [1]], np.float32))
    (0.3,)
    """
    return tuple(_best_limit(probabilities[:, i], targets[:, i]) for i in range(targets.shape[1]))


def _best_limit(values: Floats, truth: Floats) -> float:
    if not (truth > 0).any():
        return 0.5
    order = np.sort(values)
    limits = [0.5, *((order[1:] + order[:-1]) / 2)]

    def f1(limit: float) -> float:
        named = values >= limit
        both = float((named & (truth > 0)).sum())
        return 2 * both / float(named.sum() + (truth > 0).sum())

    return round(float(max(limits, key=f1)), 6)
