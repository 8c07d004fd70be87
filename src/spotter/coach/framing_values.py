"""What the get-ready guide goes by: the picture's light, the body's place in it, the side that it shows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX, Body
from spotter.coach.exercise import Exercise
from spotter.motion.angles import angle_table, lean_angle, point
from spotter.motion.view import azimuth, usual_view

_SAMPLES = 48  # rows and columns of a picture that tell its light
_WELL_SEEN = 0.6  # mean visibility from which on there is light enough, however dark the picture
_VIEW_EDGE_DEG = 6.0  # nearer to the edge of a view it is not certain
_UPRIGHT_DEG = 45.0
_JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")


@dataclass(frozen=True, slots=True)
class Needs:
    """What an exercise wants to be seen.

    Attributes:
        joints: rows of the left and the right landmark of each joint, array (k, 2).
        shown_by: view to how many of the faults can be judged from it; empty where any view will do.
        raises_arms: whether the hands go overhead.
        on_floor: whether the body leans far, as in push-ups: who stands has yet to turn and lie down.
    """

    joints: NDArray[np.intp]
    shown_by: Mapping[str, int]
    raises_arms: bool
    on_floor: bool

    @property
    def best_view(self) -> str:
        """The view that shows most; the front where any will do."""
        return max(self.shown_by, key=self.shown_by.__getitem__, default="front")


@dataclass(frozen=True, slots=True)
class Posture:
    """How a body stands.

    Attributes:
        azimuth_deg: how far it is turned from facing the camera, -180 to 180; NaN if not known.
        trunk_lean_deg: how far the trunk leans from upright.
    """

    azimuth_deg: float
    trunk_lean_deg: float


def needs_of(exercise: Exercise | None) -> Needs:
    """What an exercise wants to be seen, by its angles, faults and gates; the whole body for None.

    >>> from spotter.coach.schema import shipped_exercises
    >>> press = needs_of(shipped_exercises()["shoulder-press"])
    >>> press.raises_arms, press.on_floor, press.shown_by["back"]
    (True, False, 0)
    """
    if exercise is None:
        return Needs(_rows(_JOINTS), {}, raises_arms=False, on_floor=False)
    points = [
        name for angle in angle_table() if angle.name in exercise.working_angles for name in angle.points
    ]
    points += [name for rule in exercise.faults for name in rule.landmarks]
    views = ("side", "oblique", "front", "back")
    shown_by = {view: sum(view in rule.views for rule in exercise.faults) for view in views}
    return Needs(
        _rows(joint for joint in _JOINTS if any(name.endswith(joint) for name in points)),
        shown_by if any(shown_by.values()) else {},
        _raises_arms(exercise),
        _is_on_floor(exercise),
    )


def _rows(joints: Iterable[str]) -> NDArray[np.intp]:
    return np.array([[INDEX[f"{side}_{joint}"] for side in ("left", "right")] for joint in joints], np.intp)


def _raises_arms(exercise: Exercise) -> bool:
    """The shoulders open to the far end, and no gate keeps them near level."""
    counting = exercise.counting
    level = any(
        "shoulder" in gate.measure and gate.below and gate.during == "turn" for gate in exercise.gates
    )
    return counting is not None and (counting.signal, counting.far_end) == ("shoulder", "high") and not level


def _is_on_floor(exercise: Exercise) -> bool:
    """Even of attempts a gate wants a trunk that leans."""
    return any(
        gate.measure == "trunk_lean" and gate.above is not None and not gate.complete_only
        for gate in exercise.gates
    )


def light(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The light of a picture at some thousand places, array (rows, columns), 0 to 1."""
    step = max(1, min(image.shape[:2]) // _SAMPLES)
    return np.asarray(image[::step, ::step].mean(axis=2) / 255, np.float32)


def light_values(shades: NDArray[np.float32], body: Body | None) -> dict[str, float]:
    """Values of the hints that are about the camera and the light."""
    well_seen = body is not None and float(body.keypoints.visibility.mean()) >= _WELL_SEEN
    return {
        "black": float(np.quantile(shades, 0.99)),
        "covered": float(shades.std()),
        "more-light": 1.0 if well_seen else float(shades.mean()),
    }


def place_values(
    needs: Needs, body: Body, others: Sequence[Body], shape: tuple[int, int]
) -> dict[str, float]:
    """Values of the hints that are about where the body is.

    Args:
        needs: what must be seen.
        body: the person.
        others: everybody else.
        shape: height and width of the picture, in pixels.
    """
    points = body.keypoints
    needed, whole = _beyond(points.xy[needs.joints.ravel()], shape), _beyond(points.xy, shape)
    height, width = shape
    x0, y0, x1, y1 = body.box
    shown = max(min(x1, width) - max(x0, 0), min(y1, height) - max(y0, 0))
    return {
        "step-back": min(_both_ends(whole), max(needed)),
        "cut-off-below": needed.bottom,
        "cut-off-above": needed.top,
        "room-above": _hands_above(body, height) if needs.raises_arms else -math.inf,
        "to-the-middle": max(needed.left, needed.right),
        "step-closer": shown / min(height, width),
        "hidden": float(points.visibility[needs.joints].max(axis=1).min()),
        "others": max((other.area for other in others), default=0.0) / max(body.area, 1.0),
    }


class _Edges(NamedTuple):
    """How far something lies beyond the picture's edges, in shares of its sides; negative inside."""

    left: float
    right: float
    top: float
    bottom: float


def _beyond(xy: NDArray[np.floating], shape: tuple[int, int]) -> _Edges:
    size = np.array(shape[::-1])
    (left, top), (right, bottom) = -xy.min(axis=0) / size, xy.max(axis=0) / size - 1
    return _Edges(float(left), float(right), float(top), float(bottom))


def _both_ends(edges: _Edges) -> float:
    """How far beyond two opposite edges."""
    return max(min(edges.left, edges.right), min(edges.top, edges.bottom))


def posture_of(body: Body) -> Posture:
    """How a body stands now."""
    world = body.keypoints.world[None].astype(np.float64)
    low, high = (point(world, f"mid_{joint}") for joint in ("hip", "shoulder"))
    return Posture(float(azimuth(world)[0]), float(lean_angle(low, high)[0]))


def view_values(needs: Needs, postures: Iterable[Posture]) -> dict[str, float]:
    """Values of the hints that are about the side that the person shows.

    Args:
        needs: of the exercise.
        postures: of the last moments, the newest last.
    """
    known = [one for one in postures if math.isfinite(one.azimuth_deg)]
    if not needs.shown_by or not known or (needs.on_floor and not known[-1].trunk_lean_deg > _UPRIGHT_DEG):
        return {"turn": 0.0, "turn-more": 0.0}
    turned = np.abs([one.azimuth_deg for one in known])
    steps = (-_VIEW_EDGE_DEG, 0.0, _VIEW_EDGE_DEG)
    shown = np.array([needs.shown_by[usual_view(np.clip(turned + step, 0, 180))] for step in steps])
    return {
        "turn": _of_all(shown == 0),
        "turn-more": _of_all(2 * shown < max(needs.shown_by.values())),
    }


def _of_all(flags: NDArray[np.bool_]) -> float:
    """1 where all are true, 0 where none is, a half between."""
    return 1.0 if flags.all() else 0.5 if flags.any() else 0.0


def _hands_above(body: Body, height: int) -> float:
    """How far raised hands would be above the picture, as a share of its height."""
    xy = body.keypoints.xy
    reach = []
    for side in ("left", "right"):
        shoulder, elbow, wrist = (xy[INDEX[f"{side}_{joint}"]] for joint in ("shoulder", "elbow", "wrist"))
        arm = float(np.linalg.norm(elbow - shoulder) + np.linalg.norm(wrist - elbow))
        reach.append(arm - float(shoulder[1]))
    return max(reach) / height
