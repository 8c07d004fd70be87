"""How many pixels each part of each person covers, as a table that grows frame by frame."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PARTS, PartMap
from spotter.media.writing import GrowingFile

AREA_COLUMNS = ("person", "body", *PARTS)
"""Columns of a table of areas: whose they are, pixels of the whole person, pixels of each part."""

_LABELS = len(PARTS) + 1


def part_areas(part_map: PartMap) -> NDArray[np.int64]:
    """Pixels (people, 15) of each person: of the whole body, then of each part.

    The parts of a person may be fewer pixels than the body, where it is not known which part is seen.

    >>> labels = np.array([[0, 1], [2, 2]], np.uint8)
    >>> found = PartMap(labels, (labels > 0).astype(np.uint8), (7,), np.ones((1, 15), np.float32))
    >>> part_areas(found)[0, :4].tolist()
    [3, 1, 2, 0]
    """
    x, y, width, height = cv2.boundingRect(part_map.people)
    window = slice(y, y + height), slice(x, x + width)
    numbers = part_map.people[window].astype(np.uint16) * np.uint16(_LABELS) + part_map.labels[window]
    size = (len(part_map.ids) + 1) * _LABELS
    counts = np.bincount(numbers.ravel(), minlength=size).reshape(-1, _LABELS)[1:]
    return np.concatenate([counts.sum(axis=1, keepdims=True), counts[:, 1:]], axis=1)


class AreasCsv:
    """Writes a table of areas: a row for each frame and person who is seen, empty where a part is not.

    Args:
        path: where it goes.
        leading: names of the columns that say which frame it is.

    Raises:
        OutputError: if it cannot be written.
    """

    def __init__(self, path: Path, leading: Sequence[str]) -> None:
        self.file = GrowingFile(path)
        self.file.write(_lines([[*leading, *AREA_COLUMNS]]))

    def add(self, frame: Sequence[str], part_map: PartMap) -> None:
        """Append the people of a frame.

        Args:
            frame: what stands in the leading columns.
            part_map: of the frame.

        Raises:
            OutputError: if the disk is full or fails.
        """
        rows = [
            [*frame, str(ident), *(str(area) if area else "" for area in areas)]
            for ident, areas in zip(part_map.ids, part_areas(part_map).tolist(), strict=True)
            if areas[0]
        ]
        if rows:
            self.file.write(_lines(rows))


def _lines(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
