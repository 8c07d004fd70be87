"""Dumbbells and barbells, built of cylinders and held by posed hands."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .body import SIDES, Array, Body
from .rig import Posed, unit

STEEL, IRON = "#b9bcc2", "#33363b"
PLATES = {"barbell": 0.2, "back-bar": 0.11}


@dataclass(frozen=True, slots=True)
class Piece:
    """A cylinder: `model` (4, 4) places the unit cylinder of `cylinder()`."""

    model: Array
    colour: str


def cylinder(sides: int = 28) -> Array:
    """Triangles of a cylinder of radius 1 from y = 0 to y = 1: rows of position and normal (n, 6)."""
    turn = np.linspace(0.0, 2 * np.pi, sides + 1)
    ring = np.stack([np.cos(turn), np.zeros(sides + 1), np.sin(turn)], axis=1)
    up = np.array([0.0, 1.0, 0.0])
    rows: list[Array] = []
    for a, b in pairwise(ring):
        rows += [np.r_[p, n] for p, n in ((a, a), (a + up, a), (b + up, b), (a, a), (b + up, b), (b, b))]
        rows += [np.r_[p, up] for p in (up, b + up, a + up)] + [np.r_[p, -up] for p in (0 * up, a, b)]
    return np.stack(rows)


def equipment(kind: str, body: Body, posed: Posed) -> list[Piece]:
    """What a person holds: `none`, `dumbbells`, a `barbell`, or a `back-bar` on the shoulders."""
    if kind == "none":
        return []
    if kind == "dumbbells":
        return [piece for side in SIDES for piece in _dumbbell(*_grip(body, posed, side))]
    if kind == "barbell":
        ends = [_grip(body, posed, side)[0] for side in SIDES]
        return _barbell((ends[0] + ends[1]) / 2, unit(ends[0] - ends[1]), PLATES[kind])
    row = body.row["spine01"]
    on_back = body.tail[row] + (0.0, -0.035, -0.085) - body.head[row]
    return _barbell(
        posed.position[row] + posed.rotation[row] @ on_back, posed.rotation[row][:, 0], PLATES[kind]
    )


def _grip(body: Body, posed: Posed, side: str) -> tuple[Array, Array]:
    """Middle of the closed hand and the direction across the palm."""
    at = {n: posed.position[body.row[f"finger{n}-1.{side}"]] for n in (2, 3, 5)}
    deeper = posed.position[body.row[f"finger3-2.{side}"]]
    return (at[2] + at[5]) / 4 + (at[3] + deeper) / 4, unit(at[2] - at[5])


def _dumbbell(middle: Array, axis: Array) -> list[Piece]:
    ends = [_tube(middle + axis * s * 0.065, middle + axis * s * 0.135, 0.052, IRON) for s in (-1, 1)]
    return [_tube(middle - 0.1 * axis, middle + 0.1 * axis, 0.014, STEEL), *ends]


def _barbell(middle: Array, axis: Array, plate: float) -> list[Piece]:
    plates = [_tube(middle + axis * s * 0.66, middle + axis * s * 0.71, plate, IRON) for s in (-1, 1)]
    return [_tube(middle - 0.9 * axis, middle + 0.9 * axis, 0.014, STEEL), *plates]


def _tube(start: Array, end: Array, radius: float, colour: str) -> Piece:
    axis = end - start
    aside = unit(np.cross(axis, (0.0, 0.3, 1.0)))
    model = np.eye(4)
    model[:3, 0], model[:3, 1], model[:3, 2], model[:3, 3] = (
        radius * aside,
        axis,
        radius * unit(np.cross(aside, axis)),
        start,
    )
    return Piece(model, colour)
