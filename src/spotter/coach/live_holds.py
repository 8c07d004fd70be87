"""Times a held posture while it goes on, longer than the motion that is kept."""

from __future__ import annotations

import math

from spotter.coach.analysis import Fault, Hold
from spotter.coach.exercise import Exercise
from spotter.coach.faults import Verdict, judge, worst_first
from spotter.coach.holds import find_holds, judge_hold
from spotter.coach.window import Span
from spotter.motion.motion import Motion

_JUST_NOW_S = 1.0


class LiveHolds:
    """The times in the right posture, looked for again and again in a motion that grows.

    Example::

        holds = LiveHolds(exercise)
        fault = holds.look(live.window())
        holds.held_s

    Attributes:
        verdicts: what the fault rules said of the newest posture.
        since_s: since when the posture has been held at the last look, rightly or not; None if it was not.
    """

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.since_s: float | None = None
        self.begin(-math.inf)

    def begin(self, time_s: float) -> None:
        """Begin to time anew, from a time on."""
        self._parts: list[tuple[float, float]] = []
        self._faults: list[Fault] = []
        self.verdicts: list[list[Verdict]] = []
        self._since_s = time_s

    @property
    def held_s(self) -> float:
        """Seconds in the right posture so far."""
        return sum(end - start for start, end in self._parts)

    @property
    def done(self) -> tuple[Hold, ...]:
        """The times in the right posture; what was wrong is told with the one before it, or the first."""
        parts = self._parts
        if not parts and self._faults:  # never right: no time counts, but the person must hear why
            parts = [(self._faults[0].at_s, self._faults[0].at_s)]
        starts = [start for start, _ in parts]
        owners = [max(0, sum(start <= fault.at_s for start in starts) - 1) for fault in self._faults]
        return tuple(
            Hold(*part, worst_first(f for f, owner in zip(self._faults, owners, strict=True) if owner == row))
            for row, part in enumerate(parts)
        )

    def look(self, motion: Motion) -> Fault | None:
        """Add what was held since the last look; the newest fault, if it was there just now."""
        now_s = float(motion.time_s[-1]) if len(motion) else -math.inf
        self.since_s, newest = None, None
        for first, last in find_holds(motion, self.exercise):
            start_s, end_s = float(motion.time_s[first]), float(motion.time_s[last])
            if end_s <= self._since_s:
                continue
            row = judge(motion, self.exercise, Span(start_s, start_s, end_s), "both")
            self.verdicts = [row]
            parts, faults = judge_hold(motion, [v.rule for v in row if not v.why_not], first, last)
            for part in parts:
                self._add(part)
            self._renew(faults, start_s, end_s)
            if end_s >= now_s - _JUST_NOW_S:
                self.since_s = max(start_s, self._since_s)
            newest = max((f for f in faults if f.at_s > now_s - _JUST_NOW_S), key=_at, default=newest)
        return newest

    def _add(self, part: Hold) -> None:
        """Join a part to what is known: the motion forgets what lies half a minute back, the sum does not."""
        start_s = max(part.start_s, self._since_s)
        if self._parts and start_s <= self._parts[-1][1]:
            first_s, last_s = self._parts[-1]
            self._parts[-1] = (first_s, max(last_s, part.end_s))
        elif part.end_s > start_s:
            self._parts.append((start_s, part.end_s))

    def _renew(self, faults: list[Fault], start_s: float, end_s: float) -> None:
        """What was found in a part of the motion replaces what was found there before."""
        kept = [fault for fault in self._faults if not start_s <= fault.at_s <= end_s]
        found = [fault for fault in faults if fault.at_s >= self._since_s]
        self._faults = sorted([*kept, *found], key=_at)


def _at(fault: Fault) -> float:
    return fault.at_s
