"""Pictures as cameras, phones, painters and mistakes make them."""

from __future__ import annotations

import base64
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from spotter.errors import MediaFormatError
from spotter.media.picture_kind import picture_kind
from spotter.media.pictures import read_picture

CMYK_JPEG = base64.b85decode(
    "|JeWT01iQ9Z(?NtWB>pF0095n07C!+0s;d90s{jB0|WyD1O*5M1q1{I3I_)U2n-4g3=0Yi3k?nu5Dg9y4hstq77!5=6crT}3=bC=78Do~6crTzzyK5"
    "o01yBW1Va%3O%VWD5dcdO0RO}Q82|wQ0s{a50000000000000R92L%WU|HJ?k5CH%H0000000000000000095m01gC008Ic{080P>KLFoR^gfE11vsl"
    "g8KD$p5zw*VS_uEy"
)
"""16 by 16 quadrants in four inks, as Adobe's programs write them: inverted."""

UPRIGHT = ["red", "green", "blue", "white"]


def encoded(suffix: str, rgb: np.ndarray[Any, Any], *options: int) -> bytes:
    order = cv2.COLOR_RGBA2BGRA if rgb.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return bytes(cv2.imencode(suffix, cv2.cvtColor(rgb, order), list(options))[1].tobytes())


def exif_segment(orientation: int) -> bytes:
    """An APP1 segment with one tag, 0x0112 (Exif 2.3, 4.6.4)."""
    tiff = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x112, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 2) + tiff


def turned(jpeg: bytes, orientation: int) -> bytes:
    return jpeg[:2] + exif_segment(orientation) + jpeg[2:]


def animation(suffix: str, frames: list[np.ndarray[Any, Any]]) -> bytes:
    made = cv2.Animation()
    made.frames = [cv2.cvtColor(frame, cv2.COLOR_RGB2BGRA) for frame in frames]
    made.durations = np.full(len(frames), 100, np.int32)
    return bytes(cv2.imencodeanimation(suffix, made)[1].tobytes())


def test_inks_become_colours(tmp_path: Path, scenes: Any) -> None:
    path = tmp_path / "inks.jpg"
    path.write_bytes(CMYK_JPEG)
    image = read_picture(path)
    assert image.shape == (16, 16, 3)
    assert scenes.corners(image) == UPRIGHT
    kind = picture_kind(CMYK_JPEG)
    assert kind is not None and kind.cmyk


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_the_first_picture_of_an_animation(tmp_path: Path, scenes: Any, suffix: str) -> None:
    first = scenes.quadrants()
    data = animation(suffix, [first, 255 - first, first])
    path = tmp_path / f"moving{suffix}"
    path.write_bytes(data)
    assert scenes.corners(read_picture(path)) == UPRIGHT
    kind, still = picture_kind(data), picture_kind(encoded(suffix, first))
    assert kind is not None and still is not None
    assert (kind.animated, still.animated) == (True, False)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tif", ".gif", ".ppm", ".jp2", ".avif"])
def test_size_is_known_before_decoding(scenes: Any, suffix: str) -> None:
    kind = picture_kind(encoded(suffix, scenes.quadrants(66, 48)))
    assert kind is not None
    assert (kind.width, kind.height, kind.bits) == (66, 48, 8)
    assert not (kind.cmyk or kind.animated or kind.alpha or kind.cut_off)
    assert kind.orientation == 1


@pytest.mark.parametrize("suffix", [".png", ".tif", ".ppm"])
def test_sixteen_bits_are_known_and_read(tmp_path: Path, scenes: Any, suffix: str) -> None:
    data = encoded(suffix, scenes.quadrants().astype(np.uint16) * 257)
    kind = picture_kind(data)
    assert kind is not None and kind.bits == 16
    path = tmp_path / f"deep{suffix}"
    path.write_bytes(data)
    assert scenes.corners(read_picture(path)) == UPRIGHT


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_transparency_is_known(scenes: Any, suffix: str) -> None:
    rgba = np.dstack([scenes.quadrants(), np.full((48, 64), 90, np.uint8)])
    kind = picture_kind(encoded(suffix, rgba))
    assert kind is not None and kind.alpha


@pytest.mark.parametrize("kept", [0, 1, 3, 8, 12, 20, 40, 200])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tif", ".gif", ".ppm", ".jp2", ".avif"])
def test_no_beginning_of_a_file_is_too_short_to_judge(
    tmp_path: Path, scenes: Any, suffix: str, kept: int, capfd: pytest.CaptureFixture[str]
) -> None:
    data = encoded(suffix, scenes.noisy_steps(1)[0])[:kept]
    picture_kind(data)
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(data)
    with pytest.raises(MediaFormatError) as raised:
        read_picture(path)
    assert str(path) in str(raised.value)
    assert capfd.readouterr().err == ""


def test_damaged_headers_never_hang_or_raise(scenes: Any) -> None:
    rng = np.random.default_rng(0)
    for suffix in (".jpg", ".png", ".webp", ".tif", ".gif", ".jp2", ".avif"):
        whole = np.frombuffer(encoded(suffix, scenes.quadrants()), np.uint8)
        for _ in range(200):
            data = whole.copy()
            places = rng.integers(4, len(data), 6)
            data[places] = rng.integers(0, 256, 6)
            picture_kind(data.tobytes())


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("max_side", [300, 160, 100, 40, 16])
def test_a_jpeg_decoded_smaller_is_the_same_picture(
    tmp_path: Path, scenes: Any, orientation: int, max_side: int
) -> None:
    rgb = cv2.GaussianBlur(scenes.quadrants(640, 400), (0, 0), 5)
    path = tmp_path / "photo.jpg"
    path.write_bytes(turned(encoded(".jpg", rgb, cv2.IMWRITE_JPEG_QUALITY, 97), orientation))
    whole = read_picture(path)
    small = read_picture(path, max_side=max_side)
    assert max(small.shape) == max_side
    expected = cv2.resize(whole, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - expected).mean() < 1.5


def test_a_huge_jpeg_needs_little_memory(tmp_path: Path) -> None:
    from resource import RUSAGE_SELF, getrusage

    grey = cv2.resize(np.random.default_rng(0).integers(0, 255, (60, 80), np.uint8), (12_000, 9_000))
    path = tmp_path / "huge.jpg"
    path.write_bytes(bytes(cv2.imencode(".jpg", grey)[1].tobytes()))
    del grey
    before = getrusage(RUSAGE_SELF).ru_maxrss
    assert read_picture(path, max_side=1024).shape == (768, 1024, 3)
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 150_000


def test_a_file_that_claims_to_be_enormous_is_not_decoded(tmp_path: Path, scenes: Any) -> None:
    data = bytearray(encoded(".png", scenes.quadrants()))
    data[16:24] = struct.pack(">II", 100_000, 100_000)
    path = tmp_path / "bomb.png"
    path.write_bytes(data)
    with pytest.raises(
        MediaFormatError, match=r"bomb\.png is too large: 100000 by 100000 .* save it smaller"
    ):
        read_picture(path)


def test_a_picture_under_another_kinds_name(tmp_path: Path, scenes: Any) -> None:
    path = tmp_path / "really a png.jpg"
    path.write_bytes(encoded(".png", scenes.quadrants()))
    assert scenes.corners(read_picture(path)) == UPRIGHT


def test_opencvs_complaints_are_kept_back_in_many_threads_and_come_back(tmp_path: Path, scenes: Any) -> None:
    good, bad = tmp_path / "good.jpg", tmp_path / "bad.jpg"
    good.write_bytes(encoded(".jpg", scenes.noisy_steps(1)[0]))
    bad.write_bytes(good.read_bytes()[:600])
    log: Any = getattr(cv2.utils, "logging", cv2)
    level = log.getLogLevel()
    barrier = threading.Barrier(8)

    def read(number: int) -> bool:
        barrier.wait()
        try:
            return read_picture(bad if number % 2 else good).shape == (48, 64, 3)
        except MediaFormatError:
            return False

    for _ in range(5):
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(read, range(8))) == [True, False] * 4
    assert log.getLogLevel() == level
