"""What is marked in a picture moves with it, and what is seen of it stays what it is."""

from __future__ import annotations

import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from spotter.errors import DatasetError
from spotter.recognizer.augment import Operation
from spotter.segmenter.annotation import CLASSES, Annotated, Annotations, Instance
from spotter.segmenter.augment import Augmentation, drawn_placement, recoloured
from spotter.segmenter.dataset import mirrored_classes, read_annotations
from spotter.segmenter.detections import decoded, encoded
from spotter.segmenter.examples import Example, example, moved_masks, placed
from spotter.segmenter.placement import Placement, fitted, letterbox
from spotter.segmenter.run_lengths import box_of, counts_of, label_layers, label_masks

SIDE = 96
MIRRORED = mirrored_classes(CLASSES)
LEFT, RIGHT = CLASSES.index("left_hand") + 1, CLASSES.index("right_hand") + 1
HEIGHT, WIDTH = 120, 160
EVERYWHERE = frozenset(range(1, len(CLASSES) + 1))
ALWAYS_MIRRORED = Augmentation.none(mirror=Operation(1.0))


def disc(x: int, y: int, radius: int, height: int = HEIGHT, width: int = WIDTH) -> Any:
    mask = np.zeros((height, width), np.uint8)
    cv2.circle(mask, (x, y), radius, 1, -1)
    return mask.astype(np.bool_)


def thing(label: int, mask: Any, **more: Any) -> Instance:
    rle = encoded(mask)
    box = box_of(rle)
    assert box is not None
    return Instance(label, np.array(box, np.float32), rle, **more)


def boxed(label: int, *box: float, **more: Any) -> Instance:
    return Instance(label, np.array(box, np.float32), None, **more)


def photo(folder: Path, *things: Instance, known: frozenset[int] = EVERYWHERE) -> Annotated:
    """A picture in which each thing with a mask has its own grey: 50 times its place among the things."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for number, one in enumerate(things, 1):
        if one.mask is not None:
            image[decoded(one.mask)] = 50 * number
    path = folder / "picture.png"
    cv2.imwrite(str(path), image)
    return Annotated(path, HEIGHT, WIDTH, things, known)


def around(mask: NDArray[np.uint8]) -> list[int]:
    left, top, width, height = cv2.boundingRect(mask)
    return [left, top, left + width, top + height]


def hands(folder: Path) -> Annotated:
    places = ((LEFT, disc(120, 30, 14)), (RIGHT, disc(40, 30, 14)), (2, disc(80, 90, 20)))
    return photo(folder, *(thing(label, mask) for label, mask in places))


@pytest.mark.parametrize("seed", range(40))
def test_masks_boxes_and_pixels_move_together(tmp_path: Path, seed: int) -> None:
    places = ((2, disc(40, 40, 18)), (3, disc(110, 50, 25)), (4, disc(60, 95, 14)))
    one = photo(tmp_path, *(thing(label, mask) for label, mask in places))
    usual = Augmentation.usual()
    moves = {name: getattr(usual, name) for name in ("mirror", "rotation", "quarter", "scale")}
    seen = example(one, SIDE, MIRRORED, np.random.default_rng(seed), Augmentation.none(**moves))
    assert seen.image.shape == (SIDE, SIDE, 3) and seen.masks.dtype == np.uint8
    assert len(seen.boxes) == len(seen.labels) == len(seen.masks) == len(seen.has_mask) > 0
    greys = {MIRRORED[2]: 50, MIRRORED[3]: 100, 4: 150, 5: 150}
    for box, label, mask in zip(seen.boxes, seen.labels, seen.masks, strict=True):
        assert box.tolist() == around(mask)
        inner = cv2.erode(mask, np.ones((5, 5), np.uint8))
        if inner.any():
            assert abs(seen.image[inner > 0].mean() - greys[int(label)]) < 4, (
                "the mask lies on its own pixels"
            )
    outer = cv2.dilate(seen.masks.max(0), np.ones((7, 7), np.uint8))
    for box in seen.unsure.astype(int):
        outer[box[1] - 3 : box[3] + 3, box[0] - 3 : box[2] + 3] = 1
    assert seen.image[outer == 0].max(initial=0) < 8, "nothing bright is left unmarked"


def test_without_a_generator_the_picture_is_fitted_and_nothing_else(tmp_path: Path) -> None:
    annotated = hands(tmp_path)
    seen = example(annotated, 80, MIRRORED)
    assert seen.scale == 0.5 and seen.labels.tolist() == [LEFT, RIGHT, 2]
    for one, box in zip(annotated.instances, seen.boxes, strict=True):
        assert np.abs(one.box / 2 - box).max() <= 1
    assert not seen.image[60:].any() and not seen.masks[:, 60:].any()
    assert (seen.image == fitted(cv2.imread(str(annotated.path)), 80)[0]).all()


def test_enlarged_pictures_fill_the_square(tmp_path: Path) -> None:
    seen = example(hands(tmp_path), 320, MIRRORED)
    assert seen.scale == 2 and seen.image[:240].any() and not seen.image[240:].any()
    assert seen.image[60, 240].tolist() == [50, 50, 50] and seen.masks[0][60, 240] == 1


def test_large_pictures_are_shrunk_without_skipping_pixels(tmp_path: Path) -> None:
    """One white line in four: nearest or bilinear sampling at a quarter would give black or white."""
    image = np.zeros((800, 800, 3), np.uint8)
    image[::4] = 255
    path = tmp_path / "lines.png"
    cv2.imwrite(str(path), image)
    annotated = Annotated(path, 800, 800, (), EVERYWHERE)
    turned = Augmentation.none(rotation=Operation(1.0, 5.0, 5.0))
    for settings_ in (None, turned):
        seen = example(annotated, 200, MIRRORED, np.random.default_rng(1) if settings_ else None, settings_)
        middle = seen.image[60:140, 60:140]
        assert abs(middle.mean() - 64) < 3 and middle.std() < 12


def test_left_becomes_right_in_a_mirror(tmp_path: Path) -> None:
    annotated = hands(tmp_path)
    before = example(annotated, 160, MIRRORED)
    after = example(annotated, 160, MIRRORED, np.random.default_rng(1), ALWAYS_MIRRORED)
    assert before.labels.tolist() == [LEFT, RIGHT, 2] and after.labels.tolist() == [RIGHT, LEFT, 2]
    shift = int(around(after.masks[2])[1] - around(before.masks[2])[1])  # it may lie lower in the square
    for old, new in zip(before.masks, after.masks, strict=True):
        assert (np.roll(old[:, ::-1], shift, 0) == new).mean() > 0.999
    for label in (LEFT, RIGHT):  # whoever faces us has the left hand on our right, mirrored or not
        was, now = (around(one.masks[one.labels.tolist().index(label)]) for one in (before, after))
        assert abs(was[0] - now[0]) <= 1 and abs(was[2] - now[2]) <= 1


def test_two_mirrors_are_none() -> None:
    assert [MIRRORED[MIRRORED[number]] for number in range(len(MIRRORED))] == list(range(len(MIRRORED)))


def test_a_quarter_turn_turns_boxes_exactly(tmp_path: Path) -> None:
    settings_ = Augmentation.none(quarter=Operation(1.0))
    one = photo(tmp_path, boxed(2, 10, 20, 40, 100))
    for seed in range(6):
        seen = example(one, 160, MIRRORED, np.random.default_rng(seed), settings_)
        left, top, right, bottom = seen.boxes[0].tolist()
        assert abs(right - left - 80) < 1e-3 and abs(bottom - top - 30) < 1e-3


def same(one: Example, other: Example) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(Example)
    )


def test_the_same_generator_gives_the_same_example_and_another_another(tmp_path: Path) -> None:
    annotated = hands(tmp_path)
    one, again, other = (
        example(annotated, SIDE, MIRRORED, np.random.default_rng(seed)) for seed in (7, 7, 8)
    )
    assert same(one, again) and not same(one, other)


def test_every_operation_changes_the_picture(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (64, 64, 3), np.uint8)
    usual = Augmentation.usual()
    for name in ("blur", "contrast", "brightness", "gamma", "saturation", "grey", "tint", "noise", "jpeg"):
        only = Augmentation.none(**{name: replace(getattr(usual, name), probability=1.0)})
        changed = recoloured(image, np.random.default_rng(1), only)
        assert changed.shape == image.shape and changed.dtype == np.uint8 and (changed != image).any(), name
    grey = recoloured(image, rng, Augmentation.none(grey=Operation(1.0)))
    assert (grey.max(2).astype(int) - grey.min(2) <= 1).all()
    dark = recoloured(image, rng, Augmentation.none(gamma=Operation(1.0, 2.0, 2.0)))
    assert (dark <= image).all() and dark.mean() < image.mean() - 20


def test_what_is_too_small_or_cut_off_becomes_unsure(tmp_path: Path) -> None:
    speck, edge = thing(2, disc(20, 20, 2)), boxed(3, 100, 50, 140, 90)
    one = photo(tmp_path, speck, edge, boxed(4, 60, 60, 100, 100))
    seen = example(one, 40, MIRRORED)
    assert seen.labels.tolist() == [3, 4] and seen.has_mask.tolist() == [False, False]
    assert len(seen.unsure) == 1 and not seen.masks.any()
    cut = Placement(np.array([[1.0, 0, -135], [0, 1, 0]]), 100)  # 5 of 40 pixels of the edge are left
    moved = placed(np.zeros((100, 100, 3), np.uint8), one, cut, MIRRORED)
    assert moved.labels.tolist() == [] and moved.unsure.tolist() == [[0, 50, 5, 90]]


def test_boxes_alone_move_by_their_corners(tmp_path: Path) -> None:
    turn = np.deg2rad(30)
    matrix = np.array([[np.cos(turn), -np.sin(turn), 60.0], [np.sin(turn), np.cos(turn), 0.0]])
    one = photo(tmp_path, boxed(2, 40, 20, 80, 40))
    seen = placed(np.zeros((160, 160, 3), np.uint8), one, Placement(matrix, 160), MIRRORED)
    corners = np.array([[40, 20], [80, 20], [80, 40], [40, 40]]) @ matrix[:, :2].T + matrix[:, 2]
    assert np.allclose(seen.boxes[0], [*corners.min(0), *corners.max(0)], atol=1e-4)


@pytest.mark.parametrize(
    ("known", "unsure"),
    [(EVERYWHERE, []), (frozenset({1}), [[10, 10, 60, 100]]), (frozenset({2, 3}), [[0, 0, 160, 160]])],
    ids=["all classes", "people only", "no people"],
)
def test_where_unmarked_things_may_be(tmp_path: Path, known: frozenset[int], unsure: list[list[int]]) -> None:
    one = photo(tmp_path, boxed(1, 10, 10, 60, 100), boxed(2, 100, 10, 120, 30), known=known)
    assert example(one, 160, MIRRORED).unsure.tolist() == unsure


def test_a_picture_of_nothing(tmp_path: Path) -> None:
    for rng in (None, np.random.default_rng(2)):
        seen = example(photo(tmp_path), SIDE, MIRRORED, rng)
        parts = (seen.boxes, seen.labels, seen.masks, seen.has_mask, seen.unsure)
        assert [part.shape for part in parts] == [(0, 4), (0,), (0, SIDE, SIDE), (0,), (0, 4)]
        assert [part.dtype.name for part in parts] == ["float32", "int64", "uint8", "bool", "float32"]


def test_a_picture_that_was_exchanged_is_told(tmp_path: Path) -> None:
    one = photo(tmp_path)
    cv2.imwrite(str(one.path), np.zeros((WIDTH, HEIGHT, 3), np.uint8))
    with pytest.raises(DatasetError, match=r"they say 160 by 120 pixels, and shrunk to 96 it is 72 by 96"):
        example(one, SIDE, MIRRORED)


@given(
    st.tuples(st.integers(20, 4000), st.integers(20, 4000)),
    st.integers(0, 2**32),
    st.tuples(st.floats(0, 0.9), st.floats(0, 0.9)),
)
@settings(max_examples=200, deadline=None)
def test_what_is_looked_at_is_seen(size: tuple[int, int], seed: int, corner: tuple[float, float]) -> None:
    height, width = size
    left, top = corner[0] * width, corner[1] * height
    box = np.array([[left, top, left + width / 10, top + height / 10]], np.float32)
    place = drawn_placement(size, SIDE, box, np.random.default_rng(seed), Augmentation.usual())
    x, y = place.points(((box[:, :2] + box[:, 2:]) / 2).astype(np.float64))[0]
    assert -1e-6 <= x <= SIDE + 1e-6 and -1e-6 <= y <= SIDE + 1e-6
    assert 0.6 - 1e-9 <= place.scale * max(size) / SIDE <= 1.8 + 1e-9
    assert (np.linalg.det(place.matrix[:, :2]) < 0) == place.mirrored


def test_small_pictures_lie_wholly_in_the_square() -> None:
    settings_ = Augmentation.none(scale=Operation(1.0, 0.5, 0.5))
    empty = np.zeros((0, 4), np.float32)
    corners = np.array([[0, 0], [WIDTH, HEIGHT]], np.float64)
    rngs = map(np.random.default_rng, range(20))
    places = [drawn_placement((HEIGHT, WIDTH), SIDE, empty, rng, settings_) for rng in rngs]
    moved = np.array([place.points(corners) for place in places])
    assert moved.min() >= 0 and moved.max() <= SIDE
    assert np.ptp(moved[:, 0, 0]) > SIDE / 4 and np.ptp(moved[:, 0, 1]) > SIDE / 4, "and anywhere in it"


@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 30), st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_label_maps_of_run_lengths_are_the_masks(seed: int, height: int, width: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    masks = [rng.random((height, width)) < rng.choice([0, 0.05, 0.5, 1]) for _ in range(count)]
    rles = [encoded(mask) for mask in masks]
    seen: dict[int, Any] = {}
    for labels, members in label_layers(rles):
        assert labels.shape == (width, height)
        seen |= {member: (labels == number).T for number, member in enumerate(members, 1)}
    assert sorted(seen) == list(range(count))
    for number, mask in enumerate(masks):
        assert (seen[number] == mask).all()
        assert counts_of(rles[number]["counts"]).sum() == height * width


def test_things_beside_each_other_are_moved_at_the_price_of_one() -> None:
    beside = [encoded(disc(20 * number + 10, 60, 9)) for number in range(7)]
    assert [members for _, members in label_layers(beside)] == [list(range(7))]
    over = [*beside, encoded(disc(60, 60, 50))]
    assert [members for _, members in label_layers(over)] == [list(range(7)), [7]]


@given(st.integers(0, 2**32), st.integers(1, 20), st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_masks_of_label_maps_are_pycocotools(seed: int, height: int, width: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 4, (height, width)).astype(np.uint8)
    found = label_masks(labels)
    assert sorted(found) == sorted(set(labels.ravel().tolist()) - {0})
    for number, rle in found.items():
        assert rle == coco_mask.encode(np.asfortranarray(labels == number, np.uint8))


@pytest.mark.parametrize("seed", range(12))
def test_masks_moved_together_are_masks_moved_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    masks = [disc(*rng.integers(0, 120, 2).tolist(), int(rng.integers(1, 50))) for _ in range(9)]
    empty = np.zeros((0, 4), np.float32)
    place = drawn_placement((HEIGHT, WIDTH), SIDE, empty, rng, Augmentation.usual())
    moved, boxes, areas = moved_masks([encoded(mask) for mask in masks], place)
    for mask, seen, box, area in zip(masks, moved, boxes, areas, strict=True):
        alone = place.standing_labels(np.ascontiguousarray(mask.T, np.uint8))
        assert (seen == alone).all() and area == alone.sum()
        assert box.tolist() == (around(alone) if area else [0, 0, 0, 0])


def test_masks_of_one_size_move_to_another() -> None:
    (mask,), (box,), (area,) = moved_masks([encoded(disc(80, 60, 30))], letterbox(HEIGHT, WIDTH, 320))
    assert box.tolist() == around(mask) and area == mask.sum()
    wanted = disc(160, 120, 61, 320, 320)
    assert (mask.astype(bool) & wanted).sum() / (mask.astype(bool) | wanted).sum() > 0.95


def crowded(folder: Path) -> Annotated:
    """People with parts, of which each lies on its person, as in our own data."""
    rng = np.random.default_rng(3)
    things = []
    for number in range(4):
        x = 40 + number * 100
        things.append(thing(1, disc(x, 200, 60, 384, 384)))
        for part in range(4):
            things.append(thing(2 + part, disc(x + (part % 2) * 40 - 20, 180 + part // 2 * 40, 15, 384, 384)))
    path = folder / "crowd.jpg"
    cv2.imwrite(str(path), cv2.blur(rng.integers(0, 255, (384, 384, 3), np.uint8), (5, 5)))
    return Annotated(path, 384, 384, tuple(things), EVERYWHERE)


def test_it_is_fast_enough_beside_a_training_step(tmp_path: Path) -> None:
    """A step takes hundreds of milliseconds; processor time, because other programs may be running."""
    annotated = crowded(tmp_path)
    assert len(annotated.instances) == 20
    rng = np.random.default_rng(1)
    spent = []
    for _ in range(12):
        begin = time.process_time()
        example(annotated, 384, MIRRORED, rng)
        spent.append(time.process_time() - begin)
    assert min(spent) < 0.05


def test_real_photos_of_people(shared: Path) -> None:
    source = shared / "joints/photos/coco/test_coco.json"
    if not source.is_file():
        pytest.skip(f"{source} is not there")
    found: Annotations = read_annotations(source, held_share=0)
    for seed, one in enumerate(found.train * 5):
        seen = example(one, 256, found.mirrored, np.random.default_rng(seed))
        assert 0 < len(seen.boxes) <= len(one.instances)
        for box, mask in zip(seen.boxes, seen.masks, strict=True):
            assert box.tolist() == around(mask)
