"""What the terminal says of a segmenter's evaluation: the main figures, each class, where the page is."""

from __future__ import annotations

import math
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from spotter.report.recognizer.evaluation import percent
from spotter.report.segmenter.confused import mixed_up
from spotter.report.segmenter.words import spaced, with_ends
from spotter.report.words import counted, number
from spotter.segmenter.judged import Evaluation, Judged

_MOST_ROWS = 30
_MOST_NAMES = 8


def print_evaluation(evaluation: Evaluation, page: Path, console: Console) -> None:
    """Print an evaluation in short.

    Args:
        evaluation: what came of it.
        page: the file that says all of it.
        console: where to, see `error_console`.
    """
    console.print()
    for line in _headlines(evaluation):
        console.print(line, soft_wrap=True)
    if evaluation.best is not None:
        table = _class_table(evaluation.best, evaluation)
        console.print(Padding(table, (1, 0, 1, 2), expand=False))
    sentences = [note_on_score(evaluation), *mixed_up(evaluation), *notes_on_classes(evaluation)]
    for sentence in (*sentences, *_left_out(evaluation)):
        console.print(Text(f"  {sentence}"), soft_wrap=True)
    console.print(Text.assemble("  ", ("report       ", "dim"), str(page)), soft_wrap=True)


def note_on_score(evaluation: Evaluation) -> str:
    """From which score on finds count, and who chose it."""
    if math.isnan(evaluation.score):
        return "Nothing was found, so there is no score from which finds count."
    from_on = (
        f"Precision, recall, F1 and mix-ups count finds from a score of {number(evaluation.score, 2)} on"
    )
    if evaluation.score_given:
        return f"{from_on}, as was asked for."
    return f"{from_on}: where F1 is best on these pictures, so on others it will be a little lower."


def notes_on_classes(evaluation: Evaluation) -> list[str]:
    """Which classes were left out, and why."""
    notes = []
    for names, why in (
        (evaluation.only_model, "Not judged, because the pictures do not have them marked"),
        (evaluation.only_data, "Marked in the pictures, but unknown to the model"),
    ):
        if names:
            more = len(names) - _MOST_NAMES
            listed = ", ".join(spaced(name) for name in names[:_MOST_NAMES])
            notes.append(f"{why}: {listed}{f' and {more} more' if more > 0 else ''}.")
    return notes


def _headlines(evaluation: Evaluation) -> list[Text]:
    lines = []
    for name, judged in (("masks", evaluation.masks), ("boxes", evaluation.boxes)):
        if judged is not None:
            line = Text.assemble("  ", (f"{name}  AP50 {with_ends(judged.average['AP50'])}", "bold cyan"))
            line.append(f", AP {with_ends(judged.average['AP'])}, F1 {with_ends(judged.overall.f1)}")
            lines.append(line)
    if evaluation.iou is not None:
        figures = (
            ("parts", evaluation.iou.parts),
            ("Pascal's six", evaluation.iou.pascal),
            ("person", evaluation.iou.person),
        )
        said = ", ".join(f"{name} {with_ends(one)}" for name, one in figures if math.isfinite(one.value))
        lines.append(Text.assemble("  ", ("IoU    ", "bold cyan"), said))
    lines.append(
        Text(
            f"  {counted(evaluation.n, 'picture', 'pictures')}, {number(evaluation.ms_a_picture)} ms each; "
            "in brackets the 95 % intervals"
        )
    )
    return lines


def _class_table(best: Judged, evaluation: Evaluation) -> Table:
    """Of masks where they were judged, else of boxes."""
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("masks of" if evaluation.masks else "boxes of", no_wrap=True)
    for heading in ("marked", "AP", "AP50", "precision", "recall", "F1"):
        table.add_column(heading, justify="right", no_wrap=True)
    for place, name in enumerate(evaluation.classes[:_MOST_ROWS]):
        averages, counts = best.averages[place], best.classes[place]
        figures = (averages["AP"], averages["AP50"], counts.precision, counts.recall, counts.f1)
        table.add_row(Text(spaced(name)), str(counts.wanted), *(percent(one.value) for one in figures))
    if len(evaluation.classes) > _MOST_ROWS:
        table.add_row(Text(f"and {len(evaluation.classes) - _MOST_ROWS} more", style="dim"))
    return table


def _left_out(evaluation: Evaluation) -> list[str]:
    count = len(evaluation.left_out)
    if not count:
        return []
    first = evaluation.left_out[0]
    return [f"{counted(count, 'picture', 'pictures')} left out; the first: {first.path.name}: {first.why}"]
