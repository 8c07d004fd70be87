"""Augmented copies written out as pictures in class folders, for other programs or to look at."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import DatasetError, SpotterError, UsageError
from spotter.media.writing import write_bytes, write_text
from spotter.recognizer.augment import Augmenter
from spotter.recognizer.dataset import LeftOut, Photo, PhotoSet
from spotter.recognizer.pool import load_pool

LABELS_NAME = "labels.csv"

_THREADS = 4
_QUALITY = 95
_BACKGROUNDS = 32  # photos kept at hand to become backgrounds

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Written:
    """What `write_augmented` left behind.

    Attributes:
        photos: how many photos were read.
        pictures: how many pictures were written, the photos themselves included.
        left_out: photos that could not be read, and why.
    """

    photos: int
    pictures: int
    left_out: tuple[LeftOut, ...]


def write_augmented(
    photos: PhotoSet,
    out: Path,
    times: int = 10,
    seed: int = 0,
    side: int = 224,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Written:
    """Write each photo as a square, and ``times - 1`` copies of it, as ``CLASS/NAME_aug3.jpg``.

    The group stands in the name, so that copies of a person can be kept on one side of a split. Photos that
    are marked for validation are written once, as they are: a model is to be judged on true pictures. Parts
    become folders ``train/`` and ``validation/``. A multi-label set becomes one folder and labels.csv.

    Args:
        photos: see `read_photos`.
        out: the folder; it is made.
        times: how many pictures are made of each photo, itself included.
        seed: the same seed gives the same pictures.
        side: of the pictures, in pixels.
        progress: is told how many photos of how many are done.

    Raises:
        UsageError: if ``times`` or ``side`` is too small.
        DatasetError: if none of the photos can be read.
        OutputError: if a picture cannot be written; those already written stay.
    """
    if times < 1 or side < 16:
        raise UsageError(
            f"{times} pictures of each photo, {side} pixels a side, were asked for; give at least 1 and 16"
        )
    job = _Job(photos, out, times, seed, side)
    left_out: list[LeftOut] = []
    pictures = 0
    threads = ThreadPoolExecutor(_THREADS)
    try:
        for index, done in enumerate(threads.map(job.write, range(len(photos)))):
            if isinstance(done, SpotterError):
                left_out.append(LeftOut(photos.photos[index].path, str(done)))
            else:
                pictures += done
            if progress is not None:
                progress(index + 1, len(photos))
    finally:
        threads.shutdown(cancel_futures=True)  # after Ctrl-C what is queued is not waited for
    if not pictures:
        raise DatasetError(
            f"none of the {len(photos)} photos can be read" + "".join(f": {one.why}" for one in left_out[:1])
        )
    if photos.multilabel:
        bad = {one.path for one in left_out}
        job.write_labels([i for i, photo in enumerate(photos.photos) if photo.path not in bad])
    return Written(len(photos) - len(left_out), pictures, tuple(left_out))


class _Job:
    """One run: where each photo's copies go, and how they are made."""

    def __init__(self, photos: PhotoSet, out: Path, times: int, seed: int, side: int) -> None:
        self._photos, self._out, self._times, self._side = photos, out, times, side
        self._augmenter = Augmenter(seed=seed)
        self._stems = _stems(photos)
        self._backgrounds = self._some_squares(seed)

    def write(self, index: int) -> int | DatasetError:
        """Write a photo and its copies; how many pictures, or why it cannot be read."""
        photo = self._photos.photos[index]
        try:
            square, mask = self._read(photo)
        except DatasetError as error:
            return error
        copies = self._copies(photo)
        for copy in range(copies):
            picture = self._augmenter.augment(square, index, copy, mask, self._backgrounds)
            write_bytes(self._path(index, copy), encoded(picture))
        return copies

    def write_labels(self, numbers: list[int]) -> None:
        """Write labels.csv: a row a picture, its labels joined by semicolons, and its group."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["file", "label", "group"])
        for index in numbers:
            photo = self._photos.photos[index]
            for copy in range(self._copies(photo)):
                name = self._path(index, copy).relative_to(self._out).as_posix()
                table.writerow([name, ";".join(photo.labels) or "-", photo.group or ""])
        write_text(self._out / LABELS_NAME, text.getvalue())

    def _copies(self, photo: Photo) -> int:
        return 1 if photo.part == "validation" else self._times

    def _path(self, index: int, copy: int) -> Path:
        photo = self._photos.photos[index]
        folder = self._out / photo.part if photo.part else self._out
        if not self._photos.multilabel:
            folder /= photo.labels[0]
        return folder / f"{self._stems[index]}{f'_aug{copy}' if copy else ''}.jpg"

    def _read(self, photo: Photo) -> tuple[Picture, Picture | None]:
        pool = load_pool(PhotoSet((photo,), photo.labels), self._side, 1, self._augmenter)
        return pool.squares[0], pool.masks[0]

    def _some_squares(self, seed: int) -> list[Picture]:
        """Photos that may become backgrounds; none where no photo has a mask."""
        if all(photo.mask is None for photo in self._photos.photos):
            return []
        chosen = np.random.default_rng(seed).permutation(len(self._photos))[:_BACKGROUNDS]
        squares = []
        for index in chosen:
            try:
                squares.append(self._read(self._photos.photos[index])[0])
            except DatasetError:  # it is told when its turn comes
                continue
        return squares


def encoded(picture: Picture) -> bytes:
    """An RGB picture as a JPEG file of high quality."""
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()


def _stems(photos: PhotoSet) -> list[str]:
    """A name for each photo that no other has, with its group in it."""
    taken: set[str] = set()
    stems = []
    for photo in photos.photos:
        named = photo.group is None or photo.group in photo.path.stem
        first = stem = photo.path.stem if named else f"{photo.group}_{photo.path.stem}"
        number = 2
        while stem in taken:
            stem, number = f"{first}-{number}", number + 1
        taken.add(stem)
        stems.append(stem)
    return stems
