"""``spotter recognizer evaluate``: how good a model is on photos of which is known what they show."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from spotter.cli.choices import LAYOUTS, one_of
from spotter.cli.output import print_json


def evaluate_command(
    model: Annotated[Path, typer.Argument(help="The model's folder.")],
    photos: Annotated[Path, typer.Argument(help="A folder with a folder of photos a class, or a table.")],
    group: Annotated[
        str | None, typer.Option(help="Who is in a photo: a pattern of file names, or a column.")
    ] = None,
    layout: Annotated[str, typer.Option(help=f"How the photos are arranged: {', '.join(LAYOUTS)}.")] = "auto",
    out: Annotated[
        Path | None, typer.Option(help="The page; evaluation.html in the model's folder if not said.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else.")
    ] = False,
    no_robustness: Annotated[
        bool, typer.Option("--no-robustness", help="Do not try the photos made worse.")
    ] = False,
) -> None:
    """Evaluate a model: accuracy, confusion, calibration, mistakes, robustness, what it looked at.

    Everything is on one page. The photos should show other people than those that it was trained with.
    """
    from spotter.recognizer.evaluate import evaluate
    from spotter.recognizer.layouts import read_photos
    from spotter.recognizer.predict import Recognizer
    from spotter.report.recognizer.evaluation import write_evaluation
    from spotter.report.recognizer.live_curves import live_curves
    from spotter.report.recognizer.told import print_evaluation
    from spotter.report.terminal import error_console

    arranged = one_of("--layout", layout, LAYOUTS)
    recognizer = Recognizer.load(model)
    page = out if out is not None else model / "evaluation.html"
    console = error_console(quiet=as_json)
    judged = read_photos(photos, group=group, layout=arranged)
    with live_curves(console) as watch:
        found = evaluate(
            recognizer,
            judged,
            robustness=not no_robustness,
            progress=partial(watch.stage, "judging the photos"),
        )
    write_evaluation(page, found, model, photos.resolve().name)
    print_evaluation(found, page, console)
    if as_json:
        print_json(found.document())
