"""The plates of the overlay: the counter with its phase bar, notes, and cues. Drawn once, then kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from spotter.coach.analysis import Severity
from spotter.report.drawing import Layer
from spotter.report.palette import HEART, INK, MUTED, PAPER, RIGHT, SEVERITY, TRACK, Colour
from spotter.report.scene import Phases
from spotter.report.text import text_width, wrap_text

_OPACITY = 0.74
_PADDING = 11.0
_TITLE, _NUMBER, _LABEL, _SMALL, _CUE = 13.0, 46.0, 14.0, 12.0, 17.0
_PULSE = 19.0
_MIN_WIDTH = 128.0
_BAR_HEIGHT = 6.0
_GAP = 2.5
_TURN = np.linspace(0, 2 * np.pi, 48, endpoint=False)
_HEART = np.stack(  # a well-known curve, 32 units wide and 29 high
    [
        16 * np.sin(_TURN) ** 3,
        -(13 * np.cos(_TURN) - 5 * np.cos(2 * _TURN) - 2 * np.cos(3 * _TURN) - np.cos(4 * _TURN)),
    ],
    axis=1,
)


@dataclass(frozen=True, slots=True)
class Bar:
    """Where the phase bar lies on its plate: left end, middle line, width, height and gaps in pixels."""

    x: float
    y: float
    width: float
    height: float
    gap: float

    def pieces(self, phases: Phases | None) -> list[tuple[float, float]]:
        """Left and right end of each phase's piece; one piece where there are no phases.

        >>> Bar(0.0, 5.0, 100.0, 6.0, 2.0).pieces(Phases(0.4, 0.6))
        [(0.0, 39.0), (41.0, 59.0), (61.0, 100.0)]
        """
        ends = (0.0, 1.0) if phases is None else (0.0, phases.out_end, phases.back_start, 1.0)
        pieces = [
            (
                self.x + first * self.width + (self.gap / 2 if first > 0 else 0),
                self.x + last * self.width - (self.gap / 2 if last < 1 else 0),
            )
            for first, last in pairwise(ends)
        ]
        return [(start, end) for start, end in pieces if end - start >= self.gap]


@lru_cache(maxsize=256)
def rep_plate(
    title: str,
    count: int,
    flash: bool,
    held_s: int | None,
    holding: bool,
    phases: Phases | None,
    phase: str,
    unit: float,
) -> tuple[Layer, Bar]:
    """The counter: the title, a big number, what it counts, and the phase bar.

    Args:
        title: the exercise, or the person where there are several.
        count: repetitions.
        flash: light the number up.
        held_s: whole seconds held, for a held posture, instead of the count.
        holding: the posture is held now.
        phases: of the repetition under way.
        phase: the one that it is in; empty between repetitions.
        unit: what a pixel of a picture 360 pixels high is here.
    """
    if held_s is None:
        number, label = str(count), "rep" if count == 1 else "reps"
    else:
        number, label = f"{held_s // 60}:{held_s % 60:02d}", "held"
        phase = "now" if holding else "paused"
    lit = flash or holding
    pad, number_width = _PADDING * unit, text_width(number, _NUMBER * unit, "bold")
    labels = max(text_width(label, _LABEL * unit), text_width("paused", _SMALL * unit))
    width = max(
        _MIN_WIDTH * unit,
        2 * pad + number_width + 8 * unit + labels,
        2 * pad + text_width(title, _TITLE * unit),
    )
    has_bar = held_s is None
    height = (_PADDING + _TITLE + 8 + 0.72 * _NUMBER + _PADDING + (_BAR_HEIGHT + 10 if has_bar else 0)) * unit
    layer = Layer.empty(width + 1, height + 1)
    layer.box(0, 0, width, height, 10 * unit, INK, _OPACITY)
    line = pad + 0.8 * _TITLE * unit
    layer.text(title, pad, line, _TITLE * unit, MUTED)
    line += (8 + 0.2 * _TITLE + 0.72 * _NUMBER) * unit
    layer.text(number, pad - 1.5 * unit, line, _NUMBER * unit, RIGHT if lit else PAPER, "bold")
    beside = pad + number_width + 6 * unit
    layer.text(label, beside, line - 1.3 * _SMALL * unit, _LABEL * unit, PAPER)
    layer.text(phase, beside, line, _SMALL * unit, RIGHT if lit else MUTED)
    bar = Bar(pad, line + (12 + _BAR_HEIGHT / 2) * unit, width - 2 * pad, _BAR_HEIGHT * unit, _GAP * unit)
    if has_bar:
        _paint_track(layer, bar, phases)
    return layer, bar


@lru_cache(maxsize=64)
def cue_plate(text: str, severity: Severity, max_width: float, unit: float) -> Layer:
    """A cue with a sign that says how bad it is: its shape tells it without the colour.

    Args:
        text: what to do; broken into lines where it is long.
        severity: how bad it is.
        max_width: in pixels.
        unit: what a pixel of a picture 360 pixels high is here.
    """
    size, pad, sign = _CUE * unit, 12 * unit, 24 * unit
    lines = wrap_text(text, size, max_width - 3 * pad - sign)
    line_height = 1.32 * size
    width = 3 * pad + sign + max(text_width(line, size) for line in lines)
    height = 1.5 * pad + max(len(lines) * line_height, sign)
    layer = Layer.empty(width + 1, height + 1)
    layer.box(0, 0, width, height, 10 * unit, INK, 0.84)
    _paint_sign(layer, severity, pad, height / 2 - sign / 2, sign)
    baseline = (height - len(lines) * line_height) / 2 + 0.98 * size
    for i, line in enumerate(lines):
        layer.text(line, 2 * pad + sign, baseline + i * line_height, size, PAPER)
    return layer


@lru_cache(maxsize=16)
def note_plate(text: str, unit: float) -> Layer:
    """A short note, such as that an attempt was not counted."""
    size, pad = _SMALL * unit, 9 * unit
    width, height = text_width(text, size) + 2 * pad, 2.0 * size
    layer = Layer.empty(width + 1, height + 1)
    layer.box(0, 0, width, height, height / 2, INK, 0.84)
    layer.text(text, pad, height / 2 + 0.36 * size, size, SEVERITY["warning"])
    return layer


@lru_cache(maxsize=256)
def heart_plate(bpm: int, unit: float) -> Layer:
    """The badge of the heart: beats a minute; of one width for all of them, so that it stands still."""
    pad, sign, small = 9 * unit, 14 * unit, _SMALL * unit
    field = text_width("000", _PULSE * unit, "bold")
    width = 2 * pad + sign + 6 * unit + field + 4 * unit + text_width("bpm", small)
    height = 30 * unit
    layer = Layer.empty(width + 1, height + 1)
    layer.box(0, 0, width, height, height / 2, INK, _OPACITY)
    layer.polygon(np.array([pad + sign / 2, height / 2 - 0.04 * sign]) + sign / 32 * _HEART, HEART)
    text, line = str(bpm), height / 2 + 0.36 * _PULSE * unit
    right = pad + sign + 6 * unit + field
    layer.text(text, right - text_width(text, _PULSE * unit, "bold"), line, _PULSE * unit, PAPER, "bold")
    layer.text("bpm", right + 4 * unit, line, small, MUTED)
    return layer


def value_plate(measured: str, limit: str, severity: Severity, unit: float) -> Layer:
    """What was measured, and the limit under it, for a picture of a fault."""
    size, small, pad = 20 * unit, 12.5 * unit, 10 * unit
    width = 2.4 * pad + max(text_width(measured, size, "bold"), text_width(limit, small))
    height = 2 * pad + 0.72 * size + 1.5 * small
    layer = Layer.empty(width + 1, height + 1)
    layer.box(0, 0, width, height, 8 * unit, INK, 0.84)
    layer.text(measured, 1.2 * pad, pad + 0.72 * size, size, SEVERITY[severity], "bold")
    layer.text(limit, 1.2 * pad, height - pad, small, PAPER)
    return layer


@lru_cache(maxsize=64)
def number_tag(person: int, unit: float) -> Layer:
    """The round tag with a person's number."""
    size, text = 13 * unit, str(person)
    height = 1.7 * size
    width = max(height, text_width(text, size, "bold") + 0.9 * size)
    layer = Layer.empty(width + 1, height + 1)
    layer.box(0, 0, width, height, height / 2, RIGHT, 0.95)
    layer.text(
        text, (width - text_width(text, size, "bold")) / 2, height / 2 + 0.36 * size, size, INK, "bold"
    )
    return layer


def _paint_track(layer: Layer, bar: Bar, phases: Phases | None) -> None:
    for start, end in bar.pieces(phases):
        layer.box(start, bar.y - bar.height / 2, end - start, bar.height, bar.height / 2, TRACK)


def _paint_sign(layer: Layer, severity: Severity, x: float, y: float, size: float) -> None:
    """A disc for a hint, a triangle for a warning, an octagon for danger, each with its mark."""
    colour: Colour = SEVERITY[severity]
    centre = np.array([x + size / 2, y + size / 2])
    if severity == "hint":
        layer.box(x, y, size, size, size / 2, colour)
    elif severity == "warning":
        layer.polygon(centre + size * np.array([[0, -0.5], [0.56, 0.47], [-0.56, 0.47]]), colour)
    else:
        turn = np.pi / 8 + np.arange(8) * np.pi / 4
        layer.polygon(centre + 0.54 * size * np.stack([np.cos(turn), np.sin(turn)], axis=1), colour)
    mark, mark_size = ("i" if severity == "hint" else "!"), 0.72 * size
    down = 0.36 if severity == "warning" else 0.26
    layer.text(
        mark,
        x + (size - text_width(mark, mark_size, "bold")) / 2,
        y + size * (0.5 + down),
        mark_size,
        INK,
        "bold",
    )
