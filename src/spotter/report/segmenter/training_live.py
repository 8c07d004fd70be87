"""What the terminal shows while a segmenter is trained."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console

from spotter.report.live_curves import LiveCurves, Look, Plot
from spotter.report.recognizer.evaluation import percent
from spotter.report.words import number
from spotter.segmenter.curve import EpochCurve


def live_curves(console: Console) -> LiveCurves[EpochCurve]:
    """Loss and AP as plots; a `spotter.segmenter.trained.Watch`, see `LiveCurves`."""
    return LiveCurves(console, LOOK)


def epoch_words(row: EpochCurve) -> str:
    """An epoch as a line.

    >>> epoch_words(EpochCurve(2, 1.25, 0.1, 0.05, 0.4, 0.4, 0.3, 1e-3, 0.3, 0.25, 0.5, 60.0))
    'epoch 2: loss 1.250; held back: mask AP 25.0 %, mask AP50 50.0 %, box AP 30.0 %'
    """
    words = f"epoch {row.epoch}: loss {number(row.loss, 3)}"
    figures = {"mask AP": row.mask_ap, "mask AP50": row.mask_ap50, "box AP": row.box_ap}
    said = [f"{name} {percent(value)}" for name, value in figures.items() if math.isfinite(value)]
    return f"{words}; held back: {', '.join(said)}" if said else words


def best_epoch(rows: Sequence[EpochCurve]) -> EpochCurve | None:
    """The first epoch with the highest AP; None where none was judged."""
    known = [row for row in rows if math.isfinite(row.ap)]
    return max(known, key=lambda row: row.ap, default=None)


LOOK: Look[EpochCurve] = Look(
    plots=[
        Plot("loss", {"training": lambda row: row.loss}),
        Plot("AP", {"masks": lambda row: row.mask_ap, "boxes": lambda row: row.box_ap}),
    ],
    words=epoch_words,
    best=best_epoch,
    stages={
        "train": "training",
        "judge": "judging held-back pictures",
        "pictures": "looking at the pictures",
    },
)
"""The training's loss, and the average precision on the held-back pictures."""
