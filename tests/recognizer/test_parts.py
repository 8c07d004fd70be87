"""Where the parts of a body are found, and what says that a crop is sharp, pale or like another."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX, LANDMARKS, Body, Keypoints
from spotter.recognizer.crops import MOST_SIDE, Crop, contrast, covers, cut, difference, sharpness
from spotter.recognizer.parts import Place, find_parts, part_names

HEIGHT, WIDTH, SCALE = 1000, 900, 400.0  # of the picture, and its pixels a metre

STANDING = {
    "nose": (0, -0.72, -0.2), "left_eye_inner": (0.02, -0.75, -0.18), "left_eye": (0.03, -0.75, -0.18),
    "left_eye_outer": (0.05, -0.75, -0.17), "left_ear": (0.08, -0.73, -0.08),
    "mouth_left": (0.03, -0.67, -0.17),
    "left_shoulder": (0.18, -0.5, 0), "left_elbow": (0.3, -0.25, 0), "left_wrist": (0.42, -0.02, 0),
    "left_pinky": (0.47, 0.05, 0), "left_index": (0.44, 0.07, 0), "left_thumb": (0.41, 0.03, 0),
    "left_hip": (0.1, 0, 0), "left_knee": (0.12, 0.42, 0), "left_ankle": (0.13, 0.82, 0),
    "left_heel": (0.12, 0.86, 0.04), "left_foot_index": (0.2, 0.89, -0.12),
}  # fmt: skip
"""A person from the front, arms held away; metres from the middle of the hips."""


def person(**moved: tuple[float, float, float]) -> Body:
    """The standing person, symmetrical but for the landmarks that were moved."""
    world = np.zeros((33, 3), np.float32)
    for name in LANDMARKS:
        twin = name.replace("right", "left")
        x, y, z = STANDING[twin]
        world[INDEX[name]] = (x if twin == name else -x, y, z)
    for name, place in moved.items():
        world[INDEX[name]] = place
    xy = world[:, :2] * SCALE + (WIDTH / 2, HEIGHT / 2)
    sure = np.ones(33, np.float32)
    return Body(1, Keypoints(xy.astype(np.float32), world, sure, sure), 1.0)


def changed(body: Body, **arrays: NDArray[np.float32]) -> Body:
    return replace(body, keypoints=replace(body.keypoints, **arrays))


def hidden(body: Body, *names: str) -> Body:
    visibility = body.keypoints.visibility.copy()
    visibility[[INDEX[name] for name in names]] = 0.3
    return changed(body, visibility=visibility)


def found(body: Body, *others: Body, smallest: int = 48) -> dict[str, Place | str]:
    """What was found by part and side; of two sides that cannot be told apart, both reasons."""
    parts: dict[str, Place | str] = {}
    for one in find_parts(body, others, HEIGHT, WIDTH, smallest):
        if isinstance(one, Place):
            parts[f"{one.side} {one.part}".strip()] = one
        else:
            parts[one[0]] = one[1]
    return parts


def inside(place: Place | str, body: Body, *names: str) -> bool:
    assert isinstance(place, Place), place
    spots = body.keypoints.xy[[INDEX[name] for name in names]] - (place.left, place.top)
    return bool(((spots >= 0) & (spots <= place.size)).all())


def test_every_part_of_a_person_who_is_well_seen_is_found_on_both_sides() -> None:
    body = person()
    parts = found(body)
    limbs = ("hand", "lower_arm", "upper_arm", "lower_leg", "upper_leg", "foot")
    assert set(parts) == {
        "face",
        "torso",
        *(f"{side} {limb}" for side in ("left", "right") for limb in limbs),
    }
    assert {one.part for one in parts.values() if isinstance(one, Place)} == set(part_names())
    assert inside(parts["face"], body, "nose", "left_ear", "right_ear", "mouth_left")
    assert inside(parts["left hand"], body, "left_wrist", "left_index", "left_pinky", "left_thumb")
    assert not inside(parts["left hand"], body, "left_elbow")
    assert inside(parts["right lower_arm"], body, "right_elbow", "right_wrist")
    assert inside(parts["left upper_arm"], body, "left_shoulder", "left_elbow")
    assert not inside(parts["left upper_arm"], body, "left_wrist")
    assert inside(parts["right lower_leg"], body, "right_knee", "right_ankle")
    assert not inside(parts["right lower_leg"], body, "right_hip")
    assert inside(parts["left foot"], body, "left_heel", "left_foot_index", "left_ankle")
    assert inside(parts["torso"], body, "left_shoulder", "right_hip")
    sizes = {name: one.size / SCALE for name, one in parts.items() if isinstance(one, Place)}
    assert 0.2 <= sizes["left hand"] <= 0.26 and 0.23 <= sizes["face"] <= 0.35


@pytest.mark.parametrize(
    ("body", "part", "why"),
    [
        (hidden(person(), "left_wrist", "right_wrist"), "lower_arm", "hidden"),
        (hidden(person(), "mouth_left"), "face", "hidden"),
        (person(nose=(0, -0.72, 0.1)), "face", "hidden"),  # from behind
        (person(left_wrist=(0.32, -0.22, -0.25)), "lower_arm", "seen from its end"),
        (person(left_wrist=(0.2, -0.48, -0.1)), "upper_arm", "folded"),
        (person(left_wrist=(0.02, -0.72, -0.3)), "face", "something in front"),
        (
            person(left_wrist=(0.1, 0.2, -0.2), left_index=(0.1, 0.24, -0.2)),
            "upper_leg",
            "something in front",
        ),
        (person(left_ankle=(0.13, 1.4, 0)), "lower_leg", "outside the picture"),
    ],
)
def test_a_part_that_is_not_well_seen_is_left_out_with_the_reason(body: Body, part: str, why: str) -> None:
    assert found(body)[part] == why


def test_parts_that_are_too_small_or_behind_somebody_else_are_left_out() -> None:
    assert found(person(), smallest=95)["hand"] == "too small"
    assert set(found(person(), person()).values()) == {"something in front"}  # exactly in front
    aside = person()
    aside = changed(aside, xy=aside.keypoints.xy + np.float32(2000))
    assert len(found(person(), aside)) == 14


def test_a_body_of_which_nothing_is_known_has_no_parts() -> None:
    assert set(found(Body(1, Keypoints.empty(), 0.0)).values()) == {"hidden"}


def test_squares_stay_inside_the_picture_at_its_edge() -> None:
    body = person()
    before = found(body)["face"]
    assert isinstance(before, Place)
    for over, wanted in ((-3, 3), (3, 0), (20, None)):
        raised = changed(body, xy=body.keypoints.xy - np.array([0, before.top + over], np.float32))
        face = found(raised)["face"]
        assert (
            face == "outside the picture"
            if wanted is None
            else isinstance(face, Place) and face.top == wanted
        )


def test_sharpness_falls_with_blur_and_looks_at_the_person_only() -> None:
    tiles = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    image = tiles.repeat(8, 0).repeat(8, 1)
    soft = [np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8) for sigma in (1, 2, 4)]
    values = [sharpness(one) for one in (image, *soft)]
    assert values == sorted(values, reverse=True) and values[0] > 2 * values[-1]
    mask = np.zeros((128, 128), np.uint8)
    mask[:, :64] = 255
    moved = np.where(mask[..., None] > 0, soft[2], image)
    assert sharpness(moved, mask) == pytest.approx(values[3], abs=0.05)
    assert sharpness(moved) > 1.3 * sharpness(moved, mask)
    assert sharpness(np.full((64, 64, 3), 7, np.uint8)) == 0


def test_a_fade_lowers_contrast() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    pale = np.asarray(image * 0.2 + 200, np.uint8)
    assert contrast(pale) < 0.3 * contrast(image)


def test_difference_is_of_the_person_and_not_of_the_background_or_the_light() -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[16:48, 16:48] = 255
    first = np.random.default_rng(0).integers(50, 150, (64, 64, 3), np.uint8)
    other = np.random.default_rng(1).integers(50, 150, (64, 64, 3), np.uint8)
    body = Body(1, Keypoints.empty(), 1.0)
    place = Place("hand", "left", 0, 0, 64, 1.0, np.zeros((1, 2), np.float32))

    def made(image: NDArray[np.uint8]) -> Crop:
        return cut(image, mask, body, place, 0.0)

    elsewhere = np.where(mask[..., None] > 0, first, other)
    assert difference(made(first), made(first)) == 0
    assert difference(made(first), made(first + np.uint8(40))) < 0.5
    assert difference(made(first), made(np.asarray(elsewhere, np.uint8))) < 3
    assert difference(made(first), made(other)) > 6


def test_a_mask_that_misses_the_limb_does_not_cover_it() -> None:
    mask = np.zeros((100, 100), np.uint8)
    mask[:50] = 255
    ends = np.array([[20, 10], [60, 40]], np.float32)
    place = Place("lower_arm", "left", 0, 0, 60, 1.0, ends)
    assert covers(mask, place)
    assert not covers(mask, replace(place, points=ends + np.float32(45)))


def test_large_crops_are_shrunk_and_hold_no_frame_in_memory() -> None:
    frame = np.zeros((900, 900, 3), np.uint8)
    body = Body(1, Keypoints.empty(), 1.0)
    for size in (100, 800):
        place = Place("torso", "", 10, 20, size, 1.0, np.zeros((1, 2), np.float32))
        image = cut(frame, frame[..., 0], body, place, 0.0).image
        assert image.shape[0] == min(size, MOST_SIDE) and image.base is None
