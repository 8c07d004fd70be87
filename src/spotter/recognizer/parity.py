"""Whether an exported file gives the answers of the model that it was made from."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.card import RecognizerCard
from spotter.recognizer.export_formats import FORMATS, INTERPRETED, runtime, size_of
from spotter.recognizer.export_job import Precision, Target
from spotter.recognizer.export_pictures import Pictures

Floats = NDArray[np.float32]
_WARM_UP, _TIMED = 3, 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an exported file may be from its model.

    Attributes:
        margin: an answer is clear, and must be the same, if its class is ahead of the next one (of several
            labels: the probability is from its threshold) by more than this.
        difference: the most that any probability may differ; None for no limit.
        lost: the most accuracy that may be lost on photos whose classes are known, 0 to 1.
        changed: the share of clear answers that may change.
    """

    margin: float
    difference: float | None
    lost: float
    changed: float


LIMITS: dict[Precision, Limits] = {
    "f32": Limits(margin=1e-3, difference=1e-3, lost=0.005, changed=0.0),
    # A number in half precision is off by up to 2**-11. Over L layers such errors grow like sqrt(L) (Higham &
    # Mary, SIAM J. Sci. Comput. 41, 2019, on probabilistic rounding errors): 0.0035 for 50 layers, 0.035 of a
    # logit of 10; a softmax or sigmoid passes at most a quarter of it on.
    "f16": Limits(margin=1e-2, difference=1e-2, lost=0.005, changed=0.0),
    # Half a point of accuracy where it can be measured; elsewhere 99 % of the answers as they were, after
    # MLPerf Inference's rule that a quantised network must reach 99 % of the quality of the one in float32.
    "int8": Limits(margin=0.1, difference=None, lost=0.005, changed=0.01),
}


@dataclass(frozen=True, slots=True)
class Parity:
    """What came of comparing a file with its model.

    Attributes:
        file: its name.
        target: its format.
        precision: its numbers'.
        runtime: what ran it.
        pictures: how many pictures were compared ...
        source: ... and where they are from.
        difference: the largest of all probabilities; NaN if the file gives no numbers.
        agreement: the share of answers that are the same: the likeliest class, or, of several labels, each
            class named or not.
        accuracy: of the file, 0 to 1; None where the pictures' classes are not known.
        model_accuracy: of the model, on the same pictures.
        size: bytes.
        latency_ms: the middle time for one picture, on one thread of this machine's CPU; None where only
            another machine can tell.
        failures: why the file must not be used; empty if it may.
    """

    file: str
    target: Target
    precision: Precision
    runtime: str
    pictures: int
    source: str
    difference: float
    agreement: float
    accuracy: float | None
    model_accuracy: float | None
    size: int
    latency_ms: float | None
    failures: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As it stands in parity.json: what is not a number is null."""
        told = asdict(self)
        told["failures"] = list(self.failures)
        return {key: None if value != value else value for key, value in told.items()}


def check_file(
    path: Path,
    target: Target,
    precision: Precision,
    card: RecognizerCard,
    pictures: Pictures,
    reference: Floats,
) -> Parity:
    """Run a saved file with its format's own runtime, and compare its answers with the model's.

    Args:
        path: the file.
        target: its format.
        precision: what it was written in, which says how exact it has to be.
        card: the model's.
        pictures: what to compare on.
        reference: the model's probabilities for them, (pictures, classes).

    Raises:
        SpotterError: if the file cannot be run.
    """
    run = FORMATS[target].open(path)
    got = run(pictures.squares)
    return Parity(
        file=path.name,
        target=target,
        precision=precision,
        runtime=runtime(target),
        pictures=len(pictures.squares),
        source=pictures.source,
        **_compared(reference, got, pictures.targets, card, LIMITS[precision]),
        size=size_of(path),
        latency_ms=None if runtime(target) == INTERPRETED else _latency_ms(run, pictures.squares),
    )


def _compared(
    reference: Floats, got: Floats, targets: Floats | None, card: RecognizerCard, limits: Limits
) -> dict[str, Any]:
    """Everything of a `Parity` that the numbers say."""
    if got.shape != reference.shape or not np.isfinite(got).all():
        why = f"it gives {got.shape} instead of {reference.shape} numbers, or some that are none"
        unknown = {"difference": np.nan, "agreement": 0.0, "accuracy": None, "model_accuracy": None}
        return {**unknown, "failures": (why,)}
    difference = float(np.abs(reference - got).max())
    before, after = answers(reference, card), answers(got, card)
    same = before == after
    clear = _leads(reference, card) > limits.margin
    accuracy = model_accuracy = None
    if targets is not None:
        truth = answers(targets, card)
        accuracy, model_accuracy = float((after == truth).mean()), float((before == truth).mean())
    return {
        "difference": difference,
        "agreement": float(same.mean()),
        "accuracy": accuracy,
        "model_accuracy": model_accuracy,
        "failures": tuple(_failures(limits, difference, clear, same, accuracy, model_accuracy)),
    }


def _failures(
    limits: Limits,
    difference: float,
    clear: NDArray[np.bool_],
    same: NDArray[np.bool_],
    accuracy: float | None,
    model_accuracy: float | None,
) -> Iterable[str]:
    if limits.difference is not None and difference > limits.difference:
        yield f"a probability differs by {difference:.2g}, and at most {limits.difference:g} is allowed"
    changed = int((clear & ~same).sum())
    strict = limits.changed == 0
    if (strict or accuracy is None) and changed > _allowed(limits.changed, int(clear.sum())):
        yield f"{changed} of {int(clear.sum())} clear answers are another"
    if accuracy is not None and model_accuracy is not None:
        lost = round((model_accuracy - accuracy) * same.size)
        if lost > _allowed(limits.lost, same.size):
            yield (
                f"{100 * accuracy:.1f} % of its answers are right instead of {100 * model_accuracy:.1f} %, "
                f"and at most {100 * limits.lost:g} points may be lost"
            )


def _allowed(share: float, count: int) -> int:
    """A share of a count in whole answers; one at least, as among few pictures one is more than the share."""
    return max(1, int(share * count)) if share else 0


def answers(probabilities: Floats, card: RecognizerCard) -> NDArray[np.int64]:
    """The number of the likeliest class, (pictures,); of several labels, 1 for each that is named, flat.

    Truth, as 0 and 1, has answers too.
    """
    if card.task == "single":
        return np.asarray(probabilities.argmax(1), np.int64)
    return np.asarray(probabilities >= np.array(card.calibration.thresholds), np.int64).ravel()


def _leads(probabilities: Floats, card: RecognizerCard) -> Floats:
    """How far each answer is from being another."""
    if card.task == "single":
        ordered = np.sort(probabilities, axis=1)
        return np.asarray(ordered[:, -1] - ordered[:, -2], np.float32)
    away = np.abs(probabilities - np.array(card.calibration.thresholds, np.float32))
    return np.asarray(away.ravel(), np.float32)


def _latency_ms(run: Any, squares: NDArray[np.uint8]) -> float:
    spent = []
    for i in range(_WARM_UP + _TIMED):
        one = squares[i % len(squares)][None]
        begin = time.perf_counter()
        run(one)
        spent.append(time.perf_counter() - begin)
    return round(1000 * float(np.median(spent[_WARM_UP:])), 3)
