"""Learning curves live in the terminal: small plots, the stage and the time left."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Generic

import numpy as np
from numpy.typing import NDArray
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from spotter.recognizer.curves import Row, stages
from spotter.report.words import clock

_EVERY_S = 10.0
_WIDTH, _HEIGHT = 64, 9
_AXIS, _GAP = 10, 3  # letters left of a plot, and between two
_NARROW = 26  # letters that a plot needs to stand beside another one
_BRAILLE = 0x2800
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # by row and column of a letter
_COLOURS = ("cyan", "magenta")
_BAR = 24


@dataclass(frozen=True, slots=True)
class Plot(Generic[Row]):
    """One plot of one kind of training.

    Attributes:
        title: what the curves are of, such as ``"loss"``.
        curves: one or two, each with its name and its value after an epoch; NaN is a gap.
    """

    title: str
    curves: Mapping[str, Callable[[Row], float]]


@dataclass(frozen=True, slots=True)
class Look(Generic[Row]):
    """What is shown of one kind of training.

    Attributes:
        plots: beside each other where the terminal is wide enough, else below each other.
        words: an epoch as a line.
        best: the best of some epochs; None if it is not known of any.
        stages: the stages' names in words.
    """

    plots: Sequence[Plot[Row]]
    words: Callable[[Row], str]
    best: Callable[[Sequence[Row]], Row | None]
    stages: Mapping[str, str]


class LiveCurves(Generic[Row]):
    """Watches a training and shows it; a line an epoch where the console is no terminal.

    It is used in a ``with`` block, and told by the training how it goes.

    Args:
        console: where to; one that is quiet shows nothing.
        look: what is shown.
    """

    def __init__(self, console: Console, look: Look[Row]) -> None:
        self._look = look
        self._console = console
        self._steps: list[Row] = []
        self._stage, self._done, self._total = "", 0, 0
        self._begun: dict[
            str, tuple[float, int]
        ] = {}  # when each stage was first told of, and how far it was
        self._told_s = time.monotonic()
        self._live = (
            Live(get_renderable=self._view, console=console, refresh_per_second=6)
            if console.is_terminal and not console.quiet
            else None
        )

    def __enter__(self) -> LiveCurves[Row]:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._stage = ""
            self._live.stop()

    def stage(self, name: str, done: int, total: int) -> None:
        """So many of so many pictures or steps of a stage are done; a stage may go on after another one.

        Where it is not known how many there are, their number is 0.
        """
        now = time.monotonic()
        if name not in self._begun or done <= self._begun[name][1]:
            self._begun[name] = (now, done)
            self._told_s = now
        self._stage, self._done, self._total = name, done, total
        if self._live is None and now - self._told_s >= _EVERY_S:
            self._told_s = now
            self._print(self._progress_words())

    def epoch(self, step: Row) -> None:
        """An epoch has ended."""
        self._steps.append(step)
        if self._live is None:
            self._print(self._look.words(step))

    def say(self, sentence: str) -> None:
        """Something that the user should know."""
        self._print(sentence)

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)

    def _progress_words(self) -> str:
        began_s, first = self._begun[self._stage]
        words = f"{self._look.stages.get(self._stage, self._stage)}: {self._done}"
        words += f" of {self._total}" if self._total else ""
        if first < self._done < self._total:
            a_step_s = (time.monotonic() - began_s) / (self._done - first)
            words += f", {clock(math.ceil(a_step_s * (self._total - self._done)))} left"
        return words

    def _view(self) -> RenderableType:
        parts: list[RenderableType] = []
        if self._steps:
            parts += [*self._plots(), self._foot()]
        if self._stage:
            share = self._done / self._total if self._total else 0.0
            filled = round(_BAR * share)
            parts.append(
                Text.assemble(
                    ("━" * filled, _COLOURS[0]),
                    ("━" * (_BAR - filled), "grey37"),
                    f"  {self._progress_words()}",
                )
            )
        return Group(*parts)

    def _plots(self) -> list[RenderableType]:
        """All plots of the last stage, beside each other if there is room."""
        steps, plots = stages(self._steps)[-1], self._look.plots
        each = (self._console.width - _GAP * (len(plots) - 1)) // len(plots) - _AXIS
        width = min(_WIDTH, max(8, each if each >= _NARROW else self._console.width - _AXIS))
        drawn = [curves_plot(steps, plot, width, _HEIGHT) for plot in plots]
        if each < _NARROW:
            return [line for lines in drawn for line in lines]
        beside = Table.grid(padding=(0, _GAP, 0, 0))
        beside.add_row(*(Group(*lines) for lines in drawn))
        return [beside]

    def _foot(self) -> Text:
        steps = stages(self._steps)[-1]
        best = self._look.best(steps)
        line = Text.assemble(self._look.words(steps[-1]))
        if best is not None:
            line.append(f"; best: epoch {best.epoch}", style="dim")
        return line


def curves_plot(steps: Sequence[Row], plot: Plot[Row], width: int, height: int) -> list[Text]:
    """The curves over the epochs, drawn with braille letters of two by four dots.

    Args:
        steps: at least one.
        plot: which curves; a later one lies over those before it.
        width: of the drawing, in letters, without the axis.
        height: in lines, without the legend.

    Returns:
        The legend, then the lines from top to bottom.
    """
    curves = [np.array([value(step) for step in steps]) for value in plot.curves.values()]
    known = np.concatenate(curves)
    known = known[np.isfinite(known)]
    top = float(known.max()) if len(known) and known.max() > 0 else 1.0
    drawn = [
        (_dots(values, top, width, height), colour) for values, colour in zip(curves, _COLOURS, strict=False)
    ]
    legend = [
        part for name, colour in zip(plot.curves, _COLOURS, strict=False) for part in ("  ", (name, colour))
    ]
    lines = [Text.assemble(plot.title, *legend)]
    for row in range(height):
        label = f"{top:7.3g} ┤" if row == 0 else f"{0:7.3g} ┤" if row == height - 1 else " " * 8 + "│"
        line = Text.assemble((label, "dim"))
        for column in range(width):
            letter, style = 0, None
            for dots, colour in drawn:
                if dots[row, column]:
                    letter, style = letter | int(dots[row, column]), colour
            line.append(chr(_BRAILLE + letter) if letter else " ", style=style)
        lines.append(line)
    return lines


def _dots(values: NDArray[np.float64], top: float, width: int, height: int) -> NDArray[np.int64]:
    """The braille letters' bits, (height, width), of a line through values; there is none through gaps."""
    letters = np.zeros((height, width), np.int64)
    places = np.linspace(0, len(values) - 1, 2 * width)
    finite = np.isfinite(values)
    known = np.interp(places, np.arange(len(values)), np.where(finite, values, 0.0))
    drawn = finite[np.floor(places).astype(int)] & finite[np.ceil(places).astype(int)]
    rows = ((1 - known / top) * (4 * height - 1)).round().clip(0, 4 * height - 1).astype(int)
    columns = np.arange(2 * width)
    for x, y in zip(columns[drawn], rows[drawn], strict=True):
        letters[y // 4, x // 2] |= int(_DOTS[y % 4, x % 2])
    return letters
