"""Writes segments.json: people and their parts in COCO's format, frame by frame, each on disk at once."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spotter.body.part_map import PARTS, PartMap
from spotter.media.writing import GrowingFile
from spotter.report.parts.masks import Mask, person_masks

SCHEMA = 1
"""Version of the form of segments.json; it grows when a key changes its meaning or goes."""

PERSON_CATEGORY = 1
"""``category_id`` of a person, as in COCO's own files; a part's is its label and one more."""

_COMPACT = (",", ":")


@dataclass(frozen=True, slots=True)
class Mark:
    """How much has been written, to go back to: see `CocoFile.cut`."""

    images: int
    annotations: int
    size: int


class CocoFile:
    """A file in COCO's instance format (Lin et al. 2014, arXiv:1405.0312) that is added to image by image.

    An annotation is a person, or a part of one: ``person`` is then the person's annotation. Each has its mask
    twice: as run-length code (``segmentation``) and as ``polygons``. ``track_id`` is the person's number,
    which stays from frame to frame. The file is there when it is closed; before that there is none.

    Args:
        path: where it goes.
        about: what else ``info`` says, such as the engine.

    Raises:
        OutputError: if it cannot be written.
    """

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        self._file = GrowingFile(path)
        self._images: list[str] = []  # they come at the end; an hour of video has 15 MB of them
        self._annotations = 0
        info = {"description": "people and their body parts, found by Spotter", "schema": SCHEMA, **about}
        head = json.dumps({"info": info, "licenses": [], "categories": categories()}, indent=1)
        self._file.write(head.removesuffix("\n}") + ',\n "annotations": [')

    @property
    def mark(self) -> Mark:
        """How much has been written so far."""
        return Mark(len(self._images), self._annotations, self._file.size)

    def cut(self, mark: Mark) -> None:
        """Take back the images that were added since then, and what was found in them."""
        del self._images[mark.images :]
        self._annotations = mark.annotations
        self._file.cut(mark.size)

    def add(self, image: dict[str, Any], part_map: PartMap) -> None:
        """Append a picture, and what was found in it.

        Args:
            image: what is written of the picture beside its number and its size, ``file_name`` first of all.
            part_map: of the picture.

        Raises:
            OutputError: if the disk is full or fails.
        """
        height, width = part_map.labels.shape
        number = len(self._images) + 1
        row = {"id": number, "width": width, "height": height, **image}
        self._images.append(json.dumps(row, ensure_ascii=False, separators=_COMPACT))
        lines = []
        for place, (ident, scores) in enumerate(zip(part_map.ids, part_map.scores, strict=True), start=1):
            person = self._annotations + 1
            for mask in person_masks(part_map, place):
                self._annotations += 1
                found = {
                    "id": self._annotations,
                    "image_id": number,
                    **_found(mask, float(scores[mask.label]), (height, width)),
                    "track_id": ident,
                    **({"person": person} if mask.label else {}),
                }
                lines.append(
                    ("," if self._annotations > 1 else "") + "\n  " + json.dumps(found, separators=_COMPACT)
                )
        self._file.write("".join(lines))

    def close(self) -> None:
        """Finish the file and give it its name.

        Raises:
            OutputError: if the disk is full or fails; nothing is left then.
        """
        try:
            self._file.write('\n ],\n "images": [\n  ' + ",\n  ".join(self._images) + "\n ]\n}\n")
            self._file.close()
        finally:
            self.discard()

    def discard(self) -> None:
        """Delete what was written, unless the file has been closed."""
        self._file.discard()


def categories() -> list[dict[str, Any]]:
    """COCO's list of categories: the person, then the parts, each with its number in label maps.

    >>> [(one["id"], one["name"]) for one in categories()][:3]
    [(1, 'person'), (2, 'head'), (3, 'torso')]
    """
    person = {"id": PERSON_CATEGORY, "name": "person", "supercategory": "person"}
    parts = [
        {"id": PERSON_CATEGORY + label, "name": name, "supercategory": "part", "label": label}
        for label, name in enumerate(PARTS, start=1)
    ]
    return [person, *parts]


def _found(mask: Mask, score: float, size: tuple[int, ...]) -> dict[str, Any]:
    return {
        "category_id": PERSON_CATEGORY + mask.label,
        "bbox": list(mask.box),
        "area": mask.area,
        "iscrowd": 0,
        "score": round(score, 4) if math.isfinite(score) else None,
        "segmentation": {"size": list(size), "counts": mask.counts},
        "polygons": mask.polygons,
    }
