"""parity.json and parity.md: what came of comparing exported files with their model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from spotter.recognizer.parity import LIMITS, Parity
from spotter.recognizer.parity_files import JSON_NAME as JSON_NAME
from spotter.recognizer.parity_files import UNKNOWN, Row, table, write_both

HEADINGS = ("file", "MB", "differs by", "same answers", "right", "model right", "ms a picture")


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
    names = {parity.file for parity in checked}
    return write_both(
        out,
        folder,
        new=(parity.document() for parity in checked),
        kept=lambda row: row["file"] not in names and (out / row["file"]).exists(),
        order=lambda row: str(row["file"]),
        markdown=_markdown,
    )


def cells(row: Row) -> tuple[str, ...]:
    """A row of parity.json as words, one for each of `HEADINGS`."""
    difference, latency = row["difference"], row["latency_ms"]
    return (
        str(row["file"]),
        f"{row['size'] / 1e6:.2f}",
        UNKNOWN if difference is None else f"{difference:.1e}",
        *(_percent(row[name]) for name in ("agreement", "accuracy", "model_accuracy")),
        UNKNOWN if latency is None else f"{latency:.2f}",
    )


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{100 * share:.1f} %"


def _markdown(rows: Sequence[Row]) -> Iterator[str]:
    yield from (
        "Each file was run as it was saved; its answers were compared with those of the PyTorch layers.",
        "",
        *table(HEADINGS, map(cells, rows)),
        "",
    )
    yield from dict.fromkeys(
        f"* {row['precision']}: {row['pictures']} pictures, {row['source']}." for row in rows
    )
    yield from dict.fromkeys(f"* {row['target']}: run by {row['runtime']}." for row in rows)
    yield from (f"* **{row['file']} was not written**: {why}." for row in rows for why in row["failures"])
    yield from ("", "What is allowed:", "")
    yield from (f"* {_limit_in_words(precision)}" for precision in sorted({row["precision"] for row in rows}))
    yield from ("", "Times are of one thread of the machine that exported.")


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
