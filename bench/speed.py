"""Times the whole of an analysis against MediaPipe's Python Pose alone, and shares the time out."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.clips import scaled
from bench.machine import load
from bench.material import Material, Skipped
from bench.peer import Peer
from bench.table import Cell, Table
from spotter.coach.analysis import Analysis
from spotter.coach.analyze import analyze
from spotter.media.reader import open_media

_CLIP = "squat-dumbbell-front"  # the one real clip that was filmed at 1280x720
_SIZE = (1280, 720)
_RUNS, _QUICK_RUNS = 3, 1
_QUICK_FRAMES = 60
_BATCH = 32


def run(material: Material, quick: bool) -> list[Table]:
    """Frames a second of both, in turn, and where Spotter's milliseconds go."""
    busy = load()
    with tempfile.TemporaryDirectory() as folder:
        clip, said = _clip(material, Path(folder), quick)
        ours: list[tuple[float, Analysis]] = []
        theirs: list[float | None] = []
        for _ in range(_QUICK_RUNS if quick else _RUNS):
            ours.append(_analyse(clip))
            theirs.append(_peer_frames_a_second(clip))
    rows: list[tuple[Cell, ...]] = [
        (f"run {number}", pace, peer, _ratio(pace, peer))
        for number, ((pace, _), peer) in enumerate(zip(ours, theirs, strict=True), start=1)
    ]
    pace, analysis = max(ours, key=lambda one: one[0])
    peer = max((one for one in theirs if one is not None), default=None)
    rows.append(("best of each", pace, peer, _ratio(pace, peer)))
    return [
        Table(
            name="speed",
            title="Frames a second: all of spotter.analyze, and MediaPipe's Pose alone",
            columns=("run", "Spotter", "MediaPipe", "ratio"),
            rows=tuple(rows),
            notes=(
                said,
                "Spotter: from the call to the result, with loading the models, decoding, recognising the "
                "exercise and coaching; but no video written. MediaPipe: its Pose on frames already decoded",
                "wanted: a ratio of at least 3",
                busy,
            ),
        ),
        _shares(analysis, pace, said),
    ]


def _clip(material: Material, folder: Path, quick: bool) -> tuple[Path, str]:
    """A clip of 1280x720, and what it is."""
    try:
        real = next((clip.path for clip in material.real_clips() if clip.name == _CLIP), None)
    except Skipped:
        real = None
    if real is not None and not quick:
        return real, f"clip: {real.name}, filmed at 1280x720"
    example = real or material.example_clip()
    frames = _QUICK_FRAMES if quick else None
    clip = scaled(example, folder / "720p.mp4", *_SIZE, frames=frames)
    return clip, f"clip: {example.name} scaled to 1280x720"


def _analyse(clip: Path) -> tuple[float, Analysis]:
    """Frames a second, and what was found."""
    began = time.perf_counter()
    analysis = analyze(clip)
    frames = analysis.video["frames"]
    assert isinstance(frames, int)
    return frames / (time.perf_counter() - began), analysis


def _peer_frames_a_second(clip: Path) -> float | None:
    """MediaPipe's pace, its loading and the decoding left out; None where it is not installed."""
    try:
        peer = Peer()
    except Skipped:
        return None
    frames, spent_s = 0, 0.0
    with peer:
        for batch in _batches(clip):
            began = time.perf_counter()
            for image in batch:
                peer(image)
            spent_s += time.perf_counter() - began
            frames += len(batch)
    return frames / spent_s


def _batches(clip: Path) -> Iterator[list[NDArray[np.uint8]]]:
    """Decoded pictures, a second's worth at a time: all of them would not fit into a small machine."""
    with open_media(clip) as source:
        images = (frame.image for frame in source)
        while batch := list(islice(images, _BATCH)):
            yield batch


def _ratio(pace: float, peer: float | None) -> float | None:
    return None if peer is None else pace / peer


def _shares(analysis: Analysis, pace: float, said: str) -> Table:
    """Milliseconds a frame by stage; decoding runs beside the rest."""
    frames = analysis.video["frames"]
    assert isinstance(frames, int)
    whole = 1000 / pace
    spent = {stage: 1000 * seconds / frames for stage, seconds in analysis.spent_s.items()}
    beside = sum(ms for stage, ms in spent.items() if stage != "decoding")
    rows: list[tuple[Cell, ...]] = [(stage, ms, 100 * ms / whole) for stage, ms in spent.items()]
    rows.append(("the rest: loading models, waiting for frames", whole - beside, 100 * (1 - beside / whole)))
    rows.append(("whole", whole, 100.0))
    return Table(
        name="speed-shares",
        title="Where the milliseconds of spotter.analyze go, best run",
        columns=("stage", "ms a frame", "% of the whole"),
        rows=tuple(rows),
        notes=(said, "decoding runs in a thread beside the others, so that its share comes on top of theirs"),
    )
