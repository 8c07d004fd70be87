"""timeline.png: the picture over time of what was recognised when, to be shown anywhere."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from spotter.media.writing import write_bytes
from spotter.recognizer.timeline import seconds_of
from spotter.report.axes import Axes
from spotter.report.curve import Points
from spotter.report.drawing import Image, Layer, stamp
from spotter.report.font import Weight
from spotter.report.palette import PAPER, Colour
from spotter.report.recognizer.colours import class_colour
from spotter.report.recognizer.filmstrip import Still
from spotter.report.recognizer.timeline import (
    STILLS,
    Watched,
    length,
    part_of,
    pieces_of,
    probability_curve,
)
from spotter.report.text import fitted_text, text_width

TIMELINE_PNG = "timeline.png"

WIDTH = 1600
"""Of the picture, in pixels; its height follows from the number of classes."""

_INK: Colour = (19, 33, 31)
_MUTED: Colour = (85, 101, 106)
_TRACK: Colour = (238, 241, 241)
_EDGE, _GAP, _CORNER = 48, 16, 11
_LANE, _LEFT, _BETWEEN = 84, 290, 8
_TITLE, _NAME, _SMALL = 34.0, 26.0, 20.0
_BAR = 4  # of the solid foot that a recognised part has at least, even where the model was not sure
_SHIFT = 4


def write_picture(path: Path, watched: Watched) -> None:
    """Write timeline.png.

    Raises:
        OutputError: if it cannot be written.
    """
    _, data = cv2.imencode(".png", timeline_picture(watched)[:, :, ::-1])
    write_bytes(path, data.tobytes())


def timeline_picture(watched: Watched) -> Image:
    """The chart as a picture: stills, a lane a class, the time; RGB uint8 (height, 1600, 3)."""
    start_s, end_s = watched.span_s
    axes = Axes(start_s, end_s, 0.0, 1.0)
    stills = watched.film.pick(start_s, end_s, STILLS)
    still_side = (WIDTH - _EDGE - _LEFT - (STILLS - 1) * _BETWEEN) // STILLS
    lanes_top = _EDGE + 2 * _GAP + round(1.1 * _TITLE) + (still_side + _GAP if stills else 0)
    classes = watched.timeline.classes
    height = lanes_top + len(classes) * (_LANE + _GAP) + 34 + _EDGE
    image = np.full((height, WIDTH, 3), PAPER, np.uint8)
    _head(image, watched)
    _stills(image, stills, lanes_top - _GAP - still_side, still_side)
    for place in range(len(classes)):
        _lane(image, watched, place, lanes_top + place * (_LANE + _GAP), axes)
    _clock(image, axes, height - _EDGE - 34)
    return image


def _head(image: Image, watched: Watched) -> None:
    baseline = _EDGE + 0.8 * _TITLE
    title = fitted_text(watched.name, _TITLE, WIDTH - 3 * _EDGE - text_width(watched.model, _SMALL), "bold")
    _write(image, title, _EDGE, baseline, _TITLE, _INK, "bold")
    right = WIDTH - _EDGE - text_width(watched.model, _SMALL)
    _write(image, watched.model, right, baseline, _SMALL, _MUTED)


def _stills(image: Image, stills: list[Still], top: int, side: int) -> None:
    """The stills side by side; where there are few, each lies over the middle of its part of the time."""
    room = (WIDTH - _EDGE - _LEFT + _BETWEEN) / max(len(stills), 1)
    for number, still in enumerate(stills):
        left = round(_LEFT + (number + 0.5) * room - (side + _BETWEEN) / 2)
        small = cv2.resize(still.image, (side, side), interpolation=cv2.INTER_AREA)
        mask = Layer.empty(side, side)
        mask.box(0, 0, side, side, _CORNER, PAPER)
        window = image[top : top + side, left : left + side]
        part = mask.rgb.astype(np.float32) / 255
        window[:] = np.round(part * small + (1 - part) * window).astype(np.uint8)


def _lane(image: Image, watched: Watched, place: int, top: int, axes: Axes) -> None:
    name, colour = watched.timeline.classes[place], class_colour(place).light
    seconds = seconds_of(watched.intervals, name)
    middle = top + _LANE / 2
    _box(image, _EDGE, round(middle - 20), 16, 16, 4, colour if seconds else _mixed(colour, 0.45))
    fitted = fitted_text(name, _NAME, _LEFT - _EDGE - 28 - 14, "bold")
    _write(image, fitted, _EDGE + 28, middle - 4, _NAME, _INK if seconds else _MUTED, "bold")
    _write(image, length(seconds) if seconds else "not seen", _EDGE + 28, middle + 24, _SMALL, _MUTED)
    width = WIDTH - _EDGE - _LEFT
    track = np.full((_LANE, width, 3), _TRACK, np.uint8)
    points = probability_curve(watched.timeline, place)
    _area(track, points, axes, _mixed(colour, 0.26, _TRACK))
    for one in watched.intervals:
        if one.label != name:
            continue
        left, right = (round(axes.left(at) / 100 * width) for at in (one.start_s, one.end_s))
        right = max(right, left + 2)
        part = np.full_like(track[:, left:right], _mixed(colour, 0.24))
        _area(
            part,
            part_of(points, one.start_s, one.end_s),
            Axes(one.start_s, one.end_s, 0.0, 1.0),
            _mixed(colour, 0.88),
        )
        part[-_BAR:] = _mixed(colour, 0.88)
        _rounded(track, part, left)
    below = image[top : top + _LANE, _LEFT : _LEFT + width]
    _rounded(below, track, 0)


def _clock(image: Image, axes: Axes, top: int) -> None:
    for tick in axes.times():
        x = _LEFT + tick.place / 100 * (WIDTH - _EDGE - _LEFT)
        half = text_width(tick.label, _SMALL) / 2
        image[top : top + 9, round(min(x, WIDTH - _EDGE - 2)) :][:, :2] = _MUTED
        left = min(max(x - half, _LEFT), WIDTH - _EDGE - 2 * half)
        _write(image, tick.label, left, top + 32, _SMALL, _MUTED)


def _area(image: Image, points: Points, axes: Axes, colour: Colour) -> None:
    """Fill the area under a curve; the axes' ends are the picture's."""
    height, width = image.shape[:2]
    for piece in pieces_of(points):
        x = (piece.time_s - axes.start_s) / (axes.end_s - axes.start_s) * width
        y = (1 - piece.value) * height
        around = np.stack(
            [np.concatenate([x[:1], x, x[-1:]]), np.concatenate([[height], y, [height]])], axis=1
        )
        fixed = np.round(around * (1 << _SHIFT)).astype(np.int32)
        cv2.fillPoly(image, [fixed], colour, cv2.LINE_AA, _SHIFT)


def _rounded(image: Image, part: Image, left: int) -> None:
    """Lay a part of the same height over a picture, with round corners."""
    height, width = part.shape[:2]
    mask = Layer.empty(width, height)
    mask.box(0, 0, width, height, _CORNER, PAPER)
    share = mask.rgb.astype(np.float32) / 255
    below = image[:, left : left + width]
    below[:] = np.round(share * part + (1 - share) * below).astype(np.uint8)


def _box(image: Image, x: int, y: int, width: int, height: int, radius: float, colour: Colour) -> None:
    layer = Layer.empty(width, height)
    layer.box(0, 0, width, height, radius, colour)
    stamp(image, layer, x, y)


def _write(
    image: Image, text: str, x: float, baseline: float, size: float, colour: Colour, weight: Weight = "medium"
) -> None:
    layer = Layer.empty(text_width(text, size, weight) + 4, 1.5 * size)
    layer.text(text, 1, 1.1 * size, size, colour, weight)
    stamp(image, layer, x - 1, baseline - round(1.1 * size))


def _mixed(colour: Colour, share: float, other: Colour = PAPER) -> Colour:
    """A colour thinned with another, by default with white."""
    red, green, blue = np.round(share * np.array(colour) + (1 - share) * np.array(other)).astype(int).tolist()
    return red, green, blue
