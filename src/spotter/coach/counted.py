"""Finds an exercise's repetitions in a person's motion: counter, gates and sides together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Side
from spotter.coach.counter import Levels, Swing, candidates, count_swings, levels_of, turn_of
from spotter.coach.exercise import Counting, Exercise
from spotter.coach.gates import fit
from spotter.coach.window import read
from spotter.motion.motion import Motion

MIN_FIT = 0.3
"""A movement that fits the exercise less than this is not one of its repetitions."""

LEAST_ATTEMPT = 0.5
"""An attempt goes at least this share of the exercise's smallest range."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One repetition or attempt.

    Attributes:
        swing: its times and range.
        side: which side did it.
        fit: 0 to 1, how well it fits the exercise's gates.
    """

    swing: Swing
    side: Side
    fit: float


def find_reps(motion: Motion, exercise: Exercise) -> list[Counted]:
    """The exercise's repetitions and attempts in order of time; none for a hold."""
    if exercise.counting is None or len(motion) < 2:
        return []
    counting = exercise.counting
    if counting.sides == "together":
        found = _one_signal(motion, exercise, counting, counting.signal, "both")
        return [_with_leader(motion, counting, rep) for rep in found]
    left = _one_signal(motion, exercise, counting, f"left_{counting.signal}", "left")
    right = _one_signal(motion, exercise, counting, f"right_{counting.signal}", "right")
    return _merge(left, right)


def progress(motion: Motion, exercise: Exercise) -> float:
    """How far on the way to the far end the person is now, 0 to 1; NaN before their range is known."""
    if exercise.counting is None or len(motion) < 2:
        return float("nan")
    counting = exercise.counting
    sides: list[Side] = ["both"] if counting.sides == "together" else ["left", "right"]
    shares = []
    for side in sides:
        name = counting.signal if side == "both" else f"{side}_{counting.signal}"
        values = np.asarray(motion.values[name], np.float64)
        levels = _levels(motion, exercise, counting, values, _far_is_high(motion, exercise, values), side)
        if levels is not None and np.isfinite(values[-1]):
            shares.append(float(levels.share(values[-1:])[0]))
    return max(shares, default=float("nan"))


def _far_is_high(motion: Motion, exercise: Exercise, values: NDArray[np.float64]) -> bool:
    counting = exercise.counting
    assert counting is not None
    if counting.far_end == "either":
        return not _starts_high(motion, exercise, counting, values)
    return counting.far_end == "high"


def _one_signal(
    motion: Motion, exercise: Exercise, counting: Counting, signal: str, side: Side
) -> list[Counted]:
    values = np.asarray(motion.values[signal], np.float64)
    far_is_high = _far_is_high(motion, exercise, values)
    levels = _levels(motion, exercise, counting, values, far_is_high, side)
    if levels is None:
        return []
    ends_at_turn = counting.far_end == "either" and not far_is_high
    found = []
    for swing in count_swings(motion.time_s, values, levels, ends_at_turn):
        long_enough = counting.min_s <= swing.span.end_s - swing.span.start_s <= counting.max_s
        if not long_enough or swing.range < LEAST_ATTEMPT * counting.min_range:
            continue
        belief = fit(motion, exercise, swing.span, side, swing.complete)
        if belief >= MIN_FIT:
            found.append(Counted(_turned(motion, counting, swing, side, far_is_high), side, belief))
    return found


def _turned(motion: Motion, counting: Counting, swing: Swing, side: Side, far_is_high: bool) -> Swing:
    """The swing, with its turn where the exercise's own turn signal turns."""
    if counting.turn_signal is None:
        return swing
    name = counting.turn_signal if side == "both" else f"{side}_{counting.turn_signal}"
    rows = (motion.time_s >= swing.span.start_s) & (motion.time_s <= swing.span.end_s)
    turn_s = turn_of(motion.time_s[rows], motion.values[name][rows], far_is_high)
    return swing if np.isnan(turn_s) else replace(swing, span=replace(swing.span, turn_s=turn_s))


def _levels(
    motion: Motion,
    exercise: Exercise,
    counting: Counting,
    values: NDArray[np.float64],
    far_is_high: bool,
    side: Side,
) -> Levels | None:
    """The person's range over the movements that fit the exercise."""
    spans = candidates(motion.time_s, values, far_is_high, 0.6 * counting.min_range)
    levels = levels_of(
        motion.time_s, values, [span for span in spans if fit(motion, exercise, span, side) >= MIN_FIT]
    )
    if levels is None or abs(levels.far - levels.near) < counting.min_range:
        return None
    return levels


def _starts_high(motion: Motion, exercise: Exercise, counting: Counting, values: NDArray[np.float64]) -> bool:
    """Whether the signal is nearer to its high end where the first fitting movement begins."""
    levels = _levels(motion, exercise, counting, values, far_is_high=True, side="both")
    if levels is None:
        return False
    known = np.flatnonzero(np.isfinite(values))
    return bool(levels.share(values[known[:1]])[0] > 0.5)


def _with_leader(motion: Motion, counting: Counting, rep: Counted) -> Counted:
    if counting.leading is None:
        return rep
    lead = read(motion, counting.leading, rep.swing.span, "turn", "mean").value
    if np.isnan(lead):
        return rep
    return Counted(rep.swing, "left" if lead > 0 else "right", rep.fit)


def _merge(left: list[Counted], right: list[Counted]) -> list[Counted]:
    """Left and right repetitions at the same time are one with both sides."""
    merged, used = [], set()
    for one in left:
        partner = next((k for k, other in enumerate(right) if k not in used and _together(one, other)), None)
        if partner is None:
            merged.append(one)
            continue
        used.add(partner)
        other = right[partner]
        better = max(one, other, key=lambda rep: (rep.swing.complete, rep.fit * rep.swing.range))
        # an arm that only sways along does not take part
        alike = one.swing.complete == other.swing.complete
        merged.append(Counted(better.swing, "both" if alike else better.side, better.fit))
    merged += [other for k, other in enumerate(right) if k not in used]
    return sorted(merged, key=lambda rep: rep.swing.span.turn_s)


def _together(a: Counted, b: Counted) -> bool:
    """Whether two swings overlap by more than half of the shorter one."""
    first, second = a.swing.span, b.swing.span
    shared = min(first.end_s, second.end_s) - max(first.start_s, second.start_s)
    return shared > 0.5 * min(first.end_s - first.start_s, second.end_s - second.start_s)
