"""The pose engine with its true models: landmarks of the demo clip as they were, and near the true joints."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX, Body
from spotter.errors import ModelError
from spotter.models.store import ModelStore
from tests.body.golden import CLIP, FRAMES, GOLDEN, found, tall

MARGIN = 0.02
"""Of the body's height: other processors and number formats may move a landmark by this much."""

JOINTS = [
    f"{side}_{joint}"
    for side in ("left", "right")
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
]
ROWS = [INDEX[name] for name in JOINTS]


@pytest.fixture(scope="module")
def bodies() -> dict[int, Body]:
    """The body in each of the chosen frames."""
    if not CLIP.is_file():
        pytest.skip(f"there is no {CLIP.name} in {CLIP.parent.name}/ yet")
    try:
        ModelStore().path("pose-detection")
    except ModelError as error:
        pytest.skip(f"no weights: {error}")
    return found()


@pytest.fixture(scope="module")
def height(bodies: dict[int, Body]) -> float:
    """The standing body's height in pixels."""
    return tall(bodies[0].keypoints.xy)


def true_joints(index: int) -> NDArray[np.float64]:
    """Where the joints (12, 2) of the rendered body are in a frame, in pixels."""
    (athlete,) = json.loads(CLIP.with_suffix(".json").read_text("utf-8"))["people"]
    return np.array([athlete["xy"][name][index] for name in JOINTS])


def test_the_chosen_frames(bodies: dict[int, Body]) -> None:
    assert tuple(bodies) == FRAMES
    assert [body.id for body in bodies.values()] == list(
        range(1, len(FRAMES) + 1)
    )  # a number anew after each cut
    assert all(body.score > 0.9 for body in bodies.values())


@pytest.mark.parametrize("index", FRAMES)
def test_landmarks_are_as_they_were(bodies: dict[int, Body], height: float, index: int) -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))[str(index)]
    now = bodies[index].keypoints
    assert np.linalg.norm(now.xy - golden["xy"], axis=1).max() < MARGIN * height
    world = np.linalg.norm(now.world - np.array(golden["world"]), axis=1)
    assert np.median(world) < 0.05  # metres; half a pixel of the crop moves the depths by three centimetres
    assert world.max() < 0.25  # the depth of a hidden limb is a guess
    assert np.abs(now.visibility - golden["visibility"]).max() < 0.1


@pytest.mark.parametrize("index", FRAMES)
def test_landmarks_lie_on_the_rendered_joints(bodies: dict[int, Body], height: float, index: int) -> None:
    off = np.linalg.norm(bodies[index].keypoints.xy[ROWS] - true_joints(index), axis=1) / height
    assert off.mean() < 0.03
    assert np.sort(off)[-2] < 0.05  # one elbow is hidden behind the other arm at the bottom
    assert off.max() < 0.12


def test_world_landmarks_are_as_long_as_a_person(bodies: dict[int, Body]) -> None:
    world = bodies[0].keypoints.world
    for upper, lower, low, high in (
        ("hip", "knee", 0.33, 0.5),
        ("knee", "ankle", 0.33, 0.5),
        ("shoulder", "elbow", 0.2, 0.36),
    ):
        length = np.linalg.norm(world[INDEX[f"right_{upper}"]] - world[INDEX[f"right_{lower}"]])
        assert low < length < high, upper
    middle = (world[INDEX["left_hip"]] + world[INDEX["right_hip"]]) / 2
    assert np.abs(middle).max() < 0.03
