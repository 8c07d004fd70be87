"""Times augmentation against the same operations done the usual ways, on the same pictures and cores."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.machine import load
from bench.material import Material
from bench.table import Cell, Table
from spotter.errors import MissingExtraError
from spotter.recognizer.augment import Augmenter, AugmentSettings, Operation

_SIDE = 224
_TIMES = 10
_PHOTOS, _QUICK_PHOTOS = 120, 4
_RUNS, _QUICK_RUNS = 3, 1
_WANTED = 1000.0
_THREADS = os.cpu_count() or 1

Picture = NDArray[np.uint8]
Expand = Callable[[Picture], object]


def run(material: Material, quick: bool) -> list[Table]:
    """Pictures a second of each way, best of a few runs in turn."""
    busy = load()
    runs = _QUICK_RUNS if quick else _RUNS
    photos = _photos(_QUICK_PHOTOS if quick else _PHOTOS)
    ways: dict[str, Expand | None] = {
        "Spotter": lambda some: Augmenter().expand(some, _TIMES),
        "NumPy and OpenCV, an operation at a time": lambda some: _in_threads(_plain, some),
        "torchvision.transforms.v2": _torchvision(),
    }
    paces = {name: 0.0 for name, way in ways.items() if way is not None}
    for _ in range(runs):
        for name, way in ways.items():
            if way is not None:
                paces[name] = max(paces[name], _pace(way, photos))
    rows: list[tuple[Cell, ...]] = []
    for name in ways:
        pace = paces.get(name)
        rows.append((name, pace, pace and paces["Spotter"] / pace))
    return [
        Table(
            name="recognizer-augment",
            title=f"Augmented pictures a second at {_SIDE} x {_SIDE}, {_THREADS} threads",
            columns=("way", "pictures a second", "Spotter is faster by"),
            rows=tuple(rows),
            notes=(
                f"{len(photos)} made-up photos, {_TIMES} pictures of each, best of {runs} runs in turn",
                "the same operations, probabilities and ranges, without backgrounds; torchvision without "
                "JPEG too, for which it must have been built with this very PyTorch",
                f"wanted: at least {_WANTED:g} pictures a second; reached: "
                + ("yes" if paces["Spotter"] >= _WANTED else "no"),
                busy,
            ),
            digits=1,
        )
    ]


def _photos(count: int) -> Picture:
    """Pictures with edges, surfaces and fine grain; what is in them does not matter for the time."""
    rng = np.random.default_rng(0)
    photos = []
    for _ in range(count):
        coarse = rng.integers(0, 256, (12, 12, 3), np.uint8)
        photo = cv2.resize(coarse, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
        photos.append(cv2.add(photo, rng.integers(0, 12, photo.shape, np.uint8)))
    return np.stack(photos)


def _pace(way: Expand, photos: Picture) -> float:
    way(photos[:2])
    began = time.perf_counter()
    way(photos)
    return len(photos) * _TIMES / (time.perf_counter() - began)


def _in_threads(one: Callable[[Picture, int], object], photos: Picture) -> None:
    numbers = range(len(photos) * _TIMES)
    with ThreadPoolExecutor(_THREADS) as threads:
        list(threads.map(lambda number: one(photos[number // _TIMES], number), numbers))


def _plain(image: Picture, number: int) -> Picture:
    """Each operation by itself, colours in floats, as one writes it down at first."""
    rng = np.random.default_rng(number)
    settings = AugmentSettings()
    height, width = image.shape[:2]
    middle = (width / 2, height / 2)

    def drawn(operation: Operation) -> float | None:
        return operation.drawn(rng)

    def moved(turn: float = 0, scale: float = 1, across: float = 0, down: float = 0) -> Picture:
        matrix = cv2.getRotationMatrix2D(middle, turn, scale)
        matrix[:, 2] += across * width, down * height
        return np.asarray(cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101))

    def whole(values: NDArray[Any]) -> Picture:
        return np.asarray(values.clip(0, 255), np.uint8)

    if drawn(settings.flip_horizontal) is not None:
        image = np.ascontiguousarray(image[:, ::-1])
    if drawn(settings.flip_vertical) is not None:
        image = np.ascontiguousarray(image[::-1])
    if (turn := drawn(settings.rotation)) is not None:
        image = moved(turn=turn)
    if (scale := drawn(settings.scale)) is not None:
        image = moved(scale=scale)
    if (across := drawn(settings.shift)) is not None:
        image = moved(across=across, down=across)
    if (blur := drawn(settings.blur)) is not None:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), blur))
    if (amount := drawn(settings.sharpening)) is not None:
        soft = cv2.GaussianBlur(image, (0, 0), 1.0).astype(np.float32)
        image = whole(image + amount * (image - soft))
    if (factor := drawn(settings.contrast)) is not None:
        image = whole((image.astype(np.float32) - 127.5) * factor + 127.5)
    if (added := drawn(settings.brightness)) is not None:
        image = whole(image.astype(np.float32) + added)
    if (factor := drawn(settings.saturation)) is not None:
        grey = image.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
        image = whole(grey[..., None] + factor * (image - grey[..., None]))
    if (factor := drawn(settings.tint)) is not None:
        image = whole(image * np.array([factor, 1, 1 / factor], np.float32))
    if drawn(settings.inversion) is not None:
        image = 255 - image
    if (share := drawn(settings.cutout)) is not None:
        edge = round(share * height)
        top, left = rng.integers(0, height - edge, 2)
        image = image.copy()
        image[top : top + edge, left : left + edge] = 128
    if (deviation := drawn(settings.noise)) is not None:
        image = whole(image + deviation * rng.standard_normal(image.shape, np.float32))
    if (quality := drawn(settings.jpeg)) is not None:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return image


def _torchvision() -> Expand | None:
    """The same with torchvision on tensors of bytes; None where it is not installed."""
    try:
        from spotter.recognizer.timm_models import import_timm

        import_timm()  # it makes torchvision importable beside any PyTorch
    except MissingExtraError:
        return None
    import torch
    from torchvision.transforms import v2  # type: ignore[import-untyped]

    few = AugmentSettings()
    bytes_of, floats_of = v2.ToDtype(torch.uint8, scale=True), v2.ToDtype(torch.float32, scale=True)
    noise = v2.Compose([floats_of, v2.GaussianNoise(sigma=few.noise.high / 2 / 255), bytes_of])
    contrast, saturation = few.contrast, few.saturation
    transform = v2.Compose(
        [
            v2.RandomHorizontalFlip(few.flip_horizontal.probability),
            v2.RandomVerticalFlip(few.flip_vertical.probability),
            v2.RandomApply(
                [
                    v2.RandomAffine(
                        few.rotation.high,
                        (few.shift.high, few.shift.high),
                        (few.scale.low, few.scale.high),
                        interpolation=v2.InterpolationMode.BILINEAR,
                    )
                ],
                few.rotation.probability,
            ),
            v2.RandomApply([v2.GaussianBlur(7, (few.blur.low, few.blur.high))], few.blur.probability),
            v2.RandomAdjustSharpness(1 + few.sharpening.high, few.sharpening.probability),
            v2.RandomApply([v2.ColorJitter(contrast=(contrast.low, contrast.high))], contrast.probability),
            v2.RandomApply(
                [v2.ColorJitter(brightness=few.brightness.high / 128)], few.brightness.probability
            ),
            v2.RandomApply(
                [v2.ColorJitter(saturation=(saturation.low, saturation.high))], saturation.probability
            ),
            v2.RandomInvert(few.inversion.probability),
            v2.RandomErasing(few.cutout.probability, (few.cutout.low**2, few.cutout.high**2)),
            v2.RandomApply([noise], few.noise.probability),
        ]
    )
    torch.set_num_threads(1)  # the pictures are shared out among threads already

    def one(image: Picture, number: int) -> object:
        return transform(torch.from_numpy(image).permute(2, 0, 1).contiguous())

    return lambda photos: _in_threads(one, photos)
