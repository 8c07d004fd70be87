"""What a camera does to a picture: exposure, colour cast, blur, noise, a small sensor, compression."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import OutputError

from .tables import Rng, between, chance

Image = NDArray[np.uint8]


def photograph(rng: Rng, image: Image) -> Image:
    """The picture as a camera would have taken it; nothing moves, so that the maps stay true."""
    image = _developed(rng, image)
    if chance(rng, 0.25):
        image = _moved(rng, image)
    if chance(rng, 0.35):
        image = cv2.GaussianBlur(image, (0, 0), between(rng, [0.4, 1.6])).astype(np.uint8)
    if chance(rng, 0.15):
        image = _small(rng, image)
    if chance(rng, 0.2):
        image = _sharpened(image, between(rng, [0.3, 1.0]))
    return _noisy(rng, image) if chance(rng, 0.75) else image


def compressed(rng: Rng, image: Image) -> bytes:
    """The bytes of a JPEG file of a quality from 40 to 95."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 96))]
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), quality)
    if not done:
        raise OutputError("OpenCV could not write a JPEG picture")
    return data.tobytes()


def _developed(rng: Rng, image: Image) -> Image:
    """Exposure, contrast, gamma and a cast, each by channel in one table; and darker corners."""
    level = np.arange(256) / 255
    gamma, contrast = np.exp(rng.normal(0, 0.18)), between(rng, [0.75, 1.25])
    gain = np.exp(rng.normal(0, 0.12)) * np.exp(rng.normal(0, 0.05, 3))
    black = between(rng, [0.0, 0.06])
    curve = ((level[:, None] * gain) ** gamma - 0.5) * contrast + 0.5
    if chance(rng, 0.04):  # black and white
        image = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2).astype(np.uint8)
    table = np.clip((black + (1 - black) * curve) * 255, 0, 255).astype(np.uint8)
    image = cv2.LUT(image, table[None]).astype(np.uint8)
    return _vignette(rng, image) if chance(rng, 0.3) else image


def _vignette(rng: Rng, image: Image) -> Image:
    height, width = image.shape[:2]
    x, y = (np.linspace(-1, 1, n, dtype=np.float32) ** 2 for n in (width, height))
    dark = 1 - np.float32(between(rng, [0.1, 0.5])) * (x[None] + y[:, None]) / 2
    return np.asarray(image * dark[..., None], np.uint8)


def _moved(rng: Rng, image: Image) -> Image:
    """Blurred along a direction, as much before as after."""
    length, angle = between(rng, [2.0, 11.0]), rng.uniform(0, np.pi)
    size = 2 * int(np.ceil(length / 2)) + 1
    kernel = np.zeros((size, size), np.float32)
    middle, step = size // 2, np.array([np.cos(angle), np.sin(angle)]) * length / 2
    ends = [tuple(round(v) for v in (middle + s * step)) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA)
    return cv2.filter2D(image, -1, kernel / kernel.sum()).astype(np.uint8)


def _small(rng: Rng, image: Image) -> Image:
    """As of a small sensor: made smaller and enlarged again."""
    height, width = image.shape[:2]
    share = between(rng, [0.35, 0.85])
    little = cv2.resize(image, (int(width * share), int(height * share)), interpolation=cv2.INTER_AREA)
    return cv2.resize(little, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def _sharpened(image: Image, amount: float) -> Image:
    soft = cv2.GaussianBlur(image, (0, 0), 1.2)
    return cv2.addWeighted(image, 1 + amount, soft, -amount, 0).astype(np.uint8)


def _noisy(rng: Rng, image: Image) -> Image:
    """Grain of a strength, the same in all colours or not; one field of noise, shifted for each."""
    height, width = image.shape[:2]
    strength, coloured = np.exp(rng.normal(1.2, 0.7)), chance(rng, 0.6)
    field = rng.standard_normal((height + 16, width + 16), dtype=np.float32) * np.float32(min(strength, 16.0))
    shifts = rng.integers(0, 16, (3, 2)) if coloured else np.zeros((3, 2), int)
    noise = np.stack([field[y : y + height, x : x + width] for y, x in shifts], axis=2)
    return np.clip(image + noise, 0, 255).astype(np.uint8)
