"""Charts of what a model does: lines, bars, a reliability curve and a heat-map table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from spotter.report.axes import HEIGHT, WIDTH, Axes, Tick
from spotter.report.templates import fragment

_STEPS = (1, 2, 2.5, 5, 10)
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart; NaN is a gap. Two at most have a look of their own.

    Attributes:
        name: as the legend has it.
        x: ascending, of shape (points,).
        y: of shape (points,).
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar.

    Attributes:
        label: what it is.
        share: its length, 0 to 1; NaN for none.
        text: what is written at its end.
        hint: more words, shown when pointed at.
        low, high: ends of the interval that the value may lie in, 0 to 1; NaN for none.
    """

    label: str
    share: float
    text: str
    hint: str = ""
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a heat-map table.

    Attributes:
        text: what is written in it.
        share: how strongly it is coloured, 0 to 1; NaN for an empty cell.
        hint: more words, shown when pointed at.
        right: whether it is coloured as something right (or neutral), and not as something wrong.
        content: more than the text, such as pictures.
    """

    text: str
    share: float
    hint: str = ""
    right: bool = True
    content: Markup | None = None


def line_chart(
    title: str,
    series: Sequence[Series],
    *,
    about: str,
    x_label: str = "",
    y_range: tuple[float, float] | None = None,
    write: Callable[[float], str] = "{:g}".format,
    write_x: Callable[[float], str] = "{:g}".format,
    marks: Sequence[tuple[float, str]] = (),
) -> Markup:
    """A line chart of one or two series, with a legend where there are two.

    Args:
        title: stands above it; may be empty.
        series: at least one, of at least one point each.
        about: what it shows, in a sentence, for those who cannot see it.
        x_label: stands under the horizontal axis.
        y_range: ends of the vertical axis; round ends around the values if None.
        write: how a value stands on the vertical axis.
        write_x: how a value stands on the horizontal axis.
        marks: places on the horizontal axis with a word each, drawn as upright lines.
    """
    xs = np.concatenate([one.x for one in series])
    ys = np.concatenate([one.y for one in series])
    finite = ys[np.isfinite(ys)]
    low, high = y_range if y_range is not None else _round_range(finite)
    start, end = float(xs.min()), float(xs.max())
    axes = Axes(start, end if end > start else start + 1, low, high)
    return fragment(
        "plots.html.j2",
        kind="lines",
        title=title,
        about=about,
        x_label=x_label,
        lines=[(one.name, _line(one, axes)) for one in series],
        values=[Tick(axes.top(value), write(value)) for value in ticks(low, high)],
        times=[Tick(axes.left(value), write_x(value)) for value in ticks(axes.start_s, axes.end_s, 7)],
        marks=[Tick(axes.left(place), word) for place, word in marks],
        width=WIDTH,
        height=HEIGHT,
    )


def reliability_chart(
    confidence: NDArray[np.float64], accuracy: NDArray[np.float64], counts: NDArray[np.int64], *, about: str
) -> Markup:
    """How often answers are right, against how sure the model says it is; on the dashed line it is honest.

    Args:
        confidence: mean confidence of each bin, 0 to 1; NaN for an empty one.
        accuracy: the share of right answers of each bin, 0 to 1; NaN for an empty one.
        counts: answers of each bin.
        about: what it shows, in a sentence.
    """
    axes = Axes(0.0, 1.0, 0.0, 1.0)
    most = max(int(counts.max(initial=0)), 1)
    full = np.flatnonzero(counts > 0)
    points = [
        (
            axes.left(confidence[i]),
            axes.top(accuracy[i]),
            round(9 + 15 * math.sqrt(counts[i] / most), 1),
            f"{counts[i]} answers that were {100 * confidence[i]:.0f} % sure: "
            f"{100 * accuracy[i]:.0f} % of them right",
        )
        for i in full
    ]
    places = axes.xy(confidence[full], accuracy[full])
    return fragment(
        "plots.html.j2",
        kind="reliability",
        about=about,
        path=_path(places, np.ones(len(places), bool)),
        points=points,
        values=[Tick(axes.top(value), f"{100 * value:.0f} %") for value in ticks(0, 1)],
        times=[Tick(axes.left(value), f"{100 * value:.0f} %") for value in ticks(0, 1)],
        width=WIDTH,
        height=HEIGHT,
    )


def bar_chart(bars: Sequence[Bar], *, about: str) -> Markup:
    """Horizontal bars with their labels; see `Bar`.

    Args:
        bars: from top to bottom.
        about: what they show, in a sentence.
    """
    return fragment("plots.html.j2", kind="bars", bars=bars, about=about, finite=math.isfinite)


def heat_table(
    columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell]]], *, about: str, corner: str = ""
) -> Markup:
    """A table with coloured cells; see `Cell`.

    Args:
        columns: headings.
        rows: heading and cells of each.
        about: what it shows, in a sentence.
        corner: what stands above the rows' headings.
    """
    return fragment(
        "plots.html.j2",
        kind="heat",
        columns=columns,
        rows=rows,
        about=about,
        corner=corner,
        finite=math.isfinite,
    )


def ticks(low: float, high: float, most: int = _TICKS) -> list[float]:
    """Round places between two values, at most so many and one more.

    >>> ticks(0.0, 1.0), ticks(1, 40, 7)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [10.0, 20.0, 30.0, 40.0])
    """
    size = (high - low) / most
    power = 10.0 ** math.floor(math.log10(size))
    step = next(power * one for one in _STEPS if power * one >= size * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def _round_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """Ends of an axis from 0 to a round place above all values."""
    high = float(values.max()) if len(values) and values.max() > 0 else 1.0
    low = min(0.0, float(values.min())) if len(values) else 0.0
    marks = ticks(low, high)
    step = marks[1] - marks[0]
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def _line(series: Series, axes: Axes) -> str:
    known = np.isfinite(series.y)
    return _path(axes.xy(series.x, np.where(known, series.y, axes.low)), known)


def _path(places: list[str], good: NDArray[np.bool_]) -> str:
    """An SVG path; it is lifted at gaps, and a lone point becomes a dot."""
    pieces: list[list[str]] = [[]]
    for place, there in zip(places, good.tolist(), strict=True):
        if there:
            pieces[-1].append(place)
        elif pieces[-1]:
            pieces.append([])
    return "".join("M" + "L".join(piece) + ("h0" if len(piece) == 1 else "") for piece in pieces if piece)
