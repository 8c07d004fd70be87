"""Analyses videos or a camera, and leaves a folder of results, and a session for the records, of each."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import strftime
from typing import Literal

from rich.console import Console

from spotter.body.joint_source import JointEngine
from spotter.body.part_source import OpenEngine, PartEngine
from spotter.coach.analysis import Analysis
from spotter.coach.analyze import PersonChoice, analyze, analyze_source
from spotter.coach.exercise import Exercise
from spotter.coach.heart import HeartRate
from spotter.coach.stretch import Stretch
from spotter.errors import SpotterError, UsageError
from spotter.exchange.rerun_file import RerunFile
from spotter.heart_job import NO_HEART, HeartSource, heart_of_video, strap_beside
from spotter.media.camera import open_camera
from spotter.media.files import list_media
from spotter.media.frame import Frame, MediaInfo
from spotter.media.pictures import DEFAULT_FPS
from spotter.media.reader import open_media
from spotter.media.writer import VideoWriter
from spotter.records import NOWHERE, Kept, Records, is_session, keep
from spotter.report.results import Results
from spotter.report.terminal import Meter, progress

Joints = Literal["pose", "haar"]
ShowProgress = Callable[[str, int], AbstractContextManager[Meter]]


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for, beside the videos.

    Attributes:
        exercise: None to recognise it.
        out: folder in which each video gets its own.
        person: who in the video.
        start_s, end_s: the part of the video that is wanted, in seconds; None for its beginning and end.
        height_cm: the person's; None if not known.
        with_video: whether to draw ``annotated.mp4``.
        open_parts: gives an engine for body parts; None where they are not wanted.
        joints: what finds the joints.
        landmarks: joints that another program found in the one video, in place of it.
        rerun: a file for Rerun's viewer; None for none.
        records: where the sessions go.
        heart: where the heart rate comes from.
    """

    exercise: Exercise | None
    out: Path
    person: PersonChoice = "largest"
    start_s: float | None = None
    end_s: float | None = None
    height_cm: float | None = None
    with_video: bool = True
    open_parts: OpenEngine | None = None
    joints: Joints = "pose"
    landmarks: Path | None = None
    rerun: Path | None = None
    records: Records = NOWHERE
    heart: HeartSource = NO_HEART

    @property
    def passes(self) -> int:
        """How often the frames are gone through: a second time to draw them and to find body parts."""
        return 2 if self.with_video or self.open_parts is not None else 1

    def part_engine(self) -> PartEngine | None:
        """A new engine for body parts; None where they are not wanted."""
        return self.open_parts() if self.open_parts is not None else None


@dataclass(frozen=True, slots=True)
class Analysed:
    """What came of one video.

    Attributes:
        analysis: what was found; None where it failed.
        folder: of its results.
        files: what was written.
        kept: what became of its session; None where nothing was counted, or the analysis was stopped.
        stopped: whether it was stopped although something was counted.
        problems: what failed, in the order in which it did.
    """

    analysis: Analysis | None
    folder: Path
    files: tuple[Path, ...] = ()
    kept: Kept | None = None
    stopped: bool = False
    problems: tuple[SpotterError, ...] = ()


def videos_of(paths: Iterable[Path], options: Options) -> list[Path]:
    """The videos that paths stand for.

    Raises:
        MediaNotFoundError, MediaUnreadableError: nothing is there.
        UsageError: there are several, and something was given that belongs to one.
    """
    videos = [video for path in paths for video in list_media(path)]
    of_one = {
        "--landmarks": options.landmarks,
        "--rerun": options.rerun,
        "--started": options.records.started,
    }
    for option, given in of_one.items():
        if given is not None and len(videos) != 1:
            raise UsageError(
                f"{option} belongs to one video, and there are {len(videos)}; give them one by one"
            )
    return videos


def analyze_videos(
    videos: Iterable[Path], options: Options, console: Console, stop: threading.Event
) -> Iterator[Analysed]:
    """Every video in turn; one that fails does not stop the others.

    Args:
        videos: see `videos_of`.
        options: what is wanted of all of them.
        console: shows how far it is.
        stop: set it to end early; the present video is finished with what was seen of it until then.

    Yields:
        What came of each.
    """
    folders: set[Path] = set()
    for video in videos:
        if stop.is_set():
            return
        folder = _own_folder(options.out, video, folders)
        try:
            yield analyze_video(video, folder, options, partial(progress, console), stop)
        except SpotterError as error:
            yield Analysed(None, folder, problems=(error,))


def analyze_camera(number: int, options: Options, console: Console, stop: threading.Event) -> Analysed:
    """Record a camera until it is stopped while the bodies are followed, then write the results.

    Args:
        number: of the camera, from 0.
        options: what is wanted.
        console: shows how far it is.
        stop: set it to end.

    Raises:
        SpotterError: one of its children: there is no such camera, nobody was seen, the disk is full.
    """
    folder = options.out / strftime("camera-%Y%m%d-%H%M%S")
    recording = folder / "recording.mp4"
    with _rerun_file(options, folder.name) as rerun, open_camera(number) as source:
        parts = options.part_engine()
        with Results(folder, recording, with_video=options.with_video, part_engine=parts) as results:
            stretches: list[Stretch] = []
            writer = VideoWriter(recording, source.info.width, source.info.height, source.info.fps)
            with (
                writer,
                strap_beside(options.heart.strap, console) as heart,
                progress(console, f"camera {number}, stop with Ctrl-C", 0) as meter,
            ):

                def on_frame(frame: Frame) -> None:
                    heart.on_frame(frame.time_s)
                    writer.write(frame.image, frame.time_s)
                    meter.advance()
                    if options.end_s is not None and frame.time_s >= options.end_s:
                        stop.set()

                analysis = analyze_source(
                    source,
                    options.exercise,
                    person=options.person,
                    height_cm=options.height_cm,
                    on_frame=on_frame,
                    on_stretch=stretches.append,
                    stop=stop,
                    engine=_joint_engine(options, source.info),
                )
            results.heart_rate = heart.heart_rate()
            analysis = replace(analysis, heart_rate=results.heart_rate)
            for stretch in stretches:
                _hand_on(stretch, results, rerun)
            files = (recording, *results.finish(analysis))
    return _finished(analysis, folder, files, options)


def analyze_video(
    video: Path, folder: Path, options: Options, show: ShowProgress, stop: threading.Event
) -> Analysed:
    """Analyse one video.

    Args:
        video: a video file, a picture, or a folder of pictures.
        folder: for its results.
        options: what is wanted.
        show: begins to show how far it is, from the video's name and how many frames will be gone through.
        stop: set it to end early.

    Raises:
        SpotterError: one of its children, see `spotter.analyze`.
    """
    with open_media(video, start_s=options.start_s, end_s=options.end_s) as source:
        info = source.info
    engine = _joint_engine(options, info)
    heart, problems = _heart_beside(options, info)
    keep_drawing = False  # the part seen before a Ctrl-C is drawn; a Ctrl-C while drawing ends that
    with (
        _rerun_file(options, info.name) as rerun,
        show(video.name, info.frame_count * options.passes) as meter,
    ):

        def on_stretch(stretch: Stretch) -> None:
            nonlocal keep_drawing
            keep_drawing = stop.is_set()
            _hand_on(stretch, results, rerun)

        def on_drawn() -> bool:
            meter.advance()
            return keep_drawing or not stop.is_set()

        with Results(
            folder,
            video,
            start_s=options.start_s,
            end_s=options.end_s,
            with_video=options.with_video,
            part_engine=options.part_engine(),
            on_drawn=on_drawn,
            heart_rate=heart,
        ) as results:
            analysis = analyze(
                video,
                options.exercise,
                person=options.person,
                start_s=options.start_s,
                end_s=options.end_s,
                height_cm=options.height_cm,
                on_frame=lambda _: meter.advance(),
                on_stretch=on_stretch,
                stop=stop,
                engine=engine,
            )
            analysis = replace(analysis, heart_rate=heart)
            files = tuple(results.finish(analysis))
    done = _finished(analysis, folder, files, options, whole=not analysis.video["interrupted"])
    return replace(done, problems=(*problems, *done.problems))


def _heart_beside(options: Options, info: MediaInfo) -> tuple[HeartRate | None, tuple[SpotterError, ...]]:
    """What a watch recorded of the heart during a video; that it did not, costs nothing else."""
    if not options.heart.watch:
        return None, ()
    try:
        return heart_of_video(options.heart.watch, info, options.records.started), ()
    except SpotterError as error:
        return None, (error,)


def _joint_engine(options: Options, info: MediaInfo) -> JointEngine | None:
    """A new engine for joints; None for the pose engine."""
    if options.landmarks is not None:
        from spotter.exchange.landmark_engine import PlayedLandmarks
        from spotter.exchange.landmarks import read_landmarks

        fps = info.fps if math.isfinite(info.fps) else DEFAULT_FPS
        return PlayedLandmarks(
            read_landmarks(options.landmarks),
            size=(info.width, info.height),
            first=round((options.start_s or 0.0) * fps),
            fps=fps,
        )
    if options.joints == "pose":
        return None
    from spotter.body.haar_joints import HaarJoints
    from spotter.body.part_engine import FastParts

    return HaarJoints(FastParts())


def _rerun_file(options: Options, name: str) -> AbstractContextManager[RerunFile | None]:
    """The file for Rerun, begun before the work, so that what keeps it from being written is told at once."""
    return nullcontext() if options.rerun is None else RerunFile(options.rerun, name)


def _hand_on(stretch: Stretch, results: Results, rerun: RerunFile | None) -> None:
    results.add(stretch)
    if rerun is not None:
        rerun.add(stretch)


def _finished(
    analysis: Analysis, folder: Path, files: tuple[Path, ...], options: Options, *, whole: bool = True
) -> Analysed:
    """A finished analysis; its session is handed on if it is whole, and that failing costs nothing else."""
    done = Analysed(analysis, folder, files if options.rerun is None else (*files, options.rerun))
    if not is_session(analysis):
        return done
    if not whole:
        return replace(done, stopped=True)
    try:
        kept = keep(folder, options.records, options.start_s or 0.0)
    except SpotterError as error:
        return replace(done, problems=(error,))
    return replace(done, kept=kept, problems=kept.problems)


def _own_folder(out: Path, video: Path, taken: set[Path]) -> Path:
    """A folder for a video's results that no other video of this run has."""
    stem = video.stem if video.is_file() else video.name
    folder, number = out / stem, 2
    while folder in taken:
        folder, number = out / f"{stem}-{number}", number + 1
    taken.add(folder)
    return folder
