"""Counts how often something happens within a time that slides along."""

from __future__ import annotations

from collections import deque


class Rate:
    """Lets something happen so often within a time, and no more.

    Args:
        most: how often.
        within_s: in which time, in seconds.

    >>> rate = Rate(2, within_s=1.0)
    >>> [rate.allows(now_s) for now_s in (0.0, 0.1, 0.2, 1.05)]
    [True, True, False, True]
    """

    def __init__(self, most: int, within_s: float = 1.0) -> None:
        self._times: deque[float] = deque(maxlen=most)
        self._most = most
        self._within_s = within_s

    def allows(self, now_s: float) -> bool:
        """Whether it may happen now; if so it is counted. Times do not fall from call to call."""
        if self.wait_s(now_s) > 0:
            return False
        self._times.append(now_s)
        return True

    def wait_s(self, now_s: float) -> float:
        """Seconds until it may happen again; 0 if it may happen now."""
        if len(self._times) < self._most:
            return 0.0
        return max(0.0, self._times[0] + self._within_s - now_s)
