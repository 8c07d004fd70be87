"""compare.html: two sessions, repetition over repetition, and which differences are more than error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from spotter.coach.analysis import Rep
from spotter.history.compare import Comparison, Difference, ExerciseComparison, Pair
from spotter.history.measures import said
from spotter.media.writing import write_text
from spotter.report.axes import HEIGHT, WIDTH
from spotter.report.progress.compare_charts import (
    CurveChart,
    Interval,
    PairChart,
    curve_chart,
    interval,
    pair_charts,
)
from spotter.report.progress.dates import short_day
from spotter.report.progress.told import Said, difference_said, value_said
from spotter.report.shell import Tile, page_html
from spotter.report.templates import asset, fragment
from spotter.report.words import VIEW_WORDS, amount, clock, counted, number

COMPARE_PAGE = "compare.html"

_MOST_CURVES = 60  # thin lines of a session; more are only a grey field


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """A row of the table: both medians as they are written, what is said of them, and where they differ."""

    first: str
    second: str
    said: Said
    place: Interval | None


@dataclass(frozen=True, slots=True)
class CurvePaths:
    """Each curve of a session as one path, and their median."""

    each: str
    usual: str


@dataclass(frozen=True, slots=True)
class PairMark:
    """A repetition of both sessions in per cent of the area; None where a session has none."""

    left: float
    first: float | None
    second: float | None
    hint: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """A row of the table of repetitions, as it is written: each has the first, the second, the difference."""

    name: str
    range: tuple[str, str, str]
    score: tuple[str, str, str]
    duration: tuple[str, str, str]


@dataclass(frozen=True)
class ComparisonView:
    """An exercise on the page."""

    anchor: str
    title: str
    meta: str
    differences: tuple[DifferenceView, ...]
    curves: tuple[CurveChart, tuple[CurvePaths, CurvePaths]] | None
    pairs: tuple[tuple[PairChart, tuple[PairMark, ...]], ...]
    rows: tuple[PairRow, ...]
    notes: tuple[str, ...]


def write_compare(path: Path, comparison: Comparison) -> None:
    """Write the page.

    Raises:
        OutputError: it cannot be written.
    """
    write_text(path, compare_html(comparison))


def compare_html(comparison: Comparison) -> str:
    """The page as text; see `write_compare`."""
    names = session_names(comparison)
    body = fragment(
        "progress/compare.html.j2",
        css=Markup(asset("progress/progress.css") + asset("progress/compare.css")),
        exercises=[_view(one) for one in comparison.exercises],
        names=names,
        height=HEIGHT,
        width=WIDTH,
        trust=_trust(),
    )
    people = dict.fromkeys((comparison.first.person, comparison.second.person))
    return page_html(
        " and ".join(people), body, meta=f"{names[0]}, then {names[1]}", tiles=_tiles(comparison)
    )


def session_names(comparison: Comparison) -> tuple[str, str]:
    """What the two sessions are called: their days; with the time where both are of one day."""
    sessions = (comparison.first, comparison.second)
    first, second = (short_day(np.datetime64(one.started.date())) for one in sessions)
    if first == second:
        first, second = (
            f"{day}, {one.started:%H:%M}" for day, one in zip((first, second), sessions, strict=True)
        )
    if comparison.first.person != comparison.second.person:
        return f"{comparison.first.person}, {first}", f"{comparison.second.person}, {second}"
    return first, second


def _tiles(comparison: Comparison) -> list[Tile]:
    common = {one.exercise for one in comparison.exercises}
    sets = [
        [one for one in session.sets if one.exercise in common]
        for session in (comparison.first, comparison.second)
    ]
    reps = [sum(one.count for one in part) for part in sets]
    held_s = [sum(hold.end_s - hold.start_s for one in part for hold in one.holds) for part in sets]
    tiles = [Tile(f"{len(sets[0])} → {len(sets[1])}", "sets", "of the exercises in common")]
    if any(reps):
        tiles.insert(0, Tile(f"{reps[0]} → {reps[1]}", "repetitions", ""))
    if any(held_s):
        tiles.append(Tile(f"{clock(held_s[0])} → {clock(held_s[1])}", "held", ""))
    return tiles


def _view(one: ExerciseComparison) -> ComparisonView:
    curves = curve_chart(one)
    return ComparisonView(
        anchor=one.exercise,
        title=one.title,
        meta=_meta(one),
        differences=tuple(_difference(each, one.exercise) for each in one.differences),
        curves=None if curves is None else (curves, (_curves(curves, 0), _curves(curves, 1))),
        pairs=tuple((chart, tuple(_marks(chart))) for chart in pair_charts(one)),
        rows=tuple(_row(pair) for pair in one.pairs),
        notes=tuple(_notes(one)),
    )


def _meta(one: ExerciseComparison) -> str:
    both = sum(pair.first is not None and pair.second is not None for pair in one.pairs)
    if one.pairs:
        return f"{counted(both, 'repetition', 'repetitions')} in both, of {len(one.pairs)}"
    return counted(len(one.holds), "hold", "holds")


def _difference(one: Difference, exercise: str) -> DifferenceView:
    known = not math.isnan(one.interval[0]) and not one.why_not
    return DifferenceView(
        value_said(one.first, one.measure),
        value_said(one.second, one.measure),
        difference_said(one, exercise),
        interval(one) if known else None,
    )


def _curves(chart: CurveChart, which: int) -> CurvePaths:
    phase = np.linspace(0, 1, chart.curves[which].shape[1])
    lines = ["M" + "L".join(chart.axes.xy(phase, curve)) for curve in chart.curves[which][:_MOST_CURVES]]
    return CurvePaths("".join(lines), "M" + "L".join(chart.axes.xy(phase, chart.usual[which])))


def _marks(chart: PairChart) -> list[PairMark]:
    def top(value: float) -> float | None:
        return chart.axes.top(value) if math.isfinite(value) else None

    return [
        PairMark(
            chart.axes.left(x), top(first), top(second),
            f"{value_said(first, chart.measure)}, then {value_said(second, chart.measure)}",
        )
        for x, first, second in zip(
            chart.x.tolist(), chart.first.tolist(), chart.second.tolist(), strict=True
        )
    ]  # fmt: skip


def _row(pair: Pair) -> PairRow:
    first, second = pair.first, pair.second

    def degrees(rep: Rep | None) -> str:
        return amount(math.nan if rep is None else rep.range_deg, "deg")

    def points(rep: Rep | None) -> str:
        return number(math.nan if rep is None else rep.score)

    def seconds(rep: Rep | None) -> str:
        return amount(math.nan if rep is None else rep.end_s - rep.start_s, "s")

    return PairRow(
        f"{pair.set_number}.{pair.number}",
        (degrees(first), degrees(second), said(pair.range_deg, "deg", signed=True)),
        (points(first), points(second), said(pair.score, "points", signed=True)),
        (seconds(first), seconds(second), said(pair.duration_s, "s", 1, signed=True)),
    )


def _notes(one: ExerciseComparison) -> list[str]:
    words = [VIEW_WORDS.get(view, "from a side that is not known") for view in one.views]
    if one.same_view:
        return [
            f"Both were filmed {words[0]}. Even so two sessions of the same movement differ by where the "
            "camera stood; a trend over many sessions sees what two cannot."
        ]
    return [
        f"The first was filmed {words[0]}, the second {words[1]}: angles of different sides differ much more "
        "than the movement does. Put the camera in the same place each time."
    ]


def _trust() -> list[str]:
    return [
        "A difference is the median of all differences between a repetition of the one session and one of "
        "the other (Hodges and Lehmann). Its 95 % interval is that of the rank-sum test, widened by the "
        "error of measuring; more or less is only said where 0 lies outside.",
        "The error of measuring was found by filming rendered bodies, of which every angle is known, from "
        "several places: 95 of 100 pairs of sessions of the same movement differ by less. What it does to "
        "the score is not known.",
        "Way out and way back of each curve are stretched to the same length.",
    ]
