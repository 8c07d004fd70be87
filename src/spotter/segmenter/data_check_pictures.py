"""Looks at the heads of picture files: are they there, and of the size that annotations are for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.media.picture_kind import PictureKind, picture_kind
from spotter.media.pictures import THREADS
from spotter.segmenter.annotation import Annotated, Instance
from spotter.segmenter.data_check import Findings
from spotter.segmenter.detections import decoded, encoded

_HEADS = (1 << 12, 1 << 17)  # bytes that are read before the whole file is
_TOLD = 100  # pictures between two words on how far it is
_BATCH = 256  # pictures that a thread looks at in one go
_LYING = frozenset({5, 6, 7, 8})  # EXIF orientations whose rows become columns

Progress = Callable[[int], None]
"""Told how many pictures were read so far."""


def picture_head(path: Path) -> PictureKind | None:
    """What a picture file is, from as little of it as will do; None if it is none, or cannot be read."""
    try:
        with path.open("rb") as file:
            data = b""
            for wanted in _HEADS:
                data += file.read(wanted - len(data))
                kind = picture_kind(data)
                if kind is not None and kind.width > 0:
                    return kind
            return picture_kind(data + file.read())
    except OSError:
        return None


def upright_size(kind: PictureKind) -> tuple[int, int]:
    """Height and width in which `read_picture` gives the picture."""
    size = kind.height, kind.width
    return size[::-1] if kind.orientation in _LYING else size


def with_sound_pictures(
    pictures: Iterable[Annotated], found: Findings, progress: Progress | None = None
) -> list[Annotated]:
    """The annotated pictures whose files can be used, turned upright where they were annotated lying.

    Args:
        pictures: as the annotations say; they are read while this goes on.
        found: gets what is wrong and what was done.
        progress: is told now and then how many there are so far.
    """
    annotated = []
    for one in pictures:
        annotated.append(one)
        if progress is not None and len(annotated) % _TOLD == 0:
            progress(len(annotated))
    batches = (annotated[at : at + _BATCH] for at in range(0, len(annotated), _BATCH))
    with ThreadPoolExecutor(THREADS) as threads:
        kinds = chain.from_iterable(threads.map(_heads, batches))
        fitting = [_fitting(one, kind, found) for one, kind in zip(annotated, kinds, strict=True)]
    return [one for one in fitting if one is not None]


def _heads(batch: list[Annotated]) -> list[PictureKind | None]:
    return [picture_head(one.path) for one in batch]


def _fitting(one: Annotated, kind: PictureKind | None, found: Findings) -> Annotated | None:
    where = str(one.path)
    if kind is None or not kind.width or kind.format == "HEIC":
        found.add("picture unreadable" if one.path.exists() else "picture missing", where)
        return None
    told, upright = (one.height, one.width), upright_size(kind)
    if told == upright:
        return one
    if kind.orientation in _LYING and told == upright[::-1]:
        found.add("picture turned", where)
        return _turned(one, kind.orientation)
    found.add("picture size", where, f"{upright[1]} by {upright[0]}, not {told[1]} by {told[0]}")
    return None


def _turned(one: Annotated, orientation: int) -> Annotated:
    """What was marked in a picture as it is stored, upright."""
    size = one.height, one.width
    instances = tuple(_turned_instance(thing, size, orientation) for thing in one.instances)
    return replace(one, height=one.width, width=one.height, instances=instances)


def _turned_instance(thing: Instance, size: tuple[int, int], orientation: int) -> Instance:
    """EXIF 5 to 8: rows become columns; then 6 and 7 are mirrored across, 7 and 8 upside down."""
    height = size[1]
    width = size[0]
    top, left, bottom, right = thing.box.tolist()  # transposed
    if orientation in (6, 7):
        left, right = width - right, width - left
    if orientation in (7, 8):
        top, bottom = height - bottom, height - top
    mask = thing.mask
    if mask is not None:
        pixels: NDArray[np.bool_] = decoded(mask).T
        pixels = pixels[:, ::-1] if orientation in (6, 7) else pixels
        mask = encoded(pixels[::-1] if orientation in (7, 8) else pixels)
    return replace(thing, box=np.array([left, top, right, bottom], np.float32), mask=mask)
