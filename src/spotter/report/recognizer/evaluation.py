"""The page of an evaluation: how good a recognizer is, what it takes for what, and what it looks at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from spotter.media.writing import write_text
from spotter.recognizer.judged import Evaluation
from spotter.recognizer.metrics import wilson_interval
from spotter.report.plots import reliability_chart
from spotter.report.recognizer.confused import confusion_section
from spotter.report.recognizer.looked_at import LookedAt
from spotter.report.recognizer.shown import mistake_views, right_views
from spotter.report.recognizer.worse import trial_rows
from spotter.report.shell import Ring, Tile, page_html
from spotter.report.templates import asset, fragment
from spotter.report.words import UNKNOWN, counted

_MOST_LEFT_OUT = 50


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class in the table, its figures as they are written, with the shares that bars are drawn by."""

    name: str
    n: int
    figures: tuple[tuple[str, str, float], ...]


def write_evaluation(
    path: Path,
    evaluation: Evaluation,
    folder: Path,
    photos_name: str,
    versions: Mapping[str, str] | None = None,
) -> None:
    """Write the page.

    Args:
        path: where it goes.
        evaluation: what came of it.
        folder: the model's, to work out where the network looked.
        photos_name: what the photos are called.
        versions: name to version of what made it; Spotter's own if None.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, evaluation_html(evaluation, folder, photos_name, versions))


def evaluation_html(
    evaluation: Evaluation, folder: Path, photos_name: str, versions: Mapping[str, str] | None = None
) -> str:
    """The page as text; see `write_evaluation`."""
    card = evaluation.card
    return page_html(
        f"How well {folder.resolve().name} sees",
        evaluation_sections(evaluation, folder),
        meta=f"{counted(len(evaluation), 'photo', 'photos')} of {photos_name} · "
        f"{card.backbone}, {card.strategy}",
        ring=accuracy_ring(evaluation),
        tiles=accuracy_tiles(evaluation),
        versions=versions,
    )


def evaluation_sections(evaluation: Evaluation, folder: Path) -> Markup:
    """All that stands between the page's head and foot; the page of a training has it too."""
    looked_at = LookedAt(folder)
    return fragment(
        "recognizer/evaluation.html.j2",
        css=Markup(asset("recognizer/evaluation.css")),
        confusion=confusion_section(evaluation),
        rows=_class_rows(evaluation),
        multi=evaluation.card.task == "multi",
        reliability=_reliability(evaluation),
        trust=_trust(evaluation),
        mistakes=mistake_views(evaluation, looked_at),
        mistake_count=len(evaluation.mistakes),
        looked=right_views(evaluation, looked_at),
        why_not=looked_at.why_not,
        trials=trial_rows(evaluation),
        tried=evaluation.robustness[0] if evaluation.robustness else None,
        left_out=evaluation.left_out[:_MOST_LEFT_OUT],
        left_out_count=len(evaluation.left_out),
        notes=_notes(evaluation),
    )


def accuracy_ring(evaluation: Evaluation) -> Ring:
    """The accuracy as a page's main figure."""
    label = "all right" if evaluation.card.task == "multi" else "right"
    return Ring(evaluation.accuracy, percent(evaluation.accuracy), label)


def accuracy_tiles(evaluation: Evaluation) -> list[Tile]:
    """The figures beside the accuracy."""
    low, high = evaluation.interval
    wrong = len(evaluation.mistakes)
    tiles = [
        Tile(f"{_short(low)} to {_short(high)} %", "is likely the truth", "the 95 % interval"),
        Tile(str(wrong), "wrong" if wrong != 1 else "wrong one", f"of {len(evaluation)} photos"),
    ]
    if evaluation.card.task == "multi":
        tiles += [
            Tile(percent(evaluation.mean_average_precision), "average precision", "mean of the labels"),
            Tile(percent(evaluation.label_accuracy), "of all labels right", "a yes or no for each"),
        ]
    else:
        unknown = len(evaluation) - int(evaluation.answered.sum())
        tiles.append(Tile(str(unknown), "“unknown”", "not sure enough for an answer"))
    return tiles


def percent(share: float, digits: int = 1) -> str:
    """A share in per cent, with a dash where it is not known.

    >>> percent(0.9754), percent(1.0), percent(math.nan) == UNKNOWN
    ('97.5 %', '100 %', True)
    """
    if not math.isfinite(share):
        return UNKNOWN
    return f"{_short(share, digits)} %"


def _short(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f}" if share < 1 else "100"


def _class_rows(evaluation: Evaluation) -> list[ClassRow]:
    rows = []
    for name, scores in evaluation.classes.items():
        figures = (
            ("Precision", scores.precision),
            ("Recall", scores.recall),
            ("F1", scores.f1),
            ("Average precision", scores.average_precision),
        )
        rows.append(
            ClassRow(name, scores.n, tuple((label, percent(value), value) for label, value in figures))
        )
    return rows


def _reliability(evaluation: Evaluation) -> Markup:
    found = evaluation.reliability
    return reliability_chart(
        found.confidence,
        found.accuracy,
        found.counts,
        about=f"How often answers were right against how sure the model was; they differ by "
        f"{100 * found.error:.1f} % on average.",
    )


def _trust(evaluation: Evaluation) -> list[str]:
    """What confidence and "unknown" are worth, in sentences."""
    found = evaluation.reliability
    said = [
        "On average, what it says of its sureness and how often it is right differ by "
        f"{100 * found.error:.1f} points (the expected calibration error; 0 is best)."
    ]
    full = found.counts > 0
    gap = np.average(found.confidence[full] - found.accuracy[full], weights=found.counts[full])
    if abs(gap) >= 0.01:
        said.append(f"It is {'surer' if gap > 0 else 'less sure'} than it should be.")
    if evaluation.card.task == "multi":
        return said
    limit = evaluation.card.calibration.unknown_below
    if limit > 0:
        said.append(f"Below {100 * limit:.0f} % it answers “unknown”.")
    unknown = len(evaluation) - int(evaluation.answered.sum())
    if unknown:
        said.append(
            f"It does so for {counted(unknown, 'photo', 'photos')}; of its other answers "
            f"{percent(evaluation.answered_accuracy)} are right."
        )
    return said


def _notes(evaluation: Evaluation) -> list[str]:
    low, high = wilson_interval(int(evaluation.right.sum()), len(evaluation))
    groups = {photo.group for photo in evaluation.photos if photo.group is not None}
    notes = [
        "Right is an answer that names exactly what the photo shows: its likeliest class. Only where some "
        "photos are of nothing that the model knows, “unknown” is an answer too.",
        f"With these photos the accuracy is known to ±{50 * (high - low):.1f} points (Wilson's interval). "
        "It takes the photos for independent of each other; photos of few people say less than that.",
    ]
    if groups:
        notes.append(f"The photos are of {counted(len(groups), 'person or group', 'people or groups')}.")
    notes.append(
        "Precision: of the photos called so, how many are. Recall: of the photos that are, how many were "
        "called so. F1: both in one figure. Average precision: how well the probability sorts the photos, "
        "whatever the threshold."
    )
    return notes
