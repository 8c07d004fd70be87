"""Marks of an axis of days: Mondays, months or years, whatever has room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spotter.history.dates import MONTHS

_DAY, _WEEK = np.timedelta64(1, "D"), np.timedelta64(7, "D")
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_MONDAY = np.datetime64("1969-12-29")
_DAYS_IN_A_MONTH = 30.4


def day_marks(first: np.datetime64, last: np.datetime64, most: int) -> list[tuple[np.datetime64, str]]:
    """Round days between two, at most so many, and what is written there.

    >>> marks = day_marks(np.datetime64("2025-11-20"), np.datetime64("2026-03-02"), 6)
    >>> [(str(day), label) for day, label in marks][:2]
    [('2025-12-01', 'Dec'), ('2026-01-01', '2026')]
    >>> [label for _, label in day_marks(np.datetime64("2026-05-01"), np.datetime64("2026-05-20"), 6)]
    ['4 May', '11 May', '18 May']
    """
    length = float((last - first) / _DAY)
    if length <= most:
        return _labelled(np.arange(first, last + _DAY, _DAY))
    if length <= 7 * most:
        monday = first + (_MONDAY - first) % _WEEK
        return _labelled(np.arange(monday, last + _DAY, _WEEK))
    months = length / _DAYS_IN_A_MONTH
    step = next((one for one in _MONTH_STEPS if months / one <= most), _MONTH_STEPS[-1])
    begin = int(first.astype("datetime64[M]").astype(int))
    begin += first > first.astype("datetime64[M]").astype("datetime64[D]")
    begin += -begin % step
    found = np.arange(begin, int(last.astype("datetime64[M]").astype(int)) + 1, step).astype("datetime64[M]")
    return [(one.astype("datetime64[D]"), _month_label(one, step)) for one in found]


def short_day(day: np.datetime64) -> str:
    """A day in few letters.

    >>> short_day(np.datetime64("2026-05-04"))
    '4 May 2026'
    """
    year, month, number = str(day).split("-")
    return f"{int(number)} {MONTHS[int(month) - 1][:3]} {year}"


def period(days: NDArray[np.datetime64]) -> str:
    """From the first to the last of some days; empty for none.

    >>> period(np.array(["2026-03-02", "2026-10-16"], "datetime64[D]"))
    '2 Mar to 16 Oct 2026'
    """
    if not len(days):
        return ""
    first, last = short_day(days.min()), short_day(days.max())
    if first == last:
        return last
    if first[-4:] == last[-4:]:
        first = first[:-5]
    return f"{first} to {last}"


def _labelled(days: NDArray[np.datetime64]) -> list[tuple[np.datetime64, str]]:
    return [(day, short_day(day)[:-5]) for day in days]


def _month_label(month: np.datetime64, step: int) -> str:
    year, number = str(month).split("-")
    return year if number == "01" or step >= 12 else MONTHS[int(number) - 1][:3]
