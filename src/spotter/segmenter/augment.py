"""How pictures for training differ from those in the data: mirrored, turned, cut off, lit in another way."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.recognizer import augment_ops as ops
from spotter.recognizer.augment import Operation
from spotter.segmenter.placement import Placement

_INSIDE = 0.1  # of the square's side: how far from its edge the middle of what is looked at lies
_ASIDE = 0.08  # of the square's side: how far from its middle that of one looked at closely may lie
_CLOSEST = 6.0  # times the size at which the picture just fits


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What happens to a picture, how often and how strongly; lengths are in pixels of the picture as read.

    Attributes:
        mirror: left and right change places, in the names of the parts too.
        rotation: degrees, clockwise.
        quarter: turned by 90 degrees, either way: somebody lying, or a phone held across.
        scale: times the size at which the picture just fits; above 1 it is cut off.
        close: instead of that, the share of the square's side that one of the people fills.
        blur: standard deviation.
        contrast: factor around middle grey.
        brightness: added, of 255.
        gamma: exponent; above 1 darkens.
        saturation: factor.
        grey: no colour at all.
        tint: factor for red, and its inverse for blue.
        noise: standard deviation, of 255.
        jpeg: quality, 0 to 100.

    >>> Augmentation.usual().rotation.high, Augmentation.none().rotation.probability
    (20.0, 0.0)
    """

    mirror: Operation
    rotation: Operation
    quarter: Operation
    scale: Operation
    close: Operation
    blur: Operation
    contrast: Operation
    brightness: Operation
    gamma: Operation
    saturation: Operation
    grey: Operation
    tint: Operation
    noise: Operation
    jpeg: Operation

    @classmethod
    @cache
    def usual(cls, close: float = 0.0) -> Augmentation:
        """What augment.toml says, and how often one person is looked at closely."""
        rows = tomllib.loads(files(__package__).joinpath("augment.toml").read_text("utf-8"))
        rows["close"]["probability"] = close
        return cls(
            **{name: Operation(row["probability"], *row.get("range", ())) for name, row in rows.items()}
        )

    @classmethod
    def none(cls, **kept: Operation) -> Augmentation:
        """Nothing happens, but for what is given."""
        return cls(**{one.name: kept.get(one.name, Operation(0.0)) for one in fields(cls)})


def drawn_placement(
    size: tuple[int, int],
    side: int,
    boxes: NDArray[np.float32],
    rng: np.random.Generator,
    settings: Augmentation,
    people: NDArray[np.float32] | None = None,
) -> Placement:
    """Where a picture comes to lie in the square: mirrored, turned, scaled, and anywhere that it can be.

    A picture smaller than the square lies wholly in it; of a larger one a part is cut out, so that the middle
    of one of the boxes is seen.

    Args:
        size: (height, width) of the picture.
        side: of the square.
        boxes: float32 array (n, 4) of what is marked; may be empty.
        rng: what is drawn from.
        settings: how often and how strongly.
        people: float32 array (n, 4) of those that may be looked at closely.

    >>> calm = Augmentation.none()
    >>> drawn_placement((50, 100), 100, np.zeros((0, 4), np.float32), np.random.default_rng(1), calm).scale
    1.0
    """
    height, width = size
    mirrored = settings.mirror.happens(rng)
    turn = settings.rotation.drawn(rng) or 0.0
    if settings.quarter.happens(rng):
        turn += 90.0 if rng.random() < 0.5 else -90.0
    scale = (settings.scale.drawn(rng) or 1.0) * side / max(height, width)
    one = None
    if people is not None and len(people) and (share := settings.close.drawn(rng)) is not None:
        one = people[int(rng.integers(len(people)))]
        scale = min(share * side / max(one[2:] - one[:2]), _CLOSEST * side / max(height, width))
    linear = _turned(scale, turn, mirrored)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ linear.T
    low, high = corners.min(0), corners.max(0)
    free = side - (high - low)  # below 0 where the picture is larger than the square
    least, most = np.minimum(free, 0), np.maximum(free, 0)
    offset = rng.uniform(least, most)
    if one is not None:
        middle = side * rng.uniform(0.5 - _ASIDE, 0.5 + _ASIDE, 2)
        offset = middle - (linear @ ((one[:2] + one[2:]) / 2) - low)
    elif len(boxes):
        box = boxes[int(rng.integers(len(boxes)))]
        seen = linear @ ((box[:2] + box[2:]) / 2) - low
        offset = np.clip(offset, side * _INSIDE - seen, side * (1 - _INSIDE) - seen)
        offset = np.clip(offset, least, most)
    return Placement(np.column_stack([linear, offset - low]), side, mirrored)


def _turned(scale: float, degrees: float, mirrored: bool) -> NDArray[np.float64]:
    """The matrix (2, 2) that scales, turns clockwise and perhaps mirrors."""
    angle = np.deg2rad(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    linear = scale * np.array([[cosine, -sine], [sine, cosine]])
    if mirrored:
        linear[:, 0] *= -1
    return np.asarray(linear)


def recoloured(
    image: NDArray[np.uint8], rng: np.random.Generator, settings: Augmentation
) -> NDArray[np.uint8]:
    """The picture RGB (height, width, 3) in another light, by another camera, saved otherwise.

    >>> picture = np.full((8, 8, 3), 90, np.uint8)
    >>> recoloured(picture, np.random.default_rng(1), Augmentation.none()) is picture
    True
    """
    if (deviation := settings.blur.drawn(rng)) is not None:
        image = ops.blurred(image, deviation)
    colours = _drawn_colours(rng, settings)
    if colours is not None:
        image = ops.coloured(image, colours)
    if (exponent := settings.gamma.drawn(rng)) is not None:
        image = np.asarray(cv2.LUT(image, _gamma_table(exponent)), np.uint8)
    if (deviation := settings.noise.drawn(rng)) is not None:
        image = ops.noisy(image, deviation, rng)
    if (quality := settings.jpeg.drawn(rng)) is not None:
        image = ops.as_jpeg(image, quality)
    return image


def _drawn_colours(rng: np.random.Generator, settings: Augmentation) -> NDArray[np.float64] | None:
    """All linear changes of colour in one 3x4 matrix; None where there is no change."""
    colours = untouched = ops.identity_colours()
    if (factor := settings.contrast.drawn(rng)) is not None:
        colours = ops.contrasted(colours, factor)
    if (added := settings.brightness.drawn(rng)) is not None:
        colours = ops.brightened(colours, added)
    if (factor := settings.tint.drawn(rng)) is not None:
        colours = ops.tinted(colours, factor)
    if (factor := settings.saturation.drawn(rng)) is not None:
        colours = ops.saturated(colours, factor)
    if settings.grey.happens(rng):
        colours = ops.saturated(colours, 0.0)
    return None if colours is untouched else colours


def _gamma_table(exponent: float) -> NDArray[np.uint8]:
    return np.asarray((255 * np.linspace(0, 1, 256) ** exponent).round(), np.uint8)
