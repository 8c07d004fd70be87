"""parity.json and parity.md: what came of comparing exported files with their model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from spotter.media.writing import write_text
from spotter.models.weights import WEIGHTS_NAME
from spotter.models.wheel import file_sha256
from spotter.recognizer.parity import LIMITS, Parity

SCHEMA = 1
JSON_NAME, MARKDOWN_NAME = "parity.json", "parity.md"
HEADINGS = ("file", "MB", "differs by", "same answers", "right", "model right", "ms a picture")
_UNKNOWN = "\N{EN DASH}"


def write_parity(out: Path, folder: Path, checked: Sequence[Parity]) -> dict[str, Any]:
    """Write both files beside the exported ones; what they say of other files of the same model is kept.

    Args:
        out: the folder that was exported to.
        folder: the model's.
        checked: what is new.

    Returns:
        The content of parity.json.

    Raises:
        OutputError: if they cannot be written.
    """
    weights = file_sha256(folder / WEIGHTS_NAME)
    names = {parity.file for parity in checked}
    before = [row for row in _rows(out, weights) if row["file"] not in names and (out / row["file"]).exists()]
    rows = sorted([*before, *(parity.document() for parity in checked)], key=lambda row: str(row["file"]))
    document = {"schema": SCHEMA, "model": folder.resolve().name, "weights_sha256": weights, "files": rows}
    write_text(out / JSON_NAME, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    write_text(out / MARKDOWN_NAME, _markdown(document))
    return document


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """A row of parity.json as words, one for each of `HEADINGS`."""
    difference, latency = row["difference"], row["latency_ms"]
    return (
        str(row["file"]),
        f"{row['size'] / 1e6:.2f}",
        _UNKNOWN if difference is None else f"{difference:.1e}",
        *(_percent(row[name]) for name in ("agreement", "accuracy", "model_accuracy")),
        _UNKNOWN if latency is None else f"{latency:.2f}",
    )


def _percent(share: float | None) -> str:
    return _UNKNOWN if share is None else f"{100 * share:.1f} %"


def _rows(out: Path, weights: str) -> list[dict[str, Any]]:
    """The rows of an earlier parity.json that is about the same model; none if there is no such file."""
    try:
        document = json.loads((out / JSON_NAME).read_text("utf-8"))
        return list(document["files"]) if document["weights_sha256"] == weights else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _markdown(document: dict[str, Any]) -> str:
    rows = document["files"]
    lines = [
        f"# Parity: {document['model']}",
        "",
        "Each file was run as it was saved; its answers were compared with those of the PyTorch layers.",
        "",
        _line(HEADINGS),
        _line("---" for _ in HEADINGS),
        *(_line(cells(row)) for row in rows),
        "",
        *dict.fromkeys(f"* {row['precision']}: {row['pictures']} pictures, {row['source']}." for row in rows),
        *dict.fromkeys(f"* {row['target']}: run by {row['runtime']}." for row in rows),
        *(f"* **{row['file']} was not written**: {why}." for row in rows for why in row["failures"]),
        "",
        "What is allowed:",
        "",
        *(f"* {_limit_in_words(precision)}" for precision in sorted({row["precision"] for row in rows})),
        "",
        "Times are of one thread of the machine that exported.",
        "",
    ]
    return "\n".join(lines)


def _limit_in_words(precision: Any) -> str:
    limits = LIMITS[precision]
    if limits.difference is not None:
        return (
            f"{precision}: every probability within {limits.difference:g}, and every answer the same that is "
            f"clear by more than {limits.margin:g}."
        )
    return (
        f"{precision}: at most {100 * limits.lost:g} points of accuracy lost, or one picture; where the "
        f"pictures' classes are not known, at most {100 * limits.changed:g} % of the answers changed that "
        f"are clear by more than {limits.margin:g}."
    )


def _line(words: Iterable[str]) -> str:
    return "| " + " | ".join(words) + " |"
