"""Who is who: numbers last while people move, hide behind each other and come back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.body.landmarker import Landmarks
from spotter.body.tracker import FORGET_S, Roster, appearance, covers, same_body
from tests.body.people import BLUE, RED, Someone, detection_of, landmarks_of, picture_of

Seen = tuple[Landmarks, NDArray[np.float32]]


def seen(person: Someone, *others: Someone) -> Seen:
    """The person's landmarks, and how they look in a picture of everybody."""
    landmarks = landmarks_of(person)
    return landmarks, appearance(picture_of(*others, person), landmarks.keypoints)


def admit(roster: Roster, person: Someone, time_s: float) -> int:
    return roster.admit(*seen(person), time_s).id


def stay(roster: Roster, people: dict[int, Someone], start_s: float, end_s: float) -> None:
    """The people are seen where they are, ten times a second."""
    for time_s in np.arange(start_s, end_s + 1e-9, 0.1):
        roster.settle({number: seen(person) for number, person in people.items()}, float(time_s))


def ids(roster: Roster) -> list[int]:
    return sorted(track.id for track in roster.in_sight)


RED_ONE, BLUE_ONE = Someone(80, 90, 100, RED), Someone(240, 90, 100, BLUE)


def test_people_who_swap_sides_while_hidden_are_told_by_their_clothes() -> None:
    roster = Roster()
    assert [admit(roster, RED_ONE, 0.0), admit(roster, BLUE_ONE, 0.0)] == [1, 2]
    stay(roster, {1: RED_ONE, 2: BLUE_ONE}, 0.1, 2.0)
    roster.settle({}, 2.1)
    assert ids(roster) == []
    assert admit(roster, replace(RED_ONE, x=150), 3.0) == 1
    assert admit(roster, replace(BLUE_ONE, x=130), 3.0) == 2


def test_a_person_hidden_behind_another_comes_back_under_their_number() -> None:
    roster = Roster()
    admit(roster, RED_ONE, 0.0)
    admit(roster, BLUE_ONE, 0.0)
    stay(roster, {1: RED_ONE, 2: BLUE_ONE}, 0.1, 1.0)
    stay(roster, {1: RED_ONE}, 1.1, 4.0)
    assert ids(roster) == [1]
    assert admit(roster, replace(BLUE_ONE, x=220), 4.1) == 2
    assert ids(roster) == [1, 2]


@pytest.mark.parametrize(("gone_s", "number"), [(FORGET_S - 0.5, 1), (FORGET_S + 0.5, 2)])
def test_people_are_forgotten_after_ten_seconds(gone_s: float, number: int) -> None:
    roster = Roster()
    admit(roster, RED_ONE, 0.0)
    roster.settle({}, 0.1)
    assert admit(roster, RED_ONE, gone_s) == number


def test_somebody_else_in_the_same_place_is_somebody_else() -> None:
    roster = Roster()
    admit(roster, RED_ONE, 0.0)
    roster.settle({}, 0.1)
    assert admit(roster, replace(RED_ONE, colour=BLUE), 0.3) == 2


def test_somebody_alike_far_away_right_after_is_somebody_else() -> None:
    roster = Roster()
    admit(roster, RED_ONE, 0.0)
    roster.settle({}, 0.1)
    assert admit(roster, replace(RED_ONE, x=300), 0.2) == 2


def test_a_walker_is_expected_where_they_were_going() -> None:
    roster = Roster()
    walker, twin = Someone(40, 90, 80, RED), Someone(200, 90, 80, RED)
    admit(roster, walker, 0.0)
    admit(roster, twin, 0.0)
    for k in range(1, 11):  # 60 pixels a second to the right
        roster.settle({1: seen(replace(walker, x=40 + 6 * k)), 2: seen(twin)}, k / 10)
    roster.settle({}, 1.1)
    assert (
        admit(roster, replace(walker, x=158), 2.0) == 1
    )  # nearer to where the twin was, but on the walker's way
    assert admit(roster, twin, 2.0) == 2


def test_of_two_results_on_one_body_the_better_fit_keeps_it() -> None:
    roster = Roster()
    admit(roster, RED_ONE, 0.0)
    admit(roster, BLUE_ONE, 0.0)
    stay(roster, {1: RED_ONE, 2: BLUE_ONE}, 0.1, 1.0)
    # the blue one walked behind the red one, and their square now shows the red one
    roster.settle({1: seen(RED_ONE), 2: seen(replace(RED_ONE, x=82))}, 1.1)
    assert ids(roster) == [1]
    assert [track.id for track in roster.out_of_sight] == [2]
    assert admit(roster, replace(BLUE_ONE, x=200), 1.8) == 2


def test_after_a_cut_nobody_is_known_and_no_number_is_given_twice() -> None:
    roster = Roster()
    admit(roster, RED_ONE, 0.0)
    roster.settle({}, 0.1)
    admit(roster, BLUE_ONE, 0.1)
    roster.clear()
    assert ids(roster) == []
    assert admit(roster, BLUE_ONE, 0.2) == 3
    assert admit(roster, RED_ONE, 0.2) == 4


def test_a_new_look_is_learned_slowly() -> None:
    roster = Roster()
    admit(roster, RED_ONE, 0.0)
    dark = replace(RED_ONE, colour=(90, 20, 20))  # the light goes out
    stay(roster, {1: dark}, 0.1, 8.0)
    roster.settle({}, 8.1)
    assert admit(roster, dark, 9.0) == 1


def test_appearance_tells_the_parts_apart() -> None:
    image = picture_of(RED_ONE)
    look = appearance(image, landmarks_of(RED_ONE).keypoints)
    assert look.shape == (5, 3)
    assert look == pytest.approx(np.tile(RED, (5, 1)), abs=2)


def test_appearance_of_a_body_outside_the_picture() -> None:
    look = appearance(picture_of(), landmarks_of(Someone(5000, -900)).keypoints)
    assert look == pytest.approx(90)


@pytest.mark.parametrize(("shift", "same"), [(0, True), (5, True), (40, False)])
def test_same_body(shift: float, same: bool) -> None:
    other = landmarks_of(replace(RED_ONE, x=RED_ONE.x + shift))
    assert same_body(landmarks_of(RED_ONE), other) == same


def test_a_body_covers_what_lies_in_its_box() -> None:
    body = landmarks_of(RED_ONE)
    assert covers(body, detection_of(RED_ONE).points[:1])
    assert not covers(body, detection_of(BLUE_ONE).points[:1])
    half = np.array([[80.0, 90.0], [80.0, 80.0], [300.0, 90.0], [300.0, 80.0]])
    assert not covers(body, half)
