"""``spotter segmenter evaluate``: how good a model is on annotated pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spotter.cli.choices import one_of
from spotter.cli.output import print_json
from spotter.errors import UsageError

if TYPE_CHECKING:
    from spotter.segmenter.evaluate import Split

SPLITS: tuple[Split, ...] = ("val", "train", "all")

PAGE, FIGURES = "evaluation.html", "evaluation.json"


def evaluate_command(
    model: Annotated[Path, typer.Argument(help="The model: a folder, or one of Matterport's .h5 files.")],
    data: Annotated[
        Path, typer.Argument(help="Annotated pictures: COCO's JSON and its relatives, or label maps.")
    ],
    layout: Annotated[
        str | None, typer.Option(help="How they are arranged, such as coco; found by looking if not said.")
    ] = None,
    split: Annotated[
        str, typer.Option(help=f"Which of them: {', '.join(SPLITS)}; val are those kept out of training.")
    ] = "val",
    score: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Precision, recall and F1 count from here on; where F1 is best if not said.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="No more pictures than this, drawn by chance.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help=f"The folder for {PAGE} and {FIGURES}; the model's own if not said."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else.")
    ] = False,
) -> None:
    """Evaluate a model: COCO's AP and AR, precision, recall and F1, IoU of label maps, the worst pictures.

    The pictures should show other people than those that it was trained with.
    """
    import json

    from spotter.media.writing import write_text
    from spotter.report.segmenter.evaluation import write_evaluation
    from spotter.report.segmenter.told import print_evaluation
    from spotter.report.terminal import error_console, progress
    from spotter.segmenter.dataset import read_annotations
    from spotter.segmenter.evaluate import chosen_pictures, evaluate
    from spotter.segmenter.evaluate_split import drawn_then
    from spotter.segmenter.judged_document import document
    from spotter.segmenter.open_model import open_model

    chosen = one_of("--split", split, SPLITS)
    if out is None and not model.is_dir():
        raise UsageError(f"{model} is no folder that the evaluation can be put into; name one with --out")
    segmenter = open_model(model)
    console = error_console(quiet=as_json)
    annotations = read_annotations(data, layout, **drawn_then(segmenter.card.training, data))
    for note in annotations.notes:
        console.print(f"  {note}", markup=False, soft_wrap=True)
    count = len(chosen_pictures(annotations, chosen, limit))
    with progress(console, "judging the pictures", count) as meter:
        found = evaluate(
            segmenter,
            annotations,
            split=chosen,
            score=score,
            limit=limit,
            part_score=segmenter.card.score,
            progress=lambda done, total: meter.advance(),
        )
    folder = model if out is None else out
    figures = document(found)
    write_text(folder / FIGURES, json.dumps(figures, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    write_evaluation(folder / PAGE, found, model.resolve().name, data.resolve().name)
    print_evaluation(found, folder / PAGE, console)
    if as_json:
        print_json(figures, allow_nan=False)
