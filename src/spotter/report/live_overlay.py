"""Draws what the live coach knows on the frame that it looked at: the mirror of `spotter live --window`."""

from __future__ import annotations

import math

import numpy as np

from spotter.body.keypoints import Body
from spotter.coach.exercise import Exercise
from spotter.coach.live_state import LiveState
from spotter.coach.schema import shipped_exercises
from spotter.coach.words import ENGLISH, Words
from spotter.motion.angles import angle_table
from spotter.report.drawing import Image, draw_lines, stamp
from spotter.report.palette import RIGHT
from spotter.report.plates import cue_plate, heart_plate, note_plate, rep_plate
from spotter.report.skeleton import Pose, draw_angle, draw_skeleton, side_seen_better

_MARGIN = 10.0
_NOTE = 2.5  # to be read from where one trains
_ANGLES = {angle.name for angle in angle_table()}


def draw_live(image: Image, live: LiveState, words: Words = ENGLISH) -> Image:
    """The frame mirrored, as a mirror shows it, with skeleton, angle, count, and what to do; a new picture.

    Args:
        image: RGB picture as the camera took it.
        live: what the coach says about it.
        words: the language of what is written beside that.
    """
    out = np.ascontiguousarray(image[:, ::-1])
    unit = min(out.shape[:2]) / 360
    for body in live.coach.bodies:
        pose = _mirrored(body, out.shape[1])
        draw_skeleton(out, pose, {}, unit)
        if body.id == live.coach.person and live.working is not None:
            angle = _drawn_angle(live.working.name, pose)
            if angle is not None:
                draw_angle(out, pose, angle, live.working.degrees, unit)
    margin = _MARGIN * unit
    exercise = shipped_exercises().get(live.coach.exercise or "")
    if exercise is not None:
        _draw_count(out, exercise, live, words, margin, unit)
    if math.isfinite(live.heart_rate):
        heart = heart_plate(round(live.heart_rate), unit)
        stamp(out, heart, out.shape[1] - heart.width - margin, margin)
    if note := stage_note(live, words):
        plate = note_plate(note, _NOTE * unit)
        stamp(out, plate, (out.shape[1] - plate.width) / 2, (out.shape[0] - plate.height) / 2)
    said = live.cue or next(iter(live.guide), None)
    if said is not None:
        severity = live.cue.severity if live.cue is not None else "hint"
        plate = cue_plate(said.text, severity, min(0.92 * out.shape[1], 560 * unit), unit)
        stamp(out, plate, (out.shape[1] - plate.width) / 2, out.shape[0] - plate.height - margin)
    return out


def stage_note(live: LiveState, words: Words = ENGLISH) -> str:
    """What is going on when nothing is counted; empty in a set.

    Args:
        live: what the coach says.
        words: the language.
    """
    match live.stage:
        case "guide":
            return words("Get ready")
        case "countdown":
            return words("Begin in {seconds}", seconds=math.ceil(live.countdown_s or 0))
        case "rest":
            if live.rest_left_s is None:
                return words("Rest")
            return words("Rest, {seconds} s left", seconds=math.ceil(live.rest_left_s))
        case "done":
            return words("Done")
    return ""


def _draw_count(
    image: Image, exercise: Exercise, live: LiveState, words: Words, margin: float, unit: float
) -> None:
    """The counter, with how far the repetition is; or how long the posture is held."""
    held_s = int(live.held_s) if exercise.kind == "hold" else None
    title = live.title
    if live.set_number > 1:
        title += words(" · set {number}", number=live.set_number)
    holding = held_s is not None and live.coach.phase == "far"
    plate, bar = rep_plate(title, live.count, live.rep is not None, held_s, holding, None, "", unit)
    stamp(image, plate, margin, margin)
    progress = live.coach.progress
    if held_s is None and math.isfinite(progress) and live.stage == "set":
        half = bar.height / 2
        end = max(bar.x + half, bar.x + min(1.0, progress) * bar.width - half)
        line = np.array([[bar.x + half, bar.y], [end, bar.y]]) + round(margin)
        draw_lines(image, [line], RIGHT, bar.height)


def _drawn_angle(name: str, pose: Pose) -> str | None:
    """The angle to draw: of a mean of both sides that of the side which is seen better."""
    known = tuple(one for one in (name, f"left_{name}", f"right_{name}") if one in _ANGLES)
    return side_seen_better(pose.visibility, known)


def _mirrored(body: Body, width: int) -> Pose:
    xy = body.keypoints.xy.copy()
    xy[:, 0] = width - 1 - xy[:, 0]
    return Pose(xy, body.keypoints.visibility)
