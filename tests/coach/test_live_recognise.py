"""Finding out live which exercise goes on: not too soon, and never for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

import spotter.coach.live
from spotter.body.keypoints import Body
from spotter.coach.live import Coach, CoachState
from spotter.coach.live_state import Target
from spotter.media.frame import Frame
from tests.coach.moves import MOVES, PLANK, STANDING, repeat
from tests.coach.test_live import FPS, NO_PICTURE, FakeEngine, bodies
from tests.coach.test_live_session import Stage
from tests.motion.stick import Pose, clock

Play = Callable[[Sequence[Sequence[Body]]], tuple[Coach, list[CoachState]]]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Shows bodies to a coach that is not told the exercise."""
    monkeypatch.setattr(spotter.coach.live, "PoseEngine", FakeEngine)

    def playing(people: Sequence[Sequence[Body]]) -> tuple[Coach, list[CoachState]]:
        FakeEngine.script = lambda index: list(people[index])
        coach = Coach()
        return coach, [coach.push(Frame(NO_PICTURE, k / FPS, k)) for k in range(len(people))]

    return playing


def moving(name: str, count: int) -> list[list[Body]]:
    time_s, share = repeat(MOVES[name], count, fps=FPS)
    return [[body] for body in bodies(MOVES[name].at(share), time_s)]


def still(seconds: float, pose: Pose = STANDING) -> list[list[Body]]:
    return [[body] for body in bodies(pose, clock(seconds, FPS))]


@pytest.mark.parametrize("name", ["squat", "biceps-curl", "lateral-raise"])
def test_one_repetition_may_be_a_gesture(name: str, play: Play) -> None:
    _, states = play([*still(0.5), *moving(name, 1), *still(3.0)])
    assert {state.exercise for state in states} == {None}


def test_at_the_end_one_repetition_that_was_most_of_it_counts(play: Play) -> None:
    move = replace(MOVES["squat"], length_s=4.0)
    time_s, share = repeat(move, 1, fps=FPS)
    coach, states = play([[body] for body in bodies(move.at(share), time_s)])
    assert states[-1].exercise is None
    coach.finish()
    assert coach.exercise is not None and coach.exercise.name == "squat" and len(coach.reps) == 1


def test_a_posture_before_push_ups_is_no_plank(play: Play) -> None:
    _, states = play([*still(3.0, MOVES["push-up"].near), *moving("push-up", 4)])
    assert {state.exercise for state in states} == {None, "push-up"}
    assert states[-1].count == 4


def test_a_plank_is_named_after_five_seconds(play: Play) -> None:
    _, states = play(still(9.0, PLANK))
    named = [state.time_s for state in states if state.exercise == "plank"]
    assert 5.0 <= named[0] <= 7.5 and states[-1].held_s == pytest.approx(9.0, abs=0.4)


def test_another_exercise_is_found_out_too(play: Play) -> None:
    _, states = play([*moving("squat", 3), *still(1.0), *moving("lateral-raise", 8)])
    assert next(state.exercise for state in states if state.exercise) == "squat"
    assert states[-1].exercise == "lateral-raise" and states[-1].count == 8


def test_in_the_next_set_it_may_be_another_one() -> None:
    stage = Stage(None, target=Target(rest_s=5.0))
    stage.ready()
    stage.do("squat", 3)
    assert stage.stand(1.5).title == "Squat"
    stage.session.end_set()
    stage.stand(6.0)
    state = stage.do("biceps-curl", 5)
    assert state.title == "Biceps curl" and state.count == 5
    stage.session.finish()
    done = stage.session.summary()
    assert [(one["exercise"], one["count"]) for one in done["sets"]] == [("squat", 3), ("biceps-curl", 5)]


def test_what_it_was_told_it_does_not_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage("lunge")
    stage.ready()
    assert stage.do("squat", 4).coach.exercise == "lunge"
    stage.session.change(exercise="auto")
    assert stage.states[-1].coach.exercise == "lunge"
    stage.ready()
    assert stage.do("squat", 3).coach.exercise == "squat"


def test_a_drink_in_the_rest_is_no_exercise() -> None:
    stage = Stage(None, target=Target(rest_s=30.0))
    stage.ready()
    stage.do("squat", 3)
    stage.stand(1.5)
    stage.session.end_set()
    stage.stand(2.0)
    move = replace(MOVES["biceps-curl"], length_s=3.0)
    time_s, share = repeat(move, 2, fps=12)
    stage.show(bodies(move.at(share), time_s))
    assert stage.stand(2.0).coach.exercise == "squat"
