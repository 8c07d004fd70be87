"""Counts repetitions relatively: by the person's own range, with two thresholds and hysteresis."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spotter.coach.window import Span

LEAVE = 0.18
"""Share of the way to the far end at which the person has left the near end."""

RETURN = 0.14
"""Share at which they are back."""

REACH = 0.5
"""Share at which the far end counts as reached; an attempt that turns before is incomplete."""

USUAL = 0.75
"""Quantile of the movements' widths that is the person's usual range."""

SMALL = 0.35
"""A movement of less than this share of the usual one does not tell the person's range."""

EDGE = 0.1
"""Share at which a repetition's clock starts and stops."""

MAX_BLIND_S = 1.0
"""What was under way when the person was lost for longer than this is not counted."""

TURN = 0.12
"""Share within which the far end counts as reached; the turn is the middle of that time."""

BOUNCE = 3.0
"""Who comes back by more than so many times that share in between bounces: then only one of both counts."""

AT_FAR_END = 0.7
"""Share from which a video that begins there shows the far end."""

TURNED_BACK = 0.6
"""Share of the farthest point below which somebody is on the way back where the video ends."""

HELD = 0.03
"""Share within which the far end counts as held."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The person's own range: the signal's usual values at the near and at the far end."""

    near: float
    far: float

    def share(self, value: NDArray[np.floating]) -> NDArray[np.float64]:
        """How far on the way from near (0) to far (1) each value lies."""
        return np.asarray((np.asarray(value, np.float64) - self.near) / (self.far - self.near))


@dataclass(frozen=True, slots=True)
class Swing:
    """There and back again, once.

    Attributes:
        span: when it began, turned and ended.
        held_s: from when to when it stayed at the far end.
        reach: share of the usual range at the far end; 1 is usual.
        range: how far the signal went, in its unit.
        complete: whether the far end was reached and the way back was made.
        under_way: whether the signal ends before the person is back at the near end.
    """

    span: Span
    held_s: tuple[float, float]
    reach: float
    range: float
    complete: bool
    under_way: bool = False


def turning_points(values: NDArray[np.floating], least: float) -> list[int]:
    """Rows of alternating lows and highs that lie at least ``least`` apart, both ends of the signal included.

    >>> turning_points(np.array([0.0, 5, 1, 2, 1, 6, 0]), least=3)
    [0, 1, 2, 5, 6]
    """
    rows = _extremes(values)
    if not rows:
        return []
    seen = np.asarray(values, np.float64)[rows].tolist()
    found: list[int] = []
    low = high = 0
    rising: bool | None = None
    for i, value in enumerate(seen):
        if value > seen[high]:
            high = i
        if value < seen[low]:
            low = i
        if rising is not False and value <= seen[high] - least:
            found += [high] if found or high == 0 else [0, high]
            low, rising, high = i, False, i
        elif rising is not True and value >= seen[low] + least:
            found += [low] if found or low == 0 else [0, low]
            high, rising, low = i, True, i
    if rising is not None:
        found.append(high if rising else low)
    return [rows[i] for i in found]


def _extremes(values: NDArray[np.floating]) -> list[int]:
    """Rows of the first and the last known value and of all highs and lows between: nothing else can turn."""
    known = np.flatnonzero(np.isfinite(values))
    if known.size == 0:
        return []
    step = np.diff(np.asarray(values, np.float64)[known])
    known = np.r_[known[:1], known[1:][step != 0]]  # of equal values in a row the first one
    turns = np.flatnonzero(np.diff(np.sign(step[step != 0]))) + 1
    return list(dict.fromkeys([int(known[0]), *known[turns].tolist(), int(known[-1])]))


def candidates(
    time_s: NDArray[np.float64], values: NDArray[np.floating], far_is_high: bool, least: float
) -> list[Span]:
    """Every there-and-back of at least ``least``, without asking whether it is a repetition."""
    points = turning_points(values, least)
    spans = []
    for k, row in enumerate(points):
        before, after = points[max(k - 1, 0)], points[min(k + 1, len(points) - 1)]
        lower = values[row] < values[before] or values[row] < values[after]
        if lower != far_is_high:
            spans.append(Span(float(time_s[before]), float(time_s[row]), float(time_s[after])))
    return spans


def levels_of(time_s: NDArray[np.float64], values: NDArray[np.floating], spans: list[Span]) -> Levels | None:
    """The person's usual near and far values over some there-and-backs; None where there are none.

    The far end is what the person reaches in a quarter of them, so that neither attempts that turned back
    early nor a single movement that went too far move it; small movements beside large ones are left out.
    """
    if not spans:
        return None
    clock = [np.searchsorted(time_s, [s.start_s, s.turn_s, s.end_s]).clip(0, len(time_s) - 1) for s in spans]
    near = np.array([values[[rows[0], rows[2]]] for rows in clock], np.float64)
    far = np.array([values[rows[1]] for rows in clock], np.float64)
    width = np.abs(far[:, None] - near).max(axis=1)
    wide = width >= _usual(width) * SMALL
    outward = float(np.sign(np.median(far[wide]) - np.median(near[wide])))
    rest = (near[wide] * outward).min(axis=1) * outward  # where the video cuts one end off, the other tells
    usual_far = _usual(far[wide] * outward) * outward
    return Levels(float(np.median(rest)), usual_far)


def _usual(values: NDArray[np.float64]) -> float:
    """The value that a quarter reaches; of two values the larger one."""
    return float(np.quantile(values, USUAL, method="median_unbiased"))


def count_swings(
    time_s: NDArray[np.float64],
    values: NDArray[np.floating],
    levels: Levels,
    ends_at_turn: bool = False,
) -> list[Swing]:
    """Walk through a signal and tell each there-and-back, complete or not.

    Args:
        time_s: array (n,), growing.
        values: array (n,); NaN is passed over.
        levels: the person's own range.
        ends_at_turn: whether reaching the far end completes a repetition that the video cuts off.
    """
    known = np.flatnonzero(np.isfinite(values))
    share = levels.share(values[known])
    clock = time_s[known]
    lost = np.flatnonzero(np.diff(clock) > MAX_BLIND_S) + 1
    pieces = list(pairwise([0, *lost.tolist(), share.size]))
    away, home = np.flatnonzero(share > LEAVE), np.flatnonzero(share < RETURN)
    swings = []
    for in_sight, stop in pieces:
        begin = _next(away, in_sight)
        while begin < stop:
            end = _next(home, begin)
            if end >= stop:
                break
            if _went_out(share[begin : end + 1], begin > in_sight):
                swings.append(_swing(clock, share, levels, (in_sight, begin, end, stop), closed=True))
            begin = _next(away, end)
    if pieces[-1][0] <= begin < share.size and _went_out(share[begin:], begin > pieces[-1][0]):
        turned_back = bool(share[-1] < TURNED_BACK * share[begin:].max())
        rows = (pieces[-1][0], begin, share.size - 1, share.size)
        last = _swing(clock, share, levels, rows, closed=ends_at_turn or turned_back)
        if last.complete or turned_back:
            swings.append(replace(last, under_way=True))
    return swings


def _next(rows: NDArray[np.intp], row: int) -> int:
    """The first of some growing rows that is not before ``row``; a number beyond all if there is none."""
    place = int(np.searchsorted(rows, row))
    return int(rows[place]) if place < rows.size else sys.maxsize


def _went_out(share: NDArray[np.float64], left_in_sight: bool) -> bool:
    """Whether a swing's far end was seen: one under way where sight begins may only come back."""
    return left_in_sight or share.max() > share[0] + EDGE or share[0] > AT_FAR_END


def turn_of(time_s: NDArray[np.float64], values: NDArray[np.floating], far_is_high: bool) -> float:
    """When a signal turned: the middle of the time within ``TURN`` of its far end; NaN if it was not seen.

    Who bounces at the far end turned where it was farthest, not in between.

    >>> turn_of(np.arange(5.0), np.array([0.0, 9.9, 10.0, 9.8, 1.0]), far_is_high=True)
    2.0
    >>> turn_of(np.arange(5.0), np.array([0.0, 10.0, 8.0, 9.9, 1.0]), far_is_high=True)
    2.0
    >>> turn_of(np.arange(5.0), np.array([0.0, 10.0, 5.0, 9.9, 1.0]), far_is_high=True)
    1.0
    """
    known = np.isfinite(values)
    if not known.any():
        return float("nan")
    seen = np.asarray(values[known], np.float64) * (1 if far_is_high else -1)
    return _turn(time_s[known], seen, TURN * (seen.max() - seen.min()))


def _turn(clock: NDArray[np.float64], way: NDArray[np.float64], within: float) -> float:
    """The middle of the time in which the way is that near to its farthest point, between two bounces."""
    farthest = int(way.argmax())
    elsewhere = np.flatnonzero(way < way[farthest] - BOUNCE * within)
    place = int(np.searchsorted(elsewhere, farthest))
    first = int(elsewhere[place - 1]) + 1 if place else 0
    last = int(elsewhere[place]) if place < elsewhere.size else way.size
    near = np.flatnonzero(way[first:last] >= way[farthest] - within) + first
    return float(clock[near[0]] + clock[near[-1]]) / 2


def _swing(
    clock: NDArray[np.float64],
    share: NDArray[np.float64],
    levels: Levels,
    rows: tuple[int, int, int, int],
    closed: bool,
) -> Swing:
    """The swing of some rows: where sight begins, where it leaves the near end, is back, and sight ends."""
    in_sight, begin, end, lost = rows
    start = begin
    while start > in_sight and share[start] > EDGE and share[start - 1] < share[start]:
        start -= 1
    stop = end
    while stop < lost - 1 and share[stop] > EDGE and share[stop + 1] < share[stop]:
        stop += 1
    part = share[begin : end + 1]
    top = float(part.max())
    held = clock[np.flatnonzero(part >= top - HELD) + begin]
    return Swing(
        span=Span(float(clock[start]), _turn(clock[begin : end + 1], part, TURN), float(clock[stop])),
        held_s=(float(held[0]), float(held[-1])),
        reach=top,
        range=abs(levels.far - levels.near) * top,
        complete=closed and top >= REACH,
    )
