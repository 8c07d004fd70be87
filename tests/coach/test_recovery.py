"""Rests between sets: when a longer one is advised, and above all when it is not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from spotter.coach.analysis import Cue, Hold, RepSet
from spotter.coach.heart import HeartRate
from spotter.coach.recovery import Recovery, recoveries, rest_advice, rest_cue, rest_rule, slower, usual_drop

AFTER_S = rest_rule().after_s
END_S, JUDGED_S = 30.0, 30.0 + AFTER_S
LONGER = "Rest a little longer after set"


def curve(*points: tuple[float, float], lost: tuple[float, float] = (-1.0, -1.0)) -> HeartRate:
    """A reading a second along straight lines, none while the strap is lost."""
    time_s = np.arange(points[0][0], points[-1][0] + 1)
    bpm = np.interp(time_s, *zip(*points, strict=True)).astype(np.float32)
    heard = (time_s < lost[0]) | (time_s >= lost[1])
    return HeartRate(time_s[heard], bpm[heard])


def rest_from_150_to(bpm: float, lost: tuple[float, float] = (-1.0, -1.0)) -> HeartRate:
    """80 before the set, 150 at its end, and so much a minute later and on."""
    return curve((0, 80), (END_S, 150), (JUDGED_S, bpm), (240, bpm), lost=lost)


def rests_of(*drops_bpm: float) -> list[Recovery]:
    return [Recovery(100.0 * i, 90.0, 150.0, 150.0 - drop, 100.0) for i, drop in enumerate(drops_bpm)]


def said(heart: HeartRate, now_s: float = JUDGED_S + 2, before: Sequence[Recovery] = ()) -> Cue | None:
    return rest_cue(heart, END_S, now_s, before)


def test_a_heart_that_stays_fast_is_given_a_longer_rest() -> None:
    cue = said(rest_from_150_to(143))
    assert cue is not None and cue.fault == "rest-longer" and cue.severity == "hint"
    assert cue.text == "Rest a little longer: a minute after your set your heart is only 7 beats slower."
    assert cue.since_s == JUDGED_S


@pytest.mark.parametrize(("later_bpm", "longer"), [(143, True), (139, True), (135, False), (110, False)])
def test_the_limit_is_that_of_the_source(later_bpm: float, longer: bool) -> None:
    heart = rest_from_150_to(later_bpm)
    assert (said(heart) is not None) == longer
    assert rest_rule().general.limit == 12 and "Cole et al. 1999" in rest_rule().general.source


@pytest.mark.parametrize(
    "lost",
    [(25.0, 36.0), (JUDGED_S - 5, JUDGED_S + 6), (JUDGED_S + 8, 300.0), (0.0, 300.0)],
    ids=["at the set's end", "when it is judged", "now", "always"],
)
def test_nothing_is_said_where_the_strap_was_lost(lost: tuple[float, float]) -> None:
    assert said(rest_from_150_to(143), JUDGED_S + 20) is not None
    assert said(rest_from_150_to(143, lost), JUDGED_S + 20) is None


def test_nothing_is_said_before_the_time_nor_when_the_heart_has_slowed_meanwhile() -> None:
    assert said(rest_from_150_to(143), JUDGED_S - 1) is None
    late = curve((0, 80), (END_S, 150), (JUDGED_S, 145), (JUDGED_S + 30, 110), (240, 90))
    assert said(late, JUDGED_S + 2) is not None
    assert said(late, JUDGED_S + 40) is None


def test_nothing_is_said_to_somebody_at_rest_anyway() -> None:
    assert said(curve((0, 82), (240, 82))) is None
    assert said(curve((0, 80), (END_S, 90), (240, 88))) is None
    glitch = curve((0, 82), (240, 82))
    glitch.bpm[7] = 31  # a slip of the strap is no calmer heart
    assert said(glitch) is None


def test_what_is_usual_for_somebody_takes_the_general_limits_place() -> None:
    heart = rest_from_150_to(133)  # 17 slower
    assert said(heart) is None
    assert said(heart, before=rests_of(44, 40)) is None, "two rests are no habit"
    cue = said(heart, before=rests_of(44, math.nan, 40, 42))
    assert cue is not None and cue.text.endswith("beats slower; usually it is 42 slower.")
    slow_as_ever = rest_from_150_to(140)
    assert said(slow_as_ever) is not None
    assert said(slow_as_ever, before=rests_of(9, 8, 10)) is None
    assert "Bosquet" in rest_rule().usual.source


def test_a_usual_drop_needs_several_that_are_known() -> None:
    assert math.isnan(usual_drop([])) and math.isnan(usual_drop(rests_of(30, math.nan, 31)))
    assert usual_drop(rests_of(30, 31, 60)) == 31


def test_recovery_is_unknown_where_the_strap_was_lost_or_the_rest_was_short() -> None:
    sets = [RepSet(5.0, END_S, ()), RepSet(70.0, 88.0, ())]
    first, second = recoveries(sets[::-1], rest_from_150_to(110))
    assert math.isnan(first.drop_bpm) and first.end_bpm == 150
    assert (first.rest_s, first.next_bpm) == (40.0, pytest.approx(123, abs=2))
    assert second.end_s == 88.0 and math.isfinite(second.drop_bpm)
    assert math.isnan(second.rest_s) and math.isnan(second.next_bpm)
    (lost,) = recoveries(sets[:1], rest_from_150_to(110, lost=(60.0, 300.0)))
    assert math.isnan(lost.drop_bpm)
    (found,) = recoveries([Hold(5.0, END_S)], rest_from_150_to(110))
    assert found.drop_bpm == pytest.approx(37, abs=3)
    assert recoveries([], rest_from_150_to(110)) == ()


def test_afterwards_each_rest_that_was_short_is_told() -> None:
    heart = curve((0, 80), (30, 150), (65, 146), (95, 160), (185, 100), (215, 150), (275, 145), (300, 140))
    sets = [RepSet(5, 30, ()), RepSet(65, 95, ()), RepSet(185, 215, ())]
    rests = recoveries(sets, heart)
    assert rest_advice(rests, heart) == (
        (0, f"{LONGER} 1: 35 s later you went on with a heart that was only 4 beats slower."),
        (2, f"{LONGER} 3: a minute later your heart was only 5 beats slower."),
    )
    assert rest_advice(rests, heart, "hold")[1][1].startswith("Rest a little longer after hold 3")


def test_a_posture_lost_for_a_moment_is_no_rest() -> None:
    heart = curve((0, 80), (30, 150), (60, 155), (200, 100))
    rests = recoveries([Hold(5, 30), Hold(33, 60)], heart)
    assert rest_advice(rests, heart) == ()


def test_afterwards_nothing_is_advised_without_a_heart() -> None:
    heart = curve((0, 80), (30, 150), (300, 140), lost=(20.0, 280.0))
    assert rest_advice(recoveries([RepSet(5, 30, ()), RepSet(65, 95, ())], heart), heart) == ()
    empty = HeartRate(np.zeros(0), np.zeros(0, np.float32))
    rests = recoveries([RepSet(5, 30, ())], empty)
    assert rest_advice(rests, empty) == () and rest_cue(empty, 0.0, 100.0) is None


def test_a_heart_that_became_faster_is_no_slower() -> None:
    assert slower(-5.0) == slower(0.3) == "no slower"
    cue = said(rest_from_150_to(156))
    assert cue is not None and cue.text.endswith("your heart is no slower.")
