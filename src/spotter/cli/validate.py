"""``spotter validate``: how Spotter's counts and names compare with a person's."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from spotter.cli.output import print_json


def validate_command(
    clips: Annotated[Path, typer.Argument(help="A folder with videos and a truth.json.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Count clips whose true counts are known, and compare."""
    from spotter.coach.validate import validate

    rows = []
    for one in validate(clips):
        worst = max(one.turn_errors_s, default=math.nan)
        rows.append(
            {
                "video": one.video,
                "exercise": one.exercise,
                "true_count": one.true_count,
                "count": one.count,
                "recognised": one.recognised,
                "worst_turn_error_s": worst if math.isfinite(worst) else None,
            }
        )
        if not as_json:
            mark = "right" if one.is_right else "WRONG"
            name = f"{one.exercise or 'no exercise'} (seen: {one.recognised or 'none'})"
            typer.echo(f"{mark}  {one.video:36} {one.count:3} of {one.true_count:3}  {name}")
    counts = sum(row["count"] == row["true_count"] for row in rows)
    names = sum(row["recognised"] == row["exercise"] for row in rows)
    if as_json:
        print_json({"clips": rows, "counts_right": counts, "names_right": names, "n": len(rows)})
    else:
        typer.echo(f"counts right {counts} of {len(rows)}, names right {names} of {len(rows)}")
