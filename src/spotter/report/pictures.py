"""Cuts the report's pictures out of the video, with the bones, the angle and the measurement on them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import SpotterError
from spotter.media.reader import open_media
from spotter.report.collect import Moment
from spotter.report.drawing import Image, stamp
from spotter.report.plates import value_plate
from spotter.report.skeleton import Pose, draw_angle, draw_skeleton
from spotter.report.words import amount, limit_in_words

_MARGIN = 0.16  # around the landmarks, of the body's longer side; the top of the head is above all of them
_TALL, _WIDE = 4 / 5, 3 / 2  # width over height
_WIDTH, _HEIGHT = 720, 800  # the longest that a picture becomes
_QUALITY = 84


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for the page.

    Attributes:
        data: the JPEG file in base64.
        width, height: in pixels.
    """

    data: str
    width: int
    height: int


def take_pictures(video: Path, moments: Sequence[Moment], max_side: int) -> dict[Moment, Picture]:
    """A picture for each moment; one whose frame cannot be read again is left out.

    Args:
        video: the file that was analysed.
        moments: when and of whom.
        max_side: the longer side of the pictures that were analysed, which the poses refer to.
    """
    taken = {}
    for moment in sorted(moments, key=lambda one: one.time_s):
        frame = _frame_at(video, moment.time_s, max_side)
        if frame is not None:
            taken[moment] = draw_moment(frame, moment)
    return taken


def draw_moment(image: Image, moment: Moment) -> Picture:
    """Cut the person out of a frame and draw on it what was seen.

    Args:
        image: the whole RGB frame.
        moment: the moment that it shows.
    """
    left, top, right, bottom = crop_box(moment.pose, image.shape[1], image.shape[0])
    scale = min(_WIDTH / (right - left), _HEIGHT / (bottom - top))
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    part = np.asarray(cv2.resize(image[top:bottom, left:right], size, interpolation=method), np.uint8)
    # The bones are drawn after the change of size, so they are crisp on a small video too.
    pose = Pose((moment.pose.xy - (left, top)) * scale, moment.pose.visibility)
    unit = min(size) / 360
    draw_skeleton(part, pose, moment.wrong, unit)
    if moment.angle is not None:
        draw_angle(part, pose, *moment.angle, unit)
    fault = moment.fault
    if fault is not None and np.isfinite(fault.measured):
        plate = value_plate(amount(fault.measured, fault.unit), limit_in_words(fault), fault.severity, unit)
        stamp(part, plate, 10 * unit, part.shape[0] - plate.height - 10 * unit)
    return Picture(_jpeg(part), size[0], size[1])


def crop_box(pose: Pose, width: int, height: int) -> tuple[int, int, int, int]:
    """The part of a frame to show: the person with a margin, tall or wide; all of it if nobody is seen.

    Returns:
        Left, top, right, bottom in pixels, inside the frame.

    >>> pose = Pose(np.array([[100.0, 100.0], [200.0, 400.0]]), np.ones(2))
    >>> crop_box(pose, 640, 480)
    (0, 52, 317, 448)
    """
    seen = pose.xy[np.isfinite(pose.xy).all(axis=1)]
    if not len(seen):
        return 0, 0, width, height
    low, high = seen.min(axis=0), seen.max(axis=0)
    margin = _MARGIN * float((high - low).max())
    wanted = np.maximum(high - low + 2 * margin, 32.0)
    shape = _TALL if wanted[1] > wanted[0] else _WIDE
    wanted = np.maximum(wanted, (wanted[1] * shape, wanted[0] / shape))
    sizes = np.minimum(wanted, (width, height))
    start = np.clip((low + high) / 2 - sizes / 2, 0, np.array([width, height]) - sizes)
    left, top = np.floor(start).astype(int).tolist()
    right, bottom = np.ceil(start + sizes).astype(int).tolist()
    return left, top, min(right, width), min(bottom, height)


def _frame_at(video: Path, time_s: float, max_side: int) -> Image | None:
    """The frame at a time; None where the video cannot be read there any more."""
    try:
        with open_media(video, start_s=max(0.0, time_s - 1e-4), max_side=max_side) as source:
            frame = next(iter(source), None)
    except SpotterError:
        return None
    return None if frame is None else frame.image


def _jpeg(image: NDArray[np.uint8]) -> str:
    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    _, data = cv2.imencode(".jpg", image[:, :, ::-1], options)
    return base64.b64encode(data.tobytes()).decode("ascii")
