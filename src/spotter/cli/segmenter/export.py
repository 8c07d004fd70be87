"""``spotter segmenter export``: a trained segmenter as a file for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.choices import one_of
from spotter.cli.output import print_json

if TYPE_CHECKING:
    from rich.console import Console

    from spotter.segmenter.export import Target
    from spotter.segmenter.export_onnx import Weights

TARGETS: tuple[Target, ...] = ("onnx", "safetensors", "h5")
WEIGHTS: tuple[Weights, ...] = ("f32", "f16", "int8")


def export_command(
    model: Annotated[Path, typer.Argument(help="The model's folder.")],
    to: Annotated[str, typer.Option(help=f"The format: {', '.join(TARGETS)}.")],
    out: Annotated[Path | None, typer.Option(help="Its folder; the model's own if not said.")] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="How ONNX stores weights: f32, f16 (half the size; usual) or int8 (a quarter)."),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(help="Picture, folder or video to compare on; else pictures kept out of training."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else.")
    ] = False,
) -> None:
    """Write a trained segmenter as ONNX, which runs without PyTorch, or its weights as safetensors or .h5.

    ONNX is run and compared with the model; one that finds other things is an error and is not kept. What
    came of it is shown, and written to parity.md and parity.json.
    """
    from spotter.errors import ExportError
    from spotter.report.terminal import error_console
    from spotter.segmenter.export import export
    from spotter.segmenter.parity_report import JSON_NAME

    target = one_of("--to", to, TARGETS)
    chosen = None if weights is None else one_of("--weights", weights, WEIGHTS)
    console = error_console(as_json)
    failure: ExportError | None = None
    file, size = None, None
    try:
        exported = export(
            model,
            target,
            out,
            weights=chosen,
            pictures=pictures,
            progress=lambda what: console.print(f"  {what}", style="dim", markup=False),
        )
        file, size = exported.file, exported.size
    except ExportError as error:  # how far it is off is shown first
        failure = error
    written = (model if out is None else out) / JSON_NAME
    document: dict[str, Any] = {"file": None if file is None else str(file), "size": size}
    if target == "onnx" and written.is_file():
        document |= json.loads(written.read_text("utf-8"))
        _print_table(document, console)
    if as_json:
        print_json(document)
    if failure is not None:
        raise failure
    console.print(f"Wrote {file}.", markup=False, soft_wrap=True)


def _print_table(document: dict[str, Any], console: Console) -> None:
    """What came of comparing, a way of storing weights a line."""
    from rich.table import Table

    from spotter.segmenter.parity_report import HEADINGS, cells

    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0))
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == HEADINGS[0] else "right")
    for row in document["files"]:
        table.add_row(*cells(row), style="bold red" if row["failures"] else "")
    console.print()
    console.print(table)
    console.print("Differences: the greatest, and the mean in brackets.")
    for source in dict.fromkeys(f"{row['pictures']} pictures, {row['source']}" for row in document["files"]):
        console.print(f"Compared with the model on {source}.", markup=False)
