"""Reading a picture, or a folder of pictures as if it were a video."""

from __future__ import annotations

import math
from collections.abc import Generator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import MediaFormatError, MediaUnreadableError, UsageError
from spotter.media.convert import letterboxed, limited_size
from spotter.media.files import pictures_in, require_readable
from spotter.media.frame import Frame, MediaInfo
from spotter.media.source import MediaSource, TimeWindow

DEFAULT_FPS = 30.0


def read_picture(path: str | Path, *, max_side: int | None = None) -> NDArray[np.uint8]:
    """A picture as RGB uint8 of shape (height, width, 3), turned upright as its EXIF orientation says.

    Grey pictures get three equal channels, 16 bits become 8, transparency is dropped.

    Args:
        path: JPEG, PNG, WebP, BMP, TIFF, AVIF, JPEG 2000 or PNM.
        max_side: the longest side wanted, in pixels; a larger picture is shrunk in proportion.

    Raises:
        MediaNotFoundError: if it is not there.
        MediaUnreadableError: if it may not be read.
        MediaFormatError: if it is empty, damaged, or no picture.
    """
    path = Path(path)
    require_readable(path)
    image = _decoded(np.fromfile(path, np.uint8))
    if image is None:
        raise MediaFormatError(
            f"{path} is not a picture that can be read: it is damaged, or of another kind than its name "
            "says; save it again as JPEG or PNG"
        )
    width, height = limited_size(image.shape[1], image.shape[0], max_side)
    if (height, width) != image.shape[:2]:
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return image


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


def _decoded(data: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # its complaint would stand beside ours
    try:
        image = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)
    return None if image is None else np.asarray(image, np.uint8)
