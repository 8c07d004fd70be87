"""Where the clips lie that are measured on, and what is true of them."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.motion.view import view_names

REPOSITORY = Path(__file__).parent.parent

_REST_DM = 1e-3

TURNED_BACK = 0.5
"""A rendered repetition of a smaller scale is an attempt that turned back early."""


class Skipped(Exception):
    """A benchmark cannot be run here; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A real clip with its repetitions counted by eye.

    Attributes:
        path: the video.
        exercise: what is done in it; None where it shows no exercise.
        reps: how many repetitions there are.
        turns_s: when each of them turns, in seconds, good to 0.2 s.
        confidence: of whoever counted, ``"high"`` or ``"medium"``; None where there is nothing to count.
        form: ``"good"`` or the fault that it shows; None where it was not filmed for that.
    """

    path: Path
    exercise: str | None
    reps: int
    turns_s: tuple[float, ...]
    confidence: str | None
    form: str | None

    @property
    def name(self) -> str:
        return self.path.stem


@dataclass(frozen=True, slots=True)
class RenderedClip:
    """A clip of a rendered body, of which everything is known.

    Attributes:
        path: the video.
        exercise: what is done in it.
        azimuth_deg: how far the body is turned from the camera, as ``Motion.values["azimuth"]``.
        turns_s: when the complete repetitions turn, in seconds: the middle of the rest at the far end.
        attempts: how many others turned back early.
        joints: array (n, 33, 3), metres, y down; NaN for the landmarks that are no joints.
        points: array (n, 33, 2), where they are in the picture, in pixels.
    """

    path: Path
    exercise: str
    azimuth_deg: float
    turns_s: tuple[float, ...]
    attempts: int
    joints: NDArray[np.float64] = field(repr=False)
    points: NDArray[np.float64] = field(repr=False)

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def view(self) -> str:
        """How the camera sees the body, by its true turn."""
        return str(view_names(np.array([self.azimuth_deg]))[0])

    @property
    def has_fault(self) -> bool:
        """Whether a fault was built in: it was into each exercise's third clip."""
        return self.name.endswith("-3")


@dataclass(frozen=True, slots=True)
class Material:
    """The clips at hand.

    Attributes:
        folder: holds ``videos`` and ``rendered``; these are not part of the repository.
        example: the clip that is.
    """

    folder: Path
    example: Path

    @classmethod
    def at_hand(cls) -> Material:
        """What ``SPOTTER_SHARED`` names, or the folder beside the repository."""
        folder = Path(os.environ.get("SPOTTER_SHARED") or REPOSITORY.parent / "shared")
        return cls(folder, REPOSITORY / "examples" / "squat.mp4")

    def real_clips(self) -> list[Clip]:
        """All real clips with what is true of them.

        Raises:
            Skipped: they are not here.
        """
        truth = self._wanted(self.folder / "videos" / "truth.json")
        rows = json.loads(truth.read_text(encoding="utf-8"))["videos"]
        return [_clip(truth.parent, row) for row in rows]

    def rendered_clips(self) -> list[RenderedClip]:
        """All clips of rendered bodies.

        Raises:
            Skipped: they are not here.
        """
        truths = sorted(self._wanted(self.folder / "rendered").glob("*.json.gz"))
        return [_rendered(truth) for truth in truths]

    def example_clip(self) -> Path:
        """The repository's own clip.

        Raises:
            Skipped: it was not rendered yet.
        """
        return self._wanted(self.example)

    def _wanted(self, path: Path) -> Path:
        if not path.exists():
            raise Skipped(f"there is no {path}; name the folder with the clips with SPOTTER_SHARED")
        return path


def _clip(folder: Path, row: dict[str, Any]) -> Clip:
    return Clip(
        path=folder / row["video"],
        exercise=row["exercise"],
        reps=row["reps"],
        turns_s=tuple(row.get("event_times_s") or ()),
        confidence=row.get("confidence"),
        form=row.get("form"),
    )


def _rendered(truth: Path) -> RenderedClip:
    known = json.loads(gzip.decompress(truth.read_bytes()))
    joints = np.full((len(known["frames"]), len(INDEX), 3), np.nan)
    points = joints[..., :2].copy()
    for name in known["frames"][0]["xyz"]:
        joints[:, INDEX[name]] = [frame["xyz"][name] for frame in known["frames"]]
        points[:, INDEX[name]] = [frame["xy"][name] for frame in known["frames"]]
    return RenderedClip(
        path=truth.with_name(truth.name.removesuffix(".json.gz") + ".mp4"),
        exercise=known["exercise"],
        azimuth_deg=known["azimuth_deg"],
        turns_s=tuple(
            _middle_of_rest(joints, known["fps"], rep["bottom"])
            for rep in known["reps"]
            if rep["scale"] >= TURNED_BACK
        ),
        attempts=sum(rep["scale"] < TURNED_BACK for rep in known["reps"]),
        joints=joints * np.array([0.1, -0.1, 0.1]),
        points=points,
    )


def _middle_of_rest(joints: NDArray[np.float64], fps: float, first_s: float) -> float:
    """The middle of the time from ``first_s`` on in which no joint moves."""
    first = round(first_s * fps)
    moved = np.nanmax(np.abs(joints[first:] - joints[first]), axis=(1, 2)) > _REST_DM
    return first_s + max(0, int(moved.argmax()) - 1) / 2 / fps
