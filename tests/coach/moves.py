"""Exercises and everyday movements of the stick figure: two poses each, and the way between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from spotter.coach.analysis import Side
from spotter.motion.build import build_motion
from spotter.motion.motion import Motion
from tests.motion.stick import (
    PIXELS_PER_METRE,
    Array,
    Pose,
    blend,
    clock,
    glide,
    make_motion,
    raw_landmarks,
    there_and_back,
)

STANDING = Pose(azimuth=40)
BENT_DOWN = Pose(azimuth=40, trunk=80, thigh=30, knee=40, lift=80)
"""Picking something up from the floor."""


@dataclass(frozen=True, slots=True)
class Move:
    """An exercise: its near end and its far end, and how long a repetition takes."""

    near: Pose
    far: Pose
    length_s: float = 2.0
    sides: tuple[Side, ...] = ("both",)

    def at(self, share: Array) -> Pose:
        """Poses at shares of the way, 0 near to 1 far."""
        return blend(self.near, self.far, share)

    def turned(self, azimuth: float) -> Move:
        """The same, seen by another camera."""
        return replace(self, near=replace(self.near, azimuth=azimuth), far=replace(self.far, azimuth=azimuth))

    def mirrored(self) -> Move:
        return replace(self, near=self.near.mirrored(), far=self.far.mirrored())


_RACK = {"lift": 20.0, "elbow": 150.0}  # hands at the shoulders
_SPLIT = Pose(azimuth=80, thigh=(25, -25), knee=(5, 5))
_ON_HANDS = Pose(azimuth=90, trunk=75, thigh=-75, lift=75, anchor="mid_wrist")
_ON_BACK = Pose(azimuth=90, trunk=-86, thigh=130, knee=100, lift=40, elbow=140, anchor="mid_hip")

MOVES: dict[str, Move] = {
    "squat": Move(STANDING, Pose(azimuth=40, trunk=35, thigh=85, knee=105, lift=30)),
    "deadlift": Move(Pose(azimuth=90), Pose(azimuth=90, trunk=72, thigh=40, knee=60, lift=72), 2.5),
    "good-morning": Move(
        Pose(azimuth=90, **_RACK), Pose(azimuth=90, trunk=75, thigh=-12, knee=12, **_RACK), 2.5
    ),
    "lunge": Move(_SPLIT, replace(_SPLIT, thigh=(75, -5), knee=(85, 85)), sides=("left",)),
    "side-lunge": Move(
        Pose(apart=30), Pose(apart=30, trunk=30, thigh=(70, 0), knee=(90, 0)), sides=("left",)
    ),
    "push-up": Move(_ON_HANDS, replace(_ON_HANDS, lift=30, elbow=90), 1.6),
    "biceps-curl": Move(Pose(azimuth=50, elbow=8), Pose(azimuth=50, elbow=130)),
    "shoulder-press": Move(Pose(abduct=35, elbow=140, turn=90), Pose(abduct=165, elbow=12, turn=90)),
    "lateral-raise": Move(Pose(abduct=10, elbow=10), Pose(abduct=92, elbow=10)),
    "jumping-jack": Move(Pose(abduct=10, apart=3), Pose(abduct=160, apart=22), 1.2),
    "sit-up": Move(_ON_BACK, replace(_ON_BACK, trunk=-20), 2.5),
}

PLANK = Pose(azimuth=90, trunk=85, thigh=-85, lift=85, elbow=90, anchor="mid_wrist")


def repeat(
    move: Move, count: int, *, rest_s: float = 0.3, before_s: float = 1.0, fps: float = 30.0
) -> tuple[Array, Array]:
    """Times, and shares of the way, of ``count`` repetitions."""
    starts = [before_s + k * (move.length_s + rest_s) for k in range(count)]
    time_s = clock(before_s + count * (move.length_s + rest_s) + 1.0, fps)
    return time_s, there_and_back(time_s, starts, move.length_s)


def motion_of(name: str, count: int = 4, **options: float) -> Motion:
    """``count`` clean repetitions of an exercise, a little noisy."""
    move = MOVES[name]
    time_s, share = repeat(move, count, **options)
    return make_motion(move.at(share), time_s, noise_m=0.004)


def alternating(move: Move, count: int, *, rest_s: float = 0.3) -> Motion:
    """Repetitions by turns: left, right, left ... (the far pose's left limbs, then its right ones)."""
    time_s, _ = repeat(move, count, rest_s=rest_s)
    starts = [1.0 + k * (move.length_s + rest_s) for k in range(count)]
    shares = [there_and_back(time_s, starts[first::2], move.length_s) for first in (0, 1)]
    poses = [move.at(share) for share in shares]
    names = ("thigh", "knee", "lift", "abduct", "elbow")
    sided = {n: tuple(_limb(getattr(pose, n), side) for side, pose in enumerate(poses)) for n in names}
    return make_motion(replace(move.near, **sided), time_s, noise_m=0.004)


def _limb(value: object, side: int) -> object:
    return value[side] if isinstance(value, tuple) else value


def one_after_another(
    *motions: tuple[Pose, Array], fade_s: float = 0.6, noise_m: float = 0.004, fps: float = 30.0
) -> Motion:
    """Movements one after another, each (pose with arrays, its own times), blended where they meet."""
    parts: list[dict[str, Array]] = []
    for pose, time_s in motions:
        raw = raw_landmarks(pose, time_s)
        if parts:
            last = {name: values[-1] for name, values in parts[-1].items()}
            steps = glide(clock(fade_s, fps), (0, 0), (fade_s, 1))[1:, None, None]
            parts.append(
                {
                    n: last[n] + (raw[n][0] - last[n]) * (steps if raw[n].ndim == 3 else steps[:, 0])
                    for n in raw
                }
            )
        parts.append(raw)
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return _built(whole, fps, noise_m)


def _built(raw: dict[str, Array], fps: float, noise_m: float) -> Motion:
    n = len(raw["xy"])
    noise = np.random.default_rng(0).normal(0, noise_m, raw["world"].shape)
    zeros = np.zeros(n, np.int64)
    return build_motion(
        1,
        np.arange(n) / fps,
        np.arange(n),
        zeros,
        raw["xy"] + noise[..., :2] * PIXELS_PER_METRE,
        raw["world"] + noise,
        raw["visibility"],
    )
