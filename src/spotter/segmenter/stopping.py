"""Ending a training in good order: signals that ask it to stop, and memory that is full."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import cv2

from spotter.errors import TrainingError

_FULL = (
    "out of memory",  # CUDA
    "not enough memory",  # PyTorch on Windows
    "can't allocate memory",  # PyTorch elsewhere
    "ALLOC_FAILED",  # cuDNN and cuBLAS
    "Insufficient memory",  # OpenCV
    "killed by signal: Killed",  # a process that made pictures ready, ended by the system
)


@contextmanager
def stop_requests(alone: bool = True) -> Iterator[list[int]]:
    """A list that SIGINT and SIGTERM are put into, instead of ending the program; only in the main thread.

    Args:
        alone: whether a second one ends the program at once. One of several processes is told by its
            launcher as well as by the terminal.

    >>> with stop_requests() as asked:
    ...     signal.raise_signal(signal.SIGTERM)
    ...     len(asked)
    1
    """
    asked: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if asked and alone:
            raise KeyboardInterrupt
        asked.append(number)

    before = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, on_signal)
    except ValueError:
        pass  # another thread: the program's own handling goes on
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def enough_memory(advice: str) -> Iterator[None]:
    """Say what to do when memory is full, in whatever way a library reports it.

    Args:
        advice: what to do.

    Raises:
        TrainingError: if memory was full.

    >>> with enough_memory("take a smaller --batch"):
    ...     raise RuntimeError("CUDA out of memory.")
    Traceback (most recent call last):
    spotter.errors.TrainingError: memory is full (CUDA out of memory.): take a smaller --batch
    """
    try:
        yield
    except (MemoryError, RuntimeError, cv2.error) as error:
        words = str(error).strip()
        if not isinstance(error, MemoryError) and not any(sign in words for sign in _FULL):
            raise
        told = next((line for line in words.splitlines() if any(sign in line for sign in _FULL)), "")
        raise TrainingError(f"memory is full{f' ({told.strip()})' if told else ''}: {advice}") from error
