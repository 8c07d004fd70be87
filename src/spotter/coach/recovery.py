"""How fast the heart slows between sets, and whether to rest a little longer."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import median
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Cue
from spotter.coach.heart import HeartRate, rates_at
from spotter.coach.sets import REST_S
from spotter.coach.words import ENGLISH, Words

CUE = "rest-longer"
"""Name of the cue, where a fault's name stands else."""

_AROUND_S = 3.0  # what is said of a moment is of this long before and after it
_CALM_SHARE = 0.05  # of all readings are of a calm heart: the lowest one of all may be a slip of the strap


class Timed(Protocol):
    """A set or a hold: anything with a beginning and an end in seconds."""

    @property
    def start_s(self) -> float:
        """When it began."""

    @property
    def end_s(self) -> float:
        """When it was over."""


@dataclass(frozen=True, slots=True)
class RestLimit:
    """The least that a heart should have slowed by.

    Attributes:
        limit: beats a minute; of a person's usual drop, its share.
        text: the cue; ``{slower}`` is by how much it is slower, ``{usual}`` how many beats that usually are.
        source: where the limit comes from.
    """

    limit: float
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class RestRule:
    """When to tell somebody to rest longer.

    Attributes:
        after_s: seconds of rest after which it is judged.
        least_rests: how many drops must be known for a person's usual one to be known.
        general: the limit for somebody whose usual drop is not known.
        usual: the limit for somebody whose usual drop is known.
    """

    after_s: float
    least_rests: int
    general: RestLimit
    usual: RestLimit

    def limit(self, usual_bpm: float) -> tuple[float, RestLimit]:
        """Beats a minute up to which a drop is too small, and why; ``usual_bpm`` is NaN where not known."""
        if math.isnan(usual_bpm):
            return self.general.limit, self.general
        return self.usual.limit * usual_bpm, self.usual


@dataclass(frozen=True, slots=True)
class Recovery:
    """The rest after one set.

    Attributes:
        end_s: when the set ended.
        rest_s: seconds until the next one began; NaN after the last.
        end_bpm: highest beats a minute about the set's end; NaN where nothing was heard.
        later_bpm: beats a minute after ``RestRule.after_s`` of rest; NaN where nothing was heard, or the next
            set had begun.
        next_bpm: beats a minute when the next set began; NaN where nothing was heard, or after the last.
    """

    end_s: float
    rest_s: float
    end_bpm: float
    later_bpm: float
    next_bpm: float

    @property
    def drop_bpm(self) -> float:
        """By how many beats a minute the heart became slower; NaN where that is not known."""
        return self.end_bpm - self.later_bpm


@cache
def rest_rule() -> RestRule:
    """The rule, from ``recovery.toml``.

    >>> rest_rule().after_s, rest_rule().general.limit, rest_rule().limit(40.0)[0]
    (60, 12, 18.0)
    """
    table = tomllib.loads(files("spotter.coach").joinpath("recovery.toml").read_text("utf-8"))
    limits = {name: RestLimit(**table.pop(name)) for name in ("general", "usual")}
    return RestRule(general=limits["general"], usual=limits["usual"], **table)


def bpm_at(heart: HeartRate, time_s: float) -> float:
    """Mean rate around a moment; NaN where nothing was heard within three seconds of it.

    >>> heart = HeartRate(np.array([0.0, 1.0, 60.0]), np.array([150, 152, 120], np.float32))
    >>> bpm_at(heart, 0.0), bpm_at(heart, 30.0)
    (151.0, nan)
    """
    near = _near(heart, time_s)
    return float(near.mean()) if len(near) else math.nan


def peak_at(heart: HeartRate, time_s: float) -> float:
    """Highest rate within three seconds of a moment, which is a set's end; NaN where nothing was heard then.

    >>> peak_at(HeartRate(np.array([0.0, 1.0, 60.0]), np.array([150, 152, 120], np.float32)), 0.0)
    152.0
    """
    near = _near(heart, time_s)
    return float(near.max()) if len(near) else math.nan


def calm_bpm(heart: HeartRate) -> float:
    """About the slowest that the heart was, in beats a minute; NaN where nothing was heard."""
    known = heart.bpm[np.isfinite(heart.bpm)]
    return float(np.quantile(known, _CALM_SHARE)) if len(known) else math.nan


def slower(drop_bpm: float, words: Words = ENGLISH) -> str:
    """By how little a heart became slower, in words.

    >>> slower(7.2), slower(0.9), slower(-3.0)
    ('only 7 beats slower', 'only 1 beat slower', 'no slower')
    """
    beats = round(drop_bpm)
    if beats <= 0:
        return words("no slower")
    return words.many(beats, "only {number} beat slower", "only {number} beats slower")


def recoveries(sets: Iterable[Timed], heart: HeartRate) -> tuple[Recovery, ...]:
    """The heart after each set, in order of time.

    >>> from spotter.coach.analysis import RepSet
    >>> sets = [RepSet(0.0, 30.0, ()), RepSet(120.0, 150.0, ())]
    >>> heart = HeartRate(np.array([30.0, 90.0, 120.0]), np.array([150, 125, 110], np.float32))
    >>> first, last = recoveries(sets, heart)
    >>> first.drop_bpm, first.rest_s, first.next_bpm, last.drop_bpm
    (25.0, 90.0, 110.0, nan)
    """
    ordered = sorted(sets, key=lambda one: one.start_s)
    starts = [one.start_s for one in ordered[1:]] + [math.nan]
    found = []
    for one, next_s in zip(ordered, starts, strict=False):
        later_s = one.end_s + rest_rule().after_s
        later = math.nan if next_s < later_s else bpm_at(heart, later_s)
        found.append(
            Recovery(one.end_s, next_s - one.end_s, peak_at(heart, one.end_s), later, bpm_at(heart, next_s))
        )
    return tuple(found)


def usual_drop(rests: Iterable[Recovery]) -> float:
    """By how many beats a minute somebody's heart usually slows in a minute; NaN where too few are known.

    >>> [usual_drop([Recovery(0.0, 90.0, 150.0, 150.0 - drop, 100.0) for drop in drops])
    ...     for drops in ([30.0, 40.0], [30.0, 40.0, 44.0])]
    [nan, 40.0]
    """
    known = [rest.drop_bpm for rest in rests if math.isfinite(rest.drop_bpm)]
    return median(known) if len(known) >= rest_rule().least_rests else math.nan


def rest_cue(
    heart: HeartRate,
    set_end_s: float,
    now_s: float,
    before: Sequence[Recovery] = (),
    words: Words = ENGLISH,
) -> Cue | None:
    """What to say during a rest: to rest longer, where the heart has hardly slowed in the rule's time.

    Nothing is said before that time, nor where the strap was not heard at the set's end, then, or now; nor
    where the heart has slowed enough meanwhile; nor where it is about as slow as it was at its slowest in
    this session, for then there is nothing to recover from.

    Args:
        heart: what was heard so far.
        set_end_s: when the last set ended; the person has rested since.
        now_s: the present time; all in seconds from the session's beginning.
        before: this person's rests before this one, of this session or of others: what is usual for them.
        words: the language that it is said in.

    >>> heart = HeartRate(np.array([0.0, 30.0, 90.0]), np.array([80, 150, 143], np.float32))
    >>> rest_cue(heart, 30.0, 91.0).text
    'Rest a little longer: a minute after your set your heart is only 7 beats slower.'
    """
    rule = rest_rule()
    judged_s = set_end_s + rule.after_s
    if now_s < judged_s:
        return None
    end_bpm, usual = peak_at(heart, set_end_s), usual_drop(before)
    later_bpm, now_bpm = bpm_at(heart, judged_s), bpm_at(heart, now_s)
    if not all(_is_slow(heart, end_bpm, bpm, usual) for bpm in (later_bpm, now_bpm)):
        return None
    text = words(rule.limit(usual)[1].text, slower=slower(end_bpm - later_bpm, words), usual=usual)
    return Cue(CUE, text, "hint", judged_s)


def rest_advice(
    rests: Sequence[Recovery], heart: HeartRate, word: str = "set"
) -> tuple[tuple[int, str], ...]:
    """What to say afterwards: after which sets the rest was short for the heart.

    A rest that ended before it could be judged was short too if the heart had slowed as little by then.

    Args:
        rests: of a session, in order of time.
        heart: of that session.
        word: what the rests were between.

    Returns:
        The place of each such rest, from 0, and a sentence about it.

    >>> rest = Recovery(30.0, 35.0, 150.0, math.nan, 146.0)
    >>> heart = HeartRate(np.array([0.0, 30.0, 65.0]), np.array([80, 150, 146], np.float32))
    >>> rest_advice([rest], heart)[0][1]
    'Rest a little longer after set 1: 35 s later you went on with a heart that was only 4 beats slower.'
    """
    found = []
    for place, rest in enumerate(rests):
        cut = rest.rest_s < rest_rule().after_s
        later_bpm = rest.next_bpm if cut else rest.later_bpm
        is_rest = not rest.rest_s < REST_S  # a posture that was lost for a moment is no rest
        if is_rest and _is_slow(heart, rest.end_bpm, later_bpm, usual_drop(rests[:place])):
            how = slower(rest.end_bpm - later_bpm)
            what = (
                f"{rest.rest_s:.0f} s later you went on with a heart that was {how}"
                if cut
                else f"a minute later your heart was {how}"
            )
            found.append((place, f"Rest a little longer after {word} {place + 1}: {what}."))
    return tuple(found)


def _near(heart: HeartRate, time_s: float) -> NDArray[np.floating]:
    """What was heard about a moment; of a watch that notes rarely, what lies on its line."""
    near = heart.bpm[(abs(heart.time_s - time_s) <= _AROUND_S) & np.isfinite(heart.bpm)]
    between = rates_at(heart, [time_s])
    return near if len(near) else between[np.isfinite(between)]


def _is_slow(heart: HeartRate, end_bpm: float, later_bpm: float, usual_bpm: float) -> bool:
    """Whether the heart slowed too little; never where something of it is not known, or it was calm."""
    rule = rest_rule()
    small = end_bpm - later_bpm <= rule.limit(usual_bpm)[0]
    return bool(small and later_bpm - calm_bpm(heart) >= rule.general.limit)
