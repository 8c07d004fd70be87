"""Where the camera stands and what it sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .body import Array

NEAR, FAR = 0.1, 40.0


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera on a stand: it looks at `aim` (x, y, z in metres) from `distance` metres.

    `azimuth` is 0 in front of a person who faces +z and 90 at that person's left; `elevation` is above the
    horizon, `fov` the vertical field of view; degrees.
    """

    azimuth: float
    elevation: float
    distance: float
    fov: float
    aim: tuple[float, float, float]

    @property
    def eye(self) -> Array:
        """Where the lens is: (3,) metres."""
        a, e = np.radians(self.azimuth), np.radians(self.elevation)
        away = np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
        return np.asarray(np.array(self.aim) + self.distance * away)

    def matrix(self, width: int, height: int) -> Array:
        """View and projection (4, 4) for OpenGL's clip space."""
        forward = np.array(self.aim) - self.eye
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0.0, 1.0, 0.0))
        right /= np.linalg.norm(right)
        view = np.eye(4)
        view[:3, :3] = right, np.cross(right, forward), -forward
        view[:3, 3] = -view[:3, :3] @ self.eye
        scale = 1 / np.tan(np.radians(self.fov) / 2)
        lens = np.zeros((4, 4))
        lens[0, 0], lens[1, 1], lens[3, 2] = scale * height / width, scale, -1.0
        lens[2, 2], lens[2, 3] = (FAR + NEAR) / (NEAR - FAR), 2 * FAR * NEAR / (NEAR - FAR)
        return np.asarray(lens @ view)

    def project(self, points: Array, width: int, height: int) -> Array:
        """Pixels (n, 2), from the top left corner, of points (n, 3)."""
        clip = np.c_[points, np.ones(len(points))] @ self.matrix(width, height).T
        flat = clip[:, :2] / clip[:, 3:]
        return np.stack([(flat[:, 0] + 1) / 2 * width, (1 - flat[:, 1]) / 2 * height], axis=1)
