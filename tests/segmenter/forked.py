"""Processes that have PyTorch already: they are forked from one that imported it once for all tests."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path


def forked(said: Path, work: Callable[..., object], *given: object) -> BaseProcess:
    """Do some work in a process, and a session, of its own.

    Args:
        said: the file that its standard error goes into.
        work: a function of a module; what it is given can be pickled.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.segmenter.apart"])
    process = context.Process(target=_apart, args=(said, work, *given))
    process.start()
    return process


def _apart(said: Path, work: Callable[..., object], *given: object) -> None:
    os.setsid()
    with said.open("wb") as file:
        os.dup2(file.fileno(), 2)
    work(*given)
