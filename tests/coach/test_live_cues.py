"""What is said while a repetition goes on: early, and never what its end does not confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spotter.body.engine import PoseEngine
from spotter.coach.analysis import Cue, Rep, Severity
from spotter.coach.live import Coach, CoachState
from spotter.coach.live_cues import CUE_AGAIN_S, CUE_S, Cues
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from tests.coach.moves import MOVES, Move, repeat
from tests.coach.test_live import NO_PICTURE, bodies
from tests.coach.test_live_session import Played
from tests.motion.stick import Array, Pose, clock, glide


def coached(exercise: str, pose: Pose, time_s: Array) -> list[CoachState]:
    """What is said of a pose over time."""
    engine = Played()
    coach = Coach(exercise, engine=engine)
    states = []
    for number, (t, body) in enumerate(zip(time_s, bodies(pose, time_s), strict=True)):
        engine.now = [body]
        states.append(coach.push(Frame(NO_PICTURE, float(t), number)))
    return states


def told(states: Sequence[CoachState]) -> list[tuple[Cue, Rep | None]]:
    """Each cue once, with the repetition during which it was first said."""
    reps = [(state.time_s, state.new_rep) for state in states if state.new_rep is not None]
    cues = {(state.cue.fault, state.cue.since_s): state.cue for state in states if state.cue is not None}
    return [
        (cue, next((rep for counted_s, rep in reps if rep.start_s <= cue.since_s <= counted_s), None))
        for cue in cues.values()
    ]


def shallow_squat() -> Move:
    move = MOVES["squat"].turned(80)
    return replace(move, far=replace(move.far, thigh=45, knee=55, trunk=20))


FAULTY: dict[str, tuple[str, Move]] = {
    "too-shallow": ("squat", shallow_squat()),
    "leaning-forward": ("squat", replace(MOVES["squat"], far=replace(MOVES["squat"].far, trunk=61))),
    "knees-cave-in": (
        "squat",
        replace(MOVES["squat"].turned(0), far=replace(MOVES["squat"].turned(0).far, cave=0.09)),
    ),
    "too-low": ("lateral-raise", replace(MOVES["lateral-raise"], far=Pose(abduct=66, elbow=10))),
    "back-rolls-down": (
        "deadlift",
        replace(MOVES["deadlift"], far=replace(MOVES["deadlift"].far, trunk=101, lift=101)),
    ),
}


@pytest.mark.parametrize(("fault", "fps"), [*((fault, 10) for fault in FAULTY), ("leaning-forward", 30)])
def test_the_cue_comes_before_the_repetition_ends_and_its_end_confirms_it(fault: str, fps: int) -> None:
    exercise, move = FAULTY[fault]
    time_s, share = repeat(replace(move, length_s=2.4), 2, fps=fps)
    states = coached(exercise, move.at(share), time_s)
    assert states[-1].count == 2
    (cue, rep), *_ = told(states)
    assert cue.fault == fault
    assert rep is not None and rep.turn_s < cue.since_s < rep.end_s
    assert fault in {found.name for found in rep.faults}


@settings(max_examples=4, deadline=None)
@example(depths=[0.35, 0.35, 0.5], bounces=[0.0, 0.0, 0.5], length_s=2.0, lean=10.0, azimuth=40, fps=10)
@example(depths=[0.44, 0.85, 0.98], bounces=[0.4, 0.25, 0.4], length_s=1.45, lean=10, azimuth=90, fps=15)
@given(
    depths=st.lists(st.floats(0.35, 1.0), min_size=3, max_size=3),
    bounces=st.lists(st.floats(0.0, 0.6), min_size=3, max_size=3),
    length_s=st.floats(1.2, 3.0),
    lean=st.floats(10, 62),
    azimuth=st.sampled_from([0, 40, 62, 90]),
    fps=st.sampled_from([10, 15]),
)
def test_nothing_is_said_that_the_finished_repetition_does_not_confirm(
    depths: list[float], bounces: list[float], length_s: float, lean: float, azimuth: float, fps: int
) -> None:
    """Squats of all depths, some of which bounce at the bottom or turn back twice."""
    points, now_s = [(0.0, 0.0), (1.0, 0.0)], 1.0
    for depth, bounce in zip(depths, bounces, strict=True):
        part = length_s / 4
        for share in (depth, depth * (1 - bounce), depth, 0.0):
            now_s += part
            points.append((now_s, share))
        now_s += 0.4
        points.append((now_s, 0.0))
    time_s = clock(now_s + 1, fps)
    move = MOVES["squat"].turned(azimuth)
    move = replace(move, far=replace(move.far, trunk=lean))
    for cue, rep in told(coached("squat", move.at(glide(time_s, *points)), time_s)):
        assert rep is not None, f"{cue.fault} was said of no repetition"
        assert cue.fault in {fault.name for fault in rep.faults}


@pytest.mark.parametrize("clip", ["squat-3", "deadlift-3"])
def test_the_fault_of_a_rendered_body_is_told_before_the_repetition_ends(clip: str, shared: Path) -> None:
    wanted = {"squat-3": {"knees-cave-in"}, "deadlift-3": {"back-rolls-down", "rounded-back"}}[clip]
    coach = Coach(clip.removesuffix("-3"), engine=PoseEngine())
    with open_media(shared / "rendered" / f"{clip}.mp4") as source:
        states = [coach.push(frame) for frame in source if frame.time_s < 7.0 and frame.index % 3 == 0]
    early = [(cue, rep) for cue, rep in told(states) if rep is not None and cue.since_s < rep.end_s]
    assert {cue.fault for cue, _ in early} & wanted
    assert all(cue.fault in {fault.name for fault in rep.faults} for cue, rep in early)


def cue(name: str, severity: Severity, since_s: float) -> Cue:
    return Cue(name, f"Mind {name}.", severity, since_s)


def test_one_cue_stands_for_a_while() -> None:
    cues = Cues()
    assert cues.at(0.0) is None
    cues.say(cue("a", "warning", 1.0))
    assert [found.fault for t in np.arange(1.0, 1.0 + CUE_S, 0.5) if (found := cues.at(t))] == ["a"] * 8
    assert cues.at(1.1 + CUE_S) is None


def test_a_graver_cue_takes_over_and_a_slighter_one_waits() -> None:
    cues = Cues()
    cues.say(cue("a", "warning", 1.0))
    cues.say(cue("slight", "hint", 1.5))
    standing = cues.at(1.6)
    assert standing is not None and standing.fault == "a"
    cues.say(cue("grave", "danger", 2.0))
    standing = cues.at(2.1)
    assert standing is not None and standing.fault == "grave"
    cues.say(cue("slight", "hint", 7.0))
    standing = cues.at(7.1)
    assert standing is not None and standing.fault == "slight"


def test_the_same_is_not_said_again_too_soon() -> None:
    cues = Cues()
    said = []
    for t in np.arange(0.0, 3 * CUE_AGAIN_S, 0.5):
        cues.say(cue("a", "hint", float(t)))
        standing = cues.at(float(t))
        said += [standing.since_s] if standing and standing.since_s not in said else []
    assert said == [0.0, CUE_AGAIN_S, 2 * CUE_AGAIN_S]
