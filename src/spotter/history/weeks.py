"""Weeks of training, from Monday on by the calendar on the wall: what each held, and how many in a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.history.trend import Trend, trend

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_WEEK = np.timedelta64(7, "D")
_A_MONDAY = np.datetime64("1969-12-29")


@dataclass(frozen=True)
class Weeks:
    """All weeks from the first with a session to the last, those without one too; arrays (n,).

    Attributes:
        begins: datetime64[D], Mondays.
        sessions, sets, reps: how many; only complete repetitions.
        held_s: seconds of held postures.
        volume_kg: kilograms times repetitions; NaN where there were sessions and no weight is known.
        trends: name of one of these to where it is heading, by weeks that are over.
    """

    begins: Days
    sessions: Counts
    sets: Counts
    reps: Counts
    held_s: Floats
    volume_kg: Floats
    trends: dict[str, Trend]

    def __len__(self) -> int:
        return len(self.begins)


@dataclass(frozen=True, slots=True)
class Streak:
    """Weeks in a row that had a session each; ``begins`` and ``ends`` are Mondays, NaT where none is."""

    weeks: int
    begins: np.datetime64
    ends: np.datetime64


def monday(days: Days) -> Days:
    """The Monday of each day's week.

    >>> monday(np.array(["2026-03-29", "2026-03-30"], "datetime64[D]")).astype(str).tolist()
    ['2026-03-23', '2026-03-30']
    """
    found: Days = days - (days - _A_MONDAY) % _WEEK
    return found


def weeks_of(
    days: Days, sets: Counts, reps: Counts, held_s: Floats, volume_kg: Floats, today: np.datetime64
) -> Weeks:
    """Sum sessions up by week.

    Args:
        days: datetime64[D] array (m,), of each session, in order.
        sets, reps, held_s, volume_kg: arrays (m,); an unknown volume makes none of its week's.
        today: the week that it lies in is not over, and left out of the trends.
    """
    mondays = monday(days)
    begins = np.arange(mondays[0], mondays[-1] + _WEEK, _WEEK) if len(days) else mondays
    row = ((mondays - begins[0]) // _WEEK).astype(int) if len(days) else np.zeros(0, int)

    def total(values: NDArray[np.generic] | None = None) -> Floats:
        return np.bincount(row, values, minlength=len(begins)).astype(np.float64)

    known = np.isfinite(volume_kg)
    kilograms = np.where((total() > 0) & (total(known) == 0), np.nan, total(np.where(known, volume_kg, 0.0)))
    over = begins + _WEEK <= today
    at = begins.astype(np.float64)
    sums = {"sessions": total(), "sets": total(sets), "reps": total(reps), "held_s": total(held_s)}
    trends = {
        name: trend(at[over], values[over]) for name, values in {**sums, "volume_kg": kilograms}.items()
    }
    sessions, all_sets, all_reps = (sums[name].astype(np.int64) for name in ("sessions", "sets", "reps"))
    return Weeks(begins, sessions, all_sets, all_reps, sums["held_s"], kilograms, trends)


def longest_streak(days: Days) -> Streak:
    """The most weeks without a break that had a session each; of equal ones the first.

    >>> days = np.array(["2026-03-23", "2026-03-29", "2026-03-30", "2026-04-15"], "datetime64[D]")
    >>> longest_streak(days).weeks
    2
    """
    return max(_streaks(days), key=lambda one: one.weeks, default=_NONE)


def running_streak(days: Days, today: np.datetime64) -> Streak:
    """The weeks without a break up to this one, or to the last one if this one has no session yet."""
    this_week = monday(np.array([today]))[0]
    running = [one for one in _streaks(days) if one.ends >= this_week - _WEEK]
    return running[-1] if running else _NONE


_NONE = Streak(0, np.datetime64("NaT"), np.datetime64("NaT"))


def _streaks(days: Days) -> list[Streak]:
    mondays = np.unique(monday(days))
    if not len(mondays):
        return []
    runs = np.split(mondays, np.flatnonzero(np.diff(mondays) > _WEEK) + 1)
    return [Streak(len(run), run[0], run[-1]) for run in runs]
