"""Sets of judged repetitions: rest, numbers, tempo, symmetry, score; and stretches of a video joined."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from spotter.coach.analysis import Fault, Hold, NotJudged, Person, Rep, RepSet, Severity, Tempo
from spotter.coach.faults import Verdict
from spotter.coach.judge import coach_person
from spotter.coach.merge import join_people, renumber
from spotter.coach.schema import shipped_exercises
from spotter.coach.sets import group_sets, score
from tests.coach.moves import MOVES, STANDING, one_after_another, repeat
from tests.motion.stick import clock, glide, make_motion

SQUAT = shipped_exercises()["squat"]
RULE = SQUAT.faults[0]


def rep(start_s: float, length_s: float = 2.0, complete: bool = True, faults: tuple[Fault, ...] = ()) -> Rep:
    tempo = Tempo(length_s / 2, 0.0, length_s / 2)
    turn = start_s + length_s / 2
    return Rep(0, start_s, turn, start_s + length_s, complete, "both", 90.0, tempo, 1.0, 100.0, faults)


def shape(sets: tuple[RepSet, ...]) -> list[list[int]]:
    """The numbers of each set's repetitions; negative for attempts."""
    return [[one.number if one.complete else -one.number for one in group.reps] for group in sets]


@pytest.mark.parametrize(
    ("reps", "expected"),
    [
        ([], []),
        ([rep(0)], [[1]]),
        ([rep(0), rep(3), rep(6)], [[1, 2, 3]]),
        ([rep(0), rep(3), rep(20), rep(23)], [[1, 2], [1, 2]]),
        ([rep(0), rep(9.9)], [[1, 2]]),  # 7.9 seconds of rest
        ([rep(0), rep(10.1)], [[1], [1]]),
        ([rep(0, 6), rep(16, 6)], [[1, 2]]),  # 10 seconds, but not twice a usual repetition
        ([rep(0, 6), rep(18.5, 6)], [[1], [1]]),
        ([rep(0, complete=False), rep(3), rep(6, complete=False), rep(9)], [[-1, 1, -2, 2]]),
        ([rep(0), rep(3), rep(6, complete=False)], [[1, 2, -3]]),
        ([rep(0, complete=False)], []),
        ([rep(0), rep(20, complete=False), rep(40)], [[1], [1]]),
    ],
)  # fmt: skip
def test_sets_are_split_by_rest_and_numbered(reps: list[Rep], expected: list[list[int]]) -> None:
    assert shape(group_sets(reps)) == expected


def test_a_set_begins_and_ends_with_its_repetitions() -> None:
    (one,) = group_sets([rep(1), rep(4), rep(7)])
    assert (one.start_s, one.end_s, one.count) == (1, 9, 3)


def test_two_sets_of_squats() -> None:
    time_s, share = repeat(MOVES["squat"], 3)
    motion = one_after_another(
        (MOVES["squat"].at(share), time_s), (STANDING, clock(12)), (MOVES["squat"].at(share), time_s)
    )
    person = coach_person(motion, SQUAT)
    assert shape(person.sets) == [[1, 2, 3], [1, 2, 3]]
    assert person.count == 6
    assert len(person.reps) == 6
    assert "in 2 sets" in person.summary[0]


def test_tempo() -> None:
    time_s = clock(9)
    share = glide(time_s, (0, 0), (1, 0), (4, 1), (6, 1), (7, 0), (9, 0))  # three down, two held, one up
    (one,) = coach_person(make_motion(MOVES["squat"].at(share), time_s, noise_m=0.001), SQUAT).reps
    assert one.tempo_s.out == pytest.approx(2.4, abs=0.4)  # the clock starts at a tenth of the way
    assert one.tempo_s.hold == pytest.approx(2.2, abs=0.3)
    assert one.tempo_s.back == pytest.approx(0.8, abs=0.25)
    whole = one.tempo_s.out + one.tempo_s.hold + one.tempo_s.back
    assert whole == pytest.approx(one.end_s - one.start_s)
    assert one.start_s < one.turn_s < one.end_s


@pytest.mark.parametrize(("right", "expected"), [(1.0, 1.0), (0.75, 0.75), (0.6, 0.6)])
def test_symmetry_is_the_smaller_range_over_the_larger(right: float, expected: float) -> None:
    time_s, share = repeat(MOVES["squat"], 3)
    pose = MOVES["squat"].at(share)
    pose = replace(pose, thigh=(85 * share, 85 * share * right), knee=(105 * share, 105 * share * right))
    person = coach_person(make_motion(pose, time_s, noise_m=0.001), SQUAT)
    assert [one.symmetry for one in person.reps] == pytest.approx([expected] * 3, abs=0.06)


def test_symmetry_of_a_side_that_is_not_seen_is_unknown() -> None:
    time_s, share = repeat(MOVES["squat"], 2)
    motion = make_motion(MOVES["squat"].at(share), time_s, hidden=("left_ankle",))
    person = coach_person(motion, SQUAT)
    assert person.count == 2
    assert all(math.isnan(one.symmetry) for one in person.reps)


def test_one_sided_repetitions_have_no_symmetry() -> None:
    move = MOVES["biceps-curl"]
    time_s, share = repeat(move, 2)
    pose = replace(move.at(share), elbow=(8 + 122 * share, 8))
    person = coach_person(make_motion(pose, time_s, noise_m=0.002), shipped_exercises()["biceps-curl"])
    assert [one.side for one in person.reps] == ["left", "left"]
    assert all(math.isnan(one.symmetry) for one in person.reps)


def fault(severity: Severity) -> Fault:
    return Fault("x", severity, 0.0, 1.0, 0.0, "deg", "")


@pytest.mark.parametrize(
    ("severities", "expected"),
    [([], 100), (["hint"], 95), (["warning"], 85), (["danger"], 70), (["danger", "warning", "hint"], 50),
     (["danger"] * 5, 0)],
)  # fmt: skip
def test_score(severities: list[Severity], expected: float) -> None:
    assert score([fault(one) for one in severities], [Verdict(RULE, None)]) == expected


def test_nothing_judged_is_no_score() -> None:
    assert math.isnan(score([], []))
    assert math.isnan(score([], [Verdict(RULE, None, "dark"), Verdict(RULE, None, "far")]))
    assert score([], [Verdict(RULE, None, "dark"), Verdict(RULE, None)]) == 100


def test_an_attempt_is_not_judged() -> None:
    time_s, share = repeat(MOVES["squat"], 3)
    share = np.where((time_s > 3.2) & (time_s < 5.45), 0.45 * share, share)
    reps = coach_person(make_motion(MOVES["squat"].at(share), time_s, noise_m=0.001), SQUAT).reps
    assert [(one.complete, one.number) for one in reps] == [(True, 1), (False, 2), (True, 2)]
    assert math.isnan(reps[1].score)
    assert reps[1].faults == ()


def person_of(*sets: RepSet, number: int = 1, view: str = "side", not_judged: tuple[str, ...] = ()) -> Person:
    return Person(number, view, tuple(sets), not_judged=tuple(NotJudged(name, "dark") for name in not_judged))


def set_of(*starts: float) -> RepSet:
    (one,) = group_sets([rep(start) for start in starts])
    return one


def joined(*stretches: Person) -> Person:
    people: list[Person] = []
    for stretch in stretches:
        people = join_people(people, [renumber(stretch, people)], SQUAT)
    (person,) = people
    return person


def test_a_set_that_two_stretches_share_is_one() -> None:
    whole = joined(
        person_of(set_of(0, 3, 6)), person_of(set_of(9, 12), set_of(40, 43)), person_of(set_of(46))
    )
    assert shape(whole.sets) == [[1, 2, 3, 4, 5], [1, 2, 3]]
    assert [(one.start_s, one.end_s) for one in whole.sets] == [(0, 14), (40, 48)]
    assert whole.count == 8
    assert "8 squats in 2 sets" in whole.summary[0]


def test_a_stretch_is_numbered_on_before_it_is_shown() -> None:
    later = renumber(person_of(set_of(9, 12)), [person_of(set_of(0, 3, 6))])
    assert shape(later.sets) == [[4, 5]]
    assert shape(renumber(person_of(set_of(90, 93)), [person_of(set_of(0, 3, 6))]).sets) == [[1, 2]]
    assert shape(renumber(person_of(set_of(9), number=2), [person_of(set_of(0, 3))]).sets) == [[1]]
    assert renumber(person_of(), [person_of(set_of(0))]) == person_of()


def test_attempts_of_a_later_stretch_are_numbered_on() -> None:
    (later,) = group_sets([rep(9), rep(12, complete=False), rep(15)])
    assert shape(renumber(person_of(later), [person_of(set_of(0, 3))]).sets) == [[3, -4, 4]]


def test_people_are_joined_each_with_themselves() -> None:
    first = [person_of(set_of(0), number=1), person_of(set_of(1), number=2)]
    people = join_people(first, [person_of(set_of(40), number=2), person_of(set_of(41), number=3)], SQUAT)
    assert [(one.id, one.count) for one in people] == [(1, 1), (2, 2), (3, 1)]


def test_holds_are_joined() -> None:
    plank = shipped_exercises()["plank"]
    first, second = (replace(person_of(), holds=(Hold(t, t + 5.0),)) for t in (0.0, 30.0))
    (person,) = join_people([first], [second], plank)
    assert [hold.start_s for hold in person.holds] == [0.0, 30.0]


def test_a_view_that_was_not_clear_at_first() -> None:
    assert joined(person_of(view="unknown"), person_of(set_of(5), view="front")).view == "front"
    assert joined(person_of(set_of(0), view="front"), person_of(set_of(5), view="unknown")).view == "front"


def test_what_was_judged_in_one_stretch_was_judged() -> None:
    whole = joined(person_of(set_of(0), not_judged=("a", "b")), person_of(set_of(3), not_judged=("b", "c")))
    assert [item.fault for item in whole.not_judged] == ["b"]


@pytest.mark.parametrize("idle", [0, 1], ids=["before", "behind"])
def test_a_stretch_in_which_nothing_was_done_judged_nothing(idle: int) -> None:
    stretches = [person_of(set_of(700), not_judged=("a", "b"))]
    stretches.insert(idle, person_of())
    assert [item.fault for item in joined(*stretches).not_judged] == ["a", "b"]
