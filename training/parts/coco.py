"""Describes a folder of rendered pictures as COCO instances: people, and the parts of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as masks

from spotter.errors import MediaNotFoundError
from spotter.media.writing import write_text

from .labels import PARTS

IMAGES, LABELS, PEOPLE = "images", "labels", "people"  # folders
CATEGORIES = ("person", *PARTS)
LEAST_AREA = 20 / 480**2  # parts with less of the picture's longer side squared are left out

Annotation = dict[str, Any]


def write_instances(folder: Path) -> int:
    """Write `instances.json` for every picture in a folder; gives the number of pictures."""
    images: list[dict[str, Any]] = []
    annotations: list[Annotation] = []
    for path in sorted((folder / IMAGES).glob("[0-9]*.jpg")):
        parts, people = (_map(folder / kind / f"{path.stem}.png") for kind in (LABELS, PEOPLE))
        height, width = parts.shape
        number = int(path.stem)
        images.append(
            {"id": number + 1, "file_name": f"{IMAGES}/{path.name}", "width": width, "height": height}
        )
        annotations += instances(parts, people, number + 1, len(annotations) + 1)
    document = {
        "info": {"description": "Rendered people and the parts of their bodies", "license": "CC0-1.0"},
        "images": images,
        "annotations": annotations,
        "categories": [
            {"id": i, "name": name, "supercategory": "person"} for i, name in enumerate(CATEGORIES, 1)
        ],
    }
    write_text(folder / "instances.json", json.dumps(document, separators=(",", ":")) + "\n")
    return len(images)


def instances(
    parts: NDArray[np.uint8], people: NDArray[np.uint8], image: int, first: int
) -> Iterator[Annotation]:
    """Annotations of one picture from its maps (h, w), their ids from `first` on."""
    least = LEAST_AREA * max(parts.shape) ** 2
    for number in range(1, int(people.max()) + 1):
        whole = people == number
        if whole.sum() < least:
            continue
        person = first
        yield _annotation(whole, image, person, 1)
        first += 1
        for part in range(1, len(PARTS) + 1):
            mask = whole & (parts == part)
            if mask.sum() >= least:
                yield _annotation(mask, image, first, part + 1) | {"person": person}
                first += 1


def _map(path: Path) -> NDArray[np.uint8]:
    """The numbers in an 8-bit PNG file (h, w)."""
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise MediaNotFoundError(f"no map at {path}; delete the picture of that name and render it again")
    return np.asarray(found, np.uint8)


def _annotation(mask: NDArray[np.bool_], image: int, number: int, category: int) -> Annotation:
    code = masks.encode(np.asfortranarray(mask, np.uint8))
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "segmentation": {"size": list(mask.shape), "counts": code["counts"].decode("ascii")},
        "area": int(mask.sum()),
        "bbox": [float(x) for x in masks.toBbox(code)],
        "iscrowd": 0,
    }
