"""The parts of a body that can be cut out of a picture, and where they are: upright squares by landmarks."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import BONES, INDEX, LANDMARKS, Body, Keypoints

Side = Literal["left", "right", ""]
Why = Literal[
    "hidden", "outside the picture", "too small", "seen from its end", "folded", "something in front"
]

MIN_VISIBILITY = 0.8
"""Landmarks that are less surely seen say nothing reliable of a part."""

_MEASURED_BY = 0.5  # visibility of landmarks that the scale is taken from
_MIDDLE = 0.7  # share of the square's side that counts as its middle
_ALONG_BONES = (0.2, 0.4, 0.6, 0.8)
_MOST_MOVED = 0.06  # share of its side that a square at the picture's edge is moved into it
_FACING = 0.04  # metres: the nose may be so much further from the camera than the ears


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A model that says whether a picture shows a part.

    Attributes:
        model: its name in the registry.
        side: of the square picture it takes, in pixels, RGB from 0 to 1.
        output: name of the probability that it says so by.
    """

    model: str
    side: int
    output: str


@dataclass(frozen=True, slots=True)
class PartRule:
    """How one part is found; a row of parts.toml, for one side of the body.

    Attributes:
        part: its name, such as ``"lower_arm"``.
        side: of the body; empty for what there is only one of.
        seen: rows of landmarks that must be well visible.
        middle: float array (33,), weights of the landmarks that give the square's middle.
        room: the square's side as a multiple of the extent of ``seen``.
        metres: the least side at the person's distance.
        along: two rows whose distance must not be foreshortened; empty where that does not matter.
        straight: the share of that distance that must be seen.
        joint: three rows whose angle in the picture must not be folded; empty where that does not matter.
        open_deg: the least angle at that joint.
        up: two rows, from the lower to the upper end of the part in an upright picture; empty if not known.
        confirmed: the model that must find the part there; None where there is none.
        clear: rows of landmarks that must not lie in the square's middle.
    """

    part: str
    side: Side
    seen: tuple[int, ...]
    middle: NDArray[np.float64]
    room: float
    metres: float
    along: tuple[int, ...]
    straight: float
    joint: tuple[int, ...]
    open_deg: float
    up: tuple[int, ...]
    confirmed: Confirmation | None
    clear: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part is in a picture.

    Attributes:
        part: its name.
        side: of the body it is on; empty for face and torso.
        left, top, size: of the square, in whole pixels, inside the picture.
        visibility: 0 to 1, of the landmark that is seen least surely.
        points: float32 array (n, 2), the landmarks it was found by, in pixels.
        turn: clockwise, in radians: how far the part is turned from its upright picture.
    """

    part: str
    side: Side
    left: int
    top: int
    size: int
    visibility: float
    points: NDArray[np.float32]
    turn: float = 0.0


def part_names() -> tuple[str, ...]:
    """The parts, in the order of their table.

    >>> part_names()[:3]
    ('face', 'hand', 'lower_arm')
    """
    return tuple(_table())


def confirmations() -> dict[str, Confirmation]:
    """The models that confirm parts, by the part's name."""
    return {rule.part: rule.confirmed for rule in _rules() if rule.confirmed is not None}


def find_parts(
    body: Body, others: Sequence[Body], height: int, width: int, smallest: int
) -> Iterator[Place | tuple[str, Why]]:
    """Look for every part of a body.

    Args:
        body: whose.
        others: people who may stand in front.
        height, width: of the picture, in pixels.
        smallest: side of the smallest square that is worth having, in pixels.

    Yields:
        For each part and side its place, or the part's name and why it cannot be cut out.
    """
    keypoints = body.keypoints
    scale = pixels_a_metre(keypoints)
    strangers = [_outline(other.keypoints) for other in others]
    for rule in _rules():
        found = _place(rule, keypoints, scale, strangers, (width, height), smallest)
        yield (rule.part, found) if isinstance(found, str) else found


def pixels_a_metre(keypoints: Keypoints) -> float:
    """How large the person is in the picture: the spread of the landmarks there by that in the world.

    NaN where too little of them is seen.

    >>> world = np.random.default_rng(0).normal(size=(33, 3)).astype(np.float32)
    >>> seen = np.ones(33, np.float32)
    >>> round(pixels_a_metre(Keypoints(world[:, :2] * 200 + 500, world, seen, seen)))
    200
    """
    seen = keypoints.visibility > _MEASURED_BY
    if seen.sum() < 6:
        return math.nan
    pixels, metres = keypoints.xy[seen], keypoints.world[seen, :2]
    spread = float(np.sqrt(((metres - metres.mean(0)) ** 2).sum()))
    return float(np.sqrt(((pixels - pixels.mean(0)) ** 2).sum())) / spread if spread > 0 else math.nan


def _place(
    rule: PartRule,
    keypoints: Keypoints,
    scale: float,
    strangers: Sequence[NDArray[np.float32]],
    limits: tuple[int, int],
    smallest: int,
) -> Place | Why:
    points = keypoints.xy[list(rule.seen)]
    visibility = float(keypoints.visibility[list(rule.seen)].min())
    if not visibility >= MIN_VISIBILITY or math.isnan(scale) or not _is_facing(rule, keypoints):
        return "hidden"
    size = max(rule.room * float(np.ptp(points, axis=0).max()), rule.metres * scale)
    if size < smallest:
        return "too small"
    if rule.joint and _angle_deg(keypoints.xy[list(rule.joint)]) < rule.open_deg:
        return "folded"
    if rule.along and _share_seen(rule.along, keypoints, scale) < rule.straight:
        return "seen from its end"
    middle = rule.middle @ keypoints.xy
    if (corner := _moved_inside(middle - size / 2, size, limits)) is None:
        return "outside the picture"
    in_front = [_seen(keypoints, rule.clear), *strangers]
    reach = _MIDDLE * size / 2
    if any((np.abs(some - middle).max(axis=1) < reach).any() for some in in_front if len(some)):
        return "something in front"
    turn = _turn(keypoints.xy[list(rule.up)]) if rule.up else 0.0
    return Place(rule.part, rule.side, corner[0], corner[1], int(size), visibility, points, turn)


def _seen(keypoints: Keypoints, rows: Sequence[int]) -> NDArray[np.float32]:
    """Those of some landmarks (n, 2) that are not hidden."""
    return keypoints.xy[[row for row in rows if keypoints.visibility[row] > _MEASURED_BY]]


def _outline(keypoints: Keypoints) -> NDArray[np.float32]:
    """Points (n, 2) all along the bones of a person, as far as they are seen."""
    seen = keypoints.visibility > _MEASURED_BY
    bones = np.array([bone for bone in BONES if seen[list(bone)].all()], np.int64).reshape(-1, 2)
    start, end = keypoints.xy[bones[:, 0]], keypoints.xy[bones[:, 1]]
    along = [start + (end - start) * np.float32(share) for share in _ALONG_BONES]
    return np.concatenate([keypoints.xy[seen], *along])


def _is_facing(rule: PartRule, keypoints: Keypoints) -> bool:
    """Whether a face is a face and not the back of a head, on which the model puts a nose as well."""
    if rule.part != "face":
        return True
    depth = keypoints.world[:, 2]
    ears = (depth[INDEX["left_ear"]] + depth[INDEX["right_ear"]]) / 2
    return bool(depth[INDEX["nose"]] - ears < _FACING)


def _angle_deg(points: NDArray[np.float32]) -> float:
    """The angle at the second of three points, in the picture."""
    to_first, to_last = points[0] - points[1], points[2] - points[1]
    lengths = float(np.linalg.norm(to_first) * np.linalg.norm(to_last))
    return math.degrees(math.acos(np.clip(to_first @ to_last / lengths, -1, 1))) if lengths > 0 else 0.0


def _turn(points: NDArray[np.float32]) -> float:
    """How far the way from the first point to the second is turned clockwise from straight up."""
    across, down = points[1] - points[0]
    return math.atan2(float(across), float(-down))


def _share_seen(along: tuple[int, ...], keypoints: Keypoints, scale: float) -> float:
    """How much of a limb's length the picture shows: 1 across the view, 0 along it."""
    first, second = along
    pixels = np.linalg.norm(keypoints.xy[first] - keypoints.xy[second])
    metres = np.linalg.norm(keypoints.world[first] - keypoints.world[second])
    return float(pixels / (scale * metres)) if metres > 0 else 0.0


def _moved_inside(
    corner: NDArray[np.floating], size: float, limits: tuple[int, int]
) -> tuple[int, int] | None:
    """The square's corner in whole pixels, moved a little if the picture ends; None if that is too much."""
    room = np.array(limits) - int(size)
    if (room < 0).any():
        return None
    moved = corner.clip(0, room)
    if np.abs(moved - corner).max() > _MOST_MOVED * size:
        return None
    return int(moved[0]), int(moved[1])


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("spotter.recognizer").joinpath("parts.toml").read_text("utf-8"))


@cache
def _rules() -> tuple[PartRule, ...]:
    rules = []
    for part, row in _table().items():
        sides: tuple[Side, ...] = ("left", "right") if row["seen"][0].startswith("SIDE_") else ("",)
        rules += [_rule(part, row, side) for side in sides]
    return tuple(rules)


def _rule(part: str, row: dict[str, Any], side: Side) -> PartRule:
    def rows(names: Sequence[str]) -> tuple[int, ...]:
        return tuple(INDEX[name.replace("SIDE", side)] for name in names)

    middle = np.zeros(len(LANDMARKS))
    middle[list(rows(list(row["middle"])))] = list(row["middle"].values())
    return PartRule(
        part=part,
        side=side,
        seen=rows(row["seen"]),
        middle=middle,
        room=row["room"],
        metres=row["metres"],
        along=rows(row.get("along", ())),
        straight=row.get("straight", 0.0),
        joint=rows(row.get("joint", ())),
        open_deg=row.get("open", 0.0),
        up=rows(row.get("up", ())),
        confirmed=Confirmation(**row["confirmed"]) if "confirmed" in row else None,
        clear=rows(row["clear"]),
    )
