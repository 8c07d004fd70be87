"""The fast part engine on stick bodies: whose part a pixel is when limbs cross, hide, and people overlap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import pi
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import spotter.body.part_engine
from spotter.body.engine import PoseEngine
from spotter.body.keypoints import BONES, INDEX, Body, Keypoints
from spotter.body.mask import PersonMask
from spotter.body.part_engine import FastParts
from spotter.body.part_iou import PartIou
from spotter.body.part_map import MIRRORED, PARTS, PartMap
from spotter.body.parts_fast import MIN_VISIBILITY, part_map
from spotter.body.roi import Roi
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from tests.motion.stick import Pose, raw_landmarks

HEIGHT, WIDTH = 720, 1280
HANGING = Pose(at=(0, 0, 0), anchor="mid_hip", abduct=25)
HALFWAY = {
    "head": ("left_ear", "right_ear"),
    "torso": ("left_shoulder", "right_hip"),
    **{
        f"{side}_{part}": (f"{side}_{start}", f"{side}_{end}")
        for side in ("left", "right")
        for part, start, end in (
            ("upper_arm", "shoulder", "elbow"),
            ("lower_arm", "elbow", "wrist"),
            ("hand", "wrist", "index"),
            ("upper_leg", "hip", "knee"),
            ("lower_leg", "knee", "ankle"),
            ("foot", "heel", "foot_index"),
        )
    },
}
"""Part, and the two landmarks between which it lies."""


def body_of(pose: Pose = HANGING, number: int = 1, hidden: Iterable[str] = (), **moved: object) -> Body:
    """A stick body in the middle of the picture; ``moved``: landmarks elsewhere (x, y, z), in metres."""
    raw = raw_landmarks(pose, np.zeros(1))
    xy, world = raw["xy"][0].astype(np.float32), raw["world"][0].astype(np.float32)
    middle = xy[INDEX["left_hip"]] / 2 + xy[INDEX["right_hip"]] / 2
    for name, place in moved.items():
        row = INDEX[name]
        world[row] = np.asarray(place, np.float32)
        xy[row] = middle + world[row, :2] * 300
    visibility = np.full(33, 0.95, np.float32)
    visibility[[INDEX[name] for name in hidden]] = 0.05
    keypoints = Keypoints(xy, world, visibility, visibility)
    low, high = xy.min(axis=0), xy.max(axis=0)
    roi = Roi(*((low + high) / 2).tolist(), float((high - low).max()) * 1.4, 0.0)
    return Body(number, keypoints, 0.9, drawn(keypoints, roi))


def drawn(keypoints: Keypoints, roi: Roi) -> PersonMask:
    """The mask of a body: thick bones, hands and feet, a full trunk and a round head."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    xy = np.round(keypoints.xy).astype(np.int32)

    def line(a: int, b: int, thick: int) -> None:
        cv2.line(image, xy[a].tolist(), xy[b].tolist(), (255, 255, 255), thick)

    for a, b in BONES:
        line(a, b, 40)
    for side in ("left", "right"):
        line(INDEX[f"{side}_wrist"], INDEX[f"{side}_index"], 30)
        line(INDEX["nose"], INDEX[f"{side}_shoulder"], 40)
    trunk = [INDEX[name] for name in ("left_shoulder", "right_shoulder", "right_hip", "left_hip")]
    cv2.fillConvexPoly(image, xy[trunk], (255, 255, 255))
    cv2.circle(image, xy[INDEX["nose"]].tolist(), 45, (255, 255, 255), -1)
    return PersonMask(np.ascontiguousarray(roi.crop(image, 256)[:, :, 0]), roi)


def shifted(body: Body, x: float, y: float, number: int | None = None, scale: float = 1.0) -> Body:
    """The same body elsewhere in the picture, and ``scale`` times as large."""
    assert body.mask is not None
    keypoints = replace(body.keypoints, xy=body.keypoints.xy * np.float32(scale) + np.float32([x, y]))
    roi = body.mask.roi
    there = Roi(roi.x * scale + x, roi.y * scale + y, roi.size * scale, roi.rotation)
    return Body(number or body.id, keypoints, body.score, PersonMask(body.mask.values, there))


def at(found: PartMap, body: Body, part: str, share: float = 0.5) -> str:
    """The part found in the middle of a part of the body."""
    start, end = (body.keypoints.xy[INDEX[name]] for name in HALFWAY[part])
    x, y = np.round(start + (end - start) * share).astype(int)
    label = found.labels[y, x]
    return PARTS[label - 1] if label else "nothing"


def agreement(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """The share of pixels that are equal, of those that are somebody's in one or the other."""
    somewhere = (a > 0) | (b > 0)
    return float((a == b)[somewhere].mean())


@pytest.mark.parametrize("azimuth", [0, 30, -30, 180])
def test_every_part_lies_along_its_bone(azimuth: float) -> None:
    body = body_of(replace(HANGING, azimuth=azimuth, abduct=60))
    found = part_map([body], HEIGHT, WIDTH)
    assert {part: at(found, body, part) for part in PARTS} == {part: part for part in PARTS}
    assert not np.isnan(found.scores).any()
    assert found.scores[0] == pytest.approx([0.9] + [0.95] * 14)


def test_parts_change_at_the_joints() -> None:
    body = body_of(replace(HANGING, abduct=80))
    found = part_map([body], HEIGHT, WIDTH)
    for above, below in (
        ("left_upper_arm", "left_lower_arm"),
        ("right_upper_leg", "right_lower_leg"),
    ):
        assert [at(found, body, above, share) for share in (0.6, 0.8)] == [above] * 2
        assert [at(found, body, below, share) for share in (0.2, 0.4)] == [below] * 2


@pytest.mark.parametrize(("depth", "expected"), [(-0.25, "left_lower_arm"), (0.3, "torso")])
def test_an_arm_before_the_trunk_is_seen_and_one_behind_it_is_not(depth: float, expected: str) -> None:
    hand = {f"left_{name}": (-0.05, -0.25, depth) for name in ("wrist", "index", "pinky", "thumb")}
    behind = depth > 0
    hidden = ("left_wrist", "left_index", "left_pinky", "left_thumb", "left_elbow") if behind else ()
    body = body_of(hidden=hidden, left_elbow=(0.25, -0.25, depth), **hand)
    found = part_map([body], HEIGHT, WIDTH)
    assert at(found, body, "left_lower_arm", 0.7) == expected


def test_crossed_arms() -> None:
    hands = {
        f"{side}_{name}": (-sign * 0.12, -0.28, -0.25)
        for side, sign in (("left", 1), ("right", -1))
        for name in ("wrist", "index", "pinky", "thumb")
    }
    body = body_of(left_elbow=(0.22, -0.18, -0.15), right_elbow=(-0.22, -0.18, -0.15), **hands)
    found = part_map([body], HEIGHT, WIDTH)
    for side in ("left", "right"):
        assert at(found, body, f"{side}_lower_arm", 0.25) == f"{side}_lower_arm"
        assert at(found, body, f"{side}_upper_arm") == f"{side}_upper_arm"
    assert at(found, body, "torso", 0.85) == "torso"


def test_a_person_cut_off_by_the_edge_is_the_same_where_seen() -> None:
    body = body_of(replace(HANGING, abduct=60))
    whole = part_map([body], HEIGHT, WIDTH)
    cut = part_map([shifted(body, -640, -360)], HEIGHT - 360, WIDTH - 640)
    assert agreement(cut.labels, whole.labels[360:, 640:]) > 0.99
    assert cut.part("left_foot").any() and not cut.part("right_foot").any()
    assert np.isnan(cut.scores[0, PARTS.index("right_foot") + 1])
    assert np.isnan(cut.scores[0, PARTS.index("head") + 1])


def test_a_hidden_part_is_left_out_and_its_pixels_stay_the_persons() -> None:
    names = ("left_wrist", "left_index", "left_pinky", "left_thumb")
    seen, hidden = body_of(), body_of(hidden=names)
    before, after = (part_map([body], HEIGHT, WIDTH) for body in (seen, hidden))
    assert before.part("left_hand").any()
    assert not after.part("left_hand").any()
    assert np.isnan(after.scores[0, PARTS.index("left_hand") + 1])
    assert after.scores[0, PARTS.index("left_lower_arm") + 1] >= MIN_VISIBILITY
    assert np.array_equal(before.people, after.people)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_people_the_nearer_one_lies_in_front(order: tuple[int, int]) -> None:
    near = shifted(body_of(), -20, -30, number=7, scale=1.0)
    far = shifted(body_of(), 640 * 0.3 + 60, 360 * 0.3, number=3, scale=0.7)
    bodies = [(near, far)[k] for k in order]
    found = part_map(bodies, HEIGHT, WIDTH)
    assert found.ids == tuple(body.id for body in bodies)
    front, behind = (part_map([body], HEIGHT, WIDTH) for body in (near, far))
    both = front.person(7) & behind.person(3)
    assert both.sum() > 0.1 * behind.person(3).sum()
    assert found.person(7)[both].mean() > 0.95  # but for the soft edge
    assert np.array_equal(found.people > 0, front.person(7) | behind.person(3))
    for ident, alone in ((7, front), (3, behind)):
        assert np.array_equal(found.labels[found.person(ident)], alone.labels[found.person(ident)])


def test_unknown_landmarks_leave_their_parts_out() -> None:
    body = body_of()
    xy = body.keypoints.xy.copy()
    xy[INDEX["left_ankle"]] = np.nan
    found = part_map([replace(body, keypoints=replace(body.keypoints, xy=xy))], HEIGHT, WIDTH)
    assert at(found, body, "right_lower_leg") == "right_lower_leg"
    assert at(found, body, "left_upper_arm") == "left_upper_arm"
    assert found.people.any()


@pytest.mark.filterwarnings("error")
def test_a_body_without_landmarks_has_no_parts_but_its_pixels() -> None:
    body = replace(body_of(), keypoints=Keypoints.empty())
    found = part_map([body], HEIGHT, WIDTH)
    assert found.people.any() and not found.labels.any()
    assert found.scores[0, 0] == np.float32(0.9) and np.isnan(found.scores[0, 1:]).all()


@pytest.mark.filterwarnings("error")
def test_landmarks_in_one_point_are_no_body() -> None:
    body = body_of()
    heap = Keypoints(
        np.ones_like(body.keypoints.xy), np.zeros_like(body.keypoints.world), *([np.ones(33, np.float32)] * 2)
    )
    assert not part_map([replace(body, keypoints=heap)], HEIGHT, WIDTH).labels.any()


def test_without_a_mask_or_with_an_empty_one_nobody_is_there() -> None:
    body = body_of()
    assert body.mask is not None
    empty = replace(body.mask, values=np.zeros_like(body.mask.values))
    found = part_map([replace(body, mask=None), replace(body, id=2, mask=empty)], HEIGHT, WIDTH)
    assert found.ids == (1, 2)
    assert not found.people.any() and not found.labels.any()
    assert np.isnan(found.scores[:, 1:]).all()


def test_a_mask_outside_the_picture_is_nobodys() -> None:
    found = part_map(
        [shifted(body_of(), 3000, 100), shifted(body_of(), -100, -3000, number=2)], HEIGHT, WIDTH
    )
    assert not found.people.any()


@pytest.mark.parametrize("size", [(1, 1), (1, 720), (720, 1)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    found = part_map([shifted(body_of(), -640, -300)], *size)
    assert found.labels.shape == found.people.shape == size
    assert found.people.all() == (size == (1, 1))


def test_a_lying_body_in_a_portrait_picture_is_the_standing_one_turned() -> None:
    body = body_of(replace(HANGING, abduct=60))
    assert body.mask is not None
    roi, points = body.mask.roi, body.keypoints
    turned = Body(
        1,
        replace(
            points,
            xy=np.stack([HEIGHT - points.xy[:, 1], points.xy[:, 0]], axis=1),
            world=_lying(points.world),
        ),
        body.score,
        PersonMask(body.mask.values, Roi(HEIGHT - roi.y, roi.x, roi.size, pi / 2)),
    )
    lying = part_map([turned], WIDTH, HEIGHT)
    standing = part_map([body], HEIGHT, WIDTH)
    assert agreement(lying.labels, np.ascontiguousarray(np.rot90(standing.labels, -1))) > 0.97


def _lying(world: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack([-world[:, 1], world[:, 0], world[:, 2]], axis=1)


def test_a_mirrored_picture_has_mirrored_labels() -> None:
    pose = Pose(at=(0, 0, 0), anchor="mid_hip", abduct=(70, 20), elbow=(40, 90), thigh=(50, 0), azimuth=25)
    plain, mirrored = body_of(pose), body_of(pose.mirrored())
    found, other = (part_map([body], HEIGHT, WIDTH).labels for body in (plain, mirrored))
    turned = np.roll(found[:, ::-1], 1, axis=1)  # column 0 is its own mirror: landmarks lie on the corners
    assert agreement(np.asarray(MIRRORED, np.uint8)[turned], other) > 0.97


def test_a_larger_picture_of_the_same_body_has_the_same_parts() -> None:
    body = body_of()
    small = part_map([body], HEIGHT, WIDTH)
    large = part_map([shifted(body, 0, 0, scale=2)], 2 * HEIGHT, 2 * WIDTH)
    assert agreement(large.labels[::2, ::2], small.labels) > 0.97


def test_whoever_has_a_part_is_somebody() -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        bodies = [
            shifted(
                body_of(
                    Pose(at=(0, 0, 0), anchor="mid_hip", abduct=rng.uniform(0, 120), thigh=rng.uniform(0, 90))
                ),
                rng.uniform(-700, 700),
                rng.uniform(-400, 400),
                number=k + 1,
            )
            for k in range(3)
        ]
        found = part_map(bodies, HEIGHT, WIDTH)
        assert (found.people[found.labels > 0] > 0).all()
        assert found.people.max() <= 3
        for row, body in enumerate(bodies):
            areas = found.areas(body.id)
            there = np.array([areas[part] > 0 for part in PARTS])
            assert np.array_equal(there, ~np.isnan(found.scores[row, 1:]))


def test_the_engine_asks_for_masks_and_keeps_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    class Scripted:
        def __init__(self, store: object, **options: object) -> None:
            asked.update(options)

        def push(self, frame: Frame) -> list[Body]:
            return [body_of(number=4)]

    monkeypatch.setattr(spotter.body.part_engine, "PoseEngine", Scripted)
    engine = FastParts(max_people=3)
    found = engine.push(Frame(np.zeros((HEIGHT, WIDTH, 3), np.uint8), 0.0, 0))
    assert asked == {"max_people": 3, "masks": True}
    assert found.ids == (4,) and found.labels.shape == (HEIGHT, WIDTH)


@pytest.mark.parametrize("clip", ["jumping-jack-3", "squat-3", "biceps-curl-3"])
def test_rendered_bodies_are_told_apart_as_well_as_promised(shared: Path, clip: str) -> None:
    """Measured on all clips by `python -m bench parts`; here on some frames of short ones."""
    known = np.load(shared / "rendered" / f"{clip}.parts.npz")
    truths = dict(zip(known["frames"].tolist(), known["maps"], strict=True))
    engine, agreed = PoseEngine(masks=True, max_people=1), PartIou()
    with open_media(shared / "rendered" / f"{clip}.mp4") as source:
        for frame in source:
            if frame.index in truths and frame.index % 30 == 0:
                found = part_map(engine.push(frame), *frame.image.shape[:2])
                agreed.add(found.labels, truths[frame.index])
    assert agreed.person > 0.9
    assert agreed.mean > 0.6
    assert agreed.pascal_mean > 0.72
