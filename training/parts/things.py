"""Furniture, what people hold or rest on, walls and floor: rows of WIDTH numbers, three rows a triangle.

A row has position (3), normal (3), place in the texture (2), colour (3), number of the texture, gloss.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.render.body import Array
from tools.render.props import Piece, cylinder
from tools.render.rig import rx, ry, rz, unit
from tools.render.scene import linear as linear_code

from .solids import SOLIDS, SQUARE, corners
from .tables import Colour, Rng, Row, any_colour, chance, choose, linear, rgb, table

Rows = NDArray[np.float32]
WIDTH = 13
MATERIALS = 4
FLOOR, WALL = 0, 1  # the first textures; furniture has the others
ROOM_CORNERS = 36
TEXTURE_SCALE = 0.9  # how often a texture of furniture repeats in a metre
TURNED = {"y": np.eye(3), "x": rz(-90), "z": rx(90)}
UPRIGHT = np.eye(3)
AS_IT_IS = np.ones(3)


def names(split: str, carried: bool = False) -> dict[str, float]:
    """The kinds of things that a split may use and how likely they are, for the floor or for hands."""
    return {
        name: row["weight"]
        for name, row in table("things").items()
        if row.get("carried", False) == carried and (split != "train" or not row.get("held_back", False))
    }


def thing(rng: Rng, name: str, at: Array, heading: float, scale: float) -> Rows:
    """A thing of the table standing (or thrown down) at a place on the floor."""
    turn = ry(heading)
    if table("things")[name].get("lies"):
        turn = turn @ rx(float(rng.uniform(-100, 100))) @ rz(float(rng.uniform(-60, 60)))
    return _built(rng, table("things")[name], turn, at, scale * rng.uniform(0.8, 1.25, 3))


def carried(rng: Rng, split: str, hand: Array, turn: Array) -> tuple[str, Rows]:
    """Something in a hand at `hand`, whose bones are turned by `turn` (3, 3): its name and rows."""
    name = choose(rng, names(split, carried=True))
    row = table("things")[name]
    frame = ry(float(rng.uniform(0, 360))) if row.get("hangs") else turn
    return name, _built(rng, row, frame, hand, rng.uniform(0.8, 1.25, 3))


def held(piece: Piece) -> Rows:
    """One of the cylinders of `tools.render.props`."""
    shape = cylinder(12)
    points = shape[:, :3] @ piece.model[:3, :3].T
    normals = shape[:, 3:] @ np.linalg.inv(piece.model[:3, :3])
    local = np.hstack([points, normals])
    return _placed(local, UPRIGHT, piece.model[:3, 3], linear_code(piece.colour), 2.0, 0.3)


def seat(rng: Rng, middle: Array, heading: float) -> Rows:
    """Something to sit on whose top is where `middle` (3,) is: a box, a stool, a chair or a ball."""
    x, top, z = middle
    wide, thick, back = rng.uniform(0.28, 0.6), 0.05, -0.05
    kind = choose(rng, {"box": 1.0, "stool": 1.0, "chair": 1.0, "ball": 0.5})
    plate = {"shape": "box", "size": [wide, thick, wide], "at": [0.0, top - thick / 2, back]}
    legs = [
        {"shape": "cylinder", "size": [0.04, top - thick, 0.04], "at": [a, (top - thick) / 2, b + back]}
        for a, b in 0.44 * wide * np.array(SQUARE)[[0, 1, 2, 5]]
    ]
    rest = {"shape": "box", "size": [wide, 0.5, 0.04], "at": [0.0, top + 0.3, back - wide / 2 - 0.06]}
    round_ = max(wide, top)
    pieces = {
        "box": [{"shape": "box", "size": [wide, top, wide], "at": [0.0, top / 2, back]}],
        "stool": [plate, *legs],
        "chair": [plate, *legs, rest],
        "ball": [{"shape": "ball", "size": [round_] * 3, "at": [0.0, top - round_ / 2, 0.0]}],
    }[kind]
    return _built(rng, {"pieces": pieces}, ry(heading), np.array([x, 0.0, z]), AS_IT_IS)


def bench(rng: Rng, middle: Array, heading: float) -> Rows:
    """A bench, a box or a bed under a lying body whose trunk rests on `middle` (3,)."""
    x, top, z = middle
    wide, long = rng.uniform(0.25, 1.2), rng.uniform(0.8, 1.9)
    piece = {"shape": "box", "size": [wide, top, long], "at": [0.0, top / 2, -0.1]}
    return _built(rng, {"pieces": [piece]}, ry(heading), np.array([x, 0.0, z]), AS_IT_IS)


def bar(rng: Rng, hands: Array) -> Rows:
    """A bar through two hands (2, 3), going on beyond them."""
    axis = unit(hands[0] - hands[1])
    aside = unit(np.cross(axis, (0.0, 1.0, 0.001)))
    frame = np.stack([aside, axis, np.cross(aside, axis)], axis=1)
    long = float(np.linalg.norm(hands[0] - hands[1])) + 0.6
    piece = {"shape": "cylinder", "size": [0.035, long, 0.035], "at": [0.0, 0.0, 0.0]}
    return _built(rng, {"pieces": [piece]}, frame, hands.mean(axis=0), AS_IT_IS)


def room(rng: Rng, size: Array) -> Rows:
    """Floor, ceiling and walls of a room of `size` (3,), y up, to be seen from inside: ROOM_CORNERS rows."""
    half = size / 2
    scales = rng.uniform(0.25, 1.2, 2)
    sides = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            normal = np.zeros(3)
            normal[axis] = sign
            points = corners(normal)[::-1] * half + (0.0, half[1], 0.0)  # anticlockwise from inside
            material = FLOOR if axis == 1 and sign < 0 else WALL
            local = np.hstack([points, np.tile(-normal, (6, 1))])
            rows = _placed(local, UPRIGHT, np.zeros(3), (1.0, 1.0, 1.0), float(material), 0.0)
            rows[:, 6:8] = points[:, [i for i in range(3) if i != axis]] * scales[material]
            sides.append(rows)
    return np.concatenate(sides)


def _built(rng: Rng, row: Row, turn: Array, at: Array, stretch: Array) -> Rows:
    """All pieces of a thing, in up to three colours."""
    fleshy = chance(rng, row.get("flesh", 0.0))
    colours = [linear(_flesh(rng) if fleshy else any_colour(rng)) for _ in range(3)]
    materials = rng.integers(2, MATERIALS, 3)
    rows = []
    for piece in row["pieces"]:
        tone = piece.get("colour", 0)
        local = _piece(rng, piece, stretch)
        rows.append(_placed(local, turn, at, colours[tone], float(materials[tone]), 0.1))
    return np.concatenate(rows)


def _flesh(rng: Rng) -> Colour:
    """A colour that skin could have."""
    return rgb(str(rng.choice(table("bodies")["skin"]["tones"])))


def _piece(rng: Rng, piece: Row, stretch: Array) -> Array:
    shape, turn, size = SOLIDS[piece["shape"]](rng), TURNED[piece.get("axis", "y")], np.array(piece["size"])
    points = (shape[:, :3] * size) @ turn.T + np.array(piece["at"])
    normals = (shape[:, 3:] / size) @ turn.T
    return np.hstack([points * stretch, normals / stretch])


def _placed(local: Array, turn: Array, at: Array, colour: Colour, material: float, gloss: float) -> Rows:
    points, normals = local[:, :3] @ turn.T + at, local[:, 3:] @ turn.T
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    x, y, z = local[:, :3].T
    place = np.stack([x + 0.6 * z, y + 0.5 * z], axis=1) * TEXTURE_SCALE
    paint = np.tile(np.array([*colour, material, gloss]), (len(local), 1))
    return np.hstack([points, normals, place, paint]).astype(np.float32)
