"""Pictures and folders of pictures."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from spotter.errors import MediaFormatError, UsageError
from spotter.media.reader import open_media, read_picture


def save(path: Path, rgb: np.ndarray[Any, Any]) -> Path:
    order = cv2.COLOR_RGBA2BGRA if rgb.ndim == 3 and rgb.shape[2] == 4 else cv2.COLOR_RGB2BGR
    cv2.imwrite(str(path), rgb if rgb.ndim == 2 else cv2.cvtColor(rgb, order))
    return path


def set_exif_orientation(path: Path, orientation: int) -> None:
    """Put an APP1 segment with one tag, 0x0112, into a JPEG file (Exif 2.3, 4.6.4)."""
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x112, 3, 1, orientation, 0, 0)
    segment = b"Exif\0\0" + tiff
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:])


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".png", ".webp", ".bmp", ".tif", ".ppm"])
def test_one_picture_is_a_source_of_one_frame(tmp_path: Path, scenes: Any, suffix: str) -> None:
    path = save(tmp_path / f"me{suffix}", scenes.quadrants(65, 49))
    with open_media(path) as source:
        assert (source.info.name, source.info.width, source.info.height) == ("me", 65, 49)
        assert source.info.frame_count == 1
        (frame,) = source
    assert (frame.time_s, frame.index) == (0.0, 0)
    assert scenes.corners(frame.image) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize(
    ("orientation", "seen"),
    [
        (1, ["red", "green", "blue", "white"]),
        (2, ["green", "red", "white", "blue"]),
        (3, ["white", "blue", "green", "red"]),
        (4, ["blue", "white", "red", "green"]),
        (5, ["red", "blue", "green", "white"]),
        (6, ["blue", "red", "white", "green"]),
        (7, ["white", "green", "blue", "red"]),
        (8, ["green", "white", "red", "blue"]),
    ],
)
def test_exif_orientation_is_applied(tmp_path: Path, scenes: Any, orientation: int, seen: list[str]) -> None:
    path = save(tmp_path / "phone.jpg", scenes.quadrants())
    set_exif_orientation(path, orientation)
    image = read_picture(path)
    assert image.shape == ((48, 64, 3) if orientation < 5 else (64, 48, 3))
    assert scenes.corners(image) == seen


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photo_under_a_videos_name_is_turned_too(tmp_path: Path, scenes: Any, orientation: int) -> None:
    photo = save(tmp_path / "phone.jpg", scenes.quadrants())
    set_exif_orientation(photo, orientation)
    expected = scenes.corners(read_picture(photo))
    with open_media(photo.rename(tmp_path / "phone.mp4")) as source:
        assert [scenes.corners(frame.image) for frame in source] == [expected]


@pytest.mark.parametrize(
    "picture",
    [
        np.full((48, 64), 117, np.uint8),
        np.full((48, 64, 4), 117, np.uint8),
        np.full((48, 64), 117 * 257, np.uint16),
        np.full((48, 64, 3), 117 * 257, np.uint16),
    ],
    ids=["grey", "alpha", "16 bit grey", "16 bit"],
)
def test_every_kind_of_pixel_becomes_rgb(tmp_path: Path, picture: np.ndarray[Any, Any]) -> None:
    image = read_picture(save(tmp_path / "a.png", picture))
    assert image.dtype == np.uint8
    assert image.shape == (48, 64, 3)
    assert np.all(image == 117)


def test_a_large_picture_is_shrunk(tmp_path: Path, scenes: Any) -> None:
    image = read_picture(save(tmp_path / "a.png", scenes.quadrants(640, 480)), max_side=100)
    assert image.shape == (75, 100, 3)
    assert scenes.corners(image) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize(
    ("options", "first", "times"),
    [
        ({}, 0, [0, 1 / 30, 2 / 30, 3 / 30]),
        ({"fps": 2}, 0, [0, 0.5, 1, 1.5]),
        ({"fps": 2, "start_s": 0.5, "end_s": 1.5}, 1, [0.5, 1]),
    ],
)
def test_a_folder_of_pictures_in_natural_order(
    tmp_path: Path, scenes: Any, options: dict[str, float], first: int, times: list[float]
) -> None:
    folder = tmp_path / "set 1"
    folder.mkdir()
    for name, image in zip(("2.png", "9.png", "10.png", "100.png"), scenes.grey_steps(4), strict=True):
        save(folder / name, image)
    (folder / "notes.txt").touch()
    with open_media(folder, **options) as source:  # type: ignore[arg-type]
        frames = list(source)
    assert [frame.time_s for frame in frames] == pytest.approx(times)
    assert [scenes.number_of(frame.image) for frame in frames] == list(range(first, first + len(times)))
    assert [frame.index for frame in frames] == list(range(len(times)))
    assert (source.info.name, source.info.codec, source.info.frame_count) == ("set 1", "pictures", len(times))
    assert source.info.duration_s == pytest.approx(4 / options.get("fps", 30))
    assert source.warning is None


def test_damaged_pictures_are_left_out_and_told(
    tmp_path: Path, scenes: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        save(tmp_path / f"{number}.png", scenes.noisy_steps(1)[0])
    for number in (0, 3):
        whole = (tmp_path / f"{number}.png").read_bytes()
        (tmp_path / f"{number}.png").write_bytes(whole[: len(whole) // 2])
    with open_media(tmp_path, fps=10) as source:
        frames = list(source)
    assert [frame.time_s for frame in frames] == pytest.approx([0.1, 0.2, 0.4])
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert source.warning is not None
    assert "left out: 2 (0.png, 3.png)" in source.warning
    assert capfd.readouterr().err == ""


def test_pictures_of_other_sizes_are_letterboxed(tmp_path: Path) -> None:
    save(tmp_path / "1.png", np.full((48, 64, 3), 200, np.uint8))
    save(tmp_path / "2.png", np.full((96, 64, 3), 200, np.uint8))
    with open_media(tmp_path) as source:
        _, frame = source
    assert frame.image.shape == (48, 64, 3)
    assert np.all(frame.image[:, 16:48] == 200)
    assert np.all(frame.image[:, :16] == 0)


def test_a_folder_of_which_no_picture_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_text("no picture")
    (tmp_path / "2.jpg").touch()
    with pytest.raises(MediaFormatError, match="not one of the pictures"):
        open_media(tmp_path)


@pytest.mark.parametrize("options", [{"fps": 0}, {"fps": -1}, {"fps": float("nan")}, {"start_s": 1}])
def test_wrong_numbers_are_refused(tmp_path: Path, scenes: Any, options: dict[str, float]) -> None:
    save(tmp_path / "1.png", scenes.quadrants())
    with pytest.raises(UsageError):
        open_media(tmp_path, **options)  # type: ignore[arg-type]
