"""Turns lines of text into masks that are crisp at every size, and breaks or cuts long ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.report.font import Weight, load_font

_SMOOTHING = 8  # subpixels a side for small letters
_LARGE_PX = 64


@dataclass(frozen=True, slots=True)
class TextMask:
    """One line of text.

    Attributes:
        alpha: uint8 array (height, width), 255 inside the letters.
        baseline: row that the letters stand on.
    """

    alpha: NDArray[np.uint8]
    baseline: int


def text_width(text: str, size: float, weight: Weight = "medium") -> float:
    """Width of one line in pixels.

    Args:
        text: one line.
        size: font size in pixels.
        weight: ``"medium"`` or ``"bold"``.
    """
    return load_font(weight).width(text) * size


@lru_cache(maxsize=512)
def text_mask(text: str, size: float, weight: Weight = "medium") -> TextMask:
    """One line of text as a mask.

    >>> mask = text_mask("12", 40.0, "bold")
    >>> mask.alpha.shape[0] >= 40, int(mask.alpha.max())
    (True, 255)
    """
    font = load_font(weight)
    fine = _SMOOTHING if size < _LARGE_PX else _SMOOTHING // 2
    ascent, descent = int(np.ceil(font.ascent * size)), int(np.ceil(font.descent * size))
    width = max(1, int(np.ceil(font.width(text) * size)) + 2)
    canvas = np.zeros(((ascent + descent) * fine, width * fine), np.uint8)
    pen = 1.0
    for letter in text:
        glyph = font.glyph(letter)
        for part in glyph.parts:
            scaled = [contour * (size, -size) + (pen, ascent) for contour in part]
            cv2.fillPoly(
                canvas, [np.round(contour * fine * 16).astype(np.int32) for contour in scaled], 255, shift=4
            )
        pen += glyph.advance * size
    alpha = cv2.resize(canvas, (width, ascent + descent), interpolation=cv2.INTER_AREA)
    return TextMask(np.asarray(alpha, np.uint8), ascent)


def wrap_text(text: str, size: float, width: float, weight: Weight = "medium") -> list[str]:
    """Lines of at most ``width`` pixels, broken between words; a word that is longer is broken inside.

    >>> wrap_text("Push your knees out", 10.0, 60.0)
    ['Push your', 'knees out']
    """
    font = load_font(weight)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.width(longer) * size <= width:
            lines[-1] = longer
            continue
        pieces = _break_word(word, size, width, weight)
        lines = [*lines, *pieces] if lines[-1] else pieces
    return lines


def fitted_text(text: str, size: float, width: float, weight: Weight = "medium") -> str:
    """A line of at most ``width`` pixels, cut off with three dots where it is too long.

    >>> fitted_text("Upper arm", 10.0, 60.0), fitted_text("Upper arm", 10.0, 40.0)
    ('Upper arm', 'Upper...')
    """
    if text_width(text, size, weight) <= width:
        return text
    while text and text_width(f"{text}...", size, weight) > width:
        text = text[:-1]
    return f"{text.rstrip()}..."


def _break_word(word: str, size: float, width: float, weight: Weight) -> list[str]:
    font = load_font(weight)
    pieces = [""]
    for letter in word:
        if pieces[-1] and font.width(pieces[-1] + letter) * size > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
