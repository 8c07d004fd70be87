"""What augmentation does to a picture: each operation as a function of the picture and of drawn numbers."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Picture = NDArray[np.uint8]

_GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601
_MIDDLE = 127.5
_COARSE = 12  # pixels a side that a background photo is brought down to, and back: far out of focus
_NOISE_SCALE = 32.0


def warp(image: Picture, matrix: NDArray[np.float64]) -> Picture:
    """Move the picture's content as a 2x3 matrix says; what comes in from outside is the mirrored border."""
    height, width = image.shape[:2]
    out = cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(out, np.uint8)


def placement(
    side: tuple[int, int], turn_deg: float, scale: float, shift: tuple[float, float], flips: tuple[bool, bool]
) -> NDArray[np.float64]:
    """The 2x3 matrix for flips, then a turn and a scale around the middle, then a shift.

    Args:
        side: (height, width) in pixels.
        turn_deg: clockwise.
        scale: above 1 enlarges.
        shift: across and down, as shares of width and height.
        flips: left to right, and upside down.

    >>> placement((3, 5), 0, 1, (0, 0), (True, False)).tolist()
    [[-1.0, -0.0, 4.0], [-0.0, 1.0, 0.0]]
    """
    height, width = side
    turn = np.deg2rad(turn_deg)
    rotation = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = rotation * np.where(flips, -1.0, 1.0)
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    return np.column_stack([linear, middle - linear @ middle + np.array(shift) * (width, height)])


def identity_colours() -> NDArray[np.float64]:
    """The 3x4 matrix that leaves colours as they are; the last column is added."""
    return np.eye(3, 4)


def contrasted(colours: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Further from middle grey, or nearer to it."""
    out = colours * factor
    out[:, 3] += _MIDDLE * (1 - factor)
    return out


def brightened(colours: NDArray[np.float64], added: float) -> NDArray[np.float64]:
    """Lighter or darker by a step of 255."""
    out = colours.copy()
    out[:, 3] += added
    return out


def saturated(colours: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """More colourful, or nearer to grey of the same lightness."""
    mix = factor * np.eye(3) + (1 - factor) * np.tile(_GREY, (3, 1))
    return np.asarray(mix @ colours)


def tinted(colours: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Under warmer light (red times a factor above 1, blue by it), or colder."""
    return np.asarray(colours * np.array([factor, 1.0, 1 / factor])[:, None])


def inverted(colours: NDArray[np.float64], channels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Some channels as their negative."""
    out = np.where(channels[:, None], -colours, colours)
    out[:, 3] += np.where(channels, 255.0, 0.0)
    return out


def coloured(image: Picture, colours: NDArray[np.float64]) -> Picture:
    """All changes of colour in one go: each pixel times a 3x4 matrix, cut off at 0 and 255."""
    return np.asarray(cv2.transform(image, colours.astype(np.float32)), np.uint8)


def blurred(image: Picture, deviation: float) -> Picture:
    """Through a Gaussian filter of so many pixels."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), deviation), np.uint8)


def sharpened(image: Picture, amount: float, deviation: float) -> Picture:
    """Unsharp masking: the picture plus its difference from a blurred copy."""
    return np.asarray(cv2.addWeighted(image, 1 + amount, blurred(image, deviation), -amount, 0), np.uint8)


def noisy(image: Picture, deviation: float, rng: np.random.Generator) -> Picture:
    """With Gaussian noise of so many grey levels, each pixel and channel for itself."""
    raw = np.frombuffer(rng.bytes(image.size), np.uint8).reshape(image.shape)
    noise = cv2.LUT(raw, _quantiles())
    share = deviation / _NOISE_SCALE
    return np.asarray(cv2.addWeighted(image, 1, noise, share, -128 * share), np.uint8)


@cache
def _quantiles() -> Picture:
    """Turns evenly spread bytes into normally spread ones around 128."""
    return np.asarray((128 + _NOISE_SCALE * ndtri((np.arange(256) + 0.5) / 256)).round(), np.uint8)


def cut_out(image: Picture, share: float, rng: np.random.Generator) -> Picture:
    """With one to three squares of one grey each over it (DeVries and Taylor 2017, arXiv:1708.04552)."""
    out = image.copy()
    height, width = image.shape[:2]
    edge = max(1, round(share * min(height, width)))
    for _ in range(rng.integers(1, 4)):
        top, left = rng.integers(0, height - edge + 1), rng.integers(0, width - edge + 1)
        out[top : top + edge, left : left + edge] = rng.integers(40, 216)
    return out


def as_jpeg(image: Picture, quality: float) -> Picture:
    """As it looks after it was saved as JPEG of some quality, 0 to 100."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def on_background(image: Picture, mask: Picture, background: Picture, edge: float) -> Picture:
    """The subject on another background.

    Args:
        image: RGB (h, w, 3).
        mask: (h, w), 255 on the subject.
        background: like the picture.
        edge: how soft the seam is, in pixels.
    """
    weight = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), edge)
    return np.asarray(cv2.blendLinear(image, background, weight, 1 - weight), np.uint8)


def plain(image: Picture, rng: np.random.Generator) -> Picture:
    """A background of one colour."""
    return np.full_like(image, rng.integers(0, 256, 3, np.uint8))


def gradient(image: Picture, rng: np.random.Generator) -> Picture:
    """A background that goes from colour to colour, corner by corner."""
    return _enlarged(rng.integers(0, 256, (2, 2, 3), np.uint8), image)


def texture(image: Picture, rng: np.random.Generator) -> Picture:
    """A background of noise, from fine to very coarse grain, around one colour."""
    grain = int(rng.integers(3, 97))
    spots = rng.normal(rng.uniform(40, 215, 3), rng.uniform(15, 60), (grain, grain, 3))
    return _enlarged(np.asarray(spots.clip(0, 255), np.uint8), image)


def out_of_focus(image: Picture, other: Picture) -> Picture:
    """Another photo as a background, so blurred that what it shows cannot be recognised."""
    coarse = cv2.resize(other, (_COARSE, _COARSE), interpolation=cv2.INTER_AREA)
    return _enlarged(np.asarray(coarse, np.uint8), image)


def _enlarged(small: Picture, like: Picture) -> Picture:
    height, width = like.shape[:2]
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
