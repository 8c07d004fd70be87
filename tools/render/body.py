"""The human body: MakeHuman's mesh and skeleton, shaped by age and build, and moved by its bones."""

from __future__ import annotations

import json
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

    def targets(self) -> tuple[str, str]:
        """Names of the two target files that shape the base mesh."""
        build = f"universal-{self.sex}-{self.age}-{self.muscle}muscle-{self.weight}weight"
        return f"{self.ethnicity}-{self.sex}-{self.age}", build


class Body:
    """A body at rest: arms half raised, facing +z, y up, the soles at y = 0; lengths in metres.

    `bones` lists the bones, parents first; `parent[i]` is a row of `bones` (-1 at the root); `head` is an
    array of shape (bones, 3). `vertices`, `normals`: (n, 3); `triangles`: (m, 3); `layer`: (n,) numbers of
    LAYERS; `arm`: (n,) how far down an arm a vertex lies (0 shoulder or elsewhere, 1 elbow, 2 wrist).
    """

    def __init__(self, assets: Path, subject: Subject) -> None:
        vertices, groups = _read_mesh(assets / "base.obj")
        for name in subject.targets():
            _add_target(vertices, assets / "targets" / f"{name}.target")
        skeleton = json.loads((assets / "default.mhskel").read_text())
        skin = groups["body"]
        sole = vertices[np.unique(groups["helper-tights"]), 1].min()
        scale = METRES
        if subject.height_m:
            scale = subject.height_m / float(np.ptp(vertices[np.unique(skin), 1]))
        vertices = (vertices - (0.0, sole, 0.0)) * scale + (0.0, SHOE, 0.0)

        self.bones = _parents_first({name: bone["parent"] for name, bone in skeleton["bones"].items()})
        self.row = {name: i for i, name in enumerate(self.bones)}
        self.parent = [self.row.get(skeleton["bones"][name]["parent"], -1) for name in self.bones]
        joint = {name: vertices[rows].mean(axis=0) for name, rows in skeleton["joints"].items()}
        self.head: Array = np.stack([joint[skeleton["bones"][name]["head"]] for name in self.bones])
        self.tail: Array = np.stack([joint[skeleton["bones"][name]["tail"]] for name in self.bones])
        self._fill_mesh(vertices, groups, _read_weights(assets / "default_weights.mhw"))

    def _fill_mesh(self, vertices: Array, groups: dict[str, NDArray[np.int64]], weights: Weights) -> None:
        layers = {name: LASHES if "eyelashes" in name else LAYERS.get(name, -1) for name in groups}
        drawn = [name for name, layer in layers.items() if layer >= 0]
        layer_of = np.zeros(len(vertices))
        for name in drawn:
            layer_of[np.unique(groups[name])] = layers[name]
        triangles = np.concatenate([groups[name] for name in drawn])
        used, triangles = np.unique(triangles, return_inverse=True)
        self.triangles: NDArray[np.int32] = triangles.reshape(-1, 3).astype(np.int32)
        self.vertices: Array = vertices[used]
        self.layer: Array = layer_of[used]
        self.normals = _normals(self.vertices, self.triangles)
        columns = {name: column for name, column in weights.items() if name in self.row}
        dense = np.zeros((len(vertices), len(self.bones)), np.float32)
        for name, (rows, values) in columns.items():
            dense[rows, self.row[name]] = values
        dense = dense[used]
        dense[dense.sum(axis=1) == 0, 0] = 1.0
        dense /= dense.sum(axis=1, keepdims=True)
        self._weights = csr_matrix(dense)
        self._share = dense
        self.arm = self._down_the_arm(dense)

    def _down_the_arm(self, weights: NDArray[np.float32]) -> Array:
        along = np.zeros(len(self.vertices))
        for side in SIDES:
            on_arm = [i for i, name in enumerate(self.bones) if _is_arm(name, side)]
            share = weights[:, on_arm].sum(axis=1)
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
        mixed = np.asarray(self._weights @ moves)
        turn = mixed[:, :9].reshape(-1, 3, 3)
        vertices = np.einsum("nij,nj->ni", turn, self.vertices) + mixed[:, 9:]
        normals = np.einsum("nij,nj->ni", turn, self.normals)
        return vertices, normals / np.linalg.norm(normals, axis=1, keepdims=True)

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


def _add_target(vertices: Array, path: Path) -> None:
    """Move the vertices by the offsets of one target file, in place."""
    rows = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    for index, *offset in rows:
        vertices[int(index)] += [float(x) for x in offset]


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


def _normals(vertices: Array, triangles: NDArray[np.int32]) -> Array:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, triangles[:, k], face)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12))
