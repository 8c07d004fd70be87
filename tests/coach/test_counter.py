"""The repetition counter on hand-written signals, the hard ones first."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spotter.coach.counter import EDGE, Levels, candidates, count_swings, levels_of, turning_points
from spotter.coach.window import Span
from tests.coach.signals import FAR, LEAST, NEAR, complete, early, knee, levels, noise, reps, swings, through
from tests.motion.stick import Array, clock

NAN = math.nan
OWN = Levels(NEAR, FAR)
Points = list[tuple[float, float]]

REST_OF_SET: Points = [(2.0, 0), (3.0, 1), (4.0, 0), (5.0, 1), (6.0, 0), (6.5, 0)]
"""Two more repetitions, after the hard case in the first two seconds."""

BEGINNINGS: dict[str, tuple[Points, int, int]] = {
    "under way, on the way out": ([(0, 0.4), (0.6, 1), (1.5, 0)], 3, 0),
    "under way, just left": ([(0, 0.25), (0.8, 1), (1.8, 0)], 3, 0),
    "starts at the far end": ([(0, 1.0), (1.5, 0)], 3, 0),
    "starts in a long hold at the far end": ([(0, 1.0), (0.7, 1.0), (1.8, 0)], 3, 0),
    "starts on the last bit of the way back": ([(0, 0.15), (0.4, 0)], 2, 0),
    "starts standing": ([(0, 0), (1.0, 0)], 2, 0),
}


@pytest.mark.parametrize("case", BEGINNINGS)
def test_the_first_repetition_may_be_under_way(case: str) -> None:
    points, count, attempts = BEGINNINGS[case]
    found = swings(*through(*points, *REST_OF_SET))
    assert (complete(found), early(found)) == (count, attempts)


@pytest.mark.parametrize("share", [0.3, 0.4, 0.5])
def test_a_video_that_begins_on_the_way_back_shows_no_attempt(share: float) -> None:
    """What came before is not known, so nobody can say that the person turned back early."""
    found = swings(*through((0, share), (0.8, 0), *REST_OF_SET))
    assert (complete(found), early(found)) == (2, 0)


ENDINGS: dict[str, tuple[Points, int, int]] = {
    "in the descent, at the far end": ([(7.5, 1.0)], 2, 0),
    "in the descent, deep": ([(7.5, 0.8)], 2, 0),
    "at the far end, held": ([(7.5, 1.0), (9.0, 1.0)], 2, 0),
    "on the way back, nearly there": ([(7.5, 1.0), (8.3, 0.3)], 3, 0),
    "back": ([(7.5, 1.0), (8.5, 0)], 3, 0),
    "after an attempt": ([(7.0, 0.4), (7.6, 0.0), (8.0, 0.0)], 2, 1),
}


@pytest.mark.parametrize("case", ENDINGS)
def test_the_video_may_end_anywhere(case: str) -> None:
    points, count, attempts = ENDINGS[case]
    found = swings(*through((0, 0), *REST_OF_SET, *points))
    assert (complete(found), early(found)) == (count, attempts)


@pytest.mark.parametrize("share", [0.3, 0.45])
def test_a_video_that_ends_in_the_last_descent_shows_no_attempt(share: float) -> None:
    """The person has not turned back."""
    found = swings(*through((0, 0), *REST_OF_SET, (7.2, share)))
    assert (complete(found), early(found)) == (2, 0)


def test_a_set_has_no_attempts_at_any_moment() -> None:
    """A live coach looks at the signal ten times a second, and so at every unfinished repetition."""
    time_s, values = reps(1, 1, 1, 1, length_s=4.0)
    spoken = [early(count_swings(time_s[:n], values[:n], OWN)) for n in range(30, time_s.size, 3)]
    assert spoken == [0] * len(spoken)


def test_a_count_only_grows_while_a_set_goes_on() -> None:
    time_s, values = reps(1, 1, 1, 1, length_s=4.0)
    counts = [complete(count_swings(time_s[:n], values[:n], OWN)) for n in range(30, time_s.size, 3)]
    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2, 3, 4}


MIDDLES: dict[str, tuple[tuple[float, ...], int, int]] = {
    "an aborted attempt": ((1, 1, 0.4, 1), 3, 1),
    "an aborted attempt first": ((0.4, 1, 1), 2, 1),
    "an aborted attempt last": ((1, 1, 0.4), 2, 1),
    "more attempts than repetitions": ((0.4, 1, 0.4, 0.4, 1, 0.4), 2, 4),
    "a shallow one": ((1, 0.65, 1), 3, 0),
    "shallow ones": ((0.65, 1, 0.7, 1, 0.66), 5, 0),
    "only one": ((1,), 1, 0),
    "twitches": ((1, 0.1, 1, 0.12, 1), 3, 0),
}


@pytest.mark.parametrize("case", MIDDLES)
def test_attempts_and_shallow_repetitions(case: str) -> None:
    depths, count, attempts = MIDDLES[case]
    found = swings(*reps(*depths))
    assert (complete(found), early(found)) == (count, attempts)
    reached = [swing.reach for swing in found if swing.reach > 0.3]
    assert reached == pytest.approx([depth for depth in depths if depth > 0.3], abs=0.05)


def test_one_huge_movement_does_not_spoil_the_range() -> None:
    """Bending down for something between the repetitions goes twice as far."""
    found = swings(*reps(0.5, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5))
    assert complete(found) == 7
    own = levels(*reps(0.5, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5))
    assert own is not None
    assert (own.near, own.far) == pytest.approx((NEAR, 125.0), abs=5)


@pytest.mark.parametrize(
    ("first", "second", "count"), [(0.6, 1.0, 1), (1.0, 0.3, 1), (0.7, 0.5, 1), (1.0, 0.05, 2)], ids=str
)
def test_a_double_dip(first: float, second: float, count: int) -> None:
    """Down, up again to ``second`` of the way, down once more: one repetition, unless the person stood up."""
    low = min(first, second)
    points: Points = [(0, 0), (0.5, 0), (1.3, 1.0), (1.9, low), (2.6, 1.0), (3.6, 0), (4.0, 0)]
    found = swings(*through(*points, (5.0, 1), (6.0, 0), (6.5, 0)))
    assert (complete(found), early(found)) == (count + 1, 0)


@pytest.mark.parametrize(("first", "second", "turn_s"), [(1.0, 0.97, 1.2), (0.97, 1.0, 2.2)])
def test_who_bounces_at_the_far_end_turned_where_it_was_farthest(
    first: float, second: float, turn_s: float
) -> None:
    """In between, the body is not at the far end: to judge it there would be wrong."""
    found = swings(*through((0, 0), (0.5, 0), (1.2, first), (1.7, 0.6), (2.2, second), (3.0, 0), (3.5, 0)))
    assert complete(found) == len(found) == 1
    assert found[0].span.turn_s == pytest.approx(turn_s, abs=0.05)


@pytest.mark.parametrize("hold_s", [0.0, 1.0, 5.0, 12.0])
def test_a_long_hold_at_the_far_end_is_one_repetition(hold_s: float) -> None:
    time_s, values = through((0, 0), (1, 0), (2, 1), (2 + hold_s + 0.01, 1), (3 + hold_s, 0), (4 + hold_s, 0))
    (swing,) = swings(time_s, values + noise(time_s.size, 0.8))
    assert swing.complete
    assert swing.span.turn_s == pytest.approx(2 + hold_s / 2, abs=0.15)
    assert hold_s - 0.05 < swing.held_s[1] - swing.held_s[0] < hold_s + 0.45
    assert (swing.span.start_s, swing.span.end_s) == pytest.approx((1.2, 2.8 + hold_s), abs=0.15)


@pytest.mark.parametrize("sd", [1.0, 2.0, 4.0])
def test_noise_on_the_plateaus_counts_for_nothing(sd: float) -> None:
    points: Points = [(0, 0), (3, 0), (4, 1), (6, 1), (7, 0), (10, 0), (11, 1), (13, 1), (14, 0), (17, 0)]
    time_s, values = through(*points)
    found = swings(time_s, values + noise(time_s.size, sd))
    assert complete(found) == 2
    assert early(found, least=0.35) == 0


@pytest.mark.parametrize(
    "at", [1.0, 1.4, 1.9, 2.3], ids=["leaving", "on the way", "at the far end", "coming back"]
)
def test_a_short_gap_in_a_repetition_does_not_matter(at: float) -> None:
    time_s, values = reps(1, 1, 1, length_s=3.0)
    values[(time_s > at) & (time_s < at + 0.3)] = NAN
    assert complete(swings(time_s, values)) == 3


def test_a_repetition_hidden_for_long_in_its_middle_is_not_counted() -> None:
    time_s, values = reps(1, 1, 1, length_s=4.0)
    values[(time_s > 6.0) & (time_s < 8.0)] = NAN  # the second one: from nearly down to nearly up
    found = swings(time_s, values)
    assert complete(found) == 2
    assert [swing.span.turn_s for swing in found if swing.complete] == pytest.approx([2.5, 11.5], abs=0.1)


@pytest.mark.parametrize("hidden", [(3.2, 7.0), (3.2, 4.9)], ids=["a whole repetition", "standing"])
def test_what_is_hidden_while_standing_hurts_no_other_repetition(hidden: tuple[float, float]) -> None:
    time_s, values = reps(1, 1, 1, length_s=2.0, rest_s=2.0)
    values[(time_s > hidden[0]) & (time_s < hidden[1])] = NAN
    found = swings(time_s, values)
    assert (complete(found), early(found)) == (3 if hidden[1] < 5 else 2, 0)


@pytest.mark.parametrize("drift", [-25.0, -15.0, 15.0, 25.0], ids=lambda d: f"{d:g} degrees")
def test_a_level_that_drifts_slowly(drift: float) -> None:
    """Somebody walks towards the camera, or tires and no longer stands up fully."""
    time_s, values = reps(*[1.0] * 8)
    assert complete(swings(time_s, values + drift * time_s / time_s[-1])) == 8


@pytest.mark.parametrize("count", [2, 5, 12])
def test_repetitions_without_a_pause(count: int) -> None:
    time_s = clock(count * 1.5)
    values = knee((1 - np.cos(2 * np.pi * time_s / 1.5)) / 2)
    assert complete(swings(time_s, values)) == count


@pytest.mark.parametrize("far_is_high", [False, True])
def test_both_directions(far_is_high: bool) -> None:
    time_s, values = reps(1, 0.4, 1)
    found = swings(time_s, 200 - values if far_is_high else values, far_is_high)
    assert (complete(found), early(found)) == (2, 1)


def test_times_and_range_of_a_repetition() -> None:
    (first, second) = swings(*reps(1.0, 0.8, length_s=2.0, rest_s=1.0))
    assert first.span.turn_s == pytest.approx(1.5, abs=0.04)
    assert second.span.turn_s == pytest.approx(4.5, abs=0.04)
    # the clock starts and stops at a tenth of the way: 0.2 of a second after the rest
    assert (first.span.start_s, first.span.end_s) == pytest.approx((0.7, 2.3), abs=0.1)
    assert (first.range, second.range) == pytest.approx((90, 72), abs=9)
    assert first.reach > second.reach
    assert first.span.start_s <= first.held_s[0] <= first.span.turn_s <= first.held_s[1] <= first.span.end_s
    assert EDGE < 0.22


@pytest.mark.parametrize(
    ("points", "count"),
    [
        ([(0, 1), (0.8, 1), (1.8, 0), (2.5, 0)], 1),  # from the floor, and put down never
        ([(0, 1), (0.8, 1), (1.8, 0), (2.5, 0), (3.5, 1), (4.5, 0), (5, 0)], 2),
        ([(0, 1), (0.8, 1), (1.8, 0), (2.5, 0), (3.5, 1), (4, 1)], 1),
        ([(0, 1), (1.0, 0.6)], 0),  # not up yet
    ],
)
def test_sets_that_begin_at_the_far_end_of_the_movement(points: Points, count: int) -> None:
    """A deadlift from the floor: near is the floor, and reaching the top completes the last repetition."""
    time_s = clock(points[-1][0])
    values = 80.0 - 70.0 * np.interp(time_s, *zip(*[(t, 1 - share) for t, share in points], strict=True))
    assert complete(count_swings(time_s, values, Levels(80.0, 10.0), ends_at_turn=True)) == count


@pytest.mark.parametrize(
    ("values", "least", "expected"),
    [
        ([], 3, []),
        ([NAN, NAN], 3, []),
        ([5, 5, 5], 3, []),
        ([0, 2, 0, 2], 3, []),
        ([0, 5, 0], 3, [0, 1, 2]),
        ([5, 0, 5], 3, [0, 1, 2]),
        ([0, 1, 2, 5], 3, [0, 3]),
        ([5, 4, 0], 3, [0, 2]),
        ([0, 5, 1, 2, 1, 6, 0], 3, [0, 1, 2, 5, 6]),
        ([0, 5, 4, 6, 5, 0], 3, [0, 3, 5]),
        ([2, 1, 0, 5, 0], 3, [0, 2, 3, 4]),  # the beginning belongs to it, however near
        ([NAN, 0, NAN, 5, NAN, 0], 3, [1, 3, 5]),
        ([0, 3, 0], 3, [0, 1, 2]),
    ],
)
def test_turning_points(values: list[float], least: float, expected: list[int]) -> None:
    assert turning_points(np.array(values, float), least) == expected


@pytest.mark.parametrize(
    ("values", "far_is_high", "expected"),
    [
        ([9, 0, 9, 0, 9], False, [(0, 1, 2), (2, 3, 4)]),
        ([9, 0, 9, 0, 9], True, [(0, 0, 1), (1, 2, 3), (3, 4, 4)]),  # cut off at both ends
        ([0, 9], True, [(0, 1, 1)]),
        ([4, 4, 4], True, []),
        ([9, 0, NAN, 9], False, [(0, 1, 3)]),
    ],
)
def test_candidates(
    values: list[float], far_is_high: bool, expected: list[tuple[float, float, float]]
) -> None:
    time_s = np.arange(len(values), dtype=float)
    assert candidates(time_s, np.array(values, float), far_is_high, 5) == [Span(*times) for times in expected]


def spans_of(*rows: tuple[int, int, int]) -> list[Span]:
    return [Span(*map(float, row)) for row in rows]


@pytest.mark.parametrize(
    ("values", "spans", "near", "far"),
    [
        ([170, 80, 170], spans_of((0, 1, 2)), 170, 80),
        (
            [170, 80, 170, 130, 170, 84, 168],
            spans_of((0, 1, 2), (2, 3, 4), (4, 5, 6)),
            170,
            82,
        ),  # not the attempt
        ([80, 80, 170], spans_of((0, 1, 2)), 170, 80),  # the beginning is cut off
        ([170, 80, 90], spans_of((0, 1, 2)), 170, 80),  # the end is
        ([10, 90, 12, 91, 14], spans_of((0, 1, 2), (2, 3, 4)), 11, 90.5),
    ],
)
def test_levels(values: list[float], spans: list[Span], near: float, far: float) -> None:
    own = levels_of(np.arange(len(values), dtype=float), np.array(values, float), spans)
    assert own is not None
    assert (own.near, own.far) == pytest.approx((near, far), abs=2)


def test_no_movement_no_levels() -> None:
    time_s = clock(3)
    assert levels_of(time_s, np.full(time_s.size, 170.0), []) is None
    assert swings(time_s, np.full(time_s.size, 170.0)) == []


@pytest.mark.parametrize("values", [np.full(60, NAN), np.empty(0)], ids=["never seen", "no frames"])
def test_nothing_seen_is_nothing_counted(values: Array) -> None:
    assert count_swings(np.arange(values.size) / 30, values, OWN) == []
    assert candidates(np.arange(values.size) / 30, values, False, LEAST) == []


def test_shares() -> None:
    assert OWN.share(np.array([170.0, 125.0, 80.0, 62.0, NAN])) == pytest.approx(
        [0, 0.5, 1, 1.2, NAN], nan_ok=True
    )
