"""Makes one map of people and parts out of what the network found: many overlapping boxes and masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PARTS, PartMap
from spotter.segmenter.annotation import CLASSES
from spotter.segmenter.compose_people import Figure, figures
from spotter.segmenter.compose_pixels import painted
from spotter.segmenter.detections import Detections
from spotter.segmenter.evaluate_classes import key

_OTHER: Final = -1
_PART_SHARE: Final = 0.6  # inside a person a part is likely: so much of the score is enough


def least_score(score: float) -> float:
    """The score from which on detections are of use to `composed`."""
    return _PART_SHARE * score


def composed(found: Detections, classes: Sequence[str], image: NDArray[np.uint8], score: float) -> PartMap:
    """Who and what each pixel belongs to.

    People are those that are sure enough and no double of a surer one. A part is given to the person whose
    mask contains it best; parts outside everybody make a person only if one of them is very sure. A pixel
    belongs to the person, and in it to the part, that is likeliest there.

    Args:
        found: detections with at least `least_score`, the surest first.
        classes: names of their classes; those that are neither "person" nor a part are left out.
        image: the picture, RGB uint8 (height, width, 3): outlines are drawn to its edges.
        score: from which on a person, or a part outside everybody, is believed, 0 to 1.

    Returns:
        The people by their scores, with the numbers 1, 2, ...

    >>> nothing = np.zeros((0, 28, 28), np.float32)
    >>> empty = Detections(nothing[:, 0, :4], np.zeros(0, np.int64), nothing[:, 0, 0], nothing, 48, 64)
    >>> composed(empty, CLASSES, np.zeros((48, 64, 3), np.uint8), 0.5).ids
    ()
    """
    numbers = part_numbers(classes)[found.labels - 1] if len(found) else np.zeros(0, np.int64)
    people = figures(found, numbers, score)
    if not people:
        return PartMap.empty(found.height, found.width)
    labels, owners = painted(found, people, image)
    return PartMap(labels, owners, tuple(range(1, len(people) + 1)), _scores(found, people))


def part_numbers(classes: Sequence[str]) -> NDArray[np.int64]:
    """What each class is: 0 a person, 1 to 14 a part of `PARTS`, -1 anything else.

    >>> part_numbers(("person", "bicycle", "Torso")).tolist()
    [0, -1, 2]
    """
    known = {name: number for number, name in enumerate(CLASSES)}
    return np.array([known.get(key(name), _OTHER) for name in classes], np.int64)


def _scores(found: Detections, people: Sequence[Figure]) -> NDArray[np.float32]:
    scores = np.full((len(people), len(PARTS) + 1), np.nan, np.float32)
    for row, figure in zip(scores, people, strict=True):
        row[0] = figure.score
        for number, part in figure.parts.items():
            row[number] = found.scores[part]
    return scores
