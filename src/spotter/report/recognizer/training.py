"""The page of a training: what it was done with, how the losses went, and how good the result is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from spotter.media.writing import write_text
from spotter.recognizer.curves import best_step, stages
from spotter.recognizer.head import Step
from spotter.recognizer.judged import Evaluation
from spotter.recognizer.settings import Trained
from spotter.report.plots import Bar, Series, bar_chart, line_chart
from spotter.report.recognizer.evaluation import (
    accuracy_ring,
    accuracy_tiles,
    evaluation_sections,
    percent,
)
from spotter.report.shell import Tile, page_html, picture_uri
from spotter.report.templates import asset, fragment
from spotter.report.words import counted, duration, number

STAGE_WORDS = {
    "backbone": "getting the network ready",
    "photos": "reading the photos",
    "features": "looking at the pictures",
    "head": "training the last layer",
    "finetune": "training the network",
    "scratch": "training the network",
    "save": "saving the model",
}
"""The stages of a training, in words."""

_SHEET_SIDE = 1600


@dataclass(frozen=True, slots=True)
class CountRow:
    """A class in the table of photos."""

    name: str
    train: int
    validation: int
    train_share: float
    validation_share: float


def write_training(
    path: Path,
    trained: Trained,
    validation: Evaluation,
    sheet: NDArray[np.uint8] | None = None,
    versions: Mapping[str, str] | None = None,
) -> None:
    """Write the page.

    Args:
        path: where it goes, such as report.html in the model's folder.
        trained: what came of the training.
        validation: how the network did on the held-back photos before it saw them; see `judge`.
        sheet: a picture that shows what augmentation does, RGB of shape (height, width, 3).
        versions: name to version of what made it; Spotter's own if None.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, training_html(trained, validation, sheet, versions))


def training_html(
    trained: Trained,
    validation: Evaluation,
    sheet: NDArray[np.uint8] | None = None,
    versions: Mapping[str, str] | None = None,
) -> str:
    """The page as text; see `write_training`."""
    body = fragment(
        "recognizer/training.html.j2",
        css=Markup(asset("recognizer/training.css")),
        charts=learning_charts(trained.steps),
        learnt=_learnt(trained),
        counts=_counts(trained),
        split=_split(trained),
        settings=_settings(trained),
        spent=_spent(trained.spent_s),
        sheet="" if sheet is None else picture_uri(sheet, _SHEET_SIDE),
        sheet_size=(0, 0) if sheet is None else (sheet.shape[1], sheet.shape[0]),
        judged=evaluation_sections(validation, trained.folder),
    )
    seconds = sum(trained.spent_s.values())
    tiles = [*accuracy_tiles(validation)[:2], Tile(duration(seconds), "to train it", "from photos to model")]
    total = counted(len(trained.train) + len(trained.validation), "photo", "photos")
    return page_html(
        f"How {trained.folder.resolve().name} was trained",
        body,
        meta=f"{total} of {', '.join(trained.card.classes)} · {trained.card.backbone}, "
        f"{trained.card.strategy}",
        ring=accuracy_ring(validation),
        tiles=tiles,
        versions=versions,
    )


def learning_charts(steps: tuple[Step, ...]) -> list[Markup]:
    """Losses and accuracy over the epochs, with a mark where another stage begins and at the best epoch."""
    if not steps:
        return []
    x = np.arange(1, len(steps) + 1, dtype=np.float64)
    losses = [
        Series("training", x, _finite([step.train_loss for step in steps])),
        Series("validation", x, _finite([step.validation_loss for step in steps])),
    ]
    accuracy = _finite([step.validation_accuracy for step in steps])
    marks = _marks(steps)
    return [
        line_chart("Loss", losses, about=_about_losses(steps), x_label="epoch", marks=marks),
        line_chart(
            "Right on held-back photos",
            [Series("validation", x, accuracy)],
            about=f"Accuracy on the held-back photos, at last {percent(steps[-1].validation_accuracy)}.",
            x_label="epoch",
            y_range=(0.0, 1.0),
            write=lambda share: f"{100 * share:.0f} %",
            marks=marks,
        ),
    ]


def _finite(values: list[float]) -> NDArray[np.float64]:
    array = np.array(values, np.float64)
    return np.where(np.isfinite(array), array, np.nan)


def _marks(steps: tuple[Step, ...]) -> list[tuple[float, str]]:
    """Where each stage but the first begins, and the best epoch of the last."""
    parts = stages(steps)
    marks, done = [], 0
    for part in parts[:-1]:
        done += len(part)
        marks.append((done + 0.5, "next stage"))
    best = best_step(parts[-1])
    if best is not None:
        place = done + 1 + [step.epoch for step in parts[-1]].index(best.epoch)
        marks.append((float(place), f"best: {place}"))
    return marks


def _about_losses(steps: tuple[Step, ...]) -> str:
    last = steps[-1]
    return (
        f"Training and validation loss over {counted(len(steps), 'epoch', 'epochs')}, at last "
        f"{number(last.train_loss, 3)} and {number(last.validation_loss, 3)}."
    )


def _learnt(trained: Trained) -> list[str]:
    """What the curves say and what became of it, in sentences."""
    calibration = trained.card.calibration
    said = []
    best = best_step(stages(trained.steps)[-1]) if trained.steps else None
    if best is not None:
        said.append(
            f"The weights of epoch {best.epoch} were kept: its validation loss, "
            f"{best.validation_loss:.3f}, was the lowest."
        )
    said.append(
        f"Probabilities were calibrated with the temperature {calibration.temperature:.2f} "
        "(1 would change nothing; higher makes the model less sure)."
    )
    if trained.card.task == "single" and calibration.unknown_below > 0:
        said.append(f"An answer that is less than {percent(calibration.unknown_below)} sure is “unknown”.")
    if trained.card.task == "multi":
        limits = zip(trained.card.classes, calibration.thresholds, strict=True)
        said.append("Named from: " + ", ".join(f"{name} {percent(limit)}" for name, limit in limits) + ".")
    if trained.card.training.get("trained_again_on_all"):
        said.append(
            "After that it was trained again with all photos, the held-back ones too. The "
            "figures here are from before, of photos that it had not seen."
        )
    return said


def _counts(trained: Trained) -> list[CountRow]:
    train, validation = trained.train.counts(), trained.validation.counts()
    most = max([train[name] + validation[name] for name in train], default=0) or 1
    return [
        CountRow(
            name,
            train[name],
            validation[name],
            100 * train[name] / most,
            100 * validation[name] / most,
        )
        for name in trained.card.classes
    ]


def _split(trained: Trained) -> str:
    train = {photo.group for photo in trained.train.photos}
    held = {photo.group for photo in trained.validation.photos}
    if any(photo.part is not None for photo in trained.validation.photos):
        return "The folders or the table said which photos are held back."
    if None in train | held:
        return (
            "Nobody said who is in which photo, so the photos were split one by one: if a person is in "
            "training and validation both, the figures are too good. --group says who is who."
        )
    return (
        f"Split by group: {counted(len(train), 'person or group', 'people or groups')} to train with, "
        f"{len(held)} others held back."
    )


def _settings(trained: Trained) -> list[tuple[str, str]]:
    """What it was trained with, as terms and words."""
    card, training = trained.card, trained.card.training
    facts = [
        ("Backbone", card.backbone),
        ("Strategy", card.strategy),
        ("Answers with", "one class a picture" if card.task == "single" else "any number of labels"),
        ("Pixels", f"{card.side} by {card.side}"),
    ]
    if "augment" in training:
        facts.append(("Made of each photo", str(training["augment"])))
    if "seed" in training:
        facts.append(("Seed", str(training["seed"])))
    facts.append(("Epochs", str(len(trained.steps))))
    if card.author:
        facts.append(("Author", card.author))
    if card.licence:
        facts.append(("Licence", card.licence))
    return facts


def _spent(spent_s: Mapping[str, float]) -> Markup:
    most = max(spent_s.values(), default=0.0) or 1.0
    bars = [
        Bar(STAGE_WORDS.get(name, name), seconds / most, duration(seconds))
        for name, seconds in spent_s.items()
    ]
    return bar_chart(bars, about="Time by stage.")
