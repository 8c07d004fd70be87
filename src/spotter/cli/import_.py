"""``spotter import``: what watches and other programs recorded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.output import print_json
from spotter.errors import SpotterError

if TYPE_CHECKING:
    from spotter.exchange.importing import Recorded

_MOST_LINES = 20


def import_command(
    files: Annotated[
        list[Path], typer.Argument(help="FIT, TCX or GPX files, Apple Health's export.xml or export.zip.")
    ],
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print what was found as JSON on standard output, and nothing else."),
    ] = False,
) -> None:
    """Read the activities that a watch or another program recorded, and say what was found.

    A file that cannot be read is told, and the others go on; the exit code is that of the first failure.
    """
    from spotter.exchange.importing import read_recorded

    documents: list[dict[str, Any]] = []
    code = 0
    for file in files:
        try:
            found = read_recorded(file)
        except SpotterError as error:
            code = code or error.exit_code
            documents.append({"path": str(file), "error": str(error)})
            print(f"spotter: {error}", file=sys.stderr)
            continue
        documents.append({"path": str(file), "activities": [document(one) for one in found]})
        if not as_json:
            _tell(file, found)
    if as_json:
        print_json({"schema": 1, "files": documents}, allow_nan=False)
    raise typer.Exit(code)


def document(recorded: Recorded) -> dict[str, Any]:
    """What was recorded, ready for ``json.dumps``; of the heart how many readings, mean and maximum."""
    heart = recorded.heart_rate
    return {
        "started": recorded.started.isoformat(),
        "duration_s": round(recorded.duration_s, 3),
        "sport": recorded.sport,
        "calories": recorded.calories,
        "source": recorded.source,
        "heart_rate": heart
        and {
            "readings": len(heart.time_s),
            "mean_bpm": round(float(heart.bpm.mean()), 1),
            "max_bpm": float(heart.bpm.max()),
        },
        "warnings": list(recorded.warnings),
    }


def _tell(file: Path, found: tuple[Recorded, ...]) -> None:
    """Print a line an activity, the last ones if there are many."""
    from spotter.report.words import counted

    typer.echo(f"{file}: {counted(len(found), 'activity', 'activities')}")
    if len(found) > _MOST_LINES:
        typer.echo(f"  ... {len(found) - _MOST_LINES} before these; --json lists all")
    for one in found[-_MOST_LINES:]:
        typer.echo(f"  {_line(one)}")
    for warning in dict.fromkeys(warning for one in found for warning in one.warnings):
        typer.echo(f"spotter: {file.name}: {warning}", err=True)


def _line(one: Recorded) -> str:
    heart = one.heart_rate
    parts = [
        f"{one.started.astimezone():%Y-%m-%d %H:%M}",
        f"{one.duration_s / 60:.0f} min",
        one.sport,
        "no heart rate" if heart is None else f"heart {heart.bpm.mean():.0f} to {heart.bpm.max():.0f} bpm",
        *([] if one.calories is None else [f"{one.calories:.0f} kcal"]),
        *([one.source] if one.source else []),
    ]
    return ", ".join(parts)
