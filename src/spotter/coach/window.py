"""The parts of a repetition, and what a measure did in one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.coach.exercise import Moment, Statistic
from spotter.motion.measures import picture_bound
from spotter.motion.motion import Motion

TURN_S = 0.15
"""Half the width of the moments ``start`` and ``turn``, in seconds."""

MIN_SEEN = 0.5
"""A statistic needs the measure in at least this share of the frames."""


MAX_SD_DEG = 30.0
"""An angle with a larger standard deviation is not judged: a limb that is hidden behind the body."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a repetition began, turned and ended, in seconds."""

    start_s: float
    turn_s: float
    end_s: float

    def bounds(self, moment: Moment) -> tuple[float, float]:
        """First and last second of a part; a hold is all of it.

        >>> Span(1.0, 2.0, 3.0).bounds("out")
        (1.0, 2.0)
        """
        match moment:
            case "start":
                return self.start_s - TURN_S, self.start_s + TURN_S
            case "turn":
                return self.turn_s - TURN_S, self.turn_s + TURN_S
            case "out":
                return self.start_s, self.turn_s
            case "back":
                return self.turn_s, self.end_s
            case "rep" | "hold":
                return self.start_s, self.end_s


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure's statistic in a part of a repetition, and when it was reached."""

    value: float
    at_s: float


def read(motion: Motion, measure: str, span: Span, moment: Moment, statistic: Statistic) -> Reading:
    """The statistic of a measure in one part of a repetition; NaN where it was seen too little.

    Raises:
        KeyError: no such measure.
    """
    first, last = span.bounds(moment)
    begin = int(np.searchsorted(motion.time_s, first - 1e-9))
    stop = int(np.searchsorted(motion.time_s, last + 1e-9, side="right"))
    values = motion.values[measure][begin:stop]
    if values.size and measure in picture_bound() and motion.shot[begin] != motion.shot[stop - 1]:
        return Reading(float("nan"), float(motion.time_s[begin]))
    return _take(values, motion.time_s[begin:stop], statistic)


def surely_seen(motion: Motion, measure: str, span: Span, moment: Moment) -> bool:
    """Whether an angle was seen surely enough to judge by; other measures have no uncertainty."""
    if measure not in motion.sd:
        return True
    first, last = span.bounds(moment)
    sd = motion.sd[measure][(motion.time_s >= first) & (motion.time_s <= last)]
    return bool(np.isfinite(sd).any()) and float(np.nanmedian(sd)) <= MAX_SD_DEG


def _take(values: NDArray[np.float32], time_s: NDArray[np.float64], statistic: Statistic) -> Reading:
    seen = np.isfinite(values)
    if values.size == 0 or seen.mean() < MIN_SEEN:
        return Reading(float("nan"), float(time_s[0]) if time_s.size else float("nan"))
    known, clock = values[seen], time_s[seen]
    lowest, highest = int(known.argmin()), int(known.argmax())
    match statistic:
        case "min":
            return Reading(float(known[lowest]), float(clock[lowest]))
        case "max":
            return Reading(float(known[highest]), float(clock[highest]))
        case "mean":
            return Reading(float(known.mean()), float(clock[known.size // 2]))
        case "change":
            return Reading(float(known[highest] - known[lowest]), float(clock[max(lowest, highest)]))
        case "sd":
            return Reading(float(known.std()), float(clock[known.size // 2]))
