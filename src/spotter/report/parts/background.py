"""Puts people before another background, with soft edges: blurred, of one colour, a picture, or none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PartMap
from spotter.errors import UsageError
from spotter.media.pictures import read_picture
from spotter.report.drawing import Image
from spotter.report.palette import Colour

SCREEN: Final[Colour] = (0, 177, 64)
"""What stands in a video, which cannot be transparent, where the background is removed: chroma key green."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_BLUR = 1 / 40  # standard deviation, of the picture's shorter side
_SMALL = 180  # pixels of the shorter side in which the background is blurred
_SOFT = 1 / 300  # standard deviation of the edge, of the picture's shorter side
_INWARD = np.clip(np.interp(np.arange(256) / 255, (0.4, 0.98), (0, 255)), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Background:
    """What stands behind people.

    Attributes:
        kind: ``"remove"`` (transparent, or `SCREEN`), ``"blur"``, ``"colour"`` or ``"picture"``.
        colour: RGB, where the kind is a colour or the background is removed.
        picture: RGB picture, where the kind is that; it fills the frame and what is too much is cut off.
    """

    kind: Literal["remove", "blur", "colour", "picture"]
    colour: Colour = SCREEN
    picture: Image | None = None

    @staticmethod
    def parse(text: str) -> Background:
        """What a user asked for: ``blur``, ``remove``, a colour such as ``#20a0ff``, or a picture's path.

        Raises:
            UsageError: if it is none of these.
            SpotterError: if the picture cannot be read.

        >>> Background.parse("#20a0ff").colour
        (32, 160, 255)
        """
        if text == "blur":
            return Background("blur")
        if text == "remove":
            return Background("remove")
        if _COLOUR.fullmatch(text):
            red, green, blue = bytes.fromhex(text[1:])
            return Background("colour", (red, green, blue))
        if text.startswith("#") or not Path(text).exists():
            raise UsageError(
                f"--background is {text!r}; give blur, remove, a colour such as '#20a0ff' (with the quotes), "
                "or a picture that is there"
            )
        return Background("picture", picture=read_picture(text))


def person_alpha(part_map: PartMap) -> NDArray[np.uint8]:
    """How much of each pixel belongs to people: 255 inside, 0 outside, between them at their soft edges.

    The soft edge lies a little inside the mask's, so that no rim of the old background comes along.

    >>> person_alpha(PartMap.empty(8, 8)).max()
    np.uint8(0)
    """
    mask = (part_map.people > 0).view(np.uint8) * np.uint8(255)
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.8, _SOFT * min(mask.shape)))
    return np.asarray(cv2.LUT(soft, _INWARD), np.uint8)


def with_background(image: Image, part_map: PartMap, background: Background) -> Image:
    """A picture of the people before another background.

    Args:
        image: RGB picture (height, width, 3).
        part_map: of the same size.
        background: what stands behind them; where it is removed, its colour.

    >>> picture, nobody = np.zeros((4, 6, 3), np.uint8), PartMap.empty(4, 6)
    >>> with_background(picture, nobody, Background.parse("#ff0000"))[0, 0].tolist()
    [255, 0, 0]
    """
    alpha = person_alpha(part_map)
    return _blend(image, _behind(image, alpha, background), alpha)


def cut_out(image: Image, part_map: PartMap) -> NDArray[np.uint8]:
    """The people alone, RGBA (height, width, 4), transparent where nobody is."""
    return np.dstack([image, person_alpha(part_map)])


def _behind(image: Image, alpha: NDArray[np.uint8], background: Background) -> Image:
    height, width = image.shape[:2]
    if background.kind == "blur":
        return _blurred(image, alpha)
    if background.picture is not None:
        return _filling(background.picture, height, width)
    return np.full_like(image, background.colour)


def _blurred(image: Image, alpha: NDArray[np.uint8]) -> Image:
    """The background out of focus; the people are left out of it, else they would shine into it."""
    height, width = alpha.shape
    size = _small_size(height, width)
    weight = cv2.resize(255 - alpha, size, interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    weight = weight**2 + 1e-3
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    spread = _BLUR * min(size)
    total = cv2.GaussianBlur(small * weight, (0, 0), spread)
    blurred = total / cv2.GaussianBlur(weight, (0, 0), spread)[..., None]
    whole = cv2.resize(np.clip(blurred, 0, 255), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole, np.uint8)


def _filling(picture: Image, height: int, width: int) -> Image:
    """A picture scaled so that it fills a frame, its middle kept."""
    scale = max(height / picture.shape[0], width / picture.shape[1])
    size = max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale))
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return np.asarray(scaled[top : top + height, left : left + width], np.uint8)


def _blend(above: Image, below: Image, alpha: NDArray[np.uint8]) -> Image:
    share = np.asarray(cv2.merge([alpha, alpha, alpha]), np.uint8)
    front = cv2.multiply(above, share, scale=1 / 255)
    return np.asarray(cv2.add(front, cv2.multiply(below, ~share, scale=1 / 255)), np.uint8)


def _small_size(height: int, width: int) -> tuple[int, int]:
    scale = min(1.0, _SMALL / min(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))
