"""curves.csv: how training went, epoch by epoch."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

from spotter.errors import ModelError
from spotter.media.writing import write_text
from spotter.recognizer.head import Step

FILE_NAME = "curves.csv"

_COLUMNS = tuple(field.name for field in fields(Step))


def write_curves(folder: Path, steps: Sequence[Step]) -> None:
    """Write curves.csv into a model's folder: a row an epoch, empty where a number is not known.

    Args:
        folder: the model's.
        steps: in the order of training; where another stage of it begins, epochs are counted from 1 again.

    Raises:
        OutputError: if it cannot be written.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for step in steps:
        losses = (step.train_loss, step.validation_loss, step.validation_accuracy)
        writer.writerow([step.epoch, *(f"{value:.6g}" if math.isfinite(value) else "" for value in losses)])
    write_text(folder / FILE_NAME, table.getvalue())


def read_curves(folder: Path) -> tuple[Step, ...]:
    """Read curves.csv of a model's folder; NaN where a number is not known.

    Raises:
        ModelError: if it is not there, or is no such file.
    """
    path = folder / FILE_NAME
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file)) or [[]]
        if tuple(header) != _COLUMNS:
            raise ValueError(f"its columns are {', '.join(header)}, and {', '.join(_COLUMNS)} are wanted")
        return tuple(
            Step(int(epoch), *(float(value) if value else math.nan for value in values))
            for epoch, *values in rows
        )
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error


def stages(steps: Sequence[Step]) -> list[Sequence[Step]]:
    """The epochs of each stage of training: a stage begins where epochs are counted from the start again.

    >>> first, again = Step(1, 0.5, 0.5, 0.9), Step(1, 0.3, 0.4, 0.9)
    >>> [len(stage) for stage in stages([first, Step(2, 0.4, 0.4, 0.9), again])]
    [2, 1]
    """
    starts = [i for i, step in enumerate(steps) if i == 0 or step.epoch <= steps[i - 1].epoch]
    return [steps[start:end] for start, end in pairwise([*starts, len(steps)])]


def best_step(steps: Sequence[Step]) -> Step | None:
    """The epoch with the lowest validation loss; None if it is known of none."""
    known = [step for step in steps if math.isfinite(step.validation_loss)]
    return min(known, key=lambda step: step.validation_loss, default=None)
