"""The fourteen parts of a body, which bones belong to which, and where on the skin they meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.render.body import Source

PARTS = (
    "head", "torso",
    "left_upper_arm", "right_upper_arm", "left_lower_arm", "right_lower_arm", "left_hand", "right_hand",
    "left_upper_leg", "right_upper_leg", "left_lower_leg", "right_lower_leg", "left_foot", "right_foot",
)  # fmt: skip
"""In the order of their numbers, from 1; left is the person's own left."""

LIMBS = {
    "upperarm": "upper_arm", "shoulder": "upper_arm", "lowerarm": "lower_arm",
    "wrist": "hand", "finger": "hand", "metacarpal": "hand",
    "upperleg": "upper_leg", "lowerleg": "lower_leg", "foot": "foot", "toe": "foot",
}  # fmt: skip
TRUNK = ("spine", "root", "pelvis", "clavicle", "breast")
SIDES = {"L": "left", "R": "right"}

HEAD, ARM, LEG = 0, 1, 2
CHAINS = (
    (HEAD, ("head",)),
    (ARM, ("left_upper_arm", "left_lower_arm", "left_hand")),
    (ARM, ("right_upper_arm", "right_lower_arm", "right_hand")),
    (LEG, ("left_upper_leg", "left_lower_leg", "left_foot")),
    (LEG, ("right_upper_leg", "right_lower_leg", "right_foot")),
)
"""What hangs on the torso, from there outwards."""


@dataclass(frozen=True, slots=True)
class Zones:
    """Where the parts are on the skin, so that a shader finds the part of any point of it.

    A vertex has `reach` (n,): how far out it is on what hangs on the torso: 0 the torso, 1 the first part, 2
    the second; parts meet halfway. A triangle of `triangles` (m, 3) hangs on the `chain` (n,) of its last
    corner.
    """

    reach: NDArray[np.float32]
    chain: NDArray[np.float32]
    triangles: NDArray[np.int32]


def number(part: str) -> int:
    """The number of a part in the label maps.

    >>> number("torso")
    2
    """
    return PARTS.index(part) + 1


def part_of(bone: str) -> int:
    """The number of the part that one of MakeHuman's bones moves.

    >>> PARTS[part_of("lowerarm02.L") - 1]
    'left_lower_arm'
    """
    for start, limb in LIMBS.items():
        if bone.startswith(start):
            return number(f"{SIDES[bone[-1]]}_{limb}")
    return number("torso" if bone.startswith(TRUNK) else "head")


def votes(source: Source) -> NDArray[np.float32]:
    """How much the bones of each part move each vertex: (n, 15), the first column empty."""
    part = np.array([part_of(bone) for bone in source.bones])
    return np.stack([source.share[:, part == i].sum(axis=1) for i in range(len(PARTS) + 1)], axis=1)


def zones(source: Source, hair: int) -> Zones:
    """The zones of a source's mesh; what is in layer `hair` is part of the head.

    Two parts meet where their bones move the skin equally: where the greatest vote changes.
    """
    share = votes(source)
    share[source.layer == hair] = np.eye(len(PARTS) + 1)[number("head")]
    outward = np.stack(
        [share[:, [number(part) for part in parts]].sum(axis=1) for _, parts in CHAINS], axis=1
    )
    chain = outward.argmax(axis=1)
    reach = np.zeros(len(share), np.float32)
    for kind in (HEAD, ARM, LEG):  # both sides together: between the thighs, one leg borders on the other
        mine = np.array([CHAINS[i][0] == kind for i in chain])
        for parts in (parts for other, parts in CHAINS if other == kind):
            steps = np.arange(1, len(parts) + 1)
            reach += mine * (share[:, [number(part) for part in parts]] @ steps)
    a, b, c = outward.max(axis=1)[source.triangles].T
    # OpenGL takes flat values of the last corner
    leader = np.select([(c >= a) & (c >= b), b >= a], [2, 1], 0)
    order = (leader[:, None] + np.array([1, 2, 3])) % 3
    return Zones(reach, chain.astype(np.float32), np.take_along_axis(source.triangles, order, axis=1))
