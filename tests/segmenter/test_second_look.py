"""People are found in the whole picture, their parts in close views, and everything lies where it is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.segmenter.detections import Detections
from spotter.segmenter.second_look import seen_once, seen_twice

SIDE = 64
LEAST = 6  # pixels of the square: what is smaller the seer does not see
BODY, HAND = 1, 2
RED, GREEN = (255, 0, 0), (0, 255, 0)

Box = tuple[int, int, int, int]


def picture(height: int, width: int, *people: tuple[Box, Box]) -> NDArray[np.uint8]:
    """People as red boxes, each with a green hand."""
    image = np.full((height, width, 3), 40, np.uint8)
    for body, hand in people:
        for (left, top, right, bottom), colour in ((body, RED), (hand, GREEN)):
            image[top:bottom, left:right] = colour
    return image


def look(square: NDArray[np.uint8]) -> Detections:
    """Finds every patch of colour that is large enough; a hand is part of its body."""
    import cv2

    assert square.shape == (SIDE, SIDE, 3)
    red, green = (square[:, :, channel] > 128 for channel in (0, 1))
    rows = []
    for label, mask in ((BODY, red | green), (HAND, green)):
        count, _, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        rows += [(label, *boxes[i, :4]) for i in range(1, count) if boxes[i, 2:4].min() >= LEAST]
    boxes = np.array([[x, y, x + w, y + h] for _, x, y, w, h in rows], np.float32).reshape(-1, 4)
    labels = np.array([row[0] for row in rows], np.int64)
    scores = np.where(labels == BODY, 0.9, 0.8).astype(np.float32)
    return Detections(boxes, labels, scores, np.ones((len(rows), 28, 28), np.float32), SIDE, SIDE)


def blind(square: NDArray[np.uint8]) -> Detections:
    return look(np.zeros_like(square))


def test_what_is_too_small_at_first_sight_is_seen_closely() -> None:
    body, hand = (300, 100, 420, 400), (310, 200, 350, 240)
    image = picture(640, 640, (body, hand))
    assert seen_once(look, image, SIDE).labels.tolist() == [BODY]
    found = seen_twice(look, image, SIDE)
    assert found.labels.tolist() == [BODY, HAND]
    assert found.boxes == pytest.approx(np.float32([body, hand]), abs=640 / SIDE)
    assert np.abs(found.boxes[1] - hand).max() <= 375 / SIDE + 1  # a pixel of the close view
    assert (found.height, found.width) == (640, 640)


def test_everybody_is_looked_at_and_each_hand_found_once() -> None:
    people = [((60 + x, 80, 120 + x, 300), (64 + x, 100, 104 + x, 140)) for x in (0, 90, 300)]
    found = seen_twice(look, picture(360, 480, *people), SIDE)
    assert np.count_nonzero(found.labels == BODY) == 3
    hands = sorted(found.boxes[found.labels == HAND].tolist())
    assert len(hands) == 3
    assert np.abs(np.array(hands) - [hand for _, hand in people]).max() < 5
    assert (np.diff(found.scores) <= 0).all()


@pytest.mark.parametrize("mirrored", [False, True])
def test_somebody_at_the_edge_of_the_picture(mirrored: bool) -> None:
    image = picture(200, 300, ((0, 40, 60, 200), (4, 150, 24, 170)))
    image = np.ascontiguousarray(image[:, ::-1]) if mirrored else image
    found = seen_twice(look, image, SIDE)
    assert found.labels.tolist() == [BODY, HAND]
    left, top, right, bottom = found.boxes[0]
    assert left >= 0 and right <= 300 and top >= 0 and bottom <= 200
    whole = next(found.full_masks())
    assert np.count_nonzero(whole) == pytest.approx(60 * 160, rel=0.1)


def test_a_mask_that_reaches_out_of_the_picture_is_cut_with_its_box() -> None:
    def half(square: NDArray[np.uint8]) -> Detections:
        """A box over the whole square, its upper half filled: what is beside the picture is part of it."""
        mask = np.zeros((1, 28, 28), np.float32)
        mask[:, :14] = 1
        boxes = np.float32([[0, 0, SIDE, SIDE]])
        return Detections(boxes, np.array([1]), np.float32([0.9]), mask, SIDE, SIDE)

    found = seen_once(half, np.zeros((32, 64, 3), np.uint8), SIDE)
    assert found.boxes.tolist() == [[0, 0, 64, 32]]
    assert next(found.full_masks())[:31].all()  # its upper half is all that there is


def test_without_people_the_first_look_is_the_answer() -> None:
    image = picture(64, 64)
    image[10:30, 10:30] = (0, 0, 0)
    assert len(seen_twice(look, image, SIDE)) == 0
    assert len(seen_twice(blind, picture(64, 64, ((10, 10, 40, 60), (12, 12, 20, 20))), SIDE)) == 0


def test_parts_of_nobody_stay() -> None:
    def hands_only(square: NDArray[np.uint8]) -> Detections:
        found = look(square)
        return found.chosen(found.labels == HAND)

    image = picture(64, 64, ((10, 10, 40, 60), (12, 12, 30, 30)))
    assert seen_twice(hands_only, image, SIDE).labels.tolist() == [HAND]


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1)])
def test_the_smallest_pictures(size: tuple[int, int]) -> None:
    seen_twice(look, np.full((*size, 3), (255, 0, 0), np.uint8), SIDE)
