"""Parts drawn on pictures: where what colour lies, at every size, and how long it takes."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from spotter.body.part_map import PARTS, PartMap
from spotter.report.part_colours import PART_COLOURS, UNKNOWN_PART
from spotter.report.parts.background import SCREEN, Background, cut_out, person_alpha, with_background
from spotter.report.parts.legend import draw_legend
from spotter.report.parts.overlay import draw_parts
from tests.part_material import Image, figures, painted, read_map

ODD = [(1, 1), (1, 4), (4, 1), (3, 5), (5, 3), (2, 2), (4000, 10), (10, 4000)]


def grey(height: int, width: int, level: int = 128) -> Image:
    return np.full((height, width, 3), level, np.uint8)


def of_people(height: int, width: int, *lefts: int, scale: int = 1) -> PartMap:
    return read_map(painted(*figures(height, width, *lefts, scale=scale)))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_each_part_is_tinted_in_its_colour_on_light_and_dark(level: int) -> None:
    found = of_people(400, 220, 10, scale=10)
    image = grey(400, 220, level)
    draw_parts(image, found)
    for name in PARTS:
        inner = cv2.erode(found.part(name).view(np.uint8), np.ones((9, 9), np.uint8)) > 0
        assert inner.any()
        expected = 0.58 * np.array(PART_COLOURS[name]) + 0.42 * level
        assert np.abs(image[inner] - expected).max() < 2
    far = cv2.dilate(found.people, np.ones((9, 9), np.uint8)) == 0
    assert (image[far] == level).all(), "the background stays as it is"


def test_lines_lie_around_people_and_between_parts() -> None:
    found = of_people(400, 220, 10, scale=10)
    on_dark, on_light = grey(400, 220, 0), grey(400, 220, 255)
    draw_parts(on_dark, found)
    draw_parts(on_light, found)
    assert on_dark[30, 91].min() > 120, "a light line inside the head's edge, seen on dark ground"
    assert on_light[30, 89].max() < 215, "a dark line outside of it, seen on light ground"
    neck, head = on_light[59:61, 110].astype(int), on_light[30, 110].astype(int)
    assert (neck.sum(axis=1) < head.sum() - 150).all(), "a dark line between head and torso"


def test_clothes_do_not_change_a_parts_colour() -> None:
    found = of_people(40, 22, 1)
    red, teal = grey(40, 22), grey(40, 22)
    red[:], teal[:] = (200, 60, 60), (40, 125, 125)  # of the same brightness
    draw_parts(red, found)
    draw_parts(teal, found)
    assert np.abs(red[13, 11].astype(int) - teal[13, 11]).max() < 12


def test_a_pixel_of_a_person_without_a_part_is_grey() -> None:
    people = np.zeros((60, 60), np.uint8)
    people[10:50, 10:50] = 1
    image = grey(60, 60, 0)
    draw_parts(image, PartMap(np.zeros_like(people), people, (1,), np.ones((1, 15), np.float32)))
    assert image[30, 30] == pytest.approx(0.58 * np.array(UNKNOWN_PART), abs=1)


def test_several_people_get_their_numbers_unless_others_draw_them() -> None:
    found = of_people(240, 320, 20, 200, scale=3)
    found = PartMap(np.roll(found.labels, 100, 0), np.roll(found.people, 100, 0), (3, 12), found.scores)
    with_numbers, without = grey(240, 320), grey(240, 320)
    draw_parts(with_numbers, found)
    draw_parts(without, found, numbers=False)
    above = (slice(70, 96), slice(0, 320))
    assert (without[above] == 128).all()
    changed = np.flatnonzero((with_numbers[above] != 128).any(axis=(0, 2)))
    assert changed.min() < 60 and changed.max() > 220


@pytest.mark.parametrize(("height", "width"), ODD)
def test_odd_sizes_are_drawn_in_place(height: int, width: int) -> None:
    people = np.ones((height, width), np.uint8)
    found = PartMap(2 * people, people, (1,), np.ones((1, 15), np.float32))
    image = grey(height, width, 0)
    draw_parts(image, found)
    draw_legend(image)
    middle = image[height // 2, width // 2].tolist()
    assert middle == pytest.approx((0.58 * np.array(PART_COLOURS["torso"])).tolist(), abs=2)
    untouched = grey(height, width, 77)
    draw_parts(untouched, PartMap.empty(height, width))
    assert (untouched == 77).all()
    for text in ("blur", "remove", "#102030"):
        changed = with_background(untouched, PartMap.empty(height, width), Background.parse(text))
        assert changed.shape == untouched.shape and changed.dtype == np.uint8
    assert cut_out(untouched, found).shape == (height, width, 4)


def test_a_person_at_the_edge_of_the_picture_is_drawn_to_the_edge() -> None:
    people = np.zeros((50, 50), np.uint8)
    people[30:, 30:] = 1
    image = grey(50, 50, 0)
    draw_parts(image, PartMap(2 * people, people, (1,), np.ones((1, 15), np.float32)))
    assert (image[40:, 40:] > 0).any(axis=2).all()


@pytest.mark.parametrize(("width", "height", "limit_ms"), [(1280, 720, 40), (3840, 2160, 300)])
def test_drawing_is_quick(width: int, height: int, limit_ms: float) -> None:
    """Measured: 3 ms at 720p; the limits leave room for a busy machine."""
    scale = height // 45
    found, image = of_people(height, width, width // 3, scale=scale), grey(height, width)
    taken = []
    for _ in range(8):
        begin = time.perf_counter()
        draw_parts(image, found)
        taken.append(time.perf_counter() - begin)
    assert 1e3 * min(taken) < limit_ms


def test_the_legend_names_every_colour_and_leaves_the_rest_alone() -> None:
    image = grey(720, 1280)
    draw_legend(image)
    for colour in PART_COLOURS.values():
        assert (image == colour).all(axis=2).any()
    rows, columns = np.nonzero((image != 128).any(axis=2))
    assert rows.min() > 300 and columns.max() < 1280 / 3
    portrait = grey(640, 300)
    draw_legend(portrait)
    assert np.nonzero((portrait != 128).any(axis=2))[1].max() < 120


def test_soft_edges_lie_inside_the_mask() -> None:
    people = np.zeros((400, 400), np.uint8)
    people[100:300, 100:300] = 1
    alpha = person_alpha(PartMap(people, people, (1,), np.ones((1, 15), np.float32)))
    assert (alpha[110:290, 110:290] == 255).all() and (alpha[people == 0] < 60).all()
    assert (alpha[:96] == 0).all()
    edge = alpha[200, 95:106].astype(int)
    assert (np.diff(edge) >= 0).all() and len(set(edge.tolist())) >= 4, "not a step but a slope"


def test_colours_and_pictures_stand_behind_people() -> None:
    found = of_people(160, 200, 60, scale=4)
    image = painted(found.labels, found.people)
    flat = with_background(image, found, Background.parse("#ff8000"))
    assert flat[5, 5].tolist() == [255, 128, 0]
    assert (flat[50, 100] == image[50, 100]).all(), "the torso stays as it is"
    assert with_background(image, found, Background("remove"))[5, 5].tolist() == list(SCREEN)
    stripes = np.zeros((30, 300, 3), np.uint8)
    stripes[:, 150:] = 255
    behind = with_background(image, found, Background("picture", picture=stripes))
    assert behind[80, 2].tolist() == [0, 0, 0] and behind[80, 197].tolist() == [255, 255, 255]


def test_a_blurred_background_has_nothing_of_the_people_in_it() -> None:
    found = of_people(160, 200, 60, scale=4)
    image = np.where((found.people > 0)[..., None], np.uint8(255), np.uint8(20)) * np.ones(
        (1, 1, 3), np.uint8
    )
    blurred = with_background(image, found, Background("blur"))
    assert blurred[found.people == 0].mean() < 45, "a plain blur would glow"
    checks = (np.indices((160, 200)).sum(axis=0) // 4 % 2 * 200).astype(np.uint8)[..., None].repeat(3, axis=2)
    flat = with_background(checks, PartMap.empty(160, 200), Background("blur"))
    assert flat.std() < 0.2 * checks.std()


def test_people_are_cut_out_with_their_transparency() -> None:
    found = of_people(160, 200, 60, scale=4)
    out = cut_out(painted(found.labels, found.people), found)
    assert out[5, 5, 3] == 0 and out[50, 100, 3] == 255
