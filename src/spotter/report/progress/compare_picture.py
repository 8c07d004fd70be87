"""compare-EXERCISE.png: two sessions in one picture, to be shown anywhere."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from spotter.history.compare import Comparison, ExerciseComparison
from spotter.report.drawing import Image, draw_lines
from spotter.report.palette import Colour
from spotter.report.progress.canvas import HUES, INK, LINE, MUTED, TONES, Box, Canvas, mixed
from spotter.report.progress.compare_charts import CurveChart, PairChart, curve_chart, interval, pair_charts
from spotter.report.progress.compare_page import session_names
from spotter.report.progress.picture import WIDTH, card_head, file_name, write_png
from spotter.report.progress.told import difference_said, value_said

_EDGE, _GAP, _PAD = 56, 28, 30
_HEAD, _ROW, _CURVES, _PAIRS = 160, 68, 520, 420
_TITLE, _NAME, _TEXT, _SMALL = 46.0, 27.0, 21.0, 19.0
_WAS, _IS = HUES[1], HUES[0]
_MOST_CURVES = 60


def write_compare_pictures(folder: Path, comparison: Comparison) -> tuple[Path, ...]:
    """Write a picture for each exercise that both sessions have.

    Returns:
        The files.

    Raises:
        OutputError: one cannot be written.
    """
    written = []
    for one in comparison.exercises:
        path = folder / f"compare-{file_name(one.exercise)}.png"
        write_png(path, comparison_picture(comparison, one))
        written.append(path)
    return tuple(written)


def comparison_picture(comparison: Comparison, one: ExerciseComparison) -> Image:
    """Differences, curves and repetitions, RGB uint8 (height, 1600, 3)."""
    curves, pairs = curve_chart(one), pair_charts(one)
    table = 90 + _ROW * len(one.differences) if one.differences else 0
    rows = math.ceil(len(pairs) / 2)
    heights = [height for height in (table, _CURVES if curves else 0, *[_PAIRS] * rows) if height]
    height = _EDGE + _HEAD + sum(heights) + _GAP * max(0, len(heights) - 1) + _EDGE
    canvas = Canvas(WIDTH, height)
    _head(canvas, comparison, one)
    top = float(_EDGE + _HEAD)
    width = WIDTH - 2 * _EDGE
    if table:
        _table(canvas, one, Box(_EDGE, top, width, table))
        top += table + _GAP
    if curves is not None:
        _curves(canvas, curves, Box(_EDGE, top, width, _CURVES))
        top += _CURVES + _GAP
    half = (width - _GAP) / 2
    for number, chart in enumerate(pairs):
        left, row = _EDGE + number % 2 * (half + _GAP), number // 2
        _pairs(canvas, chart, Box(left, top + row * (_PAIRS + _GAP), half, _PAIRS))
    return canvas.image


def _head(canvas: Canvas, comparison: Comparison, one: ExerciseComparison) -> None:
    canvas.text(one.title, _EDGE, _EDGE + 42, _TITLE, INK, "bold", width=0.6 * WIDTH)
    canvas.text("Spotter", WIDTH - _EDGE, _EDGE + 42, _NAME, HUES[0], "bold", align=1.0)
    people = dict.fromkeys((comparison.first.person, comparison.second.person))
    canvas.text(" and ".join(people), _EDGE, _EDGE + 84, _NAME, MUTED, width=WIDTH - 2 * _EDGE)
    x = float(_EDGE)
    for name, hue in zip(session_names(comparison), (_WAS, _IS), strict=True):
        canvas.box(Box(x, _EDGE + 105, 16, 16), hue, 8)
        x += 26 + canvas.text(name, x + 26, _EDGE + 121, _TEXT, INK, "bold", width=WIDTH / 2 - 100) + 34


def _table(canvas: Canvas, one: ExerciseComparison, box: Box) -> None:
    card_head(canvas, box, "What differs", "", None)
    left, first, middle, last = (box.left + x for x in (_PAD, 290, 540, 1010))
    scale = Box(middle, 0, last - middle - 40, 0)
    for row, each in enumerate(one.differences):
        base = box.top + 112 + row * _ROW
        if row:
            edge = base - 44
            draw_lines(canvas.image, [np.array([[left, edge], [box.right - _PAD, edge]])], LINE, 1)
        said = difference_said(each, one.exercise)
        tone = TONES[said.tone]
        canvas.text(said.title, left, base, _TEXT, INK, "bold", width=first - left - 10)
        values = (value_said(value, each.measure) for value in (each.first, each.second))
        wide = canvas.text(f"{next(values)} to ", first, base, _TEXT, MUTED)
        canvas.text(next(values), first + wide, base, 24.0, INK, "bold")
        strong = INK if said.tone == "plain" else tone
        canvas.text(said.words, last, base - 8, _TEXT, strong, "bold", width=box.right - last - _PAD)
        canvas.text(f"({said.remark})", last, base + 16, 17.0, MUTED, width=box.right - last - _PAD)
        if math.isfinite(each.interval[0]) and not each.why_not:
            place = interval(each)
            _forest(canvas, scale, base - 8, place.low, place.high, place.value, place.error_low, strong)


def _forest(
    canvas: Canvas, scale: Box, y: float, low: float, high: float, value: float, error: float, colour: Colour
) -> None:
    """An interval on its scale, of which all places are in per cent."""

    def x(place: float) -> float:
        return scale.left + place / 100 * scale.width

    if error < 50:
        canvas.box(Box(x(error), y - 15, x(100 - error) - x(error), 30), mixed(MUTED, 0.17), 7)
    draw_lines(canvas.image, [np.array([[x(50), y - 20], [x(50), y + 20]])], MUTED, 2)
    draw_lines(canvas.image, [np.array([[x(low), y], [x(high), y]])], colour, 5)
    canvas.box(Box(x(value) - 9, y - 9, 18, 18), colour, 9)


def _curves(canvas: Canvas, chart: CurveChart, box: Box) -> None:
    card_head(canvas, box, f"{chart.title} over the repetition", "", None)
    area = Box(box.left + 98, box.top + 84, box.width - 98 - _PAD, box.height - 84 - 56)
    canvas.frame(area, chart.values, chart.phases)
    phase = np.linspace(0, 1, len(chart.usual[0]))
    for curves, hue in zip(chart.curves, (_WAS, _IS), strict=True):
        for curve in curves[:_MOST_CURVES]:
            canvas.line(area, chart.axes, phase, curve, mixed(hue, 0.3), 1.0)
    for usual, hue in zip(chart.usual, (_WAS, _IS), strict=True):
        canvas.line(area, chart.axes, phase, usual, hue, 5.0)


def _pairs(canvas: Canvas, chart: PairChart, box: Box) -> None:
    card_head(canvas, box, chart.title, "", None)
    area = Box(box.left + 98, box.top + 84, box.width - 98 - _PAD, box.height - 84 - 56)
    canvas.frame(area, chart.values, chart.sets)
    for x, first, second in zip(chart.x, chart.first, chart.second, strict=True):
        both = np.array([first, second])
        if np.isfinite(both).all():
            canvas.line(area, chart.axes, np.array([x, x]), both, mixed(MUTED, 0.4), 2.0)
    canvas.dots(area, chart.axes, chart.x, chart.first, _WAS, 6.0)
    canvas.dots(area, chart.axes, chart.x, chart.first, (255, 255, 255), 3.4)
    canvas.dots(area, chart.axes, chart.x, chart.second, _IS, 6.0)
