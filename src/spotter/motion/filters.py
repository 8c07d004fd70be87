"""Takes the jitter out of signals: outliers, gaps, a zero-phase low-pass for files, One-Euro for live use."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

CUTOFF_HZ = 6.0
"""Low-pass for human movement (Winter 2009, Biomechanics and Motor Control of Human Movement, ch. 3)."""

MOST_OF_RATE = 0.25
"""The cutoff is at most this share of the frame rate, half of what frames show: 6 Hz need 24 a second."""

MAX_GAP_S = 0.25
"""Gaps up to this long are filled; longer ones stay empty."""

MAX_PAUSE_S = 1.0
"""What lies further apart in time than this is filtered apart."""

_HAMPEL_WINDOW_S = 0.25
_HAMPEL_TIMES = 4.0
_SORTED_AT_ONCE = 8_000  # samples whose windows are sorted together: more takes memory, less takes time

Floats = NDArray[np.floating]
Array = NDArray[np.float64]


def reject_outliers(values: Floats, step_s: float, floor: float) -> NDArray[np.float64]:
    """Single wild samples become NaN (Hampel's rule over a quarter of a second).

    Args:
        values: array (n, ...), filtered along the first axis.
        step_s: usual time between samples.
        floor: a sample nearer to the median than this is never an outlier, in the unit of ``values``.

    >>> reject_outliers(np.array([1.0, 1.1, 9.0, 1.0, 1.1, 1.0, 1.1]), 1 / 20, 0.5)[2]
    np.float64(nan)
    """
    flat = np.asarray(values, np.float64).reshape(len(values), -1)
    half = max(2, round(_HAMPEL_WINDOW_S / 2 / step_s))
    if len(flat) < 2 * half + 1:
        return flat.reshape(values.shape).copy()
    padded = np.pad(flat, ((half, half), (0, 0)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=0)
    out = flat.copy()
    at_once = max(1, _SORTED_AT_ONCE // len(flat))
    for first in range(0, flat.shape[1], at_once):
        columns = slice(first, first + at_once)
        window = windows[:, columns]
        middle = _nanmedian(window)
        spread = 1.4826 * _nanmedian(np.abs(window - middle[..., None]))
        wild = np.abs(flat[:, columns] - middle) > np.maximum(_HAMPEL_TIMES * spread, floor)
        out[:, columns][wild] = np.nan
    return out.reshape(values.shape)


def fill_gaps(
    time_s: NDArray[np.float64], values: Floats, max_gap_s: float = MAX_GAP_S
) -> NDArray[np.float64]:
    """Fill NaN gaps of at most ``max_gap_s`` by straight lines; longer gaps and both ends stay NaN.

    Args:
        time_s: array (n,), growing.
        values: array (n, ...), filled along the first axis.

    >>> fill_gaps(np.array([0.0, 0.1, 0.2]), np.array([1.0, np.nan, 3.0])).tolist()
    [1.0, 2.0, 3.0]
    """
    out = np.array(values, np.float64).reshape(len(values), -1)
    for column in np.flatnonzero(~np.isfinite(out).all(axis=0)):
        signal = out[:, column]
        known = np.flatnonzero(np.isfinite(signal))
        if known.size < 2:
            continue
        missing = np.flatnonzero(~np.isfinite(signal))
        missing = missing[(missing > known[0]) & (missing < known[-1])]
        after = np.searchsorted(known, missing)
        width = time_s[known[after]] - time_s[known[after - 1]]
        short = missing[width <= max_gap_s + 1e-9]
        signal[short] = np.interp(time_s[short], time_s[known], signal[known])
    return out.reshape(np.shape(values))


def low_pass(
    time_s: NDArray[np.float64], values: Floats, cutoff_hz: float = CUTOFF_HZ
) -> NDArray[np.float64]:
    """Zero-phase Butterworth low-pass, fourth order in all; NaN stays NaN, and parts it.

    Args:
        time_s: array (n,), growing, not necessarily even: each piece is filtered on an even grid.
        values: array (n, ...), filtered along the first axis.
        cutoff_hz: lowered to ``MOST_OF_RATE`` of the frame rate where that is less.

    >>> t = np.arange(90) / 30
    >>> noisy = np.sin(t) + 0.1 * (-1.0) ** np.arange(90)
    >>> bool(np.abs(low_pass(t, noisy) - np.sin(t))[5:-5].max() < 0.01)
    True
    """
    from scipy.signal import sosfiltfilt  # costs 0.2 s to import

    out = np.array(values, np.float64).reshape(len(values), -1)
    for columns, start, stop in _pieces(time_s, out):
        clock = time_s[start:stop]
        step = float(np.median(np.diff(clock))) if stop - start > 1 else 0.0
        if step <= 0 or stop - start < 6:
            continue
        cutoff = round(min(cutoff_hz, MOST_OF_RATE / step), 2)
        grid = np.linspace(clock[0], clock[-1], max(6, round((clock[-1] - clock[0]) / step) + 1))
        even = _resample(clock, out[start:stop, columns], grid)
        sections = _sections(cutoff, round(1 / (grid[1] - grid[0]), 2))
        pad = min(len(grid) - 1, round(1 / (cutoff * step)) + 6)
        smooth = sosfiltfilt(sections, even, axis=0, padtype="odd", padlen=pad)
        out[start:stop, columns] = _resample(grid, smooth, clock)
    return out.reshape(np.shape(values))


@lru_cache(maxsize=256)
def _sections(cutoff_hz: float, rate_hz: float) -> Array:
    """Second-order sections of the low-pass; designing them takes longer than filtering a second of film."""
    from scipy.signal import butter

    return np.asarray(butter(2, cutoff_hz, fs=rate_hz, output="sos"))


def _pieces(
    time_s: NDArray[np.float64], flat: NDArray[np.float64]
) -> list[tuple[NDArray[np.int64], int, int]]:
    """Runs without NaN or pause, columns with the same runs together: (columns, start, stop)."""
    finite = np.isfinite(flat)
    if finite.all():
        patterns, which = finite[:, :1], np.zeros(flat.shape[1], np.int64)
    else:
        patterns, which = np.unique(finite, axis=1, return_inverse=True)
    pauses = np.flatnonzero(np.diff(time_s) > MAX_PAUSE_S) + 1
    found = []
    for number in range(patterns.shape[1]):
        columns = np.flatnonzero(which.reshape(-1) == number)
        edges = np.flatnonzero(np.diff(np.r_[False, patterns[:, number], False].astype(np.int8)))
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            cuts = [a, *pauses[(pauses > a) & (pauses < b)], b]
            found += [(columns, int(first), int(last)) for first, last in pairwise(cuts)]
    return found


def _resample(
    clock: NDArray[np.float64], values: NDArray[np.float64], grid: NDArray[np.float64]
) -> NDArray[np.float64]:
    if len(clock) == len(grid) and np.allclose(clock, grid, rtol=0, atol=1e-4):
        return values
    after = np.searchsorted(clock, grid).clip(1, len(clock) - 1)
    share = ((grid - clock[after - 1]) / (clock[after] - clock[after - 1])).clip(0, 1)[:, None]
    return np.asarray(values[after - 1] * (1 - share) + values[after] * share)


def _nanmedian(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median over the last axis without its NaN, much faster than numpy's; NaN where all are."""
    ordered = np.sort(windows, axis=-1)
    count = np.isfinite(ordered).sum(axis=-1, keepdims=True)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, ordered.shape[-1] - 1)
    both = [np.take_along_axis(ordered, middle, axis=-1)[..., 0] for middle in (low, high)]
    return np.asarray((both[0] + both[1]) / 2)


class OneEuro:
    """The One-Euro filter: smooth at rest, quick in motion (Casiez, Roussel, Vogel, CHI 2012).

    Args:
        min_cutoff_hz: cutoff at rest; lower is smoother.
        beta: how much the cutoff grows with speed, in hertz a unit a second.

    >>> euro = OneEuro(min_cutoff_hz=1.0, beta=0.0)
    >>> euro(0.0, np.array([0.0])).tolist(), bool(0 < euro(0.1, np.array([1.0]))[0] < 1)
    ([0.0], True)
    """

    def __init__(self, min_cutoff_hz: float, beta: float, speed_cutoff_hz: float = 1.0) -> None:
        self._min_cutoff_hz, self._beta, self._speed_cutoff_hz = min_cutoff_hz, beta, speed_cutoff_hz
        self._time_s = math.nan
        self._value: Array = np.empty(0)
        self._speed: Array = np.empty(0)

    def __call__(self, time_s: float, values: Floats) -> NDArray[np.float64]:
        """The filtered values at ``time_s``; NaN passes through and starts the filter anew."""
        new: Array = np.asarray(values, np.float64)
        step = time_s - self._time_s
        if not step > 0:
            self._time_s, self._value, self._speed = time_s, new.copy(), np.zeros_like(new)
            return new.copy()
        fresh = ~np.isfinite(self._value)
        speed = np.where(fresh, 0.0, (new - self._value) / step)
        speed = np.where(np.isfinite(speed), speed, 0.0)
        self._speed = self._speed + _gain(self._speed_cutoff_hz, step) * (speed - self._speed)
        gain = _gain(self._min_cutoff_hz + self._beta * np.abs(self._speed), step)
        moved = self._value + gain * (new - self._value)
        self._value = np.where(fresh, new, moved)
        self._time_s = time_s
        return self._value.copy()


def _gain(cutoff_hz: float | NDArray[np.float64], step_s: float) -> NDArray[np.float64]:
    radians = 2 * math.pi * np.asarray(cutoff_hz) * step_s
    return radians / (radians + 1)
