"""What 2-D landmarks tell of depth: the body's size, its turn, and what points at the camera."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spotter.body.haar_joints import proportions
from spotter.body.keypoints import INDEX

STATURE_M = 1.7
"""Lengths are those of a usual person: a picture does not tell."""

_LONGEST = 0.95  # quantile of a length over time that is taken for the whole of it
_LOOK_S = 1.0  # the side to which somebody faces is settled over this time
_UPPER_ARM, _FOREARM = 0.186, 0.146  # of the stature, from the source of haar_proportions.toml
_SHOULDERS = ("left_shoulder", "right_shoulder")
_HEAD = ("left_ear", "right_ear", "left_eye", "right_eye")

Array = NDArray[np.float64]


def segment_shares() -> dict[tuple[str, str], float]:
    """Lengths between two joints of one side, as shares of the stature (Winter 2009, figure 4.1).

    >>> round(segment_shares()["hip", "knee"], 3)
    0.245
    """
    down, _ = proportions()
    joints = ("shoulder", "hip", "knee", "ankle")
    trunk_and_legs = {(a, b): down[b] - down[a] for a, b in pairwise(joints)}
    return trunk_and_legs | {("shoulder", "elbow"): _UPPER_ARM, ("elbow", "wrist"): _FOREARM}


def stature(xy: Array) -> float:
    """Height of the person in the unit of the places, as if they stood; NaN where hardly anything is seen.

    Each length between two joints is longest when nothing of it points at the camera; the middle of what
    these say is taken.

    Args:
        xy: array (n, 33, 2), NaN for what is not seen.
    """
    told = []
    for (a, b), share in segment_shares().items():
        lengths = np.concatenate([_length(xy, f"{side}_{a}", f"{side}_{b}") for side in ("left", "right")])
        lengths = lengths[np.isfinite(lengths)]
        if len(lengths):
            told.append(float(np.quantile(lengths, _LONGEST)) / share)
    return float(np.median(told)) if told else float("nan")


def turned_depth(time_s: Array, xy: Array, height: float) -> Array:
    """Depth of each landmark, array (n, 33): that of its side of a trunk that is turned.

    Shoulders and hips that look narrower than they are lie one behind the other; which is nearer follows
    from the side to which the face looks. Near the front a turn hardly narrows them: there it is known to
    about 25 degrees only. Limbs are taken to lie in the plane of their side: what they reach towards the
    camera is not known, see `pointing`.

    Args:
        time_s: array (n,), growing.
        xy: array (n, 33, 2), NaN for what is not seen.
        height: the stature, in the unit of ``xy``.
    """
    _, out = proportions()
    facing = _facing(time_s, xy)
    halves = {}
    for joint in ("shoulder", "hip"):
        whole = 2 * out[joint] * height
        seen = xy[:, INDEX[f"left_{joint}"], 0] - xy[:, INDEX[f"right_{joint}"], 0]
        known = np.isfinite(seen)
        width = np.interp(time_s, time_s[known], seen[known]) if known.any() else np.full(len(seen), whole)
        halves[joint] = facing * np.sqrt(np.maximum(whole**2 - width**2, 0)) / 2
    depth = np.zeros(xy.shape[:2])
    for name, row in INDEX.items():
        side = 1.0 if name.startswith("left") else -1.0 if name.startswith("right") else 0.0
        lower = any(part in name for part in ("hip", "knee", "ankle", "heel", "foot"))
        if row >= INDEX["left_shoulder"]:
            depth[:, row] = side * halves["hip" if lower else "shoulder"]
    return depth


def pointing(xy: Array, height: float) -> Array:
    """How well each landmark's place in space is known by its picture, array (n, 33), 0 to 1.

    A thigh that looks half as long as it is points at the camera or away from it, nobody knows which. It is
    the squared cosine of the angle between a long bone and the picture's plane; 1 for landmarks at which no
    long bone ends, and where nothing was seen.

    Args:
        xy: array (n, 33, 2), NaN for what is not seen.
        height: the stature, in the unit of ``xy``.
    """
    shares = np.ones(xy.shape[:2])
    for (a, b), share in segment_shares().items():
        if a == "shoulder" and b == "hip":
            continue
        for side in ("left", "right"):
            flat = _length(xy, f"{side}_{a}", f"{side}_{b}") / (share * height)
            shares[:, INDEX[f"{side}_{b}"]] = np.where(np.isfinite(flat), np.minimum(flat, 1) ** 2, 1)
    return shares


def _facing(time_s: Array, xy: Array) -> Array:
    """1 where the face looks to the picture's right, -1 to its left, array (n,); by the most of a second."""
    nose = xy[:, INDEX["nose"], 0]
    votes = np.zeros(len(xy))
    for behind in (_SHOULDERS, _HEAD):  # the head is asked last, and has the last word
        others = xy[:, [INDEX[name] for name in behind], 0]
        known = np.isfinite(others)
        count = known.sum(axis=1)
        middle = np.where(known, others, 0).sum(axis=1) / np.maximum(count, 1)
        votes = np.where((count > 0) & np.isfinite(nose), np.sign(nose - middle), votes)
    summed = np.concatenate([[0.0], np.cumsum(votes)])
    first = np.searchsorted(time_s, time_s - _LOOK_S / 2, side="left")
    last = np.searchsorted(time_s, time_s + _LOOK_S / 2, side="right")
    return np.where(summed[last] - summed[first] >= 0, 1.0, -1.0)


def _length(xy: Array, a: str, b: str) -> Array:
    return np.asarray(np.linalg.norm(xy[:, INDEX[a]] - xy[:, INDEX[b]], axis=1))
