"""Exercises on the feet that work the legs and hips: squat, deadlift, good-morning, lunge, side-lunge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..body import Body, Build
from ..rig import Pose, mirrored
from .parts import (
    BOTH,
    Params,
    arms,
    between,
    both,
    by,
    foot_on_ball,
    hanging_hands,
    knees,
    pair,
    reach_up,
    soft_min,
    stand,
)

SQUAT = {
    "depth": 118.0,
    "shank": 0.27,
    "lean": 40.0,
    "width": 0.44,
    "toes": 18.0,
    "valgus": 0.0,
    "round": 0.0,
    "shift": 0.0,
    "heels": 0.0,
    "reach": 78.0,
}
DEADLIFT = {
    "depth": 70.0,
    "shank": 0.17,
    "lean": 66.0,
    "width": 0.32,
    "toes": 10.0,
    "round": 0.0,
    "grip": 0.52,
}
GOOD_MORNING = {"depth": 22.0, "shank": -0.2, "lean": 78.0, "width": 0.36, "toes": 10.0, "round": 0.0}
LUNGE = {"depth": 95.0, "lean": 6.0, "step": 1.05, "stepping": 1.0, "valgus": 0.0, "side": 1.0, "hips": 0.0}
SIDE_LUNGE = {"depth": 100.0, "lean": 38.0, "valgus": 0.0, "side": 1.0, "trailing": 5.0}


def squat(body: Body, progress: float, p: Params) -> Pose:
    """Down until the thighs are level, arms reaching forward for balance."""
    u = progress * p["scale"]
    pose = _sink(body.build, u, p)
    turn = p["toes"] - u * p["valgus"]
    lift = u * p["heels"]
    out = np.radians(p["toes"])
    forefoot = body.build.ball[2]
    feet = [
        foot_on_ball(
            body.build, sign, x + sign * forefoot * np.sin(out), forefoot * np.cos(out), lift, p["toes"]
        )
        for sign, x in zip(BOTH, pose.ankle[:, 0], strict=True)
    ]
    pose = replace(
        pose,
        knee=knees(turn),
        head=np.array([-0.55 * u * p["lean"], 0.0]),
        ankle=np.stack(feet),
        foot=np.array([[lift, p["toes"]]] * 2),
        pelvis=pose.pelvis + by(u * p["shift"]),
    )
    lean = u * (p["lean"] - p["round"] * 0.5)
    return arms(pose, body.build, forward=4 + u * p["reach"] + 0.75 * lean, out=7.0 + 3 * u, elbow=16 + 8 * u)


def deadlift(body: Body, progress: float, p: Params) -> Pose:
    """From standing with the bar in hanging hands, down along the legs and up again."""
    u = progress * p["scale"]
    pose = _sink(body.build, u, p)
    pose = replace(pose, head=np.array([u * (-20.0 - 0.2 * p["round"]), 0.0]), grip=pair(80.0))
    pose = hanging_hands(pose, body, p["grip"], 14.0 - 17.0 * u)
    return replace(pose, forearm=np.array([[-60.0, 0.0]] * 2))


def good_morning(body: Body, progress: float, p: Params) -> Pose:
    """A bow from the hips with a bar on the upper back and the knees slightly bent."""
    u = progress * p["scale"]
    pose = _sink(body.build, u, p)
    pose = replace(pose, head=np.array([u * (-14.0 - 0.3 * p["round"]), 0.0]))
    return bar_on_back(pose)


def bar_on_back(pose: Pose) -> Pose:
    """Hands hold a bar that lies across the upper back."""
    return replace(
        pose,
        wrist=both(0.15, 0.04, -0.06),
        elbow=both(0.25, -1.0, -0.35),
        forearm=np.array([[10.0, 35.0]] * 2),
        grip=pair(75.0),
        shrug=pair(4.0),
    )


def _sink(build: Build, u: float, p: Params) -> Pose:
    """Bend hips and knees over planted feet; the spine keeps its shape but for `round`."""
    knee = 4.0 + u * (p["depth"] - 4.0)
    shank = np.radians(p["shank"] * knee)
    thigh = np.radians(knee) - shank
    back = build.shank * np.sin(shank) - build.thigh * np.sin(thigh)
    pose = stand(build, p["width"], p["toes"])
    height = build.ankle + reach_up(build, p["width"] / 2 - build.hip, back, knee)
    curve = u * p["round"]
    pitch = u * p["lean"] - 0.5 * curve
    return replace(
        pose,
        pelvis=np.array([0.0, height, back]),
        tilt=np.array([pitch, 0.0, 0.0]),
        spine=np.array([0.4 * curve, 0.6 * curve, 0.0, 0.0]),
    )


def lunge(body: Body, progress: float, p: Params) -> Pose:
    """One foot far in front, down until the front thigh is level; `stepping` 0 keeps the feet in place."""
    pose = _forward_lunge(body, progress, p)
    return pose if p["side"] > 0 else mirrored(pose)


def _forward_lunge(body: Body, progress: float, p: Params) -> Pose:
    build = body.build
    half = build.hip + 0.01
    step = p["step"] * build.leg
    stride = between(progress, 0.0, 0.62) if p["stepping"] else 1.0
    drop = (between(progress, 0.3, 1.0) if p["stepping"] else progress) * p["scale"]
    air = np.sin(np.pi * stride) ** 2 if p["stepping"] else 0.0  # how far the stepping foot is off the floor
    knee = 12.0 + drop * (p["depth"] - 12.0)
    heel = stride * (32.0 + 24.0 * drop)
    front = by(half, build.ankle + 0.09 * air, stride * step)
    back = foot_on_ball(build, -1.0, -half, build.ball[2], heel)
    ahead = stride * (step - build.thigh * np.sin(np.radians(0.5 * knee + 46.0)) * 0.98)
    upright = min(
        _straight(build, front[2] - ahead) - 0.027 * air,
        back[1] - build.ankle + _straight(build, back[2] - ahead),
    )
    low = min(reach_up(build, 0.0, front[2] - ahead, knee), upright)
    pose = replace(
        stand(build, 2 * half, 3.0),
        pelvis=by(0.0, build.ankle + (1 - drop) * upright + drop * low, ahead),
        ankle=np.stack([front, back]),
        foot=np.array([[-12.0 * air, 3.0], [heel, 0.0]]),
        knee=knees(np.array([3.0 - drop * p["valgus"], 0.0])),
        tilt=np.array([3.0 * stride + drop * p["lean"], drop * p["hips"], 0.0]),
        head=np.array([-0.4 * drop * p["lean"], 0.0]),
    )
    return hands_on_hips(pose, build)


def hands_on_hips(pose: Pose, build: Build) -> Pose:
    """Hands at the waist, elbows out to the sides."""
    down = -0.72 * build.trunk
    return replace(
        pose,
        wrist=both(0.03, down, 0.05),
        elbow=both(1.0, 0.0, -0.55),
        forearm=np.array([[-20.0, 10.0]] * 2),
    )


def _straight(build: Build, forward: float) -> float:
    return reach_up(build, 0.0, forward, 8.0)


def side_lunge(body: Body, progress: float, p: Params) -> Pose:
    """A wide step to one side, down over that foot, the other leg straight."""
    pose = _lunge_to_the_left(body, progress, p)
    return pose if p["side"] > 0 else mirrored(pose)


def _lunge_to_the_left(body: Body, progress: float, p: Params) -> Pose:
    build = body.build
    half = build.hip + 0.02
    deepest = p["depth"]
    shank = np.radians(0.3 * deepest)
    back = build.shank * np.sin(shank) - build.thigh * np.sin(np.radians(deepest) - shank)
    low = reach_up(build, 0.05, back, deepest)
    trailing = reach_up(build, low, back, p["trailing"])  # how far aside that leg reaches at the bottom
    step = -half + trailing + 2 * build.hip + 0.05
    stride, drop = between(progress, 0.0, 0.6), between(progress, 0.25, 1.0) * p["scale"]
    air = 0.07 * np.sin(np.pi * stride) ** 2
    foot = by(half + stride * (step - half), build.ankle + air)
    aside = (step - 0.05 - build.hip) * (0.5 * stride + 0.5 * drop)
    behind = drop * back
    bend = 6.0 + drop * (p["trailing"] - 6.0)
    height = soft_min(
        [
            reach_up(build, aside - build.hip + half, behind, bend),
            reach_up(build, foot[0] - aside - build.hip, behind, 6.0) + 0.8 * air,
        ]
    )
    pose = stand(build, 2 * half, 8.0)
    pose = replace(
        pose,
        pelvis=by(aside, build.ankle + height, behind),
        ankle=np.stack([foot, pose.ankle[1]]),
        knee=knees(np.array([12.0 - drop * p["valgus"], 6.0])),
        foot=np.array([[0.0, 12.0], [0.0, 6.0]]),
        tilt=np.array([drop * p["lean"], -4.0 * drop, 0.0]),
        head=np.array([-0.5 * drop * p["lean"], 0.0]),
    )
    return arms(pose, build, forward=28 + drop * 42, out=12.0, elbow=100.0 - 10 * drop, roll=-32.0)
