"""What people do before, between and after sets: stand, walk, march, wave, talk, pick up, sit down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..body import Body
from ..rig import Pose, blend
from .floor import SIT_UP, lying
from .parts import (
    BOTH,
    Params,
    arms,
    between,
    by,
    ease,
    foot_on_ball,
    hands_at,
    knees,
    pair,
    reach_up,
    soft_min,
    stand,
)

WALK = {"stride": 0.64, "swing": 20.0}
SEATED = 0.7  # the share of sitting and lying down after which one sits
STANCE = 0.6  # share of a gait cycle that a foot is on the floor


def walk(body: Body, distance: float, pace: float, p: Params) -> Pose:
    """A walking body after `distance` metres; `pace` from 0 (standing) to 1 scales step and swing.

    The phase follows the distance, so a foot on the floor does not slide.
    """
    build = body.build
    cycle = 2 * p["stride"]
    half = build.hip * 0.75
    ankles, feet, swings = [], [], []
    for sign, offset in zip(BOTH, (0.0, 0.5), strict=True):
        phase = (distance / cycle + offset) % 1.0
        z, lift, pitch = _foot_in_cycle(phase, cycle)
        flat = np.array([sign * half, build.ankle, 0.0])
        if pitch > 0:
            at = foot_on_ball(build, sign, sign * half, z + build.ball[2], pitch)
        else:
            at = np.array([sign * half, build.ankle - 0.0016 * pitch, z])
        ankles.append((1 - pace) * flat + pace * (at + by(y=lift)))
        feet.append([pace * pitch, 7.0])
        swings.append(np.cos(2 * np.pi * phase))
    reach = soft_min(
        ankle[1] + reach_up(build, sign * ankle[0] - build.hip, ankle[2] - 0.02, 7.0)
        for sign, ankle in zip(BOTH, ankles, strict=True)
    )
    pose = stand(build, 2 * half, 7.0)
    swing = np.array(swings)
    pose = replace(
        pose,
        pelvis=np.array([0.0, reach, 0.02]),
        ankle=np.stack(ankles),
        foot=np.array(feet),
        knee=knees(5.0),
        tilt=np.array([3.0 * pace, 0.0, -4.0 * pace * swing[0]]),
        spine=np.array([0.0, 0.0, 0.0, 9.0 * pace * swing[0]]),
    )
    ahead = 4 - pace * p["swing"] * swing
    return arms(pose, build, forward=ahead, out=8.0, elbow=18 + pace * np.maximum(ahead, 0.0) * 0.8)


def _foot_in_cycle(phase: float, cycle: float) -> tuple[float, float, float]:
    """Where a foot is ahead of the hips, how high, and its pitch (heel up positive) in a gait cycle."""
    reach = STANCE * cycle / 2
    if phase < STANCE:
        z = reach - phase * cycle
        strike = between(phase, 0.0, 0.09)
        return z, 0.0, -16.0 * (1 - strike) + 42.0 * between(phase, 0.36, STANCE)
    t = (phase - STANCE) / (1 - STANCE)
    z = -reach + 2 * reach * t * t * (3 - 2 * t)
    return z, 0.05 * np.sin(np.pi * t) ** 2, 42.0 * (1 - between(t, 0.0, 0.55)) - 16.0 * between(t, 0.6, 1.0)


def march(body: Body, t: float, p: Params) -> Pose:
    """Walking on the spot, `rate` steps a second, knees up to `lift` degrees."""
    build = body.build
    phase = np.pi * p["rate"] * t
    up = np.maximum(np.array([np.sin(phase), -np.sin(phase)]), 0.0) ** 2
    pose = stand(build, 0.22, 6.0)
    ankles = pose.ankle.copy()
    ankles[:, 1] += p["lift"] / 60.0 * 0.30 * up
    ankles[:, 2] -= 0.02 * up
    pose = replace(
        pose, ankle=ankles, foot=np.stack([18.0 * up, pair(6.0)], axis=1), pelvis=pose.pelvis - by(y=0.01)
    )
    swing = np.sin(phase) * 26.0
    return arms(pose, build, forward=4 + np.array([-swing, swing]), out=8.0, elbow=35.0 + 12 * up[::-1])


def wave(body: Body, t: float, p: Params) -> Pose:
    """Waving with the raised right hand."""
    raised = ease(t / 0.8) * ease((p["seconds"] - t) / 0.8)
    pose = stand(body.build, 0.26)
    sway = 24.0 * np.sin(2 * np.pi * p["rate"] * t) * raised
    return arms(
        pose,
        body.build,
        forward=np.array([4.0, 4 + 30 * raised]),
        out=np.array([7.0, 7 + 68 * raised]),
        elbow=np.array([16.0, 16 + 74 * raised + sway]),
        roll=np.array([0.0, 78 * raised]),
        twist=np.array([0.0, 20.0]),
    )


def talk(body: Body, t: float, p: Params) -> Pose:
    """Explaining with both hands, the weight shifting from leg to leg."""
    a, b = np.sin(2 * np.pi * p["rate"] * t), np.sin(2 * np.pi * p["rate"] * 1.37 * t + 1.0)
    begun = ease(t / 0.8) * ease((p["seconds"] - t) / 0.8)
    pose = stand(body.build, 0.28)
    pose = replace(
        pose,
        pelvis=pose.pelvis + by(0.03 * np.sin(0.9 * t), -0.004),
        head=np.array([4 * b, 18 * np.sin(0.7 * t)]),
        spine=np.array([0.0, 2.0, 2 * a, 8 * np.sin(0.7 * t)]),
    )
    return arms(
        pose,
        body.build,
        forward=4 + begun * np.array([22 + 14 * a, 20 + 16 * b]),
        out=7 + begun * np.array([14 + 8 * b, 12 - 9 * a]),
        elbow=16 + begun * np.array([62 + 26 * a, 66 - 24 * b]),
        roll=-14 * begun,
        twist=40 * begun,
    )


def pick_up(body: Body, progress: float) -> Pose:
    """Bending down with one hand to the floor in front; progress 1 is the lowest point."""
    build = body.build
    u = progress
    pose = stand(build, 0.26, 8.0)
    knee = 4 + 62 * u
    back = -0.26 * u
    pose = replace(
        pose,
        pelvis=np.array([0.0, build.ankle + reach_up(build, 0.02, back, knee), back]),
        tilt=np.array([78 * u, 0.0, 0.0]),
        spine=np.array([16 * u, 18 * u, 5 * u, 8 * u]),
        head=np.array([-16 * u, 0.0]),
    )
    hanging = arms(pose, build, forward=4 + 40 * u, out=8.0, elbow=16 + 30 * u)
    floor = np.array([[0.25, 0.5, 0.3], [-0.08, 0.12, 0.30]])
    reaching = hands_at(pose, body, floor, np.array([[0.5, 0.2, -1.0], [-1.0, 0.3, -0.6]]))
    share = np.array([[0.0], [ease(u)]])
    return replace(
        hanging,
        wrist=(1 - share) * hanging.wrist + share * reaching.wrist,
        elbow=(1 - share) * hanging.elbow + share * reaching.elbow,
    )


def sit_down(body: Body, progress: float) -> Pose:
    """From standing (0) over a deep squat to sitting (SEATED) and on to lying on the back (1)."""
    far = max(progress - SEATED, 0.0) / (1 - SEATED)
    floor = lying(body, 1 - far, {**SIT_UP, "hands": ease(far)})
    if far > 0:
        return floor
    down = ease(progress / SEATED)
    tip = np.sin(np.pi * down)
    start = stand(body.build, 0.26, 4.0)
    pose = blend(arms(start, body.build, forward=4 + 60 * tip, out=10.0, elbow=16.0 + 20 * tip), floor, down)
    limit = body.build.ankle + reach_up(body.build, 0.02, pose.pelvis[2], 4.0)
    return replace(
        pose,
        pelvis=np.minimum(pose.pelvis, (np.inf, limit, np.inf)),
        tilt=pose.tilt + np.array([50 * tip, 0.0, 0.0]),
        spine=pose.spine + np.array([22 * tip, 14 * tip, 0.0, 0.0]),
        head=pose.head - np.array([14 * tip, 0.0]),
        ankle=start.ankle,
        foot=start.foot,
    )


def idle(body: Body, t: float, p: Params) -> Pose:
    """Standing at ease."""
    return stand(body.build, p["width"], 10.0)
