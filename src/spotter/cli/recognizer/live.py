"""``spotter recognizer live``: what a camera or a video shows when."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.interrupt import until_interrupted
from spotter.cli.output import print_json
from spotter.errors import EXIT_INTERRUPTED, SpotterError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from spotter.media.frame import Frame
    from spotter.media.source import MediaSource
    from spotter.media.writer import VideoWriter
    from spotter.recognizer.live import LiveAnswer, Watch
    from spotter.recognizer.predict import Recognizer
    from spotter.report.recognizer.filmstrip import Filmstrip
    from spotter.report.recognizer.timeline import Watched

_KEEP_EVERY_S = 30.0

Show = Callable[["LiveAnswer | None", int], None]
"""Is told of every frame: the newest answer, and how many pictures were left out."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for, beside the model and the video."""

    interval_s: float
    folder: Path
    camera: bool
    with_video: bool
    seconds: float | None
    quiet: bool


@dataclass(slots=True)
class Seen:
    """What was seen so far."""

    answers: list[LiveAnswer] = field(default_factory=list)
    frames: int = 0
    dropped: int = 0
    lost: SpotterError | None = None


def live_command(
    model: Annotated[Path, typer.Argument(help="The model's folder.")],
    video: Annotated[Path | None, typer.Argument(help="A video.", show_default=False)] = None,
    camera: Annotated[
        int | None, typer.Option(help="Watch this camera until Ctrl-C; the first is 0.")
    ] = None,
    interval: Annotated[float, typer.Option(help="Seconds from one prediction to the next.")] = 0.2,
    out: Annotated[Path, typer.Option(help="Folder for the results; each video gets its own in it.")] = Path(
        "spotter-live"
    ),
    with_video: Annotated[
        bool, typer.Option("--video/--no-video", help="Write an annotated video too.")
    ] = False,
    seconds: Annotated[float | None, typer.Option(help="Stop after this many seconds.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print timeline.json on standard output, and nothing else.")
    ] = False,
) -> None:
    """Watch a camera or a video: what is in the middle of the picture, and when.

    Writes timeline.html, timeline.png, timeline.csv, intervals.csv and timeline.json.
    """
    from spotter.recognizer.predict import Recognizer

    if (camera is None) == (video is None):
        raise UsageError("give a video or --camera NUMBER (one of them)")
    if seconds is not None and not 0 < seconds < math.inf:
        raise UsageError(f"--seconds is {seconds:g}; give a number above 0")
    recognizer = Recognizer.load(model)
    with until_interrupted() as stop, _opened(video, camera, seconds) as source:
        name = time.strftime("camera-%Y%m%d-%H%M%S") if video is None else source.info.name
        options = Options(interval, out / name, video is None, with_video, seconds, as_json)
        document, lost = _watch(source, recognizer, options, stop)
    if as_json:
        print_json(document, allow_nan=False)
    if lost is not None:
        raise lost
    raise typer.Exit(EXIT_INTERRUPTED if stop.is_set() and video is not None else 0)


def _opened(video: Path | None, camera: int | None, seconds: float | None) -> MediaSource:
    from spotter.media.camera import open_camera
    from spotter.media.reader import open_media

    if video is not None:
        return open_media(video, end_s=seconds)
    return open_camera(camera or 0)


def _watch(
    source: MediaSource, recognizer: Recognizer, options: Options, stop: threading.Event
) -> tuple[dict[str, Any], SpotterError | None]:
    """Watch to the end and write the results; the JSON document, and what broke the watching off."""
    from spotter.report.recognizer.filmstrip import Filmstrip
    from spotter.report.recognizer.live_terminal import print_watched
    from spotter.report.terminal import error_console

    console = error_console(options.quiet)
    film = Filmstrip()
    seen = _seen(source, recognizer, options, stop, film, console)
    watched = _watched(source, recognizer, options, seen, film)
    document, files = _write(source, watched, options, seen)
    print_watched(watched, files, console)
    return document, seen.lost


def _seen(
    source: MediaSource,
    recognizer: Recognizer,
    options: Options,
    stop: threading.Event,
    film: Filmstrip,
    console: Console,
) -> Seen:
    """Go through the frames; what breaks off on the way leaves what was seen before."""
    from spotter.recognizer.live import watch
    from spotter.report.recognizer.bars import draw_bars

    seen = Seen()
    last_s = math.inf

    def on_frame(frame: Frame, newest: LiveAnswer | None) -> None:
        nonlocal last_s
        film.add(frame.time_s, frame.image)
        if writer is not None:
            writer.write(draw_bars(frame.image, newest.prediction if newest else None), frame.time_s)
        show(newest, watching.dropped)
        if options.camera and options.seconds is not None:
            last_s = min(last_s, frame.time_s + options.seconds)
            if frame.time_s >= last_s:
                stop.set()

    watching = watch(
        source,
        recognizer,
        interval_s=options.interval_s,
        live=options.camera,
        on_frame=on_frame,
        stop=stop,
    )
    try:
        with _writer(source, options) as writer, _display(source, options, console) as show:
            seen.lost = _collected(watching, seen.answers, recognizer, options)
    except SpotterError as error:  # the video could not be finished
        seen.lost = seen.lost or error
    seen.frames, seen.dropped = watching.frames, watching.dropped
    return seen


def _collected(
    watching: Watch, answers: list[LiveAnswer], recognizer: Recognizer, options: Options
) -> SpotterError | None:
    """Gather the answers, kept on disk every half a minute; what broke them off."""
    from spotter.media.writing import write_text
    from spotter.recognizer.timeline import TIMELINE_CSV, Timeline, timeline_csv

    kept_s = time.monotonic()
    try:
        for answer in watching:
            answers.append(answer)
            if time.monotonic() - kept_s >= _KEEP_EVERY_S:
                timeline = Timeline.of(answers, recognizer.classes, options.interval_s)
                write_text(options.folder / TIMELINE_CSV, timeline_csv(timeline))
                kept_s = time.monotonic()
    except SpotterError as error:
        return error
    return None


@contextmanager
def _display(source: MediaSource, options: Options, console: Console) -> Iterator[Show]:
    """The bars of the moment for a camera on a terminal, else how far the work is."""
    from rich.live import Live

    from spotter.report.recognizer.live_terminal import live_view
    from spotter.report.terminal import progress

    if not (options.camera and console.is_terminal):
        what = f"{source.info.path}, stop with Ctrl-C" if options.camera else source.info.name
        with progress(console, what, source.info.frame_count) as meter:
            yield lambda _newest, _dropped: meter.advance()
        return
    shown: LiveAnswer | None = None
    with Live(live_view(None, 0), console=console, auto_refresh=False, transient=True) as view:

        def show(newest: LiveAnswer | None, dropped: int) -> None:
            nonlocal shown
            if newest is not shown:
                shown = newest
                view.update(live_view(newest, dropped), refresh=True)

        yield show


def _writer(source: MediaSource, options: Options) -> VideoWriter | nullcontext[None]:
    from spotter.media.writer import VideoWriter

    if not options.with_video:
        return nullcontext()
    info = source.info
    return VideoWriter(options.folder / "annotated.mp4", info.width, info.height, info.fps)


def _watched(
    source: MediaSource, recognizer: Recognizer, options: Options, seen: Seen, film: Filmstrip
) -> Watched:
    import numpy as np

    from spotter.recognizer.timeline import Timeline
    from spotter.report.recognizer.timeline import Watched

    timeline = Timeline.of(seen.answers, recognizer.classes, options.interval_s)
    return Watched(
        name=options.folder.name if options.camera else Path(source.info.path).name,
        model=recognizer.folder.resolve().name,
        timeline=timeline,
        intervals=timeline.intervals(),
        film=film,
        took_s=np.array([answer.took_s for answer in seen.answers], np.float64),
        dropped=seen.dropped,
        warning=str(seen.lost or source.warning or ""),
    )


def _write(
    source: MediaSource, watched: Watched, options: Options, seen: Seen
) -> tuple[dict[str, Any], list[Path]]:
    """Write every file of the results; the JSON document and the files."""
    import numpy as np

    from spotter.recognizer.timeline import timeline_document, write_timeline
    from spotter.report.recognizer.timeline import TIMELINE_PAGE, write_page
    from spotter.report.recognizer.timeline_picture import TIMELINE_PNG, write_picture

    info, took_ms = source.info, 1000 * watched.took_s
    about = {
        "source": {"name": watched.name, "path": info.path, "width": info.width, "height": info.height},
        "model": watched.model,
        "frames": seen.frames,
        "predictions": len(watched.timeline),
        "dropped": watched.dropped,
        "prediction_ms": round(float(np.median(took_ms)), 3) if len(took_ms) else None,
        "warning": watched.warning or None,
    }
    files = write_timeline(options.folder, watched.timeline, watched.intervals, about)
    page, picture, video = (options.folder / name for name in (TIMELINE_PAGE, TIMELINE_PNG, "annotated.mp4"))
    write_page(page, watched)
    write_picture(picture, watched)
    drawn = [video] if options.with_video and video.is_file() else []
    return timeline_document(watched.timeline, watched.intervals, about), [page, picture, *drawn, *files]
