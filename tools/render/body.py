"""The human body: MakeHuman's mesh and skeleton, shaped by age and build, and moved by its bones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Array = NDArray[np.float64]
Weights = dict[str, tuple[list[int], list[float]]]
Warp = Callable[[Array], Array]

SIDES = ("L", "R")
LAYERS = {"body": 0, "helper-tights": 1, "helper-hair": 2, "helper-l-eye": 3, "helper-r-eye": 3}
LASHES = 4
SHOE = 0.006  # how thick shoes are
METRES = 0.1  # MakeHuman counts in decimetres


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is rendered; the words are those of MakeHuman's macro targets.

    `height_m` scales the whole body; 0 keeps the height that the targets give.
    """

    sex: str = "male"
    ethnicity: str = "caucasian"
    age: str = "young"
    muscle: str = "average"
    weight: str = "average"
    height_m: float = 0.0

    def mix(self) -> dict[str, float]:
        """The two target files that shape the base mesh, each with its full share."""
        build = f"universal-{self.sex}-{self.age}-{self.muscle}muscle-{self.weight}weight"
        return {f"{self.ethnicity}-{self.sex}-{self.age}": 1.0, build: 1.0}


class Source:
    """What MakeHuman's files say of every body, read once.

    `bones` lists the bones, parents first; `parent[i]` is a row of `bones` (-1 at the root); `levels` are the
    rows of bones by how many bones they hang on. `triangles`: (m, 3) rows of the vertices that are drawn;
    `layer`: (n,) their numbers in `layers`; `share`: (n, bones) how much a bone moves a vertex, 0 to 1;
    `arms`: (n,) how much all bones of the left, of the right arm do.
    """

    def __init__(self, assets: Path, layers: Mapping[str, int] = LAYERS) -> None:
        self._targets = assets / "targets"
        self._base, groups = _read_mesh(assets / "base.obj")
        self._offsets: dict[str, Array] = {}
        self._skin = np.unique(groups["body"])
        self._soles = np.unique(groups["helper-tights"])
        skeleton = json.loads((assets / "default.mhskel").read_text())
        self.bones = _parents_first({name: bone["parent"] for name, bone in skeleton["bones"].items()})
        self.row = {name: i for i, name in enumerate(self.bones)}
        self.parent = [self.row.get(skeleton["bones"][name]["parent"], -1) for name in self.bones]
        self.levels = _levels(self.parent)
        joints: dict[str, list[int]] = skeleton["joints"]
        around = [(i, vertex, 1 / len(rows)) for i, rows in enumerate(joints.values()) for vertex in rows]
        row, column, share = zip(*around, strict=True)
        self._middles = csr_matrix((share, (row, column)), (len(joints), len(self._base)))
        number = {name: i for i, name in enumerate(joints)}
        self._ends = [
            [number[skeleton["bones"][name][end]] for name in self.bones] for end in ("head", "tail")
        ]
        self._fill_mesh(groups, layers)
        self._fill_share(_read_weights(assets / "default_weights.mhw"))

    def _fill_mesh(self, groups: dict[str, NDArray[np.int64]], layers: Mapping[str, int]) -> None:
        number = {name: LASHES if "eyelashes" in name else layers.get(name, -1) for name in groups}
        drawn = [name for name, layer in number.items() if layer >= 0]
        layer_of = np.zeros(len(self._base))
        for name in drawn:
            layer_of[np.unique(groups[name])] = number[name]
        triangles = np.concatenate([groups[name] for name in drawn])
        self.used, triangles = np.unique(triangles, return_inverse=True)
        self.triangles: NDArray[np.int32] = triangles.reshape(-1, 3).astype(np.int32)
        self.layer: Array = layer_of[self.used]

    def _fill_share(self, weights: Weights) -> None:
        columns = {name: column for name, column in weights.items() if name in self.row}
        dense = np.zeros((len(self._base), len(self.bones)), np.float32)
        for name, (rows, values) in columns.items():
            dense[rows, self.row[name]] = values
        dense = dense[self.used]
        dense[dense.sum(axis=1) == 0, 0] = 1.0
        dense /= dense.sum(axis=1, keepdims=True)
        self.weights = csr_matrix(dense)
        self.share: NDArray[np.float32] = dense
        self.arms = {
            side: dense[:, [i for i, name in enumerate(self.bones) if _is_arm(name, side)]].sum(axis=1)
            for side in SIDES
        }

    def shape(
        self, mix: Mapping[str, float], height_m: float = 0.0, warp: Warp | None = None
    ) -> tuple[Array, Array, Array]:
        """The base mesh moved by targets, each by its share: drawn vertices, bones' heads and tails, metres.

        `warp` may move all vertices (n, 3) once more, soles at about y = 0; the bones follow.
        """
        vertices = self._base.copy()
        for name, share in mix.items():
            if name not in self._offsets:
                self._offsets[name] = _read_target(self._targets / f"{name}.target", len(vertices))
            vertices += share * self._offsets[name]
        scale = height_m / float(np.ptp(vertices[self._skin, 1])) if height_m else METRES
        vertices = (vertices - (0.0, vertices[self._soles, 1].min(), 0.0)) * scale + (0.0, SHOE, 0.0)
        if warp:
            vertices = warp(vertices)
        joints = np.asarray(self._middles @ vertices)
        heads, tails = (joints[rows] for rows in self._ends)
        return vertices[self.used], heads, tails


class Body:
    """A body at rest: arms half raised, facing +z, y up, the soles at y = 0; lengths in metres.

    `bones`, `parent`, `levels`, `triangles`, `layer` are those of its source; `head`, `tail`: (bones, 3);
    `vertices`, `normals`: (n, 3); `arm`: (n,) how far down an arm a vertex lies (0 shoulder or elsewhere,
    1 elbow, 2 wrist).
    """

    def __init__(
        self, source: Source, mix: Mapping[str, float], height_m: float = 0.0, warp: Warp | None = None
    ) -> None:
        self.bones, self.row, self.parent = source.bones, source.row, source.parent
        self.levels = source.levels
        self.triangles, self.layer = source.triangles, source.layer
        self._weights, self._share = source.weights, source.share
        self.vertices, self.head, self.tail = source.shape(mix, height_m, warp)
        self.normals = _normals(self.vertices, self.triangles)
        self.arm = self._down_the_arm(source.arms)

    def _down_the_arm(self, arms: Mapping[str, NDArray[np.float32]]) -> Array:
        along = np.zeros(len(self.vertices))
        for side, share in arms.items():
            points = [self.joint(f"{bone}.{side}") for bone in ("upperarm01", "lowerarm01", "wrist")]
            for start, end in pairwise(points):
                axis = end - start
                along += share * np.clip((self.vertices - start) @ axis / (axis @ axis), 0.0, 1.0)
        return along

    def joint(self, bone: str) -> Array:
        """Where a bone begins in the rest pose: (3,) metres."""
        return np.asarray(self.head[self.row[bone]])

    def share(self, bone: str) -> Array:
        """How much a bone moves each vertex: (n,), 0 to 1."""
        return np.asarray(self._share[:, self.row[bone]], float)

    def skin(self, rotation: Array, position: Array) -> tuple[Array, Array]:
        """Vertices and normals (n, 3) for bones turned by `rotation` (bones, 3, 3), heads at `position`."""
        shift = position - np.einsum("bij,bj->bi", rotation, self.head)
        moves = np.concatenate([rotation.reshape(-1, 9), shift], axis=1).astype(np.float32)
        mixed = np.ascontiguousarray((self._weights @ moves).T)  # a row a number, which is faster below
        turn = mixed[:9].reshape(3, 3, -1)
        vertices = np.einsum("ijn,jn->in", turn, self.vertices.T) + mixed[9:]
        normals = np.einsum("ijn,jn->in", turn, self.normals.T)
        normals /= np.sqrt((normals**2).sum(axis=0))
        return np.ascontiguousarray(vertices.T), np.ascontiguousarray(normals.T)

    @cached_property
    def build(self) -> Build:
        """The lengths that the motions need."""
        hip, shoulder = self.joint("upperleg01.L"), self.joint("upperarm01.L")
        seat, blades = self._back(hip[1]), self._back(0.75 * shoulder[1] + 0.25 * hip[1])
        trunk = float(shoulder[1] - hip[1])
        return Build(
            hip=float(hip[0]),
            thigh=_span(self, "upperleg01.L", "lowerleg01.L"),
            shank=_span(self, "lowerleg01.L", "foot.L"),
            ankle=float(self.joint("foot.L")[1]),
            ball=self.joint("toe2-1.L") - self.joint("foot.L"),
            shoulder=float(shoulder[0]),
            trunk=trunk,
            upper_arm=_span(self, "upperarm01.L", "lowerarm01.L"),
            forearm=_span(self, "lowerarm01.L", "wrist.L"),
            seat=float(hip[2]) - seat,
            recline=float(np.degrees(np.arcsin((blades - seat) / trunk))),
        )

    def _back(self, height: float) -> float:
        """How far back (z) the body reaches around a height."""
        near = (np.abs(self.vertices[:, 1] - height) < 0.06) & (self.arm < 0.05) & (self.layer == 1)
        return float(self.vertices[near, 2].min())


@dataclass(frozen=True, slots=True)
class Build:
    """Lengths of a body in metres.

    `hip`, `shoulder`: half the distance between the two joints; `ankle`: the ankle's height when the foot
    stands flat; `ball`: (3,) from the ankle to the ball of the left foot; `trunk`: hips to shoulders;
    `seat`: how far the hip joints are off the floor, lying on the back; `recline`: by how many degrees the
    trunk then slopes down towards the shoulders.
    """

    hip: float
    thigh: float
    shank: float
    ankle: float
    ball: Array
    shoulder: float
    trunk: float
    upper_arm: float
    forearm: float
    seat: float
    recline: float

    @property
    def leg(self) -> float:
        """Hip to ankle with the knee straight."""
        return self.thigh + self.shank

    @property
    def arm(self) -> float:
        """Shoulder to wrist with the elbow straight."""
        return self.upper_arm + self.forearm


def _span(body: Body, start: str, end: str) -> float:
    return float(np.linalg.norm(body.joint(end) - body.joint(start)))


def _is_arm(bone: str, side: str) -> bool:
    return bone.endswith(f".{side}") and bone.startswith(
        ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
    )


def _read_mesh(path: Path) -> tuple[Array, dict[str, NDArray[np.int64]]]:
    """Vertices (n, 3) in decimetres and the triangles (m, 3) of each group of a Wavefront file."""
    vertices: list[list[float]] = []
    groups: dict[str, list[list[int]]] = {}
    current: list[list[int]] = []
    for line in path.read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(word) for word in rest.split()[:3]])
        elif kind == "g":
            current = groups.setdefault(rest.strip(), [])
        elif kind == "f":
            corner = [int(word.split("/")[0]) - 1 for word in rest.split()]
            current.extend([corner[0], corner[i], corner[i + 1]] for i in range(1, len(corner) - 1))
    return np.array(vertices), {name: np.array(faces) for name, faces in groups.items()}


def _read_target(path: Path, vertices: int) -> Array:
    """How far a target file moves each vertex: (vertices, 3) decimetres."""
    lines = (line.split() for line in path.read_text().splitlines())
    rows = np.array([line for line in lines if line and not line[0].startswith("#")], float).reshape(-1, 4)
    offset = np.zeros((vertices, 3))
    offset[rows[:, 0].astype(int)] = rows[:, 1:]
    return offset


def _read_weights(path: Path) -> Weights:
    weights: dict[str, Any] = json.loads(path.read_text())["weights"]
    return {
        bone: ([int(i) for i, _ in pairs], [float(w) for _, w in pairs]) for bone, pairs in weights.items()
    }


def _parents_first(parent: dict[str, str | None]) -> list[str]:
    order: list[str] = []
    waiting = list(parent)
    while waiting:
        ready = [name for name in waiting if parent[name] is None or parent[name] in order]
        order += ready
        waiting = [name for name in waiting if name not in ready]
    return order


def _levels(parent: list[int]) -> list[NDArray[np.intp]]:
    """Rows of bones, the root first, then those that hang on bones of the level before."""
    depth = [0] * len(parent)
    for i, up in enumerate(parent):
        depth[i] = depth[up] + 1 if up >= 0 else 0
    return [np.flatnonzero(np.array(depth) == level) for level in range(max(depth) + 1)]


def _normals(vertices: Array, triangles: NDArray[np.int32]) -> Array:
    corners = triangles.T.ravel()
    a, b, c = vertices.T[:, corners].reshape(3, 3, -1).transpose(1, 0, 2)
    (ux, uy, uz), (vx, vy, vz) = b - a, c - a
    face = (uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx)  # np.cross, three times as fast
    normals = np.stack([np.bincount(corners, np.tile(along, 3), len(vertices)) for along in face], axis=1)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12))
