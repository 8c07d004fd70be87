"""The live coach, pushed frame by frame with scripted bodies in place of the pose engine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import spotter.coach.live
import spotter.motion.live
from spotter.body.keypoints import Body, Keypoints
from spotter.coach.live import Coach, CoachState
from spotter.coach.live_cues import CUE_AGAIN_S, CUE_S
from spotter.coach.schema import shipped_exercises
from spotter.errors import ExerciseError
from spotter.media.frame import Frame
from tests.coach.moves import MOVES, PLANK, STANDING, repeat
from tests.motion.stick import Array, Pose, clock, raw_landmarks

FPS = 12
NO_PICTURE = np.zeros((2, 2, 3), np.uint8)
Script = Callable[[int], list[Body]]


class FakeEngine:
    """Answers with a script's bodies, by the frame's number."""

    script: Script
    shot = 0

    def __init__(self, store: object = None) -> None:
        pass

    def push(self, frame: Frame) -> list[Body]:
        return type(self).script(frame.index)


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[CoachState]]:
    """Pushes a pose over time to a coach."""
    monkeypatch.setattr(spotter.coach.live, "PoseEngine", FakeEngine)

    def run(
        exercise: str | None, pose: Pose, time_s: Array, *, gone: tuple[float, float] = (0, 0)
    ) -> list[CoachState]:
        people = bodies(pose, time_s)
        hidden = [gone[0] <= t < gone[1] for t in time_s]
        FakeEngine.script = lambda index: [] if hidden[index] else [people[index]]
        coach = Coach(exercise)
        states = [coach.push(Frame(NO_PICTURE, float(t), k)) for k, t in enumerate(time_s)]
        assert len(coach.reps) == states[-1].count
        return states

    return run


def bodies(pose: Pose, time_s: Array, number: int = 1) -> list[Body]:
    raw = {n: v.astype(np.float32) for n, v in raw_landmarks(pose, time_s, noise_m=0.002).items()}
    rows = zip(raw["xy"], raw["world"], raw["visibility"], strict=True)
    return [Body(number, Keypoints(xy, world, seen, seen), 0.9) for xy, world, seen in rows]


def test_repetitions_are_counted_once_each_soon_after_they_are_done(
    play: Callable[..., list[CoachState]],
) -> None:
    time_s, share = repeat(MOVES["squat"], 3, fps=FPS)
    states = play("squat", MOVES["squat"].at(share), time_s)
    counts = [state.count for state in states]
    assert counts == sorted(counts)
    assert counts[-1] == 3
    done = [state for state in states if state.new_rep is not None]
    assert [state.new_rep.number for state in done if state.new_rep] == [1, 2, 3]
    for k, state in enumerate(done):
        assert 1 + 2.3 * k + 1.2 < state.time_s < 1 + 2.3 * k + 2.6
        assert state.count == k + 1
    assert states[-1].attempts == 0
    assert states[-1].exercise == "squat"
    assert states[-1].person == 1


def test_phases_and_progress(play: Callable[..., list[CoachState]]) -> None:
    time_s, share = repeat(MOVES["squat"], 3, fps=FPS)
    states = play("squat", MOVES["squat"].at(share), time_s)
    last = [state for state in states if 5.6 < state.time_s < 7.8]  # the third
    phases = [state.phase for state in last]
    order = [phase for k, phase in enumerate(phases) if k == 0 or phase != phases[k - 1]]
    assert order[:1] == ["ready"]
    assert order.index("out") < order.index("far") < order.index("back")
    assert max(state.progress for state in last) == pytest.approx(1, abs=0.1)
    assert math.isnan(states[3].progress)
    assert states[3].phase == "ready"
    assert states[0].angles["left_knee"] == pytest.approx(180, abs=3)


def test_a_slow_set_has_no_attempts(play: Callable[..., list[CoachState]]) -> None:
    move = replace(MOVES["squat"], length_s=5.0)
    time_s, share = repeat(move, 2, fps=6)
    last = play("squat", move.at(share), time_s)[-1]
    assert (last.count, last.attempts) == (2, 0)


def test_an_attempt_is_told_apart(play: Callable[..., list[CoachState]]) -> None:
    time_s, share = repeat(MOVES["squat"], 4, fps=FPS)
    share = np.where((time_s > 5.5) & (time_s < 7.8), 0.42 * share, share)
    last = play("squat", MOVES["squat"].at(share), time_s)[-1]
    assert (last.count, last.attempts) == (3, 1)


def test_one_cue_at_a_time_and_not_again_too_soon(play: Callable[..., list[CoachState]]) -> None:
    move = MOVES["squat"].turned(0)
    move = replace(move, far=replace(move.far, cave=0.09, thigh=55, knee=70))  # caves in and is shallow
    time_s, share = repeat(move, 7, fps=FPS)
    states = play("squat", move.at(share), time_s)
    assert states[-1].count == 7
    cues = [state.cue for state in states if state.cue is not None]
    assert {cue.fault for cue in cues} == {"knees-cave-in"}  # the worst one
    starts = sorted({cue.since_s for cue in cues})
    assert len(starts) == 2
    assert starts[1] - starts[0] >= CUE_AGAIN_S
    assert all(0 <= state.time_s - state.cue.since_s <= CUE_S for state in states if state.cue is not None)


@pytest.mark.parametrize("name", ["squat", "biceps-curl"])
def test_the_exercise_is_recognised_and_what_was_done_before_counts(
    name: str, play: Callable[..., list[CoachState]]
) -> None:
    time_s, share = repeat(MOVES[name], 4, fps=FPS)
    states = play(None, MOVES[name].at(share), time_s)
    named = [state.exercise for state in states]
    assert named[0] is None
    assert named[-1] == name
    assert set(named) == {None, name}
    assert states[-1].count == 4


def test_somebody_standing_about(play: Callable[..., list[CoachState]]) -> None:
    last = play(None, STANDING, clock(5, FPS))[-1]
    assert (last.exercise, last.count, last.phase) == (None, 0, "ready")


def test_somebody_out_of_sight(play: Callable[..., list[CoachState]]) -> None:
    states = play("squat", STANDING, clock(3, FPS), gone=(1.0, 2.0))
    there = [state.phase != "unseen" for state in states]
    assert there == [not 1.0 <= state.time_s < 2.0 for state in states]
    assert states[FPS + 3].person is None
    assert math.isnan(states[FPS + 3].angles["left_knee"])
    assert states[-1].person == 1


def test_the_athlete_stays_the_athlete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody larger walks through; when the athlete has been gone for long, the other one is coached."""
    monkeypatch.setattr(spotter.coach.live, "PoseEngine", FakeEngine)
    fps = 4
    time_s = clock(15, fps)
    athlete = bodies(STANDING, time_s, 1)
    near = [
        replace(b, keypoints=replace(b.keypoints, xy=b.keypoints.xy * 1.15))
        for b in bodies(STANDING, time_s, 2)
    ]
    FakeEngine.script = lambda k: [athlete[k]] * (k < 3 * fps) + [near[k]] * (k >= fps)
    coach = Coach("squat")
    states = [coach.push(Frame(NO_PICTURE, float(t), k)) for k, t in enumerate(time_s)]
    assert {state.person for state in states[: 3 * fps]} == {1}
    assert {state.person for state in states[3 * fps : 12 * fps]} == {None}
    assert {state.person for state in states[14 * fps :]} == {2}
    assert len(states[2 * fps].bodies) == 2


def test_a_plank_is_timed(play: Callable[..., list[CoachState]]) -> None:
    states = play("plank", PLANK, clock(6, FPS))
    seconds = [state.held_s for state in states]
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(6, abs=0.3)


def test_a_plank_longer_than_the_window_is_timed(
    play: Callable[..., list[CoachState]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spotter.motion.live, "WINDOW_S", 7.0)
    assert play("plank", PLANK, clock(16, 6))[-1].held_s == pytest.approx(16, abs=1)


def sag(azimuth: float) -> Pose:
    return replace(PLANK, azimuth=azimuth, trunk=74, thigh=-96, lift=74)


def test_a_sagging_plank_is_told(play: Callable[..., list[CoachState]]) -> None:
    states = play("plank", sag(90), clock(6, FPS))
    assert states[-1].held_s == 0
    assert {state.cue.fault for state in states if state.cue} == {"hips-sag"}


def test_a_plank_from_the_front_is_not_judged(play: Callable[..., list[CoachState]]) -> None:
    states = play("plank", sag(0), clock(6, FPS))
    assert {state.cue.fault for state in states if state.cue} == set()


def test_exercises_by_name_file_or_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spotter.coach.live, "PoseEngine", FakeEngine)
    FakeEngine.script = lambda index: []
    frame = Frame(NO_PICTURE, 0.0, 0)
    assert Coach("squat").push(frame).exercise == "squat"
    assert Coach(shipped_exercises()["lunge"]).push(frame).exercise == "lunge"
    assert Coach("auto").push(frame).exercise is None
    assert Coach().push(frame).exercise is None
    with pytest.raises(ExerciseError, match="squaat"):
        Coach("squaat")
