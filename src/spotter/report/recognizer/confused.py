"""What was taken for what: the confusion matrix with the photos in its cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from spotter.recognizer.judged import Confusion, Evaluation
from spotter.report.plots import Cell, heat_table
from spotter.report.recognizer.thumbnails import squares_of
from spotter.report.shell import picture_uri
from spotter.report.templates import fragment
from spotter.report.words import counted

_IN_CELL, _IN_CELL_SIDE = 4, 64
_MOST_SHOWN, _MOST_A_CELL, _SIDE = 360, 24, 128


@dataclass(frozen=True, slots=True)
class Thumb:
    """A photo in a gallery: its address, what it is called and how sure the answer was."""

    uri: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """The photos of one cell.

    Attributes:
        key: the address on the page that a cell leads to.
        title: such as ``"hand, taken for face"``.
        thumbs: the surest first.
        more: how many more there are that are not shown.
    """

    key: str
    title: str
    thumbs: tuple[Thumb, ...]
    more: int


def confusion_section(evaluation: Evaluation) -> Markup | None:
    """The matrix, and a gallery for each of its cells that opens at a click; None of a multi-label model."""
    confusion = evaluation.confusion
    if confusion is None:
        return None
    chosen = _chosen(evaluation, confusion)
    shown = sorted({number for numbers in chosen.values() for number in numbers})
    squares = dict(zip(shown, squares_of([evaluation.photos[i] for i in shown], _SIDE), strict=True))
    small = {i: picture_uri(image, _IN_CELL_SIDE) for i, image in squares.items() if image is not None}
    large = {i: picture_uri(image) for i, image in squares.items() if image is not None}
    galleries = [
        _gallery(evaluation, confusion, cell, numbers, large) for cell, numbers in chosen.items() if numbers
    ]
    rows = [
        (name, [_cell(confusion, row, column, chosen[row, column], small) for column in _columns(confusion)])
        for row, name in enumerate(confusion.rows)
    ]
    table = heat_table(
        confusion.columns,
        rows,
        about="How many photos of each class got which answer.",
        corner="shows ↓  answered →",
    )
    return fragment("recognizer/confusion.html.j2", table=table, galleries=galleries)


def _columns(confusion: Confusion) -> range:
    return range(len(confusion.columns))


def _chosen(evaluation: Evaluation, confusion: Confusion) -> dict[tuple[int, int], list[int]]:
    """For each cell the photos that are shown, the surest first."""
    full = int((confusion.counts > 0).sum())
    most = max(_IN_CELL, min(_MOST_A_CELL, _MOST_SHOWN // max(full, 1)))
    certainty = evaluation.certainty
    chosen = {}
    for row in range(len(confusion.rows)):
        for column in _columns(confusion):
            inside = np.flatnonzero((confusion.row_of == row) & (confusion.column_of == column))
            order = np.argsort(-certainty[inside], kind="stable")
            chosen[row, column] = [int(number) for number in inside[order][:most]]
    return chosen


def _cell(confusion: Confusion, row: int, column: int, numbers: Sequence[int], small: dict[int, str]) -> Cell:
    count = int(confusion.counts[row, column])
    name, answer = confusion.rows[row], confusion.columns[column]
    if not count:
        return Cell("0", 0.0, f"No photo of {name} was taken for {answer}.", name == answer)
    part = count / int(confusion.counts[row].sum())
    content = fragment(
        "recognizer/cell.html.j2",
        key=_key(row, column),
        count=count,
        part=f"{100 * part:.0f} %",
        uris=[small[number] for number in numbers if number in small][:_IN_CELL],
    )
    # A few mistakes are seen beside many right answers: their colour grows with the root.
    strength = part if name == answer else math.sqrt(part)
    return Cell("", strength, _title(name, answer), name == answer, content)


def _gallery(
    evaluation: Evaluation,
    confusion: Confusion,
    cell: tuple[int, int],
    numbers: Sequence[int],
    large: dict[int, str],
) -> Gallery:
    row, column = cell
    thumbs = tuple(
        Thumb(
            large[number],
            evaluation.photos[number].path.name,
            f"{100 * float(evaluation.certainty[number]):.0f} %",
        )
        for number in numbers
        if number in large
    )
    count = int(confusion.counts[cell])
    title = f"{_title(confusion.rows[row], confusion.columns[column])}: {counted(count, 'photo', 'photos')}"
    return Gallery(_key(row, column), title, thumbs, count - len(thumbs))


def _title(name: str, answer: str) -> str:
    return f"{name}, recognised" if name == answer else f"{name}, answered {answer}"


def _key(row: int, column: int) -> str:
    return f"cell-{row}-{column}"
