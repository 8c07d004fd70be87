"""Recognising the exercise, and seeing that there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spotter.coach.recognise import recognise
from spotter.coach.schema import shipped_exercises
from spotter.motion.motion import Motion
from tests.coach.moves import (
    BENT_DOWN,
    MOVES,
    PLANK,
    STANDING,
    alternating,
    motion_of,
    one_after_another,
    repeat,
)
from tests.motion.stick import Pose, blend, clock, make_motion, there_and_back

EXERCISES = shipped_exercises()


def walk_on_the_spot(azimuth: float) -> Motion:
    time_s = clock(8)
    step = np.sin(2 * np.pi * time_s * 0.9)
    pose = Pose(
        azimuth=azimuth,
        thigh=(25 * step, -25 * step),
        knee=(10 + 25 * np.maximum(step, 0), 10 + 25 * np.maximum(-step, 0)),
        lift=(-25 * step, 25 * step),
        elbow=20,
    )
    return make_motion(pose, time_s, noise_m=0.004)


def wave(azimuth: float) -> Motion:
    """The upper arm lifted aside, the hand over the head goes to and fro."""
    time_s = clock(8)
    to_and_fro = np.sin(2 * np.pi * time_s * 1.2)
    pose = Pose(azimuth=azimuth, abduct=(0, 80), turn=(0, 90), elbow=(5, 80 + 30 * to_and_fro))
    return make_motion(pose, time_s, noise_m=0.004)


def drink(azimuth: float) -> Motion:
    """One hand goes to the mouth once, in ten seconds."""
    time_s = clock(10)
    share = there_and_back(time_s, [4.0], 3.0)
    return make_motion(
        Pose(azimuth=azimuth, elbow=(5 + 135 * share, 5), lift=(30 * share, 0)), time_s, noise_m=0.004
    )


def pick_something_up(azimuth: float) -> Motion:
    time_s = clock(10)
    share = there_and_back(time_s, [4.0], 3.0)
    pose = blend(replace(STANDING, azimuth=azimuth), replace(BENT_DOWN, azimuth=azimuth), share)
    return make_motion(pose, time_s, noise_m=0.004)


def stand(azimuth: float) -> Motion:
    return make_motion(Pose(azimuth=azimuth), clock(8), noise_m=0.006)


def lie_on_the_back(azimuth: float) -> Motion:
    return make_motion(replace(MOVES["sit-up"].near, azimuth=azimuth), clock(8), noise_m=0.006)


@pytest.mark.parametrize("name", MOVES)
def test_the_right_exercise_is_named(name: str) -> None:
    guess = recognise([motion_of(name, 4)], EXERCISES)
    assert guess is not None
    assert guess.name == name
    assert 0.5 < guess.confidence <= 1
    assert guess.weight == pytest.approx(4 * MOVES[name].length_s, rel=0.35)


@pytest.mark.parametrize(
    ("name", "azimuth"),
    [
        ("squat", 0),
        ("squat", 90),
        ("squat", -50),
        ("biceps-curl", 0),
        ("biceps-curl", 90),
        ("lateral-raise", 30),
        ("jumping-jack", -35),
        ("jumping-jack", 180),
        ("lunge", -45),
        ("push-up", 45),
        ("shoulder-press", 50),
        ("deadlift", 50),
        ("side-lunge", 30),
        ("sit-up", -60),
    ],
)
def test_from_other_sides(name: str, azimuth: float) -> None:
    move = MOVES[name].turned(azimuth)
    time_s, share = repeat(move, 4)
    guess = recognise([make_motion(move.at(share), time_s, noise_m=0.004)], EXERCISES)
    assert guess is not None
    assert guess.name == name


@pytest.mark.parametrize("name", ["biceps-curl", "lateral-raise", "shoulder-press"])
def test_sides_by_turns(name: str) -> None:
    guess = recognise([alternating(MOVES[name], 6)], EXERCISES)
    assert guess is not None
    assert guess.name == name


def test_a_plank() -> None:
    guess = recognise([make_motion(PLANK, clock(8), noise_m=0.004)], EXERCISES)
    assert guess is not None
    assert guess.name == "plank"


@pytest.mark.parametrize("azimuth", [0, 45, 90, 180])
@pytest.mark.parametrize(
    "movement",
    [
        stand,
        walk_on_the_spot,
        wave,
        drink,
        pick_something_up,
        lie_on_the_back,
    ],
    ids=lambda movement: movement.__name__,
)
def test_everyday_movements_are_no_exercise(movement: object, azimuth: float) -> None:
    assert callable(movement)
    assert recognise([movement(azimuth)], EXERCISES) is None


def test_nobody_and_nothing() -> None:
    assert recognise([], EXERCISES) is None
    assert recognise([make_motion(STANDING, clock(3), gone=np.full(91, True))], EXERCISES) is None
    assert recognise([make_motion(STANDING, clock(0))], EXERCISES) is None
    assert recognise([motion_of("squat")], {}) is None


def test_the_athlete_among_several_people() -> None:
    guess = recognise([stand(0), motion_of("squat"), walk_on_the_spot(90)], EXERCISES)
    assert guess is not None
    assert guess.name == "squat"


def test_one_repetition_fills_a_short_video() -> None:
    time_s = clock(2.6)
    share = there_and_back(time_s, [0.3], 2.0)
    guess = recognise([make_motion(MOVES["squat"].at(share), time_s, noise_m=0.004)], EXERCISES)
    assert guess is not None
    assert guess.name == "squat"


def test_two_squats_in_a_minute_of_standing() -> None:
    time_s, share = repeat(MOVES["squat"], 2)
    pause = clock(25)
    motion = one_after_another((STANDING, pause), (MOVES["squat"].at(share), time_s), (STANDING, pause))
    guess = recognise([motion], EXERCISES)
    assert guess is not None
    assert guess.name == "squat"
