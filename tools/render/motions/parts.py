"""What all movements are made of: standing, arms by their angles, hands and feet set down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from ..body import Array, Body, Build
from ..rig import Pose, chest, rx, ry, rz

Params = Mapping[str, float]
SOFT = 0.006  # metres over which the soft minimum bends
BOTH = np.array([1.0, -1.0])  # left, right: the sign of x


def by(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Array:
    """A shift (3,): to the left, up, forward."""
    return np.array([x, y, z])


def both(x: float, y: float, z: float) -> Array:
    """One point (2, 3) for the left side and its mirror image for the right."""
    return np.array([[x, y, z], [-x, y, z]])


def ease(t: float) -> float:
    """0 to 1 with rest at both ends (the minimum-jerk profile of human reaching)."""
    t = min(max(t, 0.0), 1.0)
    return t * t * t * (10 - 15 * t + 6 * t * t)


def between(t: float, start: float, end: float) -> float:
    """How far `t` has eased from `start` to `end`, 0 to 1."""
    return ease((t - start) / (end - start))


def pair(value: float | Array) -> Array:
    """One number for both sides, or left and right as they are."""
    return np.array(np.broadcast_to(np.asarray(value, float), (2,)))


def stand(build: Build, width: float, toes_out: float = 10.0) -> Pose:
    """Standing upright with the ankles `width` metres apart and the arms hanging."""
    feet = np.stack([np.array([sign * width / 2, build.ankle, 0.0]) for sign in BOTH])
    height = build.ankle + reach_up(build, width / 2 - build.hip, 0.0, 4.0)
    pose = Pose(
        pelvis=np.array([0.0, height, 0.0]),
        tilt=np.zeros(3),
        spine=np.zeros(4),
        head=np.zeros(2),
        ankle=feet,
        foot=np.array([[0.0, toes_out]] * 2),
        knee=knees(toes_out),
        wrist=np.zeros((2, 3)),
        elbow=np.zeros((2, 3)),
        forearm=np.zeros((2, 2)),
        flat=np.zeros(2),
        shrug=np.zeros(2),
        grip=pair(25.0),
    )
    return arms(pose, build, forward=4.0, out=7.0, elbow=16.0)


def reach_up(build: Build, sideways: float, forward: float, flexion: float) -> float:
    """How high the hip is over the ankle for a knee flexion (degrees) and horizontal offsets (metres)."""
    a, b = build.thigh, build.shank
    reach = a * a + b * b + 2 * a * b * np.cos(np.radians(flexion))
    return float(np.sqrt(max(reach - sideways**2 - forward**2, 0.01)))


def soft_min(values: Iterable[float]) -> float:
    """The smallest value, without a kink where two change places."""
    found = np.array(list(values))
    return float(-SOFT * np.log(np.exp(-found / SOFT).sum()))


def knees(out: float | Array) -> Array:
    """Knee directions (2, 3), turned out by so many degrees."""
    ahead = np.array([0.0, 0.0, 1.0])
    return np.stack([ry(sign * turn) @ ahead for sign, turn in zip(BOTH, pair(out), strict=True)])


def arms(
    pose: Pose,
    build: Build,
    forward: float | Array,
    out: float | Array,
    elbow: float | Array,
    roll: float | Array = 0.0,
    twist: float | Array = 0.0,
) -> Pose:
    """Put the arms by their angles relative to the chest, in degrees.

    `forward` and `out` raise the upper arm; `elbow` flexes; `roll` turns the plane of the elbow (0: the
    forearm bends forward, positive: outward); `twist` turns the palm forward.
    """
    wrist, pole, lifted = [], [], []
    angles = zip(BOTH, pair(forward), pair(out), pair(elbow), pair(roll), strict=True)
    for sign, ahead, aside, flexion, turn in angles:
        raised = rx(-ahead) @ rz(sign * aside)
        upper = raised @ np.array([0.0, -1.0, 0.0])
        inner = raised @ ry(sign * turn) @ np.array([0.0, 0.0, 1.0])
        k = np.radians(flexion)
        wrist.append(build.upper_arm * upper + build.forearm * (np.cos(k) * upper + np.sin(k) * inner))
        pole.append(-inner)
        lifted.append(np.degrees(np.arccos(np.clip(-upper[1], -1.0, 1.0))))
    twists = np.stack([pair(twist), np.zeros(2)], axis=1)
    return replace(
        pose, wrist=np.stack(wrist), elbow=np.stack(pole), forearm=twists, shrug=shrug_of(np.array(lifted))
    )


def shrug_of(elevation: Array) -> Array:
    """How far the shoulder blades rise with arms raised by `elevation` degrees (scapulohumeral rhythm)."""
    return np.asarray(0.2 * np.maximum(elevation - 40.0, 0.0))


def hands_at(pose: Pose, body: Body, wrists: Array, elbows: Array) -> Pose:
    """Bring the wrists to positions (2, 3) in the person's frame, the elbows pointing along (2, 3)."""
    frame, shoulders = chest(body, pose)
    return replace(pose, wrist=(wrists - shoulders) @ frame, elbow=elbows @ frame)


def hanging_hands(pose: Pose, body: Body, apart: float, ahead: float, bend: float = 4.0) -> Pose:
    """Let the arms hang from the shoulders, the hands `apart` metres apart and `ahead` degrees forward."""
    build = body.build
    _, shoulders = chest(body, pose)
    a, b = build.upper_arm, build.forearm
    length = np.sqrt(a * a + b * b + 2 * a * b * np.cos(np.radians(bend)))
    tilt = np.radians(ahead)
    target = shoulders + length * np.array([0.0, -np.cos(tilt), np.sin(tilt)])
    target[:, 0] = BOTH * apart / 2
    return hands_at(pose, body, target, both(0.4, 0.0, -1.0))


def foot_on_ball(build: Build, sign: float, x: float, z: float, lift: float, out: float = 0.0) -> Array:
    """The ankle (3,) of a foot whose ball stands at x, z and whose heel is raised by `lift` degrees."""
    ball = build.ball * (sign, 1.0, 1.0)
    ground = by(x, build.ankle + ball[1], z)
    return np.asarray(ground - ry(sign * out) @ rx(lift) @ ball)
