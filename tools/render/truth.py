"""What is true in a rendered clip: joints in pixels and metres, angles in degrees, repetitions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .body import Array, Body
from .clip import Clip, Person
from .rig import Posed
from .timeline import Timeline

JOINTS = {
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
}
ANGLES = {
    "knee": ("hip", "knee", "ankle"),
    "hip": ("shoulder", "hip", "knee"),
    "elbow": ("shoulder", "elbow", "wrist"),
    "shoulder": ("hip", "shoulder", "elbow"),
    "ankle": ("knee", "ankle", "foot_index"),
}


class Landmarks:
    """The named points of one body, each fixed to a bone."""

    def __init__(self, body: Body) -> None:
        points = {"nose": ("head", _extreme(body, "head", 2, 1.0))}
        for word, sign, side in (("left", 1.0, "L"), ("right", -1.0, "R")):
            points[f"{word}_ear"] = ("head", _extreme(body, "head", 0, sign))
            for name, bone in JOINTS.items():
                points[f"{word}_{name}"] = (f"{bone}.{side}", body.joint(f"{bone}.{side}"))
            points[f"{word}_heel"] = (f"foot.{side}", _extreme(body, f"foot.{side}", 2, -1.0))
            points[f"{word}_foot_index"] = (f"toe2-1.{side}", body.tail[body.row[f"toe2-1.{side}"]])
        self.names = tuple(points)
        self._rows = [body.row[bone] for bone, _ in points.values()]
        self._offsets = np.stack([at - body.joint(bone) for bone, at in points.values()])

    def at(self, posed: Posed) -> Array:
        """Where the points are: (names, 3) metres in the room."""
        turned = np.einsum("nij,nj->ni", posed.rotation[self._rows], self._offsets)
        return np.asarray(posed.position[self._rows] + turned)


def _extreme(body: Body, bone: str, axis: int, sign: float) -> Array:
    """The outermost skin vertex that a bone moves, along one axis."""
    own = np.flatnonzero((body.share(bone) > 0.5) & (body.layer == 0))
    return np.asarray(body.vertices[own[np.argmax(sign * body.vertices[own, axis])]])


def included(a: Array, b: Array, c: Array) -> Array:
    """The angle at b between a and c in degrees, for points (..., 3); 180 is straight.

    >>> float(included(np.array([0.0, 1, 0]), np.zeros(3), np.array([1.0, 0, 0])))
    90.0
    """
    u, v = a - b, c - b
    cosine = (u * v).sum(-1) / np.linalg.norm(u, axis=-1) / np.linalg.norm(v, axis=-1)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def angles(names: tuple[str, ...], points: Array) -> dict[str, Array]:
    """All angles over time from points (frames, names, 3), y up."""
    at = {name: points[:, i] for i, name in enumerate(names)}
    found = {
        f"{side}_{angle}": included(*(at[f"{side}_{joint}"] for joint in chain))
        for side in ("left", "right")
        for angle, chain in ANGLES.items()
    }
    trunk = sum(at[f"{side}_shoulder"] - at[f"{side}_hip"] for side in ("left", "right"))
    upright = np.asarray(trunk)[:, 1] / np.linalg.norm(trunk, axis=-1)
    return found | {"trunk_lean": np.degrees(np.arccos(np.clip(upright, -1.0, 1.0)))}


def person_truth(
    person: Person, line: Timeline, names: tuple[str, ...], xyz: Array, xy: Array
) -> dict[str, Any]:
    """The truth about one person, as written to the JSON file; a row a frame in every list."""
    return {
        "name": person.name,
        "subject": {
            "sex": person.subject.sex,
            "ethnicity": person.subject.ethnicity,
            "age": person.subject.age,
            "muscle": person.subject.muscle,
            "weight": person.subject.weight,
        },
        "heading_deg": person.heading,
        "reps": line.reps,
        "holds": line.holds,
        "xy": {name: xy[:, i].round(1).tolist() for i, name in enumerate(names)},
        "xyz": {name: xyz[:, i].round(3).tolist() for i, name in enumerate(names)},
        "angles": {name: values.round(1).tolist() for name, values in angles(names, xyz).items()},
    }


def clip_truth(clip: Clip, people: list[dict[str, Any]], times: list[float]) -> dict[str, Any]:
    """The whole truth about a clip."""
    return {
        "schema": 1,
        "units": {
            "xy": "pixels from the top left corner",
            "xyz": "metres, y up",
            "angles": "degrees, 180 is straight",
            "t": "seconds",
        },
        "exercise": clip.exercise,
        "fps": clip.fps,
        "size": list(clip.size),
        "shots": [
            {
                "start_s": shot.start_s,
                "azimuth_deg": shot.camera.azimuth,
                "elevation_deg": shot.camera.elevation,
                "distance_m": shot.camera.distance,
                "fov_deg": shot.camera.fov,
            }
            for shot in clip.shots
        ],
        "t": [round(t, 4) for t in times],
        "people": people,
    }
