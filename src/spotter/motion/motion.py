"""One person's movement over time: landmarks, angles and measures on one clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Motion:
    """What one person did during n frames; NaN wherever something was not seen.

    Attributes:
        person: the person's number.
        time_s: float64 array (n,), growing.
        frame: int64 array (n,), the frames' numbers in the video.
        shot: int64 array (n,), number of the shot that each frame belongs to.
        xy: float32 array (n, 33, 2), landmarks in pixels, smoothed.
        visibility: float32 array (n, 33), 0 to 1.
        space: float32 array (n, 33, 3), landmarks in metres: x right, y down, z away from the camera.
        values: name to float32 array (n,): every angle of ``angles.toml`` in degrees and every measure of
            ``measures.toml`` in its unit.
        sd: angle name to float32 array (n,): standard deviation of the angle in degrees.
        views: str array (n,): how the camera sees the person: ``"front"``, ``"back"``, ``"oblique"``,
            ``"side"`` or ``"unknown"``.
    """

    person: int
    time_s: NDArray[np.float64]
    frame: NDArray[np.int64]
    shot: NDArray[np.int64]
    xy: Floats
    visibility: Floats
    space: Floats
    values: Mapping[str, Floats]
    sd: Mapping[str, Floats]
    views: NDArray[np.str_]

    def __len__(self) -> int:
        return int(self.time_s.size)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Boolean array (n,): the person was seen in this frame."""
        return np.asarray(np.isfinite(self.xy[:, :, 0]).any(axis=1), np.bool_)

    def at(self, time_s: float) -> int:
        """Row of the frame nearest to a time.

        Raises:
            ValueError: the motion is empty.
        """
        return int(np.abs(self.time_s - time_s).argmin())
