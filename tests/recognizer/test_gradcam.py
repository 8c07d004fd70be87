"""Grad-CAM finds what speaks for a class, in networks of every shape that the recognizer has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spotter.models.runtime import ov
from spotter.models.weights import save_network

pytest.importorskip("torch")

from spotter.recognizer.gradcam import GradCam

SIDE = 32
OPS = ov.opset13

Body = Callable[[Any], Any]


def maps_of(pixels: Any, stride: int = 1) -> Any:
    """Red, green and blue above 100, as maps."""
    mix = np.eye(3, dtype=np.float32)[:, :, None, None]
    found = OPS.convolution(pixels, mix, [stride, stride], [0, 0], [0, 0], [1, 1])
    return OPS.relu(OPS.add(found, np.full((1, 3, 1, 1), -100, np.float32)))


def linear(features: Any, width: int) -> Any:
    weight = np.tile(np.eye(3, dtype=np.float32), (1, width // 3)) * 0.01
    return OPS.add(OPS.matmul(features, weight, False, True), np.zeros((1, 3), np.float32))


def pooled(pixels: Any) -> Any:
    return linear(OPS.reduce_mean(maps_of(pixels), np.array([2, 3]), False), 3)


def branches(pixels: Any) -> Any:
    means = [OPS.reduce_mean(maps_of(pixels, stride), np.array([2, 3]), False) for stride in (1, 4)]
    return linear(OPS.concat(means, 1), 6)


def average_pool(pixels: Any) -> Any:
    maps = maps_of(pixels, 4)
    mean = OPS.avg_pool(maps, [1, 1], [0, 0], [0, 0], [8, 8], True)
    return linear(OPS.reshape(mean, np.array([-1, 3]), False), 3)


def squeezed(pixels: Any) -> Any:
    """With squeeze and excitation: a mean that only weighs channels of maps further on."""
    maps = maps_of(pixels)
    weights = OPS.sigmoid(OPS.reduce_mean(maps, np.array([2, 3]), True))
    return linear(OPS.reduce_mean(OPS.multiply(maps, weights), np.array([2, 3]), False), 3)


def flattened(pixels: Any) -> Any:
    """Flattened by channel after place, as TensorFlow does: class i is the sum of map i."""
    maps = OPS.transpose(maps_of(pixels, 4), np.array([0, 2, 3, 1]))
    flat = OPS.reshape(maps, np.array([-1, 8 * 8 * 3]), False)
    return linear(flat, 8 * 8 * 3)


def save(folder: Path, body: Body) -> Path:
    pixels = OPS.parameter([-1, 3, SIDE, SIDE], np.float32, name="pixels")
    answer = OPS.softmax(body(pixels), 1)
    save_network(ov.Model([answer.output(0)], [pixels], "test"), folder)
    return folder


@pytest.mark.parametrize("body", [pooled, branches, average_pool, squeezed, flattened])
def test_the_heat_is_where_the_colour_is(tmp_path: Path, body: Body) -> None:
    cam = GradCam(save(tmp_path, body))
    image = np.full((SIDE, SIDE, 3), 60, np.uint8)
    image[:16, :16] = (230, 60, 60)
    image[16:, 16:] = (60, 230, 60)
    red, green = cam.heat(np.stack([image, image]), [0, 1])
    assert red.shape == (SIDE, SIDE)
    assert red[2:12, 2:12].min() > 0.8
    assert red[20:, :].max() < 0.2
    assert green[20:30, 20:30].min() > 0.8
    assert green[:12, :].max() < 0.2
    assert 0.0 <= red.min() <= red.max() <= 1.0


def test_nothing_that_speaks_for_a_class_is_no_heat(tmp_path: Path) -> None:
    cam = GradCam(save(tmp_path, pooled))
    assert cam.heat(np.full((1, SIDE, SIDE, 3), 60, np.uint8), [0]).max() == 0.0
