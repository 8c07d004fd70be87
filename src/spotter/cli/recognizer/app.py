"""``spotter recognizer``: its commands."""

from __future__ import annotations

import typer

from spotter.cli.recognizer import augment, check, collect, evaluate, export, live, predict, train

app = typer.Typer(
    help="A model that knows what a picture shows: from a folder of photos to a phone.", no_args_is_help=True
)
app.command("check")(check.check_command)
app.command("collect")(collect.collect_command)
app.command("discard")(collect.discard_command)
app.command("augment")(augment.augment_command)
app.command("train")(train.train_command)
app.command("evaluate")(evaluate.evaluate_command)
app.command("predict")(predict.predict_command)
app.command("live")(live.live_command)
app.command("export")(export.export_command)
