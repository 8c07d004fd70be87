"""What exercises are counted and judged by, beside the angles: the table ``measures.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.motion.angles import angle_table, included_angle, middles, point

Floats = NDArray[np.floating]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table.

    Attributes:
        name: such as ``"left_knee_cave"``.
        kind: how it is computed; the kinds are described at the head of ``measures.toml``.
        unit: such as ``"deg"``.
        args: the row's other keys.
    """

    name: str
    kind: str
    unit: str
    args: Mapping[str, Any]


@dataclass(frozen=True)
class Posture:
    """All that a measure may look at: n frames of one person.

    Attributes:
        space: float array (n, 33, 3) in metres, y down.
        picture: float array (n, 33, 2), places in the picture in metres, y down.
        visibility: float array (n, 33).
        values: angles and measures computed so far, name to array (n,).
    """

    space: Floats
    picture: Floats
    visibility: Floats
    values: Mapping[str, Floats]

    @property
    def trunk(self) -> Array:
        """Length of the trunk in metres, array (n,)."""
        return _length(point(self.space, "mid_shoulder") - point(self.space, "mid_hip"))

    @property
    def leg(self) -> Array:
        """Length of a leg along thigh and shank in metres, mean of both, array (n,)."""
        sides = [
            _length(point(self.space, f"{s}_hip") - point(self.space, f"{s}_knee"))
            + _length(point(self.space, f"{s}_knee") - point(self.space, f"{s}_ankle"))
            for s in ("left", "right")
        ]
        return (sides[0] + sides[1]) / 2

    @property
    def across(self) -> Array:
        """Unit vectors (n, 3) from the body's right to its left, level with the floor."""
        line = sum(
            point(self.space, f"left_{joint}") - point(self.space, f"right_{joint}")
            for joint in ("hip", "shoulder")
        )
        level = np.array(line, np.float64)
        level[..., 1] = 0
        return np.asarray(level / np.maximum(np.linalg.norm(level, axis=-1, keepdims=True), 1e-9))

    def seen(self, side: str, points: tuple[str, ...]) -> Array:
        """Smallest visibility of one side's landmarks, array (n,)."""
        rows = [INDEX[f"{side}_{name}"] for name in points]
        return np.asarray(self.visibility[:, rows].min(axis=1), np.float64)


@cache
def measure_table() -> tuple[Measure, ...]:
    """All measures, in an order in which each needs only earlier ones.

    >>> [m.name for m in measure_table() if m.kind == "cave"]
    ['left_knee_cave', 'right_knee_cave']
    """
    rows = tomllib.loads(files("spotter.motion").joinpath("measures.toml").read_text("utf-8"))
    table = []
    for name, row in rows.items():
        for side in ("left", "right") if "*" in name else ("",):
            args = {k: _with_side(v, side) for k, v in row.items() if k not in ("kind", "unit")}
            table.append(Measure(name.replace("*", side), row["kind"], row["unit"], args))
    return tuple(table)


@cache
def units() -> Mapping[str, str]:
    """Unit of every angle and measure by name.

    >>> units()["left_knee"], units()["feet_across"]
    ('deg', 'leg lengths')
    """
    return {angle.name: "deg" for angle in angle_table()} | {m.name: m.unit for m in measure_table()}


@cache
def picture_bound() -> frozenset[str]:
    """Names of the measures that tell a place in the picture, and so mean nothing across a cut.

    >>> "wrist_x" in picture_bound(), "knee" in picture_bound()
    (True, False)
    """
    return frozenset(measure.name for measure in measure_table() if measure.kind == "place")


def take_measures(
    space: Floats, picture: Floats, visibility: Floats, angles: Mapping[str, Floats]
) -> dict[str, NDArray[np.float32]]:
    """Every measure of the table, name to array (n,).

    Args:
        space: array (n, 33, 3) in metres, y down.
        picture: array (n, 33, 2), places in the picture in metres, y down.
        visibility: array (n, 33), 0 to 1.
        angles: the angles of ``angles.toml``, name to array (n,).
    """
    values: dict[str, Floats] = dict(angles)
    posture = Posture(space, picture, visibility, values)
    out = {}
    for measure in measure_table():
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.asarray(_KINDS[measure.kind](posture, measure.args), np.float32)
        values[measure.name] = out[measure.name] = value
    return out


def _with_side(value: Any, side: str) -> Any:
    if isinstance(value, str):
        return value.replace("*", side)
    return tuple(_with_side(v, side) for v in value) if isinstance(value, list) else value


def _length(vector: Floats) -> Array:
    return np.asarray(np.linalg.norm(np.asarray(vector, np.float64), axis=-1))


@cache
def _angle_points(of: str) -> tuple[str, ...]:
    row = next(a for a in angle_table() if a.name == f"left_{of}")
    return tuple(name.removeprefix("left_") for name in row.points)


def _mean(p: Posture, args: Mapping[str, Any]) -> Array:
    points = _angle_points(args["of"])
    total, weights = np.zeros(len(p.space)), np.zeros(len(p.space))
    for side in ("left", "right"):
        value = np.asarray(p.values[f"{side}_{args['of']}"], np.float64)
        weight = np.where(np.isfinite(value), p.seen(side, points), 0)
        total += np.where(weight > 0, value, 0) * weight
        weights += weight
    return np.asarray(np.where(weights > 0, total / np.maximum(weights, 1e-9), np.nan))


def _both(p: Posture, args: Mapping[str, Any]) -> Array:
    return np.stack([np.asarray(p.values[f"{side}_{args['of']}"], np.float64) for side in ("left", "right")])


def _height(p: Posture, args: Mapping[str, Any]) -> Array:
    high, low = (point(p.space, name) for name in args["points"])
    return np.asarray((low[..., 1] - high[..., 1]) / p.trunk)


def _reach(p: Posture, args: Mapping[str, Any]) -> Array:
    a, b = args["points"]
    if not a.startswith("mid_"):
        return _length(point(p.space, a) - point(p.space, b)) / p.trunk
    sides = [
        _length(point(p.space, f"{s}_{a[4:]}") - point(p.space, f"{s}_{b[4:]}")) for s in ("left", "right")
    ]
    return (sides[0] + sides[1]) / 2 / p.trunk


def _spread(p: Posture, args: Mapping[str, Any]) -> Array:
    a, b = (np.asarray(point(p.space, name), np.float64) for name in args["points"])
    across = p.across
    axis = (
        across if args["axis"] == "across" else np.stack([-across[:, 2], across[:, 1], across[:, 0]], axis=1)
    )
    along = ((a - b) * axis).sum(axis=-1)
    return np.asarray((along if args["axis"] == "across" else np.abs(along)) / p.leg)


def _lead(p: Posture, args: Mapping[str, Any]) -> Array:
    a, b = (np.asarray(point(p.space, name), np.float64) for name in args["points"])
    across = p.across
    forward = np.stack([across[:, 2], np.zeros(len(across)), -across[:, 0]], axis=1)
    return np.asarray(((a - b) * forward).sum(axis=-1) / p.leg)


def _ratio(p: Posture, args: Mapping[str, Any]) -> Array:
    over, under = (np.asarray(p.values[name], np.float64) for name in args["of"])
    # feet together make the ratio meaningless
    return np.asarray(np.where(under > 0.1, over / under, np.nan))


def _bend(p: Posture, args: Mapping[str, Any]) -> Array:
    """Mean of the sides, the better seen weighing more; the sign tells whether the middle hangs below."""
    total, weights = np.zeros(len(p.space)), np.zeros(len(p.space))
    for side in ("left", "right"):
        a, b, c = (np.asarray(point(p.space, f"{side}_{name}"), np.float64) for name in args["points"])
        value = (180 - included_angle(a, b, c)) * np.sign(_off_line(a, b, c)[:, 1])
        weight = np.where(np.isfinite(value), p.seen(side, args["points"]), 0)
        total += np.where(weight > 0, value, 0) * weight
        weights += weight
    return np.asarray(np.where(weights > 0, total / np.maximum(weights, 1e-9), np.nan))


def _curl(p: Posture, args: Mapping[str, Any]) -> Array:
    """The sign tells whether the middle lies on the side that the face looks to, in the picture."""
    a, b, c = (np.asarray(q, np.float64) for q in middles(p.space, [f"mid_{n}" for n in args["points"]]))
    face = np.asarray(point(p.space, "nose"), np.float64) - a
    towards = (_off_line(a, b, c)[:, :2] * face[:, :2]).sum(axis=-1)
    return np.asarray((180 - included_angle(a, b, c)) * np.sign(towards))


def _off_line(a: Array, b: Array, c: Array) -> Array:
    """The shortest way (n, 3) from the line between a and c to b."""
    share = ((b - a) * (c - a)).sum(axis=-1) / np.maximum(((c - a) ** 2).sum(axis=-1), 1e-9)
    return np.asarray(b - a - share[:, None] * (c - a))


def _cave(p: Posture, args: Mapping[str, Any]) -> Array:
    hip, knee, ankle = (np.asarray(point(p.space, name), np.float64) for name in args["points"])
    inwards = -p.across if args["points"][0].startswith("left") else p.across
    line = ankle - hip
    share = ((knee - hip) * line).sum(axis=-1) / np.maximum((line**2).sum(axis=-1), 1e-9)
    off = ((knee - hip - share[:, None] * line) * inwards).sum(axis=-1)
    return np.asarray(np.degrees(np.arctan2(off, p.leg / 2)))


def _place(p: Posture, args: Mapping[str, Any]) -> Array:
    where = np.asarray(point(p.picture, args["points"][0]), np.float64)
    return where[..., 0] if args["axis"] == "x" else -where[..., 1]


_KINDS: Mapping[str, Callable[[Posture, Mapping[str, Any]], Array]] = {
    "mean": _mean,
    "smaller": lambda p, args: np.fmin(*_both(p, args)),
    "larger": lambda p, args: np.fmax(*_both(p, args)),
    "apart": lambda p, args: np.abs(np.subtract(*_both(p, args))),
    "height": _height,
    "reach": _reach,
    "spread": _spread,
    "lead": _lead,
    "lag": lambda p, args: np.subtract(*_both(p, args)[::-1]),
    "ratio": _ratio,
    "bend": _bend,
    "curl": _curl,
    "cave": _cave,
    "place": _place,
}
