"""What exercises are counted and judged by, beside the angles: the table ``measures.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
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

    @cached_property
    def _points(self) -> dict[str, Array]:
        return {}

    def at(self, name: str) -> Array:
        """A landmark in space, or the middle of two, array (n, 3); see ``angles.point``."""
        if name not in self._points:
            self._points[name] = np.asarray(point(self.space, name), np.float64)
        return self._points[name]

    def sides(self, name: str) -> Array:
        """The left and the right landmark in space, array (2, n, 3)."""
        return np.stack([self.at(f"left_{name}"), self.at(f"right_{name}")])

    @cached_property
    def trunk(self) -> Array:
        """Length of the trunk in metres, array (n,)."""
        return _length(self.at("mid_shoulder") - self.at("mid_hip"))

    @cached_property
    def leg(self) -> Array:
        """Length of a leg along thigh and shank in metres, mean of both, array (n,)."""
        hips, knees, ankles = (self.sides(name) for name in ("hip", "knee", "ankle"))
        return np.asarray((_length(hips - knees) + _length(knees - ankles)).mean(axis=0))

    @cached_property
    def across(self) -> Array:
        """Unit vectors (n, 3) from the body's right to its left, level with the floor."""
        level = sum(self.at(f"left_{joint}") - self.at(f"right_{joint}") for joint in ("hip", "shoulder"))
        assert isinstance(level, np.ndarray)
        level[..., 1] = 0
        return np.asarray(level / np.maximum(np.linalg.norm(level, axis=-1, keepdims=True), 1e-9))

    def mean(self, values: Array, points: tuple[str, ...]) -> Array:
        """Mean (n,) of a left and a right value (2, n); the side that is better seen weighs more."""
        rows = [[INDEX[f"{side}_{name}"] for name in points] for side in ("left", "right")]
        known = np.isfinite(values)
        weights = np.where(known, self.visibility[:, rows].min(axis=2).T, 0)
        total = weights.sum(axis=0)
        weighted = (np.where(known, values, 0) * weights).sum(axis=0)
        return np.asarray(np.where(total > 0, weighted / np.maximum(total, 1e-9), np.nan))


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
    with np.errstate(invalid="ignore", divide="ignore"):
        for measure in measure_table():
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
    return p.mean(_both(p, args), _angle_points(args["of"]))


def _both(p: Posture, args: Mapping[str, Any]) -> Array:
    return np.stack([np.asarray(p.values[f"{side}_{args['of']}"], np.float64) for side in ("left", "right")])


def _height(p: Posture, args: Mapping[str, Any]) -> Array:
    high, low = (p.at(name) for name in args["points"])
    return np.asarray((low[..., 1] - high[..., 1]) / p.trunk)


def _reach(p: Posture, args: Mapping[str, Any]) -> Array:
    a, b = args["points"]
    if not a.startswith("mid_"):
        return _length(p.at(a) - p.at(b)) / p.trunk
    return np.asarray(_length(p.sides(a[4:]) - p.sides(b[4:])).mean(axis=0) / p.trunk)


def _spread(p: Posture, args: Mapping[str, Any]) -> Array:
    a, b = (p.at(name) for name in args["points"])
    across = p.across
    axis = (
        across if args["axis"] == "across" else np.stack([-across[:, 2], across[:, 1], across[:, 0]], axis=1)
    )
    along = ((a - b) * axis).sum(axis=-1)
    return np.asarray((along if args["axis"] == "across" else np.abs(along)) / p.leg)


def _lead(p: Posture, args: Mapping[str, Any]) -> Array:
    a, b = (p.at(name) for name in args["points"])
    across = p.across
    forward = np.stack([across[:, 2], np.zeros(len(across)), -across[:, 0]], axis=1)
    return np.asarray(((a - b) * forward).sum(axis=-1) / p.leg)


def _ratio(p: Posture, args: Mapping[str, Any]) -> Array:
    over, under = (np.asarray(p.values[name], np.float64) for name in args["of"])
    # feet together make the ratio meaningless
    return np.asarray(np.where(under > 0.1, over / under, np.nan))


def _bend(p: Posture, args: Mapping[str, Any]) -> Array:
    """Mean of the sides; the sign tells whether the middle hangs below."""
    a, b, c = (p.sides(name) for name in args["points"])
    return p.mean((180 - included_angle(a, b, c)) * np.sign(_off_line(a, b, c)[..., 1]), args["points"])


def _curl(p: Posture, args: Mapping[str, Any]) -> Array:
    """The sign tells whether the middle lies on the side that the face looks to, in the picture."""
    a, b, c = (np.asarray(q, np.float64) for q in middles(p.space, [f"mid_{n}" for n in args["points"]]))
    face = p.at("nose") - a
    towards = (_off_line(a, b, c)[:, :2] * face[:, :2]).sum(axis=-1)
    return np.asarray((180 - included_angle(a, b, c)) * np.sign(towards))


def _off_line(a: Array, b: Array, c: Array) -> Array:
    """The shortest way (..., 3) from the line between a and c to b."""
    share = ((b - a) * (c - a)).sum(axis=-1) / np.maximum(((c - a) ** 2).sum(axis=-1), 1e-9)
    return np.asarray(b - a - share[..., None] * (c - a))


def _cave(p: Posture, args: Mapping[str, Any]) -> Array:
    hip, knee, ankle = (p.at(name) for name in args["points"])
    inwards = -p.across if args["points"][0].startswith("left") else p.across
    off = (_off_line(hip, knee, ankle) * inwards).sum(axis=-1)
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
