"""Two sessions beside each other: no claim within the error of measuring, none from too little."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from spotter.coach.session import Session
from spotter.errors import UsageError
from spotter.history.compare import Difference, compare, difference_words, interval_words
from spotter.history.compare_document import compare_document
from spotter.history.measures import measure_table
from spotter.history.working import POINTS
from tests.history.material import full, rep, simple
from tests.history.training import Form, session_on

SHALLOW = Form(range_deg=70, score=70, angle="knee", spread=0.0, view="side")


def squats(form: Form, day: float = 0) -> Session:
    return session_on("Ada", "squat", day, form)


def differences(first: Session, second: Session) -> dict[str, Difference]:
    return {one.measure.name: one for one in compare(first, second).exercises[0].differences}


def test_a_large_difference_is_said_and_a_small_one_is_within_the_error() -> None:
    error = measure_table()["range_deg"].same_view
    assert error is not None
    small = differences(squats(SHALLOW), squats(replace(SHALLOW, range_deg=70 + 0.6 * error), 7))
    # the repetitions themselves differ for certain, the camera's place may explain it
    assert small["range_deg"].shift.low > 0
    assert small["range_deg"].verdict == "within the error of measuring"
    assert small["depth_deg"].verdict == "within the error of measuring"
    large = differences(squats(SHALLOW), squats(replace(SHALLOW, range_deg=70 + 1.6 * error), 7))
    assert large["range_deg"].verdict == "more" and large["depth_deg"].verdict == "less"
    assert difference_words(large["depth_deg"], "squat").endswith("deeper")
    low, high = large["range_deg"].interval
    assert low > 0 and interval_words(large["range_deg"], "squat") == f"+{low:.0f}° to +{high:.0f}°"
    same = differences(squats(SHALLOW), squats(SHALLOW, 7))
    assert same["range_deg"].verdict in ("no clear difference", "within the error of measuring")


def test_another_view_leaves_more_in_doubt() -> None:
    further = replace(SHALLOW, range_deg=100)
    assert differences(squats(SHALLOW), squats(further, 7))["range_deg"].verdict == "more"
    for view in ("front", "unknown"):
        found = compare(squats(SHALLOW), squats(replace(further, view=view), 7)).exercises[0]
        assert not found.same_view and found.views == ("side", view)
        verdicts = {one.measure.name: one.verdict for one in found.differences}
        assert verdicts["range_deg"] == "within the error of measuring"
    unknown = replace(SHALLOW, view="unknown")
    assert not compare(squats(unknown), squats(unknown, 7)).exercises[0].same_view


def test_scores_of_different_faults_are_not_compared() -> None:
    better = replace(SHALLOW, score=95)
    assert differences(squats(SHALLOW), squats(better, 7))["score"].verdict == "more"
    blind = replace(better, not_judged=("knees-cave-in",))
    found = differences(squats(SHALLOW), squats(blind, 7))["score"]
    assert found.verdict == "not comparable" and "different faults" in found.why_not


def test_few_repetitions_say_nothing_and_how_many_are_missing() -> None:
    few = replace(simple(), sets=(replace(simple().sets[0], reps=(rep(1), rep(2), rep(3))),))
    found = differences(few, squats(SHALLOW))["range_deg"]
    assert (found.verdict, found.shift.missing) == ("not enough to say", 1)
    assert math.isnan(found.interval[0]) and np.isfinite(found.shift.value)


def test_pairs_are_set_by_set_and_the_longer_one_has_no_partner() -> None:
    one, two = replace(SHALLOW, sets=2, reps=3), replace(SHALLOW, sets=1, reps=5)
    first, second = squats(one), squats(two, 7)
    pairs = compare(first, second).exercises[0].pairs
    counts = [[each.count for each in session.sets] for session in (first, second)]
    assert [pair.set_number for pair in pairs].count(1) == max(counts[0][0], counts[1][0])
    assert [pair.set_number for pair in pairs].count(2) == counts[0][1]
    assert all(pair.second is None and math.isnan(pair.range_deg) for pair in pairs if pair.set_number == 2)
    paired = next(pair for pair in pairs if pair.first and pair.second)
    assert paired.range_deg == pytest.approx(paired.second.range_deg - paired.first.range_deg)  # type: ignore[union-attr]


def test_attempts_are_not_paired() -> None:
    attempt = replace(rep(2, range_deg=20.0), complete=False)
    with_attempt = replace(simple(), sets=(replace(simple().sets[0], reps=(rep(1), attempt, rep(2))),))
    pairs = compare(with_attempt, simple()).exercises[0].pairs
    assert len(pairs) == 2 and all(pair.first and pair.first.complete for pair in pairs)


def test_curves_lie_over_each_other_whatever_the_tempo() -> None:
    slow = squats(replace(SHALLOW, tempo=(4.0, 0.5, 3.0)), 7)
    first, second = compare(squats(SHALLOW), slow).exercises[0].curves
    assert first.shape == (squats(SHALLOW).count, POINTS) and len(second) == slow.count
    for curves in (first, second):
        usual = np.median(curves, axis=0)
        assert usual[0] == pytest.approx(171.5, abs=3) and usual[POINTS // 2] == pytest.approx(101.5, abs=4)
        assert usual.argmin() in range(POINTS // 2 - 4, POINTS // 2 + 5)
    bare = compare(squats(replace(SHALLOW, angle="")), slow).exercises[0]
    assert bare.curves[0].shape == (0, POINTS) and len(bare.curves[1])


def test_angles_with_gaps_make_no_curve_of_nothing() -> None:
    session = squats(SHALLOW)
    assert session.angles is not None
    hidden = {name: np.full_like(values, np.nan) for name, values in session.angles.values.items()}
    blind = replace(session, angles=replace(session.angles, values=hidden))
    found = compare(blind, squats(SHALLOW, 7)).exercises[0]
    assert len(found.curves[0]) == 0 and "depth_deg" not in {one.measure.name for one in found.differences}


def test_holds_are_compared_by_their_lengths() -> None:
    planks = [session_on("Ada", "plank", day, Form(held_s=held, sets=5)) for day, held in ((0, 30), (7, 60))]
    found = compare(*planks).exercises[0]
    assert found.pairs == () and len(found.holds) == 5 and found.angle == ""
    assert [(one.measure.name, one.verdict) for one in found.differences] == [("held_s", "more")]
    assert compare(full(), full()).exercises[1].exercise == "plank"


def test_nothing_in_common_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="no exercise in common: squat and plank"):
        compare(squats(SHALLOW), session_on("Ada", "plank", 0, Form(held_s=30)))


def test_the_document() -> None:
    found = compare(squats(SHALLOW), squats(replace(SHALLOW, range_deg=110, reps=4), 7))
    document = json.loads(json.dumps(compare_document(found), allow_nan=False))
    assert document["schema"] == 1 and document["first"]["view"] == {"squat": "side"}
    assert document["second"]["started"] == "2026-03-09T18:00:00+00:00"
    squat = document["exercises"][0]
    by_name = {one["name"]: one for one in squat["differences"]}
    assert by_name["range_deg"]["verdict"] == "more" and by_name["range_deg"]["low"] > 0
    assert by_name["range_deg"]["difference"] == pytest.approx(40, abs=4)
    assert len(squat["curves"]["phase"]) == len(squat["curves"]["first"][0]) == POINTS
    assert squat["curves"]["angle"] == "knee" and squat["pairs"][-1]["second"] is None
    assert squat["pairs"][0]["first"]["tempo_s"]["out"] > 1
    json.dumps(compare_document(compare(full(), full())), allow_nan=False)
