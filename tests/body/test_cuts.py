"""Cuts between shots are noticed; movement, noise and flashes are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.body.cuts import CutDetector
from tests.body.people import BLUE, RED, Someone, picture_of

Picture = NDArray[np.uint8]


def scene(seed: int, width: int = 640, height: int = 180) -> Picture:
    """A picture of smooth patches, as of a room."""
    coarse = np.random.default_rng(seed).integers(20, 235, (6, 20, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def cuts(pictures: list[Picture]) -> list[int]:
    detector = CutDetector()
    return [k for k, picture in enumerate(pictures) if detector.push(picture)]


def test_each_hard_cut_is_noticed_once() -> None:
    shots = [scene(seed) for seed in range(4)]
    assert cuts([shots[k // 10] for k in range(40)]) == [10, 20, 30]


def test_a_shot_of_one_frame() -> None:
    assert cuts([scene(1)] * 5 + [scene(2)] + [scene(3)] * 5) == [5, 6]


def test_a_cut_in_a_shaking_noisy_video() -> None:
    rng = np.random.default_rng(0)
    pictures = []
    for k in range(40):
        shifted = np.roll(scene(k // 20), rng.integers(-4, 5, 2), axis=(0, 1)).astype(int)
        pictures.append((shifted + rng.normal(0, 15, shifted.shape)).clip(0, 255).astype(np.uint8))
    assert cuts(pictures) == [20]


@pytest.mark.parametrize("pixels", [2, 6, 12], ids=lambda n: f"{n} pixels a frame")
def test_a_pan_is_no_cut(pixels: int) -> None:
    wide = scene(5, width=1400)
    assert cuts([wide[:, k * pixels : k * pixels + 320] for k in range(60)]) == []


def test_a_zoom_is_no_cut() -> None:
    wide = scene(6)
    assert (
        cuts(
            [
                cv2.resize(wide[k : 180 - k, 2 * k : 640 - 2 * k], (320, 180)).astype(np.uint8)
                for k in range(50)
            ]
        )
        == []
    )


@pytest.mark.parametrize("by", [40, 90, -60])
def test_a_flash_is_no_cut(by: int) -> None:
    room = scene(7)
    lit = (room.astype(int) + by).clip(0, 255).astype(np.uint8)
    assert cuts([room] * 10 + [lit] + [room] * 10) == []


def test_noise_in_the_dark_is_no_cut() -> None:
    rng = np.random.default_rng(1)
    assert cuts([rng.integers(0, 30, (180, 320, 3)).astype(np.uint8) for _ in range(30)]) == []


def test_somebody_moving_fast_is_no_cut() -> None:
    assert cuts([picture_of(Someone(20 + 25 * (k % 12), 90, 170, RED)) for k in range(36)]) == []


def test_somebody_walking_in_is_no_cut() -> None:
    empty, there = picture_of(), picture_of(Someone(60, 90, 150, BLUE))
    assert cuts([empty] * 5 + [there] * 5) == []


@pytest.mark.parametrize("size", [(18, 32), (90, 160), (720, 1280), (1080, 1920), (1280, 720)], ids=str)
def test_cuts_in_pictures_of_every_size(size: tuple[int, int]) -> None:
    height, width = size
    a, b = (np.asarray(cv2.resize(scene(seed), (width, height)), np.uint8) for seed in (8, 9))
    assert cuts([a, a, b, b]) == [2]


def test_black_then_black() -> None:
    assert cuts([np.zeros((90, 160, 3), np.uint8)] * 3) == []
