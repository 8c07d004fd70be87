"""``spotter recognizer train``: from a folder of photos to a model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.choices import LAYOUTS, one_of
from spotter.cli.output import print_json
from spotter.errors import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from rich.console import Console

    from spotter.recognizer.dataset import PhotoSet
    from spotter.recognizer.settings import Strategy, TrainSettings

STRATEGIES: tuple[Strategy, ...] = ("features", "finetune")


def train_command(
    photos: Annotated[Path, typer.Argument(help="A folder with a folder of photos a class, or a table.")],
    out: Annotated[Path, typer.Option(help="The model's folder.")] = Path("spotter-model"),
    strategy: Annotated[
        str, typer.Option(help="features: train a head only; finetune: then the last blocks too.")
    ] = "features",
    backbone: Annotated[
        str,
        typer.Option(help="onboard, mobilenet_v1, mobilenet_v2, ..., timm:NAME, a file, figure2, figure3."),
    ] = "onboard",
    augment: Annotated[int, typer.Option(min=1, help="Pictures that are made of each photo.")] = 10,
    group: Annotated[
        str | None,
        typer.Option(help="Who is in a photo: a pattern of file names, or a column. They stay together."),
    ] = None,
    layout: Annotated[str, typer.Option(help=f"How the photos are arranged: {', '.join(LAYOUTS)}.")] = "auto",
    validation: Annotated[
        float, typer.Option(min=0.05, max=0.5, help="The share of the photos that is held back.")
    ] = 0.2,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many; 100 or 10 if not said.")] = None,
    blocks: Annotated[
        int, typer.Option(min=0, help="Of finetune: how many last blocks are trained; 0 for all.")
    ] = 1,
    label_smoothing: Annotated[float, typer.Option(min=0.0, max=0.9, help="0 for none.")] = 0.0,
    no_class_weights: Annotated[
        bool, typer.Option("--no-class-weights", help="Let frequent classes count more than rare ones.")
    ] = False,
    random_weights: Annotated[
        bool, typer.Option("--random-weights", help="Begin with random weights, not with the backbone's own.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same model.")] = 0,
    author: Annotated[str, typer.Option(help="Written into the model.")] = "",
    licence: Annotated[str, typer.Option(help="Written into the model.")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the model's figures as JSON on standard output.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
) -> None:
    """Train a model on photos, and write it, with a report, into a folder.

    Needs no network and no PyTorch as it stands; finetune and other backbones need spotter-coach[train].
    After Ctrl-C the same command goes on where it was.
    """
    from spotter.recognizer.layouts import read_photos
    from spotter.recognizer.settings import TrainSettings
    from spotter.report.terminal import error_console

    settings = TrainSettings(
        strategy=one_of("--strategy", strategy, STRATEGIES),
        backbone=backbone,
        augment=augment,
        seed=seed,
        validation=validation,
        epochs=epochs,
        blocks=blocks,
        label_smoothing=label_smoothing,
        class_weights=not no_class_weights,
        random_weights=random_weights,
        author=author,
        licence=licence,
    )
    known = read_photos(photos, group=group, layout=one_of("--layout", layout, LAYOUTS))
    try:
        document = _train(known, out, settings, error_console(quiet or as_json))
    except KeyboardInterrupt:
        print("spotter: stopped; run the same command again to go on where it was", file=sys.stderr)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        print_json(document)


def _train(photos: PhotoSet, out: Path, settings: TrainSettings, console: Console) -> dict[str, Any]:
    from spotter.recognizer.augment_sheet import augmentation_sheet
    from spotter.recognizer.judged import judge
    from spotter.recognizer.train import train
    from spotter.report.recognizer.live_curves import live_curves
    from spotter.report.recognizer.told import print_evaluation
    from spotter.report.recognizer.training import write_training

    with live_curves(console) as watch:
        trained = train(photos, out, settings, watch)
    held = judge(trained.card, trained.validation, trained.probabilities, left_out=trained.train.left_out)
    page = out / "report.html"
    write_training(page, trained, held, augmentation_sheet(trained.train, seed=settings.seed))
    print_evaluation(held, page, console)
    return {"model": str(out), "classes": list(trained.card.classes), **trained.card.training}
