"""Makes photos worse in ways that happen to cameras, to see what a recognizer can bear."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Trial:
    """One way of making photos worse, at one strength; the rows of robustness.toml.

    Attributes:
        name: such as ``"dark"``.
        change: what is done, such as ``"brightness"``.
        strength: how much; what it means depends on the change.
        words: the strength in words.
    """

    name: str
    change: str
    strength: float
    words: str

    def apply(self, image: Image, seed: int = 0) -> Image:
        """The picture made worse.

        Args:
            image: RGB of shape (side, side, 3).
            seed: of the noise; the same seed gives the same picture.

        >>> dark = next(trial for trial in trials() if trial.name == "dark")
        >>> int(dark.apply(np.full((8, 8, 3), 200, np.uint8)).max())
        100
        """
        return _CHANGES[self.change](image, self.strength, seed)


@dataclass(frozen=True, slots=True)
class TrialResult:
    """How a recognizer did on photos that were made worse.

    Attributes:
        trial: what was done to them; None for the photos as they are.
        n: photos.
        right: of them answered rightly.
        unknown: of them answered with "unknown", where that is not right.
    """

    trial: Trial | None
    n: int
    right: int
    unknown: int

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0 to 1."""
        return self.right / self.n


@cache
def trials() -> tuple[Trial, ...]:
    """All trials, weak before strong."""
    table = tomllib.loads(files("spotter.recognizer").joinpath("robustness.toml").read_text("utf-8"))
    return tuple(
        Trial(
            row["name"],
            row["change"],
            float(strength),
            row["says"].format(strength=strength, percent=100 * strength),
        )
        for row in table["trial"]
        for strength in row["strengths"]
    )


def _blur(image: Image, strength: float, _: int) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), strength * image.shape[0]), np.uint8)


def _brightness(image: Image, strength: float, _: int) -> Image:
    return np.asarray(cv2.convertScaleAbs(image, alpha=strength), np.uint8)


def _rotation(image: Image, strength: float, _: int) -> Image:
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), strength, 1.0)
    # Mirrored at the edges: black corners would be a second change beside the rotation.
    turned = cv2.warpAffine(
        image, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(turned, np.uint8)


def _shrinking(image: Image, strength: float, _: int) -> Image:
    height, width = image.shape[:2]
    size = max(1, round(width * strength)), max(1, round(height * strength))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _noise(image: Image, strength: float, seed: int) -> Image:
    noise = np.random.default_rng(seed).normal(0, 255 * strength, image.shape)
    return (image + noise).round().clip(0, 255).astype(np.uint8)


def _jpeg(image: Image, strength: float, _: int) -> Image:
    # JPEG keeps less of colour than of brightness: OpenCV must know which channel is which.
    _, data = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(strength)])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)


_CHANGES: dict[str, Callable[[Image, float, int], Image]] = {
    "blur": _blur,
    "brightness": _brightness,
    "rotation": _rotation,
    "shrinking": _shrinking,
    "noise": _noise,
    "jpeg": _jpeg,
}
