"""The person's mask: from the model's output into the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spotter.body.keypoints import BONES, INDEX, LANDMARKS
from spotter.body.mask import PersonMask
from spotter.body.roi import Roi
from tests.body.people import Someone, body_of


def test_logits_become_likelihoods() -> None:
    logits = np.array([[-1000.0, -2.0], [0.0, 1000.0]])
    expected = [[0, 255 / (1 + math.exp(2))], [127.5, 255]]
    assert PersonMask.from_logits(logits, Roi(0, 0, 2, 0)).values == pytest.approx(np.array(expected), abs=1)


@pytest.mark.parametrize("roi", [Roi(80, 45, 40, 0.0), Roi(80, 45, 40, 0.7), Roi(150, 80, 100, -1.2)])
def test_the_mask_lies_where_the_crop_was_taken(roi: Roi) -> None:
    """A picture's own crop, put back as a mask, shows the picture again inside the region."""
    rows, columns = np.mgrid[0:90, 0:160]
    wave = (128 + 60 * np.sin(rows / 9) + 60 * np.cos(columns / 7)).astype(np.uint8)
    crop = roi.crop(np.stack([wave] * 3, axis=2), 256)
    found = PersonMask(crop[:, :, 0], roi).full(90, 160)
    cos, sin = math.cos(roi.rotation), math.sin(roi.rotation)
    x, y = columns + 0.5 - roi.x, rows + 0.5 - roi.y
    reach = np.maximum(np.abs(x * cos + y * sin), np.abs(-x * sin + y * cos))
    assert np.abs(found.astype(int) - wave)[reach < roi.size / 2 - 1.5].max() <= 6
    assert (found[reach > roi.size / 2 + 1.5] == 0).all()
    assert (found.shape, found.dtype) == ((90, 160), np.uint8)


def test_a_mask_outside_the_picture_is_empty() -> None:
    mask = PersonMask(np.full((8, 8), 255, np.uint8), Roi(-50, -50, 20, 0))
    assert not mask.full(20, 20).any()


def test_a_bodys_box_and_area() -> None:
    body = body_of(3, Someone(100, 90, 120))
    left, top, right, bottom = body.box
    xy = body.keypoints.xy
    assert (left, bottom) == (xy[:, 0].min(), xy[:, 1].max())
    assert body.area == pytest.approx((right - left) * (bottom - top))


def test_landmarks_are_in_the_models_order() -> None:
    assert len(LANDMARKS) == len(INDEX) == 33
    assert [
        INDEX[name] for name in ("nose", "left_shoulder", "right_hip", "left_ankle", "right_foot_index")
    ] == [
        0,
        11,
        24,
        27,
        32,
    ]
    for a, b in BONES:
        mirrored = {
            LANDMARKS[k].replace("left", "-").replace("right", "left").replace("-", "right") for k in (a, b)
        }
        assert any({LANDMARKS[c], LANDMARKS[d]} == mirrored for c, d in BONES)
