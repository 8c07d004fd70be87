"""The landmarks and directions, in metres, that the shapes of the parts of a body are put together from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX, LANDMARKS, Keypoints

Floats = NDArray[np.float32]

SIDES: Final = ("left", "right")

_PLACES = {
    **{f"mid_{name}": (f"left_{name}", f"right_{name}") for name in ("ear", "eye", "shoulder", "hip")},
    "mid_mouth": ("mouth_left", "mouth_right"),
    **{
        f"{side}_{name}": (f"{side}_{name}",)
        for side in SIDES
        for name in ("shoulder", "elbow", "wrist", "thumb", "hip", "knee", "ankle", "heel", "foot_index")
    },
    **{f"{side}_fingers": (f"{side}_index", f"{side}_pinky") for side in SIDES},
}
"""A place and the landmarks in whose middle it lies."""

_UNITS = {
    "down": ("mid_shoulder", "mid_hip"),
    "face_up": ("mid_mouth", "mid_eye"),
    "neck_up": ("mid_shoulder", "mid_ear"),
    **{
        f"{side}_along_{part}": (f"{side}_{start}", f"{side}_{end}")
        for side in SIDES
        for part, start, end in (
            ("upper_arm", "shoulder", "elbow"),
            ("lower_arm", "elbow", "wrist"),
            ("hand", "wrist", "fingers"),
            ("upper_leg", "hip", "knee"),
            ("lower_leg", "knee", "ankle"),
            ("foot", "heel", "foot_index"),
        )
    },
}
"""A direction of unit length, and from where to where it points."""

_SPANS = {
    f"{side}_{name}_out": (f"mid_{name}", f"{side}_{name}") for side in SIDES for name in ("shoulder", "hip")
}
"""A direction that is as long as the way."""

NAMES: Final = (*_PLACES, *_UNITS, *_SPANS)
"""What the rows of ``PartFrame.basis`` are."""

ROW: Final = {name: row for row, name in enumerate(NAMES)}
"""Name to row number."""

_LEVERS = [
    INDEX[f"{side}_{name}"]
    for name in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in SIDES
]
_SHORT_M = np.float32(0.03)  # a bone that is hardly longer in the picture points nowhere
_TINY = np.float32(1e-6)


def _middles() -> Floats:
    """The matrix (places, 33) that takes landmarks to places."""
    matrix = np.zeros((len(_PLACES), len(LANDMARKS)), np.float32)
    for row, names in enumerate(_PLACES.values()):
        matrix[row, [INDEX[name] for name in names]] = 1
    return matrix


_MIDDLES = _middles()
_FROM, _TO = (np.array([ROW[way[end]] for way in (*_UNITS.values(), *_SPANS.values())]) for end in (0, 1))


@dataclass(frozen=True, slots=True)
class PartFrame:
    """Where a body's places are and where its bones point.

    Attributes:
        scale: pixels a metre.
        basis: float32 array (len(NAMES), 3): x and y in the picture and z away from the camera, in metres;
            directions have a z of 0.
        facing: 1 where the chest faces the camera, 0 where the body is seen from the side, -1 from behind.
        visibility: float32 array (33,), 0 to 1; 0 for a landmark whose place is not known.
    """

    scale: float
    basis: Floats
    facing: float
    visibility: Floats

    @staticmethod
    def of(keypoints: Keypoints) -> PartFrame | None:
        """Of a body; None where too little of it is known to say how large it is.

        >>> PartFrame.of(Keypoints.empty()) is None
        True
        """
        known = np.asarray(np.isfinite(keypoints.xy.sum(axis=1) + keypoints.world.sum(axis=1)))
        scale = _pixels_a_metre(keypoints, known)
        if scale is None:
            return None
        world = np.where(known[:, None], keypoints.world, np.float32(0))
        xy = np.where(known[:, None], keypoints.xy, np.float32(0)) / np.float32(scale)
        shares = _MIDDLES * known
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1)
        places = shares @ np.concatenate([xy, world[:, 2:]], axis=1)
        ways = (places[_TO] - places[_FROM]) * np.array([1, 1, 0], np.float32)
        units = ways[: len(_UNITS)]
        units /= np.hypot(units[:, :1], units[:, 1:2]) + _SHORT_M
        visibility = np.where(known, keypoints.visibility, np.float32(0))
        return PartFrame(scale, np.concatenate([places, ways]), _facing(world), visibility)


def _pixels_a_metre(keypoints: Keypoints, known: NDArray[np.bool_]) -> float | None:
    """How much larger the spread of the joints is in the picture than in the world."""
    rows = [row for row in _LEVERS if known[row]]
    if len(rows) < 2:
        return None
    picture, world = (_spread(plane[rows]) for plane in (keypoints.xy, keypoints.world[:, :2]))
    return picture / world if min(picture, world) > _TINY else None


def _spread(points: Floats) -> float:
    return float(np.linalg.norm(points - points.mean(axis=0)))


def _facing(world: Floats) -> float:
    """How far the chest looks at the camera, 1 to -1, from world landmarks (33, 3)."""
    left_shoulder, left_hip, right_shoulder, right_hip = (
        world[INDEX[f"{side}_{name}"]] for side in SIDES for name in ("shoulder", "hip")
    )
    (ax, ay, az), (bx, by, bz) = (
        (left_shoulder + left_hip - right_shoulder - right_hip).tolist(),  # from right to left
        (left_hip + right_hip - left_shoulder - right_shoulder).tolist(),  # down
    )
    normal = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx  # out of the back
    return float(normal[2] / (math.hypot(*normal) + _TINY))
