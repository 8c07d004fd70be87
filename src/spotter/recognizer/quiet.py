"""Keeps what converters print off the user's terminal."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout


class _Nowhere(io.TextIOBase):
    """Takes text and forgets it; never closed, as libraries keep what they took for standard output."""

    def write(self, text: str, /) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


_NOWHERE = _Nowhere()


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing that is printed inside reaches the terminal, by native code neither.

    It closes the process's standard output and standard error for that time: for other threads too.

    >>> with quiet():
    ...     print("converting, 95 passes")
    """
    with (
        redirect_stdout(_NOWHERE),
        redirect_stderr(_NOWHERE),
        _descriptors_closed(),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _descriptors_closed() -> Iterator[None]:
    """File descriptors 1 and 2 lead nowhere: what native code writes to."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    kept = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        yield
    finally:
        for number, descriptor in enumerate(kept, start=1):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.close(nowhere)
