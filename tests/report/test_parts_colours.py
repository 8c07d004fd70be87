"""The parts' colours: told apart by everybody, and the same everywhere."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.body.part_map import PARTS
from spotter.report.part_colours import PART_COLOURS, UNKNOWN_PART, part_palette, people_palette

TOUCHING = [("head", "torso"), ("left_upper_leg", "right_upper_leg")] + [
    (a.format(side), b.format(side))
    for side in ("left", "right")
    for a, b in (
        ("torso", "{}_upper_arm"), ("{}_upper_arm", "{}_lower_arm"), ("{}_lower_arm", "{}_hand"),
        ("torso", "{}_upper_leg"), ("{}_upper_leg", "{}_lower_leg"), ("{}_lower_leg", "{}_foot"),
    )
]  # fmt: skip

# Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB.
SEEN_BY = {
    "everybody else": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900],
    ],
}  # fmt: skip


def oklab(colour: tuple[int, int, int], eyes: str) -> NDArray[np.float64]:
    """A colour as these eyes see it, in Ottosson's OKLab (2020): L, a, b, with L from 0 to 1."""
    srgb = np.array(colour) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = (np.array(SEEN_BY[eyes]) @ linear).clip(0, 1)
    lms = np.cbrt(
        np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                  [0.0883024619, 0.2817188376, 0.6299787005]]) @ linear
    )  # fmt: skip
    return np.asarray(
        np.array([[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099],
                  [0.0259040371, 0.7827717662, -0.808675766]]) @ lms
    )  # fmt: skip


def distance(a: str, b: str, eyes: str) -> float:
    colours = {**PART_COLOURS, "unknown": UNKNOWN_PART}
    return float(np.linalg.norm(oklab(colours[a], eyes) - oklab(colours[b], eyes)))


def test_the_measure_is_right() -> None:
    """White is L = 1 without a hue, and red and green look alike to the green-blind."""
    assert oklab((255, 255, 255), "everybody else") == pytest.approx([1, 0, 0], abs=1e-3)
    red, green = oklab((180, 60, 0), "deuteranopia"), oklab((100, 110, 0), "deuteranopia")
    assert np.linalg.norm(red - green) < 0.1


@pytest.mark.parametrize("eyes", SEEN_BY)
def test_parts_that_touch_differ_clearly(eyes: str) -> None:
    """0.02 is about what can just be seen."""
    least = {"everybody else": 0.18, "tritanopia": 0.13}.get(eyes, 0.16)
    assert min(distance(a, b, eyes) for a, b in TOUCHING) > least


@pytest.mark.parametrize("eyes", SEEN_BY)
def test_no_two_parts_look_the_same(eyes: str) -> None:
    names = [*PARTS, "unknown"]
    assert min(distance(a, b, eyes) for a, b in combinations(names, 2)) > 0.04
    sides = [(f"left_{part[5:]}", f"right_{part[5:]}") for part in PARTS if part.startswith("left_")]
    assert min(distance(a, b, eyes) for a, b in sides) > 0.12


def test_left_is_cool_and_right_is_warm() -> None:
    for part, (red, _, blue) in PART_COLOURS.items():
        if part.startswith("left_"):
            assert blue > red
        elif part.startswith("right_"):
            assert red > blue


def test_palettes_are_in_the_order_of_the_labels() -> None:
    assert list(PART_COLOURS) == list(PARTS)
    palette = part_palette()
    assert palette.shape == (15, 3) and palette[0].tolist() == [0, 0, 0]
    assert [tuple(one) for one in palette[1:].tolist()] == list(PART_COLOURS.values())
    assert len({tuple(one) for one in people_palette()[:8].tolist()}) == 8
