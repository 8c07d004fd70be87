"""Measures where joints are found: by the pose engine, and by the paper's Haar cascades and masks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from bench.material import Material, RenderedClip
from bench.table import Table
from spotter.body.engine import PoseEngine
from spotter.body.haar_joints import HaarJoints
from spotter.body.joint_source import JointEngine
from spotter.body.keypoints import INDEX
from spotter.body.part_engine import FastParts
from spotter.media.reader import open_media

_EVERY = 15
_QUICK_FRAMES = 3
_NEAR = 0.1  # of the person's height
_JOINTS = tuple(
    INDEX[f"{side}_{joint}"]
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """What one engine made of all frames.

    Attributes:
        distances: array (frames, 12), from each joint to where it is, in heights of the person; NaN where the
            engine says nothing.
        seconds: for all frames together.
    """

    distances: Floats
    seconds: float


def run(material: Material, quick: bool) -> list[Table]:
    """One row an engine, on every fifteenth frame of the rendered clips."""
    clips = material.rendered_clips()
    if quick:
        clips = clips[:1]
    engines: dict[str, Callable[[], JointEngine]] = {
        "pose engine (default)": PoseEngine,
        "Haar cascades in the mask (--joints haar)": lambda: HaarJoints(FastParts()),
    }
    rows = []
    for name, engine in engines.items():
        found = _found(clips, engine, _QUICK_FRAMES if quick else None)
        told = np.isfinite(found.distances)
        rows.append(
            (
                name,
                100 * float(told.any(axis=1).mean()),
                100 * float(np.nanmean(found.distances)) if told.any() else None,
                100 * float((found.distances <= _NEAR).mean()),
                1000 * found.seconds / len(found.distances),
            )
        )
    return [
        Table(
            "joints",
            "Shoulders, elbows, wrists, hips, knees and ankles of rendered bodies, frame by frame",
            ("engine", "frames with a person %", "mean distance, % of the height", "within a tenth %", "ms"),
            tuple(rows),
            (
                "A joint is within a tenth if it is found no farther from its place than that of the height; "
                "one that is not found is not",
            ),
            digits=1,
        )
    ]


def _found(clips: list[RenderedClip], engine: Callable[[], JointEngine], frames: int | None) -> Found:
    distances: list[Floats] = []
    spent = 0.0
    for clip in track(clips, description="joints", transient=True):
        looking = engine()
        with open_media(clip.path) as source:
            for frame in islice((f for f in source if f.index % _EVERY == 0), frames):
                began = time.perf_counter()
                bodies = looking.push(frame)
                spent += time.perf_counter() - began
                truth = clip.points[frame.index]
                height = float(np.nanmax(truth[:, 1]) - np.nanmin(truth[:, 1]))
                tall = max(height, float(np.nanmax(truth[:, 0]) - np.nanmin(truth[:, 0])))
                largest = max(bodies, key=lambda body: body.area, default=None)
                where = np.full((33, 2), np.nan) if largest is None else largest.keypoints.xy
                distances.append(np.linalg.norm(where - truth, axis=1)[list(_JOINTS)] / tall)
    return Found(np.stack(distances), spent)
