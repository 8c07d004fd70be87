"""Camera frames: what is decoded and at which size, and damage of every kind, none of which gets through."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from spotter.serve.clock import SessionClock
from spotter.serve.config import Limits
from spotter.serve.frames import FrameError, SentFrame, decode_frame, read_frame
from tests.serve.fake import frame, huge_png, picture

LIMITS = Limits()


def decoded(content: bytes) -> np.ndarray:
    return decode_frame(read_frame(frame(1, 0.0, content), 0.0, LIMITS), LIMITS)


def gradient(width: int, height: int, ending: str) -> bytes:
    red = np.linspace(0, 255, width, dtype=np.float32)[None].repeat(height, axis=0)
    rgb = np.stack([red, np.full_like(red, 40), 255 - red], axis=2).astype(np.uint8)
    return cv2.imencode(ending, rgb[:, :, ::-1])[1].tobytes()


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_pixels_are_rgb(ending: str) -> None:
    image = decoded(gradient(64, 48, ending))
    assert image.shape == (48, 64, 3) and image.dtype == np.uint8
    assert np.abs(image[24, 60].astype(int) - [239, 40, 16]).max() < 30


@pytest.mark.parametrize(
    ("sent", "looked_at"),
    [
        ((640, 480), (640, 480)),
        ((1280, 720), (1280, 720)),
        ((1920, 1080), (960, 540)),
        ((1080, 1920), (540, 960)),
    ],
)
def test_large_pictures_are_decoded_smaller(sent: tuple[int, int], looked_at: tuple[int, int]) -> None:
    assert decoded(gradient(*sent, ".jpg")).shape[1::-1] == looked_at


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_damage_never_gets_through(ending: str) -> None:
    whole, rng = picture(80, 60, ending), np.random.default_rng(1)
    refused = 0
    for number in range(300):
        broken = bytearray(whole)
        for place in rng.integers(0, len(whole), rng.integers(1, 20)):
            broken[place] = rng.integers(0, 256)
        if number % 3 == 0:
            del broken[int(rng.integers(0, len(broken))) :]
        try:
            image = decoded(bytes(broken))
        except FrameError as error:
            refused += error.code in ("not_a_picture", "too_large", "bad_message")
        else:
            assert image.ndim == 3 and max(image.shape) <= LIMITS.frame_side
    assert refused >= 100  # those that were cut off at least


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + huge_png(50)[8:33] + b"\0\0\0\0abcd\0\0\0\0" * 300_000 + huge_png(50)[-12:],
        b"\xff\xd8" + b"\xff\xfe\x00\x02" * 900_000 + b"\xff\xd9",
        picture()[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 300_000 + b"\xff\xd9",
        b"RIFF"
        + (3_900_000).to_bytes(4, "little")
        + b"WEBPVP8X"
        + bytes([10, 0, 0, 0, 2])
        + bytes(3_899_990),
    ],
    ids=["PNG of empty chunks", "JPEG of comments", "JPEG of scans", "WebP of nothing"],
)
def test_what_is_made_to_last_does_not(content: bytes) -> None:
    began = time.process_time()
    with pytest.raises(FrameError):
        decoded(content)
    assert time.process_time() - began < 0.5


def test_the_clock_goes_on_over_a_lost_connection() -> None:
    clock = SessionClock()
    times = [clock.read(SentFrame(1, 5.0, 100.0, b"")), clock.read(SentFrame(2, 5.1, 100.1, b""))]
    clock.restart()
    times.append(clock.read(SentFrame(3, 25.2, 120.1, b"")))  # the same clock, twenty seconds on
    clock.restart()
    times.append(clock.read(SentFrame(1, 0.0, 150.1, b"")))  # a new one
    times.append(clock.read(SentFrame(2, 0.5, 150.6, b"")))
    assert times == pytest.approx([5.0, 5.1, 25.2, 55.2, 55.7])
    with pytest.raises(FrameError):
        clock.read(SentFrame(3, 0.5, 150.7, b""))
