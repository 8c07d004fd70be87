"""One picture with its time, and what is known of the stream that it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture.

    Attributes:
        image: RGB uint8 array of shape (height, width, 3), upright, with square pixels.
        time_s: when it is shown, in seconds from the start of the stream (not from ``--start``).
        index: its number among the frames handed out, from 0.

    >>> Frame(np.zeros((2, 3, 3), np.uint8), time_s=0.04, index=1).image.shape
    (2, 3, 3)
    """

    image: NDArray[np.uint8]
    time_s: float
    index: int


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a stream says about itself before it is decoded.

    Attributes:
        name: the stem that results are filed under, such as ``"squat"`` for ``squat.mp4``.
        path: where it came from, as the user wrote it.
        width, height: the size of the pictures handed out, in pixels: rotation and pixel aspect applied.
        fps: average frames a second; NaN where unknown.
        duration_s: length in seconds; NaN where unknown (a camera, a broken header).
        frame_count: estimated number of frames to come; 0 where unknown.
        codec: the codec's short name, such as ``"h264"``; ``"pictures"`` for a folder.
        rotation_deg: the rotation in the metadata that was applied, one of 0, 90, 180, 270 (clockwise).
        created: when its recording began, with a time zone; None where it does not say.
    """

    name: str
    path: str
    width: int
    height: int
    fps: float
    duration_s: float
    frame_count: int
    codec: str
    rotation_deg: int
    created: datetime | None = None
