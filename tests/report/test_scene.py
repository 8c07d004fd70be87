"""What the overlay says at each moment: counts, phases, faults, cues."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from spotter.body.keypoints import INDEX
from spotter.coach.analysis import Fault, Hold, Person, RepSet
from spotter.report.scene import CueShown, PersonTimeline, plan_cues
from tests.report import material

KNEE = INDEX["left_knee"]


@pytest.fixture
def timeline() -> PersonTimeline:
    one = PersonTimeline(1)
    one.add(material.SQUAT, material.squats())
    return one


@pytest.mark.parametrize(
    ("time_s", "count", "progress", "counts", "attempt_over"),
    [
        (0.5, 0, 0.25, True, False),
        (1.99, 0, 0.995, True, False),
        (2.0, 1, 0.0, True, False),
        (5.0, 2, 0.5, True, False),
        (6.5, 3, 0.25, False, False),
        (8.0, 3, 0.0, True, True),
        (10.6, 3, 0.0, True, False),
    ],
)
def test_counting(
    timeline: PersonTimeline, time_s: float, count: int, progress: float, counts: bool, attempt_over: bool
) -> None:
    scene = timeline.at(time_s)
    assert (scene.count, scene.counts, scene.attempt_over) == (count, counts, attempt_over)
    assert scene.progress == pytest.approx(progress)
    assert (scene.phases is None) == (time_s >= 8)


def test_the_number_lights_up_when_a_repetition_is_done(timeline: PersonTimeline) -> None:
    assert [timeline.at(time_s).flash for time_s in (1.9, 2.1, 2.6)] == [False, True, False]


@pytest.mark.parametrize(
    ("time_s", "severity"), [(2.2, None), (2.7, "warning"), (3.0, "warning"), (3.6, None)]
)
def test_bones_are_coloured_about_the_part_that_was_judged(
    timeline: PersonTimeline, time_s: float, severity: str | None
) -> None:
    assert timeline.at(time_s).wrong.get(KNEE) == severity


def test_the_worse_fault_gives_the_colour() -> None:
    one = PersonTimeline(1)
    both = material.rep(1, [replace(material.CAVING, at_s=1.0), replace(material.SHALLOW, at_s=1.0)])
    one.add(material.SQUAT, Person(1, "side", (RepSet(0, 2, (both,)),)))
    assert one.at(1.0).wrong[KNEE] == "danger"


def test_only_the_working_side_is_coloured_where_a_rule_names_both() -> None:
    one = PersonTimeline(1)
    left = replace(material.rep(1, [replace(material.SHALLOW, at_s=1.0)]), side="left")
    one.add(material.SQUAT, Person(1, "side", (RepSet(0, 2, (left,)),)))
    assert set(one.at(1.0).wrong) == {INDEX[f"left_{joint}"] for joint in ("hip", "knee", "ankle")}


def test_a_set_goes_on_in_the_next_stretch_and_the_next_set_begins_at_nought() -> None:
    one = PersonTimeline(1)
    one.add(material.SQUAT, Person(1, "side", (RepSet(0, 4, (material.rep(1), material.rep(2))),)))
    rest = RepSet(4, 6, (material.rep(3),))
    fresh = RepSet(40, 42, (replace(material.rep(1), start_s=40, turn_s=41, end_s=42),))
    one.add(material.SQUAT, Person(1, "side", (rest, fresh)))
    shown = [(one.at(time_s).set_number, one.at(time_s).count) for time_s in (4.5, 6.0, 30.0, 41.0, 42.0)]
    assert shown == [(1, 2), (1, 3), (1, 3), (2, 0), (2, 1)]


def test_holding_adds_up() -> None:
    one = PersonTimeline(1)
    one.add(material.PLANK, material.plank())
    assert [(one.at(t).held_s, one.at(t).holding) for t in (2.5, 3.5, 6.0, 9.0)] == [
        (2, True),
        (3, False),
        (5, True),
        (7, False),
    ]
    one.add(material.PLANK, Person(1, "side", holds=(Hold(8.0, 12.0),)))
    assert one.at(10.0).held_s == 9


def cue(at_s: float, text: str = "Sit lower.") -> Person:
    fault = Fault("too-shallow", "warning", at_s, 120.0, 110.0, "deg", text)
    return Person(1, "side", (RepSet(0, 99, (material.rep(1, [fault]),)),))


@pytest.mark.parametrize(
    ("moments", "shown"),
    [
        ([], []),
        ([3.0], [(3.0, 5.0)]),
        ([3.0, 4.0], [(3.0, 5.0), (5.0, 7.0)]),
        ([3.0, 3.1, 3.2], [(3.0, 5.0), (5.0, 7.0)]),
        ([3.0, 9.0], [(3.0, 5.0), (9.0, 11.0)]),
    ],
)
def test_one_cue_at_a_time_long_enough_to_read(
    moments: list[float], shown: list[tuple[float, float]]
) -> None:
    planned = plan_cues([cue(at_s) for at_s in moments], None)
    assert [(one.start_s, pytest.approx(one.end_s)) for one in planned] == shown


def test_a_long_cue_stays_longer_but_gives_way_after_two_seconds() -> None:
    alone = plan_cues([cue(3.0, "x" * 200)], None)
    assert alone[0].end_s == 7.0
    first, second = plan_cues([cue(3.0, "x" * 200), cue(5.5)], None)
    assert (first.end_s, second.start_s) == (5.5, 5.5)


def test_a_cue_reaches_into_the_next_stretch() -> None:
    last = CueShown(9.5, 11.5, 1, "Sit lower.", "warning")
    planned = plan_cues([cue(10.0)], last)
    assert planned[0] == last
    assert planned[1].start_s == 11.5


def test_of_a_repetition_the_worst_fault_speaks() -> None:
    both = material.rep(1, [material.CAVING, material.SHALLOW])
    planned = plan_cues([Person(1, "side", (RepSet(0, 2, (both,)),))], None)
    assert [one.text for one in planned] == [material.CAVING.cue]


def test_an_unknown_fault_colours_nothing() -> None:
    one = PersonTimeline(1)
    strange = Fault("strange", "danger", 1.0, math.nan, 1.0, "deg", "Stop.")
    one.add(material.SQUAT, Person(1, "side", (RepSet(0, 2, (material.rep(1, [strange]),)),)))
    assert one.at(1.0).wrong == {}
