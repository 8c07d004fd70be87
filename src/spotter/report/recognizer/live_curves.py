"""What the terminal shows while a recognizer is trained."""

from __future__ import annotations

from rich.console import Console

from spotter.recognizer.curves import best_step
from spotter.recognizer.head import Step
from spotter.report.live_curves import LiveCurves, Look, Plot
from spotter.report.recognizer.training import STAGE_WORDS
from spotter.report.words import number


def live_curves(console: Console) -> LiveCurves[Step]:
    """Both losses as a plot; a `spotter.recognizer.settings.Watch`, see `LiveCurves`.

    Example::

        with live_curves(error_console()) as watch:
            train(photos, Path("body-parts"), watch=watch)
    """
    return LiveCurves(console, LOOK)


def step_words(step: Step) -> str:
    """An epoch as a line.

    >>> step_words(Step(3, 0.31, 0.333, 0.951))
    'epoch 3: loss 0.310, validation 0.333, 95.1 % right'
    """
    return (
        f"epoch {step.epoch}: loss {number(step.train_loss, 3)}, validation "
        f"{number(step.validation_loss, 3)}, {number(100 * step.validation_accuracy, 1)} % right"
    )


LOOK: Look[Step] = Look(
    plots=[
        Plot(
            "loss",
            {"training": lambda step: step.train_loss, "validation": lambda step: step.validation_loss},
        )
    ],
    words=step_words,
    best=best_step,
    stages=STAGE_WORDS,
)
"""Training and validation loss."""
