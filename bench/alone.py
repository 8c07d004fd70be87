"""Analyses one clip in a process of its own and prints how much memory that took, as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from spotter.coach.analyze import analyze
from spotter.media.frame import Frame

_STATUS = Path("/proc/self/status")


def peak_mb() -> float:
    """The most memory that this process has held in RAM so far, in MB.

    Linux hands getrusage's figure on to a new program, so that the parent's peak would count as ours; VmHWM
    begins anew.
    """
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def main(clip: str, every: int) -> None:
    """Print frames, repetitions, seconds, the peak, and the peak up to every so many frames."""
    peaks: list[tuple[int, float]] = []

    def note(frame: Frame) -> None:
        if (frame.index + 1) % every == 0:
            peaks.append((frame.index + 1, peak_mb()))

    began = time.perf_counter()
    analysis = analyze(clip, on_frame=note)
    answer = {
        "frames": analysis.video["frames"],
        "reps": analysis.count,
        "seconds": time.perf_counter() - began,
        "peak_mb": peak_mb(),
        "peaks_mb": peaks,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
