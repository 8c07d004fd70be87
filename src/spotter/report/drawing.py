"""Small pictures with soft edges, and how they are laid over a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.report.font import Weight
from spotter.report.palette import Colour
from spotter.report.text import text_mask

Image = NDArray[np.uint8]
Points = NDArray[np.floating]

_FINE = 4  # subpixels a side for the edges of shapes
_SHIFT = 4  # binary places that OpenCV reads below the pixel
_TURN = np.linspace(0, 2 * np.pi, 20, endpoint=False)
_RING = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


@dataclass(frozen=True, slots=True)
class Layer:
    """A picture with transparency, to be stamped on frames.

    Attributes:
        rgb: uint8 array (height, width, 3), already multiplied by the opacity.
        keep: uint8 array (height, width, 3), how much of what lies below stays, 255 = all.
    """

    rgb: Image
    keep: Image

    @staticmethod
    def empty(width: float, height: float) -> Layer:
        """A layer through which everything is seen."""
        shape = (max(1, round(height)), max(1, round(width)), 3)
        return Layer(np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8))

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.rgb.shape[0])

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        radius: float,
        colour: Colour,
        opacity: float = 1.0,
    ) -> None:
        """Paint a box with round corners."""
        self._paint(_box_mask(self.rgb.shape[:2], x, y, width, height, radius), 0, 0, colour, opacity)

    def polygon(self, points: Points, colour: Colour) -> None:
        """Paint a polygon, array (n, 2)."""
        mask = np.zeros((self.height * _FINE, self.width * _FINE), np.uint8)
        cv2.fillPoly(mask, [np.round(points * _FINE).astype(np.int32)], 255)
        self._paint(_shrink(mask), 0, 0, colour, 1.0)

    def text(
        self, text: str, x: float, baseline: float, size: float, colour: Colour, weight: Weight = "medium"
    ) -> None:
        """Write one line with its left end at ``x``, standing on ``baseline``."""
        mask = text_mask(text, round(size, 1), weight)
        self._paint(mask.alpha, round(x), round(baseline) - mask.baseline, colour, 1.0)

    def _paint(self, mask: Image, x: int, y: int, colour: Colour, opacity: float) -> None:
        left, top = max(0, x), max(0, y)
        right, bottom = min(self.width, x + mask.shape[1]), min(self.height, y + mask.shape[0])
        if right <= left or bottom <= top:
            return
        part = mask[top - y : bottom - y, left - x : right - x, None].astype(np.float32) * (opacity / 255)
        for target, value in ((self.rgb, np.array(colour, np.float32)), (self.keep, np.zeros(3, np.float32))):
            below = target[top:bottom, left:right]
            below[:] = np.round(below * (1 - part) + value * part)


def stamp(image: Image, layer: Layer, x: float, y: float, opacity: float = 1.0) -> None:
    """Lay a layer over a picture with its top left corner at (x, y); what lies outside is cut off."""
    x, y = round(x), round(y)
    left, top = max(0, x), max(0, y)
    right, bottom = min(image.shape[1], x + layer.width), min(image.shape[0], y + layer.height)
    if right <= left or bottom <= top or opacity <= 0:
        return
    window = (slice(top - y, bottom - y), slice(left - x, right - x))
    rgb, keep = layer.rgb[window], layer.keep[window]
    if opacity < 1:
        rgb = cv2.convertScaleAbs(rgb, alpha=opacity)  # type: ignore[assignment]
        keep = cv2.convertScaleAbs(keep, alpha=opacity, beta=255 * (1 - opacity))  # type: ignore[assignment]
    below = image[top:bottom, left:right]
    below[:] = cv2.add(cv2.multiply(below, keep, scale=1 / 255), rgb)


def draw_lines(image: Image, lines: Sequence[Points], colour: Colour, thickness: float) -> None:
    """Draw lines through points, arrays (n, 2), with soft edges and round ends."""
    if lines:
        cv2.polylines(
            image, [_fixed(line) for line in lines], False, colour, _whole(thickness), cv2.LINE_AA, _SHIFT
        )


def draw_dot(image: Image, centre: Points, radius: float, colour: Colour) -> None:
    """Draw a filled disc with a soft edge."""
    # OpenCV's own small circles have corners.
    cv2.fillConvexPoly(image, _fixed(centre + radius * _RING), colour, cv2.LINE_AA, _SHIFT)


def tint(image: Image, polygon: Points, colour: Colour, opacity: float) -> None:
    """Colour the inside of a polygon, array (n, 2), so that the picture shines through."""
    low = np.floor(polygon.min(axis=0)).astype(int).clip(0)
    high = np.ceil(polygon.max(axis=0)).astype(int) + 1
    part = image[low[1] : high[1], low[0] : high[0]]
    if part.size:
        painted = part.copy()
        cv2.fillPoly(painted, [_fixed(polygon - low)], colour, cv2.LINE_AA, _SHIFT)
        part[:] = cv2.addWeighted(part, 1 - opacity, painted, opacity, 0)


def _fixed(points: Points) -> NDArray[np.int32]:
    return np.round(np.clip(points, -20_000, 20_000) * (1 << _SHIFT)).astype(np.int32)


def _whole(thickness: float) -> int:
    return max(1, round(thickness))


def _box_mask(
    shape: tuple[int, ...], x: float, y: float, width: float, height: float, radius: float
) -> Image:
    mask = np.zeros((shape[0] * _FINE, shape[1] * _FINE), np.uint8)
    left, top = round(x * _FINE), round(y * _FINE)
    right, bottom = round((x + width) * _FINE) - 1, round((y + height) * _FINE) - 1
    r = round(min(radius, width / 2, height / 2) * _FINE)
    cv2.rectangle(mask, (left + r, top), (right - r, bottom), 255, cv2.FILLED)
    cv2.rectangle(mask, (left, top + r), (right, bottom - r), 255, cv2.FILLED)
    for cx in (left + r, right - r):
        for cy in (top + r, bottom - r):
            cv2.circle(mask, (cx, cy), r, 255, cv2.FILLED)
    return _shrink(mask)


def _shrink(mask: Image) -> Image:
    size = (mask.shape[1] // _FINE, mask.shape[0] // _FINE)
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
