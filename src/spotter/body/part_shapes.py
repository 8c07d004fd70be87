"""The shapes of the parts of a body, as the table ``part_shapes.toml`` gives them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.body.part_frame import NAMES, ROW, SIDES, Floats
from spotter.body.part_map import PARTS

COSTS: Final = ("near", "square", "behind", "hidden", "bias")
"""What the table says of each part, besides its landmarks."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PartShapes:
    """The table as arrays, for both sides of the body; parts in the order of ``PARTS``.

    Attributes:
        ends: float32 array (2, capsules, basis), that make each capsule's start and end; the capsules
            of one part lie together.
        radii: float32 array (2, capsules), metres, at the start and at the end.
        first: int array (14,), the first capsule of each part, the one that says how far away the part is.
        others: part and capsule of all the others.
        at, across: float32 arrays (borders, basis), a point of each border, and its normal.
        offsets: float32 array (2, borders), metres along the normal: always, and times the frame's facing.
        beyond, before: float32 arrays (14, borders), the price of a metre beyond a border, or before it.
        costs: each of ``COSTS`` as float32 array (14, 1).
        landmarks: float32 array (14, 33), the mean of the landmarks by whose visibility a part is judged.
        seen_by: int array (2, 14), the landmarks at the start and at the end of each part.
    """

    ends: Floats
    radii: Floats
    first: NDArray[np.int64]
    others: tuple[tuple[int, int], ...]
    at: Floats
    across: Floats
    offsets: Floats
    beyond: Floats
    before: Floats
    costs: Mapping[str, Floats]
    landmarks: Floats
    seen_by: NDArray[np.int64]

    @staticmethod
    def of(table: Row) -> PartShapes:
        """From the table as it is read from TOML."""
        capsules = [
            (side, row)
            for row in table["capsule"]
            for side in _sides(row["part"], row.get("both_sides", False))
        ]
        capsules.sort(key=lambda capsule: _part(capsule[1]["part"], capsule[0]))
        owners = [_part(row["part"], side) for side, row in capsules]
        first = np.searchsorted(owners, np.arange(len(PARTS)))
        borders = [(side, row) for row in table["border"] for side in _sides(row["between"][1])]
        rows = [(side, table["part"][name]) for part in PARTS for side, name in [_side_and_name(part)]]
        seen_by = [[INDEX[_known(name, side, INDEX)] for name in row["landmarks"]] for side, row in rows]
        return PartShapes(
            ends=np.stack([_factors(capsules, "from"), _factors(capsules, "to")]),
            radii=_floats([row["radius"] for _, row in capsules]).T,
            first=first,
            others=tuple((part, k) for k, part in enumerate(owners) if k != first[part]),
            at=_factors(borders, "at"),
            across=_factors(borders, "across"),
            offsets=_floats([row["offset"] for _, row in borders]).T,
            beyond=_tolls(borders, 0),
            before=_tolls(borders, 1),
            costs={cost: _floats([[row.get(cost, 0)] for _, row in rows]) for cost in COSTS},
            landmarks=_means(seen_by),
            seen_by=np.array([[rows[end] for rows in seen_by] for end in (0, -1)]),
        )


@cache
def part_shapes() -> PartShapes:
    """The shapes that Spotter goes by.

    >>> part_shapes().radii.shape[1] == len(part_shapes().ends[0])
    True
    """
    return PartShapes.of(tomllib.loads(files("spotter.body").joinpath("part_shapes.toml").read_text("utf-8")))


def _sides(part: str, both: bool = False) -> tuple[str, ...]:
    """The sides that a row is for: both, or for a part in the middle an empty one."""
    return SIDES if both or part not in PARTS else ("",)


def _part(name: str, side: str) -> int:
    return PARTS.index(_known(name, side, PARTS))


def _side_and_name(part: str) -> tuple[str, str]:
    """The side of a part and its name in the table.

    >>> _side_and_name("left_hand"), _side_and_name("torso")
    (('left', 'hand'), ('', 'torso'))
    """
    side, _, name = part.partition("_")
    return (side, name) if side in SIDES else ("", part)


def _known(name: str, side: str, among: Any) -> str:
    """The name itself where it is among those known, else that of its side."""
    return name if name in among else f"{side}_{name}"


def _factors(rows: list[tuple[str, Row]], key: str) -> Floats:
    """The factors (rows, basis) by which the basis makes a place or a direction of each row."""
    out = np.zeros((len(rows), len(NAMES)), np.float32)
    for factors, (side, row) in zip(out, rows, strict=True):
        for name, factor in row[key].items():
            factors[ROW[_known(name, side, ROW)]] = factor
    return out


def _tolls(borders: list[tuple[str, Row]], which: int) -> Floats:
    """What a metre on the wrong side of each border costs each part (14, borders)."""
    out = np.zeros((len(PARTS), len(borders)), np.float32)
    for column, (side, row) in enumerate(borders):
        out[_part(row["between"][which], side), column] = row["cost"][which]
    return out


def _means(groups: list[list[int]]) -> Floats:
    """The matrix (groups, 33) that takes a value of each landmark to the mean of each group."""
    out = np.zeros((len(groups), len(INDEX)), np.float32)
    for factors, group in zip(out, groups, strict=True):
        factors[group] = 1 / len(group)
    return out


def _floats(rows: list[Any]) -> Floats:
    return np.asarray(rows, np.float32)
