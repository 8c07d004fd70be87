"""One picture that shows what augmentation does: photos with their copies, and each operation by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import DatasetError
from spotter.recognizer.augment import Augmenter, AugmentSettings, Operation
from spotter.recognizer.dataset import Photo, PhotoSet
from spotter.recognizer.pool import Pool, load_pool

_GAP, _HEAD, _MARGIN = 6, 30, 20
_PAPER, _INK = (250, 249, 246), (45, 48, 54)
_COLUMNS = 8
_ORIGINALS = 4

Picture = NDArray[np.uint8]


def augmentation_sheet(photos: PhotoSet, *, seed: int = 0, side: int = 128) -> Picture:
    """Photos of different classes beside their copies, and below one photo through each operation alone.

    Args:
        photos: to choose from; one with a mask is preferred where there is one.
        seed: of the choice and of the augmentation.
        side: of each little picture, in pixels.

    Returns:
        RGB of shape (height, width, 3).

    Raises:
        DatasetError: if none of the photos can be read.
    """
    shown = _loaded(photos, seed, side)
    augmenter = Augmenter(seed=seed)
    rows = [
        ("photo" if not copy else f"copy {copy}", shown.squares[index], index, copy)
        for index in range(len(shown.squares))
        for copy in range(_COLUMNS)
    ]
    copies = [
        (name, augmenter.augment(square, index, copy, shown.masks[index], shown.squares))
        for name, square, index, copy in rows
    ]
    subject = next((i for i, mask in enumerate(shown.masks) if mask is not None), 0)
    single = [("photo", shown.squares[subject]), *_alone(shown, subject, seed)]
    return np.vstack([_titled("Photos and copies", copies, side), _titled("One at a time", single, side)])


def _alone(shown: Pool, index: int, seed: int) -> Iterator[tuple[str, Picture]]:
    """A photo through each operation alone, at both ends of its range."""
    defaults = AugmentSettings()
    for name in AugmentSettings.names():
        if name == "background" and shown.masks[index] is None:
            continue
        operation: Operation = getattr(defaults, name)
        for copy, strength in enumerate(dict.fromkeys((operation.low, operation.high)), start=1):
            augmenter = Augmenter(AugmentSettings.only(name, strength), seed)
            picture = augmenter.augment(shown.squares[index], index, copy, shown.masks[index], shown.squares)
            yield f"{name.replace('_', ' ')} {strength:g}" if strength else name.replace("_", " "), picture


def _loaded(photos: PhotoSet, seed: int, side: int) -> Pool:
    """Photos for the sheet, of as many classes as it has room for."""
    order = [photos.photos[i] for i in np.random.default_rng(seed).permutation(len(photos))]
    order.sort(key=lambda photo: photo.mask is None)
    chosen: list[Photo] = []
    for name in photos.classes:
        chosen += [photo for photo in order if name in photo.labels and photo not in chosen][:1]
    chosen += [photo for photo in order if photo not in chosen]
    for start in range(0, len(chosen), _ORIGINALS):
        some = tuple(chosen[start : start + _ORIGINALS])
        classes = tuple({label: None for photo in some for label in photo.labels})
        try:
            return load_pool(PhotoSet(some, classes, photos.multilabel), side, 1, Augmenter(seed=seed))
        except DatasetError:
            continue
    raise DatasetError(f"none of the {len(photos)} photos can be read, so there is nothing to show")


def _titled(title: str, pictures: Sequence[tuple[str, Picture]], side: int) -> Picture:
    """Pictures in rows, each with its name below, under a heading."""
    rows = -(-len(pictures) // _COLUMNS)
    height = _MARGIN + _HEAD + rows * (side + _HEAD)
    width = 2 * _MARGIN + _COLUMNS * (side + _GAP) - _GAP
    sheet = np.full((height, width, 3), _PAPER, np.uint8)
    _write(sheet, title, _MARGIN, _MARGIN + 8, 0.6)
    for number, (name, picture) in enumerate(pictures):
        left = _MARGIN + number % _COLUMNS * (side + _GAP)
        top = _MARGIN + _HEAD - 8 + number // _COLUMNS * (side + _HEAD)
        sheet[top : top + side, left : left + side] = picture
        _write(sheet, name, left, top + side + 16, 0.42)
    return sheet


def _write(sheet: Picture, text: str, left: int, baseline: int, size: float) -> None:
    cv2.putText(sheet, text, (left, baseline), cv2.FONT_HERSHEY_SIMPLEX, size, _INK, 1, cv2.LINE_AA)
