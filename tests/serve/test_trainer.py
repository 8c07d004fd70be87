"""The pose engine behind a live stream: shared models, masks that come and go, and the map of the parts."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.body.engine import PoseEngine
from spotter.body.part_map import PARTS
from spotter.body.parts_fast import part_map
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from spotter.models import session
from spotter.serve.state import body_messages
from spotter.serve.trainer import parts_png

EXAMPLE = Path(__file__).parents[2] / "examples" / "squat.mp4"


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    if not EXAMPLE.exists():
        pytest.skip(f"there is no {EXAMPLE} yet")
    with open_media(EXAMPLE) as source:
        return list(islice(source, 6))


def test_engines_share_their_models_and_work_side_by_side(frames: list[Frame]) -> None:
    first = PoseEngine(parallel=2)
    compiled = session._compiled.cache_info().misses
    second = PoseEngine(parallel=2)
    assert session._compiled.cache_info().misses == compiled
    with ThreadPoolExecutor(2) as pool:
        results = [
            pool.submit(lambda engine: [engine.push(one) for one in frames], one) for one in (first, second)
        ]
    alone = [PoseEngine().push(one) for one in frames[:1]]
    a, b = (result.result() for result in results)
    for row, (one, other) in enumerate(zip(a, b, strict=True)):
        assert len(one) == len(other) == 1, f"frame {row}"
        assert np.array_equal(one[0].keypoints.xy, other[0].keypoints.xy)
    assert np.allclose(a[0][0].keypoints.xy, alone[0][0].keypoints.xy, atol=0.5)


def test_masks_come_and_go_while_the_person_stays_the_same(frames: list[Frame]) -> None:
    engine = PoseEngine(parallel=2)
    seen = []
    for frame, wanted in zip(frames, (False, False, True, True, False, False), strict=True):
        engine.masks = wanted
        (body,) = engine.push(frame)
        assert (body.mask is not None) == wanted == engine.masks
        seen.append(body.id)
    assert set(seen) == {seen[0]}


def read_map(text: str) -> NDArray[np.uint8]:
    found = cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None and found.ndim == 2
    return np.asarray(found, np.uint8)


def test_the_small_map_of_the_parts_is_that_of_the_whole_picture(frames: list[Frame]) -> None:
    engine = PoseEngine(masks=True, parallel=2)
    for frame in frames:
        bodies = engine.push(frame)
    height, width = frame.image.shape[:2]
    small = read_map(parts_png(bodies, height, width))
    assert max(small.shape) == 320
    assert small.shape[0] / small.shape[1] == pytest.approx(height / width, rel=0.01)
    whole = part_map(bodies, height, width).labels
    expected = cv2.resize(whole, small.shape[::-1], interpolation=cv2.INTER_NEAREST)
    body = (small > 0) | (expected > 0)
    assert body.sum() > 1000
    assert (small == expected)[body].mean() > 0.85
    assert small.max() <= len(PARTS)


def test_a_map_without_a_body_is_empty() -> None:
    assert not read_map(parts_png([], 480, 640)).any()


def test_points_are_shares_of_the_picture(frames: list[Frame]) -> None:
    bodies = PoseEngine(parallel=2).push(frames[0])
    height, width = frames[0].image.shape[:2]
    (message,) = body_messages(bodies, height, width)
    points = np.array(message.points)
    assert points.shape == (33, 3)
    assert np.allclose(points[:, :2] * [width, height], bodies[0].keypoints.xy, atol=0.2)
    assert (points[:, 2] >= 0).all() and (points[:, 2] <= 1).all()
