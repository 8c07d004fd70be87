"""The page of a segmenter's evaluation: figures with intervals, curves, mix-ups and the worst pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from spotter.media.writing import write_text
from spotter.report.plots import Bar, Series, bar_chart, line_chart
from spotter.report.recognizer.evaluation import percent
from spotter.report.segmenter.confused import confusion_table, mixed_up, shown_classes
from spotter.report.segmenter.told import note_on_score, notes_on_classes
from spotter.report.segmenter.words import ends, spaced, with_ends
from spotter.report.segmenter.worst import legend, worst_views
from spotter.report.shell import Ring, Tile, page_html
from spotter.report.templates import asset, fragment
from spotter.report.words import counted, number
from spotter.segmenter.average_precision import RECALLS
from spotter.segmenter.average_precision_overlaps import Floats
from spotter.segmenter.evaluate_parts import PartIou
from spotter.segmenter.judged import Evaluation, Judged
from spotter.segmenter.metrics import Estimate

_MOST_CURVES = 30
_MOST_LEFT_OUT = 50
_WORDS = {
    "Average precision": {
        "AP": "AP, IoU 0.5 to 0.95",
        "AP50": "AP50, IoU 0.5",
        "AP75": "AP75, IoU 0.75",
        "small": "small things",
        "medium": "medium things",
        "large": "large things",
    },
    "Average recall": {
        "AR1": "surest of each class",
        "AR10": "10 of each class",
        "AR100": "100 of each class",
        "AR_small": "small things",
        "AR_medium": "medium things",
        "AR_large": "large things",
    },
}
Text = tuple[str, str]
"""A figure as it is written, and its interval; empty where there is none."""

_OF_CLASS = (
    ("AP", "AP"), ("AP50", "AP50"), ("small", "Small"), ("medium", "Medium"), ("large", "Large"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class in a table.

    Attributes:
        name: in words.
        n: how many are marked.
        figures: heading, value and interval as they are written.
    """

    name: str
    n: int
    figures: tuple[tuple[str, str, str], ...]


def write_evaluation(
    path: Path,
    evaluation: Evaluation,
    model_name: str,
    data_name: str,
    versions: Mapping[str, str] | None = None,
) -> None:
    """Write the page.

    Args:
        path: where it goes.
        evaluation: what came of it.
        model_name: what the model is called.
        data_name: what the pictures are called.
        versions: name to version of what made it; Spotter's own if None.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, evaluation_html(evaluation, model_name, data_name, versions))


def evaluation_html(
    evaluation: Evaluation, model_name: str, data_name: str, versions: Mapping[str, str] | None = None
) -> str:
    """The page as text; see `write_evaluation`."""
    return page_html(
        f"How well {model_name} sees",
        evaluation_sections(evaluation),
        meta=f"{counted(evaluation.n, 'picture', 'pictures')} of {data_name} · "
        f"{', '.join(spaced(name) for name in evaluation.classes) or 'pixels only'}",
        ring=_ring(evaluation),
        tiles=_tiles(evaluation),
        versions=versions,
    )


def evaluation_sections(evaluation: Evaluation) -> Markup:
    """All that stands between the page's head and foot; the page of a training has it too."""
    kinds = _kinds(evaluation)
    best = evaluation.best
    return fragment(
        "segmenter/evaluation.html.j2",
        css=Markup(asset("segmenter/evaluation.css")),
        figures=_figures(kinds),
        kinds=[name for name, _ in kinds],
        classes=[(name, _class_rows(judged, evaluation.classes)) for name, judged in kinds],
        curves=_curves(kinds, evaluation.classes),
        confusion=confusion_table(best, evaluation.classes) if best and _any_seen(best) else None,
        mixed_up=mixed_up(evaluation),
        score=note_on_score(evaluation),
        iou=_iou_charts(evaluation.iou),
        worst=worst_views(evaluation),
        legend=legend(evaluation),
        left_out=evaluation.left_out[:_MOST_LEFT_OUT],
        left_out_count=len(evaluation.left_out),
        notes=_notes(evaluation),
    )


def _kinds(evaluation: Evaluation) -> list[tuple[str, Judged]]:
    """Masks and boxes, as far as they were judged."""
    kinds = (("Masks", evaluation.masks), ("Boxes", evaluation.boxes))
    return [(name, judged) for name, judged in kinds if judged is not None]


def _any_seen(judged: Judged) -> bool:
    return bool(shown_classes(judged.confusion))


def _ring(evaluation: Evaluation) -> Ring | None:
    """The one main figure: AP50 of masks, else of boxes."""
    best = evaluation.best
    if best is None or math.isnan(best.average["AP50"].value):
        return None
    value = best.average["AP50"].value
    return Ring(value, percent(value), "mask AP50" if evaluation.masks else "box AP50")


def _tiles(evaluation: Evaluation) -> list[Tile]:
    tiles = []
    for name, judged in _kinds(evaluation):
        average = judged.average["AP"]
        tiles.append(Tile(percent(average.value), f"AP of {name.lower()}", _remark(average)))
    if evaluation.best is not None:
        f1 = evaluation.best.overall.f1
        tiles.append(
            Tile(percent(f1.value), f"F1 from a score of {number(evaluation.score, 2)} on", _remark(f1))
        )
    if evaluation.iou is not None:
        parts = next(
            (
                (one, words)
                for one, words in (
                    (evaluation.iou.parts, "mean IoU of the parts"),
                    (evaluation.iou.pascal, "mean IoU of six parts"),
                    (evaluation.iou.person, "IoU of people"),
                )
                if math.isfinite(one.value)
            ),
            None,
        )
        if parts is not None:
            tiles.append(Tile(percent(parts[0].value), parts[1], _remark(parts[0])))
    tiles.append(Tile(f"{number(evaluation.ms_a_picture)} ms", "a picture", "the median, reading it aside"))
    return tiles


def _remark(one: Estimate) -> str:
    return f"{ends(one)} % likely" if ends(one) else ""


def _figures(kinds: Sequence[tuple[str, Judged]]) -> list[tuple[str, list[tuple[str, list[Text]]]]]:
    """COCO's figures in two tables, each with what it is of masks and boxes."""
    return [
        (
            heading,
            [(words, [_text(judged.average[name]) for _, judged in kinds]) for name, words in rows.items()],
        )
        for heading, rows in _WORDS.items()
    ]


def _text(one: Estimate) -> Text:
    return percent(one.value), ends(one)


def _class_rows(judged: Judged, classes: Sequence[str]) -> list[ClassRow]:
    rows = []
    for name, averages, counts in zip(classes, judged.averages, judged.classes, strict=True):
        figures = [(heading, averages[figure]) for figure, heading in _OF_CLASS]
        figures += [("Precision", counts.precision), ("Recall", counts.recall), ("F1", counts.f1)]
        rows.append(
            ClassRow(
                spaced(name),
                counts.wanted,
                tuple((heading, percent(one.value), ends(one)) for heading, one in figures),
            )
        )
    return rows


def _curves(kinds: Sequence[tuple[str, Judged]], classes: Sequence[str]) -> list[Markup]:
    """Precision over recall at an IoU of 0.5 of each class that is marked."""
    if not kinds:
        return []
    marked = [place for place in range(len(classes)) if kinds[-1][1].classes[place].wanted]
    charts = []
    for place in marked[:_MOST_CURVES]:
        series = [Series(name.lower(), RECALLS, _reached(judged.precision[place])) for name, judged in kinds]
        said = ", ".join(
            f"{name.lower()} {percent(judged.averages[place]['AP50'].value)}" for name, judged in kinds
        )
        charts.append(
            line_chart(
                spaced(classes[place]),
                series,
                about=f"Precision over recall of {spaced(classes[place])}; AP50 of {said}.",
                y_range=(0.0, 1.0),
                write=_in_percent,
                write_x=_in_percent,
            )
        )
    return charts


def _reached(precision: Floats) -> Floats:
    """Nothing is drawn at recalls that are never reached; a lone 0 where nothing right was found."""
    reached = np.where(precision > 0, precision, np.nan)
    return reached if np.isfinite(reached).any() else np.where(RECALLS > 0, np.nan, 0.0)


def _in_percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _iou_charts(found: PartIou | None) -> list[list[tuple[str, Markup]]]:
    """Bars of what is known pixel by pixel, in columns of charts with their headings."""
    if found is None:
        return []
    columns = (
        ((f"14 parts: on average {with_ends(found.parts)}", found.of_parts),),
        (
            (f"Pascal's six parts: on average {with_ends(found.pascal)}", found.of_pascal),
            ("People", {"person": found.person}),
        ),
    )
    charts = [
        [
            (heading, _iou_bars(heading, known))
            for heading, values in column
            if (known := {name: one for name, one in values.items() if math.isfinite(one.value)})
        ]
        for column in columns
    ]
    return [column for column in charts if column]


def _iou_bars(heading: str, values: Mapping[str, Estimate]) -> Markup:
    bars = [
        Bar(spaced(name), one.value, percent(one.value), ends(one), one.low, one.high)
        for name, one in values.items()
    ]
    return bar_chart(bars, about=f"Intersection over union. {heading}.")


def _notes(evaluation: Evaluation) -> list[str]:
    notes = [
        "Something is found if the class is right and the intersection of what was found with what is marked "
        "is at least half of their union (IoU 0.5). AP sums up precision over recall whatever the score, as "
        "COCO does, and is averaged over IoU from 0.5 to 0.95; AR is the recall of the surest finds.",
        "Small is below 32 by 32 pixels of the picture, large above 96 by 96.",
        note_on_score(evaluation),
    ]
    if evaluation.groups:
        notes.append(
            f"Intervals hold the truth with a probability of 95 %: they come from drawing "
            f"{counted(evaluation.groups, 'person or group', 'people or groups')} again and again."
        )
    else:
        notes.append(
            "Intervals hold the truth with a probability of 95 %: they come from drawing pictures again and "
            "again. Nobody said who is on them; with few people they are wider in truth."
        )
    return [*notes, *notes_on_classes(evaluation)]
