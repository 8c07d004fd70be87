"""Counts the repetitions of a set while it goes on, and says what is wrong with one before it ends."""

from __future__ import annotations

import math
from collections import deque

from spotter.coach.analysis import Fault, Rep, Side
from spotter.coach.counted import Counted, RepFinder
from spotter.coach.counter import REACH, RETURN, TURNED_BACK
from spotter.coach.exercise import Exercise
from spotter.coach.faults import Verdict, judge
from spotter.coach.live_faults import sure_faults
from spotter.coach.sets import make_rep
from spotter.coach.window import Span
from spotter.motion.motion import Motion

AT_FAR_END_S = 0.5
"""Half of the time at the far end after which a repetition that ends there, as a deadlift may, is done."""

_LOOKS = 3  # that tell the pace
_SLOWER = 2.0  # the rest of the way back takes at most so many times as long as its pace tells


class LiveReps:
    """The repetitions of one exercise, looked for again and again in a motion that grows.

    A repetition is counted when the person is back at the near end, as in a file. What was counted stays
    counted, though the person's range may change later.

    Example::

        reps = LiveReps(exercise)
        newest = reps.look(live.window(), live.settled_s)

    Attributes:
        done: the complete ones.
        attempts: those that turned back early.
        verdicts: what the fault rules said of each complete one.
        progress: share of the way to the far end, 0 to 1; NaN before the person's range is known.
        side: the side that is farther on it.
        rising: whether the person is on the way out.
        under_way: the repetition that goes on, once it has turned back; None else.
    """

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self._finder = RepFinder(exercise)
        self._way: deque[tuple[float, float]] = deque(maxlen=_LOOKS)  # when, and how far
        self.progress = math.nan
        self.side: Side = "both"
        self.rising = True
        self.under_way: Counted | None = None
        self._last = self._last_attempt = Span(-math.inf, -math.inf, -math.inf)
        self._in_sight_s = -math.inf
        self.begin(-math.inf)

    def begin(self, time_s: float) -> None:
        """Begin to count anew: what turned before this time counts no more, what turns after it does."""
        self.done: list[Rep] = []
        self.attempts: list[Rep] = []
        self.verdicts: list[list[Verdict]] = []
        self._since_s = time_s

    def interrupted(self, time_s: float) -> None:
        """Frames are missing before this time: what was under way then is not known."""
        self._in_sight_s = time_s

    def look(self, motion: Motion, settled_s: float) -> Rep | None:
        """Take over repetitions that are done since the last look; the newest of them.

        Args:
            motion: of the last half minute.
            settled_s: what is older will be the same in the next look's motion.
        """
        newest = None
        for rep in self._found(motion, settled_s):
            self.under_way = rep if self._has_turned_back(rep) else self.under_way
            if not rep.swing.under_way or self._stays_at_far_end(rep, motion):
                newest = self._take(motion, rep) or newest
        return newest

    def finish(self, motion: Motion) -> Rep | None:
        """Take over what has all but ended too, as at the end of a file."""
        newest = None
        for rep in self._found(motion, -math.inf):
            newest = self._take(motion, rep) or newest
        return newest

    def sure_faults(self, motion: Motion) -> tuple[Fault, ...]:
        """What is wrong with the repetition that goes on, the worst first; only what its end will confirm."""
        if self.under_way is None:
            return ()
        return sure_faults(motion, self.exercise, self.under_way, self._left_s())

    def _found(self, motion: Motion, settled_s: float) -> list[Counted]:
        """Repetitions that may be counted now, in order of time."""
        self.under_way = None
        if len(motion) < 2:
            return []
        found = self._finder.find(motion, settled_s)
        self.rising = found.progress >= self.progress if found.progress != self.progress else self.rising
        self.progress, self.side = found.progress, found.side
        self._way.append((float(motion.time_s[-1]), found.progress))
        return [
            rep
            for rep in found.reps
            if rep.swing.span.turn_s >= self._since_s
            and rep.swing.span.start_s > self._in_sight_s
            and _follows(rep.swing.span, self._last)
        ]

    def _left_s(self) -> float:
        """At most how long the way back will still take, by its pace of late; infinite if it rests."""
        (before_s, before), (now_s, now) = self._way[0], self._way[-1]
        come_back = before - now
        return _SLOWER * (now - RETURN) * (now_s - before_s) / come_back if come_back > 0 else math.inf

    def _has_turned_back(self, rep: Counted) -> bool:
        swing = rep.swing
        return swing.under_way and swing.reach >= REACH and self.progress < TURNED_BACK * swing.reach

    def _stays_at_far_end(self, rep: Counted, motion: Motion) -> bool:
        """Whether a repetition that ends at the far end has come to rest there."""
        there = rep.swing.complete and self.progress >= TURNED_BACK * rep.swing.reach
        return there and float(motion.time_s[-1]) - rep.swing.span.turn_s >= AT_FAR_END_S

    def _take(self, motion: Motion, rep: Counted) -> Rep | None:
        """Count a repetition or note an attempt, if that was not done yet."""
        span, number = rep.swing.span, len(self.done) + 1
        if not _follows(span, self._last):
            return None
        if rep.swing.complete:
            self._last, self.under_way = span, None
            self.verdicts.append(judge(motion, self.exercise, span, rep.side))
            self.done.append(make_rep(motion, self.exercise, rep, number, self.verdicts[-1]))
            return self.done[-1]
        if _follows(span, self._last_attempt):
            self._last_attempt = span
            self.attempts.append(make_rep(motion, self.exercise, rep, number, []))
        return None


def _follows(span: Span, last: Span) -> bool:
    """Whether a movement is another than the last: each is found again and again, at slightly other times."""
    return span.start_s >= last.turn_s and span.turn_s > last.end_s
