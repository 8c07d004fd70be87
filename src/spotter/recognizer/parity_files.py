"""parity.json and parity.md as every export writes them, whatever was exported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from spotter.media.writing import write_text
from spotter.models.weights import WEIGHTS_NAME
from spotter.models.wheel import file_sha256

SCHEMA = 1
JSON_NAME, MARKDOWN_NAME = "parity.json", "parity.md"
UNKNOWN = "\N{EN DASH}"
"""Stands where a number is not known."""

Row = dict[str, Any]


def write_both(
    out: Path,
    model: Path,
    new: Iterable[Row],
    kept: Callable[[Row], bool],
    order: Callable[[Row], Any],
    markdown: Callable[[Sequence[Row]], Iterable[str]],
) -> dict[str, Any]:
    """Write both files beside what was exported.

    Args:
        out: the folder that was exported to.
        model: the model's.
        new: what came of the files that were just compared.
        kept: which rows of an earlier parity.json of the same model stay.
        order: what rows are sorted by.
        markdown: makes the lines of parity.md below its title of all rows.

    Returns:
        The content of parity.json.

    Raises:
        OutputError: if they cannot be written.
    """
    name, weights = model.resolve().name, file_sha256(model / WEIGHTS_NAME)
    rows = sorted([*_earlier(out, weights, kept), *new], key=order)
    document = {"schema": SCHEMA, "model": name, "weights_sha256": weights, "files": rows}
    write_text(out / JSON_NAME, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    write_text(out / MARKDOWN_NAME, "\n".join((f"# Parity: {name}", "", *markdown(rows))) + "\n")
    return document


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table.

    >>> table(("file", "MB"), [("network.onnx", "5.00")])
    ['| file | MB |', '| --- | --- |', '| network.onnx | 5.00 |']
    """
    return [f"| {' | '.join(words)} |" for words in (headings, ["---"] * len(headings), *rows)]


def _earlier(out: Path, weights: str, kept: Callable[[Row], bool]) -> list[Row]:
    """What stays of an earlier parity.json about the same model; nothing if there is no such file."""
    try:
        document = json.loads((out / JSON_NAME).read_text("utf-8"))
        return list(filter(kept, document["files"])) if document["weights_sha256"] == weights else []
    except (OSError, ValueError, KeyError, TypeError):
        return []
