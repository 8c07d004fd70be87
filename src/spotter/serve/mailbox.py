"""A place for one thing, of which the newest wins: nothing queues up behind a slow reader."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Holds the newest of what was put in, and counts what was left out for it; for several threads.

    >>> box = Mailbox[str]()
    >>> box.put("old")
    >>> box.put("new")
    >>> box.take(), box.take()
    (('new', 1), (None, 0))
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._item: Item | None = None
        self._skipped = 0

    def put(self, item: Item) -> None:
        """Put something in, in place of what is there."""
        with self._lock:
            self._skipped += self._item is not None
            self._item = item

    def skip(self) -> None:
        """Count something that is not even put in."""
        with self._lock:
            self._skipped += 1

    def take(self) -> tuple[Item | None, int]:
        """What is there, or None, and how much was left out since something was last taken."""
        with self._lock:
            if self._item is None:
                return None, 0
            item, skipped = self._item, self._skipped
            self._item, self._skipped = None, 0
            return item, skipped
