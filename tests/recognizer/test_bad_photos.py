"""Photos as they should not be: each is read all the same, or told in a sentence with the file's name."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.errors import DatasetError
from spotter.recognizer.check import PhotoCheck, check_photos
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.layouts import read_photos
from spotter.recognizer.split import split_photos

Image = np.ndarray


def noise(seed: int, side: int = 96) -> Image:
    return np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)


def encoded(suffix: str, image: Image, *options: int) -> bytes:
    return cv2.imencode(suffix, image, list(options))[1].tobytes()


def good(root: Path, each: int = 6) -> Path:
    for label in ("face", "hand"):
        (root / label).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            (root / label / f"{number}.png").write_bytes(
                encoded(".png", noise(number + 100 * (label == "hand")))
            )
    return root


def with_file(root: Path, name: str, data: bytes) -> PhotoCheck:
    """A check of good photos with one more file among them."""
    (good(root) / "hand" / name).write_bytes(data)
    return check_photos(read_photos(root))


def claimed_png(width: int, height: int) -> bytes:
    """A tiny file that says it is a picture of any size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"IDAT" + zlib.compress(bytes(1000))
    chunks = (
        struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one))
        for one in (header, body, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


UNREADABLE: dict[str, tuple[Callable[[], bytes], str]] = {
    "text.jpg": (lambda: b"This is no picture.\n", "not a picture"),
    "empty.jpg": (lambda: b"", "0 bytes"),
    "page.png": (lambda: b"<!doctype html><title>404</title>", "not a picture"),
    "cut ü.jpg": (lambda: encoded(".jpg", noise(1))[:3000], "JPEG picture and"),
    "header.jpg": (lambda: encoded(".jpg", noise(1))[:12], "JPEG picture and"),
    "cut.png": (lambda: encoded(".png", noise(1))[:5000], "then breaks off"),
    "cut.webp": (lambda: encoded(".webp", noise(1))[:900], "then breaks off"),
    "cut.gif": (lambda: encoded(".gif", noise(1))[:3000], "GIF picture and"),
    "bomb.png": (lambda: claimed_png(60_000, 60_000), "3600 megapixels"),
    "phone.jpg": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200), "HEIC picture"),
    "film.jpg": (lambda: b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(200), "not a picture"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_left_out_and_told(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    make, says = UNREADABLE[name]
    check = with_file(tmp_path, name, make())
    (found,) = (one for one in check.findings if one.kind == "unreadable")
    assert says in found.cases[0].why and name in found.cases[0].why
    assert [one.path.name for one in check.photos.left_out] == [name]
    assert check.trainable and len(check.photos) == 12
    assert capfd.readouterr().err == ""


def cmyk_tiff(rgb: Image) -> bytes:
    """An uncompressed TIFF of four inks (TIFF 6.0, section 16)."""
    height, width = rgb.shape[:2]
    inks = np.dstack([255 - rgb, np.zeros((height, width), np.uint8)]).tobytes()
    tags = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, 4, 8 + 2 + 12 * 10 + 4),
        (259, 3, 1, 1),
        (262, 3, 1, 5),
    ]
    tags += [(273, 4, 1, 150), (277, 3, 1, 4), (278, 3, 1, height), (279, 4, 1, len(inks)), (332, 3, 1, 1)]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = (
        b"II*\0"
        + struct.pack("<IH", 8, len(tags))
        + entries
        + struct.pack("<I", 0)
        + struct.pack("<4H", 8, 8, 8, 8)
    )
    return head.ljust(150, b"\0") + inks


def animated_gif() -> bytes:
    animation = cv2.Animation()
    animation.frames = [noise(1), noise(2)]
    animation.durations = np.array([100, 100], np.int32)
    done, data = cv2.imencodeanimation(".gif", animation)
    assert done
    return bytes(data.tobytes())


UNUSUAL: dict[str, tuple[Callable[[], bytes], str]] = {
    "inks.tif": (lambda: cmyk_tiff(noise(1)), "CMYK"),
    "deep.png": (lambda: encoded(".png", noise(1).astype(np.uint16) * 257), "16 bits"),
    "deep.tif": (lambda: encoded(".tif", noise(1).astype(np.uint16) * 257), "16 bits"),
    "moving.gif": (animated_gif, "animation"),
    "clear.png": (lambda: encoded(".png", np.dstack([noise(1), noise(2)[..., :1]])), "transparency"),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_pictures_are_read_and_told(tmp_path: Path, name: str) -> None:
    make, says = UNUSUAL[name]
    check = with_file(tmp_path, name, make())
    (found,) = (one for one in check.findings if one.kind == "unusual")
    assert says in found.cases[0].why and found.cases[0].paths[0].name == name
    assert len(check.photos) == 13


def test_a_hundred_megapixels(tmp_path: Path) -> None:
    image = cv2.resize(noise(3, 50), (12_000, 8_400), interpolation=cv2.INTER_LINEAR)
    check = with_file(tmp_path, "huge.jpg", encoded(".jpg", image))
    (found,) = (one for one in check.findings if one.kind == "unusual")
    assert found.cases[0].why == "101 megapixels, slow to read"
    assert check.sides.max() == 12_000


def test_names_with_spaces_and_umlauts(tmp_path: Path) -> None:
    names = ("mein Bild (1).png", "Füße ßå.png", "手.png", "a%20b&c=d#e.png", "-rf.png")
    for number, name in enumerate(names):
        (good(tmp_path) / "hand" / name).write_bytes(encoded(".png", noise(500 + number)))
    check = check_photos(read_photos(tmp_path))
    assert len(check.photos) == 17
    assert "unreadable" not in [one.kind for one in check.findings]


def three(root: Path) -> PhotoSet:
    (root / "face").mkdir()
    (root / "hand").mkdir()
    for name in ("face/1.png", "face/2.png", "hand/1.png"):
        (root / name).write_bytes(encoded(".png", noise(len(name))))
    return read_photos(root)


def one_class(root: Path) -> PhotoSet:
    (root / "face").mkdir()
    (root / "face" / "1.png").write_bytes(encoded(".png", noise(1)))
    return read_photos(root)


def empty_class(root: Path) -> PhotoSet:
    (good(root) / "foot").mkdir()
    return read_photos(root)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (three, "one photo of hand only (1.png)"),
        (one_class, "one class only, face (1 photo)"),
        (empty_class, "no photos of foot"),
    ],
)
def test_too_little_to_train_with(tmp_path: Path, make: Callable[[Path], PhotoSet], says: str) -> None:
    photos = make(tmp_path)
    with pytest.raises(DatasetError) as raised:
        split_photos(photos)
    assert says in str(raised.value)
    check = check_photos(photos)
    assert not check.trainable
    assert says in check.findings[0].cases[0].why


def test_a_class_of_which_nothing_can_be_read(tmp_path: Path) -> None:
    (good(tmp_path) / "foot").mkdir()
    for number in range(3):
        (tmp_path / "foot" / f"{number}.jpg").write_text("no picture")
    check = check_photos(read_photos(tmp_path))
    assert [case.why for case in check.findings[0].cases] == [
        "there are no photos of foot: add some, or remove the class"
    ]
    assert check.findings[0].severity == "stop"


def test_nothing_can_be_read_at_all(tmp_path: Path) -> None:
    for name in ("face", "hand"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").write_text("no picture")
    check = check_photos(read_photos(tmp_path))
    assert not check.trainable and len(check.photos) == 0 and check.sides.shape == (0, 2)
