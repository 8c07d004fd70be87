"""A set while it goes on: whether it is over, and what is kept of it."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from statistics import median

from spotter.coach.analysis import Hold, Rep
from spotter.coach.counter import EDGE
from spotter.coach.exercise import Exercise
from spotter.coach.faults import Verdict
from spotter.coach.live import Coach, CoachState
from spotter.coach.live_state import Target
from spotter.coach.sets import REST_S

STOPPED_S = 1.5
"""A set whose target is reached is over when nothing has been done for so long."""

AWAY_S = 5.0
"""Who is out of sight for so long has ended the set."""

UP_S = 3.0
"""Who has left the exercise's posture for so long, as in standing up from push-ups, has ended the set."""

_UP_DEG = 40.0  # so far does the trunk turn up from the floor, and nobody's in between two repetitions
_MOST_STEP_S = 1.0  # what a lost connection swallowed is no time in which nothing was done
_MOST_LEANS = 5


class SetWatch:
    """Tells when a set is over: the target is reached and the person stops, gets up, leaves or rests.

    Time counts only while there are frames, so that a lost connection ends nothing.

    Args:
        target: what is to be done.

    Example::

        watch = SetWatch(target)
        if watch.is_over(coach.push(frame), coach): ...
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._time_s = math.nan
        self._done = (0, 0, 0.0)
        self._idle_s = self._away_s = self._up_s = self._busy_s = 0.0
        self._leans: deque[float] = deque(maxlen=_MOST_LEANS)  # of the trunk, where repetitions end

    def is_over(self, state: CoachState, coach: Coach) -> bool:
        """Whether the set is over after a frame."""
        step_s = 0.0 if math.isnan(self._time_s) else min(state.time_s - self._time_s, _MOST_STEP_S)
        self._time_s = state.time_s
        self._clock(state, coach, step_s)
        target = self.target
        if target.hold_s is not None and state.held_s >= target.hold_s:
            return True
        if not (state.count or state.held_s):
            return False
        if target.reps is not None and state.count >= target.reps and self._idle_s >= STOPPED_S:
            return True
        return self._idle_s >= self._rest_s(coach) or self._away_s >= AWAY_S or self._up_s >= UP_S

    def _clock(self, state: CoachState, coach: Coach, step_s: float) -> None:
        """Add a moment to the times of doing nothing."""
        exercise = coach.exercise
        counting = exercise.counting if exercise else None
        lean = state.angles.get("trunk_lean", math.nan)
        done = (state.count, state.attempts, state.held_s)
        if state.new_rep is not None:
            self._leans.append(lean)
        on_the_way = state.phase != "unseen" and state.progress > EDGE  # where a repetition's clock runs
        self._busy_s = self._busy_s + step_s if on_the_way else 0.0
        is_busy = on_the_way and self._busy_s <= (counting.max_s if counting else 0.0)
        is_idle = not (is_busy or coach.moving_since_s is not None or done != self._done)
        self._done = done
        self._idle_s = self._idle_s + step_s if is_idle else 0.0
        self._away_s = self._away_s + step_s if state.phase == "unseen" else 0.0
        leaning = (
            counting is not None and "trunk" in counting.signal
        )  # there the trunk's turn is the exercise
        is_up = bool(self._leans) and not leaning and abs(lean - median(self._leans)) > _UP_DEG
        self._up_s = self._up_s + step_s if is_up else 0.0

    def _rest_s(self, coach: Coach) -> float:
        """A pause that is longer ends a set, as in a file."""
        usual_s = median(rep.end_s - rep.start_s for rep in coach.reps) if coach.reps else 0.0
        return max(REST_S, 2 * usual_s)


@dataclass(frozen=True, slots=True)
class DoneSet:
    """A set that is over; times in seconds from the session's beginning.

    Attributes:
        number: from 1.
        exercise: what was done.
        start_s, end_s: when it began and was over.
        reps: complete ones and attempts, in order of time.
        holds: held postures.
        verdicts: what the fault rules said of each.
        view: how the camera saw the person.
    """

    number: int
    exercise: Exercise
    start_s: float
    end_s: float
    reps: tuple[Rep, ...]
    holds: tuple[Hold, ...]
    verdicts: tuple[list[Verdict], ...]
    view: str

    @property
    def count(self) -> int:
        """Complete repetitions."""
        return sum(rep.complete for rep in self.reps)

    @property
    def held_s(self) -> float:
        """Seconds in the right posture."""
        return sum(hold.end_s - hold.start_s for hold in self.holds)


def done_set(coach: Coach, number: int, begin_s: float, view: str) -> DoneSet | None:
    """What was done in the set that goes on; None where that is no complete repetition and no hold.

    Args:
        coach: who counted.
        number: of the set.
        begin_s: when the session began, on the frames' clock.
        view: how the camera saw the person.
    """
    if coach.exercise is None or not (coach.reps or coach.holds):
        return None
    efforts = sorted((*coach.reps, *coach.attempts), key=lambda rep: rep.start_s)
    reps = tuple(_moved_rep(rep, -begin_s) for rep in efforts)
    holds = tuple(_moved_hold(hold, -begin_s) for hold in coach.holds)
    both: list[Rep | Hold] = [*reps, *holds]
    return DoneSet(
        number=number,
        exercise=coach.exercise,
        start_s=min(one.start_s for one in both),
        end_s=max(one.end_s for one in both),
        reps=reps,
        holds=holds,
        verdicts=tuple(coach.verdicts),
        view=view,
    )


def _moved_rep(rep: Rep, by_s: float) -> Rep:
    """A repetition on another clock."""
    return replace(
        rep,
        start_s=rep.start_s + by_s,
        turn_s=rep.turn_s + by_s,
        end_s=rep.end_s + by_s,
        faults=tuple(replace(fault, at_s=fault.at_s + by_s) for fault in rep.faults),
    )


def _moved_hold(hold: Hold, by_s: float) -> Hold:
    """A held posture on another clock."""
    faults = tuple(replace(fault, at_s=fault.at_s + by_s) for fault in hold.faults)
    return replace(hold, start_s=hold.start_s + by_s, end_s=hold.end_s + by_s, faults=faults)
