"""Measures the most memory that an analysis takes: of a short clip, of a long one, and of a large picture."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.clips import looped, scaled
from bench.material import REPOSITORY, Material
from bench.start import child_environment
from bench.table import Cell, Table
from spotter.coach.analyze import STRETCH_FRAMES

_SMALL, _UHD = (320, 180), (3840, 2160)
_LONG, _MARK = 40_000, 10_000
_UHD_FRAMES = 240
_QUICK_LONG, _QUICK_MARK = 120, 40
_QUICK_SHORT, _QUICK_UHD_FRAMES = 40, 4
_WANTED = "below 600"


@dataclass(frozen=True, slots=True)
class Usage:
    """What ``bench.alone`` said of one clip."""

    frames: int
    reps: int
    seconds: float
    peak_mb: float
    peaks_mb: tuple[tuple[int, float], ...]


def run(material: Material, quick: bool) -> list[Table]:
    """A row a clip, and for the long one a row each ten thousand frames."""
    example = material.example_clip()
    length, mark = (_QUICK_LONG, _QUICK_MARK) if quick else (_LONG, _MARK)
    short_frames, large_frames = (_QUICK_SHORT, _QUICK_UHD_FRAMES) if quick else (None, _UHD_FRAMES)
    with tempfile.TemporaryDirectory() as folder:
        short = scaled(example, Path(folder, "short.mp4"), *_SMALL, frames=short_frames)
        long = looped(short, Path(folder, "long.mp4"), length)
        large = scaled(example, Path(folder, "large.mp4"), *_UHD, frames=large_frames)
        rows = [_row("short", _SMALL, usage_of(short, length))]
        usage = usage_of(long, mark)
        rows += [
            (f"long, the first {frames:,} frames", _size(_SMALL), frames, None, peak, None, _WANTED)
            for frames, peak in usage.peaks_mb
        ]
        rows += [_row("long", _SMALL, usage), _row("4K", _UHD, usage_of(large, length))]
    return [
        Table(
            name="memory",
            title="Peak memory of spotter.analyze in a process of its own",
            columns=("clip", "size", "frames", "reps", "peak MB", "frames a second", "wanted MB"),
            rows=tuple(rows),
            notes=(
                f"all made from {example.name}; the long clip repeats it, and is analysed in stretches of "
                f"{STRETCH_FRAMES:,} frames at most",
            ),
            digits=0,
        )
    ]


def usage_of(clip: Path, mark: int) -> Usage:
    """Memory of analysing a clip in a fresh process, noted every ``mark`` frames."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.alone", str(clip), str(mark)],
        cwd=REPOSITORY,
        env=child_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    peaks = tuple((int(frames), float(peak)) for frames, peak in said["peaks_mb"])
    return Usage(said["frames"], said["reps"], said["seconds"], said["peak_mb"], peaks)


def _row(name: str, size: tuple[int, int], usage: Usage) -> tuple[Cell, ...]:
    pace = usage.frames / usage.seconds
    return name, _size(size), usage.frames, usage.reps, usage.peak_mb, pace, _WANTED


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
