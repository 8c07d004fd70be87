"""A table of figures: printed, written as CSV with the machine's name, and copied into the docs."""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from bench.machine import machine

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Table:
    """What a benchmark found.

    Attributes:
        name: what its file and its place in the docs are called.
        title: one line that says what was measured.
        columns: the columns' heads.
        rows: a cell a column; None where there is nothing to say.
        notes: sentences below it.
        digits: how many decimals of a float are shown; the CSV holds three more.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    digits: int = 2

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"{self.name} has {len(self.columns)} columns, but a row of {len(row)}: {row}"
                )

    def show(self, console: Console) -> None:
        """Print it, with its notes and the machine."""
        grid = RichTable(title=self.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
        for column, head in enumerate(self.columns):
            grid.add_column(head, justify="right" if self._is_number(column) else "left")
        for row in self.rows:
            grid.add_row(*(_text(cell, self.digits) for cell in row))
        console.print(grid)
        for note in (*self.notes, f"measured on: {machine()}"):
            console.print(f"  {note}", style="dim", highlight=False)

    def write_csv(self, folder: Path) -> Path:
        """Write it into ``folder`` as NAME.csv, the machine and the day in each row; returns the path."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*self.columns, "machine", "measured on"])
        today = date.today().isoformat()
        for row in self.rows:
            writer.writerow([*(_text(cell, self.digits + 3) for cell in row), machine(), today])
        path = folder / f"{self.name}.csv"
        _replace(path, text.getvalue())
        return path

    def put_into(self, document: Path) -> bool:
        """Replace the table of this name in a Markdown document; whether the document has a place for it.

        The place lies between ``<!-- table NAME -->`` and ``<!-- end -->``.
        """
        text = document.read_text(encoding="utf-8")
        place = re.compile(rf"(<!-- table {re.escape(self.name)} -->\n).*?(<!-- end -->)", re.DOTALL)
        new, found = place.subn(lambda match: match[1] + self._markdown() + match[2], text)
        if found:
            _replace(document, new)
        return bool(found)

    def _markdown(self) -> str:
        heads = [
            head + (":" if head and self._is_number(column) else "")
            for column, head in enumerate(self.columns)
        ]
        lines = ["| " + " | ".join(head.rstrip(":") for head in heads) + " |"]
        lines.append("| " + " | ".join("---:" if head.endswith(":") else "---" for head in heads) + " |")
        lines += ["| " + " | ".join(_text(cell, self.digits) for cell in row) + " |" for row in self.rows]
        notes = "".join(f"{note[:1].upper()}{note[1:]}.\n" for note in self.notes)
        return "\n".join(lines) + f"\n\n{notes}Measured on {date.today().isoformat()}: {machine()}.\n"

    def _is_number(self, column: int) -> bool:
        cells = [row[column] for row in self.rows if row[column] is not None]
        return bool(cells) and all(
            isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells
        )


def _text(cell: Cell, digits: int) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:.{digits}f}" if isinstance(cell, float) else str(cell)


def _replace(path: Path, text: str) -> None:
    """Write under a temporary name first, so that nobody finds half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
