"""Finds an exercise's repetitions in a person's motion: counter, gates and sides together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from spotter.coach.analysis import Side
from spotter.coach.counter import Levels, Swing, candidates, count_swings, levels_of, turn_of
from spotter.coach.exercise import Counting, Exercise
from spotter.coach.gates import Fits
from spotter.coach.window import Span, read
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


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a motion.

    Attributes:
        reps: repetitions and attempts in order of time.
        progress: how far on the way to the far end the person is at the end, 0 to 1, by the side that is
            farther; NaN before their range is known.
        side: that side.
    """

    reps: list[Counted]
    progress: float
    side: Side


def find_reps(motion: Motion, exercise: Exercise) -> list[Counted]:
    """The exercise's repetitions and attempts in order of time; none for a hold."""
    return RepFinder(exercise).find(motion).reps


class RepFinder:
    """Finds an exercise's repetitions, again and again in a motion that grows.

    Example::

        finder = RepFinder(exercise)
        finder.find(live.window(), live.settled_s).reps
    """

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._fits = Fits(exercise)

    def find(self, motion: Motion, settled_s: float = math.inf) -> Found:
        """Repetitions, attempts and progress; none for a hold.

        Args:
            motion: of one person.
            settled_s: what is older will be the same in the next call's motion.
        """
        counting = self._exercise.counting
        if counting is None or len(motion) < 2:
            return Found([], math.nan, "both")
        self._fits.forget(float(motion.time_s[0]))
        sides: tuple[Side, ...] = ("both",) if counting.sides == "together" else ("left", "right")
        signals = [_Signal(motion, counting, self._fits, side, settled_s) for side in sides]
        farthest = max(signals, key=lambda one: one.progress if one.progress == one.progress else -math.inf)
        found = [one.reps() for one in signals]
        reps = (
            _merge(*found) if len(found) == 2 else [_with_leader(motion, counting, rep) for rep in found[0]]
        )
        return Found(reps, farthest.progress, farthest.side)


class _Signal:
    """One side's counting signal, and the person's range in it."""

    def __init__(self, motion: Motion, counting: Counting, fits: Fits, side: Side, settled_s: float) -> None:
        self._motion, self._counting, self._fits, self._settled_s = motion, counting, fits, settled_s
        self.side = side
        self._values = np.asarray(motion.values[self._named(counting.signal)], np.float64)
        self._far_is_high = counting.far_end == "high" or (
            counting.far_end == "either" and not self._starts_high()
        )
        self._levels = self._range(self._far_is_high)

    @property
    def progress(self) -> float:
        """How far on the way to the far end the signal is at the end; NaN where its range is not known."""
        if self._levels is None or not np.isfinite(self._values[-1]):
            return math.nan
        return float(self._levels.share(self._values[-1:])[0])

    def reps(self) -> list[Counted]:
        """Repetitions and attempts in order of time."""
        if self._levels is None:
            return []
        counting = self._counting
        ends_at_turn = counting.far_end == "either" and not self._far_is_high
        found = []
        for swing in count_swings(self._motion.time_s, self._values, self._levels, ends_at_turn):
            long_enough = counting.min_s <= swing.span.end_s - swing.span.start_s <= counting.max_s
            if not long_enough or swing.range < LEAST_ATTEMPT * counting.min_range:
                continue
            belief = self._fit(swing.span, swing.complete)
            if belief >= MIN_FIT:
                found.append(Counted(self._turned(swing), self.side, belief))
        return found

    def _named(self, signal: str) -> str:
        return signal if self.side == "both" else f"{self.side}_{signal}"

    def _fit(self, span: Span, complete: bool = True) -> float:
        return self._fits.of(self._motion, span, self.side, complete, self._settled_s)

    def _range(self, far_is_high: bool) -> Levels | None:
        """The person's range over the movements that fit the exercise."""
        least = self._counting.min_range
        spans = candidates(self._motion.time_s, self._values, far_is_high, 0.6 * least)
        fitting = [span for span in spans if self._fit(span) >= MIN_FIT]
        levels = levels_of(self._motion.time_s, self._values, fitting)
        return None if levels is None or abs(levels.far - levels.near) < least else levels

    def _starts_high(self) -> bool:
        """Whether the signal is nearer to its high end where the first fitting movement begins."""
        levels = self._range(far_is_high=True)
        if levels is None:
            return False
        known = np.flatnonzero(np.isfinite(self._values))
        return bool(levels.share(self._values[known[:1]])[0] > 0.5)

    def _turned(self, swing: Swing) -> Swing:
        """The swing, with its turn where the exercise's own turn signal turns."""
        if self._counting.turn_signal is None:
            return swing
        motion = self._motion
        rows = (motion.time_s >= swing.span.start_s) & (motion.time_s <= swing.span.end_s)
        values = motion.values[self._named(self._counting.turn_signal)]
        turn_s = turn_of(motion.time_s[rows], values[rows], self._far_is_high)
        return swing if np.isnan(turn_s) else replace(swing, span=replace(swing.span, turn_s=turn_s))


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
        swing = replace(better.swing, under_way=one.swing.under_way or other.swing.under_way)
        merged.append(Counted(swing, "both" if alike else better.side, better.fit))
    merged += [other for k, other in enumerate(right) if k not in used]
    return sorted(merged, key=lambda rep: rep.swing.span.turn_s)


def _together(a: Counted, b: Counted) -> bool:
    """Whether two swings overlap by more than half of the shorter one."""
    first, second = a.swing.span, b.swing.span
    shared = min(first.end_s, second.end_s) - max(first.start_s, second.start_s)
    return shared > 0.5 * min(first.end_s - first.start_s, second.end_s - second.start_s)
