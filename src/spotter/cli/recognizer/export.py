"""``spotter recognizer export``: a trained model as files for phones, browsers and other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from spotter.cli.choices import one_of
from spotter.cli.output import print_json
from spotter.errors import ExportError

if TYPE_CHECKING:
    from rich.console import Console

    from spotter.recognizer.dataset import PhotoSet
    from spotter.recognizer.export_job import Precision, Target

_TARGETS: tuple[Target | Literal["all"], ...] = ("coreml", "tflite", "onnx", "openvino", "all")
_PRECISIONS: tuple[Precision, ...] = ("f32", "f16", "int8")


def export_command(
    model: Annotated[Path, typer.Argument(help="The model's folder.")],
    to: Annotated[str, typer.Option(help=f"The format: {', '.join(_TARGETS)}.")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("exported"),
    precision: Annotated[
        list[str] | None,
        typer.Option(help="f32, f16 (half the size) or int8 (a quarter); may be given several times."),
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option(help="Photos to check with, and to calibrate int8 with; else those of the training."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print parity.json on standard output, and nothing else.")
    ] = False,
) -> None:
    """Write a trained model as Core ML, TFLite, ONNX or OpenVINO, and check what was written.

    Each file is run and compared with the model; one that gives other answers is an error and is not kept.
    What came of it is shown, and written to parity.md and parity.json.
    """
    from spotter.recognizer.export import export
    from spotter.recognizer.parity_report import JSON_NAME
    from spotter.report.terminal import error_console

    target = one_of("--to", to, _TARGETS)
    precisions = [one_of("--precision", one, _PRECISIONS) for one in precision or ["f32"]]
    chosen = _read(photos)
    console = error_console(as_json)
    failures: list[ExportError] = []
    for one in dict.fromkeys(precisions):
        try:
            export(model, target, out, precision=one, photos=chosen, progress=_teller(console))
        except ExportError as error:  # the other precisions are written all the same
            failures.append(error)
    if (out / JSON_NAME).is_file():
        document = json.loads((out / JSON_NAME).read_text("utf-8"))
        _print_table(document, console)
        if as_json:
            print_json(document)
    if failures:
        raise ExportError("\n".join(str(error) for error in failures))


def _read(photos: Path | None) -> PhotoSet | None:
    if photos is None:
        return None
    from spotter.recognizer.layouts import read_photos

    return read_photos(photos)


def _teller(console: Console) -> Any:
    def tell(what: str, done: int, total: int) -> None:
        if done < total:
            console.print(f"  {what}", style="dim", markup=False)

    return tell


def _print_table(document: dict[str, Any], console: Console) -> None:
    """What came of comparing, a file a line; why a file was not written is told by the error."""
    from rich.table import Table

    from spotter.recognizer.parity_report import HEADINGS, cells

    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "file" else "right", no_wrap=heading == "file")
    for row in document["files"]:
        table.add_row(*cells(row), style="bold red" if row["failures"] else "")
    console.print()
    console.print(table)
    for source in dict.fromkeys(f"{row['pictures']} pictures, {row['source']}" for row in document["files"]):
        console.print(f"Compared with the model on {source}.", markup=False)
    runtimes = dict.fromkeys(row["runtime"] for row in document["files"])
    console.print(f"Run by {', '.join(runtimes)}.", markup=False)
