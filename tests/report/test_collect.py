"""What the report keeps of a video: curves that do not grow, and the moments that matter."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from spotter.coach.analysis import Person, RepSet
from spotter.report.collect import ReportCollector, measured_angle, signals_of
from spotter.report.curve import MAX_POINTS, Curve
from tests.report import material

NAN = math.nan


@pytest.mark.parametrize("samples", [0, 1, 5, 2000, 2001, 4000, 4001, 100_003, 1_000_000])
def test_a_curve_stays_small_and_keeps_its_peaks(samples: int) -> None:
    curve = Curve()
    time_s = np.arange(samples) / 30
    value = np.sin(time_s * 3)
    if samples:
        value[samples // 3], value[samples // 2] = 5.0, -5.0
    for part in np.array_split(np.arange(samples), 7):
        curve.add(time_s[part], value[part], np.ones(len(part)))
    points = curve.points()
    assert len(points.time_s) <= MAX_POINTS
    assert (np.diff(points.time_s) > 0).all()
    if samples > 1:
        assert (points.value.min(), points.value.max()) == (-5.0, 5.0)
        assert points.time_s[0] <= time_s[-1] / 100 and points.time_s[-1] >= 0.99 * time_s[-1]
    if 0 < samples <= 1000:
        assert (points.value == value).all()


def test_gaps_stay_gaps_however_thin_the_curve_gets() -> None:
    curve = Curve()
    value = np.ones(100_000)
    value[40_000:50_000] = NAN
    curve.add(np.arange(100_000.0), value, np.full(100_000, NAN))
    points = curve.points()
    inside = (points.time_s > 41_000) & (points.time_s < 49_000)
    assert np.isnan(points.value[inside]).all() and inside.sum() > 50
    assert np.isfinite(points.value[~inside & (np.abs(points.time_s - 45_000) > 6_000)]).all()
    assert np.isnan(points.sd).all()


def test_pauses_between_sets_stay_gaps_when_bins_grow_over_them() -> None:
    curve = Curve()
    for start_s in (0, 3_000, 7_000):
        time_s = start_s + np.arange(9_000) / 30
        curve.add(time_s, np.sin(time_s), np.ones(9_000))
    points = curve.points()
    gaps = points.time_s[np.isnan(points.value)]
    assert len(points.time_s) <= MAX_POINTS
    assert gaps == pytest.approx([1650, 5150], abs=1)


def test_memory_does_not_grow_with_the_video() -> None:
    curve = Curve()
    sizes = []
    for hour in range(10):
        time_s = hour * 3600 + np.arange(108_000) / 30
        curve.add(time_s, np.cos(time_s), np.ones(108_000))
        sizes.append(curve._bins.nbytes + curve._waiting.nbytes)
    assert max(sizes) < 200_000


def test_curves_are_the_counting_signal_and_the_working_angles() -> None:
    collector = ReportCollector()
    collector.add(material.stretch(material.squats()))
    curves = collector.curves(1)
    assert list(curves) == list(signals_of(material.SQUAT)) == ["knee", "left_knee", "right_knee"]
    knee = curves["knee"]
    assert np.nanmin(knee.value) == pytest.approx(81, abs=0.01)
    assert set(knee.sd[np.isfinite(knee.sd)]) == {6.0}, "the mean of 5 and 7, for both sides err together"
    assert collector.window_s == (0.0, 8.0)


def test_curves_are_not_drawn_across_pauses_and_cuts() -> None:
    collector = ReportCollector()
    collector.add(material.stretch(material.squats(), end_s=2.0))
    later = material.stretch(material.squats(), start_s=4.0, end_s=8.0)
    cut = replace(later.motions[0], shot=(later.motions[0].time_s >= 6).astype(np.int64))
    collector.add(replace(later, motions=(cut,)))
    knee = collector.curves(1)["knee"]
    gaps = knee.time_s[np.isnan(knee.value)]
    assert gaps[-2:] == pytest.approx([4.0, 5.975], abs=0.01)


def test_of_a_long_stretch_only_the_sets_are_drawn() -> None:
    collector = ReportCollector()
    collector.add(material.stretch(material.squats(), end_s=600.0))
    knee = collector.curves(1)["knee"]
    assert (knee.time_s[-1], np.isnan(knee.value[1:]).sum()) == (10.0, 0)


def test_a_stretch_that_follows_at_once_is_joined() -> None:
    collector = ReportCollector()
    collector.add(material.stretch(material.squats(), end_s=4.0))
    collector.add(material.stretch(material.squats(), start_s=4.0))
    knee = collector.curves(1)["knee"]
    assert np.isnan(knee.value[1:]).sum() == 0


def test_best_and_worst_and_faults_are_kept() -> None:
    collector = ReportCollector()
    collector.add(material.stretch(material.squats()))
    best, worst = collector.best(1), collector.worst(1)
    assert best is not None and best.rep is not None and (best.rep.number, best.time_s) == (1, 1.0)
    assert best.angle == ("left_knee", pytest.approx(80.0))
    assert worst is not None and worst.rep is not None and (worst.rep.number, worst.time_s) == (3, 5.0)
    assert {moment.fault.name for moment in collector.faults(1) if moment.fault} == {
        "too-shallow",
        "knees-cave-in",
    }
    assert collector.best(2) is None and collector.faults(2) == [] and collector.curves(2) == {}


def test_the_worst_case_of_a_fault_is_kept() -> None:
    collector = ReportCollector()
    values = [(1, 118.0), (2, 131.0), (3, 125.0)]
    reps = tuple(
        material.rep(number, [replace(material.SHALLOW, measured=measured, at_s=2.0 * number - 1)])
        for number, measured in values
    )
    collector.add(material.stretch(Person(1, "side", (RepSet(0, 6, reps),))))
    (moment,) = collector.faults(1)
    assert moment.time_s == 3.0


@pytest.mark.parametrize(
    ("scores", "has_worst"),
    [([90.0], False), ([90.0, 90.0], False), ([90.0, 80.0], True), ([NAN, NAN], False)],
)
def test_there_is_a_worst_only_where_one_is_worse(scores: list[float], has_worst: bool) -> None:
    collector = ReportCollector()
    reps = tuple(material.rep(i, score=score) for i, score in enumerate(scores, 1))
    collector.add(material.stretch(Person(1, "side", (RepSet(0, 8, reps),))))
    assert collector.best(1) is not None
    assert (collector.worst(1) is not None) == has_worst


def test_of_equal_repetitions_the_best_seen_is_shown() -> None:
    moving = material.motion()
    moving.visibility[:60] = 0.6
    reps = tuple(material.rep(i, score=100.0) for i in (1, 2, 3))
    one = material.stretch(Person(1, "side", (RepSet(0, 6, reps),)))
    collector = ReportCollector()
    collector.add(replace(one, motions=(moving,)))
    best = collector.best(1)
    assert best is not None and best.rep is not None and best.rep.number == 2
    assert collector.worst(1) is None


def test_of_holds_the_longest_is_shown() -> None:
    collector = ReportCollector()
    collector.add(material.stretch(material.plank(), exercise=material.PLANK))
    best = collector.best(1)
    assert best is not None and (best.rep, best.time_s) == (None, 6.0)


def test_no_exercise_keeps_nothing_but_the_time() -> None:
    collector = ReportCollector()
    collector.add(material.stretch(Person(1, "side"), exercise=None))
    assert collector.curves(1) == {} and collector.window_s == (0.0, 8.0)
    assert ReportCollector().window_s == (0.0, 0.0)


@pytest.mark.parametrize(
    ("measure", "angle"),
    [
        ("trunk_lean", "trunk_lean"),
        ("right_hip", "right_hip"),
        ("elbow", "left_elbow"),
        ("*_elbow", "left_elbow"),
        ("knees_to_feet", "left_knee"),
        ("", "left_knee"),
    ],
)
def test_the_angle_drawn_for_a_measure(measure: str, angle: str) -> None:
    found = measured_angle(material.motion(), 0, measure, material.SQUAT.working_angles)
    assert found is not None and found[0] == angle
