"""Pictures with known truth and finds: made by hand, and by chance as the judge of the judge needs them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.segmenter.annotation import Annotated, Annotations, Instance
from spotter.segmenter.detections import Detections, decoded, encoded

Box = tuple[float, float, float, float]
SIDE = 14


def instance(label: int, box: Box, size: tuple[int, int] | None = None, *, crowd: bool = False) -> Instance:
    """A thing that fills its box; with a mask where the picture's (height, width) is given."""
    mask = None
    if size is not None:
        full = np.zeros(size, bool)
        left, top, right, bottom = map(round, box)
        full[top:bottom, left:right] = True
        mask = encoded(full)
    return Instance(label, np.array(box, np.float32), mask, crowd, ident=1)


def found(rows: Sequence[tuple[int, float, Box]], size: tuple[int, int] = (100, 100)) -> Detections:
    """Finds that fill their boxes, each a label, a score and a box."""
    return Detections(
        np.array([box for _, _, box in rows], np.float32).reshape(-1, 4),
        np.array([label for label, _, _ in rows], np.int64),
        np.array([score for _, score, _ in rows], np.float32),
        np.ones((len(rows), SIDE, SIDE), np.float32),
        *size,
    )


def nothing() -> Detections:
    return found([])


def by_chance(
    seed: int, classes: int = 3, pictures: int = 6, most: int = 7
) -> list[tuple[Annotated, Detections]]:
    """Pictures with things of all sizes, crowds, equal scores, things found twice, shifted, misnamed."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(pictures):
        size = (int(rng.integers(60, 260)), int(rng.integers(60, 260)))
        instances = tuple(_thing(rng, size, classes, ident) for ident in range(rng.integers(0, most)))
        picture = Annotated(
            Path(f"{number}.png"), *size, instances, frozenset(range(1, classes + 1)), ident=number
        )
        made.append((picture, _found_by_chance(rng, picture, classes)))
    return made


def _thing(rng: np.random.Generator, size: tuple[int, int], classes: int, ident: int) -> Instance:
    height, width = size
    box = _box_by_chance(rng, size)
    rows, columns = np.mgrid[:height, :width] + 0.5
    left, top, right, bottom = box.tolist()
    across = (columns - (left + right) / 2) / (right - left)
    down = (rows - (top + bottom) / 2) / (bottom - top)
    inside = across**2 + down**2 < rng.choice([0.25, 0.4, 0.6])
    return Instance(
        int(rng.integers(1, classes + 1)),
        box,
        encoded(inside & (rng.random(size) < 0.97)),
        bool(rng.random() < 0.15),
        ident + 1,
    )


def _box_by_chance(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    height, width = size
    length = rng.uniform(4, [width * 0.8, height * 0.8])
    corner = rng.uniform(0, np.array([width, height]) - length)
    return np.concatenate([corner, corner + length]).astype(np.float32)


def _found_by_chance(rng: np.random.Generator, picture: Annotated, classes: int) -> Detections:
    size = np.array([picture.width, picture.height] * 2, np.float32)
    boxes, labels = [], []
    for one in picture.instances:
        for _ in range(rng.integers(0, 4)):
            shift = rng.normal(0, 0.06, 4) * np.tile(one.box[2:] - one.box[:2], 2)
            boxes.append((one.box + shift).clip(0, size).astype(np.float32))
            labels.append(one.label if rng.random() < 0.8 else int(rng.integers(1, classes + 1)))
    for _ in range(rng.integers(0, 4)):
        boxes.append(_box_by_chance(rng, (picture.height, picture.width)))
        labels.append(int(rng.integers(1, classes + 1)))
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(labels, np.int64),
        (rng.integers(1, 12, len(boxes)) / 12).astype(np.float32),  # many are equal
        rng.uniform(0.35, 1, (len(boxes), SIDE, SIDE)).astype(np.float32),
        picture.height,
        picture.width,
    )


class Scripted:
    """A model that finds in each picture what was written down for it; it knows pictures by their red."""

    def __init__(self, classes: tuple[str, ...], finds: Sequence[Detections]) -> None:
        self.classes = classes
        self.finds = finds
        self.asked: list[int] = []

    def detect(self, image: NDArray[np.uint8], score: float | None = None) -> Detections:
        number = int(image[0, 0, 0])
        self.asked.append(number)
        finds = self.finds[number]
        return finds if score is None else finds.chosen(finds.scores > score)


def written(folder: Path, pictures: Sequence[Annotated]) -> tuple[Annotated, ...]:
    """Pictures on the disk, whose red says which they are."""
    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for number, one in enumerate(pictures):
        path = folder / f"picture {number}.png"
        pixels = np.full((one.height, one.width, 3), (90, 120, number), np.uint8)  # OpenCV's blue, green, red
        path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
        out.append(replace(one, path=path))
    return tuple(out)


def annotations(classes: tuple[str, ...], pictures: Sequence[Annotated]) -> Annotations:
    """All of them to be judged by."""
    return Annotations(classes, tuple(range(len(classes) + 1)), (), tuple(pictures))


def picture(*instances: Instance, known: frozenset[int] = frozenset({1, 2}), group: str = "") -> Annotated:
    """A picture of 100 by 100 pixels."""
    return Annotated(Path("nowhere.png"), 100, 100, instances, known, group)


def exact(one: Annotated, score: float = 0.9) -> Detections:
    """All that is marked, found with its very mask."""
    masks, boxes, labels = [], [], []
    for thing in one.instances:
        if thing.mask is None:
            continue
        full = decoded(thing.mask)
        rows, columns = np.flatnonzero(full.any(1)), np.flatnonzero(full.any(0))
        box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        inside = full[box[1] : box[3], box[0] : box[2]].astype(np.float32)
        masks.append(cv2.resize(inside, (56, 56), interpolation=cv2.INTER_AREA))
        boxes.append(box)
        labels.append(thing.label)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(labels, np.int64),
        np.full(len(boxes), score, np.float32),
        np.array(masks, np.float32).reshape(-1, 56, 56),
        one.height,
        one.width,
    )


def coco_folder(folder: Path, classes: tuple[str, ...], pictures: Sequence[Annotated]) -> Path:
    """Pictures and their annotations as a data set in COCO's format."""
    paths = [one.path.name for one in written(folder / "images", pictures)]
    things = [
        (number, thing)
        for number, one in enumerate(pictures, 1)
        for thing in one.instances
        if thing.mask is not None
    ]
    told = {
        "images": [
            {"id": number, "file_name": name, "height": one.height, "width": one.width}
            for number, (name, one) in enumerate(zip(paths, pictures, strict=True), 1)
        ],
        "categories": [{"id": number, "name": name} for number, name in enumerate(classes, 1)],
        "annotations": [
            {
                "id": ident,
                "image_id": number,
                "category_id": thing.label,
                "bbox": [*thing.box[:2].tolist(), *(thing.box[2:] - thing.box[:2]).tolist()],
                "segmentation": {**thing.mask, "counts": thing.mask["counts"].decode()},
                "iscrowd": int(thing.crowd),
            }
            for ident, (number, thing) in enumerate(things, 1)
            if thing.mask is not None
        ],
    }
    (folder / "instances.json").write_text(json.dumps(told))
    return folder
