"""``spotter analyze``: from a video to counted, measured and judged repetitions."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from spotter.cli.choices import one_of
from spotter.cli.interrupt import until_interrupted
from spotter.cli.output import print_json
from spotter.errors import EXIT_INTERRUPTED, SpotterError, UsageError

if TYPE_CHECKING:
    from spotter.body.joint_source import JointEngine
    from spotter.body.part_source import OpenEngine, PartEngine
    from spotter.coach.analysis import Analysis
    from spotter.coach.analyze import PersonChoice
    from spotter.coach.exercise import Exercise
    from spotter.coach.stretch import Stretch


Joints = Literal["pose", "haar"]


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for, beside the video."""

    exercise: Exercise | None
    out: Path
    person: PersonChoice
    start_s: float | None
    end_s: float | None
    height_cm: float | None
    with_video: bool
    open_parts: OpenEngine | None
    joints: Joints
    quiet: bool

    @property
    def passes(self) -> int:
        """How often the frames are gone through: a second time to draw them and to find body parts."""
        return 2 if self.with_video or self.open_parts is not None else 1

    def part_engine(self) -> PartEngine | None:
        """A new engine for body parts; None where they are not wanted."""
        return self.open_parts() if self.open_parts is not None else None

    def joint_engine(self) -> JointEngine | None:
        """A new engine for joints; None for the pose engine."""
        if self.joints == "pose":
            return None
        from spotter.body.haar_joints import HaarJoints
        from spotter.body.part_engine import FastParts

        return HaarJoints(FastParts())


def analyze_command(
    videos: Annotated[
        list[Path] | None, typer.Argument(help="Videos, pictures, or folders of them.", show_default=False)
    ] = None,
    exercise: Annotated[
        str, typer.Option(help="The exercise, a TOML file of your own, or auto to recognise it.")
    ] = "auto",
    out: Annotated[Path, typer.Option(help="Folder for the results; each video gets its own in it.")] = Path(
        "spotter-results"
    ),
    person: Annotated[str, typer.Option(help="largest, all, or a person's number.")] = "largest",
    start: Annotated[float | None, typer.Option(help="Begin at this second of the video.")] = None,
    end: Annotated[float | None, typer.Option(help="End at this second.")] = None,
    height: Annotated[float | None, typer.Option(help="The person's height in cm, for true lengths.")] = None,
    parts: Annotated[
        str | None,
        typer.Option(
            help="Also find body parts, by fast or maskrcnn: drawn in the video, areas in parts.csv. "
            "Takes about twice as long with fast."
        ),
    ] = None,
    joints: Annotated[
        str,
        typer.Option(
            help="What finds the joints: pose, or haar for the paper's cascades and masks (a baseline)."
        ),
    ] = "pose",
    no_video: Annotated[bool, typer.Option("--no-video", help="Write no annotated video.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the analysis as JSON on standard output, and nothing else.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
    camera: Annotated[
        int | None, typer.Option(help="Record and analyse this camera until Ctrl-C; the first is 0.")
    ] = None,
) -> None:
    """Count, measure and judge the exercise in videos.

    Each video gets a folder with report.html, annotated.mp4, analysis.json, reps.csv and angles.csv, and with
    --parts also parts.csv.
    """
    from spotter.coach.schema import find_exercise

    if (camera is None) == (not videos):
        raise UsageError("give a video, a folder of videos, or --camera NUMBER (one of them)")
    options = Options(
        exercise=None if exercise == "auto" else find_exercise(exercise),
        out=out,
        person=_person(person),
        start_s=start,
        end_s=end,
        height_cm=height,
        with_video=not no_video,
        open_parts=None if parts is None else _part_opener(parts),
        joints=one_of("--joints", joints, ("pose", "haar")),
        quiet=quiet or as_json,
    )
    with until_interrupted() as stop:
        documents, code = (
            _analyze_camera(camera, options, stop)
            if camera is not None
            else _analyze_videos(videos or [], options, stop)
        )
    if as_json and documents:
        print_json(documents[0] if len(documents) == 1 else documents)
    raise typer.Exit(EXIT_INTERRUPTED if stop.is_set() and camera is None else code)


def _analyze_videos(
    paths: list[Path], options: Options, stop: threading.Event
) -> tuple[list[dict[str, Any]], int]:
    """Every video in turn; one that fails is told and the others go on. Documents, and the exit code."""
    from spotter.media.files import list_media

    videos = [video for path in paths for video in list_media(path)]
    documents, code, folders = [], 0, set[Path]()
    for video in videos:
        if stop.is_set():
            break
        folder = _own_folder(options.out, video, folders)
        try:
            documents.append(_analyze_one(video, folder, options, stop))
        except SpotterError as error:
            if len(videos) == 1:
                raise
            print(f"spotter: {error}", file=sys.stderr)
            code = code or error.exit_code
    return documents, code


def _analyze_one(video: Path, folder: Path, options: Options, stop: threading.Event) -> dict[str, Any]:
    from spotter.coach.analyze import analyze
    from spotter.media.reader import open_media
    from spotter.report.results import Results
    from spotter.report.terminal import error_console, progress

    console = error_console(options.quiet)
    with open_media(video, start_s=options.start_s, end_s=options.end_s) as source:
        frames = source.info.frame_count
    keep_drawing = False  # the part seen before a Ctrl-C is drawn; a Ctrl-C while drawing ends that
    with progress(console, video.name, frames * options.passes) as meter:

        def on_stretch(stretch: Stretch) -> None:
            nonlocal keep_drawing
            keep_drawing = stop.is_set()
            results.add(stretch)

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
                engine=options.joint_engine(),
            )
            files = results.finish(analysis)
    return _told(analysis, options, files)


def _analyze_camera(number: int, options: Options, stop: threading.Event) -> tuple[list[dict[str, Any]], int]:
    """Record the camera until Ctrl-C while the bodies are followed, then write the results."""
    import time

    from spotter.coach.analyze import analyze_source
    from spotter.media.camera import open_camera
    from spotter.media.frame import Frame
    from spotter.media.writer import VideoWriter
    from spotter.report.results import Results
    from spotter.report.terminal import error_console, progress

    folder = options.out / time.strftime("camera-%Y%m%d-%H%M%S")
    recording = folder / "recording.mp4"
    console = error_console(options.quiet)
    with (
        open_camera(number) as source,
        Results(
            folder, recording, with_video=options.with_video, part_engine=options.part_engine()
        ) as results,
    ):
        stretches: list[Stretch] = []
        writer = VideoWriter(recording, source.info.width, source.info.height, source.info.fps)
        with writer, progress(console, f"camera {number}, stop with Ctrl-C", 0) as meter:

            def on_frame(frame: Frame) -> None:
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
                engine=options.joint_engine(),
            )
        for stretch in stretches:
            results.add(stretch)
        files = results.finish(analysis)
    return [_told(analysis, options, [recording, *files])], 0


def _told(analysis: Analysis, options: Options, files: list[Path]) -> dict[str, Any]:
    """Print the summary, and give the analysis as its JSON document."""
    from spotter.coach.schema import shipped_exercises
    from spotter.report.files import analysis_document
    from spotter.report.terminal import error_console, print_summary

    known = options.exercise or shipped_exercises().get(analysis.exercise.name or "")
    titles = {rule.name: rule.title for rule in known.faults} if known else {}
    print_summary(analysis, titles, files, error_console(options.quiet))
    return analysis_document(analysis)


def _own_folder(out: Path, video: Path, taken: set[Path]) -> Path:
    """A folder for a video's results that no other video of this run has."""
    stem = video.stem if video.is_file() else video.name
    folder, number = out / stem, 2
    while folder in taken:
        folder, number = out / f"{stem}-{number}", number + 1
    taken.add(folder)
    return folder


def _part_opener(engine: str) -> OpenEngine:
    from spotter.segmentation import engine_opener

    return engine_opener(engine)


def _person(text: str) -> PersonChoice:
    if text == "largest":
        return "largest"
    if text == "all":
        return "all"
    if text.isdigit() and int(text) > 0:
        return int(text)
    raise UsageError(f"--person is {text!r}; allowed are largest, all, or a person's number such as 1")
