"""Reading a picture, or a folder of pictures as if it were a video."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import MediaFormatError, MediaUnreadableError, UsageError
from spotter.media.convert import letterboxed, limited_size
from spotter.media.files import pictures_in, require_readable
from spotter.media.frame import Frame, MediaInfo
from spotter.media.picture_kind import PictureKind, picture_kind
from spotter.media.source import MediaSource, TimeWindow

DEFAULT_FPS = 30.0


MOST_MEGAPIXELS = 300.0
"""Larger pictures are refused: 200 is what phones take, and a small file may claim to be of any size."""

THREADS = min(8, os.cpu_count() or 1)
"""How many pictures are read, or worked on, at the same time where there are many."""

_REDUCED = {
    1: cv2.IMREAD_COLOR_RGB,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2 | cv2.IMREAD_COLOR_RGB,  # the flag's name says grey, its bits only 1/2
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4 | cv2.IMREAD_COLOR_RGB,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_COLOR_RGB,
}
_LARGE_MEGAPIXELS = 30.0
_LOG: Any = getattr(cv2.utils, "logging", cv2)  # OpenCV 5 has moved it
_SILENT = 0
_READABLE = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000 or PNM"


def read_picture(path: str | Path, *, max_side: int | None = None) -> NDArray[np.uint8]:
    """A picture as RGB uint8 of shape (height, width, 3), turned upright as its EXIF orientation says.

    Grey pictures get three equal channels, 16 bits become 8, inks become RGB, transparency is dropped, and
    of an animation the first picture is taken. JPEG is decoded at a half, a quarter or an eighth where
    ``max_side`` allows it: much faster, and 100 megapixels need hardly more memory than one.

    Args:
        path: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000 or PNM, whatever its name ends in.
        max_side: the longest side wanted, in pixels; a larger picture is shrunk in proportion.

    Raises:
        MediaNotFoundError: if it is not there.
        MediaUnreadableError: if it may not be read.
        MediaFormatError: if it is empty, damaged, no picture, or of more than `MOST_MEGAPIXELS`.
    """
    path = Path(path)
    require_readable(path)
    data = np.fromfile(path, np.uint8)
    kind = picture_kind(data.data)
    if kind is None or kind.format == "HEIC":
        raise MediaFormatError(_no_picture(path, kind))
    if kind.megapixels > MOST_MEGAPIXELS:
        raise MediaFormatError(
            f"{path} is too large: {kind.width} by {kind.height} pixels, {kind.megapixels:.0f} megapixels; "
            f"at most {MOST_MEGAPIXELS:.0f} are read: save it smaller"
        )
    image = None if kind.cut_off else decoded(data, kind, max_side=max_side)
    if image is None:
        raise MediaFormatError(
            f"{path} is damaged: it begins as a {kind.format} picture and {_wrong_with(kind)}; "
            "get it again from where it came"
        )
    return image


def decoded(
    data: NDArray[np.uint8], kind: PictureKind, *, max_side: int | None = None
) -> NDArray[np.uint8] | None:
    """The pixels of a picture file whose header is known, as `read_picture` gives them; None if damaged.

    Args:
        data: the whole file, uint8 array (n,).
        kind: what `picture_kind` says of it; whoever calls has looked whether it is too large.
        max_side: the longest side wanted, in pixels.
    """
    image = _decoded(data, _REDUCED[_reduction(kind, max_side)])
    if image is None:
        return None
    width, height = limited_size(image.shape[1], image.shape[0], max_side)
    if (height, width) != image.shape[:2]:
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return image


def _reduction(kind: PictureKind, max_side: int | None) -> int:
    """By how much a picture may be reduced in decoding and still have ``max_side`` pixels."""
    if max_side is None:
        return 1
    # JPEG is decoded at the smaller size; others whole, and only an exact half is shrunk without aliasing
    most = 8 if kind.format == "JPEG" else 2 if kind.megapixels > _LARGE_MEGAPIXELS else 1
    longest = max(kind.width, kind.height)
    return max(by for by in _REDUCED if by <= most and (by == 1 or longest // by >= max_side))


def _no_picture(path: Path, kind: PictureKind | None) -> str:
    if kind is not None:
        return (
            f"{path} is a {kind.format} picture, which cannot be read; save it as JPEG (an iPhone does with "
            "Settings > Camera > Formats > Most Compatible)"
        )
    return f"{path} is not a picture that can be read, whatever its name says; {_READABLE} can be"


def _wrong_with(kind: PictureKind) -> str:
    return "then breaks off" if kind.cut_off else "cannot be decoded"


class PictureSource(MediaSource):
    """One picture, or the pictures of a folder in natural order as the frames of a video.

    The first picture that can be read gives the size; others are letterboxed into it.

    Args:
        path: a picture, or a folder with pictures.
        window: the part of the sequence that is wanted.
        fps: how many pictures make a second.
        max_side: the longest side of the pictures handed out, in pixels; None for as they are.

    Raises:
        MediaNotFoundError: if there are no pictures.
        MediaUnreadableError: if the folder or the first picture may not be read.
        MediaFormatError: if none of them can be read.
        UsageError: if the window begins after the last picture, or ``fps`` is not above 0.
    """

    def __init__(
        self, path: Path, window: TimeWindow, fps: float = DEFAULT_FPS, max_side: int | None = None
    ) -> None:
        if not 0 < fps < math.inf:
            raise UsageError(f"{fps:g} pictures a second were asked for; give a number above 0, such as 30")
        self._path, self._max_side = path, max_side
        files = pictures_in(path) if path.is_dir() else [path]
        self._wanted = [
            (index / fps, file)
            for index, file in enumerate(files)
            if not (window.is_before(index / fps) or window.is_after(index / fps))
        ]
        if not self._wanted:
            raise UsageError(
                f"{path} ends at {len(files) / fps:g} s, before {window.start_s:g} s, where it was to start; "
                "give an earlier start"
            )
        count = len(self._wanted)
        self._unread: list[str] = []
        self._first = self._first_readable()
        height, width = self._first[1].shape[:2]
        super().__init__(
            MediaInfo(
                name=path.resolve().name if path.is_dir() else path.stem,
                path=str(path),
                width=width,
                height=height,
                fps=fps,
                duration_s=len(files) / fps,
                frame_count=count,
                codec="pictures",
                rotation_deg=0,
            )
        )

    def _first_readable(self) -> tuple[float, NDArray[np.uint8]]:
        while self._wanted:
            time_s, file = self._wanted.pop(0)
            if (image := self._read(file)) is not None:
                return time_s, image
        raise MediaFormatError(
            f"not one of the pictures in {self._path} can be read; save them again as JPEG or PNG"
        )

    def _read(self, file: Path) -> NDArray[np.uint8] | None:
        try:
            return read_picture(file, max_side=self._max_side)
        except (MediaFormatError, MediaUnreadableError):
            if not self._path.is_dir():
                raise
            self._unread.append(file.name)
            return None

    def _frames(self) -> Generator[Frame, None, None]:
        time_s, image = self._first
        yield Frame(image, time_s, 0)
        index = 1
        for time_s, file in self._wanted:
            if (picture := self._read(file)) is not None:
                yield Frame(letterboxed(picture, self.info.width, self.info.height), time_s, index)
                index += 1
        if self._unread:
            self.warning = (
                f"pictures in {self._path} that could not be read and were left out: {len(self._unread)} "
                f"({', '.join(self._unread[:3])}{', ...' if len(self._unread) > 3 else ''})"
            )

    def _release(self) -> None:
        """Nothing is held open between pictures."""


def _decoded(data: NDArray[np.uint8], flags: int) -> NDArray[np.uint8] | None:
    with _QUIET:
        try:
            image = cv2.imdecode(data, flags)
        except cv2.error:
            return None
    return None if image is None else np.asarray(image, np.uint8)


class _Quiet:
    """Keeps OpenCV's complaints, which would stand beside ours, from being printed; for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._level = 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._level = _LOG.getLogLevel()
                _LOG.setLogLevel(_SILENT)
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                _LOG.setLogLevel(self._level)


_QUIET = _Quiet()
