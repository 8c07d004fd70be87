"""Ending early in good order: the first Ctrl-C, or a polite kill, asks; the second one ends at once."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def until_interrupted() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C or SIGTERM sets, so that what was seen is kept."""
    stop = threading.Event()

    def on_interrupt(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        print("\nspotter: stopping; what was seen so far is kept (Ctrl-C again to quit)", file=sys.stderr)

    before = {number: signal.signal(number, on_interrupt) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
