"""Hand-written counting signals: a knee that goes from 170 degrees, standing, to 80 and back."""

from __future__ import annotations

import numpy as np

from spotter.coach.counter import Levels, Swing, candidates, count_swings, levels_of
from tests.motion.stick import Array, clock, glide

NEAR, FAR = 170.0, 80.0
LEAST = 18.0
"""A there-and-back must be at least this large to be asked about, in degrees."""


def knee(share: Array) -> Array:
    """Degrees from shares of the way, 0 standing to 1 at the far end."""
    return NEAR + (FAR - NEAR) * share


def through(*points: tuple[float, float], fps: float = 30.0) -> tuple[Array, Array]:
    """Times and degrees of a signal through (time, share) points, at rest at each."""
    time_s = clock(points[-1][0], fps)
    return time_s, knee(glide(time_s, *points))


def reps(
    *depths: float, length_s: float = 2.0, rest_s: float = 0.5, fps: float = 30.0
) -> tuple[Array, Array]:
    """Times and degrees of repetitions with these depths, after half a second of standing."""
    points, now = [(0.0, 0.0), (0.5, 0.0)], 0.5
    for depth in depths:
        points += [(now + length_s / 2, depth), (now + length_s, 0.0), (now + length_s + rest_s, 0.0)]
        now += length_s + rest_s
    return through(*points, fps=fps)


def levels(time_s: Array, values: Array, far_is_high: bool = False, least: float = LEAST) -> Levels | None:
    """The person's own range, as the counter finds it."""
    return levels_of(time_s, values, candidates(time_s, values, far_is_high, least))


def swings(time_s: Array, values: Array, far_is_high: bool = False, least: float = LEAST) -> list[Swing]:
    """Every there-and-back by the person's own range."""
    known = levels(time_s, values, far_is_high, least)
    return [] if known is None else count_swings(time_s, values, known)


def complete(found: list[Swing]) -> int:
    """How many of them count."""
    return sum(swing.complete for swing in found)


def early(found: list[Swing], least: float = 0.25) -> int:
    """How many turned back early, other than a twitch."""
    return sum(not swing.complete and swing.reach >= least for swing in found)


def noise(n: int, sd: float, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(0, sd, n)
