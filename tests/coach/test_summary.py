"""The summary: what was good first, then the one thing to change, in correct English."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from spotter.coach.analysis import Fault, Hold, NotJudged, Person, Rep, Tempo
from spotter.coach.exercise import Exercise
from spotter.coach.judge import coach_person
from spotter.coach.schema import shipped_exercises
from spotter.coach.sets import group_sets
from spotter.coach.summary import clock as clock_words
from spotter.coach.summary import summarise, value_in_words
from tests.coach.moves import MOVES, motion_of, repeat
from tests.motion.stick import make_motion

EXERCISES = shipped_exercises()
SQUAT = EXERCISES["squat"]
SHALLOW, CAVE, LEAN, UNEVEN = SQUAT.faults


def fault(rule_name: str, measured: float = 0.0, at_s: float = 0.0, exercise: Exercise = SQUAT) -> Fault:
    rule = next(rule for rule in exercise.faults if rule.name == rule_name)
    return Fault(rule.name, rule.severity, at_s, measured, rule.limit, rule.unit, rule.cue)


def rep(
    number: int, *faults: Fault, complete: bool = True, length_s: float = 2.0, rest_s: float = 1.0
) -> Rep:
    start = number * (2.0 + rest_s)
    tempo = Tempo(length_s / 2, 0.0, length_s / 2)
    return Rep(number, start, start + 1, start + length_s, complete, "both", 90.0, tempo, 1.0, 100.0, faults)


def person(*reps: Rep, not_judged: tuple[str, ...] = ()) -> Person:
    return Person(
        1, "oblique", group_sets(reps), not_judged=tuple(NotJudged(name, "dark") for name in not_judged)
    )


def first(*reps: Rep, exercise: Exercise = SQUAT) -> str:
    return summarise(person(*reps), exercise)[0]


FAULTY = fault(SHALLOW.name, 130)


@pytest.mark.parametrize(
    ("reps", "sentence"),
    [
        ([rep(0)], "You did 1 squat, and it was clean."),
        ([rep(0, FAULTY)], "You did 1 squat."),
        ([rep(0), rep(1)], "You did 2 squats, and nothing was wrong with any that could be judged."),
        ([rep(0), rep(1, FAULTY)], "You did 2 squats; 1 of them was clean."),
        ([rep(0), rep(1), rep(2, FAULTY)], "You did 3 squats; 2 of them were clean."),
        ([rep(0, FAULTY), rep(1, FAULTY)], "You did 2 squats."),
        (
            [rep(0), rep(1, complete=False)],
            "You did 1 squat, and it was clean. 1 more turned back early and does not count.",
        ),
        (
            [rep(0, FAULTY), rep(1, complete=False), rep(2, complete=False)],
            "You did 1 squat. 2 more turned back early and do not count.",
        ),
        ([rep(0, FAULTY), rep(9, FAULTY)], "You did 2 squats in 2 sets."),
    ],
)
def test_the_first_sentence(reps: list[Rep], sentence: str) -> None:
    assert first(*reps) == sentence


PLURALS = {
    "biceps-curl": "biceps curls",
    "deadlift": "deadlifts",
    "good-morning": "good mornings",
    "jumping-jack": "jumping jacks",
    "lateral-raise": "lateral raises",
    "lunge": "lunges",
    "push-up": "push-ups",
    "side-lunge": "side lunges",
    "sit-up": "sit-ups",
    "squat": "squats",
    "shoulder-press": "shoulder presses",
}


@pytest.mark.parametrize("name", PLURALS)
def test_plurals(name: str) -> None:
    assert first(rep(0), rep(1), exercise=EXERCISES[name]).startswith(f"You did 2 {PLURALS[name]}, and")


def test_every_exercise_has_its_plural_here() -> None:
    assert set(PLURALS) == {name for name, exercise in EXERCISES.items() if exercise.kind == "reps"}


def test_first_what_was_good_then_the_one_thing_to_change() -> None:
    faulty = fault(CAVE.name, 0.62, at_s=4.25)
    count, praise, change = summarise(
        person(rep(0), rep(1, faulty), rep(2, fault(CAVE.name, 0.7, 7.0), FAULTY)), SQUAT
    )
    assert count == "You did 3 squats; 1 of them was clean."
    assert praise == SQUAT.praise[LEAN.name]  # shallow and caving were found; this was judged and never found
    evidence = "the knees cave in, in 2 of 3 repetitions (at 0:04.2 it was 0.62, the limit is 0.80)"
    assert change == f"The one thing to change: {evidence}. {CAVE.cue}"


def test_the_worst_case_is_the_evidence() -> None:
    reps = [rep(k, fault(LEAN.name, measured, at_s=10.0 + k)) for k, measured in enumerate([58, 71, 60])]
    change = summarise(person(*reps), SQUAT)[-1]
    assert "in 3 of 3 repetitions" in change
    assert "(at 0:11.0 it was 71°, the limit is 50°)" in change
    assert change.endswith(LEAN.cue)


def test_the_evidence_of_a_single_repetition() -> None:
    assert "repetitions" not in summarise(person(rep(0, fault(LEAN.name, 70))), SQUAT)[-1]


def test_danger_comes_before_what_is_frequent_and_small() -> None:
    reps = [rep(k, fault(UNEVEN.name, 40)) for k in range(4)]
    reps.append(rep(4, fault(CAVE.name, 0.5)))
    assert "the knees cave in" in summarise(person(*reps), SQUAT)[-1]
    assert "of 5 repetitions" in summarise(person(*reps), SQUAT)[-1]


def test_praise_only_for_what_was_judged() -> None:
    unjudged = person(rep(0, FAULTY), rep(1, FAULTY), not_judged=(CAVE.name, LEAN.name))
    assert not set(SQUAT.praise.values()) & set(summarise(unjudged, SQUAT))
    judged = person(rep(0, FAULTY), rep(1, FAULTY), not_judged=(CAVE.name,))
    assert SQUAT.praise[LEAN.name] in summarise(judged, SQUAT)


def test_what_nobody_could_judge_is_not_called_clean() -> None:
    alone = replace(rep(0), score=math.nan)
    everything = tuple(rule.name for rule in SQUAT.faults)
    assert "clean" not in summarise(person(alone, not_judged=everything), SQUAT)[0]


def test_without_faults_a_word_on_the_rhythm() -> None:
    even = summarise(person(*[rep(k) for k in range(4)]), SQUAT)
    assert even[-1] == "Your rhythm was even, 2.0 seconds a repetition. Keep it like this."
    uneven = summarise(person(rep(0), rep(1, length_s=1.0), rep(2, length_s=2.9)), SQUAT)
    assert uneven[-1].startswith("Repetitions took between 1.0 and 2.9 seconds")
    assert summarise(person(rep(0)), SQUAT)[-1] == "Keep it like this."


def test_nothing_done() -> None:
    assert summarise(person(), SQUAT) == ("No complete squat was seen.",)


def hold(start_s: float, end_s: float, *names: str) -> Hold:
    return Hold(start_s, end_s, tuple(fault(name, 20, start_s, EXERCISES["plank"]) for name in names))


@pytest.mark.parametrize(
    ("holds", "beginning", "end"),
    [
        ([], "No plank in good posture was held", ""),
        ([hold(0, 31)], "You held a good plank for 31 seconds.", "Next time, try ten seconds more."),
        (
            [hold(0, 10), hold(20, 50)],
            "You held a good plank for 40 seconds, 30 of them without a break.",
            "more.",
        ),
        (
            [hold(0, 10, "hips-sag")],
            "You held a good plank for 10 seconds.",
            EXERCISES["plank"].faults[0].cue,
        ),
    ],
)
def test_holds(holds: list[Hold], beginning: str, end: str) -> None:
    told = summarise(replace(person(), holds=tuple(holds)), EXERCISES["plank"])
    assert told[0].startswith(beginning)
    assert told[-1].endswith(end)


@pytest.mark.parametrize(("times", "words"), [(1, "the hips sag, 1 time "), (3, "the hips sag, 3 times ")])
def test_how_often_a_hold_was_spoilt(times: int, words: str) -> None:
    holds = [hold(10.0 * k, 10.0 * k + 8, "hips-sag") for k in range(times)]
    assert words in summarise(replace(person(), holds=tuple(holds)), EXERCISES["plank"])[-1]


def test_a_hold_that_was_never_right_is_not_called_good() -> None:
    told = summarise(replace(person(), holds=(hold(3, 3, "hips-sag"),)), EXERCISES["plank"])
    assert "a good plank for 0 seconds" not in told[0]
    assert EXERCISES["plank"].faults[0].cue in told[-1]


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (12.34, "deg", "12°"),
        (-3.6, "deg", "-4°"),
        (0.756, "leg lengths", "0.76 leg lengths"),
        (0.5, "ratio", "0.50"),
        (0.123, "m", "0.12 m"),
    ],
)
def test_values_in_words(value: float, unit: str, words: str) -> None:
    assert value_in_words(value, unit) == words


@pytest.mark.parametrize(
    ("time_s", "words"),
    [
        (0, "0:00.0"),
        (9.99, "0:09.9"),
        (59.96, "0:59.9"),
        (60, "1:00.0"),
        (63.25, "1:03.2"),
        (3723.4, "62:03.4"),
    ],
)
def test_times_in_words(time_s: float, words: str) -> None:
    assert clock_words(time_s) == words


@pytest.mark.parametrize("name", MOVES)
def test_every_exercise_is_summed_up_in_whole_sentences(name: str) -> None:
    told = coach_person(motion_of(name, 3), EXERCISES[name]).summary
    assert 2 <= len(told) <= 4
    assert told[0].startswith("You did 3 ")
    for sentence in told:
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "nan" not in sentence
        assert "  " not in sentence


def test_a_summary_of_true_faults() -> None:
    move = replace(MOVES["squat"], far=replace(MOVES["squat"].far, cave=0.08))
    time_s, share = repeat(move.turned(0), 4)
    told = coach_person(make_motion(move.turned(0).at(share), time_s, noise_m=0.002), SQUAT).summary
    assert told[0] == "You did 4 squats."
    assert told[-1].startswith("The one thing to change: the knees cave in, in 4 of 4 repetitions (at 0:0")
    assert told[-1].endswith(CAVE.cue)
