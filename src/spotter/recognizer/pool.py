"""Photos in memory as a network sees them, each multiplied by augmentation on demand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import DatasetError, SpotterError
from spotter.media.pictures import THREADS, read_picture
from spotter.recognizer.augment import Augmenter
from spotter.recognizer.card import Task
from spotter.recognizer.dataset import LeftOut, Photo, PhotoSet
from spotter.recognizer.pictures import MAX_SIDE, square

Pictures = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Pool:
    """Photos as squares, and what is made of them.

    Picture ``i`` is copy ``i % times`` of photo ``i // times``; copy 0 is the photo itself.

    Attributes:
        photos: those that could be read.
        squares: uint8 (photos, side, side, 3).
        masks: of each photo, uint8 (side, side), above 127 where the subject is; None where there is none.
        times: how many pictures are made of each photo.
        augmenter: makes them.
    """

    photos: PhotoSet
    squares: Pictures
    masks: tuple[Pictures | None, ...]
    times: int
    augmenter: Augmenter

    def __len__(self) -> int:
        return len(self.photos) * self.times

    def picture(self, number: int) -> Pictures:
        """One of the pictures, (side, side, 3)."""
        index, copy = divmod(number, self.times)
        return self.augmenter.augment(self.squares[index], index, copy, self.masks[index], self.squares)

    def pictures(self, start: int, end: int) -> Pictures:
        """Those from one number to another, (pictures, side, side, 3)."""
        return self.chosen(np.arange(start, end))

    def chosen(self, numbers: NDArray[np.int64]) -> Pictures:
        """Those of some numbers, (pictures, side, side, 3)."""
        with ThreadPoolExecutor(THREADS) as threads:
            return np.stack(list(threads.map(self.picture, numbers.tolist())))

    def key(self) -> list[object]:
        """What the pictures depend on, to know them again: files, their size and age, settings."""
        files = [(str(photo.path.resolve()), *_stamp(photo)) for photo in self.photos.photos]
        return [files, self.squares.shape[1], self.times, repr(self.augmenter.settings), self.augmenter.seed]


@dataclass(frozen=True, slots=True)
class Divided:
    """A pool, and which of its photos are trained with and which are held back.

    Attributes:
        pool: all of them.
        train: those that are trained with.
        held: those that are held back.
        task: whether they show one class each or any number of them.
    """

    pool: Pool
    train: PhotoSet
    held: PhotoSet
    task: Task

    @property
    def parts_were_given(self) -> bool:
        """Whether somebody said which photos are to be held back."""
        return any(photo.part for photo in self.pool.photos.photos)

    def numbers(self, part: PhotoSet) -> NDArray[np.int64]:
        """The photos' numbers in the pool."""
        known = {photo: number for number, photo in enumerate(self.pool.photos.photos)}
        return np.array([known[photo] for photo in part.photos], np.int64)

    def copies(self, part: PhotoSet) -> NDArray[np.int64]:
        """The numbers of all pictures that are made of the photos."""
        return (self.numbers(part)[:, None] * self.pool.times + np.arange(self.pool.times)).ravel()

    def held_pictures(self) -> Pictures:
        """The held-back photos as they are."""
        return self.pool.squares[self.numbers(self.held)]


def load_pool(
    photos: PhotoSet,
    side: int,
    times: int,
    augmenter: Augmenter,
    progress: Callable[[int, int], None] | None = None,
) -> Pool:
    """Read photos; those that cannot be read are left out, and listed in ``photos.left_out``.

    Raises:
        DatasetError: if none can be read, or none of a class.
    """
    squares: list[Pictures] = []
    masks: list[Pictures | None] = []
    good: list[Photo] = []
    bad: list[LeftOut] = []
    with ThreadPoolExecutor(THREADS) as threads:
        for photo, found in zip(photos.photos, threads.map(_read, photos.photos, repeat(side)), strict=True):
            if isinstance(found, SpotterError):
                bad.append(LeftOut(photo.path, str(found)))
            else:
                good.append(photo)
                squares.append(found[0])
                masks.append(found[1])
            if progress is not None:
                progress(len(good) + len(bad), len(photos))
    kept = replace(photos, photos=tuple(good), left_out=(*photos.left_out, *bad))
    empty = [name for name, count in kept.counts().items() if not count]
    if not good or empty:
        first = f": {bad[0].why}" if bad else ""
        raise DatasetError(f"no photo of {' and '.join(empty) or 'any class'} can be read{first}")
    return Pool(kept, np.stack(squares), tuple(masks), times, augmenter)


def _read(photo: Photo, side: int) -> tuple[Pictures, Pictures | None] | SpotterError:
    try:
        image = read_picture(photo.path, max_side=max(MAX_SIDE, side))
        mask = read_picture(photo.mask) if photo.mask is not None else None
    except SpotterError as error:
        return error
    if mask is None:
        return square(image, side), None
    height, width = image.shape[:2]
    fitted = np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return square(image, side), np.ascontiguousarray(square(fitted, side)[..., 0])


def _stamp(photo: Photo) -> tuple[int, int]:
    state = photo.path.stat()
    return state.st_size, state.st_mtime_ns
