"""The body parts of the people who are analysed: found frame by frame, matched with their landmarks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from spotter.body.part_choice import chosen
from spotter.body.part_map import PartMap
from spotter.body.part_source import PartEngine
from spotter.media.frame import Frame
from spotter.report.parts.areas import AreasCsv
from spotter.report.skeleton import Pose

PARTS_CSV = "parts.csv"

_ON_THE_BODY = 0.5  # share of a person's landmarks in the picture that lie on what is taken for their body


class AnalysedParts:
    """Finds the parts of the people of an analysis, and writes their areas to `PARTS_CSV`.

    Args:
        engine: is given every frame of the video in order, from the first.
        folder: of the analysis.

    Raises:
        OutputError: if the table cannot be written.
    """

    def __init__(self, engine: PartEngine, folder: Path) -> None:
        self._engine = engine
        self._areas = AreasCsv(folder / PARTS_CSV, ("time_s",))

    def find(self, frame: Frame, poses: Mapping[int, Pose]) -> PartMap:
        """The parts of the people whose poses are given, under their numbers.

        Raises:
            OutputError: if the disk is full or fails.
        """
        found = matched(self._engine.push(frame), poses)
        self._areas.add((f"{frame.time_s:.4f}",), found)
        return found

    def close(self) -> None:
        """Finish the table; closing twice does no harm.

        Raises:
            OutputError: if the disk fails.
        """
        self._areas.file.close()


def matched(found: PartMap, poses: Mapping[int, Pose]) -> PartMap:
    """Those of the people found who have a pose, under the pose's number.

    A body is somebody's if it has more of their landmarks on it than any other, and at least half of those
    that are seen in the picture.

    >>> people = np.zeros((20, 20), np.uint8)
    >>> people[:, :8], people[:, 12:] = 1, 2
    >>> both = PartMap(people, people, (1, 2), np.ones((2, 15), np.float32))
    >>> right = Pose(np.full((33, 2), 15.0), np.ones(33))
    >>> matched(both, {7: right}).ids
    (7,)
    """
    height, width = found.people.shape
    votes = []
    for person, pose in poses.items():
        places = np.floor(pose.xy[pose.drawn]).astype(np.int64)
        places = places[((places >= 0) & (places < (width, height))).all(axis=1)]
        counts = np.bincount(found.people[places[:, 1], places[:, 0]], minlength=len(found.ids) + 1)
        votes += [
            (int(count), person, found.ids[place])
            for place, count in enumerate(counts[1:].tolist())
            if count and count >= _ON_THE_BODY * len(places)
        ]
    numbers: dict[int, int] = {}
    for _, person, ident in sorted(votes, reverse=True):
        if ident not in numbers and person not in numbers.values():
            numbers[ident] = person
    return chosen(found, dict(sorted(numbers.items(), key=lambda item: item[1])))
