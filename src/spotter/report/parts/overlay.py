"""Draws the parts of people's bodies on a picture: tinted, with thin lines between them and around people."""

from __future__ import annotations

import cv2
import numpy as np

from spotter.body.part_map import PartMap
from spotter.report.drawing import Image, stamp
from spotter.report.palette import INK, PAPER, Colour
from spotter.report.part_colours import UNKNOWN_PART, part_palette
from spotter.report.parts.legend import LEGIBLE
from spotter.report.plates import number_tag

_TINT = 0.58
_LINE_PX = 1.1  # of a picture 360 pixels high
_BETWEEN, _OUTSIDE, _INSIDE = (
    16,
    17,
    18,
)  # after 0 nobody, 1 a part that is not known, and the parts from 2 on
_LINES: dict[int, tuple[Colour, float]] = {
    _BETWEEN: (INK, 0.6),
    _OUTSIDE: (INK, 0.6),  # a dark line outside and a light one inside: seen on light and on dark ground
    _INSIDE: (PAPER, 0.85),
}


def draw_parts(image: Image, part_map: PartMap, *, numbers: bool = True) -> None:
    """Draw the parts of everybody; all sizes follow the picture's.

    Args:
        image: RGB picture (height, width, 3), drawn on in place.
        part_map: of the same size.
        numbers: whether each of several people gets a number.

    >>> picture, labels = np.zeros((40, 40, 3), np.uint8), np.zeros((40, 40), np.uint8)
    >>> labels[10:30, 10:30] = 2
    >>> found = PartMap(labels, (labels > 0).astype(np.uint8), (1,), np.ones((1, 15), np.float32))
    >>> draw_parts(picture, found)
    >>> picture[20, 20].tolist(), picture[0, 0].tolist()
    ([42, 116, 86], [0, 0, 0])
    """
    unit = min(image.shape[:2]) / 360
    x, y, width, height = cv2.boundingRect(part_map.people)
    if not width:
        return
    reach = 2 + round(_LINE_PX * unit)
    rows = slice(max(0, y - reach), y + height + reach)
    columns = slice(max(0, x - reach), x + width + reach)
    part = image[rows, columns]
    kinds = _kinds(part_map.labels[rows, columns], part_map.people[rows, columns], unit)
    colours = cv2.merge([cv2.LUT(kinds, channel) for channel in _COLOURS])
    kept = cv2.blur(cv2.LUT(kinds, _KEPT), (3, 3))
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)  # clothes of their own colour would mix with the part's
    cv2.copyTo(cv2.merge([grey, grey, grey]), part_map.people[rows, columns], part)
    cv2.multiply(part, cv2.merge([kept, kept, kept]), part, 1 / 255)
    cv2.add(part, cv2.blur(colours, (3, 3)), part)
    if numbers and len(part_map.ids) > 1 and unit >= LEGIBLE:
        _draw_numbers(image, part_map, unit)


def _kinds(labels: Image, people: Image, unit: float) -> Image:
    """What each pixel is to be: nobody, an unknown part, a part, or one of the lines."""
    reach = 2 * max(1, round(_LINE_PX * unit / 2)) + 1
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    numbers = labels + (people > 0)
    for differs, number in (
        (cv2.dilate(labels, _CROSS) != labels, _BETWEEN),
        (cv2.dilate(people, pen) != people, _OUTSIDE),
        (cv2.erode(people, pen) != people, _INSIDE),
    ):
        np.maximum(numbers, differs.view(np.uint8) * np.uint8(number), out=numbers)
    return numbers


def _draw_numbers(image: Image, part_map: PartMap, unit: float) -> None:
    """Each person's number above the head."""
    for place, ident in enumerate(part_map.ids, start=1):
        own = part_map.people == place
        if not own.any():
            continue
        tag = number_tag(ident, unit)
        y = int(own.any(axis=1).argmax())
        top = np.flatnonzero(own[y]).mean()
        stamp(image, tag, top - tag.width / 2, max(0.0, y - tag.height - 4 * unit))


def _tables() -> tuple[list[Image], Image]:
    """For each number the colour's channels, multiplied by its opacity, and how much of the picture stays."""
    colours, opacity = np.zeros((256, 3)), np.zeros((256, 1))
    parts = part_palette()[1:]
    colours[1], colours[2 : 2 + len(parts)], opacity[1 : 2 + len(parts)] = UNKNOWN_PART, parts, _TINT
    for number, (colour, share) in _LINES.items():
        colours[number], opacity[number] = colour, share
    painted = np.round(colours * opacity).astype(np.uint8)
    kept = np.round(255 * (1 - opacity[:, 0])).astype(np.uint8)
    return [np.ascontiguousarray(channel) for channel in painted.T], kept


_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_COLOURS, _KEPT = _tables()
