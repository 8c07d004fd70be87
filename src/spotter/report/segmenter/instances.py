"""Draws things that were found or marked in a picture: masks tinted in their classes' colours, or boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.report.drawing import Image
from spotter.report.palette import INK, Colour
from spotter.report.part_colours import PART_COLOURS, UNKNOWN_PART, people_palette
from spotter.segmenter.annotation import Instance
from spotter.segmenter.detections import Detections, decoded
from spotter.segmenter.evaluate_classes import key

_TINT = 0.55
_PERSON = "person"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A thing as it is drawn.

    Attributes:
        label: number of its class, from 1.
        box: float32 array (4,), left, top, right, bottom in pixels of the picture.
        mask: bool array (height, width); None where only the box is known.
    """

    label: int
    box: NDArray[np.float32]
    mask: NDArray[np.bool_] | None


def colour_of(name: str, place: int) -> Colour:
    """The colour of a class: a part's own, Pascal's parts as their left ones, and else by its place.

    >>> colour_of("Left hand", 3) == PART_COLOURS["left_hand"], colour_of("person", 0)
    (True, (190, 190, 190))
    """
    words = key(name)
    if words == _PERSON:
        return UNKNOWN_PART
    for known in (words, f"left_{words}"):
        if known in PART_COLOURS:
            return PART_COLOURS[known]
    red, green, blue = people_palette()[1 + place % 7].tolist()
    return red, green, blue


def of_found(found: Detections, size: tuple[int, int]) -> list[Drawn]:
    """What was found, as it lies in the picture shrunk to (height, width)."""
    scale = np.array([size[1] / found.width, size[0] / found.height] * 2, np.float32)
    small = replace(found, boxes=found.boxes * scale, height=size[0], width=size[1])
    return [
        Drawn(int(label), box, mask)
        for label, box, mask in zip(small.labels, small.boxes, small.full_masks(), strict=True)
    ]


def of_marked(marked: Iterable[Instance], height: int, width: int, size: tuple[int, int]) -> list[Drawn]:
    """What is marked in a picture (height, width), as it lies in that shrunk to ``size``, without crowds."""
    scale = np.array([size[1] / width, size[0] / height] * 2, np.float32)
    return [
        Drawn(one.label, one.box * scale, None if one.mask is None else _shrunk(decoded(one.mask), size))
        for one in marked
        if not one.crowd
    ]


def draw_things(image: Image, things: Sequence[Drawn], classes: Sequence[str]) -> Image:
    """A copy of a picture with things drawn on it, large ones below; people beside their parts in outline.

    Args:
        image: RGB (height, width, 3).
        things: with masks of this size.
        classes: names; the thing's label i is of ``classes[i - 1]``.
    """
    out = image.copy()
    outlined = len(classes) > 1
    person = next((number for number, name in enumerate(classes, 1) if key(name) == _PERSON), 0)
    for one in sorted(things, key=_area, reverse=True):
        colour = colour_of(classes[one.label - 1], one.label - 1)
        if one.mask is None:
            _draw_box(out, one.box, colour)
        elif one.label == person and outlined:
            _outline(out, one.mask, colour, 2)
        else:
            part = out[one.mask].astype(np.float32)
            out[one.mask] = (part + (np.array(colour, np.float32) - part) * _TINT).round().astype(np.uint8)
            _outline(out, one.mask, colour, 1)
    return out


def _area(one: Drawn) -> float:
    if one.mask is not None:
        return float(one.mask.sum())
    return float((one.box[2] - one.box[0]) * (one.box[3] - one.box[1]))


def _outline(image: Image, mask: NDArray[np.bool_], colour: Colour, thickness: int) -> None:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(image, contours, -1, INK, thickness + 1, cv2.LINE_AA)
    cv2.drawContours(image, contours, -1, colour, thickness, cv2.LINE_AA)


def _draw_box(image: Image, box: NDArray[np.float32], colour: Colour) -> None:
    left, top, right, bottom = box.round().astype(int).tolist()
    for ink, thickness in ((INK, 4), (colour, 2)):
        cv2.rectangle(image, (left, top), (right - 1, bottom - 1), ink, thickness, cv2.LINE_AA)


def _shrunk(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    small = cv2.resize(mask.astype(np.uint8), (size[1], size[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(small, np.bool_)
