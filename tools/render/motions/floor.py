"""Exercises on the floor: push-up, plank, sit-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..body import Array, Body, Build
from ..rig import Pose, chest, unit
from .parts import BOTH, Params, between, both, by, foot_on_ball, hands_at, knees, pair, stand

PUSH_UP = {"depth": 95.0, "flare": 45.0, "hip": 0.0, "head": 0.0, "hands": 0.46, "rest": 8.0}
PLANK = {"hip": 0.0, "head": 0.0, "knees": 0.0}
SIT_UP = {"neck": 0.0, "heels": 0.0, "hands": 1.0, "knee": 92.0}

PALM = 0.028  # height of the wrist joint over a palm laid flat
ELBOW = 0.056  # height of the elbow joint over a forearm laid flat
KNEE = 0.06  # height of the knee joint, kneeling
TOES = 72.0  # how far the heels are up when the toes carry the body


def push_up(body: Body, progress: float, p: Params) -> Pose:
    """A straight body turns about its toes between straight and bent arms; `hip` lets the hips sag."""
    build = body.build
    flexion = p["rest"] + progress * p["scale"] * (p["depth"] - p["rest"])
    top = _prone(build, 19.0, 0.0, 0.0)
    _, shoulders = chest(body, top)
    hands = np.stack([np.array([sign * p["hands"] / 2, PALM, shoulders[0, 2] + 0.03]) for sign in BOTH])
    a, b = build.upper_arm, build.forearm
    reach = np.sqrt(a * a + b * b + 2 * a * b * np.cos(np.radians(flexion)))
    hip, head = p["hip"] * (0.4 + 0.6 * progress), p["head"] * progress

    def too_high(pitch: float) -> bool:
        _, at = chest(body, _prone(build, pitch, hip, head))
        return bool(np.linalg.norm(at[0] - hands[0]) > reach)

    pose = _prone(build, _bisect(too_high, -12.0, 40.0), hip, head)
    flare = np.radians(p["flare"])
    poles = np.stack([np.array([sign * np.sin(flare), 0.25, -np.cos(flare)]) for sign in BOTH])
    pose = hands_at(pose, body, hands, poles)
    return replace(pose, flat=np.ones(2), forearm=np.array([[-50.0, 0.0]] * 2), grip=pair(4.0))


def plank(body: Body, progress: float, p: Params) -> Pose:
    """Held on the forearms; `hip` positive sags, negative pikes; `knees` 1 rests on the knees."""
    build = body.build

    def held(pitch: float) -> Pose:
        return _prone(build, pitch, progress * p["hip"], progress * p["head"])

    def too_high(pitch: float) -> bool:
        return bool(chest(body, held(pitch))[1][:, 1].mean() > ELBOW + build.upper_arm * 0.99)

    pose = held(_bisect(too_high, -12.0, 40.0))
    if p["knees"]:
        pose = _on_knees(body, pose)
    _, shoulders = chest(body, pose)
    drop = shoulders[:, 1] - ELBOW
    elbows = shoulders * (1.0, 0.0, 1.0) + (0.0, ELBOW, 0.0)
    elbows[:, 2] += np.sqrt(np.maximum(build.upper_arm**2 - drop**2, 0.0))
    inward = unit(np.array([-0.28, 0.0, 1.0]))
    wrists = np.stack(
        [elbow + build.forearm * inward * (sign, 1.0, 1.0) for sign, elbow in zip(BOTH, elbows, strict=True)]
    )
    wrists[:, 1] = 0.052
    pose = hands_at(pose, body, wrists, both(0.1, -1.0, -0.6))
    return replace(pose, forearm=np.array([[-10.0, 0.0]] * 2), grip=pair(70.0))


def _prone(build: Build, pitch: float, hip: float, head: float) -> Pose:
    """Face down on the toes: ankles to shoulders rise by `pitch`, the hips sag by `hip` degrees."""
    rise = np.radians(pitch)
    ankles = np.stack([foot_on_ball(build, sign, sign * 0.08, 0.0, TOES) for sign in BOTH])
    leg, trunk = build.leg * 0.997, build.trunk
    bend = np.radians(hip)
    span = np.sqrt(leg**2 + trunk**2 + 2 * leg * trunk * np.cos(bend))
    inner = np.sign(bend) * np.arccos(np.clip((leg**2 + span**2 - trunk**2) / (2 * leg * span), -1.0, 1.0))
    legs = rise - inner  # the hips lie under the line when they sag
    hips = ankles.mean(axis=0) + leg * np.array([0.0, np.sin(legs), np.cos(legs)])
    upward = np.degrees(legs + bend)
    share = 0.45 * hip  # part of a sag is the arch of the lower back
    pose = stand(build, 0.16, 0.0)
    return replace(
        pose,
        pelvis=hips,
        ankle=ankles,
        foot=np.array([[TOES, 0.0]] * 2),
        knee=np.array([[0.0, -1.0, 0.2]] * 2),
        tilt=np.array([90.0 - upward + share, 0.0, 0.0]),
        spine=np.array([-1.2 * share, -0.2 * share, 0.0, 0.0]),
        head=np.array([-12.0 + head, 0.0]),
    )


def _on_knees(body: Body, pose: Pose) -> Pose:
    """Lower the hips until the knees rest on the floor, the feet where they are."""
    build = body.build
    level = pose.ankle[0, 1] - KNEE
    knee = by(0.0, KNEE, pose.ankle[0, 2] + np.sqrt(build.shank**2 - level**2))
    along = pose.pelvis[2] - 0.05 - knee[2]
    hips = knee + by(y=np.sqrt(max(build.thigh**2 - along**2, 0.0)), z=along)
    _, shoulders = chest(body, pose)
    line = shoulders.mean(axis=0) - hips
    return replace(
        pose, pelvis=hips, tilt=by(float(np.degrees(np.arctan2(line[2], line[1])))), spine=np.zeros(4)
    )


def _bisect(too_high: Callable[[float], bool], low: float, high: float) -> float:
    """The angle at which `too_high` turns true, to a thousandth of the range."""
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if too_high(middle) else (middle, high)
    return (low + high) / 2


def sit_up(body: Body, progress: float, p: Params) -> Pose:
    """On the back, knees bent, feet planted: curl up vertebra by vertebra to sitting, and down again."""
    return lying(body, progress * p["scale"], p)


def lying(body: Body, u: float, p: Params) -> Pose:
    """Between lying on the back (u = 0) and sitting (u = 1), the knees bent and the feet at the origin."""
    build = body.build
    curl, roll = between(u, 0.0, 0.5), float(np.clip((u - 0.1) / 0.9, 0.0, 1.0))
    lumbar, thoracic = 26.0 * curl - 4.0 * roll, 28.0 * curl - 12.0 * roll
    pitch = -90.0 - build.recline * (1 - roll) + 64.0 * roll
    knee = np.radians(p["knee"])
    a, b = build.thigh, build.shank
    span = np.sqrt(a * a + b * b + 2 * a * b * np.cos(knee))
    behind = np.sqrt(span**2 - (build.seat - build.ankle) ** 2)
    lift = p["heels"] * np.sin(np.pi * min(u, 1.0))
    pose = stand(build, 0.26, 4.0)
    pose = replace(
        pose,
        pelvis=by(0.0, build.seat, -behind),
        tilt=by(pitch),
        ankle=pose.ankle + by(y=lift, z=-0.3 * lift),
        spine=np.array([lumbar, thoracic, 0.0, 0.0]),
        head=np.array([4.0 + 16.0 * curl + p["neck"] * curl, 0.0]),
        knee=knees(6.0) + by(y=1.0),
        foot=np.array([[0.0, 4.0]] * 2),
    )
    share = p["hands"]
    wrist, elbow = (
        share * at_head + (1 - share) * crossed
        for at_head, crossed in zip(_behind_head(build), _crossed(build), strict=True)
    )
    return replace(pose, wrist=wrist, elbow=elbow, shrug=pair(14.0 * share), grip=pair(20.0))


def _behind_head(build: Build) -> tuple[Array, Array]:
    """Fingertips at the temples, elbows out: wrists and elbow directions."""
    return both(0.14 - build.shoulder, 0.20, 0.05), both(1.0, 0.1, 0.12)


def _crossed(build: Build) -> tuple[Array, Array]:
    """Hands on the opposite shoulders, the left arm in front."""
    wrist = both(-1.3 * build.shoulder, -0.07, 0.13) + np.array([[0.0, 0.0, 0.04], [0.0, 0.0, 0.0]])
    return wrist, both(0.5, -1.0, 0.5)
