"""Makes of a label map, where each pixel has the number of a part, the people in it and their parts."""

from __future__ import annotations

import io
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import DatasetError, SpotterError
from spotter.media.files import require_readable
from spotter.media.picture_kind import picture_kind
from spotter.media.pictures import MOST_MEGAPIXELS
from spotter.segmenter.annotation import PERSON, Instance, Rle
from spotter.segmenter.run_lengths import box_of, label_masks

IGNORED = 255
"""The label of pixels of which nothing is said; they are taken for nothing."""

_GREY = frozenset({"gray", "monob"})  # as FFmpeg calls them: of 2 to 8 bits, and of 1
_LEAST_PIECE = 25  # pixels: a smaller connected piece is a slip of the pen

Labels = NDArray[np.uint8] | NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What the labels of a data set stand for; a table of layouts_labels.toml.

    Attributes:
        classes: names; class number i is ``classes[i - 1]``.
        numbers: of the class of each label, from 0; 0 is nothing, and `PERSON` is a person but no part.
        people: how people are told apart.
        facts: sentences on what that means.
    """

    classes: tuple[str, ...]
    numbers: tuple[int, ...]
    people: Literal["map", "one", "pieces"]
    facts: tuple[str, ...]


@cache
def scheme(name: str) -> Scheme:
    """The scheme of a layout.

    >>> scheme("pascal-person-part").numbers
    (0, 2, 3, 4, 5, 6, 7)
    """
    table = tomllib.loads(files(__package__).joinpath("layouts_labels.toml").read_text("utf-8"))[name]
    classes = tuple(table["classes"])
    numbers = tuple(classes.index(one) + 1 if one else 0 for one in table["labels"])
    return Scheme(classes, numbers, table["people"], tuple(table["facts"]))


def read_labels(path: Path) -> NDArray[np.uint8]:
    """A label map (height, width) from a PNG of up to 8 bits a pixel, grey or with a palette.

    Raises:
        DatasetError: if it is something else, or cannot be read.
    """
    try:
        require_readable(path)
    except SpotterError as error:
        raise DatasetError(str(error)) from error
    data = path.read_bytes()
    kind = picture_kind(data)
    if kind is None or kind.format != "PNG":
        raise DatasetError(f"{path} is not a PNG; label maps are PNGs with a number a pixel")
    if kind.megapixels > MOST_MEGAPIXELS:
        raise DatasetError(f"{path} is too large: {kind.width} by {kind.height} pixels")
    labels = None if kind.cut_off or kind.bits > 8 else _numbers(data, kind.bits)
    if labels is None:
        raise DatasetError(
            f"{path} is no whole label map: a PNG with up to 8 bits a pixel, grey or with a palette"
        )
    return labels


def unknown_labels(labels: NDArray[np.uint8], of: Scheme) -> list[int]:
    """Labels of a map that its scheme does not know.

    >>> unknown_labels(np.array([[0, 6, 9, 255]], np.uint8), scheme("pascal-person-part"))
    [9]
    """
    there = np.flatnonzero(np.bincount(labels.ravel(), minlength=IGNORED + 1))
    return [one for one in there.tolist() if one >= len(of.numbers) and one != IGNORED]


def instances_of(
    labels: NDArray[np.uint8], people: Labels | None, of: Scheme, first: int
) -> tuple[Instance, ...]:
    """The people of a label map, each followed by its parts.

    Args:
        labels: label map (height, width); labels that are not known are taken for nothing.
        people: (height, width), 0 for nobody, else a number a person; None to go by the scheme.
        of: what the labels stand for.
        first: the number of the first instance; they are numbered on from there.
    """
    table = np.zeros(IGNORED + 1, np.uint8)
    table[: len(of.numbers)] = of.numbers
    numbers = table[labels]
    if people is None:
        body = (numbers > 0).astype(np.uint8)
        people = _pieces(body) if of.people == "pieces" else body
    parts = np.where(people > 0, numbers, 0)
    if of.people == "pieces":  # left and right have one label, so that each connected piece is a part
        found = _part_pieces(parts, people)
    else:
        wide = people.astype(np.int32) * (IGNORED + 1) + parts
        codes = label_masks(np.where(parts > PERSON, wide, 0))
        found = [(code % (IGNORED + 1), rle, code // (IGNORED + 1)) for code, rle in codes.items()]
    return _numbered(label_masks(people), found, first)


def _numbered(people: dict[int, Rle], parts: list[tuple[int, Rle, int]], first: int) -> tuple[Instance, ...]:
    """Instances of people's masks, and of parts as class, mask and person."""
    out: list[Instance] = []
    for person, rle in people.items():
        ident = first + len(out)
        out.append(Instance(PERSON, _box(rle), rle, ident=ident))
        for number, mask, owner in parts:
            if owner == person:
                out.append(Instance(number, _box(mask), mask, ident=first + len(out), person=ident))
    return tuple(out)


def _pieces(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The connected pieces of a mask, numbered from 1 on, without specks."""
    count, pieces, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    large = statistics[:, cv2.CC_STAT_AREA] >= _LEAST_PIECE
    large[0] = False
    numbers = np.where(large, np.cumsum(large), 0).astype(np.int32)
    return numbers[pieces] if count > 1 else np.zeros(mask.shape, np.int32)


def _part_pieces(parts: NDArray[np.uint8], people: Labels) -> list[tuple[int, Rle, int]]:
    """The connected pieces of each part as class, mask and person."""
    all_pieces = np.zeros(parts.shape, np.int32)
    found: list[tuple[int, int]] = []  # class and person of each piece
    for number in np.flatnonzero(np.bincount(parts.ravel())).tolist():
        if number <= PERSON:
            continue
        part = (parts == number).astype(np.uint8)
        left, top, width, height = cv2.boundingRect(part)
        window = np.s_[top : top + height, left : left + width]
        pieces = _pieces(part[window])
        for piece in range(1, int(pieces.max()) + 1):
            here = pieces == piece
            found.append((number, int(people[window][here][0])))
            all_pieces[window][here] = len(found)
    masks = label_masks(all_pieces)
    return [(number, masks[at], person) for at, (number, person) in enumerate(found, 1)]


def _numbers(data: bytes, bits: int) -> NDArray[np.uint8] | None:
    """The numbers in a PNG; those of a palette too, which OpenCV would turn into colours."""
    try:
        with av.open(io.BytesIO(data), "r") as container:
            frame = next(container.decode(video=0))
        if frame.format.name == "pal8":
            return np.asarray(frame.to_ndarray()[0], np.uint8)
        if frame.format.name not in _GREY:
            return None
        white = (1 << bits) - 1  # which is decoded as 255, whatever the bits
        return np.asarray(frame.reformat(format="gray").to_ndarray() // (255 // white), np.uint8)
    except (av.FFmpegError, StopIteration, ValueError, IndexError):
        return None


def _box(rle: Rle) -> NDArray[np.float32]:
    box = box_of(rle)
    assert box is not None  # made of a label that is there
    return np.array(box, np.float32)
