"""Analyses a video from end to end: a loop around the pose engine, with the coach after each stretch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Literal

import numpy as np

from spotter.body.engine import PoseEngine
from spotter.body.joint_source import JointEngine
from spotter.body.recording import Recording, Track
from spotter.coach.analysis import Analysis, ExerciseFound, Person
from spotter.coach.exercise import Exercise
from spotter.coach.judge import coach_person
from spotter.coach.merge import join_people, renumber
from spotter.coach.recognise import Guess, recognise
from spotter.coach.schema import named_exercise, shipped_exercises
from spotter.coach.stretch import Stretch
from spotter.errors import NoPersonError, UsageError
from spotter.media.frame import Frame
from spotter.media.memory import keep_freed_memory
from spotter.media.prefetch import read_ahead
from spotter.media.reader import open_media
from spotter.media.source import MediaSource
from spotter.models.store import ModelStore
from spotter.motion.build import build_motion
from spotter.motion.motion import Motion

MAX_SIDE = 1920
"""Larger pictures are shrunk to this while they are decoded: landmarks gain nothing from more."""

STRETCH_FRAMES = 9_000
"""A video is analysed in stretches of at most this many frames, so that memory stays the same."""

PersonChoice = Literal["largest", "all"] | int


def analyze(
    video: str | Path,
    exercise: str | Exercise | None = None,
    *,
    person: PersonChoice = "largest",
    start_s: float | None = None,
    end_s: float | None = None,
    height_cm: float | None = None,
    on_frame: Callable[[Frame], None] | None = None,
    on_stretch: Callable[[Stretch], None] | None = None,
    stop: threading.Event | None = None,
    store: ModelStore | None = None,
    engine: JointEngine | None = None,
) -> Analysis:
    """Count, measure and judge the exercise in a video.

    Args:
        video: a video file, a picture, or a folder of pictures.
        exercise: a shipped exercise's name, the path of a TOML file, or an exercise; None or ``"auto"``
            recognises it.
        person: ``"largest"`` for the athlete, ``"all"``, or a person's number.
        start_s, end_s: the part of the video to look at, in seconds.
        height_cm: the person's height, which makes lengths true; without it they are the model's guess.
        on_frame: called with every frame, after it was looked at.
        on_stretch: called with every stretch of the video that is done, from the first with somebody in it.
        stop: set it to end early; what was seen until then is analysed.
        store: where the models come from.
        engine: finds the joints; a new pose engine if None.

    Returns:
        What was found. With no exercise in the video its ``exercise.name`` is None and nothing is counted.

    Raises:
        SpotterError: one of its children, with a message for the user: the video cannot be read, nobody is
            in it, there is no such exercise, a model is missing.

    Example::

        analysis = spotter.analyze("squat.mp4", "squat")
        for rep in analysis.people[0].reps:
            print(rep.number, rep.complete, [fault.name for fault in rep.faults])
    """
    chosen = named_exercise(exercise)
    with open_media(video, start_s=start_s, end_s=end_s, max_side=MAX_SIDE) as source:
        return analyze_source(
            source,
            chosen,
            person=person,
            height_cm=height_cm,
            on_frame=on_frame,
            on_stretch=on_stretch,
            stop=stop,
            store=store,
            engine=engine,
        )


def analyze_source(
    source: MediaSource,
    exercise: Exercise | None = None,
    *,
    person: PersonChoice = "largest",
    height_cm: float | None = None,
    on_frame: Callable[[Frame], None] | None = None,
    on_stretch: Callable[[Stretch], None] | None = None,
    stop: threading.Event | None = None,
    store: ModelStore | None = None,
    engine: JointEngine | None = None,
) -> Analysis:
    """The same for frames from anywhere, such as a camera; see ``analyze``."""
    keep_freed_memory()
    threading.Thread(target=_import_filters, name="spotter-import", daemon=True).start()
    worker = _Worker(exercise, person, height_cm, on_stretch, engine or PoseEngine(store))
    decoding = _Timed(source)
    interrupted = False
    with closing(read_ahead(decoding, depth=4)) as frames:
        for frame in frames:
            worker.add(frame)
            if on_frame is not None:
                on_frame(frame)
            if stop is not None and stop.is_set():
                interrupted = True
                break
    return worker.finish(source, decoding.spent_s, interrupted)


def _import_filters() -> None:
    """What the end of an analysis needs takes most of a second to import: better beside the decoding."""
    import_module("scipy.signal")


class _Timed:
    """Passes frames on and adds up how long getting them took."""

    def __init__(self, source: Iterable[Frame]) -> None:
        self._source = source
        self.spent_s = 0.0

    def __iter__(self) -> Generator[Frame, None, None]:
        frames = iter(self._source)
        while True:
            began = time.perf_counter()
            frame = next(frames, None)
            self.spent_s += time.perf_counter() - began
            if frame is None:
                return
            yield frame


class _Worker:
    """Takes frames in, and hands finished stretches on."""

    def __init__(
        self,
        exercise: Exercise | None,
        person: PersonChoice,
        height_cm: float | None,
        on_stretch: Callable[[Stretch], None] | None,
        engine: JointEngine,
    ) -> None:
        if height_cm is not None and not 50 <= height_cm <= 260:
            raise UsageError(f"the height is {height_cm:g} cm; give a person's height between 50 and 260 cm")
        self._given, self._guess = exercise, None if exercise is None else Guess(exercise.name, 0.0, 0, 1.0)
        self._person, self._height_cm, self._on_stretch = person, height_cm, on_stretch
        self._engine = engine
        self._recording = Recording()
        self._people: list[Person] = []
        self._spent = {"motion": 0.0, "coaching": 0.0}
        self._frames = 0
        self._last_s = 0.0
        self._anybody = False
        self._ids: set[int] = set()
        self._athlete: int | None = None

    def add(self, frame: Frame) -> None:
        self._recording.add(frame, self._engine.shot, self._engine.push(frame))
        self._frames += 1
        self._last_s = frame.time_s
        if len(self._recording) >= STRETCH_FRAMES:
            head, self._recording = self._recording.split(calmest_row(self._recording))
            self._coach(head)

    def finish(self, source: MediaSource, decoding_s: float, interrupted: bool) -> Analysis:
        if len(self._recording):
            self._coach(self._recording)
        if not self._anybody and not interrupted:
            raise NoPersonError(_nobody(self._person, source.info.path, self._ids))
        info = source.info
        return Analysis(
            video={
                "name": info.name,
                "path": info.path,
                "width": info.width,
                "height": info.height,
                "fps": info.fps,
                "duration_s": info.duration_s,
                "created": None if info.created is None else info.created.isoformat(),
                "frames": self._frames,
                "analysed_to_s": self._last_s,
                "interrupted": interrupted,
                "warning": source.warning,
            },
            exercise=ExerciseFound(
                name=self._guess.name if self._guess else None,
                how="recognised" if self._given is None else "given",
                confidence=self._guess.confidence if self._guess else 0.0,
            ),
            people=tuple(self._people),
            spent_s={"decoding": decoding_s, **self._engine.spent_s, **self._spent},
        )

    def _coach(self, recording: Recording) -> None:
        """Turn a stretch of landmarks into motion, judge it, and hand it on."""
        began = time.perf_counter()
        self._ids |= set(recording.ids)
        tracks = self._tracks(recording)
        self._anybody = self._anybody or bool(tracks)
        motions = tuple(_motion(recording, track, self._height_cm) for track in tracks)
        judged = time.perf_counter()
        self._spent["motion"] += judged - began
        exercise = self._find_exercise(motions)
        people = tuple(renumber(coach_person(motion, exercise), self._people) for motion in motions)
        self._people = join_people(self._people, people, exercise)
        self._spent["coaching"] += time.perf_counter() - judged
        if self._on_stretch is not None and self._anybody:
            time_s = recording.time_s
            self._on_stretch(Stretch(float(time_s[0]), float(time_s[-1]), exercise, motions, people))

    def _tracks(self, recording: Recording) -> list[Track]:
        """The people to analyse."""
        if self._person == "all":
            return recording.everybody()
        if self._person != "largest":
            return [recording.track(self._person)] if self._person in recording.ids else []
        athlete = recording.largest()
        if athlete is None:
            return []
        if self._athlete is None:
            self._athlete = athlete.id
        return [replace(athlete, id=self._athlete)]  # one person, whatever number a later stretch gave them

    def _find_exercise(self, motions: tuple[Motion, ...]) -> Exercise | None:
        """The given exercise, or the one recognised in this or an earlier stretch."""
        if self._given is not None:
            return self._given
        known = shipped_exercises()
        if self._guess is None:
            self._guess = recognise(motions, known)
        return known[self._guess.name] if self._guess else None


def calmest_row(recording: Recording) -> int:
    """Where to end a stretch: the row in its last quarter around which the athlete moves least."""
    n = len(recording)
    athlete = recording.largest()
    if athlete is None:
        return n
    places = athlete.xy.mean(axis=1)
    step = np.linalg.norm(np.diff(places, axis=0, prepend=places[:1]), axis=1)
    window = max(1, n // 200)
    moved = np.convolve(np.nan_to_num(step), np.ones(window), mode="same")
    first = 3 * n // 4
    return first + int(moved[first : n - window].argmin()) + 1


def _motion(recording: Recording, track: Track, height_cm: float | None) -> Motion:
    return build_motion(
        track.id,
        recording.time_s,
        recording.frame,
        recording.shot,
        track.xy,
        track.world,
        track.visibility,
        height_m=None if height_cm is None else height_cm / 100,
    )


def _nobody(person: PersonChoice, path: str, ids: set[int]) -> str:
    if isinstance(person, int) and ids:
        known = ", ".join(str(number) for number in sorted(ids))
        return f"{path}: there is no person {person}; seen were {known}. Choose one of them with --person."
    return (
        f"{path}: no person was found. Film so that the whole body is in the picture, in good light, "
        "and not farther away than about four metres."
    )
