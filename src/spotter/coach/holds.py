"""Finds the times during which a posture was held and right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Fault, Hold
from spotter.coach.exercise import Exercise, FaultRule
from spotter.coach.gates import likely
from spotter.motion.motion import Motion

MIN_HOLD_S = 2.0
"""A posture held for a shorter time is passing through."""

_BRIDGE_S = 0.5  # shorter breaks are jitter
_PAUSE_S = 1.0  # neighbouring frames that lie further apart are no run
_STILL_M_PER_S = 0.25
_STRIDE_S = 1.0  # long enough that a trembling camera is no movement
_WOBBLE_S = 0.5


def find_holds(motion: Motion, exercise: Exercise) -> list[tuple[int, int]]:
    """First and last row of each time of ``MIN_HOLD_S`` or more in which the gates are believed."""
    if exercise.kind != "hold" or len(motion) < 2:
        return []
    held = motion.seen & _still(motion)
    for gate in exercise.gates:
        held &= likely(gate, motion.values[gate.measure])
    return [
        (a, b)
        for a, b in runs(motion.time_s, held, _BRIDGE_S)
        if motion.time_s[b] - motion.time_s[a] >= MIN_HOLD_S
    ]


def judge_hold(
    motion: Motion, rules: Sequence[FaultRule], first: int, last: int
) -> tuple[list[Hold], list[Fault]]:
    """The parts of a hold in which the posture was right, and each time at which it was not.

    A wobble shorter than half a second stops nothing.

    Args:
        rules: those that the view can show; all are judged frame by frame.
        first, last: rows of the motion between which the posture was held.
    """
    rows = slice(first, last + 1)
    clock = motion.time_s[rows]
    wrong = np.zeros(clock.size, bool)
    faults = []
    for rule in rules:
        values = motion.values[rule.measure][rows]
        for a, b in runs(clock, breaks(rule, values), 0.0):
            if clock[b] - clock[a] > _WOBBLE_S:
                wrong[a : b + 1] = True
                faults.append(_worst(rule, values[a : b + 1], clock[a : b + 1]))
    parts = [
        Hold(float(clock[a]), float(clock[b]))
        for a, b in runs(clock, ~wrong, 0.0)
        if clock[b] - clock[a] >= MIN_HOLD_S
    ]
    return parts, faults


def runs(time_s: NDArray[np.float64], flags: NDArray[np.bool_], bridge_s: float) -> list[tuple[int, int]]:
    """First and last row of each run of True; breaks shorter than ``bridge_s`` are passed over.

    >>> runs(np.arange(6.0), np.array([True, True, False, True, False, False]), bridge_s=2.5)
    [(0, 3)]
    """
    rows = np.flatnonzero(flags)
    if rows.size == 0:
        return []
    pause = np.diff(time_s[rows])
    longest = bridge_s + 1.5 * np.median(np.diff(time_s))
    gaps = np.flatnonzero((pause > longest) & ((np.diff(rows) > 1) | (pause > _PAUSE_S)))
    starts, stops = np.r_[rows[0], rows[gaps + 1]], np.r_[rows[gaps], rows[-1]]
    return [(int(a), int(b)) for a, b in zip(starts, stops, strict=True)]


def breaks(rule: FaultRule, values: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where a measure is beyond a fault's limit by more than its margin; NaN is not."""
    beyond = values - rule.limit if rule.above is not None else rule.limit - values
    return np.asarray(np.nan_to_num(beyond, nan=-1.0) > rule.margin, np.bool_)


def _worst(rule: FaultRule, values: NDArray[np.floating], clock: NDArray[np.float64]) -> Fault:
    row = int(np.nanargmax(values) if rule.above is not None else np.nanargmin(values))
    return Fault(
        name=rule.name,
        severity=rule.severity,
        at_s=float(clock[row]),
        measured=float(values[row]),
        limit=rule.limit,
        unit=rule.unit,
        cue=rule.cue,
    )


def _still(motion: Motion) -> NDArray[np.bool_]:
    """Where the body as a whole rests: hips and shoulders travel less than a quarter of a metre a second."""
    still = np.ones(len(motion), bool)
    before, after = motion.time_s - _STRIDE_S / 2, motion.time_s + _STRIDE_S / 2
    for name in ("hip_x", "hip_y", "shoulder_x", "shoulder_y"):
        known = np.isfinite(motion.values[name])
        if known.any():
            clock, track = motion.time_s[known], motion.values[name][known]
            travelled = np.abs(np.interp(after, clock, track) - np.interp(before, clock, track))
            still &= travelled <= _STILL_M_PER_S * _STRIDE_S
    return still
