"""Draws the two ends of an exercise as stick figures, light enough for a button and clear on any ground."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

_TRUNK, _UPPER_ARM, _LOWER_ARM, _UPPER_LEG, _LOWER_LEG = 28.0, 15.0, 14.0, 22.0, 22.0
_NECK, _HEAD = 7.0, 5.2
_GROUND, _WIDTH, _HEIGHT = 100.0, 184.0, 112.0
_COLOURS = ("#93a3a6", "#12897d")  # readable on white and on black

Point = tuple[float, float]


@cache
def figure_svg(exercise: str) -> str:
    """The near end, grey, and the far end, green, of an exercise as an SVG of 184 x 112 units.

    Args:
        exercise: name of one that is drawn in ``figures.toml``; of another an empty ground.

    >>> figure_svg("squat").count("<circle")
    2
    """
    poses = _table().get(exercise, {"poses": []})["poses"]
    places = (0.26, 0.74) if len(poses) > 1 else (0.5,)  # a hold has one pose
    drawn = [
        _figure(pose, place * _WIDTH, colour)
        for pose, place, colour in zip(poses, places, _COLOURS[-len(places) :], strict=False)
    ]
    ground = f'<path d="M8 {_GROUND + 4}H{_WIDTH - 8}" stroke="#93a3a6" stroke-width="1.5"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" fill="none" '
        f'stroke-width="5" stroke-linecap="round" stroke-linejoin="round">{ground}{"".join(drawn)}</svg>'
    )


def known_figures() -> tuple[str, ...]:
    """Names of the exercises that are drawn."""
    return tuple(_table())


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("spotter.serve").joinpath("figures.toml").read_text("utf-8"))


def _figure(pose: dict[str, Any], middle: float, colour: str) -> str:
    """One body: the lowest of its points stands on the ground, or its hips are as high as is said."""
    hip = (0.0, 0.0)
    neck = _from(hip, pose["trunk"], _TRUNK)
    shoulder = _from(hip, pose["trunk"], _TRUNK - 3)
    head = _from(neck, pose["trunk"], _NECK)
    limbs = [
        _limb(start, pose[key], lengths)
        for key, start, lengths in (
            ("arms_2", shoulder, (_UPPER_ARM, _LOWER_ARM)),
            ("legs_2", hip, (_UPPER_LEG, _LOWER_LEG)),
            ("arms", shoulder, (_UPPER_ARM, _LOWER_ARM)),
            ("legs", hip, (_UPPER_LEG, _LOWER_LEG)),
        )
        if key in pose
    ]
    points = [hip, neck, head, *(point for limb in limbs for point in limb)]
    across = middle - (min(x for x, _ in points) + max(x for x, _ in points)) / 2
    down = _GROUND - pose.get("hip", max(y for _, y in points))
    lines = [[hip, neck], *limbs]
    paths = "".join(f'<path d="{_path(line, across, down)}" stroke="{colour}"/>' for line in lines)
    return (
        f'{paths}<circle cx="{head[0] + across:.1f}" cy="{head[1] + down:.1f}" r="{_HEAD}" fill="{colour}"/>'
    )


def _limb(start: Point, angles: list[float], lengths: tuple[float, float]) -> list[Point]:
    middle = _from(start, angles[0], lengths[0])
    return [start, middle, _from(middle, angles[1], lengths[1])]


def _from(start: Point, degrees: float, length: float) -> Point:
    """The point so far from another, in a direction clockwise from straight up."""
    turn = math.radians(degrees)
    return start[0] + length * math.sin(turn), start[1] - length * math.cos(turn)


def _path(points: list[Point], across: float, down: float) -> str:
    return "M" + "L".join(f"{x + across:.1f} {y + down:.1f}" for x, y in points)
