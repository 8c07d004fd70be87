"""Short clips of a stick figure that squats, and the joints another program found: analysed in no time."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import av
import numpy as np

from spotter.cli.app import app, run
from tests.exchange.foreign import coco_results, mediapipe, write
from tests.motion.stick import Pose, blend, clock, raw_landmarks, there_and_back

TIME = clock(7.0)
NEAR, FAR = Pose(azimuth=90), Pose(azimuth=90, trunk=35, thigh=85, knee=105, lift=30)


@cache
def _raw(*starts: float) -> dict[str, np.ndarray]:
    pose = blend(NEAR, FAR, there_and_back(TIME, list(starts))) if starts else NEAR
    return raw_landmarks(pose, TIME, noise_m=0.003)


def write_clip(path: Path, **metadata: str) -> Path:
    """Seven seconds of nothing to see."""
    image = np.full((72, 128, 3), 60, np.uint8)
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as out:
        out.metadata.update(metadata)
        stream = out.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for _ in TIME:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode())
    return path


def write_joints(path: Path, *starts: float) -> Path:
    """One person as MediaPipe finds them, who squats at these seconds."""
    raw = _raw(*starts)
    return write(path, mediapipe(raw["xy"], raw["world"]))


def write_two_people(path: Path) -> Path:
    """Two people as COCO's results, of whom the right one squats twice and the left one three times."""
    left, right = _raw(0.5, 2.5, 4.5)["xy"] / 10 - (40, 0), _raw(0.5, 2.5)["xy"] / 10 + (30, 0)
    return write(path, coco_results([[a, b] for a, b in zip(left, right, strict=True)]))


def spotter(*words: object) -> int:
    """Run the command in this process; its exit code."""
    return run(lambda: app([str(word) for word in words], standalone_mode=False))


def count_of(folder: Path) -> int:
    """Complete repetitions in the analysis that was left in a folder."""
    document = json.loads((folder / "analysis.json").read_text("utf-8"))
    return sum(rep["complete"] for who in document["people"] for one in who["sets"] for rep in one["reps"])
