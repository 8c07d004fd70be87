"""One map of people and parts out of overlapping boxes, made by hand so that the right map is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.body.part_map import PARTS
from spotter.segmenter.annotation import CLASSES
from spotter.segmenter.compose import composed, least_score
from spotter.segmenter.compose_edges import drawn_to_edges
from spotter.segmenter.compose_people import figures
from spotter.segmenter.detections import Detections, sampled

HEIGHT, WIDTH = 200, 320
GREY = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
Box = tuple[float, float, float, float]
Mask = NDArray[np.float32]
FULL = np.ones((28, 28), np.float32)


def found(*rows: tuple[str, float, Box] | tuple[str, float, Box, Mask]) -> Detections:
    """Detections of things that fill their boxes, or have the mask that is given; the surest first."""
    ordered = sorted(rows, key=lambda row: -row[1])
    return Detections(
        np.array([row[2] for row in ordered], np.float32).reshape(-1, 4),
        np.array([CLASSES.index(row[0]) + 1 for row in ordered], np.int64),
        np.array([row[1] for row in ordered], np.float32),
        np.array([row[3] if len(row) > 3 else FULL for row in ordered], np.float32).reshape(-1, 28, 28),
        HEIGHT,
        WIDTH,
    )


def iou(one: NDArray[np.bool_], box: Box) -> float:
    """Of a mask and a filled box."""
    left, top, right, bottom = map(round, box)
    other = np.zeros_like(one)
    other[top:bottom, left:right] = True
    return float((one & other).sum() / (one | other).sum())


def number(part: str) -> int:
    return PARTS.index(part) + 1


def test_a_person_and_their_parts() -> None:
    head, torso = (140, 20, 180, 60), (130, 60, 190, 140)
    made = composed(
        found(("person", 0.9, (130, 20, 190, 180)), ("head", 0.8, head), ("torso", 0.7, torso)),
        CLASSES,
        GREY,
        0.5,
    )
    assert made.ids == (1,)
    assert iou(made.part("head"), head) > 0.9 and iou(made.part("torso"), torso) > 0.9
    assert made.scores[0, [0, 1, 2]].tolist() == pytest.approx([0.9, 0.8, 0.7])
    assert np.isnan(made.scores[0, 3:]).all()
    assert (made.labels[made.people == 0] == 0).all()
    below = np.zeros((HEIGHT, WIDTH), bool)
    below[150:175, 140:180] = True  # of the person, of no part
    assert (made.people[below] == 1).all() and (made.labels[below] == 0).all()


def test_a_person_without_parts_and_a_network_that_knows_none() -> None:
    box = (100, 30, 160, 190)
    made = composed(found(("person", 0.9, box)), CLASSES, GREY, 0.5)
    assert iou(made.person(1), box) > 0.9 and not made.labels.any()
    coco = ("bicycle", "person", "car")
    lone = found(("person", 0.9, box))
    others = Detections(
        np.concatenate([lone.boxes, lone.boxes + 40]),
        np.array([2, 3]),
        np.float32([0.9, 0.8]),
        np.concatenate([lone.masks] * 2),
        HEIGHT,
        WIDTH,
    )
    made = composed(others, coco, GREY, 0.5)
    assert made.ids == (1,) and iou(made.person(1), box) > 0.9 and not made.labels.any()


def test_nothing_found_and_nobody_sure_enough() -> None:
    for nobody in (found(), found(("person", 0.4, (10, 10, 90, 90)), ("head", 0.7, (20, 10, 60, 40)))):
        made = composed(nobody, CLASSES, GREY, 0.5)
        assert made.ids == () and made.scores.shape == (0, 15)
        assert not made.labels.any() and not made.people.any()


def test_left_and_right_go_where_the_network_says() -> None:
    left, right = (180, 60, 200, 130), (120, 60, 140, 130)
    made = composed(
        found(
            ("person", 0.95, (120, 20, 200, 190)),
            ("left_upper_arm", 0.9, left),
            ("right_upper_arm", 0.8, right),
        ),
        CLASSES,
        GREY,
        0.5,
    )
    assert iou(made.part("left_upper_arm"), left) > 0.85
    assert iou(made.part("right_upper_arm"), right) > 0.85


def test_one_limb_is_not_both_left_and_right() -> None:
    """Both legs are found twice; the two that are surest together are a left one and a right one."""
    here, there = (120, 100, 145, 180), (165, 100, 190, 180)
    made = composed(
        found(
            ("person", 0.95, (115, 10, 195, 190)),
            ("right_upper_leg", 0.6, here),
            ("left_upper_leg", 0.55, here),
            ("right_upper_leg", 0.5, there),
        ),
        CLASSES,
        GREY,
        0.5,
    )
    assert iou(made.part("left_upper_leg"), here) > 0.85
    assert iou(made.part("right_upper_leg"), there) > 0.85
    assert made.scores[0, number("left_upper_leg")] == pytest.approx(0.55)
    lone = composed(
        found(
            ("person", 0.95, (115, 10, 195, 190)),
            ("right_upper_leg", 0.6, here),
            ("left_upper_leg", 0.55, here),
        ),
        CLASSES,
        GREY,
        0.5,
    )
    assert iou(lone.part("right_upper_leg"), here) > 0.85
    assert not lone.part("left_upper_leg").any()
    assert np.isnan(lone.scores[0, number("left_upper_leg")])


def test_two_people_one_before_the_other() -> None:
    """The one behind is seen to the left only; a head goes to whose mask it lies in."""
    seen = np.zeros((28, 28), np.float32)
    seen[:, :16] = 1  # of the box of the one behind
    before, behind = (160, 20, 240, 190), (80, 20, 220, 190)
    head_before, head_behind = (180, 25, 220, 65), (100, 25, 140, 65)
    made = composed(
        found(
            ("person", 0.9, before),
            ("person", 0.8, behind, seen),
            ("head", 0.7, head_before),
            ("head", 0.6, head_behind),
        ),
        CLASSES,
        GREY,
        0.5,
    )
    assert made.ids == (1, 2)
    assert made.people[100, 200] == 1 and made.people[100, 110] == 2
    assert iou(made.part("head", 1), head_before) > 0.85
    assert iou(made.part("head", 2), head_behind) > 0.85
    assert iou(made.person(1), before) > 0.9 and iou(made.person(2), (80, 20, 160, 190)) > 0.9


def test_a_person_seen_twice_is_one_person() -> None:
    made = composed(
        found(("person", 0.9, (100, 10, 200, 190)), ("person", 0.8, (105, 20, 195, 110))), CLASSES, GREY, 0.5
    )
    assert made.ids == (1,) and made.scores[0, 0] == pytest.approx(0.9)


def test_parts_outside_everybody_are_a_person_only_if_sure() -> None:
    rows = [("person", 0.9, (20, 20, 80, 180)), ("torso", 0.75, (200, 60, 250, 130))]
    assert composed(found(*rows), CLASSES, GREY, 0.5).ids == (1,)
    rows += [("head", 0.85, (210, 20, 240, 60)), ("left_hand", 0.85, (300, 150, 315, 170))]
    made = composed(found(*rows), CLASSES, GREY, 0.5)
    assert made.ids == (1, 2, 3)  # head and torso touch, the hand is somebody else's
    body = next(one for one in made.ids if made.part("torso", one).any())
    assert made.part("head", body).any() and not made.part("left_hand", body).any()
    assert iou(made.person(body) & (made.labels == number("torso")), (200, 60, 250, 130)) > 0.8


def test_parts_sharpen_the_outline() -> None:
    """Legs apart are one blur in the coarse mask of a tall person; their own masks part them."""
    body = (60, 4, 260, 196)
    true = np.zeros((HEIGHT, WIDTH), bool)
    legs = [(100, 100, 122, 194), (198, 100, 220, 194)]
    torso, head = (100, 40, 220, 100), (140, 6, 180, 40)
    for left, top, right, bottom in [*legs, torso, head]:
        true[top:bottom, left:right] = True
    middles = (np.arange(28) + 0.5) / 28
    columns, rows = (body[0] + middles * 200).astype(int), (body[1] + middles * 192).astype(int)
    coarse = true[rows][:, columns].astype(np.float32)
    blurred = np.pad(coarse, 2, mode="edge")
    blurred = np.mean(
        [np.roll(blurred, (i, j), (0, 1)) for i in (-2, -1, 0, 1, 2) for j in (-2, -1, 0, 1, 2)], 0
    )
    person = ("person", 0.9, body, blurred[2:-2, 2:-2])
    parts = [
        ("left_upper_leg", 0.8, legs[1]),
        ("right_upper_leg", 0.8, legs[0]),
        ("torso", 0.8, torso),
        ("head", 0.8, head),
    ]
    alone = composed(found(person), CLASSES, GREY, 0.5).people > 0
    together = composed(found(person, *parts), CLASSES, GREY, 0.5).people > 0

    def score(made: NDArray[np.bool_]) -> float:
        return float((made & true).sum() / (made | true).sum())

    assert score(together) > 0.93 > score(alone) + 0.05


def test_outlines_go_to_the_edges_of_the_picture() -> None:
    """A disc of another colour whose coarse mask is a few pixels off."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    true = (x - 160) ** 2 + (y - 100) ** 2 < 60**2
    image = np.random.default_rng(0).normal(90, 6, (HEIGHT, WIDTH, 3))
    image[true] += (60, 20, -30)
    image = image.clip(0, 255).astype(np.uint8)
    moved = (x - 165) ** 2 + (y - 103) ** 2 < 60**2
    box = (100.0, 38.0, 230.0, 168.0)
    middles = (np.arange(28) + 0.5) / 28 * 130
    cells = moved[(38 + middles).astype(int)][:, (100 + middles).astype(int)].astype(np.float32)

    def score(picture: NDArray[np.uint8]) -> float:
        made = composed(found(("person", 0.9, box, cells)), CLASSES, picture, 0.5).people > 0
        return float((made & true).sum() / (made | true).sum())

    assert score(image) > 0.91 > 0.89 > score(GREY)


def test_boxes_at_and_beyond_the_edge_of_the_picture() -> None:
    rows = [
        ("person", 0.9, (0, 0, 320, 200)),
        ("head", 0.8, (300, 180, 320, 200)),
        ("torso", 0.7, (320, 50, 320, 90)),  # what lay in the black beside the picture has no width left
        ("person", 0.6, (320, 20, 320, 80)),
    ]
    made = composed(found(*rows), CLASSES, GREY, 0.5)
    assert made.people.mean() > 0.9 and made.part("head")[190, 310]


def test_what_is_looked_at_for_a_map() -> None:
    assert least_score(0.5) == pytest.approx(0.3)


def test_figures_of_a_crowd_stay_apart() -> None:
    rows: list[tuple[str, float, Box]] = []
    for place in range(5):
        left = 10.0 + 60 * place
        rows += [
            ("person", 0.9 - place / 50, (left, 20, left + 40, 180)),
            ("head", 0.8 - place / 50, (left + 10, 20, left + 30, 50)),
            ("torso", 0.6, (left + 5, 50, left + 35, 110)),
        ]
    detections = found(*rows)
    people = figures(detections, detections.labels - 1, 0.5)
    assert len(people) == 5
    for figure in people:
        assert figure.person is not None
        box = detections.boxes[figure.person]
        for row in figure.parts.values():
            assert box[0] <= detections.boxes[row][0] and detections.boxes[row][2] <= box[2]


@pytest.mark.parametrize("side", [1, 5, 28])
def test_sampling_is_bilinear(side: int) -> None:
    rng = np.random.default_rng(side)
    mask, box = rng.random((side, side)).astype(np.float32), np.float32([3, 5, 3 + side, 5 + 2 * side])
    x, y = 3 + np.arange(side, dtype=np.float32) + 0.5, 5 + 2 * np.arange(side, dtype=np.float32) + 1
    np.testing.assert_allclose(sampled(box, mask, x, y), mask, atol=1e-5)  # at the middles of its cells
    if side > 1:
        between = sampled(box, mask, (x[:1] + x[1:2]) / 2, y[:1])
        assert between[0, 0] == pytest.approx((mask[0, 0] + mask[0, 1]) / 2, abs=1e-5)
    assert sampled(box, mask, np.float32([0, 99]), y).max() == 0


def test_an_even_picture_leaves_the_outline_where_it_is() -> None:
    likely = np.zeros((60, 80), np.float32)
    likely[20:40, 30:60] = 1
    drawn = drawn_to_edges(likely, np.full((60, 80, 3), 130, np.uint8))
    np.testing.assert_allclose(drawn, likely, atol=0.01)
