"""A tiny model that tells red, green and blue apart by the mean colour, and clips whose truth is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.errors import SpotterError
from spotter.media.frame import Frame, MediaInfo
from spotter.media.source import MediaSource
from spotter.media.writer import VideoWriter
from spotter.models.runtime import ov
from spotter.models.weights import save_network
from spotter.recognizer.card import Calibration, RecognizerCard, Task, write_card

Image = NDArray[np.uint8]

CLASSES = ("red", "green", "blue")
COLOURS = {
    "red": (220, 30, 30), "green": (30, 200, 60), "blue": (40, 60, 210), "grey": (120, 120, 120),
    "yellow": (210, 210, 40), "white": (240, 240, 240),
}  # fmt: skip
SIDE = 32
UNKNOWN_BELOW = 0.6
THRESHOLD = 0.5


def write_model(folder: Path, task: Task = "single", classes: Sequence[str] = CLASSES) -> Path:
    """Write a model's folder: a mean over the picture and a linear layer, in the form that training leaves.

    Of a single-label model grey is unknown; of a multi-label one yellow is red and green, black is nothing.
    """
    scale, bias = 1 / 127.5, -1.0
    pixels = ov.opset13.parameter([-1, 3, SIDE, SIDE], np.float32, name="pixels")
    pixels.output(0).set_names({"pixels"})
    unit = ov.opset13.add(
        ov.opset13.multiply(pixels, np.full((1, 3, 1, 1), scale, np.float32)),
        np.full((1, 3, 1, 1), bias, np.float32),
    )
    mix = np.eye(3, dtype=np.float32)[:, :, None, None]
    maps = ov.opset13.convolution(unit, mix, [1, 1], [0, 0], [0, 0], [1, 1])
    means = ov.opset13.reduce_mean(maps, np.array([2, 3]), False)
    logits = ov.opset13.add(
        ov.opset13.matmul(means, 6 * np.eye(3, dtype=np.float32), False, True), np.zeros((1, 3), np.float32)
    )
    answer = ov.opset13.softmax(logits, 1) if task == "single" else ov.opset13.sigmoid(logits)
    answer.output(0).set_names({"probabilities"})
    save_network(ov.Model([answer.output(0)], [pixels], "tiny"), folder)
    calibration = (
        Calibration(unknown_below=UNKNOWN_BELOW)
        if task == "single"
        else Calibration(thresholds=(THRESHOLD,) * 3)
    )
    write_card(
        folder,
        RecognizerCard(
            classes=tuple(classes),
            task=task,
            backbone="mean-colour",
            strategy="features",
            side=SIDE,
            scale=(scale,) * 3,
            bias=(bias,) * 3,
            calibration=calibration,
            versions={"spotter": "0.1.0"},
        ),
    )
    return folder


def picture(colour: str, width: int = 64, height: int = 48) -> Image:
    """One colour in the square in the middle; the rest, which no model may look at, in another."""
    image = np.empty((height, width, 3), np.uint8)
    image[:] = COLOURS["blue" if colour == "red" else "red"]
    edge = min(width, height)
    top, left = (height - edge) // 2, (width - edge) // 2
    image[top : top + edge, left : left + edge] = COLOURS[colour]
    return image


def write_video(
    path: Path, scenes: Sequence[tuple[str, float]], fps: float = 25, width: int = 64, height: int = 48
) -> Path:
    """Write a video of scenes, each a colour and how many seconds it lasts."""
    with VideoWriter(path, width, height, fps, crf=10) as video:
        for time_s, image in scene_pictures(scenes, fps, width, height):
            video.write(image, time_s)
    return path


def scene_pictures(
    scenes: Sequence[tuple[str, float]], fps: float = 25, width: int = 64, height: int = 48
) -> list[tuple[float, Image]]:
    """Time and picture of every frame of scenes."""
    colours = [colour for colour, length_s in scenes for _ in range(round(length_s * fps))]
    pictures = {colour: picture(colour, width, height) for colour in set(colours)}
    return [(index / fps, pictures[colour]) for index, colour in enumerate(colours)]


class FakeCamera(MediaSource):
    """Hands out pictures at their time, as a camera does, whether somebody takes them or not.

    Args:
        frames: time and picture of each.
        speed: how many times faster than the clock; 0 for as fast as they are taken.
        lost: raised after the last frame.
        on_frame: called with each frame's number before it is handed out.
    """

    def __init__(
        self,
        frames: Sequence[tuple[float, Image]],
        speed: float = 1.0,
        lost: SpotterError | None = None,
        on_frame: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._all, self._speed, self._lost, self._on_frame = frames, speed, lost, on_frame
        height, width = frames[0][1].shape[:2]
        self.closed = False
        super().__init__(MediaInfo("camera-0", "camera 0", width, height, 30, float("nan"), 0, "pictures", 0))

    def _frames(self) -> Generator[Frame, None, None]:
        begin = time.perf_counter()
        for index, (time_s, image) in enumerate(self._all):
            if self._speed:
                time.sleep(max(0.0, begin + time_s / self._speed - time.perf_counter()))
            self._on_frame(index)
            yield Frame(image, time_s, index)
        if self._lost is not None:
            raise self._lost

    def _release(self) -> None:
        self.closed = True
