"""Pictures of charts: boxes, words, dots, lines and axes in the colours of a light page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.report.axes import Axes, Tick
from spotter.report.drawing import Image, Layer, draw_dot, draw_lines, stamp, tint
from spotter.report.font import Weight
from spotter.report.palette import PAPER, Colour
from spotter.report.progress.told import Tone
from spotter.report.text import fitted_text, text_width

Floats = NDArray[np.float64]

GROUND: Colour = (244, 246, 245)
LINE: Colour = (219, 226, 225)
INK: Colour = (19, 33, 31)
MUTED: Colour = (85, 101, 106)
GOOD: Colour = (0, 117, 106)
BAD: Colour = (179, 38, 30)
AIM: Colour = (222, 149, 0)
HUES: tuple[Colour, ...] = ((0, 117, 106), (199, 88, 12), (106, 63, 181))
FAULT: Colour = (214, 59, 43)
TONES: dict[Tone, Colour] = {"good": GOOD, "bad": BAD, "plain": MUTED, "unsure": MUTED}

_CORNER = 20
_SMALL = 19.0
_DASH, _PAUSE = 12, 9


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right end."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower end."""
        return self.top + self.height


class Canvas:
    """A picture to draw charts on.

    Args:
        width, height: in pixels.

    Attributes:
        image: RGB uint8 array (height, width, 3).
    """

    def __init__(self, width: int, height: int) -> None:
        self.image: Image = np.full((height, width, 3), GROUND, np.uint8)

    def card(self, box: Box) -> None:
        """A white box with round corners and a thin edge."""
        layer = Layer.empty(box.width, box.height)
        layer.box(0, 0, box.width, box.height, _CORNER, LINE)
        layer.box(1.5, 1.5, box.width - 3, box.height - 3, _CORNER - 1.5, PAPER)
        stamp(self.image, layer, box.left, box.top)

    def box(self, box: Box, colour: Colour, radius: float = 5.0) -> None:
        """A filled box with round corners."""
        layer = Layer.empty(box.width, box.height)
        layer.box(0, 0, layer.width, layer.height, radius, colour)
        stamp(self.image, layer, box.left, box.top)

    def text(
        self, words: str, x: float, baseline: float, size: float, colour: Colour = INK,
        weight: Weight = "medium", *, align: float = 0.0, width: float | None = None,
    ) -> float:  # fmt: skip
        """Write a line; cut off where it is wider than ``width``.

        Args:
            words: the line.
            x, baseline: where.
            size: in pixels.
            colour, weight: of the letters.
            align: 0 where x is its left end, 0.5 its middle, 1 its right end.
            width: in pixels; None for any.

        Returns:
            How wide it is, in pixels.
        """
        if width is not None:
            words = fitted_text(words, size, width, weight)
        wide = text_width(words, size, weight)
        layer = Layer.empty(wide + 4, 1.5 * size)
        layer.text(words, 1, 1.1 * size, size, colour, weight)
        stamp(self.image, layer, x - align * wide - 1, baseline - round(1.1 * size))
        return wide

    def dots(self, area: Box, axes: Axes, x: Floats, y: Floats, colour: Colour, radius: float) -> None:
        """Dots of what is known."""
        for point in self._points(area, axes, x, y):
            draw_dot(self.image, point, radius, colour)

    def line(self, area: Box, axes: Axes, x: Floats, y: Floats, colour: Colour, thickness: float) -> None:
        """A line through points, none of which is NaN."""
        draw_lines(self.image, [self._points(area, axes, x, y)], colour, thickness)

    def band(
        self, area: Box, axes: Axes, x: Floats, low: Floats, high: Floats, colour: Colour, opacity: float
    ) -> None:
        """The area between two lines."""
        around = np.concatenate([self._points(area, axes, x, high), self._points(area, axes, x, low)[::-1]])
        tint(self.image, around, colour, opacity)

    def level(self, area: Box, axes: Axes, value: float, colour: Colour) -> float:
        """A dashed line across, at a value; returns its height in the picture."""
        y = area.top + axes.top(value) / 100 * area.height
        starts = np.arange(area.left, area.right, _DASH + _PAUSE)
        dashes = [np.array([[x, y], [min(x + _DASH, area.right), y]]) for x in starts]
        draw_lines(self.image, dashes, colour, 2.6)
        return y

    def frame(self, area: Box, values: Sequence[Tick], below: Sequence[Tick]) -> None:
        """Grid lines, with what is written at their left and below the area."""
        for tick in values:
            y = area.top + tick.place / 100 * area.height
            draw_lines(self.image, [np.array([[area.left, y], [area.right, y]])], LINE, 1.0)
            self.text(tick.label, area.left - 12, y + 0.34 * _SMALL, _SMALL, MUTED, align=1.0)
        for tick in below:
            x = area.left + tick.place / 100 * area.width
            self.text(tick.label, x, area.bottom + 30, _SMALL, MUTED, align=0.5)

    @staticmethod
    def _points(area: Box, axes: Axes, x: Floats, y: Floats) -> Floats:
        known = np.isfinite(y)
        across = (x[known] - axes.start_s) / (axes.end_s - axes.start_s)
        up = ((y[known] - axes.low) / (axes.high - axes.low)).clip(-0.02, 1.02)
        return np.stack([area.left + across * area.width, area.bottom - up * area.height], axis=1)


def mixed(colour: Colour, share: float, other: Colour = PAPER) -> Colour:
    """A colour thinned with another one.

    >>> mixed((0, 0, 0), 0.5)
    (128, 128, 128)
    """
    red, green, blue = (
        round(share * one + (1 - share) * two) for one, two in zip(colour, other, strict=True)
    )
    return red, green, blue
