"""What is kept of a live session's motion while it goes on: the angles of its sets, in bounded memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spotter.coach.session import Angles
from spotter.motion.angles import angle_table
from spotter.motion.motion import Motion

EVERY_S = 1 / 15
"""Angles are noted so often at most: fifteen a second show all that a body does."""

_MOST_ROWS = 16_384  # eighteen minutes of sets; of longer ones half as many a second are kept, and so on
_SLACK_S = 1e-6


class AngleNotes:
    """The angles of a session's sets and their uncertainty, taken over when they no longer change.

    Example::

        notes = AngleNotes()
        notes.take(live.window(), from_s, live.settled_s)
        notes.angles(begin_s)
    """

    def __init__(self) -> None:
        names = [angle.name for angle in angle_table()]
        self._names = names
        self._time_s = np.full(_MOST_ROWS, np.nan)
        self._values = np.full((_MOST_ROWS, len(names)), np.nan, np.float32)
        self._sd = np.full((_MOST_ROWS, len(names)), np.nan, np.float32)
        self._count = 0
        self._every_s = EVERY_S

    def take(self, motion: Motion, from_s: float, until_s: float) -> None:
        """Note the angles between two times that are not noted yet."""
        last_s = self._time_s[self._count - 1] if self._count else -np.inf
        rows = np.flatnonzero((motion.time_s >= from_s) & (motion.time_s < until_s))
        for row in rows[motion.time_s[rows] >= last_s + self._every_s - _SLACK_S]:
            if motion.time_s[row] < last_s + self._every_s - _SLACK_S:
                continue
            if self._count == _MOST_ROWS:
                self._thin()
            last_s = self._time_s[self._count] = motion.time_s[row]
            self._values[self._count] = [motion.values[name][row] for name in self._names]
            self._sd[self._count] = [motion.sd[name][row] for name in self._names]
            self._count += 1

    def angles(self, begin_s: float) -> Angles | None:
        """All that was noted, in seconds from a time on; None where nothing was."""
        if not self._count:
            return None
        rows = slice(self._count)
        return Angles(
            self._time_s[rows] - begin_s,
            {name: self._values[rows, column].copy() for column, name in enumerate(self._names)},
            {name: self._sd[rows, column].copy() for column, name in enumerate(self._names)},
        )

    def _thin(self) -> None:
        """Keep every other row."""
        self._every_s *= 2
        self._count = _MOST_ROWS // 2
        for column in (self._time_s, self._values, self._sd):
            column[: self._count] = column[::2].copy()


def thinned(time_s: NDArray[np.float64], values: NDArray[np.floating], most: int) -> NDArray[np.intp]:
    """Rows of a curve of which at most so many are left, with its highs and lows.

    >>> thinned(np.arange(6.0), np.array([0.0, 5, 1, 1, 9, 0]), most=4).tolist()
    [0, 1, 4, 5]
    """
    if len(time_s) <= most:
        return np.arange(len(time_s))
    rows: list[int] = []
    for part in np.array_split(np.arange(len(time_s)), most // 2):
        known = part[np.isfinite(values[part])]
        ends = [known[values[known].argmin()], known[values[known].argmax()]] if known.size else [part[0]]
        rows += sorted({int(row) for row in ends})
    return np.array(rows, np.intp)
