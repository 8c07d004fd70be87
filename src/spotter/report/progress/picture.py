"""progress-EXERCISE.png: all charts of an exercise in one picture, to be shown anywhere."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np

from spotter.history.exercise_progress import ExerciseProgress
from spotter.history.person_progress import PersonProgress
from spotter.media.writing import write_bytes
from spotter.report.drawing import Image
from spotter.report.font import Weight
from spotter.report.progress.bars import BarChart, Strips, fault_strips, week_chart
from spotter.report.progress.canvas import (
    AIM,
    FAULT,
    GOOD,
    HUES,
    INK,
    LINE,
    MUTED,
    TONES,
    Box,
    Canvas,
    mixed,
)
from spotter.report.progress.charts import DotChart, Dots, dot_charts
from spotter.report.progress.dates import period
from spotter.report.progress.told import Said
from spotter.report.words import counted

WIDTH = 1600
"""Of a picture, in pixels; its height follows from the number of charts."""

_EDGE, _GAP, _PAD = 56, 28, 30
_HEAD, _CARD, _STRIP = 130, 420, 84
_AXIS, _TOP, _FOOT = 84, 116, 56
_TITLE, _NAME, _TEXT, _SMALL = 46.0, 27.0, 21.0, 19.0
_MANY = 120


def write_pictures(folder: Path, progress: PersonProgress) -> tuple[Path, ...]:
    """Write a picture for each exercise that has a session.

    Returns:
        The files.

    Raises:
        OutputError: one cannot be written.
    """
    written = []
    for one in progress.exercises:
        if len(one.sessions):
            path = folder / f"progress-{file_name(one.exercise)}.png"
            write_png(path, exercise_picture(progress.person, one))
            written.append(path)
    return tuple(written)


def write_png(path: Path, image: Image) -> None:
    """Write a picture.

    Raises:
        OutputError: it cannot be written.
    """
    _, data = cv2.imencode(".png", image[:, :, ::-1])
    write_bytes(path, data.tobytes())


def file_name(name: str) -> str:
    """A name as part of a file's name: what other systems do not take becomes a hyphen.

    >>> file_name("push-up"), file_name("../my: lift")
    ('push-up', '---my--lift')
    """
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)[:80]


def exercise_picture(person: str, one: ExerciseProgress) -> Image:
    """The charts of an exercise, RGB uint8 (height, 1600, 3)."""
    charts = dot_charts(one)
    weeks, strips = week_chart(one), fault_strips(one)
    rows = math.ceil((len(charts) + (weeks is not None)) / 2)
    strips_height = 0 if strips is None else 2 * _PAD + 72 + _STRIP * len(strips.strips)
    height = _EDGE + _HEAD + rows * (_CARD + _GAP) + (strips_height + _GAP if strips_height else 0) + _EDGE
    canvas = Canvas(WIDTH, height - _GAP)
    _head(canvas, person, one)
    boxes = [_place(row) for row in range(2 * rows)]
    for chart, box in zip(charts, boxes, strict=False):
        _dot_card(canvas, chart, box)
    if weeks is not None:
        _week_card(canvas, weeks, boxes[len(charts)])
    if strips is not None:
        top = _EDGE + _HEAD + rows * (_CARD + _GAP)
        _strips_card(canvas, strips, Box(_EDGE, top, WIDTH - 2 * _EDGE, strips_height))
    return canvas.image


def _place(row: int) -> Box:
    width = (WIDTH - 2 * _EDGE - _GAP) / 2
    return Box(_EDGE + row % 2 * (width + _GAP), _EDGE + _HEAD + row // 2 * (_CARD + _GAP), width, _CARD)


def _head(canvas: Canvas, person: str, one: ExerciseProgress) -> None:
    canvas.text(one.title, _EDGE, _EDGE + 42, _TITLE, INK, "bold", width=0.6 * WIDTH)
    canvas.text("Spotter", WIDTH - _EDGE, _EDGE + 42, _NAME, GOOD, "bold", align=1.0)
    words = f"{person}, {counted(len(one.sessions), 'session', 'sessions')}, {period(one.sessions.days)}"
    canvas.text(words, _EDGE, _EDGE + 86, _NAME, MUTED, width=WIDTH - 2 * _EDGE)


def card_head(canvas: Canvas, box: Box, title: str, latest: str, said: Said | None) -> None:
    """A card with its title, its last value, and what is said of it."""
    canvas.card(box)
    left, right = box.left + _PAD, box.right - _PAD
    wide = canvas.text(latest, right, box.top + 52, 34.0, INK, "bold", align=1.0)
    canvas.text(title, left, box.top + 50, _NAME, INK, "bold", width=right - left - wide - 20)
    if said is None:
        return
    tone = TONES[said.tone]
    weight: Weight = "bold" if said.tone in ("good", "bad") else "medium"
    wide = canvas.text(said.words, left, box.top + 84, _TEXT, tone, weight, width=right - left)
    canvas.text(f"({said.remark})", left + wide + 10, box.top + 84, _SMALL, MUTED, width=right - left - wide)


def _dot_card(canvas: Canvas, chart: DotChart, box: Box) -> None:
    alone = len(chart.said) == 1
    card_head(canvas, box, chart.title, chart.latest, chart.said[0] if alone else None)
    if not alone:
        x = box.left + _PAD
        for one, hue in zip(chart.dots, HUES, strict=False):
            canvas.box(Box(x, box.top + 70, 14, 14), hue, 7)
            x += 22 + canvas.text(one.name, x + 22, box.top + 84, _SMALL, MUTED) + 26
    area = _area(box)
    canvas.frame(area, chart.values, chart.days)
    for one, hue in zip(chart.dots, HUES, strict=False):
        _dots(canvas, chart, one, area, hue)
    if chart.target is not None:
        y = canvas.level(area, chart.axes, chart.target, AIM)
        canvas.text(chart.target_label, area.left + 6, y - 8, _SMALL, mixed(AIM, 0.7, INK), "bold")


def _dots(canvas: Canvas, chart: DotChart, one: Dots, area: Box, hue: tuple[int, int, int]) -> None:
    many = len(one.days) > _MANY
    said = one.trend.direction != "not enough to say"
    ends = np.unique([one.days.min(), one.trend.middle_day, one.days.max()]) if said else np.zeros(0)
    if said:
        canvas.band(area, chart.axes, ends, *one.trend.band(ends), hue, 0.15)
    if one.best is not None:
        canvas.dots(area, chart.axes, one.days, one.best, mixed(hue, 0.34), 2.2 if many else 4.0)
    canvas.dots(area, chart.axes, one.days, one.values, mixed(hue, 0.8), 3.0 if many else 6.0)
    if said:
        clear = one.trend.direction != "no clear change"
        colour = mixed(hue, 0.6, INK) if clear else mixed(hue, 0.7)
        canvas.line(area, chart.axes, ends, one.trend.at(ends), colour, 4.0 if clear else 2.0)


def _week_card(canvas: Canvas, chart: BarChart, box: Box) -> None:
    card_head(canvas, box, chart.title, chart.latest, chart.said[0])
    area = _area(box)
    canvas.frame(area, chart.values, chart.days)
    for begin, end, height in zip(chart.begins, chart.ends, chart.heights, strict=True):
        left, right = (area.left + chart.axes.left(day) / 100 * area.width for day in (begin, end))
        tall = height / chart.axes.high * area.height
        if tall >= 0.5:
            gap = min(0.18 * (right - left), 6.0)
            bar = Box(left + gap / 2, area.bottom - tall, max(right - left - gap, 1.0), tall)
            canvas.box(bar, mixed(HUES[0], 0.75), 3.0)


def _strips_card(canvas: Canvas, strips: Strips, box: Box) -> None:
    canvas.card(box)
    left, middle, right = box.left + _PAD, box.left + 430, box.right - 110
    canvas.text("Faults over time", left, box.top + 50, _NAME, INK, "bold")
    canvas.text("share of the judged repetitions", middle, box.top + 50, _SMALL, MUTED)
    top = box.top + 72
    for strip in strips.strips:
        canvas.text(strip.said.title, left, top + 34, _TEXT, INK, "bold", width=middle - left - 20)
        words = f"{strip.said.words} ({strip.said.remark})"
        canvas.text(words, left, top + 60, 17.0, TONES[strip.said.tone], width=middle - left - 20)
        each = (right - middle) / len(strip.cells)
        for row, cell in enumerate(strip.cells):
            part = Box(middle + row * each, top + 14, each - 3, 50)
            nothing = math.isnan(cell)
            canvas.box(part, mixed(LINE, 0.3) if nothing else mixed(FAULT, cell, mixed(LINE, 0.75)))
        canvas.text(strip.latest, box.right - _PAD, top + 48, _NAME, INK, "bold", align=1.0)
        top += _STRIP
    for tick in strips.days:
        x = middle + tick.place / 100 * (right - middle)
        canvas.text(tick.label, x, top + 22, _SMALL, MUTED, align=0.5)


def _area(box: Box) -> Box:
    return Box(
        box.left + _AXIS + 14, box.top + _TOP, box.width - _AXIS - 14 - _PAD, box.height - _TOP - _FOOT
    )
