"""What the terminal says of an evaluation: accuracy, each class, what it is taken for, where the page is."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from spotter.recognizer.judged import Evaluation
from spotter.report.recognizer.evaluation import percent
from spotter.report.words import counted

_MOST_MIXED = 3


def print_evaluation(evaluation: Evaluation, page: Path, console: Console) -> None:
    """Print an evaluation in short.

    Args:
        evaluation: what came of it.
        page: the file that says all of it.
        console: where to, see `error_console`.
    """
    console.print()
    console.print(_headline(evaluation), soft_wrap=True)
    console.print(Padding(_class_table(evaluation), (1, 0, 1, 2), expand=False))
    for sentence in (*_mixed_up(evaluation), *_left_out(evaluation)):
        console.print(Text(f"  {sentence}"), soft_wrap=True)
    console.print(Text.assemble("  ", ("report       ", "dim"), str(page)), soft_wrap=True)


def _headline(evaluation: Evaluation) -> Text:
    low, high = evaluation.interval
    line = Text.assemble("  ", (f"{percent(evaluation.accuracy)} right", "bold cyan"))
    line.append(f" ({percent(low)} to {percent(high)} with 95 % probability), ")
    line.append(counted(len(evaluation), "photo", "photos"))
    unknown = len(evaluation) - int(evaluation.answered.sum())
    if unknown:
        line.append(f", {unknown} not sure enough: “unknown”")
    return line


def _class_table(evaluation: Evaluation) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("class")
    for heading in ("photos", "precision", "recall", "F1"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, scores in evaluation.classes.items():
        figures = (percent(scores.precision), percent(scores.recall), percent(scores.f1))
        table.add_row(Text(name), str(scores.n), *figures)
    return table


def _mixed_up(evaluation: Evaluation) -> list[str]:
    """What is taken for what most often."""
    confusion = evaluation.confusion
    if confusion is None:
        return []
    found = [
        (int(confusion.counts[row, column]), name, answer)
        for row, name in enumerate(confusion.rows)
        for column, answer in enumerate(confusion.columns)
        if name != answer and confusion.counts[row, column]
    ]
    found.sort(key=lambda one: -one[0])
    return [f"{name} answered {answer}: {count}" for count, name, answer in found[:_MOST_MIXED]]


def _left_out(evaluation: Evaluation) -> list[str]:
    count = len(evaluation.left_out)
    if not count:
        return []
    first = evaluation.left_out[0]
    return [f"{counted(count, 'file', 'files')} left out; the first: {first.path.name}: {first.why}"]
