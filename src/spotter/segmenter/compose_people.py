"""Who is there, and whose parts are whose, among the things that the network found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import MIRRORED, PARTS
from spotter.segmenter.detections import Detections
from spotter.segmenter.mask_cells import MaskCells

_DOUBLE = 0.75  # a mask of which this share lies in a surer person's is that person once more
_INSIDE = 0.3  # a part of which less lies in a person is not theirs; hands reach out of the coarse masks
_SAME_PLACE = 0.5  # overlap of a left and a right part that are one limb, seen twice
_SURE = 0.8  # a part with this score stands for a person that was overlooked
_REACH = 0.15  # of their boxes' sides: parts of one body are not farther from each other
_RIVALS: Final = 4  # how many of a kind are looked at, the surest


@dataclass(frozen=True, slots=True)
class Figure:
    """A person, put together of detections.

    Attributes:
        person: row of the person's detection; None if only parts were found.
        parts: rows of the parts' detections by the number of the part, 1 to 14.
        score: how surely there is this person, 0 to 1.
    """

    person: int | None
    parts: dict[int, int]
    score: float


def figures(found: Detections, numbers: NDArray[np.int64], score: float) -> list[Figure]:
    """The people, the surest first.

    Args:
        found: detections, the surest first.
        numbers: what each is: 0 a person, 1 to 14 a part, -1 neither.
        score: from which on a person is believed, 0 to 1.
    """
    cells = MaskCells(found)
    people: list[int] = []
    for row in np.flatnonzero((numbers == 0) & (found.scores >= score)).tolist():
        if all(cells.share_inside(row, other) < _DOUBLE for other in people):
            people.append(row)
    parts = np.flatnonzero(numbers > 0).tolist()
    inside = np.array([[cells.share_inside(part, person) for person in people] for part in parts])
    inside = inside.reshape(len(parts), len(people))
    owner = np.where(inside.max(1, initial=0) >= _INSIDE, inside.argmax(1) if people else -1, -1)
    whole = [
        Figure(
            person,
            _chosen([part for part, own in zip(parts, owner, strict=True) if own == number], numbers, cells),
            float(found.scores[person]),
        )
        for number, person in enumerate(people)
    ]
    free = [part for part, own in zip(parts, owner, strict=True) if own < 0 and found.scores[part] >= score]
    return sorted([*whole, *_overlooked(free, numbers, cells)], key=lambda figure: -figure.score)


def _chosen(rows: Sequence[int], numbers: NDArray[np.int64], cells: MaskCells) -> dict[int, int]:
    """At most one detection for each part of one person: the surest, and no limb as both left and right."""
    chosen: dict[int, int] = {}
    for number in range(1, len(PARTS) + 1):
        mirrored = MIRRORED[number]
        if mirrored < number:
            continue
        here = [row for row in rows if numbers[row] == number][:_RIVALS]
        there = [row for row in rows if numbers[row] == mirrored != number][:_RIVALS]
        pairs = [
            (one, other)
            for one, other in product([*here, None], [*there, None])
            if one is None or other is None or cells.overlap(one, other) < _SAME_PLACE
        ]
        best = max(pairs, key=lambda pair: sum(float(cells.scores[row]) for row in pair if row is not None))
        chosen |= {part: row for part, row in zip((number, mirrored), best, strict=True) if row is not None}
    return chosen


def _overlooked(parts: Sequence[int], numbers: NDArray[np.int64], cells: MaskCells) -> Iterator[Figure]:
    """People of whom only parts were found: parts that touch, one of them very sure."""
    left = list(parts)
    while left:
        body = [left.pop(0)]
        for member in body:  # it grows meanwhile
            near = [row for row in left if _touch(member, row, cells)]
            body += near
            left = [row for row in left if row not in near]
        score = float(cells.scores[body].max())
        if score >= _SURE:
            yield Figure(None, _chosen(sorted(body), numbers, cells), score)


def _touch(one: int, other: int, cells: MaskCells) -> bool:
    """Whether two boxes overlap once they are a little larger."""
    reach = _REACH * (cells.sizes[one] + cells.sizes[other])
    low = np.maximum(cells.boxes[one, :2], cells.boxes[other, :2])
    high = np.minimum(cells.boxes[one, 2:], cells.boxes[other, 2:])
    return bool((low < high + reach).all())
