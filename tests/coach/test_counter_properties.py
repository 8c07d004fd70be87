"""What may never change a count: size, level, pace, frame rate, jitter, and which side is which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spotter.coach.counter import Swing
from tests.coach.signals import LEAST, complete, swings
from tests.motion.stick import Array, glide

FRAME_RATES = [12, 24, 30, 60, 120]
property_of_sets = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@dataclass(frozen=True)
class Set:
    """Repetitions by hand: how deep, how long and with what rest each."""

    depths: list[float]
    lengths: list[float]
    rests: list[float]
    holds: list[float]

    def points(self) -> list[tuple[float, float]]:
        now, points = 0.6, [(0.0, 0.0), (0.6, 0.0)]
        for depth, length, rest, hold in zip(self.depths, self.lengths, self.rests, self.holds, strict=True):
            points += [
                (now + length / 2, depth),
                (now + length / 2 + hold, depth),
                (now + length + hold, 0.0),
            ]
            now += length + hold + rest
            points.append((now, 0.0))
        return [*points, (now + 0.5, 0.0)]

    def share_at(self, time_s: Array) -> Array:
        return glide(time_s, *self.points())

    @property
    def end_s(self) -> float:
        return self.points()[-1][0]


@st.composite
def sets(draw: Any, depths: Any = None) -> Set:
    """1 to 15 repetitions of a person who is not a machine."""
    n = draw(st.integers(1, 15))

    def numbers(low: float, high: float) -> list[float]:
        return list(draw(st.lists(st.floats(low, high), min_size=n, max_size=n)))

    return Set(depths or numbers(0.85, 1.0), numbers(1.0, 4.0), numbers(0.05, 1.5), numbers(0.01, 1.0))


def even(one: Set, fps: float = 30.0) -> Array:
    return np.arange(0, one.end_s, 1 / fps)


def counts_of(time_s: Array, degrees: Array, **options: Any) -> int:
    return complete(swings(time_s, degrees, **options))


@property_of_sets
@given(sets())
def test_every_repetition_counts(one: Set) -> None:
    assert counts_of(even(one), 170 - 90 * one.share_at(even(one))) == len(one.depths)


@property_of_sets
@given(sets(), st.floats(0.3, 2.0), st.floats(-200, 200))
def test_size_and_level_of_the_signal(one: Set, factor: float, level: float) -> None:
    values = level - 90 * factor * one.share_at(even(one))
    assert counts_of(even(one), values, least=LEAST * factor) == len(one.depths)


@property_of_sets
@given(sets(), st.floats(0.5, 3.0))
def test_a_quicker_or_slower_person(one: Set, pace: float) -> None:
    time_s, values = even(one), 170 - 90 * one.share_at(even(one))
    plain, stretched = swings(time_s, values), swings(time_s * pace, values)
    assert complete(stretched) == complete(plain) == len(one.depths)
    turns = [[swing.span.turn_s for swing in found if swing.complete] for found in (plain, stretched)]
    assert np.allclose(np.array(turns[0]) * pace, turns[1])


@property_of_sets
@given(sets(), st.sampled_from(FRAME_RATES), st.floats(0, 2.5), st.integers(0, 99))
def test_frame_rates_and_jitter(one: Set, fps: float, jitter_deg: float, seed: int) -> None:
    time_s = even(one, fps)
    values = 170 - 90 * one.share_at(time_s) + np.random.default_rng(seed).normal(0, jitter_deg, time_s.size)
    found = swings(time_s, values)
    assert complete(found) == len(one.depths)
    assert turns_are_right(found, one)


@property_of_sets
@given(sets(), st.integers(0, 99))
def test_variable_frame_rate_with_frames_missing(one: Set, seed: int) -> None:
    rng = np.random.default_rng(seed)
    time_s = np.cumsum(rng.uniform(0.2, 2.5, int(one.end_s * 30)) / 30)
    time_s = time_s[time_s < one.end_s]
    values = 170 - 90 * one.share_at(time_s)
    values[rng.random(time_s.size) < 0.2] = np.nan
    found = swings(time_s, values)
    ends_in_time = one.end_s - time_s[-1] < 0.6
    assert complete(found) == len(one.depths) or not ends_in_time


@property_of_sets
@given(sets())
def test_high_far_ends_count_as_low_ones(one: Set) -> None:
    share = one.share_at(even(one))
    assert counts_of(even(one), 10 + 90 * share, far_is_high=True) == counts_of(even(one), 170 - 90 * share)


@property_of_sets
@given(sets(), st.data())
def test_an_attempt_in_between_changes_no_count(one: Set, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(one.depths)))
    with_attempt = Set(
        [*one.depths[:at], 0.4, *one.depths[at:]],
        [*one.lengths[:at], 1.5, *one.lengths[at:]],
        [*one.rests[:at], 0.5, *one.rests[at:]],
        [*one.holds[:at], 0.05, *one.holds[at:]],
    )
    found = swings(even(with_attempt), 170 - 90 * with_attempt.share_at(even(with_attempt)))
    assert complete(found) == len(one.depths)
    assert len(found) == len(one.depths) + 1


@property_of_sets
@given(sets(), st.data())
def test_a_third_of_a_second_unseen_changes_no_count(one: Set, data: st.DataObject) -> None:
    time_s = even(one)
    values = 170 - 90 * one.share_at(time_s)
    quick = min(one.lengths[k] + one.holds[k] for k in range(len(one.depths)))
    gap_s = min(0.3, quick / 4)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.floats(0.7, one.end_s - 1.0))
        values[(time_s > at) & (time_s < at + gap_s)] = np.nan
    assert counts_of(time_s, values) == len(one.depths)


@property_of_sets
@given(sets())
def test_time_run_backwards(one: Set) -> None:
    """A repetition is a there-and-back whichever way the film runs."""
    time_s = even(one)
    values = 170 - 90 * one.share_at(time_s)
    assert counts_of(time_s, values[::-1]) == counts_of(time_s, values)


def turns_are_right(found: list[Swing], one: Set) -> bool:
    """Each turn lies in its repetition's time at the far end, within a quarter of a second."""
    turns = [swing.span.turn_s for swing in found if swing.complete]
    tops = [
        (t, u) for (t, a), (u, b) in zip(one.points(), one.points()[1:], strict=False) if a == b and a > 0.5
    ]
    return all(t - 0.25 <= turn <= u + 0.25 for turn, (t, u) in zip(turns, tops, strict=True))
