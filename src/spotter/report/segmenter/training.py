"""The page of a segmenter's training: losses and AP, what it was done with, and how good the result is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from spotter.media.writing import write_text
from spotter.report.plots import Series, line_chart
from spotter.report.recognizer.evaluation import percent
from spotter.report.segmenter.evaluation import evaluation_sections
from spotter.report.segmenter.training_examples import example_legend, example_views
from spotter.report.segmenter.words import spaced
from spotter.report.shell import Ring, Tile, page_html
from spotter.report.templates import asset, fragment
from spotter.report.words import counted, duration, number
from spotter.segmenter.annotation import Annotated
from spotter.segmenter.curve import EpochCurve
from spotter.segmenter.trained import Trained

_LOSSES = (
    ("Where there is something", {"whether": "objectness", "where": "proposals"}),
    ("What it is, and its box", {"class": "classes", "box": "boxes"}),
    ("Its mask", {"mask": "masks"}),
    ("The class of each pixel", {"pixel": "pixels"}),
)
"""The losses one by one: what a chart is of, and the fields of `EpochCurve` by the names of their lines."""

_MOST_NOTES = 30


@dataclass(frozen=True, slots=True)
class CountRow:
    """A class in the table of what is marked."""

    name: str
    train: int
    held: int
    train_share: float
    held_share: float


def write_training(path: Path, trained: Trained, versions: Mapping[str, str] | None = None) -> None:
    """Write the page.

    Args:
        path: where it goes, such as report.html in the model's folder.
        trained: what came of the training.
        versions: name to version of what made it; Spotter's own if None.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, training_html(trained, versions))


def training_html(trained: Trained, versions: Mapping[str, str] | None = None) -> str:
    """The page as text; see `write_training`."""
    data, best = trained.data, trained.best
    body = fragment(
        "segmenter/training.html.j2",
        css=Markup(asset("recognizer/training.css") + asset("segmenter/training.css")),
        charts=main_charts(trained.curve, trained.best_epoch),
        losses=loss_charts(trained.curve),
        learnt=_learnt(trained),
        counts=_counts(trained),
        pictures=f"{counted(len(data.train), 'picture', 'pictures')} to learn from, "
        f"{len(data.val)} held back to judge by.",
        settings=_settings(trained),
        notes=data.notes[:_MOST_NOTES],
        notes_count=len(data.notes),
        examples=example_views(trained.seen, data.classes),
        legend=example_legend(trained.seen, data.classes),
        judged=evaluation_sections(trained.evaluation) if trained.evaluation else None,
    )
    seconds = sum(row.seconds for row in trained.curve)
    each_s = seconds / (len(data.train) * len(trained.curve))
    tiles = [
        *(
            Tile(percent(value), words)
            for value, words in ((best.mask_ap, "AP of masks"), (best.box_ap, "AP of boxes"))
            if math.isfinite(value)
        ),
        Tile(f"{best.epoch} of {len(trained.curve)}", "epochs", "the best one was kept"),
        Tile(
            duration(seconds),
            "to train it",
            f"{number(1000 * each_s)} ms a picture",
        ),
    ]
    return page_html(
        f"How {trained.folder.resolve().name} was trained",
        body,
        meta=f"{trained.card.network} · {', '.join(spaced(name) for name in data.classes)}",
        ring=_ring(best),
        tiles=tiles,
        versions=versions,
    )


def main_charts(curve: Sequence[EpochCurve], best: int) -> list[Markup]:
    """The sum of the losses, and AP on the held-back pictures if there are any, over the epochs."""
    marks = [(float(best), f"best: {best}")] if math.isfinite(curve[best - 1].ap) else []
    last = curve[-1]
    charts = [
        line_chart(
            "Loss",
            [_series("training", curve, "loss")],
            about=f"The sum of all losses over {counted(len(curve), 'epoch', 'epochs')}, at last "
            f"{number(last.loss, 3)}.",
            x_label="epoch",
            marks=marks,
        )
    ]
    judged = [
        _series(name, curve, field)
        for name, field in (("masks", "mask_ap"), ("boxes", "box_ap"))
        if any(math.isfinite(getattr(row, field)) for row in curve)
    ]
    if judged:
        charts.append(
            line_chart(
                "AP on held-back pictures",
                judged,
                about=f"Average precision on the held-back pictures: of masks at last "
                f"{percent(last.mask_ap)}, of boxes {percent(last.box_ap)}.",
                x_label="epoch",
                y_range=(0.0, 1.0),
                write=lambda share: f"{100 * share:.0f} %",
                marks=marks,
            )
        )
    return charts


def loss_charts(curve: Sequence[EpochCurve]) -> list[Markup]:
    """Each loss over the epochs, of those that the network has."""
    return [
        line_chart(
            title,
            [_series(name, curve, field) for name, field in lines.items()],
            about=f"{title}: "
            + ", ".join(
                f"{name} at last {number(getattr(curve[-1], field), 3)}" for name, field in lines.items()
            ),
        )
        for title, lines in _LOSSES
        if any(math.isfinite(getattr(row, field)) for row in curve for field in lines.values())
    ]


def _series(name: str, curve: Sequence[EpochCurve], field: str) -> Series:
    x = np.array([row.epoch for row in curve], np.float64)
    return Series(name, x, np.array([getattr(row, field) for row in curve], np.float64))


def _ring(best: EpochCurve) -> Ring | None:
    if math.isfinite(best.mask_ap50):
        return Ring(best.mask_ap50, percent(best.mask_ap50), "mask AP50")
    return Ring(best.box_ap, percent(best.box_ap), "box AP") if math.isfinite(best.box_ap) else None


def _learnt(trained: Trained) -> list[str]:
    """What became of it, in sentences."""
    said = [f"{trained.began[:1].upper()}{trained.began[1:]}."]
    if math.isfinite(trained.best.ap):
        said.append(
            f"The weights of epoch {trained.best_epoch} were kept: its AP on the held-back pictures was the "
            "highest. Because it was chosen by these pictures, the figures are a little too good; pictures "
            "that nobody looked at while training tell more."
        )
    else:
        said.append(
            "No picture was held back, so the weights of the last epoch were kept, and how good they are is "
            "not known."
        )
    said.append(f"What is found is shown from a score of {number(trained.card.score, 2)} on.")
    return said


def _counts(trained: Trained) -> list[CountRow]:
    data = trained.data
    numbers = range(1, len(data.classes) + 1)
    train, held = ([_count(pictures, number) for number in numbers] for pictures in (data.train, data.val))
    most = max((a + b for a, b in zip(train, held, strict=True)), default=0) or 1
    return [
        CountRow(spaced(name), a, b, 100 * a / most, 100 * b / most)
        for name, a, b in zip(data.classes, train, held, strict=True)
    ]


def _count(pictures: Sequence[Annotated], label: int) -> int:
    return sum(one.label == label and not one.crowd for picture in pictures for one in picture.instances)


def _settings(trained: Trained) -> list[tuple[str, str]]:
    """What it was trained with, as terms and words."""
    settings, card = trained.settings, trained.card
    facts = [
        ("Network", settings.network),
        ("Pixels", f"{settings.side} by {settings.side}"),
        ("Pictures a step", str(settings.batch)),
        ("Steps added up", str(settings.accumulate)),
        ("Learning rate", f"{settings.rate:g}, of the backbone {settings.rate * settings.backbone_rate:g}"),
        ("Warm-up", counted(settings.warm_up, "step", "steps")),
        ("Frozen", counted(settings.frozen or 0, "block", "blocks") + " of the backbone"),
        ("Pictures changed", "at random" if settings.augment else "not at all"),
        ("Looks", "twice" if card.twice else "once"),
        ("Seed", str(settings.seed)),
    ]
    if card.author:
        facts.append(("Author", card.author))
    if card.licence:
        facts.append(("Licence", card.licence))
    return facts
