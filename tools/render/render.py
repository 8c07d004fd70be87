"""Renders a clip: poses, pictures, encoded video and the truth beside it."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from .acts import timeline
from .body import Body, Source
from .camera import Camera
from .clip import Clip
from .props import equipment
from .rig import solve
from .scene import Figure, Stage
from .truth import Landmarks, clip_truth, person_truth


def render(clip: Clip, assets: Path, video: Path, truth: Path) -> int:
    """Write the video (H.264) and its truth (JSON; gzipped if named .gz); gives the number of frames."""
    source = Source(assets)
    subjects = [person.subject for person in clip.people]
    bodies = [Body(source, subject.mix(), subject.height_m) for subject in subjects]
    lines = [
        timeline(person, body, clip.seed + i)
        for i, (person, body) in enumerate(zip(clip.people, bodies, strict=True))
    ]
    marks = [Landmarks(body) for body in bodies]
    stage = Stage(clip.size, clip.room)
    figures = [
        Figure(stage, body, person.clothes, person.subject.ethnicity)
        for person, body in zip(clip.people, bodies, strict=True)
    ]
    frames = round((clip.seconds or lines[0].seconds) * clip.fps)
    times = [i / clip.fps for i in range(frames)]
    xyz: list[list[Any]] = [[] for _ in bodies]
    xy: list[list[Any]] = [[] for _ in bodies]
    grain = Grain(clip.size, clip.grain, clip.seed)
    with Encoder(video, clip) as encoder:
        for time_s in times:
            camera = camera_at(clip, time_s)
            pieces = []
            for i, (person, body, line) in enumerate(zip(clip.people, bodies, lines, strict=True)):
                posed = solve(body, *line.at(time_s))
                figures[i].move(posed.rotation, posed.position)
                pieces += equipment(person.equipment, body, posed)
                points = marks[i].at(posed)
                xyz[i].append(points)
                xy[i].append(camera.project(points, *clip.size))
            encoder.add(grain.on(stage.picture(camera, figures, pieces)))
    people = [
        person_truth(person, line, mark.names, np.stack(xyz[i]), np.stack(xy[i]))
        for i, (person, line, mark) in enumerate(zip(clip.people, lines, marks, strict=True))
    ]
    write_json(truth, clip_truth(clip, people, times))
    return frames


def camera_at(clip: Clip, time_s: float) -> Camera:
    """The camera of the last shot that has begun."""
    begun = [shot.camera for shot in clip.shots if shot.start_s <= time_s + 1e-9]
    return begun[-1]


class Grain:
    """The noise of a camera: keeps smooth walls from banding."""

    def __init__(self, size: tuple[int, int], strength: float, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        width, height = size
        self._fields = self._rng.normal(0.0, strength, (6, height, width, 1)).astype(np.float32)

    def on(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture with fresh noise."""
        field = self._fields[self._rng.integers(6)][
            :: self._rng.choice([-1, 1]), :: self._rng.choice([-1, 1])
        ]
        return np.asarray(np.clip(image + field, 0, 255).round(), np.uint8)


class Encoder:
    """Writes pictures to an H.264 file that appears under its name only when complete."""

    def __init__(self, path: Path, clip: Clip) -> None:
        self._path, self._part = path, path.with_name(path.stem + ".part.mp4")
        self._container = av.open(str(self._part), "w", options={"movflags": "+faststart"})
        self._stream = self._container.add_stream("libx264", rate=clip.fps)
        self._stream.width, self._stream.height = clip.size
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": str(clip.crf), "preset": "medium", "aq-mode": "3"}

    def __enter__(self) -> Encoder:
        return self

    def add(self, image: NDArray[np.uint8]) -> None:
        """Append one picture (height, width, 3) RGB."""
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        self._container.mux(self._stream.encode(frame))

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._container.mux(self._stream.encode())
        self._container.close()
        if kind is None:
            os.replace(self._part, self._path)
        else:
            self._part.unlink(missing_ok=True)


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Write compact JSON; gzipped if the name ends in .gz."""
    data = (json.dumps(document, separators=(",", ":")) + "\n").encode()
    part = path.with_name(path.name + ".part")
    part.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    os.replace(part, path)
