"""People keep their numbers from frame to frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PARTS, PartMap
from spotter.media.frame import Frame
from spotter.segmenter.tracked import FORGET_S, PersonTracker

HEIGHT, WIDTH = 360, 640
Box = tuple[int, int, int, int]
ROOM = np.random.default_rng(0).integers(60, 120, (HEIGHT, WIDTH, 3)).astype(np.uint8)


def part_map(*boxes: Box | None) -> PartMap:
    """People who fill boxes, those named later behind; None for one who is hidden altogether."""
    people = np.zeros((HEIGHT, WIDTH), np.uint8)
    for number, box in reversed(list(enumerate(boxes, start=1))):
        if box is not None:
            left, top, right, bottom = box
            people[top:bottom, left:right] = number
    scores = np.full((len(boxes), len(PARTS) + 1), 0.9, np.float32)
    return PartMap(np.zeros_like(people), people, tuple(range(1, len(boxes) + 1)), scores)


def person(x: float) -> Box:
    return (round(x), 100, round(x) + 60, 300)


class Film:
    """A tracker and its clock, 25 frames a second."""

    def __init__(self) -> None:
        self.tracker, self.time_s = PersonTracker(), 0.0

    def push(self, *boxes: Box | None, image: NDArray[np.uint8] = ROOM) -> tuple[int, ...]:
        self.time_s += 0.04
        return self.tracker.push(part_map(*boxes), Frame(image, self.time_s, round(self.time_s * 25))).ids


def test_numbers_stay_whoever_is_surer() -> None:
    film = Film()
    assert film.push(person(100), person(400)) == (1, 2)
    for step in range(1, 20):
        assert film.push(person(100 + 4 * step), person(400 - 3 * step)) == (1, 2)
        assert film.push(person(400 - 3 * step), person(102 + 4 * step)) == (2, 1)


def test_two_who_pass_each_other_keep_their_numbers() -> None:
    film = Film()
    film.push(person(100), person(400))
    for step in range(1, 31):
        one, two = person(100 + 10 * step), person(400 - 10 * step)
        found = film.push(one, two)
    assert found == (1, 2)


def test_somebody_who_was_hidden_for_a_second_is_known_again() -> None:
    film = Film()
    film.push(person(100), person(300))
    for _ in range(24):
        assert film.push(person(100)) == (1,)
    assert film.push(person(100), person(320)) == (1, 2)


def test_somebody_who_was_away_for_long_or_is_elsewhere_is_new() -> None:
    film = Film()
    film.push(person(100), person(300))
    film.push(person(100))
    assert film.push(person(100), person(560)) == (1, 3)
    film.time_s += FORGET_S + 1
    assert film.push(person(100)) == (4,)


def test_a_cut_begins_anew() -> None:
    film = Film()
    for _ in range(3):
        film.push(person(100))
    black = np.zeros_like(ROOM)
    black[:, ::2] = 255
    black[: HEIGHT // 2] = 255
    assert film.push(person(100), image=black) == (2,)


def test_people_without_pixels_and_empty_frames() -> None:
    film = Film()
    assert film.push() == ()
    assert film.push(person(100), None) == (1, 2)
    assert film.push(None, person(101)) in ((2, 1), (3, 1))
    assert film.push() == ()
    assert film.push(person(103)) == (1,)


def test_the_map_itself_is_not_changed() -> None:
    tracker, found = PersonTracker(), part_map(person(50))
    made = tracker.push(found, Frame(ROOM, 0.0, 0))
    assert made.people is found.people and made.labels is found.labels and made.scores is found.scores
