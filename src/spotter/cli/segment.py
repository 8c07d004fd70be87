"""``spotter segment``: from pictures and videos to masks of people and of the parts of their bodies."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.interrupt import until_interrupted
from spotter.cli.output import print_json
from spotter.errors import EXIT_INTERRUPTED, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from spotter.report.parts.results import Wanted
    from spotter.segment_job import Segmented

_MOST_LINES = 12


def segment_command(
    paths: Annotated[list[Path], typer.Argument(help="Videos, pictures, or folders of them.")],
    engine: Annotated[
        str,
        typer.Option(
            help="fast (from the pose engine, in real time), or maskrcnn (a network for instances)."
        ),
    ] = "fast",
    model: Annotated[
        str | None,
        typer.Option(
            help="Of maskrcnn: a model's folder, a name such as maskrcnn-coco, or Matterport's .h5 file; "
            "the model on board if not given."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("spotter-segments"),
    background: Annotated[
        str | None,
        typer.Option(help="Also the people before another one: blur, remove, a colour '#rrggbb', a picture."),
    ] = None,
    maps: Annotated[int, typer.Option(help="Of videos also the label map of every so many frames.")] = 0,
    max_people: Annotated[int, typer.Option(help="How many people are looked for.")] = 4,
    legend: Annotated[
        bool, typer.Option("--legend", help="Write the parts' names into the overlay.")
    ] = False,
    start: Annotated[float | None, typer.Option(help="Begin at this second of a video.")] = None,
    end: Annotated[float | None, typer.Option(help="End at this second.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was done as JSON on standard output, and nothing else.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
) -> None:
    """Find people and the parts of their bodies in pictures and videos, pixel by pixel.

    Of NAME.jpg come NAME_parts.png and NAME_people.png (maps of numbers) and NAME_overlay.jpg; of a video
    comes NAME_parts.mp4; of all together segments.json (COCO) and areas.csv.

    A file that cannot be read is told, and the others go on; the exit code is that of the first failure.
    """
    from spotter.report.parts.results import PartResults
    from spotter.report.terminal import error_console, progress
    from spotter.segment_job import segment_all, sources_of
    from spotter.segmentation import engine_opener

    wanted = _wanted(background, maps, legend)
    sources = sources_of(paths, out, wanted)
    opener = engine_opener(engine, model, max_people)
    console = error_console(quiet or as_json)
    about = {"engine": engine, **({"model": model} if model else {})}
    with until_interrupted() as stop, PartResults(out, wanted, about) as results:
        done = list(
            segment_all(
                sources,
                opener,
                results,
                start_s=start,
                end_s=end,
                start_meter=lambda what, frames: progress(console, what, frames),
                on_failure=lambda error: print(f"spotter: {error}", file=sys.stderr),
                stop=stop,
            )
        )
        files = results.close()
    _tell(done, files, wanted, console)
    if as_json:
        print_json(_document(done, files, about, stop.is_set()), allow_nan=False)
    code = next((one.error.exit_code for one in done if one.error is not None), 0)
    raise typer.Exit(EXIT_INTERRUPTED if stop.is_set() else code)


def _wanted(background: str | None, maps: int, legend: bool) -> Wanted:
    from spotter.report.parts.background import Background
    from spotter.report.parts.results import Wanted

    if maps < 0:
        raise UsageError(f"--maps is {maps}; give the number of frames from one map to the next, such as 10")
    return Wanted(Background.parse(background) if background is not None else None, maps, legend)


def _tell(done: Sequence[Segmented], files: Sequence[Path], wanted: Wanted, console: Console) -> None:
    """Print what was found in each source, and where the results are."""
    from spotter.report.words import counted

    good = [one for one in done if one.error is None]
    for one in good[:_MOST_LINES]:
        people = counted(len(one.people), "person", "people") if one.people else "nobody"
        frames = "" if one.source.is_picture else f" in {counted(one.frames, 'frame', 'frames')}"
        console.print(f"  {one.source.path.name}: {people}{frames}", markup=False)
        if one.warning:
            console.print(f"    note: {one.warning}", markup=False, style="yellow")
    if len(good) > _MOST_LINES:
        console.print(f"  ... and {len(good) - _MOST_LINES} more")
    if (
        wanted.background
        and wanted.background.kind == "remove"
        and not all(o.source.is_picture for o in good)
    ):
        red, green, blue = wanted.background.colour
        console.print(
            "  Videos cannot be transparent: where the background was is green "
            f"(#{red:02x}{green:02x}{blue:02x}).",
            markup=False,
        )
    own = [path for one in good for path in one.files]
    for path in [*own[:_MOST_LINES], *files]:
        console.print(f"  {path}", markup=False, soft_wrap=True)
    if len(own) > _MOST_LINES:
        console.print(f"  ... and {len(own) - _MOST_LINES} more files", markup=False)


def _document(
    done: Sequence[Segmented], files: Sequence[Path], about: dict[str, Any], interrupted: bool
) -> dict[str, Any]:
    return {
        "schema": 1,
        **about,
        "interrupted": interrupted,
        "files": [str(path) for path in files],
        "sources": [
            {"path": str(one.source.path), "error": str(one.error)}
            if one.error is not None
            else {
                "path": str(one.source.path),
                "kind": "picture" if one.source.is_picture else "video",
                "width": one.width,
                "height": one.height,
                "frames": one.frames,
                "people": list(one.people),
                "files": [str(path) for path in one.files],
                "warning": one.warning,
            }
            for one in done
        ],
    }
