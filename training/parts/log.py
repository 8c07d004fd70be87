"""How a training goes, line by line."""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict
from pathlib import Path

from spotter.segmenter.curve import EpochCurve
from spotter.segmenter.processes import Processes
from spotter.segmenter.train import Step

_EVERY = 25  # steps between two lines


class Log:
    """A line every so many steps and every epoch, on the terminal; of the steps also in log.csv.

    Args:
        folder: that log.csv lies in.
        processes: only the first one says something.
    """

    def __init__(self, folder: Path, processes: Processes) -> None:
        self._path, self._on = folder / "log.csv", processes.first
        self._sums: dict[str, float] = {}
        self._began = time.time()

    def say(self, line: str) -> None:
        """A line."""
        if self._on:
            print(line, flush=True)

    def epoch(self, row: EpochCurve) -> None:
        """An epoch has ended."""
        self.say(f"epoch {row.epoch}: {json.dumps({name: round(v, 4) for name, v in asdict(row).items()})}")

    def step(self, step: Step) -> None:
        """A step has ended."""
        if not self._on:
            return
        for name, value in step.losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value / _EVERY
        if step.done % _EVERY:
            return
        names = sorted(self._sums)
        if not self._path.exists():
            self._path.write_text(",".join(["step", "seconds", "rate", *names]) + "\n", "utf-8")
        numbers = [step.done, round(time.time() - self._began), f"{step.rate:.3g}"]
        with self._path.open("a", encoding="utf-8") as file:
            file.write(",".join(map(str, [*numbers, *(f"{self._sums[n]:.4f}" for n in names)])) + "\n")
        left = f"{step.left_s / 60:.0f} min left" if math.isfinite(step.left_s) else ""
        said = ", ".join(f"{name} {self._sums[name]:.3f}" for name in names)
        self.say(f"{step.done}/{step.total} {said} {left}")
        self._sums = {}
