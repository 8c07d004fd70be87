"""Writes the annotated video: a second pass over the frames, in step with what the analysis finds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from spotter.coach.heart import HeartRate, rates_at
from spotter.coach.stretch import Stretch
from spotter.media.frame import Frame
from spotter.media.writer import VideoWriter
from spotter.motion.motion import Motion
from spotter.report.overlay import Shown, draw_overlay
from spotter.report.parts.analysed import AnalysedParts
from spotter.report.scene import CueShown, PersonTimeline, plan_cues
from spotter.report.skeleton import Pose, side_seen_better


class VideoAnnotator:
    """Draws every frame that has been analysed and hands it to the writer.

    One frame is in memory at a time. Frames after the last stretch, and stretches without anybody, are
    written as they are.

    Args:
        source: a fresh pass over the same part of the same video as the analysis took: its frames' numbers
            are those of ``Motion.frame``.
        writer: takes the finished pictures; the caller closes it. None where only parts are wanted.
        parts: finds the body parts that are drawn under the bones; None for none.
    """

    def __init__(
        self, source: Iterable[Frame], writer: VideoWriter | None, parts: AnalysedParts | None = None
    ) -> None:
        self._frames: Iterator[Frame] = iter(source)
        self._writer, self._parts = writer, parts
        self._waiting: Frame | None = None
        self._timelines: dict[int, PersonTimeline] = {}
        self._last_cue: CueShown | None = None

    def add(self, stretch: Stretch, heart: HeartRate | None = None) -> int:
        """Draw all frames up to the end of a stretch; they follow those of the stretch before.

        Args:
            stretch: what was found.
            heart: of the person, with times as the frames'; None where it was not recorded.

        Returns:
            How many frames were gone through.
        """
        for person in stretch.people:
            self._timelines.setdefault(person.id, PersonTimeline(person.id)).add(stretch.exercise, person)
        cues = plan_cues(stretch.people, self._last_cue)
        self._last_cue = cues[-1] if cues else None
        people = [
            _Followed(motion, self._timelines.get(motion.person), stretch) for motion in stretch.motions
        ]
        title = stretch.exercise.title if stretch.exercise else None
        pulse = _Pulse(heart) if heart is not None else None
        written = 0
        while (frame := self._next(stretch.end_s)) is not None:
            shown = [person.at(frame) for person in people]
            cue = next((one for one in cues if one.start_s <= frame.time_s < one.end_s), None)
            poses = {one.scene.person: one.pose for one in shown if one.pose is not None}
            parts = None if self._parts is None else self._parts.find(frame, poses)
            if self._writer is not None:
                bpm = math.nan if pulse is None else pulse.at(frame.time_s)
                image = draw_overlay(frame.image, title, shown, cue, frame.time_s, parts, bpm)
                self._writer.write(image, frame.time_s)
            written += 1
        return written

    def close(self) -> int:
        """Write the frames that are left as they are.

        Returns:
            How many frames that were.
        """
        written = 0
        while self._writer is not None and (frame := self._next(np.inf)) is not None:
            self._writer.write(frame.image, frame.time_s)
            written += 1
        return written

    def _next(self, end_s: float) -> Frame | None:
        """The next frame up to a time; one that comes later waits for the next stretch."""
        frame = self._waiting if self._waiting is not None else next(self._frames, None)
        self._waiting = None
        if frame is not None and frame.time_s > end_s + 1e-6:
            self._waiting, frame = frame, None
        return frame


class _Pulse:
    """The heart frame by frame; its number changes once a second at most, so that it can be read."""

    def __init__(self, heart: HeartRate) -> None:
        self._heart, self._second, self._bpm = heart, -1, math.nan

    def at(self, time_s: float) -> float:
        """Beats a minute; NaN where it was not heard."""
        if int(time_s) != self._second:
            self._second, self._bpm = int(time_s), float(rates_at(self._heart, time_s))
        return self._bpm


class _Followed:
    """One person's motion in a stretch, looked up frame by frame."""

    def __init__(self, motion: Motion, timeline: PersonTimeline | None, stretch: Stretch) -> None:
        self._motion = motion
        self._timeline = timeline or PersonTimeline(motion.person)
        self._rows = {int(number): row for row, number in enumerate(motion.frame)}
        names = stretch.exercise.working_angles if stretch.exercise else ()
        # One side a shot: it would flicker if each frame chose anew.
        self._angles = {
            int(shot): side_seen_better(motion.visibility[motion.shot == shot], names)
            for shot in np.unique(motion.shot)
        }
        self._names = names

    def at(self, frame: Frame) -> Shown:
        """What is drawn of the person in a frame."""
        scene = self._timeline.at(frame.time_s)
        row = self._rows.get(frame.index)
        if row is None:
            return Shown(scene, None, None)
        motion = self._motion
        name = self._angles[int(motion.shot[row])]
        if name is not None and scene.side != "both":
            working = f"{scene.side}_{name.removeprefix('left_').removeprefix('right_')}"
            name = working if working in self._names else name
        angle = None if name is None else (name, float(motion.values[name][row]))
        return Shown(scene, Pose(motion.xy[row], motion.visibility[row]), angle)
