"""Times how long Spotter takes to start."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from bench.machine import load
from bench.material import REPOSITORY, Material
from bench.table import Cell, Table

_PROGRAMS = {
    "python, nothing imported": ("-c", "pass"),
    "import spotter": ("-c", "import spotter"),
    "spotter --help": ("-c", "from spotter.cli.app import main; main()", "--help"),
}
_RUNS, _QUICK_RUNS = 10, 3


def run(material: Material, quick: bool) -> list[Table]:
    """Seconds from the call to the end, in fresh interpreters."""
    runs = _QUICK_RUNS if quick else _RUNS
    rows: list[tuple[Cell, ...]] = []
    for name, arguments in _PROGRAMS.items():
        _seconds(arguments)  # the first finds nothing in the disk's cache
        seconds = [_seconds(arguments) for _ in range(runs)]
        wanted = "below 0.3" if "spotter" in name else None
        rows.append((name, min(seconds), statistics.median(seconds), max(seconds), wanted))
    return [
        Table(
            name="start",
            title=f"Seconds to start, {runs} runs in fresh interpreters",
            columns=("program", "best", "median", "worst", "wanted"),
            rows=tuple(rows),
            notes=(load(),),
            digits=3,
        )
    ]


def child_environment() -> dict[str, str]:
    """An environment in which a fresh interpreter finds what this one does."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _seconds(arguments: tuple[str, ...]) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env=child_environment(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began
