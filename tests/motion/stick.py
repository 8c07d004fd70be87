"""A stick figure with known joint angles: 33 landmarks in metres, posed by simple rotations of its joints.

Hips and shoulders are equally wide, and ears lie above shoulders, so that every angle of a posed figure is
known without computing: a knee flexed by 90 degrees has an included angle of 90.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.motion.build import build_motion
from spotter.motion.motion import Motion

Array = NDArray[np.float64]

HALF_WIDTH, TRUNK, THIGH, SHANK, UPPER_ARM, FOREARM = 0.15, 0.5, 0.45, 0.43, 0.3, 0.27
LEG = THIGH + SHANK
EYES_OVER_HEELS = 0.07 + LEG + TRUNK + 0.25
"""Height of the standing figure's eyes over its heels."""

PIXELS_PER_METRE = 300.0
CENTRE = np.array([640.0, 360.0])

_PER_SIDE = ("thigh", "apart", "knee", "cave", "foot", "lift", "abduct", "elbow", "turn")


@dataclass(frozen=True)
class Pose:
    """Joint rotations in degrees; each a number or an array (n,), of limbs also a (left, right) tuple.

    Attributes:
        trunk: forward lean from upright; 90 faces the floor, -90 lies on the back.
        nod: forward turn of the head against the trunk.
        thigh: forward lift of the thigh from straight down, whatever the trunk does.
        apart: sideways turn of the whole leg, outwards.
        knee: flexion, 0 = straight.
        cave: metres by which the knee is moved inwards.
        foot: how far the toes point up from level.
        lift: forward lift of the upper arm from hanging along the trunk.
        abduct: sideways lift of the upper arm.
        elbow: flexion, 0 = straight.
        turn: direction in which the elbow flexes: 0 forwards, 90 sideways and up.
        azimuth: turn of the whole body, as in ``spotter.motion.view``.
        at: where the anchor is, metres (x, y, z): arrays (n,) or numbers.
        anchor: landmark (or ``"mid_..."``) that stays at ``at``.
    """

    trunk: Any = 0.0
    nod: Any = 0.0
    thigh: Any = 0.0
    apart: Any = 0.0
    knee: Any = 0.0
    cave: Any = 0.0
    foot: Any = 0.0
    lift: Any = 0.0
    abduct: Any = 0.0
    elbow: Any = 0.0
    turn: Any = 0.0
    azimuth: Any = 0.0
    at: tuple[Any, Any, Any] = (0.0, 1.0, 0.0)
    anchor: str = "mid_ankle"

    def mirrored(self) -> Pose:
        """Left and right exchanged, and seen from the other side."""
        swapped = {name: value[::-1] for name in _PER_SIDE if isinstance(value := getattr(self, name), tuple)}
        x, y, z = self.at
        return replace(self, azimuth=-np.asarray(self.azimuth), at=(-np.asarray(x), y, z), **swapped)


def blend(near: Pose, far: Pose, share: Any) -> Pose:
    """The pose that lies ``share`` (number or array (n,)) of the way from one to another, joint by joint."""
    share = np.asarray(share, float)

    def mix(a: Any, b: Any) -> Any:
        if isinstance(a, tuple) or isinstance(b, tuple):
            a, b = (value if isinstance(value, tuple) else (value, value) for value in (a, b))
            return tuple(mix(one, other) for one, other in zip(a, b, strict=True))
        return np.asarray(a) + (np.asarray(b) - np.asarray(a)) * share

    names = [field.name for field in fields(Pose) if field.name not in ("at", "anchor")]
    at = tuple(mix(a, b) for a, b in zip(near.at, far.at, strict=True))
    return Pose(
        **{name: mix(getattr(near, name), getattr(far, name)) for name in names}, at=at, anchor=near.anchor
    )


def landmarks(pose: Pose, n: int | None = None) -> Array:
    """Places (n, 33, 3) in metres: x right, y down, z away from the camera."""
    sizes = [np.size(v) for field in fields(Pose) for v in _flat(getattr(pose, field.name))]
    count = max(sizes) if n is None else n
    body = _in_body_axes(pose, count)
    out = np.zeros((count, 33, 3))
    for name, place in body.items():
        out[:, INDEX[name], 0] = place[:, 0]
        out[:, INDEX[name], 1:] = -place[:, 1:]  # up and forwards become down and away
    angle = np.radians(_full(pose.azimuth, count))[:, None]
    x, z = out[..., 0].copy(), out[..., 2].copy()
    out[..., 0], out[..., 2] = x * np.cos(angle) + z * np.sin(angle), z * np.cos(angle) - x * np.sin(angle)
    fixed = _middle(out, pose.anchor)
    wanted = np.stack([_full(value, count) for value in pose.at], axis=1)
    return out + (wanted - fixed)[:, None]


def make_motion(
    pose: Pose,
    time_s: Array,
    *,
    visibility: float | Array = 0.95,
    noise_m: float = 0.0,
    seed: int = 0,
    hidden: tuple[str, ...] = (),
    gone: NDArray[np.bool_] | None = None,
    shot: NDArray[np.int64] | None = None,
    person: int = 1,
    height_m: float | None = None,
) -> Motion:
    """The motion that is built from the figure's landmarks as a camera far away would see them.

    Args:
        pose: with arrays (n,) for what moves.
        time_s: array (n,).
        visibility: of every landmark, or array (n, 33).
        noise_m: standard deviation of the landmarks, in metres.
        hidden: landmarks with no visibility.
        gone: boolean array (n,), frames in which the person is not found.
        shot: array (n,), all zero if None.
    """
    raw = raw_landmarks(pose, time_s, noise_m=noise_m, seed=seed)
    seen = np.broadcast_to(np.asarray(visibility, float), raw["visibility"].shape).copy()
    seen[:, [INDEX[name] for name in hidden]] = 0.01
    if gone is not None:
        raw["xy"][gone], raw["world"][gone], seen[gone] = np.nan, np.nan, 0
    return build_motion(
        person,
        time_s,
        np.arange(len(time_s)),
        np.zeros(len(time_s), np.int64) if shot is None else shot,
        raw["xy"],
        raw["world"],
        seen,
        height_m,
    )


def raw_landmarks(pose: Pose, time_s: Array, *, noise_m: float = 0.0, seed: int = 0) -> dict[str, Array]:
    """What a pose model would give: ``xy`` in pixels, ``world`` in metres from the hips, ``visibility``."""
    space = landmarks(pose, len(time_s))
    space = space + np.random.default_rng(seed).normal(0, 1, space.shape) * noise_m
    world = space - _middle(space, "mid_hip")[:, None]
    return {
        "xy": space[..., :2] * PIXELS_PER_METRE + CENTRE,
        "world": world,
        "visibility": np.full(space.shape[:2], 0.95),
    }


def clock(seconds: float, fps: float = 30.0) -> Array:
    """Times of the frames."""
    return np.arange(round(seconds * fps) + 1) / fps


def glide(time_s: Array, *points: tuple[float, float]) -> Array:
    """A curve through (time, value) points that comes to rest at each of them (cosine pieces)."""
    times, values = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    k = np.clip(np.searchsorted(times, time_s, side="right") - 1, 0, len(points) - 2)
    share = np.clip((time_s - times[k]) / (times[k + 1] - times[k]), 0, 1)
    return np.asarray(values[k] + (values[k + 1] - values[k]) * (1 - np.cos(np.pi * share)) / 2)


def there_and_back(
    time_s: Array, starts: list[float], length_s: float = 2.0, depths: Mapping[int, float] | None = None
) -> Array:
    """0 at rest; from each start to 1 and back within ``length_s``. ``depths`` overrides some by number."""
    out = np.zeros_like(time_s)
    for k, start in enumerate(starts):
        depth = (depths or {}).get(k, 1.0)
        out += glide(time_s, (start, 0), (start + length_s / 2, depth), (start + length_s, 0))
    return out


def _in_body_axes(pose: Pose, n: int) -> dict[str, Array]:
    """Landmark name to (n, 3): to the body's left, up, forwards, from the middle of the hips."""
    t = np.radians(_full(pose.trunk, n))
    h = t + np.radians(_full(pose.nod, n))
    left, spine, ahead = _axes(t)
    _, crown, face = _axes(h)
    neck = TRUNK * spine
    out = {"nose": neck + 0.18 * crown + 0.12 * face}
    for sign, side in ((1.0, "left"), (-1.0, "right")):
        aside = sign * left
        mouth = f"mouth_{side}"
        out[f"{side}_ear"] = neck + HALF_WIDTH * aside + 0.2 * crown
        out[mouth] = neck + 0.03 * aside + 0.13 * crown + 0.1 * face
        for k, part in enumerate(("eye_inner", "eye", "eye_outer")):
            out[f"{side}_{part}"] = neck + (0.02 + 0.01 * k) * aside + 0.25 * crown + 0.09 * face
        shoulder = neck + HALF_WIDTH * aside
        out[f"{side}_shoulder"] = shoulder
        out |= _arm(pose, n, side, sign, shoulder, (left, spine, ahead))
        out |= _leg(pose, n, side, sign, HALF_WIDTH * aside)
    return out


def _arm(
    pose: Pose, n: int, side: str, sign: float, shoulder: Array, axes: tuple[Array, Array, Array]
) -> dict[str, Array]:
    left, spine, ahead = axes
    up, out, bend, turn = (_one(pose, name, side, n) for name in ("lift", "abduct", "elbow", "turn"))
    upper = sign * np.sin(out) * np.cos(up) * left - np.cos(out) * np.cos(up) * spine + np.sin(up) * ahead
    forwards = -sign * np.sin(out) * np.sin(up) * left + np.cos(out) * np.sin(up) * spine + np.cos(up) * ahead
    sideways = sign * np.cos(out) * left + np.sin(out) * spine
    lower = np.cos(bend) * upper + np.sin(bend) * (np.cos(turn) * forwards + np.sin(turn) * sideways)
    elbow = shoulder + UPPER_ARM * upper
    wrist = elbow + FOREARM * lower
    hand = {f"{side}_{finger}": wrist + 0.08 * lower for finger in ("pinky", "index", "thumb")}
    return {f"{side}_elbow": elbow, f"{side}_wrist": wrist, **hand}


def _leg(pose: Pose, n: int, side: str, sign: float, hip: Array) -> dict[str, Array]:
    swing, apart, bend = (_one(pose, name, side, n) for name in ("thigh", "apart", "knee"))
    foot = _one(pose, "foot", side, n)

    def in_leg_plane(length: float, angle: Array) -> Array:
        down, forwards = length * np.cos(angle), length * np.sin(angle)
        return np.concatenate([sign * down * np.sin(apart), -down * np.cos(apart), forwards], axis=1)

    knee = hip + in_leg_plane(THIGH, swing)
    ankle = knee + in_leg_plane(SHANK, swing - bend)
    cave = _full(_of_side(pose.cave, side), n)[:, None] * np.array([-sign, 0.0, 0.0])
    toes = np.concatenate([np.zeros((n, 1)), np.sin(foot), np.cos(foot)], axis=1)
    sole = np.concatenate([np.zeros((n, 1)), -np.cos(foot), np.sin(foot)], axis=1)
    return {
        f"{side}_hip": hip,
        f"{side}_knee": knee + cave,
        f"{side}_ankle": ankle,
        f"{side}_heel": ankle + 0.07 * sole - 0.05 * toes,
        f"{side}_foot_index": ankle + 0.17 * toes,
    }


def _axes(lean: Array) -> tuple[Array, Array, Array]:
    """Left, along the spine, and out of the chest, each (n, 3), for a trunk that leans forward."""
    zero, one = np.zeros_like(lean), np.ones_like(lean)
    return (
        np.stack([one, zero, zero], axis=1),
        np.stack([zero, np.cos(lean), np.sin(lean)], axis=1),
        np.stack([zero, -np.sin(lean), np.cos(lean)], axis=1),
    )


def _one(pose: Pose, name: str, side: str, n: int) -> Array:
    return np.radians(_full(_of_side(getattr(pose, name), side), n))[:, None]


def _of_side(value: Any, side: str) -> Any:
    return value[side == "right"] if isinstance(value, tuple) else value


def _full(value: Any, n: int) -> Array:
    return np.broadcast_to(np.asarray(value, float), (n,))


def _flat(value: Any) -> list[Any]:
    if isinstance(value, str):
        return []
    return list(value) if isinstance(value, tuple) else [value]


def _middle(space: Array, name: str) -> Array:
    if name.startswith("mid_"):
        return np.asarray((space[:, INDEX["left_" + name[4:]]] + space[:, INDEX["right_" + name[4:]]]) / 2)
    return space[:, INDEX[name]]
