"""Exercises as TOML: errors name file, key and allowed values; and what the shipped ones must have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spotter.body.keypoints import INDEX
from spotter.coach.exercise import Exercise
from spotter.coach.gates import belief
from spotter.coach.schema import find_exercise, parse_exercise, read_exercise, shipped_exercises
from spotter.errors import ExerciseError
from spotter.motion.angles import angle_table
from spotter.motion.measures import units
from tests.coach.moves import MOVES

EXERCISES = shipped_exercises()

GOOD = """\
name = "wall-sit-up"
title = "Wall sit-up"
kind = "reps"
about = "Sit and stand."
camera = "From the side."
working_angles = ["left_knee", "right_knee"]

[counting]
signal = "knee"
far_end = "low"
min_range = 30

[[gate]]
measure = "trunk_lean"
during = "rep"
below = 40
soft = 20

[[fault]]
name = "too-shallow"
title = "Not deep enough"
measure = "*_knee"
during = "turn"
above = 110
margin = 5
unit = "deg"
views = ["side"]
severity = "warning"
cue = "Sit lower."
source = "Somebody 2020"
landmarks = ["left_knee"]
"""
GATE, FAULT = GOOD.index("[[gate]]"), GOOD.index("[[fault]]")


def changed(old: str, new: str, after: str = "") -> str:
    """The good file with one line changed; ``after`` names the table that it is in."""
    at = GOOD.index(after) if after else 0
    assert old in GOOD[at:], old
    return GOOD[:at] + GOOD[at:].replace(old, new, 1)


BAD: dict[str, tuple[str, list[str]]] = {
    "a value that is not allowed": (
        changed('"low"', '"down"'),
        ["counting.far_end", "'down'", "low", "high", "either"],
    ),
    "kind": (changed('"reps"', '"sets"'), ["kind", "'sets'", "reps", "hold"]),
    "severity": (changed('"warning"', '"bad"'), ["fault.1.severity", "'bad'", "hint", "warning", "danger"]),
    "view": (
        changed('["side"]', '["left"]'),
        ["fault.1.views.1", "'left'", "front", "back", "oblique", "side"],
    ),
    "moment": (
        changed('during = "rep"', 'during = "down"'),
        ["gate.1.during", "'down'", "start", "turn", "hold"],
    ),
    "statistic": (
        changed('during = "rep"', 'during = "rep"\nstatistic = "median"'),
        ["gate.1.statistic", "'median'", "min", "max", "mean", "change", "sd"],
    ),
    "a measure that there is not": (
        changed('"trunk_lean"', '"trunk_leen"'),
        ["gate.1.measure", "'trunk_leen'", "did you mean", "trunk_lean"],
    ),
    "a measure with one side only": (changed('"*_knee"', '"*_feet"'), ["fault.1.measure", "left_feet"]),
    "a signal that there is not": (
        changed('signal = "knee"', 'signal = "knees"'),
        ["counting", "'knees'", "knee"],
    ),
    "a sided signal that is not": (
        changed('far_end = "low"', 'far_end = "low"\nsides = "either"').replace(
            '"knee"\nfar', '"trunk_lean"\nfar'
        ),
        ["counting", "left_trunk_lean"],
    ),
    "sides": (
        changed('far_end = "low"', 'far_end = "low"\nsides = "left"'),
        ["counting.sides", "together", "either"],
    ),
    "a landmark that there is not": (
        changed('["left_knee"]\n', '["left_knie"]\n', after="[[fault]]"),
        ["fault.1.landmarks", "'left_knie'", "did you mean left_knee"],
    ),
    "an angle that there is not": (
        changed('"right_knee"', '"right_kne"'),
        ["working_angles", "right_kne", "right_knee"],
    ),
    "another unit": (changed('"deg"', '"m"'), ["fault.1", "unit", "'m'", "deg"]),
    "no limit": (changed("above = 110\n", ""), ["fault.1", "above", "below"]),
    "two limits of a fault": (
        changed("above = 110", "above = 110\nbelow = 20"),
        ["fault.1", "above", "below", "not both"],
    ),
    "no limit of a gate": (changed("below = 40\n", ""), ["gate.1", "above", "below"]),
    "a missing key": (changed('cue = "Sit lower."\n', ""), ["fault.1.cue", "missing"]),
    "a missing source": (changed('source = "Somebody 2020"\n', ""), ["fault.1.source", "missing"]),
    "a key too much": (changed("margin = 5", "margin = 5\ncolour = 3"), ["fault.1.colour", "not a key"]),
    "a key too much at the top": (changed('kind = "reps"', 'kind = "reps"\nreps = 3'), ["reps", "not a key"]),
    "no counting": (GOOD[: GOOD.index("[counting]")] + GOOD[GATE:], ["counting"]),
    "counting of a hold": (changed('kind = "reps"', 'kind = "hold"'), ["counting", "hold"]),
    "no gates": (GOOD[:GATE] + GOOD[FAULT:], ["gate", "missing"]),
    "a bad name": (changed('"wall-sit-up"', '"Wall Sit"'), ["name", "'Wall Sit'"]),
    "an empty cue": (changed('"Sit lower."', '""'), ["fault.1.cue", "''"]),
    "a range of nothing": (changed("min_range = 30", "min_range = 0"), ["counting.min_range", "0"]),
    "a negative margin": (changed("margin = 5", "margin = -5"), ["fault.1.margin", "-5"]),
    "a soft limit of nothing": (changed("soft = 20", "soft = 0"), ["gate.1.soft", "0"]),
    "a text for a number": (changed("above = 110", 'above = "deep"'), ["fault.1.above", "'deep'"]),
    "a number for a text": (changed('"Sit lower."', "3"), ["fault.1.cue", "3"]),
    "no views": (changed('["side"]', "[]"), ["fault.1.views"]),
    "not TOML": ("name = squat", ["not TOML", "line 1"]),
    "an empty file": ("", ["name", "missing"]),
}


@pytest.mark.parametrize("case", BAD)
def test_an_error_names_the_file_the_key_and_what_is_allowed(case: str) -> None:
    text, words = BAD[case]
    with pytest.raises(ExerciseError) as error:
        parse_exercise(text, "mine.toml")
    message = str(error.value)
    assert all(line.startswith("mine.toml: ") for line in message.splitlines()), message
    assert all(word in message for word in words), message
    assert message.endswith(".")
    assert "pydantic" not in message


def test_several_errors_are_told_at_once() -> None:
    text = changed('"low"', '"down"').replace('"warning"', '"bad"').replace('cue = "Sit lower."\n', "")
    with pytest.raises(ExerciseError) as error:
        parse_exercise(text, "mine.toml")
    assert len(str(error.value).splitlines()) == 3


LENIENT = {
    "a number in quotes": changed("above = 110", 'above = "110"'),
    "true for a number": changed("margin = 5", "margin = true"),
    "longest before shortest": changed("min_range = 30", "min_range = 30\nmin_s = 5\nmax_s = 1"),
    "a measure for a joint's angle": changed('["left_knee", "right_knee"]', '["feet_across"]'),
}


@pytest.mark.parametrize("case", LENIENT)
def test_what_ought_to_be_an_error_as_well(case: str) -> None:
    with pytest.raises(ExerciseError):
        parse_exercise(LENIENT[case], "mine.toml")


def test_a_star_in_a_hold_is_an_error_or_works() -> None:
    from spotter.coach.judge import coach_person
    from tests.coach.moves import PLANK
    from tests.motion.stick import clock, make_motion

    text = GOOD[: GOOD.index("[counting]")] + GOOD[GATE:].replace('"rep"', '"hold"').replace(
        "below = 40", "above = 40"
    )
    text = text.replace('kind = "reps"', 'kind = "hold"').replace('"turn"', '"hold"')
    try:
        exercise = parse_exercise(text, "mine.toml")
    except ExerciseError:
        return
    coach_person(make_motion(PLANK, clock(4)), exercise)


def test_a_good_file() -> None:
    exercise = parse_exercise(GOOD, "mine.toml")
    assert (exercise.name, exercise.kind, exercise.working_angles) == (
        "wall-sit-up",
        "reps",
        ("left_knee", "right_knee"),
    )
    assert exercise.counting is not None
    assert (exercise.counting.sides, exercise.counting.leading) == ("together", None)
    assert exercise.counting.min_s < exercise.counting.max_s
    (gate,) = exercise.gates
    assert (gate.above, gate.below, gate.statistic, gate.complete_only) == (None, 40, "mean", False)
    (fault,) = exercise.faults
    assert (fault.limit, fault.views, fault.landmarks) == (110, ("side",), ("left_knee",))
    assert exercise.praise == {}


def test_files_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with pytest.raises(ExerciseError, match=re.escape(str(path))):
        read_exercise(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ExerciseError, match="cannot be read"):
        read_exercise(path)
    with pytest.raises(ExerciseError, match="cannot be read"):
        read_exercise(tmp_path)
    path.write_text(GOOD, "utf-8")
    assert find_exercise(str(path)).name == "wall-sit-up"
    assert find_exercise("squat") is EXERCISES["squat"]


@pytest.mark.parametrize(
    ("name", "hint"), [("squats", "squat"), ("pushup", "push-up"), ("curl", "biceps-curl")]
)
def test_an_unknown_exercise_gets_the_nearest_ones(name: str, hint: str) -> None:
    with pytest.raises(ExerciseError, match=f"there is no exercise '{name}'") as error:
        find_exercise(name)
    assert f"Did you mean {hint}" in str(error.value) or f"or {hint}?" in str(error.value)
    assert all(known in str(error.value) for known in EXERCISES)


def test_the_twelve_exercises() -> None:
    assert list(EXERCISES) == [
        "biceps-curl",
        "deadlift",
        "good-morning",
        "jumping-jack",
        "lateral-raise",
        "lunge",
        "plank",
        "push-up",
        "shoulder-press",
        "side-lunge",
        "sit-up",
        "squat",
    ]
    assert {*MOVES, "plank"} == set(EXERCISES)


FOLKLORE = re.compile(r"knees?\b[^.]*\b(past|over|beyond|in front of|behind)\b[^.]*\btoes?\b", re.IGNORECASE)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.name)
def test_each_exercise_is_complete(exercise: Exercise) -> None:
    assert len(exercise.faults) >= 3
    assert len({rule.name for rule in exercise.faults}) == len(exercise.faults)
    assert exercise.gates
    assert exercise.about.endswith(".")
    assert exercise.camera.endswith(".")
    assert {name for name in exercise.working_angles} <= {angle.name for angle in angle_table()}
    assert set(exercise.praise) <= {rule.name for rule in exercise.faults}
    assert (exercise.counting is None) == (exercise.kind == "hold")
    for rule in exercise.faults:
        assert rule.cue.endswith((".", "!"))
        assert rule.cue[0].isupper()
        assert rule.source
        assert rule.unit == units()[rule.measure.replace("*", "left")]
        assert rule.views
        assert set(rule.landmarks) <= set(INDEX)
        assert (rule.above is None) != (rule.below is None)
        assert rule.limit in (rule.above, rule.below)
        assert not rule.title.endswith(".")
        moments = {"hold"} if exercise.kind == "hold" else {"start", "out", "turn", "back", "rep"}
        assert rule.during in moments
    for gate in exercise.gates:
        assert (gate.during == "hold") == (exercise.kind == "hold")


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.name)
def test_no_folklore(exercise: Exercise) -> None:
    """Nobody is told to keep the knees behind the toes. A cue may say that they point over them."""
    for rule in exercise.faults:
        assert "past" not in rule.cue.lower().split()
        assert not FOLKLORE.search(rule.title)
        assert "shank" not in rule.measure
        assert not re.search(r"behind (your|the) toes", rule.cue, re.IGNORECASE)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.name)
def test_at_least_one_fault_can_be_judged_from_where_the_camera_is_put(exercise: Exercise) -> None:
    words = exercise.camera.lower()
    views = {"side"} if "side" in words and "half" not in words else set()
    if "face the camera" in words:
        views = {"front"}
    if "half" in words or "45" in words:
        views = {"oblique"}
    assert views, exercise.camera
    assert any(views & set(rule.views) for rule in exercise.faults)


@pytest.mark.parametrize(
    ("above", "below", "value", "expected"),
    [
        (40, None, 29, 0),
        (40, None, 35, 0.25),
        (40, None, 40, 0.5),
        (40, None, 50, 1),
        (None, 40, 50, 0),
        (None, 40, 40, 0.5),
        (None, 40, 30, 1),
        (20, 60, 40, 1),
        (20, 60, 20, 0.5),
        (20, 60, 62, 0.4),
        (None, 40, float("nan"), 0.75),
    ],
)
def test_belief_in_a_gate(above: float | None, below: float | None, value: float, expected: float) -> None:
    limits = "".join(f"{k} = {v}\n" for k, v in (("above", above), ("below", below)) if v is not None)
    (gate,) = parse_exercise(changed("below = 40\n", limits), "mine.toml").gates
    assert belief(gate, value) == pytest.approx(expected)
