"""parity.json and parity.md: what came of comparing an exported network with its model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from spotter.media.writing import write_text
from spotter.models.weights import WEIGHTS_NAME
from spotter.models.wheel import file_sha256
from spotter.segmenter.parity import LIMITS, SAME_BOX, Parity

SCHEMA: Final = 1
JSON_NAME, MARKDOWN_NAME = "parity.json", "parity.md"
HEADINGS: Final = ("weights", "MB", "found", "same", "boxes px", "scores", "masks", "ms")
_UNKNOWN = "\N{EN DASH}"


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
    weights = file_sha256(model / WEIGHTS_NAME)
    before = [row for row in _rows(out, weights) if row["weights"] != checked.weights]
    rows = sorted([*before, checked.document()], key=lambda row: list(LIMITS).index(row["weights"]))
    document = {"schema": SCHEMA, "model": model.resolve().name, "weights_sha256": weights, "files": rows}
    write_text(out / JSON_NAME, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    write_text(out / MARKDOWN_NAME, _markdown(document))
    return document


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """A row of parity.json as words, one for each of `HEADINGS`; differences as greatest and mean."""
    return (
        str(row["weights"]),
        f"{row['size'] / 1e6:.2f}",
        str(row["found"]),
        _UNKNOWN if row["matched"] is None else f"{100 * row['matched']:.1f} %",
        *(_both(row[name], row[f"mean_{name}"]) for name in ("boxes", "scores", "masks")),
        f"{row['latency_ms']:.0f}",
    )


def _both(greatest: float | None, mean: float | None) -> str:
    return _UNKNOWN if greatest is None or mean is None else f"{greatest:.0e} ({mean:.0e})"


def _rows(out: Path, weights: str) -> list[dict[str, Any]]:
    """The rows of an earlier parity.json that is about the same model; none if there is no such file."""
    try:
        document = json.loads((out / JSON_NAME).read_text("utf-8"))
        rows = list(document["files"]) if document["weights_sha256"] == weights else []
        return [row for row in rows if row["weights"] in LIMITS]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _markdown(document: dict[str, Any]) -> str:
    rows = document["files"]
    lines = [
        f"# Parity: {document['model']}",
        "",
        "Each file was run as it was saved; what it found was compared with what the PyTorch network finds.",
        "Differences: the greatest, and the mean in brackets; of boxes in pixels of the network's square, of "
        "scores and of the masks' cells from 0 to 1.",
        "ms: the middle time for a picture on the machine that exported.",
        f"Same: the share of clear findings that both have, in boxes that overlap by more than {SAME_BOX:g}.",
        "",
        _line(HEADINGS),
        _line(["---"] * len(HEADINGS)),
        *(_line(cells(row)) for row in rows),
        "",
        *dict.fromkeys(
            f"* {row['weights']}: {row['pictures']} pictures, {row['source']}; run by {row['runtime']}."
            for row in rows
        ),
        *(
            f"* **{row['file']} with {row['weights']} was not written**: {why}."
            for row in rows
            for why in row["failures"]
        ),
        "",
        "What is allowed in the mean:",
        "",
        *(
            f"* {name}: {100 * limits.matched:g} % the same; boxes {limits.boxes:g} pixels, scores "
            f"{limits.scores:g}, masks {limits.masks:g}. What is surer than the least score by no more than "
            f"{limits.margin:g} may be in one only."
            for name, limits in LIMITS.items()
            if any(row["weights"] == name for row in rows)
        ),
        "",
    ]
    return "\n".join(lines)


def _line(words: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(words) + " |"
