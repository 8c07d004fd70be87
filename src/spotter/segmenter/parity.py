"""Whether an exported network finds what its model finds."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spotter.segmenter.card import NETWORK_FILE
from spotter.segmenter.detections import Detections
from spotter.segmenter.export_onnx import Weights
from spotter.segmenter.export_pictures import Pictures
from spotter.segmenter.predict import Segmenter

SAME_BOX: Final = 0.9
"""Overlap from which on two boxes of one class are the same thing."""

_MOST_FOUND = 100  # in a picture, as torchvision has it
_WARM_UP, _TIMED = 2, 9


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an exported network may be from its model.

    Attributes:
        margin: what is surer than the least score by less than this may be found by one and not by the other.
        matched: the share of all others that both must find.
        boxes: the most that the edges of boxes may differ in the mean, in pixels of the square ...
        scores: ... the scores ...
        masks: ... and the masks' cells, 0 to 1. Means, as the greatest difference is of two candidates for
            one thing that are equally sure, of which one or the other is kept.
    """

    margin: float
    matched: float
    boxes: float
    scores: float
    masks: float


LIMITS: Final[dict[Weights, Limits]] = {
    "f32": Limits(margin=1e-3, matched=0.995, boxes=0.05, scores=1e-3, masks=1e-3),
    # A weight in half precision is off by up to 2**-11 of itself; through 50 layers that grows to 0.4 %
    # (Higham & Mary, SIAM J. Sci. Comput. 41, 2019): 1 % of a score, half a pixel of 100.
    "f16": Limits(margin=0.01, matched=0.99, boxes=0.5, scores=0.01, masks=0.01),
    # A step of 1/127 of a channel's largest weight is eight times as coarse.
    "int8": Limits(margin=0.05, matched=0.95, boxes=1.0, scores=0.05, masks=0.05),
}


@dataclass(frozen=True, slots=True)
class Parity:
    """What came of comparing a file with its model.

    Attributes:
        file: its name.
        weights: how its weights are stored.
        runtime: what ran it.
        pictures: how many pictures were compared ...
        source: ... and where they are from.
        found: how many things the model found in them.
        matched: the share of clear findings, of the file and of the model, that the other has, too; NaN if
            there are none.
        boxes, scores, masks: the greatest difference of what both found, as in `Limits`; NaN if nothing was.
        mean_boxes, mean_scores, mean_masks: the mean differences.
        size: bytes.
        latency_ms: the middle time for a picture on this machine.
        failures: why the file must not be used; empty if it may.
    """

    file: str
    weights: Weights
    runtime: str
    pictures: int
    source: str
    found: int
    matched: float
    boxes: float
    scores: float
    masks: float
    mean_boxes: float
    mean_scores: float
    mean_masks: float
    size: int
    latency_ms: float
    failures: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As it stands in parity.json: what is not a number is null."""
        told = asdict(self)
        told["failures"] = list(self.failures)
        return {name: None if value != value else value for name, value in told.items()}


def check_folder(
    folder: Path, weights: Weights, pictures: Pictures, reference: Sequence[Detections], least: float
) -> Parity:
    """Run a folder's network.onnx, and compare what it finds with what the model found.

    Args:
        folder: with model.toml and network.onnx.
        weights: how its weights are stored, which says how exact it has to be.
        pictures: what to compare on.
        reference: what the model found in each.
        least: the score from which on.

    Raises:
        ModelError: if it cannot be run.
    """
    segmenter = Segmenter.open(folder)
    got = [segmenter.detect_in_square(square, least) for square in pictures.squares]
    limits = LIMITS[weights]
    pairs = [matched_rows(one, other) for one, other in zip(reference, got, strict=True)]
    differences = _differences(reference, got, pairs)
    share = _share_matched(reference, got, pairs, least, limits.margin)
    mean = {name: float(values.mean()) if len(values) else math.nan for name, values in differences.items()}
    most = {name: float(values.max()) if len(values) else math.nan for name, values in differences.items()}
    return Parity(
        file=NETWORK_FILE,
        weights=weights,
        runtime=f"OpenVINO {version('openvino')}",
        pictures=len(got),
        source=pictures.source,
        found=sum(map(len, reference)),
        matched=share,
        **most,
        **{f"mean_{name}": value for name, value in mean.items()},
        size=(folder / NETWORK_FILE).stat().st_size,
        latency_ms=_latency_ms(segmenter, pictures.squares),
        failures=tuple(_failures(limits, share, mean)),
    )


def matched_rows(one: Detections, other: Detections) -> list[tuple[int, int]]:
    """Rows of what both found: the same class at the same place; the surest choose first.

    >>> masks = np.zeros((1, 28, 28), np.float32)
    >>> a = Detections(np.float32([[0, 0, 9, 9]]), np.array([1]), np.float32([0.9]), masks, 20, 20)
    >>> b = Detections(np.float32([[0, 0, 9, 9.5]]), np.array([1]), np.float32([0.8]), masks, 20, 20)
    >>> matched_rows(a, b)
    [(0, 0)]
    """
    overlaps = _overlaps(one.boxes, other.boxes) * (one.labels[:, None] == other.labels)
    pairs = []
    for row in range(len(one)):
        column = int(overlaps[row].argmax()) if len(other) else 0
        if len(other) and overlaps[row, column] > SAME_BOX:
            pairs.append((row, column))
            overlaps[:, column] = 0
    return pairs


def _overlaps(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of boxes (n, 4) and (m, 4): (n, m); 1 for equal ones, even empty ones."""
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = (high - low).clip(0).prod(-1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(-1) for boxes in (a, b)]
    both = areas[0][:, None] + areas[1] - shared
    equal = np.abs(a[:, None] - b).max(-1) < 1e-3
    return np.asarray(np.where(equal, 1, shared / np.maximum(both, 1e-9)), np.float32)


def _differences(
    reference: Sequence[Detections], got: Sequence[Detections], pairs: Sequence[Sequence[tuple[int, int]]]
) -> dict[str, NDArray[np.float32]]:
    """How far boxes, scores and masks of the same things are apart, all in a row."""
    rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in ("boxes", "scores", "masks")}
    for one, other, own in zip(reference, got, pairs, strict=True):
        columns = np.array(own, np.int64).reshape(-1, 2).T
        here, there = one.chosen(columns[0]), other.chosen(columns[1])
        for name, values in rows.items():
            values.append(np.abs(getattr(here, name) - getattr(there, name)).ravel())
    return {name: np.concatenate(values) for name, values in rows.items()}


def _share_matched(
    reference: Sequence[Detections],
    got: Sequence[Detections],
    pairs: Sequence[Sequence[tuple[int, int]]],
    least: float,
    margin: float,
) -> float:
    """The share of clear findings that the other has, too; NaN if there are none."""
    known = all_clear = 0
    for one, other, own in zip(reference, got, pairs, strict=True):
        # where as much is found as there may be, the least sure of it is the limit
        full = [float(found.scores[-1]) for found in (one, other) if len(found) >= _MOST_FOUND]
        for found, rows in ((one, [a for a, _ in own]), (other, [b for _, b in own])):
            is_clear = found.scores > max([least, *full]) + margin
            known += int(is_clear[rows].sum())
            all_clear += int(is_clear.sum())
    return known / all_clear if all_clear else math.nan


def _failures(limits: Limits, share: float, mean: dict[str, float]) -> Iterable[str]:
    if math.isnan(share):
        yield (
            "nothing was found in any of the pictures, so that nothing could be compared; "
            "give pictures or a video of what the model finds with --pictures"
        )
        return
    if share < limits.matched:
        yield f"{100 * share:.1f} % of the findings are the same, and {100 * limits.matched:g} % are wanted"
    for name, unit in (("boxes", " pixels"), ("scores", ""), ("masks", "")):
        most = getattr(limits, name)
        if mean[name] > most:
            yield f"{name} differ by {mean[name]:.2g}{unit} in the mean, and at most {most:g} is allowed"


def _latency_ms(segmenter: Segmenter, squares: NDArray[np.uint8]) -> float:
    spent = []
    for number in range(_WARM_UP + _TIMED):
        began = time.perf_counter()
        segmenter.detect_in_square(squares[number % len(squares)])
        spent.append(time.perf_counter() - began)
    return round(1000 * float(np.median(spent[_WARM_UP:])), 1)
