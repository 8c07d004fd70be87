"""Pictures whose colours say which part each pixel is, and an engine that reads them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PARTS, PartMap
from spotter.media.frame import Frame
from spotter.media.writer import VideoWriter

Image = NDArray[np.uint8]
Labels = NDArray[np.uint8]

_BOXES = {  # of a figure of 20 by 40, facing the camera: left, top, right, bottom
    "head": (8, 0, 12, 6), "torso": (6, 6, 14, 20),
    "left_upper_arm": (14, 6, 18, 12), "right_upper_arm": (2, 6, 6, 12),
    "left_lower_arm": (14, 12, 18, 18), "right_lower_arm": (2, 12, 6, 18),
    "left_hand": (15, 18, 18, 21), "right_hand": (2, 18, 5, 21),
    "left_upper_leg": (10, 20, 14, 29), "right_upper_leg": (6, 20, 10, 29),
    "left_lower_leg": (10, 29, 14, 37), "right_lower_leg": (6, 29, 10, 37),
    "left_foot": (10, 37, 16, 40), "right_foot": (4, 37, 10, 40),
}  # fmt: skip


def figures(height: int, width: int, *lefts: int, scale: int = 1) -> tuple[Labels, Labels]:
    """Labels and people of a picture with a figure of 20 by 40 at each place, the last one in front."""
    labels, people = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    for number, left in enumerate(lefts, start=1):
        for label, name in enumerate(PARTS, start=1):
            x0, y0, x1, y1 = (scale * one for one in _BOXES[name])
            labels[y0:y1, left + x0 : left + x1] = label
            people[y0:y1, left + x0 : left + x1] = number
    return labels, people


def painted(labels: Labels, people: Labels) -> Image:
    """The picture of a map: red says the label, green the person; the background is dark blue."""
    return np.stack([16 * labels + 8, 60 * people + 20, np.full_like(labels, 90)], axis=2).astype(np.uint8)


def write_picture(path: Path, labels: Labels, people: Labels) -> Path:
    cv2.imwrite(str(path), painted(labels, people)[:, :, ::-1])
    return path


def write_video(path: Path, frames: int = 12, width: int = 96, height: int = 160, fps: float = 10) -> Path:
    """A figure that goes four pixels to the right from frame to frame; nearly lossless."""
    with VideoWriter(path, width, height, fps, crf=4) as video:
        for index in range(frames):
            video.write(painted(*figures(height, width, 4 * (index % 4), scale=4)), index / fps)
    return path


class Reader:
    """An engine that finds what `painted` has painted; the people's numbers begin with 5."""

    def push(self, frame: Frame) -> PartMap:
        red, green, _ = np.moveaxis(frame.image.astype(np.int64), 2, 0)
        people = (green // 60).astype(np.uint8)
        labels = ((red // 16) * (people > 0)).clip(0, len(PARTS)).astype(np.uint8)
        count = int(people.max())
        scores = np.full((count, len(PARTS) + 1), 0.75, np.float32)
        for place in range(count):
            scores[place, 1:][np.bincount(labels[people == place + 1], minlength=15)[1:] == 0] = np.nan
        return PartMap(labels, people, tuple(range(5, 5 + count)), scores)


def read_map(image: Image) -> PartMap:
    """What `Reader` finds in a picture."""
    return Reader().push(Frame(image, 0.0, 0))
