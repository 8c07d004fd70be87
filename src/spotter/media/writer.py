"""Writing a video that plays in a browser, with the times of its frames kept."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from spotter.errors import OutputError

_TICKS_S = 90_000
_KEY_FRAME_EVERY_S = 2
_BT709 = 1
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_ELSEWHERE = "choose a folder that you may write to"


class VideoWriter:
    """An MP4 file with H.264 in it, which every browser plays and begins to play before all of it is loaded.

    It is written under a temporary name in the same folder and gets its own name when it is closed in good
    order; after an exception, or if no frame was written, nothing is left behind. The first frame written is
    at time 0 of the file, the others as long after it as they were in the stream. An odd width or height is
    made even by repeating the last column or row.

    Args:
        path: where the video goes; the folder is made if it is not there.
        width, height: the size of the pictures, in pixels.
        fps: the average frames a second; how long the last frame stays, and how often a player can jump to.
        crf: quality from 0 (lossless) to 51 (worst); 20 is good to the eye.

    Raises:
        OutputError: if the file cannot be written: the folder is read-only, or the disk is full.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with VideoWriter(Path(folder, "out.mp4"), 64, 48, fps=25) as video:
    ...         for index in range(3):
    ...             video.write(np.zeros((48, 64, 3), np.uint8), time_s=index / 25)
    ...     os.listdir(folder)
    ['out.mp4']
    """

    def __init__(self, path: str | Path, width: int, height: int, fps: float, *, crf: int = 20) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"a video of {width}x{height} pixels was asked for; both must be 1 or more")
        if not 0 <= crf <= 51:
            raise ValueError(
                f"a quality (crf) of {crf} was asked for; it goes from 0 (lossless) to 51 (worst)"
            )
        self._path = Path(path)
        self._width, self._height = width, height
        self._frame_ticks = max(1, round(_TICKS_S / fps)) if fps > 0 else _TICKS_S // 30
        self._first_s: float | None = None
        self._last_ticks = -1
        self._reformatter = VideoReformatter()
        self._open = True
        self._temporary = self._make_temporary()
        try:
            self._container = av.open(
                f"file:{self._temporary}", "w", format="mp4", options={"movflags": "faststart"}
            )
            self._stream = self._container.add_stream(
                "libx264",
                rate=Fraction(_TICKS_S, self._frame_ticks),
                options={"preset": "veryfast", "crf": str(crf)},
            )
            self._configure()
        except BaseException:
            self._temporary.unlink(missing_ok=True)
            raise

    def _configure(self) -> None:
        context = self._stream.codec_context
        context.width, context.height = self._width + self._width % 2, self._height + self._height % 2
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, _TICKS_S)
        context.gop_size = max(1, round(_KEY_FRAME_EVERY_S * _TICKS_S / self._frame_ticks))
        context.thread_count = 0
        context.thread_type = "FRAME"
        # Without these marks a player guesses the colours from the size.
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = ColorRange.MPEG

    def write(self, image: NDArray[np.uint8], time_s: float) -> None:
        """Append a picture.

        Args:
            image: RGB uint8 of shape (height, width, 3).
            time_s: when it is shown, in seconds on any clock; a time not after the last is put just after it.

        Raises:
            ValueError: if the picture has another shape or type, or the writer is closed.
            OutputError: if the disk is full or fails; nothing is left of the file then.
        """
        if not self._open:
            raise ValueError(f"{self._path} is closed; nothing more can be written to it")
        if image.shape != (self._height, self._width, 3) or image.dtype != np.uint8:
            raise ValueError(
                f"a picture of shape {image.shape} and type {image.dtype} came; "
                f"({self._height}, {self._width}, 3) and uint8 was wanted"
            )
        if self._first_s is None:
            self._first_s = time_s
        ticks = max(round((time_s - self._first_s) * _TICKS_S), self._last_ticks + 1)
        self._last_ticks = ticks
        frame = self._yuv(image)
        frame.pts, frame.time_base, frame.duration = ticks, Fraction(1, _TICKS_S), self._frame_ticks
        self._encode(frame)

    def close(self) -> None:
        """Finish the file and give it its name; closing twice does no harm.

        Raises:
            OutputError: if the disk is full or fails; nothing is left of the file then.
        """
        if not self._open:
            return
        if self._first_s is None:
            self.abort()
            return
        self._encode(None)
        try:
            self._container.close()
            os.replace(self._temporary, self._path)
        except (av.FFmpegError, OSError) as error:
            raise self._given_up(error) from error
        self._open = False

    def abort(self) -> None:
        """Give the file up and delete what was written of it."""
        if not self._open:
            return
        self._open = False
        try:
            self._container.close()
        except av.FFmpegError:
            pass  # on a full disk the end cannot be written either; the file goes anyway
        finally:
            self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _yuv(self, image: NDArray[np.uint8]) -> av.VideoFrame:
        if self._width % 2 or self._height % 2:
            image = np.pad(image, ((0, self._height % 2), (0, self._width % 2), (0, 0)), mode="edge")
        rgb = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(image))
        return self._reformatter.reformat(
            rgb,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )

    def _encode(self, frame: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except av.FFmpegError as error:
            raise self._given_up(error) from error

    def _make_temporary(self) -> Path:
        folder = self._path.parent
        temporary = folder / f".spotter-{secrets.token_hex(8)}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            temporary.touch(exist_ok=False)
        except OSError as error:
            raise OutputError(
                f"{self._path} could not be written ({error.strerror}); {_ELSEWHERE}"
            ) from error
        return temporary

    def _given_up(self, error: av.FFmpegError | OSError) -> OutputError:
        """Abort, and say why; on a full disk with what is left and what is needed."""
        written_mb = self._temporary.stat().st_size / 1e6 if self._temporary.exists() else 0.0
        self.abort()
        if error.errno not in _NO_SPACE:
            return OutputError(f"{self._path} could not be written ({error.strerror}); {_ELSEWHERE}")
        free_mb = shutil.disk_usage(self._path.parent).free / 1e6
        written_s = max(self._last_ticks, self._frame_ticks) / _TICKS_S
        return OutputError(
            f"the disk is full: {written_mb:.1f} MB held {written_s:.1f} s of {self._path}, so a minute of "
            f"it needs about {written_mb / written_s * 60:.0f} MB, and {free_mb:.0f} MB are free now that it "
            "is deleted; make room, or choose another folder"
        )
