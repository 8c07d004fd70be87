"""The pictures that an export is calibrated and checked with."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import DatasetError, MediaFormatError
from spotter.recognizer.card import RecognizerCard
from spotter.recognizer.dataset import Photo, PhotoSet
from spotter.recognizer.layouts import read_photos
from spotter.recognizer.pictures import read_square

MOST_CALIBRATING, MOST_COMPARED = 128, 400
SYNTHETIC_COUNT = 64


@dataclass(frozen=True, slots=True)
class Pictures:
    """Squares to calibrate and to compare with; no picture is in both.

    Attributes:
        calibration: uint8 (pictures, side, side, 3); empty if there are no photos.
        squares: uint8 (pictures, side, side, 3).
        targets: what ``squares`` show, (pictures, classes) of 0 and 1; None if that is not known.
        source: where they are from, in words.
        real: whether they are photos.
    """

    calibration: NDArray[np.uint8]
    squares: NDArray[np.uint8]
    targets: NDArray[np.float32] | None
    source: str
    real: bool


def pictures_for(card: RecognizerCard, photos: PhotoSet | None) -> Pictures:
    """The given photos; else those of the training if they are still there; else made-up pictures.

    Of photos, a third, at most 128, is for calibrating and the rest, at most 400, for comparing; taken from
    each class in turn. Photos that are no pictures are left out.

    Raises:
        DatasetError: if there are fewer than two photos.
    """
    source = "the given photos"
    if photos is None:
        photos, source = _trained_with(card), "photos of the training's folder"
    if photos is None:
        return _synthetic(card.side)
    known = tuple(photo for photo in photos.photos if _is_known(photo, card))
    read = _read(_in_turn(known or photos.photos), card.side)
    if len(read) < 2:
        raise DatasetError(
            f"an export is checked with at least 2 photos, and {len(read)} of {len(photos)} can be read; "
            "give a folder with more"
        )
    seam = min(max(1, len(read) // 3), MOST_CALIBRATING)
    compared = read[seam:]
    targets = PhotoSet(tuple(photo for photo, _ in compared), card.classes).targets() if known else None
    return Pictures(_stacked(read[:seam]), _stacked(compared), targets, source, True)


def synthetic_squares(count: int, side: int, seed: int = 0) -> NDArray[np.uint8]:
    """Made-up pictures: coarse and fine patterns of random colours, uint8 (count, side, side, 3).

    >>> synthetic_squares(2, 16).shape
    (2, 16, 16, 3)
    """
    rng = np.random.default_rng(seed)
    squares = np.empty((count, side, side, 3), np.uint8)
    for square in squares:
        layers = [
            cv2.resize(
                rng.normal(0, 60, (cells, cells, 3)).astype(np.float32),
                (side, side),
                interpolation=cv2.INTER_CUBIC,
            )
            for cells in (2, 5, max(6, side // 8), side)
        ]
        weights = rng.dirichlet(np.ones(len(layers)))
        mixed = 128 + 2 * sum(w * layer for w, layer in zip(weights, layers, strict=True))
        square[:] = np.clip(mixed, 0, 255)
    return squares


def _trained_with(card: RecognizerCard) -> PhotoSet | None:
    folder = card.training.get("folder")
    if not folder or not Path(folder).exists():
        return None
    try:
        return read_photos(Path(folder))
    except DatasetError:
        return None  # the folder holds something else by now


def _synthetic(side: int) -> Pictures:
    source = "made-up patterns, as no photos were given and those of the training are not there"
    nothing = np.empty((0, side, side, 3), np.uint8)
    return Pictures(nothing, synthetic_squares(SYNTHETIC_COUNT, side), None, source, False)


def _is_known(photo: Photo, card: RecognizerCard) -> bool:
    """Whether a photo's labels are all classes of the model."""
    return set(photo.labels) <= set(card.classes) and (card.task == "multi" or len(photo.labels) == 1)


def _in_turn(photos: tuple[Photo, ...]) -> tuple[Photo, ...]:
    """One photo of each class after the other, spread over each class's photos; the same ones every time."""
    classes: dict[tuple[str, ...], list[Photo]] = defaultdict(list)
    for photo in photos:
        classes[photo.labels].append(photo)
    rng = np.random.default_rng(0)
    shuffled = [[members[i] for i in rng.permutation(len(members))] for members in classes.values()]
    return tuple(photo for photo in chain.from_iterable(zip_longest(*shuffled)) if photo is not None)


def _read(photos: tuple[Photo, ...], side: int) -> list[tuple[Photo, NDArray[np.uint8]]]:
    """The first photos with their squares, as many as are used."""
    read: list[tuple[Photo, NDArray[np.uint8]]] = []
    for photo in photos:
        if len(read) == MOST_CALIBRATING + MOST_COMPARED:
            break
        with suppress(MediaFormatError):
            read.append((photo, read_square(photo.path, side)))
    return read


def _stacked(read: list[tuple[Photo, NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    return np.stack([square for _, square in read])
