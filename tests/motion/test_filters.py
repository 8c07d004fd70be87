"""Filters for files: outliers, gaps, and a low-pass that delays nothing."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from spotter.motion.filters import CUTOFF_HZ, MAX_GAP_S, fill_gaps, low_pass, reject_outliers
from tests.motion.stick import Array, clock, glide

NAN = math.nan


def sine(time_s: Array, hertz: float) -> Array:
    return np.sin(2 * np.pi * hertz * time_s)


def uneven(seconds: float, fps: float, seed: int = 0) -> Array:
    """Times of a variable frame rate: each step between half and one and a half of the usual one."""
    steps = np.random.default_rng(seed).uniform(0.5, 1.5, round(seconds * fps)) / fps
    return np.concatenate([[0.0], np.cumsum(steps)])


@pytest.mark.parametrize("fps", [24, 30, 60, 120])
@pytest.mark.parametrize("hertz", [0.2, 0.5, 1.0, 2.0])
def test_low_pass_has_no_lag_and_keeps_what_people_do(fps: float, hertz: float) -> None:
    time_s = clock(6, fps)
    smooth = low_pass(time_s, sine(time_s, hertz))
    inner = slice(len(time_s) // 6, -len(time_s) // 6)
    assert np.abs(smooth - sine(time_s, hertz))[inner].max() < 0.02
    lags = np.arange(-3, 4)
    misfit = [np.abs(np.roll(sine(time_s, hertz), lag) - smooth)[inner].mean() for lag in lags]
    assert lags[int(np.argmin(misfit))] == 0


@pytest.mark.parametrize(
    ("hertz", "least", "most"), [(CUTOFF_HZ, 0.45, 0.55), (12.0, 0.0, 0.07), (20.0, 0.0, 0.01)]
)
def test_low_pass_takes_out_what_nobody_can_do(hertz: float, least: float, most: float) -> None:
    time_s = clock(4, 60)
    gain = np.abs(low_pass(time_s, sine(time_s, hertz)))[60:-60].max()
    assert least <= gain <= most


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_low_pass_of_a_variable_frame_rate(fps: float) -> None:
    time_s = uneven(6, fps)
    smooth = low_pass(time_s, sine(time_s, 0.7))
    assert np.abs(smooth - sine(time_s, 0.7))[8:-8].max() < 0.05
    noise = np.random.default_rng(1).normal(0, 1, time_s.size)
    assert low_pass(time_s, noise).std() < (0.9 if fps == 24 else 0.8)


@pytest.mark.parametrize("time_s", [clock(3, 30), uneven(3, 30)], ids=["even", "uneven"])
def test_low_pass_leaves_rest_and_steady_movement_alone_to_the_ends(time_s: Array) -> None:
    signal = np.stack([np.full(time_s.size, 7.0), 3 - 2 * time_s], axis=1)
    assert low_pass(time_s, signal) == pytest.approx(signal, abs=1e-4)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_pieces_too_short_to_filter_stay_as_they_are(n: int) -> None:
    values = np.arange(n, dtype=float) ** 3
    assert low_pass(clock(1)[:n], values).tolist() == values.tolist()


@pytest.mark.parametrize("n", [6, 7, 8, 12])
@pytest.mark.parametrize("fps", [15, 30, 240])
def test_short_pieces_are_filtered_and_stay_within_their_range(n: int, fps: float) -> None:
    values = np.random.default_rng(n).normal(0, 1, n)
    smooth = low_pass(np.arange(n) / fps, values)
    assert np.isfinite(smooth).all()
    assert np.abs(smooth).max() < 2 * np.abs(values).max()
    assert np.abs(np.diff(smooth)).sum() < np.abs(np.diff(values)).sum()


@pytest.mark.parametrize("fps", [5, 8, 10, 12, 15])
def test_at_low_frame_rates_the_cutoff_is_lower(fps: float) -> None:
    """What trembles from frame to frame goes, what takes a second or more a swing stays."""
    time_s = clock(8, fps)
    slow = np.sin(2 * np.pi * min(1.0, fps / 16) * time_s)
    trembling = (-1.0) ** np.arange(time_s.size)
    inner = slice(3, -3)
    assert np.abs(low_pass(time_s, trembling))[inner].max() < 0.05
    assert np.abs(low_pass(time_s, slow) - slow)[inner].max() < 0.12


def test_nan_stays_and_parts_the_signal() -> None:
    time_s = clock(4)
    step = np.where(time_s < 2, 0.0, 100.0)
    values = np.stack([step, np.ones_like(step)], axis=1)
    gap = (time_s > 1.8) & (time_s < 2.2)
    values[gap, 0] = NAN
    smooth = low_pass(time_s, values)
    assert np.isnan(smooth[:, 0]).tolist() == gap.tolist()
    # across the gap nothing leaks, and the other column knows of no gap
    assert smooth[~gap, 0] == pytest.approx(step[~gap], abs=1e-6)
    assert smooth[:, 1] == pytest.approx(1, abs=1e-6)


def test_low_pass_of_nothing_seen() -> None:
    assert np.isnan(low_pass(clock(1), np.full((31, 33, 2), NAN))).all()


def test_low_pass_does_not_change_its_input() -> None:
    values = np.random.default_rng(0).normal(0, 1, (31, 3))
    before = values.copy()
    low_pass(clock(1), values)
    assert (values == before).all()


def test_a_pause_of_an_hour_between_two_frames_costs_no_memory() -> None:
    time_s = np.concatenate([clock(2), 3600 + clock(2)])
    values = np.zeros((time_s.size, 33))
    tracemalloc.start()
    low_pass(time_s, values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * 2**20


@pytest.mark.parametrize(
    ("fps", "missing", "filled"),
    [
        (30, 1, True),
        (30, 6, True),  # 7/30 of a second between the known samples
        (30, 7, False),
        (30, 90, False),
        (12, 2, True),  # exactly a quarter of a second
        (12, 3, False),
        (120, 29, True),
        (120, 30, False),
        (3, 1, False),
    ],
)
def test_short_gaps_are_filled_and_long_ones_stay(fps: float, missing: int, filled: bool) -> None:
    time_s = np.arange(missing + 4) / fps
    values = 5 + 2 * time_s
    values[2 : 2 + missing] = NAN
    out = fill_gaps(time_s, values)
    if filled:
        assert out == pytest.approx(5 + 2 * time_s)
    else:
        assert np.isnan(out).tolist() == np.isnan(values).tolist()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([NAN, NAN, 1, 2, NAN], [NAN, NAN, 1, 2, NAN]),  # the ends are not guessed
        ([NAN, NAN, NAN], [NAN, NAN, NAN]),
        ([NAN, 4, NAN], [NAN, 4, NAN]),
        ([1, NAN, 3, NAN, 5], [1, 2, 3, 4, 5]),
        ([1, 2, 3], [1, 2, 3]),
    ],
)
def test_ends_and_empty_signals(values: list[float], expected: list[float]) -> None:
    time_s = np.arange(len(values)) * 0.1
    assert fill_gaps(time_s, np.array(values)) == pytest.approx(expected, nan_ok=True)


def test_gaps_are_filled_by_time_and_column_by_column() -> None:
    time_s = np.array([0.0, 0.05, 0.2, 0.25])
    values = np.array([[0.0, 1.0], [NAN, 2.0], [4.0, NAN], [NAN, 3.0]])
    assert fill_gaps(time_s, values) == pytest.approx(
        np.array([[0.0, 1.0], [1.0, 2.0], [4.0, 2.75], [NAN, 3.0]]), nan_ok=True
    )


def test_the_longest_gap_can_be_chosen() -> None:
    time_s, values = np.array([0.0, 1.0, 2.0]), np.array([0.0, NAN, 2.0])
    assert math.isnan(fill_gaps(time_s, values, max_gap_s=MAX_GAP_S)[1])
    assert fill_gaps(time_s, values, max_gap_s=2.0)[1] == 1.0


@pytest.mark.parametrize("at", [0, 1, 20, 59, 60], ids=lambda at: f"frame {at}")
@pytest.mark.parametrize("wrong", [1, 2], ids=["one frame", "two frames"])
def test_wild_samples_are_rejected(at: int, wrong: int) -> None:
    rng = np.random.default_rng(3)
    signal = 0.3 * np.sin(clock(2)) + rng.normal(0, 0.005, 61)
    wild = np.zeros(61, bool)
    wild[at : at + wrong] = True
    out = reject_outliers(np.where(wild, signal + 0.6, signal), 1 / 30, floor=0.12)
    assert np.isnan(out).tolist() == wild.tolist()
    assert out[~wild].tolist() == signal[~wild].tolist()


def test_only_the_wild_coordinate_is_rejected() -> None:
    values = np.zeros((40, 33, 2))
    values[10, 4, 1] = 5.0
    out = reject_outliers(values, 1 / 30, floor=0.1)
    assert np.argwhere(np.isnan(out)).tolist() == [[10, 4, 1]]


@pytest.mark.parametrize("fps", [24, 30, 60, 120])
@pytest.mark.parametrize("seconds", [0.25, 0.4, 1.0], ids=lambda s: f"a metre in {s} s")
def test_quick_movements_are_no_outliers(fps: float, seconds: float) -> None:
    time_s = clock(4, fps)
    wrist = glide(time_s, (0, 0), (1, 0), (1 + seconds, 1.0), (1 + 2 * seconds, 0), (4, 0))
    assert not np.isnan(reject_outliers(wrist, 1 / fps, floor=0.12)).any()


def test_a_jump_that_stays_is_no_outlier() -> None:
    values = np.where(np.arange(60) < 30, 0.0, 9.0)
    assert not np.isnan(reject_outliers(values, 1 / 30, floor=0.1)).any()


@pytest.mark.parametrize("values", [[1.0], [0.0, 9.0], [0.0, 9.0, 0.0], [NAN, NAN, NAN, NAN, NAN, NAN, NAN]])
def test_too_little_to_tell(values: list[float]) -> None:
    out = reject_outliers(np.array(values), 1 / 30, floor=0.1)
    assert out == pytest.approx(np.array(values), nan_ok=True)


def test_gaps_do_not_hide_or_make_outliers() -> None:
    values = np.zeros(40)
    values[8:14] = NAN
    values[16] = 3.0
    out = reject_outliers(values, 1 / 30, floor=0.1)
    assert np.flatnonzero(np.isnan(out)).tolist() == [*range(8, 14), 16]
