"""Reading the tables of numbers in OpenSim's text files, with the line of what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ExchangeError


def read_lines(path: Path) -> list[str]:
    """The lines of a text file, without their ends.

    Raises:
        ExchangeError: it cannot be read, or is no text.
    """
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ExchangeError(f"{path} cannot be read as text ({error})") from error


def read_rows(path: Path, lines: Sequence[str], first: int, columns: int, wanted: int) -> NDArray[np.float64]:
    """Rows of numbers between tabs; an empty cell or ``nan`` is NaN.

    Args:
        path: for messages.
        lines: of the whole file.
        first: index of the first line of numbers; empty lines between are left out.
        columns: cells that each line has.
        wanted: rows that the head announces.

    Returns:
        Array (wanted, columns).

    Raises:
        ExchangeError: with the line's number.
    """
    rows = np.empty((wanted, columns))
    count = 0
    for number, line in enumerate(lines[first:], start=first + 1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != columns:
            raise ExchangeError(f"{path}, line {number}: {len(cells)} cells, but {columns} columns are named")
        if count == wanted:
            raise ExchangeError(f"{path}, line {number}: more rows than the {wanted} that the head announces")
        try:
            rows[count] = [float(cell) if cell.strip() else np.nan for cell in cells]
        except ValueError as error:
            raise ExchangeError(f"{path}, line {number}: {error}") from error
        count += 1
    if count < wanted:
        raise ExchangeError(
            f"{path}, line {len(lines)}: the file ends after {count} of {wanted} rows; it was cut off"
        )
    return rows


def single(value: np.float32) -> str:
    """A number of single precision in as few digits as give it back; empty for NaN.

    >>> single(np.float32(0.1)), single(np.float32("nan"))
    ('0.1', '')
    """
    return "" if np.isnan(value) else str(value)
