"""Runs the process that analyses one video, hears how far it is, and ends it when nobody wants it more."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

WORKER: tuple[str, ...] = (sys.executable, "-P", "-m", "spotter.serve.analysis_worker")
"""The command; ``-P``, so that no module is taken from the folder that the server was started in."""

_PATIENCE_S = 0.5  # the server may have to end meanwhile
_BLOCK_BYTES = 1 << 16


async def run_worker(request: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> str:
    """Analyse one video; the process is killed if this is cancelled.

    Args:
        request: for `analysis_worker`.
        tell: called with what the process says, fields of ``Status`` each.

    Returns:
        How the process ended, in words that follow "its process".

    Raises:
        OSError: it cannot be started.
        ValueError: it says what is no JSON, or a line that does not end.
    """
    process = await asyncio.create_subprocess_exec(
        *WORKER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUTF8": "1"},
        **_apart(),
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        # Its input stays open: when it ends, this server has ended, and so does the process.
        process.stdin.write(json.dumps(request).encode() + b"\n")
        while line := await process.stdout.readline():
            tell(json.loads(line))
        return _ended(await process.wait())
    finally:
        if process.returncode is None:
            _kill(process)
            await _gone(process, process.stdout)


def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill a process, and whatever it has started, which may hold its output open."""
    with suppress(ProcessLookupError, PermissionError):  # it has ended meanwhile
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


async def _gone(process: asyncio.subprocess.Process, output: asyncio.StreamReader) -> None:
    """Wait until a process that was killed is gone.

    asyncio waits for the end of its output, too, and a full buffer would hide that: what nobody wants to read
    is read.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while await output.read(_BLOCK_BYTES):
                pass
            await process.wait()


def _apart() -> dict[str, Any]:
    """Keeps Ctrl-C in the server's terminal from the process, which the server ends itself."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"process_group": 0}  # of the same session, or being nice would not count beside the server


def _ended(code: int) -> str:
    """What an exit code means.

    >>> _ended(1), _ended(-9)
    ("ended with 1; the server's terminal may say more", 'was killed (SIGKILL), maybe for want of memory')
    """
    if code >= 0:
        return f"ended with {code}; the server's terminal may say more"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed ({name}){', maybe for want of memory' if name == 'SIGKILL' else ''}"
