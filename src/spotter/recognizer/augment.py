"""Copies of a photo that differ as photos of one thing do: turned, lit, blurred, cut off in another way."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from functools import cache, partial
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.errors import UsageError
from spotter.media.pictures import THREADS
from spotter.recognizer import augment_ops as ops

_SIDE = 224  # that lengths in pixels hold for
_SUBJECT = (0.03, 0.97)  # a mask that covers less or more of the picture says nothing of the background

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Operation:
    """How often an operation happens to a copy, and how strongly.

    Attributes:
        probability: 0 to 1.
        low, high: its strength is drawn evenly between them; what it means stands in augment.toml.

    >>> Operation(0.5, -20, 20).drawn(np.random.default_rng(3)) is None
    False
    """

    probability: float
    low: float = 0.0
    high: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1 or self.low > self.high:
            raise UsageError(
                f"an operation has the probability {self.probability:g} and the range {self.low:g} to "
                f"{self.high:g}; a probability lies between 0 and 1, and a range goes up"
            )

    def drawn(self, rng: np.random.Generator) -> float | None:
        """Its strength this time; None if it does not happen."""
        return rng.uniform(self.low, self.high) if rng.random() < self.probability else None

    def happens(self, rng: np.random.Generator) -> bool:
        """Whether it happens this time, for operations that know no strength."""
        return self.drawn(rng) is not None


@cache
def _default(name: str) -> Operation:
    row = _defaults()[name]
    low, high = row.get("range", (0.0, 0.0))
    return Operation(row["probability"], low, high)


@cache
def _defaults() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("spotter.recognizer").joinpath("augment.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class AugmentSettings:
    """How copies differ from their photo; the defaults are augment.toml's.

    >>> AugmentSettings().rotation.high
    20.0
    >>> AugmentSettings.only("noise").rotation.probability
    0.0
    """

    flip_horizontal: Operation = field(default_factory=partial(_default, "flip_horizontal"))
    flip_vertical: Operation = field(default_factory=partial(_default, "flip_vertical"))
    rotation: Operation = field(default_factory=partial(_default, "rotation"))
    scale: Operation = field(default_factory=partial(_default, "scale"))
    shift: Operation = field(default_factory=partial(_default, "shift"))
    background: Operation = field(default_factory=partial(_default, "background"))
    blur: Operation = field(default_factory=partial(_default, "blur"))
    sharpening: Operation = field(default_factory=partial(_default, "sharpening"))
    contrast: Operation = field(default_factory=partial(_default, "contrast"))
    brightness: Operation = field(default_factory=partial(_default, "brightness"))
    saturation: Operation = field(default_factory=partial(_default, "saturation"))
    tint: Operation = field(default_factory=partial(_default, "tint"))
    inversion: Operation = field(default_factory=partial(_default, "inversion"))
    cutout: Operation = field(default_factory=partial(_default, "cutout"))
    noise: Operation = field(default_factory=partial(_default, "noise"))
    jpeg: Operation = field(default_factory=partial(_default, "jpeg"))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The operations, in the order in which they happen."""
        return tuple(one.name for one in fields(cls))

    @classmethod
    def only(cls, name: str, strength: float | None = None) -> AugmentSettings:
        """One operation that always happens, in its default range or as strongly as said, and no other."""
        never = {other: Operation(0.0) for other in cls.names()}
        kept = _default(name)
        low, high = (kept.low, kept.high) if strength is None else (strength, strength)
        return cls(**never | {name: Operation(1.0, low, high)})


class Augmenter:
    """Makes copies of photos: the same seed, photo and copy give the same picture, in any order or thread.

    Args:
        settings: what happens to copies, how often and how strongly.
        seed: any whole number from 0.

    >>> photo = np.full((32, 32, 3), 90, np.uint8)
    >>> augmenter = Augmenter(seed=1)
    >>> bool((augmenter.augment(photo, 0, 0) == photo).all())
    True
    >>> augmenter.expand(photo[None], times=10).shape
    (10, 32, 32, 3)
    """

    def __init__(self, settings: AugmentSettings | None = None, seed: int = 0) -> None:
        self.settings = settings if settings is not None else AugmentSettings()
        self.seed = seed

    def augment(
        self,
        image: Picture,
        index: int,
        copy: int,
        mask: Picture | None = None,
        others: Sequence[Picture] | Picture = (),
    ) -> Picture:
        """One copy of a photo.

        Args:
            image: RGB (h, w, 3).
            index: the photo's number in its set.
            copy: the copy's number; 0 is the photo itself.
            mask: (h, w), above 127 where the subject is: then the background may be replaced.
            others: photos of the set, that may become a background far out of focus.

        Returns:
            RGB of the same shape.
        """
        if copy == 0:
            return image
        rng = np.random.default_rng((self.seed, index, copy))
        image = self._on_background(image, mask, others, rng)
        image = self._placed(image, rng)
        image = self._focused(image, rng)
        image = self._coloured(image, rng)
        return self._recorded(image, rng)

    def expand(self, squares: Picture, times: int, masks: Sequence[Picture | None] | None = None) -> Picture:
        """All copies of many photos, photo by photo, made in threads.

        Args:
            squares: RGB (n, side, side, 3).
            times: how many pictures are made of each photo, itself included; 1 or more.
            masks: of each photo, (side, side), or None where there is none.

        Returns:
            RGB (n * times, side, side, 3).
        """
        if times < 1:
            raise UsageError(f"{times} pictures of each photo were asked for; give 1 or more")
        out = np.empty((len(squares) * times, *squares.shape[1:]), np.uint8)

        def fill(index: int) -> None:
            mask = masks[index] if masks is not None else None
            for copy in range(times):
                out[index * times + copy] = self.augment(squares[index], index, copy, mask, squares)

        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(fill, range(len(squares))))
        return out

    def _on_background(
        self,
        image: Picture,
        mask: Picture | None,
        others: Sequence[Picture] | Picture,
        rng: np.random.Generator,
    ) -> Picture:
        edge = self.settings.background.drawn(rng)
        if edge is None or mask is None or not _SUBJECT[0] < (mask > 127).mean() < _SUBJECT[1]:
            return image
        kind = rng.integers(4 if len(others) else 3)
        if kind == 3:
            background = ops.out_of_focus(image, np.asarray(others[int(rng.integers(len(others)))]))
        else:
            background = (ops.plain, ops.gradient, ops.texture)[kind](image, rng)
        return ops.on_background(image, mask, background, edge * _pixels(image))

    def _placed(self, image: Picture, rng: np.random.Generator) -> Picture:
        """Flips, turn, scale and shift in one warp."""
        settings = self.settings
        flips = settings.flip_horizontal.happens(rng), settings.flip_vertical.happens(rng)
        turn, scale = settings.rotation.drawn(rng), settings.scale.drawn(rng)
        across = settings.shift.drawn(rng)
        down = 0.0 if across is None else rng.uniform(settings.shift.low, settings.shift.high)
        if not any(flips) and turn is None and scale is None and across is None:
            return image
        side = image.shape[0], image.shape[1]
        return ops.warp(image, ops.placement(side, turn or 0.0, scale or 1.0, (across or 0.0, down), flips))

    def _focused(self, image: Picture, rng: np.random.Generator) -> Picture:
        pixel = _pixels(image)
        if (deviation := self.settings.blur.drawn(rng)) is not None:
            image = ops.blurred(image, deviation * pixel)
        if (amount := self.settings.sharpening.drawn(rng)) is not None:
            image = ops.sharpened(image, amount, pixel)
        return image

    def _coloured(self, image: Picture, rng: np.random.Generator) -> Picture:
        settings, colours = self.settings, ops.identity_colours()
        untouched = colours
        if (factor := settings.contrast.drawn(rng)) is not None:
            colours = ops.contrasted(colours, factor)
        if (added := settings.brightness.drawn(rng)) is not None:
            colours = ops.brightened(colours, added)
        if (factor := settings.saturation.drawn(rng)) is not None:
            colours = ops.saturated(colours, factor)
        if (factor := settings.tint.drawn(rng)) is not None:
            colours = ops.tinted(colours, factor)
        if settings.inversion.happens(rng):
            colours = ops.inverted(colours, rng.random(3) < 0.5)
        return image if colours is untouched else ops.coloured(image, colours)

    def _recorded(self, image: Picture, rng: np.random.Generator) -> Picture:
        """Things in the way, the sensor's noise, and how it was saved."""
        settings = self.settings
        if (share := settings.cutout.drawn(rng)) is not None:
            image = ops.cut_out(image, share, rng)
        if (deviation := settings.noise.drawn(rng)) is not None:
            image = ops.noisy(image, deviation, rng)
        if (quality := settings.jpeg.drawn(rng)) is not None:
            image = ops.as_jpeg(image, quality)
        return image


def _pixels(image: Picture) -> float:
    """How many of its pixels are one of a 224 x 224 picture."""
    return float(min(image.shape[:2]) / _SIDE)
