"""Joint angles from landmarks, by the table ``angles.toml``, each with its uncertainty."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX

Floats = NDArray[np.floating]
Array = NDArray[np.float64]

MIN_VISIBILITY = 0.2
"""Below this a landmark counts as not seen. BlazePose gives hidden limbs of a body in side view 0.2 to 0.5
and still places them well; below, places are guesses (docs/accuracy.md)."""

_PLANE_SD_M = 0.025
_DEPTH_SD_M = 0.07
_FLOOR_SD_DEG = 2.0
_UP = np.array([0.0, -1.0, 0.0])


@dataclass(frozen=True, slots=True)
class Angle:
    """One row of the table.

    Attributes:
        name: such as ``"left_knee"``.
        kind: ``"included"`` (angle at the middle of three points) or ``"lean"`` (line against the vertical).
        points: landmark names.
    """

    name: str
    kind: Literal["included", "lean"]
    points: tuple[str, ...]


@cache
def angle_table() -> tuple[Angle, ...]:
    """All angles, in the order of the columns of ``angles.csv``.

    >>> angle_table()[0].name, angle_table()[0].points
    ('left_knee', ('left_hip', 'left_knee', 'left_ankle'))
    """
    rows = tomllib.loads(files("spotter.motion").joinpath("angles.toml").read_text("utf-8"))
    return tuple(Angle(name, row["kind"], tuple(row["points"])) for name, row in rows.items())


def included_angle(a: Floats, b: Floats, c: Floats) -> NDArray[np.float64]:
    """Angle at ``b`` between ``a`` and ``c`` in degrees, 0 to 180, 180 = straight.

    Args:
        a, b, c: arrays (..., 2) or (..., 3) in any one unit of length.

    Returns:
        Array (...); NaN where a point is NaN or two points coincide.

    >>> included_angle(np.array([0.0, 1.0]), np.array([0.0, 0.0]), np.array([1.0, 0.0])).item()
    90.0
    """
    u, v = np.asarray(a - b, np.float64), np.asarray(c - b, np.float64)
    lengths = np.linalg.norm(u, axis=-1) * np.linalg.norm(v, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.where(lengths > 0, (u * v).sum(axis=-1) / lengths, np.nan)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def lean_angle(low: Floats, high: Floats) -> NDArray[np.float64]:
    """Angle of the line from ``low`` up to ``high`` with the vertical, degrees, 0 upright, 180 upside down.

    Args:
        low, high: arrays (..., 3), y down.

    >>> lean_angle(np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])).round(6).item()
    45.0
    """
    above = np.asarray(low, np.float64) + _UP
    return included_angle(above, np.asarray(low, np.float64), np.asarray(high, np.float64))


def point(space: Floats, name: str) -> Floats:
    """A landmark over time, array (..., 3); ``mid_x`` is the middle of both x, or the one seen."""
    if name.startswith("mid_"):
        left, right = space[..., INDEX["left_" + name[4:]], :], space[..., INDEX["right_" + name[4:]], :]
        return np.asarray(
            np.where(np.isnan(left), right, np.where(np.isnan(right), left, (left + right) / 2))
        )
    return space[..., INDEX[name], :]


def middles(space: Floats, names: Sequence[str]) -> list[Floats]:
    """Several ``mid_`` points (..., 3) at once: all between both sides, or all on the one that is seen."""
    sides = [np.stack([space[..., INDEX[f"{s}_{n[4:]}"], :] for n in names]) for s in ("left", "right")]
    known = [np.asarray(np.isfinite(side).all(axis=(0, -1)))[..., None] for side in sides]
    both = (sides[0] + sides[1]) / 2
    return list(np.where(known[0] & known[1], both, np.where(known[0], sides[0], sides[1])))


def measure_angles(space: Floats) -> dict[str, NDArray[np.float32]]:
    """Every angle of the table from landmarks (n, 33, 3): name to array (n,) in degrees."""
    a, b, c = _corners(space)
    values = included_angle(a, b, c).astype(np.float32)
    return {angle.name: values[:, column] for column, angle in enumerate(angle_table())}


def angle_uncertainty(space: Floats, visibility: Floats) -> dict[str, NDArray[np.float32]]:
    """Standard deviation of every angle: name to array (n,) in degrees.

    A landmark is uncertain by a few centimetres in the picture's plane and more in depth, and more where it
    is badly seen; this goes through each angle's derivative. On rendered bodies with known angles the figures
    are a third too wide on average (``bench/angles.py``), on purpose: those fitted there are half as wide as
    the errors on an exercise that was left out of the fit.

    Args:
        space: array (n, 33, 3) in metres.
        visibility: array (n, 33).
    """
    table = angle_table()
    a, b, c = _corners(space)
    leans = np.array([angle.kind == "lean" for angle in table])
    blur = 1 + 2 * (1 - _least_seen(visibility))
    sd = np.sqrt(_FLOOR_SD_DEG**2 + _variance(a - b, c - b, leans) * blur**2)
    values = sd.clip(max=90).astype(np.float32)
    return {angle.name: values[:, column] for column, angle in enumerate(table)}


@cache
def _plain_rows() -> tuple[list[int], NDArray[np.intp]]:
    """Columns of the angles between landmarks, not middles of two, and their three landmarks' rows (k, 3)."""
    columns, rows = [], []
    for column, angle in enumerate(angle_table()):
        points = angle.points if angle.kind == "included" else (angle.points[0], *angle.points)
        if not any(name.startswith("mid_") for name in points):
            columns.append(column)
            rows.append([INDEX[name] for name in points])
    return columns, np.array(rows, np.intp)


def _corners(space: Floats) -> tuple[Array, Array, Array]:
    """The three points of every angle, arrays (n, angles, 3); a lean's first is a metre above its second."""
    table = angle_table()
    out = np.empty((len(space), len(table), 3, 3))
    columns, rows = _plain_rows()
    out[:, columns] = space[:, rows]
    for column, angle in enumerate(table):
        if column not in columns:
            out[:, column, -len(angle.points) :] = np.stack(_points(space, angle.points), axis=1)
        if angle.kind == "lean":
            out[:, column, 0] = out[:, column, 1] + _UP
    return out[:, :, 0], out[:, :, 1], out[:, :, 2]


def _points(space: Floats, names: Sequence[str]) -> list[Floats]:
    halves = all(name.startswith("mid_") for name in names)
    return middles(space, names) if halves else [point(space, name) for name in names]


def _least_seen(visibility: Floats) -> Array:
    """Smallest visibility of every angle's points, array (n, angles)."""
    out = np.empty((len(visibility), len(angle_table())))
    columns, rows = _plain_rows()
    out[:, columns] = visibility[:, rows].min(axis=2)
    for column, angle in enumerate(angle_table()):
        if column not in columns:
            out[:, column] = np.min([_seen(visibility, name) for name in angle.points], axis=0)
    return out


def _seen(visibility: Floats, name: str) -> Floats:
    if name.startswith("mid_"):
        return np.maximum(_seen(visibility, "left_" + name[4:]), _seen(visibility, "right_" + name[4:]))
    return visibility[..., INDEX[name]]


def _variance(u: Array, v: Array, leans: NDArray[np.bool_]) -> Array:
    """Variance (n, angles) in square degrees, by the derivatives; a lean's upper point moves with its corner.

    Args:
        u, v: arrays (n, angles, 3), from the corner to both other points.
        leans: array (angles,), which of them are leans.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        at_a, at_c = _gradient(u, v), _gradient(v, u)
    at_a[:, leans] = 0
    sd = np.array([_PLANE_SD_M, _PLANE_SD_M, _DEPTH_SD_M])
    total = sum(((gradient * sd) ** 2).sum(axis=-1) for gradient in (at_a, at_a + at_c, at_c))
    return np.asarray(total * np.degrees(1.0) ** 2)


def _gradient(u: Array, v: Array) -> Array:
    """Derivative of the angle between u and v by u, in radians a unit of length."""
    length = np.linalg.norm(u, axis=-1, keepdims=True)
    along, other = u / length, v / np.linalg.norm(v, axis=-1, keepdims=True)
    away = (along * other).sum(axis=-1, keepdims=True) * along - other
    sine = np.linalg.norm(away, axis=-1, keepdims=True)
    # of a straight joint no direction is the one that bends it
    across = np.sqrt(np.maximum(1 - along**2, 0) / 2)
    share = np.minimum(sine / 0.1, 1)
    return np.asarray((share * away / np.maximum(sine, 1e-9) + (1 - share) * across) / length)
