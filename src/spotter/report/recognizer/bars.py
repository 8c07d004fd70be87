"""Draws on a frame what the recognizer says: the square it looks at, the answer, and a bar a class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from spotter.recognizer.predict import UNKNOWN, Prediction
from spotter.report.drawing import Image, Layer, draw_lines, stamp
from spotter.report.font import Weight
from spotter.report.palette import INK, MUTED, PAPER, TRACK, Colour
from spotter.report.recognizer.colours import class_colour
from spotter.report.text import fitted_text, text_width

MOST_BARS = 6
"""More classes than this share the plate: the likeliest are shown, and how many more there are."""

_OPACITY = 0.78
_MARGIN, _PADDING = 10.0, 11.0
_ANSWER, _NAME, _SMALL = 26.0, 13.0, 11.0
_ROW, _BAR = 25.0, 5.0
_TALLEST = 0.7  # of the picture's height
_WIDEST, _NARROWEST = 190.0, 112.0
_LEAST_SIDE = 96  # a picture smaller than this has room for the square alone
_LEAST_UNIT = 0.82  # below, letters could not be read; the plate then covers more of the picture
_OUTSIDE = 0.55  # how bright the picture stays where the recognizer does not look
_TICK = 0.09  # length of the square's corners, of its side


@dataclass(frozen=True, slots=True)
class Row:
    """One bar: the class, its colour, its share in thousandths, and whether it is part of the answer."""

    name: str
    colour: Colour
    permille: int
    named: bool


def draw_bars(image: Image, prediction: Prediction | None) -> Image:
    """A copy of a frame with the answer drawn on it; all sizes follow the picture's shorter side.

    Args:
        image: RGB uint8 (height, width, 3).
        prediction: what was said of it, or of a frame shortly before; None before the first answer, and then
            only the square is drawn, as on a picture too small for letters.
    """
    out = _dimmed(image)
    height, width = out.shape[:2]
    unit = max(min(height, width) / 360, _LEAST_UNIT)
    _draw_square(out, unit, colour_of(prediction))
    if prediction is not None and min(height, width) >= _LEAST_SIDE:
        rows = rows_of(prediction, _most_rows(height, unit))
        plate = _plate(
            prediction.label,
            colour_of(prediction),
            rows,
            len(prediction.classes) - len(rows),
            _plate_width(width, height, unit),
            unit,
        )
        margin = min(_MARGIN * unit, 0.03 * min(height, width))
        stamp(out, plate, margin, height - plate.height - margin)
    return out


def rows_of(prediction: Prediction, most: int = MOST_BARS) -> tuple[Row, ...]:
    """The bars that are shown, in the model's order so that none jumps; of many classes the likeliest.

    >>> [row.name for row in rows_of(Prediction(("hand",), (0.1, 0.9), ("face", "hand")))]
    ['face', 'hand']
    """
    likeliest = np.argsort(prediction.probabilities, kind="stable")[::-1][:most]
    return tuple(
        Row(
            prediction.classes[place],
            class_colour(place).dark,
            round(1000 * prediction.probabilities[place]),
            prediction.classes[place] in prediction.labels,
        )
        for place in sorted(likeliest.tolist())
    )


def colour_of(prediction: Prediction | None) -> Colour:
    """The colour of the answer: its first class's; white while nothing is known."""
    named = [] if prediction is None else [name for name in prediction.labels if name in prediction.classes]
    if prediction is None or not named:
        return PAPER
    return class_colour(prediction.classes.index(named[0])).dark


def _dimmed(image: Image) -> Image:
    """A copy that is darker outside the square in the middle."""
    height, width = image.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    out = image.copy()
    for strip in (out[:top], out[top + edge :], out[:, :left], out[:, left + edge :]):
        if strip.size:
            strip[:] = cv2.convertScaleAbs(strip, alpha=_OUTSIDE)
    return out


def _draw_square(image: Image, unit: float, colour: Colour) -> None:
    """A thin line around the square that is looked at, with strong corners."""
    height, width = image.shape[:2]
    thickness = max(1.0, 2 * unit)
    edge = min(height, width) - thickness - 1
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    tick = _TICK * edge
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    corners = centre + signs * edge / 2
    draw_lines(image, [np.vstack([corners, corners[:1]])], colour, thickness / 2)
    for corner, sign in zip(corners, signs, strict=True):
        ends = [corner - (sign[0] * tick, 0), corner, corner - (0, sign[1] * tick)]
        draw_lines(image, [np.stack(ends)], colour, 2 * thickness)


def _most_rows(height: int, unit: float) -> int:
    """How many bars leave the picture's upper part free."""
    room = _TALLEST * height - (_ANSWER + 2 * _PADDING) * unit
    return max(2, min(MOST_BARS, int(room / (_ROW * unit))))


def _plate_width(width: int, height: int, unit: float) -> float:
    """As wide as the strip beside the square where that is wide enough, else over the square's corner."""
    beside = (width - height) / 2 - 2 * _MARGIN * unit
    if beside >= _NARROWEST * unit:
        return min(beside, _WIDEST * unit)
    return min(0.5 * min(width, height) + _PADDING * unit, _WIDEST * unit)


@lru_cache(maxsize=64)
def _plate(answer: str, colour: Colour, rows: tuple[Row, ...], more: int, width: float, unit: float) -> Layer:
    """The answer in large letters, under it a name, a share and a bar for each row.

    Args:
        answer: in words.
        colour: of the answer.
        rows: what is shown.
        more: how many classes are not shown.
        width: in pixels.
        unit: what a pixel of a picture 360 pixels high is here.
    """
    pad = _PADDING * unit
    inner = width - 2 * pad
    lines, size = _answer_lines("not known" if answer == UNKNOWN else answer, inner, unit)
    head = 0.45 * pad + len(lines) * 1.15 * size
    height = head + pad + len(rows) * _ROW * unit + (1.5 * _SMALL * unit if more else 0)
    layer = Layer.empty(width + 1, height + 1)
    layer.box(0, 0, width, height, 10 * unit, INK, _OPACITY)
    for number, line in enumerate(lines):
        layer.text(line, pad, 0.45 * pad + (1.15 * number + 0.95) * size, size, colour, "bold")
    for number, row in enumerate(rows):
        _paint_row(layer, row, pad, head + 0.35 * pad + number * _ROW * unit, inner, unit)
    if more:
        layer.text(f"and {more} more", pad, height - 0.8 * pad, _SMALL * unit, MUTED)
    return layer


def _paint_row(layer: Layer, row: Row, left: float, top: float, width: float, unit: float) -> None:
    percent = f"{row.permille / 10:.0f} %"
    weight: Weight = "bold" if row.named else "medium"
    ink = PAPER if row.named else MUTED
    baseline = top + 0.95 * _NAME * unit
    beside = text_width(percent, _NAME * unit, weight)
    name = fitted_text(row.name, _NAME * unit, width - beside - 6 * unit, weight)
    layer.text(name, left - 1, baseline, _NAME * unit, ink, weight)
    layer.text(percent, left + width - beside - 1, baseline, _NAME * unit, ink, weight)
    height = max(3.0, _BAR * unit)
    top = baseline + 4.5 * unit
    layer.box(left, top, width, height, height / 2, TRACK)
    filled = row.permille / 1000 * width
    if filled >= 1:
        layer.box(left, top, max(filled, height), height, height / 2, row.colour, 1.0 if row.named else 0.7)


def _answer_lines(answer: str, width: float, unit: float) -> tuple[list[str], float]:
    """The answer's lines and their letters' size: one line if it fits at two thirds of the full size."""
    size = _ANSWER * unit
    lines = [answer]
    if text_width(answer, size, "bold") * 2 / 3 > width:
        lines = [part.strip() for part in answer.split(",")]
    widest = max(text_width(line, size, "bold") for line in lines)
    size *= min(1.0, max(width / widest, 0.55))
    return [fitted_text(line, size, width, "bold") for line in lines], size
