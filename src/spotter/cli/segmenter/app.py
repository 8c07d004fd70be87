"""``spotter segmenter``: its commands."""

from __future__ import annotations

import typer

from spotter.cli.segmenter import evaluate, export, train

app = typer.Typer(
    help="Mask R-CNN for people and the parts of their bodies: from annotated pictures to a model.",
    no_args_is_help=True,
)
app.command("train")(train.train_command)
app.command("evaluate")(evaluate.evaluate_command)
app.command("export")(export.export_command)
