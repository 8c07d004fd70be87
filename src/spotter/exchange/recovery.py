"""How fast the heart slows between sets, and whether to rest a little longer."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from spotter.coach.analysis import Cue
from spotter.coach.session import HeartRate, SessionSet

_AROUND_S = 3.0  # what is said of a moment is the mean of this long before and after it


@dataclass(frozen=True, slots=True)
class RestRule:
    """When to tell somebody to rest longer.

    Attributes:
        after_s: seconds of rest after which it is judged.
        drop_bpm: beats a minute that the heart should be slower by then.
        text: the cue; ``{drop}`` is by how much it is slower.
        source: where the limit comes from.
    """

    after_s: float
    drop_bpm: float
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """The rest after one set.

    Attributes:
        end_s: when the set ended.
        peak_bpm: beats a minute at its end; NaN where nothing was heard.
        later_bpm: beats a minute after ``RestRule.after_s`` of rest; NaN where nothing was heard, or the next
            set had begun.
    """

    end_s: float
    peak_bpm: float
    later_bpm: float

    @property
    def drop_bpm(self) -> float:
        """By how many beats a minute the heart became slower; NaN where that is not known."""
        return self.peak_bpm - self.later_bpm


@cache
def rest_rule() -> RestRule:
    """The rule, from ``recovery.toml``.

    >>> rest_rule().after_s, rest_rule().drop_bpm
    (60, 12)
    """
    table = tomllib.loads(files("spotter.exchange").joinpath("recovery.toml").read_text("utf-8"))
    return RestRule(**table["rest-longer"])


def bpm_at(heart: HeartRate, time_s: float) -> float:
    """Mean rate around a moment; NaN where nothing was heard within three seconds of it.

    >>> import numpy as np
    >>> heart = HeartRate(np.array([0.0, 1.0, 60.0]), np.array([150, 152, 120], np.float32))
    >>> bpm_at(heart, 0.0), bpm_at(heart, 30.0)
    (151.0, nan)
    """
    near = abs(heart.time_s - time_s) <= _AROUND_S
    return float(heart.bpm[near].mean()) if near.any() else math.nan


def recoveries(sets: Sequence[SessionSet], heart: HeartRate) -> tuple[Recovery, ...]:
    """The heart after each set, in order of time.

    >>> import numpy as np
    >>> sets = [SessionSet("squat", 0.0, 30.0)]
    >>> heart = HeartRate(np.array([30.0, 90.0]), np.array([150, 125], np.float32))
    >>> recoveries(sets, heart)[0].drop_bpm
    25.0
    """
    ordered = sorted(sets, key=lambda one: one.start_s)
    starts = [one.start_s for one in ordered[1:]] + [math.inf]
    found = []
    for one, next_s in zip(ordered, starts, strict=True):
        later_s = one.end_s + rest_rule().after_s
        later = bpm_at(heart, later_s) if later_s <= next_s else math.nan
        found.append(Recovery(one.end_s, bpm_at(heart, one.end_s), later))
    return tuple(found)


def rest_cue(heart: HeartRate, set_end_s: float, now_s: float) -> Cue | None:
    """What to say during a rest: to rest longer, where the heart has hardly slowed in the rule's time.

    Nothing is said before that time, nor where the strap was not heard, nor where the heart is already about
    as slow as it was at its slowest in this session, for then there is nothing to recover from.

    Args:
        heart: what was heard so far.
        set_end_s: when the last set ended.
        now_s: the present time; all in seconds from the session's beginning.

    >>> import numpy as np
    >>> heart = HeartRate(np.array([0.0, 30.0, 90.0]), np.array([80, 150, 143], np.float32))
    >>> rest_cue(heart, 30.0, 91.0).text
    'Rest a little longer: a minute after your set your heart is only 7 beats slower.'
    """
    rule = rest_rule()
    judged_s = set_end_s + rule.after_s
    if now_s < judged_s:
        return None
    rest = Recovery(set_end_s, bpm_at(heart, set_end_s), bpm_at(heart, judged_s))
    now_bpm = bpm_at(heart, now_s)
    if not rest.drop_bpm <= rule.drop_bpm or not now_bpm - float(heart.bpm.min()) >= rule.drop_bpm:
        return None
    return Cue("rest-longer", rule.text.format(drop=max(0.0, rest.drop_bpm)), "hint", judged_s)
