"""Pictures of puppets of coloured shapes, with everything marked in them, to train on in seconds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.segmenter.annotation import Annotated, Annotations, Instance
from spotter.segmenter.detections import encoded

CLASSES = ("person", "head", "torso", "left_hand", "right_hand")
MIRRORED = (0, 1, 2, 3, 5, 4)
COLOURS = ((0, 0, 0), (240, 200, 60), (210, 50, 40), (60, 200, 90), (60, 90, 230))
SIDE = 128


def draw(rng: np.random.Generator, side: int = SIDE) -> tuple[NDArray[np.uint8], list[NDArray[np.bool_]]]:
    """A picture, RGB (side, side, 3), and the masks of a puppet and its parts in the order of `CLASSES`."""
    unit = side / 128
    x, y = rng.integers(40, 88) * unit, rng.integers(44, 60) * unit
    wide = rng.integers(14, 20) * unit
    image = np.full((side, side, 3), rng.integers(30, 110, 3), np.uint8)
    labels = np.zeros((side, side), np.uint8)

    def at(across: float, down: float) -> tuple[int, int]:
        return round(x + across), round(y + down)

    cv2.rectangle(labels, at(-wide, -6 * unit), at(wide, 44 * unit), 2, -1)
    cv2.circle(labels, at(0, -20 * unit), round(14 * unit), 1, -1)
    cv2.circle(labels, at(-wide - 10 * unit, rng.integers(0, 36) * unit), round(10 * unit), 4, -1)
    cv2.circle(labels, at(wide + 10 * unit, rng.integers(0, 36) * unit), round(10 * unit), 3, -1)
    for label in range(1, len(CLASSES)):
        image[labels == label] = COLOURS[label]
    return image, [labels > 0, *(labels == label for label in range(1, len(CLASSES)))]


def puppets(folder: Path, count: int, seed: int = 0, side: int = SIDE) -> tuple[Annotated, ...]:
    """So many pictures of one puppet each, written into a folder."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        image, masks = draw(rng, side)
        path = folder / f"{seed}_{number}.png"
        cv2.imwrite(str(path), image[:, :, ::-1])
        things = tuple(Instance(label, box_of(mask), encoded(mask)) for label, mask in enumerate(masks, 1))
        made.append(
            Annotated(path, side, side, things, frozenset(range(1, len(CLASSES) + 1)), ident=number + 1)
        )
    return tuple(made)


def annotations(folder: Path, train: int = 4, val: int = 2, side: int = SIDE) -> Annotations:
    """Puppets to learn from and others to judge by."""
    return Annotations(
        CLASSES, MIRRORED, puppets(folder, train, 1, side), puppets(folder, val, 2, side) if val else ()
    )


def box_of(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Left, top, right and bottom of a mask."""
    down, across = np.nonzero(mask)
    return np.array([across.min(), down.min(), across.max() + 1, down.max() + 1], np.float32)


def write_coco(folder: Path, parts: dict[str, Sequence[Annotated]]) -> Path:
    """The same as a data set in COCO's layout: ``annotations/instances_<part>.json`` and ``<part>/``."""
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    for part, pictures in parts.items():
        (folder / part).mkdir(exist_ok=True)
        rows = []
        for one in pictures:
            (folder / part / one.path.name).write_bytes(one.path.read_bytes())
            for thing in one.instances:
                assert thing.mask is not None
                left, top, right, bottom = thing.box.tolist()
                rows.append(
                    {
                        "id": len(rows) + 1,
                        "image_id": one.ident,
                        "category_id": thing.label,
                        "bbox": [left, top, right - left, bottom - top],
                        "area": (right - left) * (bottom - top),
                        "iscrowd": 0,
                        "segmentation": {**thing.mask, "counts": thing.mask["counts"].decode("ascii")},
                    }
                )
        document = {
            "images": [
                {"id": one.ident, "file_name": one.path.name, "width": one.width, "height": one.height}
                for one in pictures
            ],
            "categories": [{"id": number, "name": name} for number, name in enumerate(CLASSES, 1)],
            "annotations": rows,
        }
        (folder / "annotations" / f"instances_{part}.json").write_text(json.dumps(document))
    return folder
