"""Days and months as a reader expects them."""

from __future__ import annotations

import numpy as np

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
"""Their names, from January on."""


def month_title(name: str) -> str:
    """A month for a reader.

    >>> month_title("2026-10")
    'October 2026'
    """
    year, number = name.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def day_title(day: np.datetime64) -> str:
    """A day for a reader.

    >>> day_title(np.datetime64("2026-10-04"))
    '4 October 2026'
    """
    year, month, number = str(day).split("-")
    return f"{int(number)} {MONTHS[int(month) - 1]} {year}"
