"""Trends, differences and records in words, and whether they are good news."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from spotter.history.compare import Difference, difference_words, interval_words
from spotter.history.exercise_progress import FaultProgress, MeasureProgress
from spotter.history.measures import Better, Measure, Unit, change_places, change_said, said, span_said
from spotter.history.records import Record
from spotter.history.trend import Trend
from spotter.report.words import counted

Tone = Literal["good", "bad", "plain", "unsure"]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence's parts.

    Attributes:
        title: what it is about.
        words: what is said of it, such as ``"rising by 0.9° a week"``.
        remark: how sure that is, such as ``"0.7° to 1.0°"``.
        tone: ``"good"`` or ``"bad"`` news, ``"plain"`` where it is neither, ``"unsure"`` where nothing is
            said.
        sign: an arrow for the eye.
        total: what it comes to over all that is shown; empty where nothing changes for certain.
    """

    title: str
    words: str
    remark: str
    tone: Tone
    sign: str
    total: str = ""


def measure_said(one: MeasureProgress, exercise: str, weeks: float) -> Said:
    """Where a measure is heading.

    Args:
        one: the measure.
        exercise: in which exercise; it says which way is better.
        weeks: how many are shown.
    """
    measure = one.measure
    better = measure.better_in(exercise)
    if measure.better != "deeper":
        return trend_said(measure.title, one.trend, measure.unit, better, ("rising", "falling"), weeks)
    words = ("deeper", "less deep") if better == "more" else ("less deep", "deeper")
    return trend_said(measure.title, one.trend, measure.unit, better, words, weeks)


def fault_said(one: FaultProgress, weeks: float) -> Said:
    """Where the share of repetitions with a fault is heading."""
    return trend_said(one.title, one.trend, "share", "less", ("more frequent", "rarer"), weeks)


def volume_said(title: str, one: Trend, unit: Unit) -> Said:
    """Where the volume of a week is heading."""
    return trend_said(title, one, unit, "", ("rising", "falling"), 0.0)


def trend_said(
    title: str, trend: Trend, unit: Unit, better: Better, words: tuple[str, str], weeks: float
) -> Said:
    """A trend in words.

    Args:
        title: what it is of.
        trend: the trend.
        unit: of what it is of.
        better: which way is good.
        words: for a rising and for a falling one.
        weeks: how many are shown; 0 for no total.
    """
    if trend.direction == "not enough to say":
        return Said(title, "not enough to say", missing_words(trend), "unsure", "")
    if trend.direction == "no clear change":
        return Said(title, trend.direction, f"{span_said(trend.low, trend.high, unit)} a week", "plain", "→")
    rising = trend.direction == "rising"
    good = better == ("more" if rising else "less")
    tone: Tone = "plain" if not better else "good" if good else "bad"
    low, high = sorted((abs(trend.low), abs(trend.high)))
    amount = change_said(abs(trend.per_week), unit, change_places(high, unit))
    return Said(
        title,
        f"{words[0] if rising else words[1]} by {amount} a week",
        span_said(low, high, unit, signed=False),
        tone,
        "↗" if rising else "↘",
        _total(trend, unit, weeks),
    )


def _total(trend: Trend, unit: Unit, weeks: float) -> str:
    if weeks < 1:
        return ""
    change = trend.per_week * weeks
    places = min(1, change_places(change, unit))
    return f"{change_said(change, unit, places, signed=True)} in {weeks:.0f} weeks"


def missing_words(trend: Trend) -> str:
    """What is missing for a trend."""
    if trend.missing_days:
        return f"{counted(trend.missing_days, 'day', 'days')} with a session more"
    return f"{counted(math.ceil(trend.missing_span_days), 'day', 'days')} longer"


def difference_said(one: Difference, exercise: str) -> Said:
    """What two sessions differ by in a measure."""
    measure = one.measure
    verdict = one.verdict
    if verdict == "not comparable":
        return Said(measure.title, "not comparable", one.why_not, "unsure", "")
    if verdict == "not enough to say":
        missing = f"{counted(one.shift.missing, 'more value', 'more values')} in each session"
        return Said(measure.title, verdict, missing, "unsure", "")
    remark = interval_words(one, exercise)
    if verdict in ("no clear difference", "within the error of measuring"):
        return Said(measure.title, verdict, remark, "plain", "→")
    better = measure.better_in(exercise)
    tone: Tone = "plain" if not better else "good" if better == verdict else "bad"
    return Said(
        measure.title, difference_words(one, exercise), remark, tone, "↗" if verdict == "more" else "↘"
    )


def value_said(value: float, measure: Measure, *, signed: bool = False) -> str:
    """A measure's value with its unit."""
    return said(value, measure.unit, measure.places, signed=signed)


def record_said(one: Record) -> str:
    """A record's value with its unit."""
    if one.name == "streak":
        return f"{one.value:.0f}"
    return said(one.value, one.unit, 1 if one.unit == "s" and one.value < 10 else 0)
