"""Repetitions found in the stick figure's motions: counter, gates and sides together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spotter.coach.counted import Counted, RepFinder, find_reps
from spotter.coach.exercise import Exercise
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
from tests.motion.stick import Pose, blend, clock, glide, make_motion, there_and_back

EXERCISES = shipped_exercises()


def reps(motion: Motion, name: str) -> list[Counted]:
    return find_reps(motion, EXERCISES[name])


def complete(motion: Motion, name: str) -> list[Counted]:
    return [rep for rep in reps(motion, name) if rep.swing.complete]


def turns(found: list[Counted]) -> list[float]:
    return [rep.swing.span.turn_s for rep in found]


def pick_up(name: str) -> tuple[Motion, int]:
    """Three repetitions, bending down for something on the floor, and three more."""
    move = MOVES[name]
    time_s, share = repeat(move, 3)
    down = there_and_back(clock(4), [0.5], 3.0)
    bend = blend(
        replace(STANDING, azimuth=move.near.azimuth), replace(BENT_DOWN, azimuth=move.near.azimuth), down
    )
    parts = [(move.at(share), time_s), (bend, clock(4)), (move.at(share), time_s)]
    return one_after_another(*parts), 6


@pytest.mark.parametrize("name", MOVES)
def test_each_exercise_is_counted(name: str) -> None:
    found = reps(motion_of(name, 4), name)
    move = MOVES[name]
    assert [rep.swing.complete for rep in found] == [True] * 4
    assert {rep.side for rep in found} == set(move.sides)
    assert turns(found) == pytest.approx(
        [1 + move.length_s / 2 + k * (move.length_s + 0.3) for k in range(4)], abs=0.15
    )
    assert all(rep.fit > 0.8 for rep in found)


def test_squats_that_bounce_at_the_bottom_are_counted_once_each() -> None:
    """Half way up and down again; none is deep, so that in between the knees are all but straight."""
    points = [(0.0, 0.0), (1.0, 0.0)]
    for now_s in (1.0, 4.5, 8.0):
        points += zip(now_s + np.array([0.8, 1.6, 2.4, 3.2, 3.5]), (0.57, 0.3, 0.57, 0.0, 0.0), strict=True)
    time_s = clock(12.5)
    found = complete(make_motion(MOVES["squat"].at(glide(time_s, *points)), time_s), "squat")
    assert len(found) == 3


@pytest.mark.parametrize("name", MOVES)
def test_the_mirrored_exercise_has_the_same_repetitions(name: str) -> None:
    move = MOVES[name].mirrored()
    time_s, share = repeat(move, 3)
    found = reps(make_motion(move.at(share), time_s, noise_m=0.004), name)
    assert [rep.swing.complete for rep in found] == [True] * 3
    other = {"left": "right", "both": "both"}
    assert {rep.side for rep in found} == {other[side] for side in move.sides}


@pytest.mark.parametrize("name", ["squat", "biceps-curl", "push-up", "deadlift"])
@pytest.mark.parametrize("fps", [12, 24, 60])
def test_frame_rates(name: str, fps: float) -> None:
    assert len(complete(motion_of(name, 3, fps=fps), name)) == 3


@pytest.mark.parametrize("name", MOVES)
def test_an_aborted_attempt_is_listed_but_not_counted(name: str) -> None:
    move = MOVES[name]
    starts = [1.0 + k * (move.length_s + 0.4) for k in range(5)]
    time_s = clock(starts[-1] + move.length_s + 1)
    share = there_and_back(time_s, starts, move.length_s, depths={2: 0.4})
    found = reps(make_motion(move.at(share), time_s, noise_m=0.003), name)
    assert [rep.swing.complete for rep in found if rep.swing.reach > 0.3] == [True, True, False, True, True]


@pytest.mark.parametrize("name", ["squat", "lateral-raise", "biceps-curl"])
def test_somebody_who_walks_in_and_bends_down_for_something(name: str) -> None:
    motion, count = pick_up(name)
    assert len(reps(motion, name)) == count


def walking(seconds: float, azimuth: float, travel_m: float = 0.0) -> Pose:
    """Steps twice a second; on the spot, or across the picture."""
    time_s = clock(seconds)
    step = np.sin(2 * np.pi * time_s)
    return Pose(
        azimuth=azimuth,
        thigh=(25 * step, -25 * step),
        knee=(10 + 25 * np.maximum(step, 0), 10 + 25 * np.maximum(-step, 0)),
        lift=(-25 * step, 25 * step),
        elbow=20,
        at=(travel_m * (time_s / seconds - 1), 1.0, 0.0),
    )


@pytest.mark.parametrize("name", ["squat", "deadlift", "lateral-raise", "shoulder-press"])
def test_walking_in_is_not_counted(name: str) -> None:
    move = MOVES[name]
    time_s, share = repeat(move, 3)
    motion = one_after_another((walking(4, 90, travel_m=3), clock(4)), (move.at(share), time_s))
    found = reps(motion, name)
    assert len(found) == 3
    assert min(turns(found)) > 4


@pytest.mark.parametrize("name", ["squat", "good-morning", "lunge", "shoulder-press", "push-up", "sit-up"])
def test_bowing_for_something_is_not_a_repetition(name: str) -> None:
    time_s = clock(6)
    down = there_and_back(time_s, [1.0], 3.0)
    assert reps(make_motion(blend(STANDING, BENT_DOWN, down), time_s), name) == []


@pytest.mark.parametrize("name", ["biceps-curl", "lateral-raise", "shoulder-press"])
def test_sides_by_turns(name: str) -> None:
    found = reps(alternating(MOVES[name], 6), name)
    assert [(rep.side, rep.swing.complete) for rep in found] == [("left", True), ("right", True)] * 3
    assert turns(found) == pytest.approx([2.0 + 2.3 * k for k in range(6)], abs=0.15)


@pytest.mark.parametrize("name", ["biceps-curl", "lateral-raise"])
def test_one_side_alone(name: str) -> None:
    move = MOVES[name]
    time_s, share = repeat(move, 4)
    pose = move.at(share)
    still = {key: (getattr(pose, key), getattr(move.near, key)) for key in ("elbow", "abduct")}
    found = reps(make_motion(replace(pose, **still), time_s, noise_m=0.004), name)
    assert [(rep.side, rep.swing.complete) for rep in found] == [("left", True)] * 4


@pytest.mark.parametrize("sway", [0.25, 0.4])
def test_an_arm_that_sways_along_does_not_make_a_repetition_of_both(sway: float) -> None:
    move = MOVES["biceps-curl"]
    time_s, _ = repeat(move, 6)
    starts = [1.0 + k * 2.3 for k in range(6)]
    left, right = (there_and_back(time_s, starts[first::2], 2.0) for first in (0, 1))
    pose = replace(move.near, elbow=(8 + 122 * (left + sway * right), 8 + 122 * (right + sway * left)))
    found = reps(make_motion(pose, time_s, noise_m=0.004), "biceps-curl")
    assert [(rep.side, rep.swing.complete) for rep in found] == [("left", True), ("right", True)] * 3


def test_both_arms_a_little_apart_are_one_repetition() -> None:
    move = MOVES["biceps-curl"]
    time_s, share = repeat(move, 4)
    late = np.interp(time_s - 0.25, time_s, share)
    pose = replace(move.at(share), elbow=(8 + 122 * share, 8 + 122 * late))
    found = reps(make_motion(pose, time_s, noise_m=0.004), "biceps-curl")
    assert [(rep.side, rep.swing.complete) for rep in found] == [("both", True)] * 4


def test_lunges_by_turns_have_their_leading_side() -> None:
    move = MOVES["lunge"]
    other = replace(move.mirrored().turned(80.0))
    time_s, share = repeat(move, 2)
    motion = one_after_another((move.at(share), time_s), (other.at(share), time_s), (move.at(share), time_s))
    found = [rep for rep in reps(motion, "lunge") if rep.swing.complete]
    assert [rep.side for rep in found] == ["left", "left", "right", "right", "left", "left"]


@pytest.mark.parametrize("from_the_floor", [True, False], ids=["from the floor", "from standing"])
@pytest.mark.parametrize("count", [2, 5])
def test_deadlifts_begin_on_the_floor_or_standing(from_the_floor: bool, count: int) -> None:
    move = MOVES["deadlift"]
    time_s = clock(2.5 * count + 1)
    share = there_and_back(time_s, [0.5 + 2.5 * k for k in range(count)], 2.4)
    motion = make_motion(move.at(1 - share if from_the_floor else share), time_s, noise_m=0.004)
    found = complete(motion, "deadlift")
    assert len(found) == count
    tops = [1.7 + 2.5 * k for k in range(count)]
    assert turns(found) == pytest.approx(tops, abs=0.2)


def test_the_last_deadlift_from_the_floor_needs_not_be_put_down() -> None:
    move = MOVES["deadlift"]
    time_s = clock(6.5)
    share = glide(time_s, (0, 1), (0.5, 1), (1.7, 0), (2.9, 1), (3.1, 1), (4.3, 0), (6.5, 0))
    assert len(complete(make_motion(move.at(share), time_s, noise_m=0.004), "deadlift")) == 2


def progress(motion: Motion, exercise: Exercise) -> float:
    return RepFinder(exercise).find(motion).progress


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("what", ["standing", "nobody", "one frame"])
def test_nothing_is_nothing(name: str, what: str) -> None:
    time_s = clock(0 if what == "one frame" else 3)
    gone = np.full(time_s.size, what == "nobody")
    motion = make_motion(STANDING, time_s, noise_m=0.005, gone=gone)
    assert reps(motion, name) == []
    assert np.isnan(progress(motion, EXERCISES[name]))


def test_a_hold_has_no_repetitions() -> None:
    motion = make_motion(PLANK, clock(5))
    assert reps(motion, "plank") == []
    assert np.isnan(progress(motion, EXERCISES["plank"]))


def test_progress_follows_the_movement() -> None:
    time_s, share = repeat(MOVES["squat"], 2)
    motion = make_motion(MOVES["squat"].at(share), time_s, noise_m=0.003)
    assert progress(motion, EXERCISES["squat"]) == pytest.approx(0, abs=0.08)
    bottom = time_s <= 4.3  # the second one's far end
    half = make_motion(MOVES["squat"].at(share[bottom]), time_s[bottom], noise_m=0.003)
    assert progress(half, EXERCISES["squat"]) == pytest.approx(1, abs=0.1)


def test_a_person_lost_for_two_seconds_loses_no_other_repetition() -> None:
    time_s, share = repeat(MOVES["squat"], 5, rest_s=0.6)
    gone = (time_s > 5.9) & (time_s < 8.1)  # most of the third
    motion = make_motion(MOVES["squat"].at(share), time_s, noise_m=0.004, gone=gone)
    assert turns(complete(motion, "squat")) == pytest.approx([2.0, 4.6, 9.8, 12.4], abs=0.15)


def test_a_person_lost_for_a_moment_loses_nothing() -> None:
    time_s, share = repeat(MOVES["squat"], 3)
    gone = (np.abs(time_s - 2.0) < 0.15) | (np.abs(time_s - 5.2) < 0.15)
    assert (
        len(complete(make_motion(MOVES["squat"].at(share), time_s, noise_m=0.004, gone=gone), "squat")) == 3
    )


@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(
    name=st.sampled_from(sorted(MOVES)),
    count=st.integers(1, 6),
    pace=st.floats(0.75, 1.6),
    tall=st.floats(0.8, 1.2),
    mirror=st.booleans(),
    noise_m=st.floats(0.0, 0.006),
)
def test_people_of_every_size_and_pace(
    name: str, count: int, pace: float, tall: float, mirror: bool, noise_m: float
) -> None:
    move = MOVES[name].mirrored() if mirror else MOVES[name]
    time_s, share = repeat(move, count, rest_s=0.4, fps=24)
    motion = make_motion(move.at(share), time_s * pace, noise_m=noise_m, height_m=1.72 * tall)
    assert len(complete(motion, name)) == count
