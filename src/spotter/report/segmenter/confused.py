"""What a segmenter took for what: the matrix, and the mistakes that are made most in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from spotter.report.plots import Cell, heat_table
from spotter.report.segmenter.words import spaced
from spotter.report.words import counted
from spotter.segmenter.judged import Evaluation, Judged
from spotter.segmenter.metrics_confusion import Confusion

_MOST_CLASSES = 20
_MOST_WORDS = 6
_SIDES = ("left", "right")


def confusion_table(judged: Judged, classes: Sequence[str]) -> Markup:
    """A row for what is marked, a column for what was found; of many classes those that are mixed up most."""
    mixed = judged.confusion
    chosen = shown_classes(mixed)
    wanted = mixed.taken.sum(1) + mixed.missed
    rows = []
    for row in chosen:
        cells = [_cell(mixed, row, column, classes, int(wanted[row])) for column in chosen]
        missed = int(mixed.missed[row])
        hint = f"{spaced(classes[row])}: {missed} of {wanted[row]} missed"
        rows.append((spaced(classes[row]), [*cells, _count(missed, int(wanted[row]), hint, False)]))
    nothing = []
    for column in chosen:
        count, called = int(mixed.nothing[column]), spaced(classes[column])
        found = int(mixed.taken[:, column].sum() + mixed.again[:, column].sum()) + count
        nothing.append(_count(count, found, f"{count} of {found} called {called} are nothing of it", False))
    rows.append(("nothing", [*nothing, Cell("", math.nan)]))
    return heat_table(
        [*(spaced(classes[column]) for column in chosen), "missed"],
        rows,
        about="How often things of each class were found as each class.",
        corner="marked ↓  found →",
    )


def shown_classes(mixed: Confusion) -> list[int]:
    """The places of the classes that the matrix shows, in their order."""
    seen = mixed.taken.sum(1) + mixed.missed + mixed.taken.sum(0) + mixed.nothing + mixed.again.sum(0)
    wrong = seen - 2 * mixed.taken.diagonal()
    order = sorted(np.flatnonzero(seen).tolist(), key=lambda place: -int(wrong[place]))
    return sorted(order[:_MOST_CLASSES])


def mixed_up(evaluation: Evaluation) -> list[str]:
    """The mistakes that are made most, in sentences; left and right first."""
    if evaluation.best is None:
        return []
    mixed, names = evaluation.best.confusion, evaluation.classes
    wanted = mixed.taken.sum(1) + mixed.missed
    sides = {
        row: column
        for row, name in enumerate(names)
        for column, other in enumerate(names)
        if name != other and name.replace(*_SIDES) == other.replace(*_SIDES)
    }
    said = []
    total = sum(int(wanted[row]) for row in sides)
    if total:
        swapped = sum(int(mixed.taken[row, column]) for row, column in sides.items())
        also = sum(int(mixed.again[row, column]) for row, column in sides.items())
        said.append(
            f"Left and right: {swapped} of {total} things that have a side were taken for the other side's"
            + (f", and {also} were called both." if also else ".")
        )
    off = mixed.taken.copy()
    np.fill_diagonal(off, 0)
    order = np.argsort(-off, axis=None, kind="stable")[:_MOST_WORDS]
    for row, column in zip(*np.unravel_index(order, off.shape), strict=True):
        if off[row, column] and sides.get(int(row)) != int(column):
            said.append(f"{spaced(names[row])} taken for {spaced(names[column])}: {off[row, column]}.")
    twice = int(mixed.again.trace())
    if twice:
        said.append(f"{counted(twice, 'thing was', 'things were')} found twice.")
    return [sentence[:1].upper() + sentence[1:] for sentence in said]


def _cell(mixed: Confusion, row: int, column: int, classes: Sequence[str], wanted: int) -> Cell:
    count = int(mixed.taken[row, column])
    name, called = spaced(classes[row]), spaced(classes[column])
    hint = f"{name}: {count} of {wanted} found" if row == column else f"{name} taken for {called}: {count}"
    if also := int(mixed.again[row, column]):
        hint += f"; found again as {called}: {also}"
    return _count(count, wanted, hint, row == column)


def _count(count: int, of: int, hint: str, right: bool) -> Cell:
    """A cell with a count; a few mistakes are seen beside many hits: their colour grows with the root."""
    part = count / of if of else 0.0
    return Cell(str(count) if count else "", part if right else math.sqrt(part), hint, right)
