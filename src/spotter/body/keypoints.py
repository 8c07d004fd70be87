"""The 33 landmarks of a body, and the body that carries them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from spotter.body.mask import PersonMask

LANDMARKS: Final = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye",
    "right_eye_outer", "left_ear", "right_ear", "mouth_left", "mouth_right",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb",
    "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    "left_heel", "right_heel", "left_foot_index", "right_foot_index",
)  # fmt: skip
"""Names of the landmarks in BlazePose's order (Bazarevsky et al. 2020, arXiv:2006.10204)."""

INDEX: Final = {name: i for i, name in enumerate(LANDMARKS)}
"""Landmark name to row number."""

BONES: Final = tuple(
    (INDEX[a], INDEX[b])
    for a, b in (
        ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"),
        ("left_shoulder", "left_hip"), ("right_shoulder", "right_hip"),
        ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
        ("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist"),
        ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
        ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
        ("left_ankle", "left_heel"), ("left_heel", "left_foot_index"), ("left_ankle", "left_foot_index"),
        ("right_ankle", "right_heel"), ("right_heel", "right_foot_index"),
        ("right_ankle", "right_foot_index"),
    )
)  # fmt: skip
"""Pairs of landmark rows that a skeleton drawing joins."""


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Where the 33 landmarks are, and how surely they are seen.

    Attributes:
        xy: float32 array (33, 2), pixels from the top left corner; may lie outside the picture.
        world: float32 array (33, 3), metres from the middle of the hips: x to the right of the
            picture, y down, z away from the camera.
        visibility: float32 array (33,), 0 to 1: the landmark is in the picture and not hidden.
        presence: float32 array (33,), 0 to 1: the landmark lies inside the picture.

    >>> Keypoints.empty().visibility.shape
    (33,)
    """

    xy: NDArray[np.float32]
    world: NDArray[np.float32]
    visibility: NDArray[np.float32]
    presence: NDArray[np.float32]

    @staticmethod
    def empty() -> Keypoints:
        """Keypoints of a body that was not seen: NaN places, zero visibility."""
        return Keypoints(
            xy=np.full((33, 2), np.nan, np.float32),
            world=np.full((33, 3), np.nan, np.float32),
            visibility=np.zeros(33, np.float32),
            presence=np.zeros(33, np.float32),
        )


@dataclass(frozen=True)
class Body:
    """One person in one picture.

    Attributes:
        id: number that stays with the person from frame to frame, from 1.
        keypoints: the landmarks.
        score: 0 to 1, how sure the landmark model is that this is a person.
        mask: the person's mask, where the engine was asked for masks.
    """

    id: int
    keypoints: Keypoints
    score: float
    mask: PersonMask | None = None

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the landmarks, in pixels."""
        low, high = self.keypoints.xy.min(axis=0), self.keypoints.xy.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def area(self) -> float:
        """Area of the box in square pixels."""
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)
