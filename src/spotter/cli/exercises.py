"""``spotter exercises``: which exercises there are, what they judge, and whether one of your own is right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The exercises that Spotter knows, and your own.", no_args_is_help=True)


@app.command("list")
def list_command() -> None:
    """List the exercises that come with Spotter."""
    from spotter.coach.schema import shipped_exercises

    known = shipped_exercises()
    width = max(len(name) for name in known)
    for name, exercise in known.items():
        typer.echo(f"{name:{width}}  {exercise.about}")


@app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="An exercise's name, or the path of a TOML file.")],
) -> None:
    """Show how an exercise is counted and what is judged, with the sources."""
    from spotter.coach.schema import find_exercise
    from spotter.coach.summary import value_in_words

    exercise = find_exercise(name)
    typer.echo(f"{exercise.title}\n  {exercise.about}\n  Camera: {exercise.camera}")
    for rule in exercise.faults:
        side = "above" if rule.above is not None else "below"
        views = " or ".join(rule.views)
        typer.echo(f"\n  {rule.title} ({rule.name}, {rule.severity}; seen from {views})")
        typer.echo(f"    {rule.measure} {side} {value_in_words(rule.limit, rule.unit)} ({rule.during})")
        typer.echo(f"    Say: {rule.cue}\n    Source: {rule.source}")


@app.command("measures")
def measures_command() -> None:
    """List the angles and measures that an exercise can use."""
    from spotter.motion.measures import units

    width = max(len(name) for name in units())
    for name, unit in units().items():
        typer.echo(f"{name:{width}}  {unit}")


@app.command("check")
def check_command(
    files: Annotated[list[Path], typer.Argument(help="TOML files of exercises.")],
) -> None:
    """Check exercises of your own: the file, the key and the allowed values are named where one is wrong."""
    from spotter.coach.schema import read_exercise

    for file in files:
        exercise = read_exercise(file)
        typer.echo(f"{file}: {exercise.title} is right, with {len(exercise.faults)} faults.")
