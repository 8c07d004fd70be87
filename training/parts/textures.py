"""Textures made by code, for cloth, walls, floors and flat backgrounds: RGB uint8 (size, size, 3)."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from .tables import Colour, Rng, any_colour, between, chance

Image = NDArray[np.uint8]
Field = NDArray[np.float32]


def texture(rng: Rng, kind: str, size: int) -> Image:
    """A texture of one of KINDS."""
    return KINDS[kind](rng, size)


def clouds_field(rng: Rng, size: int, coarse: int = 4, octaves: int = 4) -> Field:
    """Soft noise from 0 to 1 (size, size): octaves of random grids, each finer and weaker (value noise)."""
    field = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        cells = min(coarse * 2**octave, size)
        grid = rng.random((cells, cells), dtype=np.float32)
        field += cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC) * 0.55**octave
    low, high = float(field.min()), float(field.max())
    return np.asarray((field - low) / (high - low + 1e-6), np.float32)


def mixed(field: NDArray[np.floating], first: Colour, second: Colour) -> Image:
    """Colours from `first` where the field is 0 to `second` where it is 1."""
    steps = np.linspace(0.0, 1.0, 256)[:, None]
    ramp = ((1 - steps) * np.array(first) + steps * np.array(second)) * 255
    level = np.clip(field * 255, 0, 255).astype(np.uint8)
    return np.asarray(ramp.astype(np.uint8)[level])


def _pair(rng: Rng) -> tuple[Colour, Colour]:
    """Two colours; often the second is a shade of the first."""
    first = any_colour(rng)
    if chance(rng, 0.5):
        return first, any_colour(rng)
    red, green, blue = np.clip(np.array(first) * rng.uniform(0.5, 1.5) + rng.normal(0, 0.03, 3), 0, 1)
    return first, (float(red), float(green), float(blue))


def _grid(size: int) -> tuple[Field, Field]:
    x, y = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    return np.asarray(x / size, np.float32), np.asarray(y / size, np.float32)


def _turned(rng: Rng, size: int) -> Field:
    """How far along a random direction each pixel lies."""
    x, y = _grid(size)
    angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
    return np.asarray(np.cos(angle) * x + np.sin(angle) * y, np.float32)


def plain(rng: Rng, size: int) -> Image:
    """One colour with hardly any grain."""
    return mixed(np.full((size, size), 0.0), any_colour(rng), (0.0, 0.0, 0.0))


def gradient(rng: Rng, size: int) -> Image:
    return mixed(_turned(rng, size), *_pair(rng))


def clouds(rng: Rng, size: int) -> Image:
    return mixed(clouds_field(rng, size, int(rng.integers(2, 12))), *_pair(rng))


def grain(rng: Rng, size: int) -> Image:
    """Fine noise, as of carpet or rough plaster."""
    return mixed(clouds_field(rng, size, int(rng.integers(40, 120)), 2), *_pair(rng))


def stripes(rng: Rng, size: int) -> Image:
    wave = _turned(rng, size) * rng.integers(3, 24) % 1.0
    width = rng.uniform(0.15, 0.85)
    return mixed((wave > width).astype(np.float32), *_pair(rng))


def checks(rng: Rng, size: int) -> Image:
    x, y = _grid(size)
    count = int(rng.integers(3, 20))
    cells = ((x * count % 1.0 > 0.5).astype(np.float32) + (y * count % 1.0 > 0.5)) / 2
    return mixed(cells if chance(rng, 0.5) else cells % 1.0 * 2, *_pair(rng))


def dots(rng: Rng, size: int) -> Image:
    x, y = _grid(size)
    count, radius = int(rng.integers(3, 18)), rng.uniform(0.15, 0.42)
    away = np.hypot(x * count % 1.0 - 0.5, y * count % 1.0 - 0.5)
    return mixed((away < radius).astype(np.float32), *_pair(rng))


def planks(rng: Rng, size: int) -> Image:
    """Boards with grain along them."""
    rows, first = int(rng.integers(3, 10)), any_colour(rng, 0.6)
    y = np.arange(size) * rows // size
    shade = rng.uniform(0.75, 1.1, rows)[y][:, None]
    field = clouds_field(rng, size, 4, 2)
    fibre = cv2.resize(field[:, : size // 16], (size, size), interpolation=cv2.INTER_LINEAR)
    gap = (np.arange(size) * rows % size < rows * 1.5)[:, None]
    image = np.array(first) * (shade * (0.85 + 0.3 * fibre) * (1 - 0.5 * gap))[..., None]
    image = np.clip(image * 255, 0, 255).astype(np.uint8)
    return image if chance(rng, 0.5) else np.ascontiguousarray(image.transpose(1, 0, 2))


def _courses(rng: Rng, size: int, across: int, down: int, shifted: float) -> Image:
    """Stones in rows, every second row shifted, with joints between them."""
    x, y = _grid(size)
    row = np.floor(y * down)
    u = x * across + shifted * (row % 2)
    joint = (u % 1.0 < 0.04) | (y * down % 1.0 < 0.04 * down / across)
    number = (row * 131 + np.floor(u) * 17).astype(np.int64) % 64
    stone, mortar = _pair(rng)
    shade = rng.uniform(0.8, 1.15, 64)[number] * (0.9 + 0.2 * clouds_field(rng, size, 16, 3))
    image = np.where(joint[..., None], np.array(mortar), np.array(stone) * shade[..., None])
    return np.asarray(np.clip(image * 255, 0, 255), np.uint8)


def tiles(rng: Rng, size: int) -> Image:
    count = int(rng.integers(2, 12))
    return _courses(rng, size, count, count, 0.0)


def bricks(rng: Rng, size: int) -> Image:
    count = int(rng.integers(3, 9))
    return _courses(rng, size, count, 2 * count, 0.5)


def blobs(rng: Rng, size: int) -> Image:
    """Large round shapes in a few colours."""
    field = clouds_field(rng, size, int(rng.integers(3, 10)), 2)
    palette = np.array([any_colour(rng) for _ in range(int(rng.integers(2, 5)))])
    steps = np.clip((field * len(palette)).astype(int), 0, len(palette) - 1)
    return np.asarray(palette[steps] * 255, np.uint8)


def _byte(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (int(c * 255) for c in colour)
    return red, green, blue


def polygons(rng: Rng, size: int) -> Image:
    """Random triangles and quadrangles on one another."""
    image = gradient(rng, size)
    for _ in range(int(rng.integers(5, 40))):
        middle, reach = rng.uniform(0, size, 2), size * rng.uniform(0.05, 0.4)
        corners = (middle + rng.uniform(-reach, reach, (int(rng.integers(3, 5)), 2))).astype(np.int32)
        cv2.fillPoly(image, [corners], _byte(any_colour(rng)), cv2.LINE_AA)
    return image


def strokes(rng: Rng, size: int) -> Image:
    """Thick and thin lines, some of them bent like limbs."""
    image = clouds(rng, size)
    for _ in range(int(rng.integers(6, 40))):
        points = np.cumsum(rng.normal(0, size * 0.12, (int(rng.integers(2, 6)), 2)), axis=0)
        points = (points + rng.uniform(0, size, 2)).astype(np.int32)
        wide = int(rng.integers(1, max(size // 16, 2)))
        cv2.polylines(image, [points], False, _byte(any_colour(rng)), wide, cv2.LINE_AA)
    return image


def scene(rng: Rng, size: int) -> Image:
    """A room or a landscape out of focus: horizon, upright and lying blocks, round things, blurred."""
    image = np.empty((size, size, 3), np.uint8)
    horizon = int(size * rng.uniform(0.3, 0.8))
    image[:horizon], image[horizon:] = _byte(any_colour(rng, 0.6)), _byte(any_colour(rng, 0.6))
    for _ in range(int(rng.integers(4, 26))):
        x, y = rng.uniform(-0.1, 1.0) * size, rng.uniform(-0.1, 1.0) * size
        wide, high = size * rng.uniform(0.02, 0.35), size * rng.uniform(0.02, 0.5)
        colour = _byte(any_colour(rng, 0.8))
        if chance(rng, 0.7):
            cv2.rectangle(image, (int(x), int(y)), (int(x + wide), int(y + high)), colour, -1)
        else:
            axes = (int(wide / 2) + 1, int(high / 2) + 1)
            cv2.ellipse(image, (int(x), int(y)), axes, rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
    light = clouds_field(rng, size, 3, 2)[..., None] * 0.6 + 0.6
    image = np.clip(image * light, 0, 255).astype(np.uint8)
    blur = float(rng.choice([0.0, 1.0, 3.0, 8.0])) * size / 256
    return cv2.GaussianBlur(image, (0, 0), blur).astype(np.uint8) if blur else image


def street(rng: Rng, size: int) -> Image:
    """Fronts of houses with rows of windows over a road with round shapes on it, out of focus."""
    image = np.empty((size, size, 3), np.uint8)
    kerb = int(size * rng.uniform(0.45, 0.8))
    image[kerb:] = _byte(any_colour(rng, 0.25))
    left = 0
    while left < size:
        right = left + int(size * rng.uniform(0.15, 0.6))
        image[:kerb, left:right] = _byte(any_colour(rng, 0.5))
        step, pane = int(size * rng.uniform(0.05, 0.15)), _byte(any_colour(rng, 0.3))
        for x in range(left + step // 3, right - step // 2, step):
            for y in range(step // 3, kerb - step, int(step * 1.4)):
                cv2.rectangle(image, (x, y), (x + step // 2, y + int(step * 0.9)), pane, -1)
        left = right
    for _ in range(int(rng.integers(0, 7))):  # cars, bins, bushes
        at = (int(rng.uniform(0, size)), int(kerb + size * rng.uniform(-0.06, 0.08)))
        axes = (int(size * rng.uniform(0.03, 0.2)), int(size * rng.uniform(0.02, 0.09)))
        cv2.ellipse(image, at, axes, 0, 0, 360, _byte(any_colour(rng)), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(image, (0, 0), between(rng, [0.5, 6.0]) * size / 256).astype(np.uint8)


def printed(rng: Rng, size: int) -> Image:
    """A few shapes and letters on plain cloth."""
    image = plain(rng, size)
    for _ in range(int(rng.integers(1, 5))):
        at = (int(rng.uniform(0.1, 0.7) * size), int(rng.uniform(0.2, 0.9) * size))
        colour = _byte(any_colour(rng))
        if chance(rng, 0.5):
            word = "".join(rng.choice(list("ABCDEFGHKLMNOPRSTUVXYZ0123456789"), int(rng.integers(1, 6))))
            font, scale = cv2.FONT_HERSHEY_SIMPLEX, size / 256 * rng.uniform(0.8, 3.0)
            cv2.putText(image, word, at, font, scale, colour, max(int(scale * 3), 1), cv2.LINE_AA)
        else:
            cv2.circle(image, at, int(size * rng.uniform(0.04, 0.25)), colour, -1, cv2.LINE_AA)
    return image


def rings(rng: Rng, size: int) -> Image:
    x, y = _grid(size)
    middle = rng.uniform(0, 1, 2)
    wave = np.hypot(x - middle[0], y - middle[1]) * rng.integers(4, 20) % 1.0
    return mixed((wave > rng.uniform(0.2, 0.8)).astype(np.float32), *_pair(rng))


def mosaic(rng: Rng, size: int) -> Image:
    """Small squares, each of its own colour."""
    cells = int(rng.integers(6, 40))
    palette = np.array([any_colour(rng) for _ in range(int(rng.integers(3, 9)))]) * 255
    picked = palette[rng.integers(0, len(palette), (cells, cells))].astype(np.uint8)
    return cv2.resize(picked, (size, size), interpolation=cv2.INTER_NEAREST).astype(np.uint8)


def marble(rng: Rng, size: int) -> Image:
    """Veins that clouds have bent."""
    bent = _turned(rng, size) * rng.uniform(2, 6) + clouds_field(rng, size, 4, 4) * rng.uniform(0.6, 2.0)
    return mixed(np.abs(np.sin(np.pi * bent)) ** 0.4, *_pair(rng))


def parquet(rng: Rng, size: int) -> Image:
    """Squares of boards that lie across and along by turns."""
    x, y = _grid(size)
    count, boards, first = int(rng.integers(3, 9)), int(rng.integers(3, 6)), any_colour(rng, 0.6)
    u, v = x * count, y * count
    along = np.where((np.floor(u) + np.floor(v)) % 2 > 0, u % 1.0, v % 1.0) * boards
    shade = rng.uniform(0.75, 1.1, 64)[
        (np.floor(u) * 7 + np.floor(v) * 13 + np.floor(along) * 29).astype(int) % 64
    ]
    joint = (along % 1.0 < 0.06) | (u % 1.0 < 0.02) | (v % 1.0 < 0.02)
    image = np.array(first) * (shade * (1 - 0.5 * joint))[..., None]
    return np.asarray(np.clip(image * 255, 0, 255), np.uint8)


def shore(rng: Rng, size: int) -> Image:
    """Sky, water and sand in layers with wavy edges, blurred."""
    field = clouds_field(rng, size, 4, 3)
    level = _grid(size)[1] + 0.08 * (field - 0.5)
    edges = np.sort(rng.uniform(0.2, 0.8, 2))
    layers = np.array([any_colour(rng, 0.7) for _ in range(3)])[np.searchsorted(edges, level)]
    image = np.asarray(np.clip(layers * (0.85 + 0.3 * field[..., None]) * 255, 0, 255), np.uint8)
    return cv2.GaussianBlur(image, (0, 0), between(rng, [0.5, 4.0]) * size / 256).astype(np.uint8)


def grass(rng: Rng, size: int) -> Image:
    """Many short blades."""
    image = clouds(rng, size)
    starts = rng.integers(0, size, (600, 2))
    ends = starts + rng.normal((0, -size * 0.03), size * 0.015, (600, 2)).astype(np.int64)
    green = np.array(any_colour(rng)) * 255
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        cv2.line(image, start, end, np.clip(green * rng.uniform(0.5, 1.4), 0, 255).tolist(), 1)
    return image


def zigzag(rng: Rng, size: int) -> Image:
    x, y = _grid(size)
    count = int(rng.integers(4, 14))
    wave = (y + np.abs(x * count % 1.0 - 0.5) / count) * count % 1.0
    return mixed((wave > 0.5).astype(np.float32), *_pair(rng))


def flowers(rng: Rng, size: int) -> Image:
    """Round blossoms with five petals."""
    image = plain(rng, size)
    for _ in range(int(rng.integers(6, 30))):
        middle, radius = rng.uniform(0, size, 2), size * rng.uniform(0.02, 0.07)
        petal, heart = _byte(any_colour(rng)), _byte(any_colour(rng))
        for turn in np.arange(5) * 2 * np.pi / 5:
            at = (middle + radius * np.array([np.cos(turn), np.sin(turn)])).astype(int).tolist()
            cv2.circle(image, at, int(radius * 0.7) + 1, petal, -1, cv2.LINE_AA)
        cv2.circle(image, middle.astype(int).tolist(), int(radius * 0.5) + 1, heart, -1, cv2.LINE_AA)
    return image


KINDS: dict[str, Callable[[Rng, int], Image]] = {
    "plain": plain,
    "gradient": gradient,
    "clouds": clouds,
    "grain": grain,
    "stripes": stripes,
    "checks": checks,
    "dots": dots,
    "planks": planks,
    "tiles": tiles,
    "bricks": bricks,
    "blobs": blobs,
    "polygons": polygons,
    "strokes": strokes,
    "scene": scene,
    "street": street,
    "print": printed,
    "rings": rings,
    "mosaic": mosaic,
    "grass": grass,
    "marble": marble,
    "parquet": parquet,
    "shore": shore,
    "zigzag": zigzag,
    "flowers": flowers,
}
