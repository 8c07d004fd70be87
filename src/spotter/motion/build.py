"""Builds a person's ``Motion`` from the landmarks of a stretch of frames: clean, lift, measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.motion.angles import MIN_VISIBILITY, angle_uncertainty, measure_angles
from spotter.motion.filters import fill_gaps, low_pass, reject_outliers
from spotter.motion.measures import take_measures
from spotter.motion.motion import Motion
from spotter.motion.stature import measured_stature
from spotter.motion.view import azimuth, view_names

_TRUNK_AND_LIMBS = [
    INDEX[f"{side}_{joint}"]
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
]
_HIPS = [INDEX["left_hip"], INDEX["right_hip"]]
JUMP_M = 0.12
"""A landmark that lies nearer than this to its neighbours in time is no outlier."""

Floats = NDArray[np.floating]


def build_motion(
    person: int,
    time_s: NDArray[np.float64],
    frame: NDArray[np.int64],
    shot: NDArray[np.int64],
    xy: Floats,
    world: Floats,
    visibility: Floats,
    height_m: float | None = None,
) -> Motion:
    """A person's motion from raw landmarks; each shot is cleaned apart.

    Args:
        person: the person's number.
        time_s, frame, shot: arrays (n,).
        xy: array (n, 33, 2) in pixels, NaN where the person was not found.
        world: array (n, 33, 3) in metres, likewise.
        visibility: array (n, 33), 0 to 1.
        height_m: the person's true height, which sets the scale of all lengths where they are seen whole.
    """
    xy, world, visibility = (
        np.array(xy, np.float64),
        np.array(world, np.float64),
        np.array(visibility, np.float64),
    )
    visibility[np.isnan(xy[:, :, 0])] = np.nan
    scale = np.empty(len(time_s))
    for number in np.unique(shot):
        rows = shot == number
        xy[rows], world[rows], scale[rows] = _clean(time_s[rows], xy[rows], world[rows])
        visibility[rows] = np.nan_to_num(fill_gaps(time_s[rows], visibility[rows]))
    if height_m is not None:
        placed = np.concatenate([xy * scale[:, None, None], world[:, :, 2:]], axis=2)
        stature = measured_stature(placed, visibility)
        if np.isfinite(stature):
            world, scale = world * height_m / stature, scale * height_m / stature
    return assemble(person, time_s, frame, shot, xy, world, visibility, scale)


def assemble(
    person: int,
    time_s: NDArray[np.float64],
    frame: NDArray[np.int64],
    shot: NDArray[np.int64],
    xy: Floats,
    world: Floats,
    visibility: Floats,
    scale: NDArray[np.float64],
) -> Motion:
    """A motion from landmarks that are already clean; ``scale`` (n,) is metres a pixel."""
    space = lift(xy, world)
    hidden = visibility < MIN_VISIBILITY
    space[hidden] = np.nan
    angles = measure_angles(space)
    picture = np.where(hidden[:, :, None], np.nan, xy * scale[:, None, None])
    measures = take_measures(space, picture, visibility, angles)
    turned = azimuth(space)
    return Motion(
        person=person,
        time_s=time_s,
        frame=frame,
        shot=shot,
        xy=xy.astype(np.float32),
        visibility=visibility.astype(np.float32),
        space=space.astype(np.float32),
        values={**angles, **measures, "azimuth": turned.astype(np.float32)},
        sd=angle_uncertainty(space, visibility),
        views=view_names(turned),
    )


def lift(xy: Floats, world: Floats) -> NDArray[np.float64]:
    """Landmarks in space, array (n, 33, 3) in metres from the hips: the picture's x and y, the model's depth.

    The places in the picture come from heat maps and are truer than the x and y of the world landmarks,
    which a small head regresses; only size and depth are taken from those. On the rendered bodies this
    takes a quarter off the angles' error (``bench/angles.py``).

    Args:
        xy: array (n, 33, 2) in pixels.
        world: array (n, 33, 3) in metres.
    """
    flat, deep = _from_hips(np.asarray(xy, np.float64)), _from_hips(np.asarray(world, np.float64))
    return np.concatenate([flat * metres_per_pixel(xy, world)[:, None, None], deep[:, :, 2:]], axis=2)


def metres_per_pixel(xy: Floats, world: Floats) -> NDArray[np.float64]:
    """The scale (n,) that lays the picture's landmarks best over the world's, by least squares."""
    flat = _from_hips(np.asarray(xy, np.float64))[:, _TRUNK_AND_LIMBS]
    deep = _from_hips(np.asarray(world, np.float64))[:, _TRUNK_AND_LIMBS, :2]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((flat * deep).sum(axis=(1, 2)) / (flat**2).sum(axis=(1, 2)))


def _from_hips(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points - points[:, _HIPS].mean(axis=1, keepdims=True))


def _clean(
    time_s: NDArray[np.float64], xy: NDArray[np.float64], world: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """One shot's landmarks without outliers, short gaps and jitter; and its usual scale in metres a pixel."""
    ratio = metres_per_pixel(xy, world)
    finite = ratio[np.isfinite(ratio)]
    scale = float(np.median(finite)) if finite.size else np.nan
    if not scale > 0:
        return xy, world, np.full(len(time_s), np.nan)
    step = float(np.median(np.diff(time_s))) if len(time_s) > 1 else 1.0
    places = low_pass(time_s, fill_gaps(time_s, reject_outliers(xy, step, JUMP_M / scale)))
    deep = low_pass(time_s, fill_gaps(time_s, reject_outliers(world, step, JUMP_M)))
    return places, deep, np.full(len(time_s), scale)
