"""Where the camera stands and how it frames people: the lens is chosen so that they fill what was drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.render.body import Array
from tools.render.rig import unit

from .tables import Rng, between, chance

NEAR, FAR = 0.05, 60.0


@dataclass(frozen=True, slots=True)
class View:
    """A camera at `eye` (3,) metres with clip matrix (4, 4)."""

    eye: Array
    matrix: Array

    def project(self, points: Array) -> Array:
        """Where points (n, 3) are in the picture, -1 to 1 with y up, and their depth: (n, 3)."""
        clip = np.c_[points, np.ones(len(points))] @ self.matrix.T
        return np.column_stack([clip[:, :2] / clip[:, 3:], clip[:, 3]])


def draw_view(rng: Rng, points: Array, aspect: float) -> View:
    """A view of a person whose surface has `points` (n, 3); `aspect` is width over height."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, reach = (low + high) / 2, float(np.linalg.norm(high - low))
    distance = reach * float(np.exp(rng.uniform(np.log(0.9), np.log(3.5))))
    azimuth = rng.uniform(0, 2 * np.pi) if chance(rng, 0.6) else rng.normal(0, 0.5)
    if chance(rng, 0.65):  # a phone in a hand or on the floor
        rise = between(rng, [0.15, 2.0]) - middle[1]
        elevation = float(np.arcsin(np.clip(rise / distance, -0.9, 0.9)))
    else:
        elevation = np.radians(between(rng, [-20.0, 60.0]))
    away = np.array(
        [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)]
    )
    eye = middle + distance * away
    eye[1] = max(eye[1], 0.08)
    looks = _looks(eye, middle, _roll(rng))
    seen = (points - eye) @ looks.T
    flat = seen[:, :2] / np.maximum(-seen[:, 2:], 0.1)
    return View(eye, _lens(rng, flat, aspect) @ _four(looks, eye))


def _roll(rng: Rng) -> float:
    """Degrees about the line of sight; now and then the picture lies on its side."""
    if chance(rng, 0.05):
        return float(rng.choice([-90.0, 90.0, 180.0]))
    return between(rng, [-15.0, 15.0]) if chance(rng, 0.4) else float(rng.normal(0, 2))


def _looks(eye: Array, at: Array, roll: float) -> Array:
    """Rows: right, up, back of a camera."""
    forward = unit(at - eye)
    right = unit(np.cross(forward, (0.0, 1.0, 1e-4)))
    up = np.cross(right, forward)
    c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    return np.stack([c * right + s * up, c * up - s * right, -forward])


def _lens(rng: Rng, flat: Array, aspect: float) -> Array:
    """Zoom and shift so that the person, at `flat` (n, 2) a metre away, has a drawn size and place."""
    low, high = flat.min(axis=0), flat.max(axis=0)
    size, middle = high - low, (high + low) / 2
    kind = rng.random()
    if kind < 0.64:  # the whole body
        fill = between(rng, [0.5, 0.97])
    elif kind < 0.84:  # far away
        fill = between(rng, [0.18, 0.5])
    else:  # cut by the edges
        fill = between(rng, [1.0, 2.2])
    zoom = 2 * fill * min(1.0 / size[1], aspect / size[0])
    free = 1.0 - zoom * size / 2 / (aspect, 1.0)
    slack = np.abs(free) if fill > 1 else np.maximum(free, 0.05)
    shift = rng.uniform(-1, 1, 2) * slack * (1.0 if fill <= 1 else 0.9)
    lens = np.zeros((4, 4))
    lens[0, 0], lens[1, 1], lens[3, 2] = zoom / aspect, zoom, -1.0
    lens[0, 2] = zoom / aspect * middle[0] - shift[0]
    lens[1, 2] = zoom * middle[1] - shift[1]
    lens[2, 2], lens[2, 3] = (FAR + NEAR) / (NEAR - FAR), 2 * FAR * NEAR / (NEAR - FAR)
    return lens


def _four(looks: Array, eye: Array) -> Array:
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = looks, -looks @ eye
    return view


def light_matrix(towards: Array, middle: Array, reach: float) -> Array:
    """Clip matrix (4, 4) of a far light in direction `towards`, covering `reach` metres around `middle`."""
    looks = _looks(middle + towards, middle, 0.0)
    matrix = _four(looks, middle)
    return np.diag([1 / reach, 1 / reach, -1 / (2 * reach), 1.0]) @ matrix
