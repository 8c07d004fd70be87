"""The one door to frames: open a video, a picture or a folder of pictures."""

from __future__ import annotations

from pathlib import Path

from spotter.errors import UsageError
from spotter.media.files import PICTURE_EXTENSIONS, list_media, require_existing
from spotter.media.pictures import DEFAULT_FPS, PictureSource, read_picture
from spotter.media.source import MediaSource, TimeWindow
from spotter.media.video import open_video

__all__ = ["MediaSource", "list_media", "open_media", "read_picture"]


def open_media(
    source: str | Path,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    fps: float | None = None,
    max_side: int | None = None,
) -> MediaSource:
    """Open a video file, a picture, or a folder of pictures, for its frames in order.

    Args:
        source: anything that ffmpeg reads, a picture, or a folder of pictures in natural order.
        start_s: skip to this time in the stream, in seconds; frames keep their time in the stream.
        end_s: stop before this time in the stream, in seconds.
        fps: pictures a second of a folder of pictures (30 unless told); a video has times of its own.
        max_side: the longest side of the pictures handed out, in pixels; larger ones are shrunk in decoding.

    Returns:
        A context manager with ``info``, to be gone through once. Damage inside a file is left out and told in
        ``warning`` at the end.

    Raises:
        MediaNotFoundError: if the file, the folder or pictures in the folder are not there.
        MediaUnreadableError: if it may not be read.
        MediaFormatError: if it is empty, no video or picture, has no picture track, or nothing in it decodes.
        UsageError: if nothing lies between start and end, ``max_side`` is below 1, or ``fps`` is for a video.

    >>> import cv2, tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for number in range(3):
    ...         _ = cv2.imwrite(f"{folder}/{number}.png", np.zeros((48, 64, 3), np.uint8))
    ...     with open_media(folder, fps=10) as source:
    ...         [(frame.index, frame.time_s, frame.image.shape) for frame in source]
    [(0, 0.0, (48, 64, 3)), (1, 0.1, (48, 64, 3)), (2, 0.2, (48, 64, 3))]
    """
    path = Path(source)
    window = TimeWindow.between(start_s, end_s)
    if max_side is not None and max_side < 1:
        raise UsageError(f"the longest side is to be {max_side} pixels; give 1 or more")
    require_existing(path)
    if path.is_dir() or path.suffix.lower() in PICTURE_EXTENSIONS:
        return PictureSource(path, window, DEFAULT_FPS if fps is None else fps, max_side)
    if fps is not None:
        raise UsageError(f"{path} is a video, whose times are its own; fps is for folders of pictures")
    return open_video(path, window, max_side)
