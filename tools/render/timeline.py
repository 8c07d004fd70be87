"""Strings a person's acts together: which pose and place at which time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .body import Body
from .motions.parts import by, ease
from .rig import Place, Pose, blend

BLEND_S = 0.45
STEP = 0.03  # feet that must move farther than this are lifted


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a person's time: `pose` and `place` take seconds since its start."""

    seconds: float
    pose: Callable[[float], Pose]
    place: Callable[[float], Place]
    blend_s: float = BLEND_S
    sways: bool = True


@dataclass(slots=True)
class Timeline:
    """What one person does: stretches in order, and the truth about them (times in seconds)."""

    body: Body
    place: Place
    rng: np.random.Generator
    stretches: list[Stretch] = field(default_factory=list)
    reps: list[dict[str, Any]] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, seconds: float, pose: Callable[[float], Pose], **options: Any) -> None:
        """Append a stretch; the person stays where they are unless `place` is given."""
        here = self.place
        place = options.pop("place", lambda t: here)
        self.stretches.append(Stretch(seconds, pose, place, **options))
        self.seconds += seconds
        self.place = place(seconds)

    def at(self, time_s: float) -> tuple[Pose, Place]:
        """Pose and place at a time; the last stretch goes on for ever."""
        start = 0.0
        before: Stretch | None = None
        for stretch in self.stretches:
            if time_s < start + stretch.seconds or stretch is self.stretches[-1]:
                break
            start += stretch.seconds
            before = stretch
        t = min(time_s - start, stretch.seconds)
        pose = stretch.pose(t)
        if before is not None and t < stretch.blend_s:
            pose = _cross(before.pose(before.seconds), pose, t / stretch.blend_s)
        if stretch.sways:
            pose = _sway(pose, time_s)
        return pose, stretch.place(t)


def _cross(before: Pose, after: Pose, share: float) -> Pose:
    """Go from one pose to the next, lifting feet that have to move: first the left, then the right."""
    mixed = blend(before, after, ease(share))
    ankle, foot = mixed.ankle.copy(), mixed.foot.copy()
    for i in range(2):
        far = float(np.linalg.norm(after.ankle[i] - before.ankle[i]))
        if far > STEP:
            own = ease(2 * share - i)
            ankle[i] = (1 - own) * before.ankle[i] + own * after.ankle[i]
            ankle[i, 1] += min(0.3 * far, 0.05) * np.sin(np.pi * own)
            foot[i] = (1 - own) * before.foot[i] + own * after.foot[i]
    return replace(mixed, ankle=ankle, foot=foot)


def _sway(pose: Pose, t: float) -> Pose:
    """The small movements of a body that stands still."""
    aside, ahead = 0.005 * np.sin(1.3 * t) + 0.002 * np.sin(3.1 * t), 0.004 * np.sin(0.9 * t + 1.0)
    bend = 0.7 * np.sin(1.1 * t + 0.5)
    return replace(
        pose,
        pelvis=pose.pelvis + by(aside, 0.0, ahead),
        head=pose.head + np.array([1.2 * np.sin(0.7 * t), 2.0 * np.sin(0.5 * t)]),
        spine=pose.spine + np.array([0.4 * np.sin(1.7 * t), 0.0, bend, 0.8 * np.sin(0.8 * t)]),
    )
