"""Decoding ahead in a thread of its own, so that it runs beside whatever uses the frames."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from typing import Generic, TypeVar

# How long either side waits before it looks whether the other is still there; short enough for Ctrl-C.
_POLL_S = 0.1
_FAREWELL_S = 5.0

Item = TypeVar("Item")


def read_ahead(source: Iterable[Item], depth: int = 4) -> Generator[Item, None, None]:
    """The frames of ``source`` in the same order, decoded up to ``depth`` frames ahead of the caller.

    The thread begins with the first frame asked for and ends with the last one, with an error, or as soon as
    the iterator is closed or dropped; it never outlives the iterator. Close the iterator before the source.

    Args:
        source: frames, or what is made of them; gone through in the thread.
        depth: how many decoded frames may wait, 1 or more; this bounds the memory.

    Raises:
        ValueError: if ``depth`` is below 1.
        Exception: whatever ``source`` raises, in the caller's thread, after the frames that came before it.

    >>> import numpy as np
    >>> from spotter.media.frame import Frame
    >>> frames = [Frame(np.zeros((1, 1, 3), np.uint8), time_s=i / 10, index=i) for i in range(3)]
    >>> [frame.index for frame in read_ahead(frames, depth=2)]
    [0, 1, 2]
    """
    if depth < 1:
        raise ValueError(f"depth is {depth}; at least one frame must be allowed to wait")
    return _consume(_Producer(source, depth))


class _Producer(Generic[Item]):
    """The thread that goes through the source, and the bounded queue it fills."""

    def __init__(self, source: Iterable[Item], depth: int) -> None:
        self._source = source
        self._waiting: queue.Queue[Item | None] = queue.Queue(depth)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spotter-read-ahead", daemon=True)
        self.error: BaseException | None = None

    def start(self) -> None:
        self._thread.start()

    def next(self) -> Item | None:
        """The next frame; None after the last."""
        while True:
            try:
                return self._waiting.get(timeout=_POLL_S)
            except queue.Empty:
                if not self._thread.is_alive() and self._waiting.empty():
                    return None

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(_FAREWELL_S)

    def _run(self) -> None:
        try:
            for frame in self._source:
                if not self._put(frame):
                    return
        except BaseException as error:  # handed to the caller's thread, which raises it
            self.error = error
        self._put(None)

    def _put(self, item: Item | None) -> bool:
        while not self._stopped.is_set():
            try:
                self._waiting.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False


def _consume(producer: _Producer[Item]) -> Generator[Item, None, None]:
    producer.start()
    try:
        while (frame := producer.next()) is not None:
            yield frame
    finally:
        producer.stop()
    if producer.error is not None:
        raise producer.error
