"""Held postures: timed only while they are right, and what spoilt them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spotter.coach.holds import breaks, find_holds, runs
from spotter.coach.judge import coach_person
from spotter.coach.schema import shipped_exercises
from spotter.motion.motion import Motion
from tests.coach.moves import PLANK, STANDING, one_after_another
from tests.motion.stick import Array, Pose, blend, clock, glide, make_motion

EXERCISES = shipped_exercises()
KNEELING = Pose(azimuth=90, trunk=60, thigh=10, knee=95, lift=60, elbow=20, anchor="mid_wrist")


def sagging(degrees: object, azimuth: float = 90.0) -> Pose:
    """A plank whose hips sag by so many degrees (number or array); negative: they stick up."""
    half = np.asarray(degrees) / 2
    return replace(PLANK, azimuth=azimuth, trunk=85 - half, thigh=-85 - half, lift=85 - half)


def bump(time_s: Array, start: float, end: float, height: float) -> Array:
    """0, but ``height`` between two times."""
    return glide(
        time_s, (0, 0), (start, 0), (start + 0.2, height), (end - 0.2, height), (end, 0), (time_s[-1], 0)
    )


def held(motion: Motion) -> list[tuple[float, float]]:
    return [(hold.start_s, hold.end_s) for hold in coach_person(motion, EXERCISES["plank"]).holds]


def test_hips_that_sag_in_the_middle_split_the_time() -> None:
    time_s = clock(14)
    motion = make_motion(sagging(bump(time_s, 5, 8, 24)), time_s, noise_m=0.003)
    person = coach_person(motion, EXERCISES["plank"])
    assert [(hold.start_s, hold.end_s) for hold in person.holds] == [
        pytest.approx((0, 5.1), abs=0.3), pytest.approx((7.9, 14), abs=0.3),
    ]  # fmt: skip
    first, second = person.holds
    (fault,) = first.faults
    assert (fault.name, fault.severity, fault.unit, fault.limit) == ("hips-sag", "danger", "deg", 10)
    assert fault.measured == pytest.approx(24, abs=5)
    assert 5 < fault.at_s < 8
    assert second.faults == ()


def test_never_right_is_no_time_but_the_person_hears_why() -> None:
    time_s = clock(6)
    (hold,) = coach_person(make_motion(sagging(22), time_s, noise_m=0.002), EXERCISES["plank"]).holds
    assert hold.end_s == hold.start_s
    assert [fault.name for fault in hold.faults] == ["hips-sag"]


def test_a_good_plank_counts_from_beginning_to_end() -> None:
    person = coach_person(make_motion(PLANK, clock(10), noise_m=0.003), EXERCISES["plank"])
    assert held(make_motion(PLANK, clock(10), noise_m=0.003)) == [pytest.approx((0, 10), abs=0.1)]
    assert [hold.faults for hold in person.holds] == [()]
    assert person.not_judged == ()
    assert person.sets == ()
    assert person.view == "side"


@pytest.mark.parametrize(
    ("pose", "fault"),
    [
        (sagging(22), "hips-sag"),
        (sagging(-44), "hips-high"),
        (replace(PLANK, nod=50), "head-drops"),
    ],
    ids=["sagging", "piked", "head hangs"],
)
@pytest.mark.parametrize("azimuth", [90, -90])
def test_what_may_be_wrong(pose: Pose, fault: str, azimuth: float) -> None:
    time_s = clock(9)
    wrong = glide(time_s, (0, 0), (4, 0), (4.3, 1), (9, 1))
    pose = blend(replace(PLANK, azimuth=azimuth), replace(pose, azimuth=azimuth), wrong)
    (hold,) = coach_person(make_motion(pose, time_s, noise_m=0.002), EXERCISES["plank"]).holds
    assert (hold.start_s, hold.end_s) == pytest.approx((0, 4.2), abs=0.3)
    assert {one.name for one in hold.faults} == {fault}


def test_a_wobble_stops_nothing() -> None:
    time_s = clock(10)
    assert held(make_motion(sagging(bump(time_s, 5, 5.5, 20)), time_s, noise_m=0.002)) == [
        pytest.approx((0, 10), abs=0.1)
    ]


def test_from_the_front_sagging_cannot_be_judged() -> None:
    person = coach_person(make_motion(sagging(22, azimuth=0), clock(6), noise_m=0.002), EXERCISES["plank"])
    assert [hold.faults for hold in person.holds] == [()]
    assert {item.fault for item in person.not_judged} == {fault.name for fault in EXERCISES["plank"].faults}
    assert all(item.why.startswith("the camera sees you from the front") for item in person.not_judged)


@pytest.mark.parametrize(("gone_s", "parts"), [(0.3, 1), (3.0, 2)])
def test_somebody_lost_from_sight(gone_s: float, parts: int) -> None:
    time_s = clock(12)
    gone = (time_s > 5) & (time_s < 5 + gone_s)
    assert len(held(make_motion(PLANK, time_s, noise_m=0.002, gone=gone))) == parts


def test_a_variable_frame_rate_does_not_break_a_hold_in_pieces() -> None:
    """A phone that leaves out a frame now and then."""
    time_s = clock(10)
    time_s = time_s[np.random.default_rng(0).random(time_s.size) > 0.2]
    assert held(make_motion(PLANK, time_s, noise_m=0.002)) == [pytest.approx((0, 10), abs=0.2)]


def test_getting_down_and_up_is_not_held() -> None:
    motion = one_after_another((KNEELING, clock(3)), (PLANK, clock(6)), (KNEELING, clock(3)))
    ((start, end),) = held(motion)
    assert (start, end) == pytest.approx((3.5, 9.7), abs=0.6)


def test_passing_through_is_not_held() -> None:
    assert held(one_after_another((KNEELING, clock(3)), (PLANK, clock(1)), (KNEELING, clock(3)))) == []


def test_crawling_is_not_held() -> None:
    time_s = clock(6)
    assert held(make_motion(replace(PLANK, at=(0.5 * time_s, 1.0, 0.0)), time_s, noise_m=0.002)) == []


@pytest.mark.parametrize(
    "pose", [STANDING, replace(PLANK, elbow=5), replace(PLANK, trunk=-85, thigh=85, lift=0)],
    ids=["standing", "on the hands", "on the back"],
)  # fmt: skip
def test_other_postures_are_no_plank(pose: Pose) -> None:
    assert held(make_motion(pose, clock(5), noise_m=0.002)) == []


def test_only_holds_are_held() -> None:
    assert find_holds(make_motion(PLANK, clock(5)), EXERCISES["push-up"]) == []
    assert find_holds(make_motion(PLANK, clock(0)), EXERCISES["plank"]) == []


@pytest.mark.parametrize(
    ("flags", "bridge_s", "expected"),
    [
        ("........", 0, []),
        ("xxxxxxxx", 0, [(0, 7)]),
        ("xx.xxx.x", 0, [(0, 1), (3, 5), (7, 7)]),
        ("xx.xxx.x", 1.0, [(0, 7)]),
        ("x..x...x", 2.0, [(0, 3), (7, 7)]),
        (".x......", 5.0, [(1, 1)]),
    ],
)
def test_runs(flags: str, bridge_s: float, expected: list[tuple[int, int]]) -> None:
    assert runs(np.arange(8.0), np.array([flag == "x" for flag in flags]), bridge_s) == expected


def test_runs_of_neighbouring_frames_are_whole_at_every_frame_rate() -> None:
    time_s = np.array([0.0, 0.03, 0.06, 0.16, 0.19, 0.3, 0.33])
    assert runs(time_s, np.ones(7, bool), 0.0) == [(0, 6)]


def test_breaks() -> None:
    above, below = EXERCISES["plank"].faults[0], EXERCISES["plank"].faults[1]
    values = np.array([above.limit, above.limit + above.margin, above.limit + above.margin + 0.1, np.nan])
    assert breaks(above, values).tolist() == [False, False, True, False]
    assert breaks(below, np.array([below.limit - below.margin - 0.1, below.limit, np.nan])).tolist() == [
        True, False, False,
    ]  # fmt: skip
