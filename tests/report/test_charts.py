"""Charts: gaps stay gaps, repetitions lie where they were, and nothing breaks where there is nothing."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from spotter.coach.analysis import Person, RepSet
from spotter.report.axes import value_range
from spotter.report.charts import Chart, Window, angle_chart, chart_windows
from spotter.report.curve import Points
from tests.report import material

NAN = math.nan


def curve(value: list[float], sd: float = NAN) -> Points:
    values = np.array(value)
    return Points(np.arange(float(len(values))), values, np.full(len(values), sd))


def chart(points: Points, person: Person | None = None, end_s: float = 8.0) -> Chart:
    made = angle_chart(
        "Knee angle", "deg", {"knee": points}, person or Person(1, "side"), Window("", 0.0, end_s), {}
    )
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("value", "pieces"),
    [
        ([90, 100, 110, 120], [4]),
        ([90, NAN, 110, 120], [1, 2]),
        ([NAN, 90, 100, NAN, NAN, 120, 100, NAN], [2, 2]),
        ([NAN, 90, NAN], [1]),
    ],
)
def test_a_gap_lifts_the_pen(value: list[float], pieces: list[int]) -> None:
    path = chart(curve(value)).lines[0].path
    drawn = [len(piece.split("L")) for piece in path.split("M")[1:]]
    assert drawn == pieces
    assert "nan" not in path


@pytest.mark.parametrize("value", [[], [NAN, NAN, NAN]])
def test_nothing_seen_gives_no_chart(value: list[float]) -> None:
    assert angle_chart("", "deg", {"knee": curve(value)}, material.squats(), Window("", 0.0, 8.0), {}) is None


def test_the_band_goes_around_the_curve_and_stays_inside() -> None:
    made = chart(curve([90, 120, NAN, 170, 178], sd=5))
    first, second = made.lines[0].band.split("Z")[:2]
    assert len(re.findall(r"\d+ \d+", first)) == len(re.findall(r"\d+ \d+", second)) == 4
    assert made.high == 180 and made.low == 70
    assert all(0 <= int(y) <= 1000 for y in re.findall(r"\d+ (\d+)", first + second))


def test_two_sides_are_two_lines_without_bands() -> None:
    curves = {"left_knee": curve([90, 120], 5), "right_knee": curve([95, 125], 5)}
    made = angle_chart("Left and right", "deg", curves, material.squats(), Window("", 0.0, 8.0), {})
    assert made is not None
    assert [(line.name, line.band) for line in made.lines] == [
        ("Left knee angle", ""),
        ("Right knee angle", ""),
    ]


def test_repetitions_attempts_and_faults_are_marked() -> None:
    made = chart(curve([170, 80] * 4 + [170]), material.squats())
    assert [(span.left, span.width, span.label, span.kind) for span in made.spans] == [
        (0.0, 25.0, "1", "rep"),
        (25.0, 25.0, "2", "rep"),
        (50.0, 25.0, "3", "rep"),
        (75.0, 25.0, "", "attempt"),
    ]
    assert [(mark.left, mark.severity) for mark in made.marks] == [(37.5, "warning"), (62.5, "danger")]
    assert made.marks[1].hint == "Repetition 3: Knees cave in (0.62)"
    assert made.about == (
        "Knee angle over time, between 70° and 180°, "
        "with 3 repetitions and 1 attempt that was not counted marked."
    )


def test_holds_are_marked_with_their_length() -> None:
    made = chart(curve([165.0] * 9), material.plank())
    assert [(span.kind, span.label) for span in made.spans] == [("hold", "3 s"), ("hold", "4 s")]


def test_no_repetitions_leave_the_curve_alone() -> None:
    made = chart(curve([170, 160, 165]))
    assert made.spans == made.marks == ()
    assert made.about == "Knee angle over time, between 150° and 180°."


def test_a_fault_in_a_gap_still_has_its_mark() -> None:
    made = chart(curve([170, 160, 165, NAN, NAN, NAN, 160]), material.squats())
    assert len(made.marks) == 2 and made.marks[0].top == 92.0


@pytest.mark.parametrize(
    ("values", "unit", "ends"),
    [
        ([170.0, 171.0], "deg", (150, 180)),
        ([0.0, 143.0], "deg", (0, 160)),
        ([0.42, 0.61], "ratio", (0.4, 0.7)),
        ([-0.2, 0.2], "m", (-0.3, 0.3)),
    ],
)
def test_the_axis_has_some_air(values: list[float], unit: str, ends: tuple[float, float]) -> None:
    assert value_range(np.array(values), unit) == pytest.approx(ends)


@pytest.mark.parametrize("hours", [1 / 3600, 0.01, 0.2, 10])
def test_axes_of_any_length_have_a_few_marks(hours: float) -> None:
    made = chart(curve([90, 170]), end_s=hours * 3600)
    assert 1 <= len(made.times) <= 9 and 2 <= len(made.values) <= 8
    assert all(0 <= tick.place <= 100 for tick in (*made.times, *made.values))


def test_thousands_of_repetitions_do_not_each_get_a_number() -> None:
    one = material.rep(1)
    reps = tuple(
        replace(one, number=i + 1, start_s=2.0 * i, turn_s=2.0 * i + 1, end_s=2.0 * i + 2)
        for i in range(5000)
    )
    made = chart(curve([90, 170]), Person(1, "side", (RepSet(0, 10_000, reps),)), end_s=10_000)
    assert made.min_px == 2400
    assert 50 <= sum(bool(span.label) for span in made.spans) <= 130


def moved(person: Person, by_s: float) -> RepSet:
    (one,) = person.sets
    reps = tuple(
        replace(r, start_s=r.start_s + by_s, turn_s=r.turn_s + by_s, end_s=r.end_s + by_s) for r in one.reps
    )
    return RepSet(one.start_s + by_s, one.end_s + by_s, reps)


def test_a_long_video_is_drawn_set_by_set() -> None:
    person = replace(material.squats(), sets=(moved(material.squats(), 1.0), moved(material.squats(), 300.0)))
    windows = chart_windows(person, (0.0, 600.0))
    assert windows == [Window("Set 1, from 0:01", 0.0, 11.0), Window("Set 2, from 5:00", 298.0, 310.0)]
    points = Points(np.arange(600.0), np.full(600, 90.0), np.full(600, NAN))
    made = angle_chart("Knee angle", "deg", {"knee": points}, person, windows[1], {})
    assert made is not None
    assert [span.label for span in made.spans] == ["1", "2", "3", ""]
    assert len(made.lines[0].path.split("L")) == 13


@pytest.mark.parametrize(("person", "end_s"), [(material.squats(), 100.0), (Person(1, "side"), 1000.0)])
def test_a_short_video_and_one_without_sets_are_drawn_whole(person: Person, end_s: float) -> None:
    assert chart_windows(person, (0.0, end_s)) == [Window("", 0.0, end_s)]
