"""Exercises of the arms in standing: biceps-curl, shoulder-press, lateral-raise; and the jumping-jack."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..body import Array, Body
from ..rig import Pose
from .parts import BOTH, Params, arms, by, knees, pair, reach_up, shrug_of, stand

CURL = {"flex": 120.0, "drift": 0.0, "swing": 0.0, "side": 0.0, "uneven": 0.0, "rest": 14.0}
PRESS = {"top": 0.999, "swing": 0.0, "uneven": 0.0, "flare": 0.0, "ahead": 0.02}
RAISE = {"raise": 77.0, "swing": 0.0, "uneven": 0.0, "elbow": 12.0, "shrug": 0.0}
JACK = {"raise": 158.0, "spread": 0.62, "hop": 0.09, "elbow": 14.0}


def _sides(p: Params, u: float) -> Array:
    """How far left and right have gone: one side alone when `side` is 1 or -1, the right less by `uneven`."""
    side = p.get("side", 0.0)
    return u * np.array([side >= 0, side <= 0]) * (1.0, 1.0 - p["uneven"])


def _swung(pose: Pose, progress: float, degrees: float) -> Pose:
    """Lean back by so many degrees while the weight comes up, hips a little forward."""
    back = degrees * np.sin(np.pi * min(progress, 0.75) / 1.5)
    return replace(
        pose,
        tilt=np.array([-0.6 * back, 0.0, 0.0]),
        spine=np.array([-0.25 * back, -0.15 * back, 0.0, 0.0]),
        pelvis=pose.pelvis + by(z=0.0025 * back),
        head=np.array([0.4 * back, 0.0]),
    )


def biceps_curl(body: Body, progress: float, p: Params) -> Pose:
    """Elbows at the sides, forearms up; `side` 1 or -1 curls one arm only."""
    u = _sides(p, progress * p["scale"])
    pose = _swung(stand(body.build, 0.3), progress, p["swing"])
    pose = arms(
        pose,
        body.build,
        forward=2 + u * p["drift"] + 3 * u,
        out=8.0,
        elbow=p["rest"] + u * p["flex"],
        roll=6.0,
        twist=75.0,
    )
    return replace(pose, grip=pair(80.0))


def shoulder_press(body: Body, progress: float, p: Params) -> Pose:
    """From beside the shoulders to straight overhead."""
    build = body.build
    u = progress * p["scale"] * np.array([1.0, 1.0 - p["uneven"]])
    pose = _swung(stand(build, 0.34), progress, p["swing"])
    wrists, poles, lifted = [], [], []
    for sign, share in zip(BOTH, u, strict=True):
        low = np.array([0.13 + p["flare"], 0.11, 0.07])
        high = np.array([0.03, np.sqrt((p["top"] * build.arm) ** 2 - 0.03**2 - p["ahead"] ** 2), p["ahead"]])
        path = low + share * (high - low) + by(0.10 * np.sin(np.pi * share))
        wrists.append(path * (sign, 1.0, 1.0))
        poles.append(np.array([sign * (0.75 + 0.5 * share), -1.0 + 0.9 * share, 0.28]))
        lifted.append(40.0 + 125.0 * share)
    return replace(
        pose,
        wrist=np.stack(wrists),
        elbow=np.stack(poles),
        shrug=shrug_of(np.array(lifted)),
        grip=pair(80.0),
        forearm=np.array([[-35.0, 0.0]] * 2),
    )


def lateral_raise(body: Body, progress: float, p: Params) -> Pose:
    """Nearly straight arms out to the sides up to shoulder height."""
    u = progress * p["scale"] * np.array([1.0, 1.0 - p["uneven"]])
    pose = _swung(stand(body.build, 0.28), progress, p["swing"])
    pose = arms(pose, body.build, forward=3 + 9 * u, out=8 + u * p["raise"], elbow=p["elbow"], roll=10.0)
    return replace(pose, grip=pair(80.0), shrug=pose.shrug + u * p["shrug"])


def jumping_jack(body: Body, progress: float, p: Params) -> Pose:
    """A hop to feet apart with the arms overhead, and a hop back."""
    build = body.build
    u = progress * p["scale"]
    width = 0.14 + u * p["spread"]
    hop = p["hop"] * np.sin(np.pi * progress)
    flexion = 10.0 + 10.0 * (1 - np.sin(np.pi * progress))
    height = build.ankle + reach_up(build, width / 2 - build.hip, 0.0, flexion) + hop
    pose = stand(build, width, 12.0)
    pose = replace(
        pose,
        pelvis=np.array([0.0, height, 0.0]),
        ankle=pose.ankle + by(y=hop),
        knee=knees(12.0 + 8 * u),
        foot=np.array([[14.0 * np.sin(np.pi * progress), 12.0]] * 2),
    )
    return arms(pose, build, forward=4 + 6 * u, out=8 + u * p["raise"], elbow=p["elbow"], roll=20 * u)
