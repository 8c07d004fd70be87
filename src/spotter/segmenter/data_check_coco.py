"""Makes of one annotation of a COCO file an instance, or says why it cannot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from spotter.segmenter.annotation import Instance, Rle
from spotter.segmenter.data_check import Findings
from spotter.segmenter.outlines import Box, DrawnRle, polygons_of
from spotter.segmenter.run_lengths import box_of, checked

_LEAST_SIDE = 1.0  # pixels: a narrower box shows nothing
_ROUNDING = 1.0  # pixels that a box may reach out by and nothing is said: boxes are rounded
_NUMBERS = frozenset({int, float})
_SURELY_SEEN = 64.0  # square pixels: a smaller polygon is drawn to see whether any pixel is in it


def instance_of(
    told: Mapping[str, Any], label: int, size: tuple[int, int], where: str, found: Findings
) -> Instance | None:
    """One annotation, checked and put right where that is possible.

    Args:
        told: the annotation as it stands in the file: ``bbox`` (left, top, width, height), ``segmentation``
            (polygons or run-length code), ``iscrowd``, ``id``, ``person``.
        label: number of its class.
        size: (height, width) of the picture.
        where: the entry and its file, for people.
        found: gets what is wrong and what was done.

    Returns:
        The instance; None if nothing can be used. Where box and mask contradict each other, it is a crowd, so
        that nothing is learned there.
    """
    crowd = told.get("iscrowd") in (1, True)
    mask, inside = _mask(told.get("segmentation"), size, where, found)
    box = told_box(told.get("bbox"))
    if box is None:
        if inside is None:
            found.add("box wrong", where, f"bbox {_short(told.get('bbox'))}")
            return None
        if told.get("bbox") is not None:
            found.add("box of mask", where, f"bbox {_short(told.get('bbox'))}")
        box = inside
    clipped = _clipped(box, size)
    if clipped is None:
        found.add("box outside", where, f"{_listed(box)} in {size[1]} by {size[0]} pixels")
        return None
    if clipped != box and max(abs(new - old) for new, old in zip(clipped, box, strict=True)) > _ROUNDING:
        found.add("box clipped", where, f"{_listed(box)} in {size[1]} by {size[0]} pixels")
    if inside is not None and not _overlap(clipped, inside):
        found.add("mask elsewhere", where, f"box {_listed(clipped)}, mask {_listed(inside)}")
        clipped, crowd = _hull(clipped, inside), True
    elif crowd:
        found.add("crowd", where)
    person = told.get("person")
    return Instance(
        label,
        np.array(clipped, np.float32),
        mask,
        crowd,
        told["id"] if type(told.get("id")) is int else 0,
        person if type(person) is int else None,
    )


def _mask(told: Any, size: tuple[int, int], where: str, found: Findings) -> tuple[Rle | None, Box | None]:
    """The mask and the box around it; None where there is none that can be used."""
    if told is None or told == []:
        return None, None
    try:
        if isinstance(told, DrawnRle):
            return told, None
        mask, inside = _run_lengths(told, size) if isinstance(told, dict) else _outline(told, size)
    except ValueError as error:
        found.add("mask wrong", where, str(error))
        return None, None
    if inside is None:
        found.add("mask empty", where)
        return None, None
    return mask, inside


def _run_lengths(told: dict[str, Any], size: tuple[int, int]) -> tuple[Rle, Box | None]:
    rle = checked(told)
    if tuple(rle["size"]) != size:
        height, width = rle["size"]
        raise ValueError(f"it is {width} by {height} pixels, its picture {size[1]} by {size[0]}")
    return rle, box_of(rle)


def _outline(told: Any, size: tuple[int, int]) -> tuple[Rle, Box | None]:
    polygons = polygons_of(told, *size)
    rle = DrawnRle(*size, polygons)
    left, top, right, bottom = polygons.box
    inside = left >= 0 and top >= 0 and right <= size[1] and bottom <= size[0]
    if not inside or polygons.area() < _SURELY_SEEN:
        return rle, box_of(rle)
    return rle, polygons.box


def told_box(told: Any) -> Box | None:
    """A box of COCO's kind, which is left, top, width and height; None if it is no box.

    >>> told_box([10, 20, 30, 40]), told_box([10, 20, 0, 40])
    ((10.0, 20.0, 40.0, 60.0), None)
    """
    if not (isinstance(told, list) and len(told) == 4 and all(type(one) in _NUMBERS for one in told)):
        return None
    try:
        left, top, width, height = map(float, told)
    except OverflowError:
        return None
    if not math.isfinite(left + top + width + height) or width <= 0 or height <= 0:
        return None
    return left, top, left + width, top + height


def _clipped(box: Box, size: tuple[int, int]) -> Box | None:
    """The part of a box that is in the picture; None if that is next to nothing."""
    height, width = size
    left, top = max(0.0, box[0]), max(0.0, box[1])
    right, bottom = min(float(width), box[2]), min(float(height), box[3])
    if right - left < _LEAST_SIDE or bottom - top < _LEAST_SIDE:
        return None
    return left, top, right, bottom


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _hull(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _listed(box: Box) -> str:
    return " ".join(f"{one:.4g}" for one in box)


def _short(told: object) -> str:
    text = repr(told)
    return text if len(text) <= 40 else f"{text[:37]}..."
