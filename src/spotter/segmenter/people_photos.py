"""Photos of people with maps of their clothes: whatever is labelled is the person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from spotter.errors import DatasetError
from spotter.media.files import require_readable
from spotter.media.pictures import THREADS
from spotter.segmenter.annotation import CLASSES, PERSON, Annotated, Instance
from spotter.segmenter.data_check import Findings
from spotter.segmenter.layouts_labels import read_labels
from spotter.segmenter.layouts_reading import Reading, files_in
from spotter.segmenter.run_lengths import box_of, label_masks

NAMES = "labels.json"
"""The list of what the labels are called; without it these are not such photos."""


def has_people_photos(path: Path) -> bool:
    """Whether a folder has such photos: NNNN.jpg, NNNN.png beside it, and the list of labels."""
    return (path / NAMES).is_file() and any(path.glob("*.png")) and any(path.glob("*.jpg"))


def read_people_photos(path: Path, found: Findings) -> Reading:
    """Clothing Co-Parsing's layout (Yang, Luo, Lin 2014, arXiv:1502.00739): one person a photo, and no parts.

    Person is the only class, so that where they are learned together with pictures whose parts are marked,
    nothing is learned of parts here.

    Raises:
        DatasetError: if there are no such photos.
    """
    photos = list(files_in(path, {".jpg"}).values()) if path.is_dir() else []
    if not photos:
        raise DatasetError(f"{path} has no photos NNNN.jpg with label maps NNNN.png beside them")
    _check_names(path / NAMES)
    return Reading(CLASSES[:PERSON], unsplit=_annotated(photos, found), files=[path])


def _check_names(path: Path) -> None:
    if not path.is_file():
        return
    require_readable(path)
    try:
        names = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise DatasetError(f"{path} is not JSON: {error}") from error
    if not isinstance(names, list) or not names or names[0] not in ("null", "background", ""):
        raise DatasetError(f"{path} does not begin with null, so that label 0 might not be the background")


def _annotated(photos: list[Path], found: Findings) -> Iterator[Annotated]:
    with ThreadPoolExecutor(THREADS) as threads:
        numbers = range(1, len(photos) + 1)
        for number, photo, read in zip(numbers, photos, threads.map(_read, photos, numbers), strict=True):
            if isinstance(read, DatasetError):
                kind = "label map wrong" if photo.with_suffix(".png").exists() else "label map missing"
                found.add(kind, str(photo.with_suffix(".png")), str(read))
                continue
            height, width, things = read
            if not things:
                found.add("nobody", str(photo))
            known = frozenset({PERSON})
            yield Annotated(photo, height, width, things, known, photo.stem, number)


def _read(photo: Path, number: int) -> tuple[int, int, tuple[Instance, ...]] | DatasetError:
    try:
        labels = read_labels(photo.with_suffix(".png"))
    except DatasetError as error:
        return error
    rle = label_masks((labels > 0).astype(np.uint8)).get(1)
    box = None if rle is None else box_of(rle)
    things = () if box is None else (Instance(PERSON, np.array(box, np.float32), rle, ident=number),)
    height, width = labels.shape
    return height, width, things
