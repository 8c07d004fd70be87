"""``spotter recognizer collect`` and ``discard``: photos of the parts of a body, out of videos."""

from __future__ import annotations

import math
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spotter.cli.interrupt import until_interrupted
from spotter.cli.output import print_json
from spotter.errors import EXIT_INTERRUPTED, SpotterError, UsageError

if TYPE_CHECKING:
    from spotter.media.source import MediaSource
    from spotter.recognizer.collect import Collected, CollectSettings


def collect_command(
    videos: Annotated[
        list[Path] | None, typer.Argument(help="Videos, or folders of them.", show_default=False)
    ] = None,
    camera: Annotated[
        int | None, typer.Option(help="Collect from this camera until Ctrl-C; the first is 0.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the crops; it is made, or added to.")] = Path(
        "collected"
    ),
    most: Annotated[int, typer.Option(help="Crops of a part, at most.")] = 300,
    per_second: Annotated[float, typer.Option(help="Crops of a part of a person and second, at most.")] = 1.0,
    smallest: Annotated[int, typer.Option(help="Side of the smallest crop, in pixels.")] = 48,
    seconds: Annotated[float | None, typer.Option(help="Stop each video after this many seconds.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else.")
    ] = False,
) -> None:
    """Collect photos of face, hands, arms, legs, feet and torso from videos, sorted into folders.

    Sharp ones only, spread over time, each named by video and person. Look through them with review.html in
    the result folder, and throw bad ones out with spotter recognizer discard.
    """
    from spotter.recognizer.collect import CollectSettings
    from spotter.recognizer.collection import TABLE_NAME
    from spotter.report.recognizer.review import write_review

    if (camera is None) == (not videos):
        raise UsageError("give a video, a folder of videos, or --camera NUMBER (one of them)")
    if seconds is not None and not 0 < seconds < math.inf:
        raise UsageError(f"--seconds is {seconds:g}; give a number above 0")
    settings = CollectSettings(most=most, per_second=per_second, smallest=smallest)
    results: list[Collected] = []
    with until_interrupted() as stop:
        try:
            code = _collect_all(videos or [], camera, out, settings, seconds, results, stop, as_json)
        finally:
            page = write_review(out) if (out / TABLE_NAME).is_file() else None
    _tell(results, out, page, as_json)
    raise typer.Exit(EXIT_INTERRUPTED if stop.is_set() and camera is None else code)


def discard_command(
    folder: Annotated[Path, typer.Argument(help="The folder of crops.")],
    names: Annotated[Path, typer.Argument(help="The list that review.html saved: a crop a line.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else.")
    ] = False,
) -> None:
    """Throw out the crops of a list: they are moved into FOLDER/.discarded, and nothing is lost."""
    from spotter.recognizer.collection import DISCARDED_NAME, discard, read_list
    from spotter.report.recognizer.review import write_review

    done = discard(folder, read_list(names))
    write_review(folder)
    if as_json:
        print_json({"moved": done.moved, "gone": done.gone})
        return
    print(f"{len(done.moved)} crops moved into {folder / DISCARDED_NAME}", file=sys.stderr)
    if done.gone:
        print(f"{len(done.gone)} were not there (any more), such as {done.gone[0]}", file=sys.stderr)


def _collect_all(
    paths: list[Path],
    camera: int | None,
    out: Path,
    settings: CollectSettings,
    seconds: float | None,
    results: list[Collected],
    stop: threading.Event,
    quiet: bool,
) -> int:
    """Every video in turn; one that fails is told and the others go on. The exit code."""
    from spotter.media.camera import open_camera
    from spotter.media.files import list_media
    from spotter.media.reader import open_media

    if camera is not None:
        with open_camera(camera) as source:
            name = time.strftime("camera-%Y%m%d-%H%M%S")
            results.append(_collect_one(source, name, out, settings, 1, seconds, stop, quiet))
        return 0
    videos = [video for path in paths for video in list_media(path)]
    code = 0
    for number, video in enumerate(videos):
        if stop.is_set():
            break
        try:
            with open_media(video, end_s=seconds) as source:
                left = len(videos) - number
                name = _name(video, videos)
                results.append(_collect_one(source, name, out, settings, left, None, stop, quiet))
        except SpotterError as error:
            if len(videos) == 1:
                raise
            print(f"spotter: {error}", file=sys.stderr)
            code = code or error.exit_code
    return code


def _collect_one(
    source: MediaSource,
    name: str,
    out: Path,
    settings: CollectSettings,
    videos_left: int,
    seconds: float | None,
    stop: threading.Event,
    quiet: bool,
) -> Collected:
    from spotter.media.frame import Frame
    from spotter.recognizer.collect import collect
    from spotter.report.terminal import error_console, progress

    live = not source.info.frame_count
    what = f"{source.info.path}, stop with Ctrl-C" if live else source.info.name
    with progress(error_console(quiet), what, source.info.frame_count) as meter:

        def on_frame(frame: Frame) -> None:
            meter.advance()
            if seconds is not None and frame.time_s >= seconds:
                stop.set()

        return collect(source, name, out, settings, videos_left=videos_left, on_frame=on_frame, stop=stop)


def _name(video: Path, videos: list[Path]) -> str:
    """The video's name in the names of its crops, which no other of these videos has."""
    same = [other for other in videos if other.stem == video.stem]
    if len(same) == 1:
        return video.stem
    apart = {other.name for other in same}
    return video.name if len(apart) == len(same) else f"{video.stem}-{same.index(video) + 1}"


def _tell(results: list[Collected], out: Path, page: Path | None, as_json: bool) -> None:
    if as_json:
        document = {
            "out": str(out),
            "videos": [
                {
                    "video": one.video,
                    "kept": one.kept,
                    "people": one.people,
                    "why_not": one.why_not,
                    "warning": one.warning,
                }
                for one in results
            ],
            "review": str(page) if page else None,
        }
        print_json(document)
        return
    for line in _lines(results):
        print(line, file=sys.stderr)
    if page is not None:
        print(f"look through them: {page}", file=sys.stderr)


def _lines(results: list[Collected]) -> list[str]:
    """What was kept, and why a part is missing, a line each."""
    lines = []
    for one in results:
        kept = ", ".join(f"{count} {part}" for part, count in one.kept.items() if count)
        lines.append(f"{one.video}: {kept or 'nothing kept'}" + ("" if one.people else "; nobody was seen"))
        lines += [f"  no {part}: mostly {why}" for part, why in one.why_not.items()]
        lines += [f"  {one.warning}"] if one.warning else []
    return lines
