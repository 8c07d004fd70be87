"""``spotter analyze``: from a video to counted, measured and judged repetitions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.choices import one_of
from spotter.cli.interrupt import until_interrupted
from spotter.cli.moments import moment_of
from spotter.cli.output import print_json
from spotter.errors import EXIT_INTERRUPTED, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from spotter.analysis_job import Analysed, Options
    from spotter.body.part_source import OpenEngine
    from spotter.coach.analyze import PersonChoice
    from spotter.records import Records


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
    height: Annotated[
        float | None, typer.Option(help="The person's height in cm, for true lengths.", show_default=False)
    ] = None,
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
    landmarks: Annotated[
        Path | None,
        typer.Option(
            help="Joints of the one video that OpenPose, MediaPipe, RTMPose or another program found (COCO)."
        ),
    ] = None,
    rerun: Annotated[
        Path | None, typer.Option(help="Also a file of the one video for Rerun's viewer, FILE.rrd.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Whose session it is; who the settings say, or me.", show_default=False)
    ] = None,
    weight: Annotated[
        list[float] | None,
        typer.Option(help="Kilograms of each set in turn, one option a set; the last one goes on."),
    ] = None,
    started: Annotated[
        str | None,
        typer.Option(
            help="When the video was taken, such as 2026-05-04T18:30 (in this machine's time zone)."
        ),
    ] = None,
    history: Annotated[
        bool | None,
        typer.Option(
            "--history/--no-history",
            help="Keep the session (spotter history); it is unless the settings say otherwise.",
            show_default=False,
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="Of the history: a SQLite file, or postgresql+psycopg://USER:PASSWORD@HOST/NAME."),
    ] = None,
    heart_rate: Annotated[
        str | None,
        typer.Option(
            help="What a watch recorded meanwhile: FIT, TCX, GPX or Apple Health's export; with --camera "
            "strap, for the one that was paired, or its address.",
            show_default=False,
        ),
    ] = None,
    drop: Annotated[
        Path | None, typer.Option(help="A folder that gets the finished session's file for fitness apps.")
    ] = None,
    drop_format: Annotated[
        str | None, typer.Option(help="That file is fit or tcx; fit unless the settings say otherwise.")
    ] = None,
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

    Each video gets a folder with report.html, annotated.mp4, analysis.json, reps.csv, angles.csv and
    landmarks.npz, and with --parts also parts.csv.
    """
    if (camera is None) == (not videos):
        raise UsageError("give a video, a folder of videos, or --camera NUMBER (one of them)")
    if landmarks is not None and (camera is not None or joints != "pose"):
        raise UsageError("--landmarks are joints of a video; leave out --camera and --joints")
    if started is not None and camera is not None:
        raise UsageError("--started is for a video; what a camera sees begins now")
    from spotter.analysis_job import Options, analyze_camera, analyze_videos, videos_of
    from spotter.coach.schema import named_exercise
    from spotter.heart_job import heart_source
    from spotter.records import choose
    from spotter.report.terminal import error_console
    from spotter.settings import DROP_FORMATS, load_settings

    settings = load_settings()
    records = choose(
        settings,
        name=name,
        weights_kg=tuple(weight or ()),
        started=moment_of("--started", started),
        history=history,
        database=database,
        drop=drop,
        drop_format=None if drop_format is None else one_of("--drop-format", drop_format, DROP_FORMATS),
    )
    own = records.name == settings.person and person != "all"  # whose height and strap are set
    options = Options(
        exercise=named_exercise(exercise),
        out=out,
        person=_person(person),
        start_s=start,
        end_s=end,
        height_cm=settings.height_cm if height is None and own else height,
        with_video=not no_video,
        open_parts=None if parts is None else _part_opener(parts),
        joints=one_of("--joints", joints, ("pose", "haar")),
        landmarks=landmarks,
        rerun=rerun,
        records=records,
        heart=heart_source(
            heart_rate,
            settings.heart_rate if own else None,
            camera=camera is not None,
            several=person == "all",
        ),
    )
    console = error_console(quiet or as_json)
    with until_interrupted() as stop:
        found = (
            analyze_videos(videos_of(videos or [], options), options, console, stop)
            if camera is None
            else iter([analyze_camera(camera, options, console, stop)])
        )
        done = [_told(one, options, console) for one in found]
    documents = [document for one in done for document in _documents(one)]
    if as_json and documents:
        print_json(documents[0] if len(documents) == 1 else documents)
    code = next((problem.exit_code for one in done for problem in one.problems), 0)
    raise typer.Exit(EXIT_INTERRUPTED if stop.is_set() and camera is None else code)


def _told(one: Analysed, options: Options, console: Console) -> Analysed:
    """Print what was found, where it is, what became of the session, and what failed."""
    from rich.text import Text

    from spotter.coach.schema import shipped_exercises
    from spotter.report.terminal import print_summary

    if one.analysis is not None:
        known = options.exercise or shipped_exercises().get(one.analysis.exercise.name or "")
        titles = {rule.name: rule.title for rule in known.faults} if known else {}
        print_summary(one.analysis, titles, one.files, console)
        for word, what in _session_lines(one, options.records):
            console.print(Text.assemble("  ", (f"{word:<13}", "dim"), what), soft_wrap=True)
    for problem in one.problems:
        print(f"spotter: {problem}", file=sys.stderr)
    return one


def _session_lines(one: Analysed, records: Records) -> Iterator[tuple[str, str]]:
    """What became of a session: a word, and what there is to say."""
    from spotter.records import history_installed

    kept = one.kept
    if kept is None:
        if one.stopped and (records.history or records.drop is not None):
            yield "history", f"not kept, as the analysis was stopped; spotter history add {one.folder} does"
        return
    if kept.in_history:
        people = sum(bool(one.count or one.holds) for one in one.analysis.people) if one.analysis else 0
        most = f" (who did most of {people} people)" if people > 1 else ""
        began = f"began {kept.session.started:%Y-%m-%d %H:%M}, {kept.when}"
        place = ", in place of what was kept of this recording before" if kept.before else ""
        yield "history", f"{kept.session.id[:8]} of {kept.session.person}{most}, {began}{place}"
    elif records.history and not history_installed():
        extra = "pip install 'spotter-coach[records]' begins a history"
        yield "history", f"not kept: {extra}, spotter settings set keep false ends this line"
    if kept.dropped is not None:
        yield records.drop_format, str(kept.dropped)


def _documents(one: Analysed) -> list[dict[str, Any]]:
    """The analysis as it is printed with --json; nothing where it failed."""
    from spotter.report.files import analysis_document

    return [] if one.analysis is None else [analysis_document(one.analysis)]


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
