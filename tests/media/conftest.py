"""Small clips written at test time, one property each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

Image = NDArray[np.uint8]
TICKS = 90_000
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 60), (40, 60, 210), (240, 240, 240)


class Scenes:
    """Pictures to write, and what can be read off them again."""

    @staticmethod
    def quadrants(width: int = 64, height: int = 48) -> Image:
        """Red top left, green top right, blue bottom left, white bottom right."""
        image = np.empty((height, width, 3), np.uint8)
        image[: height // 2, : width // 2] = RED
        image[: height // 2, width // 2 :] = GREEN
        image[height // 2 :, : width // 2] = BLUE
        image[height // 2 :, width // 2 :] = WHITE
        return image

    @staticmethod
    def corners(image: Image) -> list[str]:
        """The colours of the quadrants: top left, top right, bottom left, bottom right."""
        named = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
        height, width = image.shape[:2]
        found = []
        for y, x in ((1, 1), (1, 3), (3, 1), (3, 3)):
            pixel = image[height * y // 4, width * x // 4].astype(int)
            found.append(min(named, key=lambda name: int(np.abs(pixel - named[name]).sum())))
        return found

    @staticmethod
    def grey_steps(count: int, width: int = 64, height: int = 48) -> list[Image]:
        """Pictures that get brighter by 4 a frame, so that a frame's number can be read off it."""
        return [np.full((height, width, 3), 16 + 4 * (index % 55), np.uint8) for index in range(count)]

    @staticmethod
    def noisy_steps(count: int) -> list[Image]:
        """The same with noise, so that each picture takes some room in the file."""
        rng = np.random.default_rng(0)
        steps = Scenes.grey_steps(count)
        return [np.clip(step + rng.integers(-20, 20, step.shape), 0, 255).astype(np.uint8) for step in steps]

    @staticmethod
    def number_of(image: Image) -> int:
        """The number of a picture of `grey_steps`."""
        return round((float(image.mean()) - 16) / 4)


def write_clip(
    path: Path,
    images: Sequence[Image],
    *,
    times: Sequence[float] | None = None,
    fps: float = 25,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    clockwise_deg: int = 0,
    mirrored: bool = False,
    pixel_aspect: Fraction | None = None,
    key_frame_every: int = 12,
    bframes: int = 2,
    container_options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
    marks: dict[str, int] | None = None,
    file_format: str | None = None,
    title: str | None = None,
) -> Path:
    """Encode RGB pictures; ``times`` in seconds, evenly spaced unless given."""
    with av.open(str(path), "w", format=file_format, options=container_options or {}) as container:
        if title is not None:
            container.metadata["title"] = title
        options = {"bf": str(bframes), "x264-params": "scenecut=0"} if codec == "libx264" else {}
        stream = container.add_stream(codec, rate=Fraction(fps), options=options | (codec_options or {}))
        context = stream.codec_context
        context.height, context.width = images[0].shape[:2]
        context.pix_fmt = pix_fmt
        context.gop_size = key_frame_every
        steady = times is None
        context.time_base = 1 / Fraction(fps) if steady else Fraction(1, TICKS)
        for name, value in (marks or {}).items():
            setattr(context, name, value)
        if pixel_aspect:
            context.sample_aspect_ratio = pixel_aspect
        if clockwise_deg or mirrored:
            stream.set_display_rotation(-clockwise_deg, hflip=mirrored)
        for index, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(
                format=pix_fmt,
                dst_colorspace=1 if (marks or {}).get("colorspace") == 1 else 5,
                dst_color_range=(marks or {}).get("color_range", 0),
            )
            frame.pts = index if times is None else round(times[index] * TICKS)
            frame.time_base = context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def scenes() -> type[Scenes]:
    """Pictures to write into clips."""
    return Scenes


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., Path]:
    """Writes a clip into the test's folder: ``clip("a.mp4", images, ...)``."""

    def write(name: str, images: Sequence[Image], **options: Any) -> Path:
        return write_clip(tmp_path / name, images, **options)

    return write


@pytest.fixture
def sound(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a second of silence and no picture: ``sound("song.mp3", "libmp3lame")``."""

    def write(name: str, codec: str) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=16000, layout="mono")
            samples = np.zeros((1, 16000), np.float32)
            frame = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
            frame.sample_rate = 16000
            for piece in av.AudioResampler("fltp", "mono", 16000, stream.codec_context.frame_size).resample(
                frame
            ):
                container.mux(stream.encode(piece))
            container.mux(stream.encode(None))
        return path

    return write
