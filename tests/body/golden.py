"""Landmarks of a few frames of the demo clip; `python -m tests.body.golden` writes them anew."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.body.engine import PoseEngine
from spotter.body.keypoints import Body
from spotter.media.frame import Frame
from spotter.media.reader import open_media

CLIP = Path(__file__).parents[2] / "examples" / "squat.mp4"
GOLDEN = Path(__file__).with_name("golden.json")
FRAMES = (0, 60, 88, 120, 310, 420, 540, 600)
"""Standing, on the way, at the bottom, and in the repetition with the knees caving in."""


def frames() -> list[Frame]:
    """The chosen frames of the clip."""
    with open_media(CLIP, end_s=FRAMES[-1] / 30 + 0.01) as source:
        return [frame for frame in source if frame.index in FRAMES]


def found() -> dict[int, Body]:
    """The body in each chosen frame, by the frame's number; a cut to black before each begins anew."""
    engine = PoseEngine(max_people=1)
    bodies = {}
    for frame in frames():
        if frame.index:
            engine.push(Frame(np.zeros_like(frame.image), frame.time_s - 0.5, frame.index))
        (bodies[frame.index],) = engine.push(frame)
    return bodies


def tall(xy: NDArray[np.floating]) -> float:
    """Height of the box around landmarks (33, 2), in pixels."""
    return float(np.ptp(xy[:, 1]))


def write() -> None:
    """Store what the engine finds now."""
    rows = {}
    for index, body in found().items():
        rows[str(index)] = {
            "xy": body.keypoints.xy.astype(float).round(1).tolist(),
            "world": body.keypoints.world.astype(float).round(3).tolist(),
            "visibility": body.keypoints.visibility.astype(float).round(2).tolist(),
        }
    # through Python's floats: a float32's own digits would be long
    text = json.dumps(rows, separators=(",", ":"))
    GOLDEN.write_text(text.replace("},", "},\n") + "\n", "utf-8")


if __name__ == "__main__":
    write()
