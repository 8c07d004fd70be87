"""parity.json and parity.md: what came of comparing an exported network with its model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from spotter.recognizer.parity_files import JSON_NAME as JSON_NAME
from spotter.recognizer.parity_files import UNKNOWN, Row, table, write_both
from spotter.segmenter.parity import LIMITS, SAME_BOX, Parity

HEADINGS: Final = ("weights", "MB", "found", "same", "boxes px", "scores", "masks", "ms")


def write_parity(out: Path, model: Path, checked: Parity) -> dict[str, Any]:
    """Write both files; what they say of other ways to store the weights of the same model is kept.

    Args:
        out: the folder that was exported to.
        model: the folder of the model.
        checked: what is new.

    Returns:
        The content of parity.json.

    Raises:
        OutputError: if they cannot be written.
    """
    return write_both(
        out,
        model,
        new=[checked.document()],
        kept=lambda row: row["weights"] in LIMITS and row["weights"] != checked.weights,
        order=lambda row: list(LIMITS).index(row["weights"]),
        markdown=_markdown,
    )


def cells(row: Row) -> tuple[str, ...]:
    """A row of parity.json as words, one for each of `HEADINGS`; differences as greatest and mean."""
    return (
        str(row["weights"]),
        f"{row['size'] / 1e6:.2f}",
        str(row["found"]),
        UNKNOWN if row["matched"] is None else f"{100 * row['matched']:.1f} %",
        *(_both(row[name], row[f"mean_{name}"]) for name in ("boxes", "scores", "masks")),
        f"{row['latency_ms']:.0f}",
    )


def _both(greatest: float | None, mean: float | None) -> str:
    return UNKNOWN if greatest is None or mean is None else f"{greatest:.0e} ({mean:.0e})"


def _markdown(rows: Sequence[Row]) -> Iterator[str]:
    yield from (
        "Each file was run as it was saved; what it found was compared with what the PyTorch network finds.",
        "Differences: the greatest, and the mean in brackets; of boxes in pixels of the network's square, of "
        "scores and of the masks' cells from 0 to 1.",
        "ms: the middle time for a picture on the machine that exported.",
        f"Same: the share of clear findings that both have, in boxes that overlap by more than {SAME_BOX:g}.",
        "",
        *table(HEADINGS, map(cells, rows)),
        "",
    )
    yield from dict.fromkeys(
        f"* {row['weights']}: {row['pictures']} pictures, {row['source']}; run by {row['runtime']}."
        for row in rows
    )
    yield from (
        f"* **{row['file']} with {row['weights']} was not written**: {why}."
        for row in rows
        for why in row["failures"]
    )
    yield from ("", "What is allowed in the mean:", "")
    yield from (
        f"* {name}: {100 * limits.matched:g} % the same; boxes {limits.boxes:g} pixels, scores "
        f"{limits.scores:g}, masks {limits.masks:g}. What is surer than the least score by no more than "
        f"{limits.margin:g} may be in one only."
        for name, limits in LIMITS.items()
        if any(row["weights"] == name for row in rows)
    )
