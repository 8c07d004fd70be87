"""curves.csv: how training went, epoch by epoch."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import Field, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from spotter.errors import ModelError
from spotter.media.writing import write_text
from spotter.recognizer.head import Step

FILE_NAME = "curves.csv"


class Epoch(Protocol):
    """How a training stands after an epoch: a dataclass of its number and then of floats, such as `Step`."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def epoch(self) -> int:
        """Its number, from 1 on."""


Row = TypeVar("Row", bound=Epoch)


def write_curves(folder: Path, kind: type[Row], steps: Sequence[Row]) -> None:
    """Write curves.csv into a model's folder: a row an epoch, empty where a number is not known.

    Args:
        folder: the model's.
        kind: of the rows; its fields are the columns.
        steps: in the order of training; where another stage of it begins, epochs are counted from 1 again.

    Raises:
        OutputError: if it cannot be written.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    first, *others = _columns(kind)
    writer.writerow([first, *others])
    for step in steps:
        values = [getattr(step, name) for name in others]
        writer.writerow([step.epoch, *(f"{value:.6g}" if math.isfinite(value) else "" for value in values)])
    write_text(folder / FILE_NAME, table.getvalue())


def read_curves(folder: Path, kind: type[Row]) -> tuple[Row, ...]:
    """Read curves.csv of a model's folder; NaN where a number is not known.

    Args:
        folder: the model's.
        kind: of the rows, as for `write_curves`.

    Raises:
        ModelError: if it is not there, or is no such file.
    """
    path, columns = folder / FILE_NAME, _columns(kind)
    make: Callable[..., Row] = kind
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file)) or [[]]
        if tuple(header) != columns:
            raise ValueError(f"its columns are {', '.join(header)}, and {', '.join(columns)} are wanted")
        return tuple(
            make(int(epoch), *(float(value) if value else math.nan for value in values))
            for epoch, *values in rows
        )
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error


def stages(steps: Sequence[Row]) -> list[Sequence[Row]]:
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


def _columns(kind: type[Epoch]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
