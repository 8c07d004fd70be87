"""``spotter segmenter train``: from annotated pictures to a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.output import print_json
from spotter.errors import SpotterError, TrainingError

if TYPE_CHECKING:
    from rich.console import Console

    from spotter.report.live_curves import LiveCurves
    from spotter.segmenter.annotation import Annotations
    from spotter.segmenter.curve import EpochCurve
    from spotter.segmenter.trained import Trained

PAGE = "report.html"


def train_command(
    data: Annotated[
        list[Path], typer.Argument(help="Annotated pictures: COCO's JSON and its relatives, or label maps.")
    ],
    out: Annotated[Path, typer.Option(help="The model's folder, and the checkpoint's.")],
    network: Annotated[
        str, typer.Option(help="parts (small and quick), mobilenetv3-large-fpn or resnet50-fpn-v2.")
    ] = "parts",
    layout: Annotated[
        str | None,
        typer.Option(help="How the pictures are arranged, such as coco; found by looking if not said."),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(help="person, parts, or names with commas between them; all of the data if not said."),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(help="Who is in a picture: a pattern of file names. They stay together."),
    ] = None,
    side: Annotated[
        int | None,
        typer.Option(min=64, help="Of the square that pictures are fitted into; the network's if not said."),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over all pictures.")] = 12,
    batch: Annotated[int, typer.Option(min=1, help="Pictures a step, of each process.")] = 4,
    accumulate: Annotated[
        int, typer.Option(min=1, help="Steps whose gradients are added up, where memory is short.")
    ] = 1,
    rate: Annotated[
        float | None, typer.Option(min=1e-8, help="The learning rate; the network's if not said.")
    ] = None,
    frozen: Annotated[
        int | None,
        typer.Option(min=0, help="First blocks of the backbone that stay as they are; 0 trains all."),
    ] = None,
    close: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Share of the pictures that show one person closely; 0: it looks only once."
        ),
    ] = None,
    no_augment: Annotated[
        bool, typer.Option("--no-augment", help="Train with the pictures as they are.")
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option(help="Begin with these: a file (.safetensors, .h5, .pth), or a model's folder."),
    ] = None,
    precise: Annotated[
        bool, typer.Option("--precise", help="Compute in float32, also where bfloat16 would be faster.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=0, help="Processes that make pictures ready; as many as pay if not said."),
    ] = None,
    judged: Annotated[
        int, typer.Option(min=1, help="At most so many held-back pictures are judged after each epoch.")
    ] = 200,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same losses.")] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint in --out, with the same options.")
    ] = False,
    author: Annotated[str, typer.Option(help="Written into the model.")] = "",
    licence: Annotated[str, typer.Option(help="Written into the model.")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the model's figures as JSON on standard output.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
) -> None:
    """Train Mask R-CNN on annotated pictures, and write the best weights, with a report, into a folder.

    Needs spotter-coach[train]. After Ctrl-C, or a power cut, the same command with --resume goes on where it
    was. With several GPUs: torchrun --nproc-per-node 2 -m spotter segmenter train DATA --out MODEL.
    """
    from spotter.report.segmenter.training_live import live_curves
    from spotter.report.terminal import error_console
    from spotter.segmenter.architecture import architecture
    from spotter.segmenter.job import train
    from spotter.segmenter.processes import joined
    from spotter.segmenter.settings import TrainSettings

    kind = architecture(network)
    with joined() as processes:
        settings = TrainSettings(
            network=network,
            side=side or kind.side,
            epochs=epochs,
            batch=batch,
            accumulate=accumulate,
            rate=rate or kind.rate,
            frozen=frozen,
            close=close,
            augment=not no_augment,
            precise=precise,
            workers=processes.helpers if workers is None else workers,
            judged=judged,
            seed=seed,
        )
        console = error_console(quiet or as_json or not processes.first)
        try:
            with live_curves(console) as watch:
                annotations = _read(data, layout, group, seed, classes, watch)
                trained = train(
                    annotations,
                    out,
                    settings,
                    processes,
                    weights=weights,
                    resume=resume,
                    author=author,
                    licence=licence,
                    watch=watch,
                )
        except SpotterError as error:
            if processes.first or isinstance(error, TrainingError):
                raise
            raise typer.Exit(error.exit_code) from None  # the first process says it
    if trained is not None:
        _tell(trained, console)
        if as_json:
            print_json(document(trained), allow_nan=False)


def document(trained: Trained) -> dict[str, Any]:
    """What came of a training, as JSON has it: what is not known is null."""
    import math
    from dataclasses import asdict

    rows = [
        {name: value if math.isfinite(value) else None for name, value in asdict(row).items()}
        for row in trained.curve
    ]
    return {
        "model": str(trained.folder),
        "network": trained.card.network,
        "classes": list(trained.card.classes),
        "score": trained.card.score,
        **trained.card.training,
        "curve": rows,
    }


def _read(
    folders: list[Path],
    layout: str | None,
    group: str | None,
    seed: int,
    classes: str | None,
    watch: LiveCurves[EpochCurve],
) -> Annotations:
    """All pictures with the classes that are to be learnt; what was left out is said."""
    from spotter.segmenter.classes import chosen_classes, united
    from spotter.segmenter.dataset import read_annotations

    sets = [
        read_annotations(
            folder,
            layout,
            group=group,
            seed=seed,
            progress=lambda done: watch.stage("pictures", done, 0),
        )
        for folder in folders
    ]
    found = chosen_classes(united(sets), classes)
    for note in found.notes:
        watch.say(note)
    return found


def _tell(trained: Trained, console: Console) -> None:
    """Write the page, and say in short how good the model is and where it lies."""
    from spotter.report.segmenter.told import print_evaluation
    from spotter.report.segmenter.training import write_training

    page = trained.folder / PAGE
    write_training(page, trained)
    if trained.evaluation is not None:
        print_evaluation(trained.evaluation, page, console)
    console.print(
        f"  {trained.folder} holds the model; to run it without PyTorch: "
        f"spotter segmenter export {trained.folder} --to onnx",
        markup=False,
        soft_wrap=True,
    )
