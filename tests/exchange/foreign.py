"""Landmarks as other programs write them: bodies of the stick figure in each of their forms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.exchange.landmarks import skeletons
from spotter.media.frame import Frame

Array = NDArray[np.float64]
SIZE = (1280, 720)


def keypoints(xy: Array, count: int, confidence: float = 0.9) -> Array:
    """One body (33, 2) as another skeleton's x, y and confidence, array (count, 3); 0 for what is NaN."""
    out = np.zeros((count, 3))
    for name, row in skeletons()[count].points.items():
        if np.isfinite(xy[INDEX[name]]).all():
            out[row] = [*xy[INDEX[name]], confidence]
    return out


def coco_results(bodies: Sequence[Sequence[Array]], count: int = 17, first: int = 0) -> list[dict[str, Any]]:
    """A list a frame of bodies (33, 2), as COCO's results."""
    return [
        {
            "image_id": number,
            "category_id": 1,
            "keypoints": keypoints(xy, count).ravel().tolist(),
            "score": 0.9,
        }
        for number, frame in enumerate(bodies, start=first)
        for xy in frame
    ]


def openpose_folder(folder: Path, bodies: Sequence[Sequence[Array]], count: int = 25) -> Path:
    folder.mkdir()
    for number, frame in enumerate(bodies):
        people = [
            {"person_id": [-1], "pose_keypoints_2d": keypoints(xy, count).ravel().tolist()} for xy in frame
        ]
        name = f"squat_{number:012d}_keypoints.json"
        (folder / name).write_text(json.dumps({"version": 1.3, "people": people}))
    return folder


def rtmpose(bodies: Sequence[Sequence[Array]], count: int = 133) -> dict[str, Any]:
    info = []
    for number, frame in enumerate(bodies, start=1):
        found = [keypoints(xy, count) for xy in frame]
        instances = [
            {"keypoints": one[:, :2].tolist(), "keypoint_scores": one[:, 2].tolist()} for one in found
        ]
        info.append({"frame_id": number, "instances": instances})
    return {"meta_info": {}, "instance_info": info}


def mediapipe(xy: Array, world: Array) -> list[Any]:
    """Frames (n, 33, ...) as the pose landmarker's results; NaN bodies are frames without one."""
    out: list[Any] = []
    for flat, space in zip(xy, world, strict=True):
        if np.isnan(flat).any():
            out.append(None)
            continue
        points = [
            {"x": float(x / SIZE[0]), "y": float(y / SIZE[1]), "z": 0.0, "visibility": 0.9} for x, y in flat
        ]
        spaces = [dict(zip("xyz", map(float, place), strict=True)) for place in space]
        out.append({"pose_landmarks": [points], "pose_world_landmarks": [spaces]})
    return out


def write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


def frame(number: int, size: tuple[int, int] = SIZE) -> Frame:
    """A black picture; its content does not matter."""
    return Frame(np.zeros((size[1], size[0], 3), np.uint8), number / 30, number)
