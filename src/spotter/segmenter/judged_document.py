"""An evaluation of a segmenter as one JSON document, where what is not known is null."""

from __future__ import annotations

import math
from typing import Any

from spotter.segmenter.average_precision_matches import IOUS
from spotter.segmenter.evaluate_parts import PartIou
from spotter.segmenter.judged import Evaluation, Judged
from spotter.segmenter.metrics import AtScore, Estimate

_DIGITS = 4


def document(evaluation: Evaluation) -> dict[str, Any]:
    """All of it.

    COCO's figures stand under the names in `spotter.segmenter.average_precision.FIGURES`, those with an
    interval also under ``"intervals"``.
    """
    boxes, masks = evaluation.boxes, evaluation.masks
    return {
        "n": evaluation.n,
        "groups": evaluation.groups or None,
        "boxes": _averages(boxes.average) if boxes else None,
        "masks": _averages(masks.average) if masks else None,
        "classes": {
            name: {
                "n": boxes.classes[place].wanted if boxes else None,
                "boxes": _of_class(boxes, place),
                "masks": _of_class(masks, place),
            }
            for place, name in enumerate(evaluation.classes)
        },
        "at_score": {
            "score": number(evaluation.score),
            "chosen": "given" if evaluation.score_given else "best F1 on these pictures",
            "iou": float(IOUS[0]),
            "boxes": _overall(boxes, evaluation.classes),
            "masks": _overall(masks, evaluation.classes),
        },
        "iou": _iou(evaluation.iou),
        "ms_a_picture": number(evaluation.ms_a_picture),
        "only_in_model": list(evaluation.only_model),
        "only_in_data": list(evaluation.only_data),
        "worst": [{"picture": str(one.picture.path), "f1": number(one.f1)} for one in evaluation.worst],
        "left_out": [{"picture": str(one.path), "why": one.why} for one in evaluation.left_out],
    }


def number(value: float) -> float | None:
    """A figure with four digits; None where it is not known.

    >>> number(0.123456), number(math.nan)
    (0.1235, None)
    """
    return round(float(value), _DIGITS) if math.isfinite(value) else None


def _averages(figures: dict[str, Estimate]) -> dict[str, Any]:
    return {name: number(one.value) for name, one in figures.items()} | {
        "intervals": {name: _ends(one) for name, one in figures.items() if math.isfinite(one.low)}
    }


def _of_class(judged: Judged | None, place: int) -> dict[str, Any] | None:
    if judged is None:
        return None
    return _averages(judged.averages[place]) | {"at_score": _at_score(judged.classes[place])}


def _overall(judged: Judged | None, classes: tuple[str, ...]) -> dict[str, Any] | None:
    if judged is None:
        return None
    found = judged.confusion
    return _at_score(judged.overall) | {
        "confusion": {
            "classes": list(classes),
            "taken": found.taken.tolist(),
            "missed": found.missed.tolist(),
            "again": found.again.tolist(),
            "nothing": found.nothing.tolist(),
        }
    }


def _at_score(one: AtScore) -> dict[str, Any]:
    figures = {"precision": one.precision, "recall": one.recall, "f1": one.f1}
    return {name: number(value.value) for name, value in figures.items()} | {
        "intervals": {name: _ends(value) for name, value in figures.items() if math.isfinite(value.low)},
        "right": one.right,
        "found": one.found,
        "wanted": one.wanted,
    }


def _iou(found: PartIou | None) -> dict[str, Any] | None:
    if found is None:
        return None
    figures = {"parts": found.parts, "pascal": found.pascal, "person": found.person}
    return {name: number(one.value) for name, one in figures.items()} | {
        "intervals": {name: _ends(one) for name, one in figures.items() if math.isfinite(one.low)},
        "n": found.n,
        "of_parts": {name: number(one.value) for name, one in found.of_parts.items()},
        "of_pascal": {name: number(one.value) for name, one in found.of_pascal.items()},
    }


def _ends(one: Estimate) -> list[float | None]:
    return [number(one.low), number(one.high)]
