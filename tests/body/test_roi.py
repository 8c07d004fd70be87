"""The region of interest: its geometry, the crop and the way back, and the picture's border."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spotter.body.roi import MARGIN, Roi

TURNED = Roi(130.0, 85.0, 90.0, math.radians(35))


@pytest.mark.parametrize(
    ("rim", "degrees"),
    [
        ((100, 60), 0),  # upright
        ((140, 100), 90),  # lies with the head to the right: a quarter clockwise
        ((60, 100), -90),
        ((100, 140), -180),  # upside down
        ((140, 60), 45),
        ((60, 60), -45),
        ((140, 140), 135),
    ],
)
def test_the_square_turns_with_the_body(rim: tuple[float, float], degrees: float) -> None:
    roi = Roi.from_alignment(np.array([100.0, 100.0]), np.array(rim, float))
    assert math.degrees(roi.rotation) == pytest.approx(degrees, abs=1e-6)
    assert (roi.x, roi.y) == (100, 100)
    assert roi.size == pytest.approx(2 * MARGIN * math.dist(rim, (100, 100)))
    # the head's direction is up in the crop
    up = roi.to_image(np.array([[0.5, 0.0]]))[0] - [100, 100]
    assert up / np.linalg.norm(up) == pytest.approx(
        (np.array(rim) - 100) / math.dist(rim, (100, 100)), abs=1e-6
    )


@pytest.mark.parametrize(
    "roi", [Roi(50, 40, 20, 0), TURNED, Roi(-30, 500, 700, -3.0)], ids=["plain", "turned", "outside"]
)
@pytest.mark.parametrize("side", [1, 2, 64, 255, 256])
def test_crop_and_way_back_are_inverse(roi: Roi, side: int) -> None:
    """To half a pixel of crop and picture: whether a pixel's number means its corner or its centre."""
    pixels = np.random.default_rng(0).uniform(-5, side + 5, (20, 2))
    found = pixels @ roi.crop_matrix(side)[:, :2].T + roi.crop_matrix(side)[:, 2]
    margin = (roi.size / side + 1) / math.sqrt(2) + 0.01
    assert np.linalg.norm(found - roi.to_image(pixels / side), axis=1).max() < margin
    # what lies beside the pixels in the crop lies as far beside them in the picture
    turned = roi.to_image((pixels + 1) / side) - roi.to_image(pixels / side)
    moved = (pixels + 1) @ roi.crop_matrix(side)[:, :2].T - pixels @ roi.crop_matrix(side)[:, :2].T
    assert moved == pytest.approx(turned, abs=1e-2)


def test_corners_of_the_square() -> None:
    corners = Roi(50, 40, 20, 0).to_image(np.array([[0, 0], [1, 0], [0.5, 0.5], [1, 1]]))
    assert corners.tolist() == [[40, 30], [60, 30], [50, 40], [60, 50]]
    turned = Roi(50, 40, 20, math.pi / 2).to_image(np.array([[0.5, 0.0]]))  # up is to the right
    assert turned[0] == pytest.approx([60, 40])


def test_a_square_that_is_the_picture_gives_the_picture() -> None:
    image = np.random.default_rng(0).integers(0, 255, (48, 48, 3)).astype(np.uint8)
    assert (Roi(24, 24, 48, 0).crop(image, 48) == image).all()


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_square_makes_the_body_upright(quarters: int) -> None:
    image = np.random.default_rng(0).integers(0, 255, (48, 48, 3)).astype(np.uint8)
    lying = np.rot90(image, -quarters)  # numpy turns anticlockwise
    crop = Roi(24, 24, 48, quarters * math.pi / 2).crop(np.ascontiguousarray(lying), 48).astype(int)
    shifts = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]  # at most a pixel off
    off = [np.abs(np.roll(crop, shift, axis=(0, 1)) - image)[2:-2, 2:-2].max() for shift in shifts]
    assert min(off) <= 1


def test_half_a_picture_is_cut_at_the_right_place() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[:, 120:] = 255
    crop = Roi(120, 50, 40, 0).crop(image, 80)[:, :, 0]
    assert crop[:, :39].max() == 0
    assert crop[:, 41:].min() == 255


@pytest.mark.parametrize("rotation", [0.0, 0.6])
def test_outside_the_picture_its_border_goes_on(rotation: float) -> None:
    image = np.zeros((60, 80, 3), np.uint8)
    image[:, -1] = (10, 20, 30)
    crop = Roi(300, 30, 60, rotation).crop(image, 32)
    assert (crop == (10, 20, 30)).all()


def test_a_crop_looks_like_a_picture() -> None:
    crop = TURNED.crop(np.zeros((180, 320, 3), np.uint8), 256)
    assert (crop.shape, crop.dtype) == ((256, 256, 3), np.uint8)


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [
        (Roi(0, 0, 10, 0), Roi(0, 0, 10, 2), 1.0),
        (Roi(0, 0, 10, 0), Roi(5, 0, 10, 0), 1 / 3),
        (Roi(0, 0, 10, 0), Roi(0, 0, 5, 0), 0.25),
        (Roi(0, 0, 10, 0), Roi(10, 0, 10, 0), 0.0),
        (Roi(0, 0, 10, 0), Roi(20, 20, 10, 0), 0.0),
    ],
)
def test_overlap(a: Roi, b: Roi, share: float) -> None:
    assert a.overlap(b) == pytest.approx(share)
    assert b.overlap(a) == pytest.approx(share)
