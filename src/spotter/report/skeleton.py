"""Draws a person's bones, coloured by what is wrong, and the angle at a joint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import BONES, INDEX
from spotter.coach.analysis import Severity
from spotter.motion.angles import Angle, angle_table
from spotter.report.drawing import Image, Layer, draw_dot, draw_lines, stamp, tint
from spotter.report.palette import INK, PAPER, RIGHT, SEVERITY, SEVERITY_RANK, Colour
from spotter.report.text import text_width

MIN_VISIBILITY = 0.5
"""Landmarks that are seen worse than this are not drawn."""

_JOINTS = tuple(
    INDEX[f"{side}_{name}"]
    for side in ("left", "right")
    for name in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
)
_USUAL_HEIGHT = 0.55  # of the picture's short side; smaller people get thinner bones
_NARROW_RAD = np.radians(55.0)
_ANGLES = {angle.name: angle for angle in angle_table()}


@dataclass(frozen=True, slots=True)
class Pose:
    """Where one person's landmarks are in one picture.

    Attributes:
        xy: array (33, 2) in pixels, NaN where not seen.
        visibility: array (33,), 0 to 1.
    """

    xy: NDArray[np.floating]
    visibility: NDArray[np.floating]

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Boolean array (33,): the landmarks that are seen well enough."""
        return np.asarray((self.visibility >= MIN_VISIBILITY) & np.isfinite(self.xy).all(axis=1))

    def point(self, name: str) -> NDArray[np.float64] | None:
        """A landmark, or the middle of two for ``mid_x``; None where it is not seen well enough.

        >>> pose = Pose(np.arange(66.0).reshape(33, 2), np.ones(33))
        >>> pose.point("nose"), pose.point("mid_hip")
        (array([0., 1.]), array([47., 48.]))
        """
        names = (f"left_{name[4:]}", f"right_{name[4:]}") if name.startswith("mid_") else (name,)
        rows = [INDEX[one] for one in names]
        if not self.drawn[rows].all():
            return None
        return np.asarray(self.xy[rows].mean(axis=0), np.float64)


def draw_skeleton(image: Image, pose: Pose, wrong: Mapping[int, Severity], unit: float) -> None:
    """Draw the bones: calm where all is right, in the fault's colour and thicker where something is wrong.

    Args:
        image: RGB picture, drawn on in place.
        pose: who to draw.
        wrong: landmark rows at fault, with the severity.
        unit: what a pixel of a picture 360 pixels high is here.
    """
    drawn = pose.drawn
    if not drawn.any():
        return
    size = unit * _body_scale(pose.xy[drawn], unit)
    at_fault = faulty_bones(wrong)
    by_colour: dict[Colour, list[NDArray[np.floating]]] = {}
    for bone in BONES:
        if drawn[list(bone)].all():
            colour = SEVERITY[at_fault[bone]] if bone in at_fault else RIGHT
            by_colour.setdefault(colour, []).append(pose.xy[list(bone)])
    for colour, bones in by_colour.items():
        draw_lines(image, bones, INK, (5.0 if colour == RIGHT else 7.0) * size)
    for colour, bones in sorted(by_colour.items(), key=lambda item: item[0] != RIGHT):
        draw_lines(image, bones, colour, (2.6 if colour == RIGHT else 4.4) * size)
    for row in _JOINTS:
        if drawn[row]:
            _draw_joint(image, pose.xy[row], wrong.get(row), size)


def faulty_bones(wrong: Mapping[int, Severity]) -> dict[tuple[int, int], Severity]:
    """The bones between landmarks at fault; where a landmark has no such bone, all the bones that it touches.

    >>> knee, ankle, hip = INDEX["left_knee"], INDEX["left_ankle"], INDEX["left_hip"]
    >>> len(faulty_bones({knee: "warning", ankle: "danger"})), len(faulty_bones({knee: "warning"}))
    (1, 2)
    """
    between = [bone for bone in BONES if set(bone) <= wrong.keys()]
    lonely = wrong.keys() - {row for bone in between for row in bone}
    touched = [bone for bone in BONES if set(bone) & lonely]
    return {
        bone: max((wrong[row] for row in bone if row in wrong), key=SEVERITY_RANK.__getitem__)
        for bone in [*between, *touched]
    }


def draw_angle(image: Image, pose: Pose, name: str, degrees: float, unit: float) -> None:
    """Draw the angle's arc at its joint with the degrees beside it; nothing where a point is not seen.

    Args:
        image: RGB picture, drawn on in place.
        pose: whose angle.
        name: an angle of ``angles.toml``.
        degrees: what to write.
        unit: what a pixel of a picture 360 pixels high is here.
    """
    rays = angle_rays(pose, _ANGLES[name])
    if rays is None or not np.isfinite(degrees):
        return
    centre, first, second = rays
    size = unit * _body_scale(pose.xy[pose.drawn], unit)
    start = np.arctan2(first[1], first[0])
    sweep = (np.arctan2(second[1], second[0]) - start + np.pi) % (2 * np.pi) - np.pi
    radius = min(30 * size, 0.8 * float(np.linalg.norm(second)))
    turn = start + np.linspace(0, sweep, 24)
    arc = centre + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    tint(image, np.vstack([arc, centre]), PAPER, 0.35)
    draw_lines(image, [arc], INK, 4.5 * size)
    draw_lines(image, [arc], PAPER, 2.4 * size)
    label = degree_label(f"{degrees:.0f}°", round(max(13 * unit, 15 * size), 1))
    reach = 0.0 if abs(sweep) < _NARROW_RAD else radius
    away = reach + 0.55 * max(label.width, label.height) + 6 * unit
    # Inside a narrow angle the label would lie on the bones.
    towards = start + sweep / 2 + (np.pi if abs(sweep) < _NARROW_RAD else 0.0)
    middle = centre + away * np.array([np.cos(towards), np.sin(towards)])
    x, y = middle - (label.width / 2, label.height / 2)
    stamp(
        image,
        label,
        float(np.clip(x, 0, max(0, image.shape[1] - label.width))),
        float(np.clip(y, 0, max(0, image.shape[0] - label.height))),
    )


def angle_rays(
    pose: Pose, angle: Angle
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None:
    """The joint in the picture and the two directions from it; None where a point is not seen."""
    points = [pose.point(name) for name in angle.points]
    if angle.kind == "lean":
        low, high = points
        if low is None or high is None:
            return None
        return low, np.array([0.0, -1.0]), high - low
    a, joint, c = points
    if a is None or joint is None or c is None:
        return None
    return joint, a - joint, c - joint


def side_seen_better(pose_visibility: NDArray[np.floating], names: tuple[str, ...]) -> str | None:
    """Of several angles, such as left and right knee, the one whose points are seen best.

    Args:
        pose_visibility: array (33,) or (n, 33), 0 to 1.
        names: angles of ``angles.toml``; the joint of the first one counts, on either side.
    """
    if not names:
        return None
    joint = names[0].removeprefix("left_").removeprefix("right_")
    sides = [name for name in names if name.removeprefix("left_").removeprefix("right_") == joint]
    mean = np.atleast_2d(pose_visibility).mean(axis=0)
    return max(sides, key=lambda name: min(mean[row] for row in _rows(_ANGLES[name])))


@lru_cache(maxsize=256)
def degree_label(text: str, size: float) -> Layer:
    """The plate with the degrees."""
    width, height = text_width(text, size, "bold") + 0.9 * size, 1.5 * size
    layer = Layer.empty(width + 1, height + 1)
    layer.box(0, 0, width, height, height / 2, INK, 0.82)
    layer.text(text, 0.45 * size, height / 2 + 0.36 * size, size, PAPER, "bold")
    return layer


def _draw_joint(image: Image, centre: NDArray[np.floating], severity: Severity | None, size: float) -> None:
    if severity is None:
        draw_dot(image, centre, 3.4 * size, INK)
        draw_dot(image, centre, 2.2 * size, PAPER)
    else:
        draw_dot(image, centre, 6.2 * size, INK)
        draw_dot(image, centre, 5.0 * size, SEVERITY[severity])
        draw_dot(image, centre, 2.2 * size, PAPER)


def _body_scale(xy: NDArray[np.floating], unit: float) -> float:
    extent = float(np.ptp(xy, axis=0).max())
    return float(np.clip(extent / (360 * unit * _USUAL_HEIGHT), 0.4, 1.0))


def _rows(angle: Angle) -> list[int]:
    names = [
        side + name[4:] if name.startswith("mid_") else side + name
        for name in angle.points
        for side in (("left_", "right_") if name.startswith("mid_") else ("",))
    ]
    return [INDEX[name] for name in names]
