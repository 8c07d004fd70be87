"""Draws on a frame what the coach sees: bones, the working angle, counter and phase, the heart, the cue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PartMap
from spotter.report.drawing import Image, draw_dot, draw_lines, stamp
from spotter.report.palette import INK, MUTED, PAPER, RIGHT
from spotter.report.parts.overlay import draw_parts
from spotter.report.plates import Bar, cue_plate, heart_plate, note_plate, number_tag, rep_plate
from spotter.report.scene import CueShown, PersonScene
from spotter.report.skeleton import Pose, draw_angle, draw_skeleton

_MARGIN = 10.0
_FADE_S = 0.15


@dataclass(frozen=True, slots=True)
class Shown:
    """One person in a frame.

    Attributes:
        scene: what is said about them.
        pose: where they are; None where they are not seen.
        angle: name of the angle drawn, and its degrees; None for none.
    """

    scene: PersonScene
    pose: Pose | None
    angle: tuple[str, float] | None


def draw_overlay(
    image: Image,
    title: str | None,
    people: Sequence[Shown],
    cue: CueShown | None,
    time_s: float,
    parts: PartMap | None = None,
    bpm: float = math.nan,
) -> Image:
    """A copy of a frame with everything drawn on it; all sizes follow the picture's shorter side.

    Args:
        image: RGB picture.
        title: the exercise's title; None where there is none, and then only the bones are drawn.
        people: who is analysed.
        cue: the cue to show, if any.
        time_s: the frame's time.
        parts: of these people's bodies, drawn under their bones; None for none.
        bpm: beats a minute of the heart, for the top right corner; NaN where it is not heard, for no badge.
    """
    out = image.copy()
    if parts is not None:
        draw_parts(out, parts, numbers=False)
    unit = min(out.shape[:2]) / 360
    several = len(people) > 1
    for one in people:
        if one.pose is not None:
            draw_skeleton(out, one.pose, one.scene.wrong, unit)
            if one.angle is not None:
                draw_angle(out, one.pose, *one.angle, unit)
            if several:
                _draw_tag(out, one.pose, one.scene.person, unit)
    right = _draw_heart(out, bpm, unit) if math.isfinite(bpm) else float(out.shape[1])
    if title is not None:
        _draw_plates(out, title, people, right, unit)
    if cue is not None:
        _draw_cue(out, cue, time_s, several, unit)
    return out


def _draw_heart(image: Image, bpm: float, unit: float) -> float:
    """Put the badge into the corner; how far to the right there is room beside it."""
    plate = heart_plate(round(bpm), unit)
    x = float(image.shape[1]) - plate.width - _MARGIN * unit
    stamp(image, plate, x, _MARGIN * unit)
    return x


def _draw_plates(image: Image, title: str, people: Sequence[Shown], right: float, unit: float) -> None:
    x = y = margin = _MARGIN * unit
    row_height = 0.0
    for one in people:
        scene = one.scene
        plate, bar = rep_plate(
            _heading(title, scene, len(people) > 1),
            scene.count,
            scene.flash,
            scene.held_s,
            scene.holding,
            scene.phases,
            _phase_name(scene),
            unit,
        )
        if x > margin and x + plate.width > right:
            x, y, row_height = margin, y + row_height + margin, 0.0
        stamp(image, plate, x, y)
        bottom = y + plate.height
        if scene.phases is not None:
            _fill_bar(image, bar, scene, np.array([round(x), round(y)]))
        if scene.attempt_over:
            note = note_plate("Not counted: turned back early", unit)
            stamp(image, note, x, bottom + 0.5 * margin)
            bottom += 0.5 * margin + note.height
        x, row_height = x + plate.width + margin, max(row_height, bottom - y)


def _heading(title: str, scene: PersonScene, several: bool) -> str:
    name = f"Person {scene.person}" if several else title
    return f"{name} · set {scene.set_number}" if scene.set_number > 1 else name


def _phase_name(scene: PersonScene) -> str:
    if scene.phases is None:
        return ""
    if scene.progress < scene.phases.out_end:
        return "out"
    return "hold" if scene.progress < scene.phases.back_start else "back"


def _fill_bar(image: Image, bar: Bar, scene: PersonScene, corner: NDArray[np.int_]) -> None:
    """Fill the bar up to where the repetition is, and put a knob there."""
    now = bar.x + min(1.0, max(0.0, scene.progress)) * bar.width
    half = bar.height / 2
    colour = RIGHT if scene.counts else MUTED
    for start, end in bar.pieces(scene.phases):
        if now > start:
            line = np.array([[start + half, bar.y], [max(start + half, min(now, end) - half), bar.y]])
            draw_lines(image, [corner + line], colour, bar.height)
    knob = corner + np.array([now, bar.y])
    draw_dot(image, knob, 0.95 * bar.height, INK)
    draw_dot(image, knob, 0.7 * bar.height, PAPER)


def _draw_cue(image: Image, cue: CueShown, time_s: float, several: bool, unit: float) -> None:
    height, width = image.shape[:2]
    text = f"Person {cue.person}: {cue.text}" if several else cue.text
    plate = cue_plate(text, cue.severity, min(0.92 * width, 560 * unit), unit)
    shown = min(1.0, (time_s - cue.start_s) / _FADE_S + 0.4, (cue.end_s - time_s) / _FADE_S + 0.2)
    stamp(image, plate, (width - plate.width) / 2, height - plate.height - _MARGIN * unit, shown)


def _draw_tag(image: Image, pose: Pose, person: int, unit: float) -> None:
    seen = pose.xy[pose.drawn]
    if len(seen):
        tag = number_tag(person, unit)
        top = seen[seen[:, 1].argmin()]
        stamp(image, tag, top[0] - tag.width / 2, max(0.0, top[1] - tag.height - 10 * unit))
