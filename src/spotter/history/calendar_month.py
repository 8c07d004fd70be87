"""A month of the calendar, and the one before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from spotter.errors import UsageError

_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar.

    Attributes:
        name: such as ``"2026-10"``.
        begins, ends: its first day, and that of the next one.
    """

    name: str
    begins: np.datetime64
    ends: np.datetime64

    @property
    def before(self) -> Month:
        """The month before."""
        return _month(self.begins.astype("datetime64[M]") - np.timedelta64(1, "M"))

    def rows(self, days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """Which days lie in it."""
        return np.asarray((days >= self.begins) & (days < self.ends))


def month_of(text: str | None, now: datetime) -> Month:
    """A month by its name; the one of now if None.

    Raises:
        UsageError: it is no month, or one that has not begun.

    >>> from datetime import UTC
    >>> str(month_of("2026-10", datetime(2026, 11, 2, tzinfo=UTC)).ends)
    '2026-11-01'
    """
    if text is None:
        return _month(np.datetime64(now.date(), "M"))
    found = _MONTH.fullmatch(text)
    try:
        begins = date(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        begins = None
    if begins is None:
        raise UsageError(f"the month is {text!r}; give one such as {now:%Y-%m}")
    if begins > now.date():
        raise UsageError(f"{text} has not begun; give {now:%Y-%m} or a month before")
    return _month(np.datetime64(begins, "M"))


def _month(begins: np.datetime64) -> Month:
    month = begins.astype("datetime64[M]")
    ends = month + np.timedelta64(1, "M")
    return Month(str(month), month.astype("datetime64[D]"), ends.astype("datetime64[D]"))
