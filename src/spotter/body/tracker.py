"""Who is who: keeps each person's number while people move, cross and hide behind each other."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX, Keypoints
from spotter.body.landmarker import Landmarks
from spotter.body.roi import Roi

FORGET_S = 10.0
"""A person out of sight for longer than this comes back under a new number."""

_SAME_BODY = 0.12  # mean landmark distance over body size under which two results are one person
_COVERED = 0.7
_MAX_STRANGENESS = 1.0
_PLACE_PER_S = 0.5  # body sizes that a hidden person may stray from the predicted place, a second
_LOOK_UNIT = 40.0  # distance of colours at which two people look different
LIMBS = [
    INDEX[n]
    for n in (
        "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_hip", "right_hip",
        "left_knee", "right_knee", "left_ankle", "right_ankle",
    )
]  # fmt: skip
"""Rows of the landmarks that tell where a body is."""


@dataclass(slots=True)
class Track:
    """One person's last known state.

    Attributes:
        id: the person's number, from 1.
        landmarks: the latest result.
        seen_s: when that was.
        velocity: float array (2,), pixels a second of the hip centre.
        look: float array (parts, 3), usual colours of the body's parts.
    """

    id: int
    landmarks: Landmarks
    seen_s: float
    look: NDArray[np.float32]
    velocity: NDArray[np.float32] = field(default_factory=lambda: np.zeros(2, np.float32))

    @property
    def roi(self) -> Roi:
        """Where to look for the person in the next picture."""
        centre, rim = self.landmarks.alignment
        return Roi.from_alignment(centre, rim)

    def move_to(self, landmarks: Landmarks, look: NDArray[np.float32], time_s: float) -> None:
        """Take over a new result."""
        step = max(time_s - self.seen_s, 1e-3)
        moved = (landmarks.alignment[0] - self.landmarks.alignment[0]) / step
        self.velocity += min(1.0, 4 * step) * (moved - self.velocity)
        self.look += min(1.0, step) * (look - self.look)
        self.landmarks, self.seen_s = landmarks, time_s

    def strangeness(self, landmarks: Landmarks, look: NDArray[np.float32], time_s: float) -> float:
        """How unlike this person a result is, in place and in colour; 1 is the limit of belief."""
        gone = time_s - self.seen_s
        size = max(self.roi.size, 1.0)
        expected = self.landmarks.alignment[0] + self.velocity * min(gone, 1.0)
        away = float(np.linalg.norm(landmarks.alignment[0] - expected)) / size
        colours = float(np.linalg.norm(look - self.look, axis=1).mean()) / _LOOK_UNIT
        return 0.5 * colours + 0.5 * away / (0.25 + _PLACE_PER_S * gone)


def appearance(image: NDArray[np.uint8], keypoints: Keypoints) -> NDArray[np.float32]:
    """Mean RGB colours (5, 3) of chest, belly, thighs, shins and upper arms."""
    height, width = image.shape[:2]
    xy = keypoints.xy
    line = np.linspace(0.2, 0.8, 6, dtype=np.float32)[:, None]

    def between(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
        return a + (b - a) * line

    p = {name: xy[row] for name, row in INDEX.items()}
    shoulders = between(p["left_shoulder"], p["right_shoulder"])
    hips = between(p["left_hip"], p["right_hip"])
    parts = [
        np.concatenate([shoulders * 0.75 + hips * 0.25, shoulders * 0.6 + hips * 0.4]),
        np.concatenate([shoulders * 0.4 + hips * 0.6, shoulders * 0.2 + hips * 0.8]),
        np.concatenate([between(p[f"{s}_hip"], p[f"{s}_knee"]) for s in ("left", "right")]),
        np.concatenate([between(p[f"{s}_knee"], p[f"{s}_ankle"]) for s in ("left", "right")]),
        np.concatenate([between(p[f"{s}_shoulder"], p[f"{s}_elbow"]) for s in ("left", "right")]),
    ]
    cells = np.stack(parts).astype(np.int64)
    columns, rows = cells[..., 0].clip(0, width - 1), cells[..., 1].clip(0, height - 1)
    return np.asarray(np.median(image[rows, columns], axis=1), np.float32)


def same_body(a: Landmarks, b: Landmarks) -> bool:
    """Whether two results lie on one and the same person."""
    size = min(_circle(a), _circle(b))
    away = np.linalg.norm(a.keypoints.xy[LIMBS] - b.keypoints.xy[LIMBS], axis=1)
    return float(np.median(away)) < _SAME_BODY * size


def covers(a: Landmarks, points: NDArray[np.floating]) -> bool:
    """Whether most of some points (n, 2) lie in the box around a body, where others would be hidden."""
    limbs = a.keypoints.xy[LIMBS]
    low, high = limbs.min(axis=0), limbs.max(axis=0)
    inside = ((points >= low) & (points <= high)).all(axis=1)
    return bool(inside.mean() > _COVERED)


def _circle(landmarks: Landmarks) -> float:
    return 2 * float(np.linalg.norm(landmarks.alignment[0] - landmarks.alignment[1]))


class Roster:
    """Everybody who was seen in this shot, in sight or not.

    Example::

        roster = Roster()
        track = roster.admit(landmarks, appearance(image, landmarks.keypoints), time_s=0.0)
        track.id  # 1
    """

    def __init__(self) -> None:
        self.in_sight: list[Track] = []
        self.out_of_sight: list[Track] = []
        self._next_id = 1

    def clear(self) -> None:
        """Begin anew after a cut; numbers that were given are not given again."""
        self.in_sight.clear()
        self.out_of_sight.clear()

    def lose(self, track: Track) -> None:
        """The person is no longer seen where they were."""
        self.in_sight.remove(track)
        self.out_of_sight.append(track)

    def admit(self, landmarks: Landmarks, look: NDArray[np.float32], time_s: float) -> Track:
        """A person has appeared: somebody who was hidden, or somebody new."""
        self.out_of_sight = [t for t in self.out_of_sight if time_s - t.seen_s <= FORGET_S]
        known = min(self.out_of_sight, key=lambda t: t.strangeness(landmarks, look, time_s), default=None)
        if known is not None and known.strangeness(landmarks, look, time_s) < _MAX_STRANGENESS:
            self.out_of_sight.remove(known)
            known.move_to(landmarks, look, time_s)
        else:
            known = Track(self._next_id, landmarks, time_s, look)
            self._next_id += 1
        self.in_sight.append(known)
        return known

    def settle(self, results: dict[int, tuple[Landmarks, NDArray[np.float32]]], time_s: float) -> None:
        """Take over new results by person's number; of two on one body the better fit keeps it."""
        fits = {t.id: t.strangeness(*results[t.id], time_s) for t in self.in_sight if t.id in results}
        for track in sorted(self.in_sight, key=lambda t: fits.get(t.id, np.inf)):
            if track.id not in results:
                self.lose(track)
                continue
            landmarks, look = results[track.id]
            taken = any(
                other.seen_s == time_s and other is not track and same_body(other.landmarks, landmarks)
                for other in self.in_sight
            )
            if taken:
                self.lose(track)
            else:
                track.move_to(landmarks, look, time_s)
