"""Fault rules: what the camera can show, limits, margins, what was not seen, the worse of two sides."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from spotter.coach.analysis import Fault, Severity, Side
from spotter.coach.exercise import Exercise, FaultRule
from spotter.coach.faults import Verdict, judge, not_judged, worst_first
from spotter.coach.judge import coach_person
from spotter.coach.schema import shipped_exercises
from spotter.coach.window import Span, read
from spotter.motion.motion import Motion
from tests.coach.moves import MOVES, motion_of, repeat
from tests.motion.stick import Array, Pose, clock, make_motion

EXERCISES = shipped_exercises()
TIME_S = clock(4)
SPAN = Span(1.0, 2.0, 3.0)
RULE = FaultRule(
    name="too-low",
    title="Too low",
    measure="knee",
    during="rep",
    statistic="mean",
    above=None,
    below=90.0,
    margin=5.0,
    unit="deg",
    views=("side",),
    severity="warning",
    cue="Higher.",
    source="us",
    landmarks=("left_knee", "right_knee"),
)


def motion_with(azimuth: float = 90.0, sd: float = 5.0, **values: object) -> Motion:
    """A motion with these values; the rest is somebody standing."""
    plain = make_motion(Pose(azimuth=azimuth), TIME_S)
    new = {
        name: np.broadcast_to(np.asarray(value, np.float32), TIME_S.shape) for name, value in values.items()
    }
    spread = {name: np.full(TIME_S.shape, sd, np.float32) for name in plain.sd}
    return replace(plain, values=MappingProxyType({**plain.values, **new}), sd=MappingProxyType(spread))


def verdict(motion: Motion, rule: FaultRule = RULE, side: Side = "both", span: Span = SPAN) -> Verdict:
    exercise = replace(EXERCISES["squat"], faults=(rule,))
    (found,) = judge(motion, exercise, span, side)
    return found


@pytest.mark.parametrize(
    ("azimuth", "views", "why"),
    [
        (90, ("side",), ""),
        (-90, ("side",), ""),
        (0, ("front", "oblique"), ""),
        (0, ("side",), "the camera sees you from the front; this shows only from the side"),
        (45, ("side",), "the camera sees you at an angle; this shows only from the side"),
        (180, ("front",), "the camera sees you from behind; this shows only from the front"),
        (
            90,
            ("front", "oblique"),
            "the camera sees you from the side; this shows only from the front or at an angle",
        ),
        (90, ("back",), "the camera sees you from the side; this shows only from behind"),
    ],
)
def test_a_fault_is_judged_only_where_the_camera_can_show_it(
    azimuth: float, views: tuple[str, ...], why: str
) -> None:
    found = verdict(motion_with(azimuth, knee=50), replace(RULE, views=views))
    assert found.why_not == why
    assert (found.fault is None) == bool(why)


def test_an_unclear_view_judges_nothing() -> None:
    motion = motion_with(knee=50, azimuth=90)
    unclear = replace(motion, values={**motion.values, "azimuth": np.full(TIME_S.shape, np.nan, np.float32)})
    assert verdict(unclear).why_not == "the camera's view is not clear; this shows only from the side"


@pytest.mark.parametrize(
    ("above", "below", "value", "wrong"),
    [
        (None, 90, 80, True),
        (None, 90, 85.5, False),  # within the margin of 5
        (None, 90, 84.5, True),
        (None, 90, 200, False),
        (90, None, 94.5, False),
        (90, None, 95.5, True),
        (90, None, 10, False),
        (0, None, 5.5, True),
        (-10, None, -4.5, True),
        (None, -10, -14.5, False),
    ],
)
def test_limits_and_margins(above: float | None, below: float | None, value: float, wrong: bool) -> None:
    found = verdict(motion_with(knee=value), replace(RULE, above=above, below=below))
    assert found.why_not == ""
    assert (found.fault is not None) == wrong
    if found.fault is not None:
        limit = above if above is not None else below
        assert (found.fault.limit, found.fault.unit, found.fault.severity) == (limit, "deg", "warning")
        assert (found.fault.name, found.fault.cue) == ("too-low", "Higher.")
        assert found.fault.measured == pytest.approx(value)


def seen_for(share: float) -> Array:
    """50 degrees in the first part of the repetition, NaN in the rest."""
    return np.where(1 + 2 * share >= TIME_S, 50.0, np.nan)


@pytest.mark.parametrize(("share", "judged"), [(0.0, False), (0.3, False), (0.7, True), (1.0, True)])
def test_what_was_hardly_seen_is_not_judged(share: float, judged: bool) -> None:
    found = verdict(motion_with(knee=seen_for(share)))
    assert (found.fault is not None) == judged
    assert found.why_not == ("" if judged else "not enough of the knee was seen")


def test_an_angle_that_is_too_uncertain_is_not_judged() -> None:
    rule = replace(RULE, measure="left_knee")
    assert verdict(motion_with(left_knee=50, sd=12.0), rule).fault is not None
    assert verdict(motion_with(left_knee=50, sd=45.0), rule).why_not == "not enough of the knee was seen"


@pytest.mark.parametrize(
    ("side", "left", "right", "measured"),
    [
        ("both", 80, 60, 60),  # the worse of both
        ("both", 60, 80, 60),
        ("left", 80, 60, 80),  # only the side that moves
        ("right", 80, 60, 60),
        ("both", math.nan, 60, 60),
        ("both", 70, math.nan, 70),
        ("left", math.nan, 60, None),
        ("right", 60, 100, None),
    ],
)
def test_a_star_stands_for_the_side_that_moves_or_the_worse_of_both(
    side: Side, left: float, right: float, measured: float | None
) -> None:
    found = verdict(motion_with(left_knee=left, right_knee=right), replace(RULE, measure="*_knee"), side)
    assert (found.fault.measured if found.fault else None) == (pytest.approx(measured) if measured else None)


def test_the_worse_side_is_the_one_further_beyond_the_limit() -> None:
    found = verdict(
        motion_with(left_knee=120, right_knee=140), replace(RULE, measure="*_knee", above=90, below=None)
    )
    assert found.fault is not None
    assert found.fault.measured == pytest.approx(140)


RAMP = np.interp(TIME_S, [0, 1, 2, 3, 4], [10, 20, 80, 40, 30])


@pytest.mark.parametrize(
    ("during", "statistic", "value", "at_s"),
    [
        ("rep", "max", 80, 2.0),
        ("rep", "min", 20, 1.0),
        ("rep", "change", 60, 2.0),
        ("out", "min", 20, 1.0),
        ("back", "min", 40, 3.0),
        ("start", "max", 29, 1.15),
        ("turn", "max", 80, 2.0),
        ("turn", "mean", 76.6, None),
        ("rep", "mean", 54.4, None),
        ("hold", "max", 80, 2.0),
    ],
)
def test_what_is_read_of_a_measure(during: str, statistic: str, value: float, at_s: float | None) -> None:
    found = read(motion_with(knee=RAMP), "knee", SPAN, during, statistic)  # type: ignore[arg-type]
    assert found.value == pytest.approx(value, abs=1.5)
    if at_s is not None:
        assert found.at_s == pytest.approx(at_s, abs=0.04)


def test_a_steady_measure_has_no_spread() -> None:
    assert read(motion_with(knee=7), "knee", SPAN, "rep", "sd").value == 0
    assert read(motion_with(knee=RAMP), "knee", SPAN, "rep", "sd").value > 10


def test_places_mean_nothing_across_a_cut() -> None:
    motion = motion_with(ankle_x=0.3, knee=50)
    cut = replace(motion, shot=(TIME_S > 2).astype(np.int64))
    assert math.isnan(read(cut, "ankle_x", SPAN, "rep", "change").value)
    assert read(cut, "ankle_x", Span(2.2, 2.6, 3.0), "rep", "change").value == 0
    assert read(cut, "knee", SPAN, "rep", "mean").value == pytest.approx(50)


def test_outside_the_video_nothing_is_seen() -> None:
    assert math.isnan(read(motion_with(knee=50), "knee", Span(10.0, 11.0, 12.0), "rep", "mean").value)


def fault(name: str, severity: Severity, measured: float, limit: float) -> Fault:
    return Fault(name, severity, 0.0, measured, limit, "deg", "")


def test_the_worst_fault_comes_first() -> None:
    faults = [
        fault("a", "hint", 200, 10),
        fault("b", "warning", 12, 10),
        fault("c", "danger", 11, 10),
        fault("d", "warning", 40, 10),
        fault("e", "warning", -40, -10),
    ]
    assert [one.name for one in worst_first(faults)] == ["c", "d", "e", "b", "a"]
    assert worst_first([]) == ()


def test_not_judged_is_what_no_repetition_could_show_with_the_usual_reason() -> None:
    other = replace(RULE, name="other")
    rows = [
        [Verdict(RULE, None, "dark"), Verdict(other, None, "dark")],
        [Verdict(RULE, None, "far"), Verdict(other, None)],
        [Verdict(RULE, None, "far"), Verdict(other, None, "dark")],
    ]
    assert [(item.fault, item.why) for item in not_judged(rows)] == [("too-low", "far")]
    assert not_judged([]) == ()


BUILT_IN: Mapping[str, tuple[str, Mapping[str, object], float]] = {
    "too-shallow": ("squat", {"thigh": 50, "knee": 60, "trunk": 25}, 90),
    "knees-cave-in": ("squat", {"cave": 0.07}, 0),
    "leaning-forward": ("squat", {"trunk": 58, "lift": 58}, 90),
    "uneven-legs": ("squat", {"knee": (120, 80), "thigh": (95, 65)}, 0),
    "rounded-back": ("deadlift", {"nod": 60}, 90),
    "elbows-drift": ("biceps-curl", {"lift": 30}, 90),
    "half-curl": ("biceps-curl", {"elbow": 80}, 90),
    "not-overhead": ("shoulder-press", {"abduct": 118}, 0),
    "too-low": ("lateral-raise", {"abduct": 65}, 0),
    "too-high": ("lateral-raise", {"abduct": 118}, 0),
    "arms-not-overhead": ("jumping-jack", {"abduct": 105}, 0),
    "hips-sag": ("push-up", {"trunk": 62, "thigh": -88, "lift": 17}, 90),
    "arms-not-straight": ("push-up", {}, 90),
    "half-way": ("sit-up", {"trunk": -45}, 90),
}
"""Fault: the exercise, what its far pose is like, and the camera's side."""


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_fault_that_is_there_is_found(name: str) -> None:
    exercise, changes, azimuth = BUILT_IN[name]
    move = MOVES[exercise].turned(azimuth)
    near = move.near
    if name in ("hips-sag", "rounded-back"):  # all through the repetition
        near = replace(
            near, **{k: changes[k] for k in ("trunk", "thigh", "nod") if k in changes and k != "lift"}
        )
        near = replace(near, lift=near.trunk) if name == "hips-sag" else replace(near, trunk=0, thigh=0)
    if name == "arms-not-straight":
        near = replace(near, lift=52, elbow=46)
    move = replace(move, near=near, far=replace(move.far, **changes))
    time_s, share = repeat(move, 4)
    person = coach_person(make_motion(move.at(share), time_s, noise_m=0.002), EXERCISES[exercise])
    assert person.count == 4
    assert all(name in {one.name for one in rep.faults} for rep in person.reps)
    assert all(rep.score < 100 for rep in person.reps)


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("azimuth", [0, 45, 90])
def test_clean_repetitions_have_no_danger_and_every_fault_is_judged_or_excused(
    name: str, azimuth: float
) -> None:
    move = MOVES[name].turned(azimuth)
    time_s, share = repeat(move, 3)
    person = coach_person(make_motion(move.at(share), time_s, noise_m=0.002), EXERCISES[name])
    assert person.count == 3
    assert {one.name for rep in person.reps for one in rep.faults if one.severity == "danger"} == set()
    excused = {item.fault for item in person.not_judged}
    cannot = {rule.name for rule in EXERCISES[name].faults if person.view not in rule.views}
    assert cannot <= excused <= {rule.name for rule in EXERCISES[name].faults}
    assert all(
        math.isnan(rep.score) == (excused == {r.name for r in EXERCISES[name].faults}) for rep in person.reps
    )


def test_no_exercise_is_no_judgement() -> None:
    person = coach_person(motion_of("squat"), None)
    assert (person.sets, person.holds, person.not_judged, person.summary) == ((), (), (), ())
    assert person.view == "oblique"


def every_rule() -> list[tuple[Exercise, FaultRule]]:
    return [(exercise, rule) for exercise in EXERCISES.values() for rule in exercise.faults]


@pytest.mark.parametrize(("exercise", "rule"), every_rule(), ids=lambda v: v.name)
def test_every_shipped_rule_can_be_judged_in_its_views(exercise: Exercise, rule: FaultRule) -> None:
    """From each view that a rule names, a body that is seen whole gives it a value."""
    if exercise.kind == "hold":
        return
    for view, azimuth in (("front", 0), ("oblique", 45), ("side", 90), ("back", 180)):
        if view in rule.views:
            move = MOVES[exercise.name].turned(azimuth)
            time_s, share = repeat(move, 1)
            motion = make_motion(move.at(share), time_s, noise_m=0.002)
            span = Span(1.1, 1 + move.length_s / 2, 0.9 + move.length_s)
            found = {item.rule.name: item for item in judge(motion, exercise, span, "both")}
            assert found[rule.name].why_not == ""
