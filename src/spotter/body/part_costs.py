"""Which part of the body each point of the picture belongs to, by the landmarks alone."""

from __future__ import annotations

import numpy as np

from spotter.body.part_frame import ROW, Floats, PartFrame
from spotter.body.part_shapes import PartShapes

_THIN_M = np.float32(0.01)  # a capsule is at least so long
_BEHIND_M = np.float32(0.12)  # what lies this far behind the trunk is hidden by it


def part_costs(frame: PartFrame, shapes: PartShapes, points: Floats) -> Floats:
    """How badly each part of a body accounts for points of the picture; the least is the likeliest.

    Args:
        points: float32 array (2, n), x and y in pixels.

    Returns:
        Float32 array (14, n).
    """
    here = np.concatenate([points / np.float32(frame.scale), np.ones((1, points.shape[1]), np.float32)])
    starts, ends = shapes.ends @ frame.basis
    ways = ends - starts
    along, distance = _capsules(starts, ways, shapes.radii, here)
    out = _nearest(distance, shapes)
    out *= shapes.costs["square"] * out + shapes.costs["near"]
    out += _crossings(frame, shapes, here)
    first = shapes.first
    along = along[first]
    behind = ways[first, 2:] * along
    behind += starts[first, 2:] - _trunk_depth(frame, here)
    out += np.clip(behind, -_BEHIND_M, _BEHIND_M) * (shapes.costs["behind"] / _BEHIND_M)
    near, far = (1 - frame.visibility[rows, None] for rows in shapes.seen_by)
    along *= shapes.costs["hidden"] * (far - near)
    out += along
    out += shapes.costs["hidden"] * near + shapes.costs["bias"]
    return out


def _nearest(distance: Floats, shapes: PartShapes) -> Floats:
    """The least of each part's capsules (14, n)."""
    out = distance[shapes.first]
    for part, capsule in shapes.others:
        np.minimum(out[part], distance[capsule], out=out[part])
    return out


def _capsules(starts: Floats, ways: Floats, radii: Floats, here: Floats) -> tuple[Floats, Floats]:
    """How far along each capsule points lie, 0 to 1, and how many radii aside; both (capsules, n)."""
    way = ways[:, :2].copy()
    length = np.asarray(np.hypot(way[:, :1], way[:, 1:]), np.float32)
    way[length[:, 0] < _THIN_M] = _THIN_M, 0
    length = np.maximum(length, _THIN_M)
    unit = np.asarray(way / length, np.float32)
    side = np.stack([-unit[:, 1], unit[:, 0]], axis=1).astype(np.float32)
    along = (_lines(unit, starts[:, :2]) / length) @ here
    aside = _lines(side, starts[:, :2]) @ here
    within = np.clip(along, 0, 1)
    beyond = (along - within) * length
    thick = radii[0, :, None] + (radii[1] - radii[0])[:, None] * within
    return np.asarray(within), np.asarray(np.sqrt(aside * aside + beyond * beyond) / thick)


def _crossings(frame: PartFrame, shapes: PartShapes, here: Floats) -> Floats:
    """What it costs each part to reach over its borders, (14, n)."""
    lines = _lines((shapes.across @ frame.basis)[:, :2], (shapes.at @ frame.basis)[:, :2])
    lines[:, 2] -= shapes.offsets[0] + shapes.offsets[1] * np.float32(frame.facing)
    over = lines @ here
    return np.asarray(shapes.beyond @ np.maximum(over, 0) + shapes.before @ np.maximum(-over, 0))


def _trunk_depth(frame: PartFrame, here: Floats) -> Floats:
    """How far from the camera the trunk is beside each point, (n,)."""
    top, bottom = frame.basis[ROW["mid_shoulder"]], frame.basis[ROW["mid_hip"]]
    way = bottom - top
    length2 = max(float(way[0] ** 2 + way[1] ** 2), float(_THIN_M) ** 2)
    share = np.clip((_lines(way[None, :2], top[None, :2]) / np.float32(length2)) @ here, 0, 1)
    return np.asarray(top[2] + way[2] * share[0])


def _lines(normals: Floats, points: Floats) -> Floats:
    """Rows (n, 3) that give a place's way (x, y, 1) along each normal from each point."""
    return np.concatenate([normals, -(normals * points).sum(axis=1, keepdims=True)], axis=1)
