"""One look at each photo's file: what it is, how large, how sharp, and what it resembles."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import SpotterError
from spotter.media.picture_kind import PictureKind, picture_kind
from spotter.media.pictures import THREADS, read_picture
from spotter.recognizer.alike import picture_print
from spotter.recognizer.pictures import square

_READ_SIDE = 256
_SHARP_SIDE = 96  # as small as the smallest network sees it: blur that is gone there does no harm


@dataclass(frozen=True, slots=True)
class Look:
    """What a photo's file is.

    Attributes:
        path: of the photo.
        width, height: as it is shown, in pixels.
        kind: what its header says.
        digest: of the file's bytes; equal files have the same.
        sharpness: how much of the picture is in fine edges, in grey levels; about 2 where it is blurred.
        print: see `picture_print`.
    """

    path: Path
    width: int
    height: int
    kind: PictureKind
    digest: bytes
    sharpness: float
    print: NDArray[np.float32]


def look_at(
    paths: Sequence[Path], progress: Callable[[int, int], None] | None = None
) -> list[Look | SpotterError]:
    """Look at each file, in threads.

    Args:
        paths: of photos.
        progress: is told how many of how many are done.

    Returns:
        In the order of the paths: what was seen, or why it cannot be read.
    """
    found: list[Look | SpotterError] = []
    threads = ThreadPoolExecutor(THREADS)
    try:
        for one in threads.map(_look, paths):
            found.append(one)
            if progress is not None:
                progress(len(found), len(paths))
    finally:
        threads.shutdown(cancel_futures=True)  # after Ctrl-C what is queued is not waited for
    return found


def sharpness(image: NDArray[np.uint8]) -> float:
    """Standard deviation of the Laplacian of the middle square at 96 pixels, in grey levels.

    (Pertuz, Puig and Garcia, Analysis of focus measure operators, 2013: LAPV.)

    >>> noise = np.random.default_rng(0).integers(0, 255, (96, 96, 3), np.uint8)
    >>> sharpness(noise) > 5 * sharpness(cv2.GaussianBlur(noise, (0, 0), 3))
    True
    """
    grey = cv2.cvtColor(square(image, _SHARP_SIDE), cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).std())


def _look(path: Path) -> Look | SpotterError:
    try:
        image = read_picture(path, max_side=_READ_SIDE)
        data = path.read_bytes()
    except SpotterError as error:
        return error
    except OSError as error:
        return SpotterError(f"{path} could not be read: {error.strerror or error}")
    kind = picture_kind(data) or PictureKind("")
    height, width = image.shape[:2]
    if kind.width:
        turned = kind.orientation > 4
        width, height = (kind.height, kind.width) if turned else (kind.width, kind.height)
    digest = hashlib.blake2b(data, digest_size=16).digest()
    return Look(path, width, height, kind, digest, sharpness(image), picture_print(image))
