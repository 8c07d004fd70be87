"""Shapes that things are built of: rows of position and normal (n, 6), three a triangle, 1 high and wide."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from tools.render.body import Array
from tools.render.props import cylinder

from .tables import Rng

LEAVES = 30
SQUARE = ((-1, -1), (1, -1), (1, 1), (-1, -1), (1, 1), (-1, 1))  # two triangles


@cache
def box() -> Array:
    """A cube around the origin."""
    rows = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            normal = np.zeros(3)
            normal[axis] = sign
            rows += [np.r_[corner / 2, normal] for corner in corners(normal)]
    return np.stack(rows)


def corners(normal: Array) -> Array:
    """Two triangles (6, 3), anticlockwise from outside: the side of a cube of size 2 that faces `normal`."""
    u, v = np.roll(np.abs(normal), 1), normal.sum() * np.roll(np.abs(normal), 2)
    return np.stack([normal + a * u + b * v for a, b in SQUARE])


@cache
def tube() -> Array:
    """A cylinder along y around the origin."""
    rows = cylinder(14)
    return np.hstack([rows[:, :3] * (0.5, 1.0, 0.5) - (0.0, 0.5, 0.0), rows[:, 3:]])


@cache
def ball() -> Array:
    """A sphere."""

    def surface(a: float, b: float) -> tuple[Array, Array]:
        turn, up = 2 * np.pi * a, np.pi * (b - 0.5)
        n = np.array([np.cos(turn) * np.cos(up), np.sin(up), np.sin(turn) * np.cos(up)])
        return n / 2, n

    return _swept(16, 10, surface)


@cache
def ring() -> Array:
    """A wheel's tyre in the plane of x and y."""

    def surface(a: float, b: float) -> tuple[Array, Array]:
        turn, side = 2 * np.pi * a, 2 * np.pi * b
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        n = out * np.cos(side) + np.array([0.0, 0.0, 1.0]) * np.sin(side)
        return out * 0.46 + n * np.array([0.04, 0.04, 0.5]), n

    return _swept(24, 6, surface)


def leaves(rng: Rng) -> Array:
    """Leaves around a middle, other ones each time."""
    rows = []
    for _ in range(LEAVES):
        out = rng.normal(0, 1, 3)
        out /= np.linalg.norm(out)
        aside = np.cross(out, rng.normal(0, 1, 3))
        aside *= rng.uniform(0.04, 0.12) / np.linalg.norm(aside)
        tip, foot = out * rng.uniform(0.25, 0.5), out * 0.05
        middle, normal = (tip + foot) / 2, np.cross(out, aside)
        normal /= np.linalg.norm(normal)
        corners = (foot, middle + aside, tip, foot, tip, middle - aside)
        rows += [np.r_[corner, normal] for corner in corners]
    return np.stack(rows)


def _swept(across: int, down: int, surface: Callable[[float, float], tuple[Array, Array]]) -> Array:
    """Triangles of a surface over two parameters from 0 to 1."""
    rows = []
    for i in range(across):
        for j in range(down):
            corners = ((i, j), (i + 1, j), (i + 1, j + 1), (i, j), (i + 1, j + 1), (i, j + 1))
            rows += [np.concatenate(surface(a / across, b / down)) for a, b in corners]
    return np.stack(rows)


SOLIDS: dict[str, Callable[[Rng], Array]] = {
    "box": lambda rng: box(),
    "cylinder": lambda rng: tube(),
    "ball": lambda rng: ball(),
    "ring": lambda rng: ring(),
    "leaves": leaves,
}
