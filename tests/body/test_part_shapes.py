"""The table of the parts' shapes, the basis that it is written in, and how agreement is counted."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
import pytest
import tomlkit

from spotter.body.keypoints import Keypoints
from spotter.body.part_costs import part_costs
from spotter.body.part_frame import NAMES, ROW, PartFrame
from spotter.body.part_iou import PartIou
from spotter.body.part_map import MIRRORED, PARTS
from spotter.body.part_shapes import COSTS, PartShapes, part_shapes
from tests.motion.stick import PIXELS_PER_METRE, Pose, raw_landmarks


def frame_of(**pose: Any) -> PartFrame:
    raw = raw_landmarks(Pose(**pose), np.zeros(1))
    xy, world = (raw[key][0].astype(np.float32) for key in ("xy", "world"))
    seen = np.full(33, 0.7, np.float32)
    frame = PartFrame.of(Keypoints(xy, world, seen, seen))
    assert frame is not None
    return frame


def table() -> Any:
    return tomlkit.parse(files("spotter.body").joinpath("part_shapes.toml").read_text("utf-8"))


def test_a_body_is_measured_in_its_own_metres() -> None:
    frame = frame_of(abduct=90)
    assert frame.scale == pytest.approx(PIXELS_PER_METRE, rel=1e-4)
    shoulder, elbow = (frame.basis[ROW[f"left_{name}"]] for name in ("shoulder", "elbow"))
    assert np.linalg.norm(elbow - shoulder) == pytest.approx(0.3, abs=1e-3)
    along = frame.basis[ROW["left_along_upper_arm"]]
    assert along[:2] / np.linalg.norm(along) == pytest.approx([1, 0], abs=1e-3)  # to the right in the picture
    assert frame.basis[ROW["down"]][1] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("azimuth", "facing"), [(0, 1), (60, 0.5), (90, 0), (-90, 0), (180, -1)])
def test_facing_says_how_far_the_chest_is_turned_to_the_camera(azimuth: float, facing: float) -> None:
    assert frame_of(azimuth=azimuth).facing == pytest.approx(facing, abs=0.01)


def test_every_part_has_its_shape_on_both_sides() -> None:
    shapes = part_shapes()
    assert len(set(shapes.first)) == len(PARTS)
    assert shapes.ends.shape[-1] == len(NAMES)
    assert (shapes.radii > 0).all()
    assert {part for part, _ in shapes.others} == {PARTS.index("head"), PARTS.index("torso")} | {
        PARTS.index(f"{side}_{part}") for side in ("left", "right") for part in ("hand", "foot")
    }
    mirrored = np.array(MIRRORED[1:]) - 1
    for cost in COSTS:
        assert np.array_equal(shapes.costs[cost][mirrored], shapes.costs[cost])
    for which in (shapes.beyond, shapes.before):
        assert np.array_equal(which.sum(axis=1)[mirrored], which.sum(axis=1))


def test_every_number_of_the_table_counts() -> None:
    """None may stand there without an effect, as it would under a name that is not known."""
    rng = np.random.default_rng(0)
    frame = frame_of(abduct=50, elbow=40, thigh=30, azimuth=30)
    points = rng.uniform([400, 0], [900, 700], (400, 2)).T.astype(np.float32)
    plain = part_costs(frame, PartShapes.of(table()), points)
    changed = table()
    holders = [(row[key], name) for row in changed["capsule"] for key in ("from", "to") for name in row[key]]
    holders += [(row[key], k) for row in changed["border"] for key in ("offset", "cost") for k in (0, 1)]
    holders += [(row["across"], name) for row in changed["border"] for name in row["across"]]
    holders += [(row, key) for row in changed["part"].values() for key in row if key != "landmarks"]
    for holder, key in holders:
        before = holder[key]
        holder[key] = before + 0.5
        assert not np.array_equal(part_costs(frame, PartShapes.of(changed), points), plain), (holder, key)
        holder[key] = before


def test_an_unknown_name_in_the_table_is_refused() -> None:
    wrong = table()
    wrong["capsule"][0]["from"]["nostril"] = 1
    with pytest.raises(KeyError, match="nostril"):
        PartShapes.of(wrong)


def test_agreement_of_hand_made_maps() -> None:
    head, torso, hand, arm = (
        PARTS.index(name) + 1 for name in ("head", "torso", "left_hand", "left_lower_arm")
    )
    truth = np.array([[head, head, torso, torso, hand, 0]])
    found = np.array([[head, torso, torso, torso, arm, arm]])
    agreed = PartIou()
    agreed.add(found, truth)
    assert agreed.parts["head"] == pytest.approx(1 / 2)
    assert agreed.parts["torso"] == pytest.approx(2 / 3)
    assert agreed.parts["left_hand"] == 0
    assert np.isnan(agreed.parts["left_lower_arm"])  # found, but not there: it counts with the others
    assert agreed.mean == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)
    assert agreed.pascal["lower_arm"] == pytest.approx(1 / 2)
    assert agreed.pascal_mean == pytest.approx((1 / 2 + 2 / 3 + 1 / 2) / 3)
    assert agreed.person == pytest.approx(5 / 6)


def test_agreement_counts_all_pictures_together() -> None:
    agreed = PartIou()
    agreed.add(np.ones((1, 9), np.uint8), np.ones((1, 9), np.uint8))
    agreed.add(np.zeros((1, 1), np.uint8), np.ones((1, 1), np.uint8))
    assert agreed.parts["head"] == pytest.approx(0.9)
    with pytest.raises(ValueError, match=r"\(2, 2\).*\(2, 3\)"):
        agreed.add(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8))
