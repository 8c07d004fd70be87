"""Letters: the font's shapes, crisp masks, and lines that fit."""

from __future__ import annotations

import numpy as np
import pytest

from spotter.report.font import load_font
from spotter.report.text import text_mask, text_width, wrap_text


@pytest.mark.parametrize(
    ("letter", "parts", "contours"),
    [(" ", 0, 0), ("l", 1, 1), ("O", 1, 2), ("8", 1, 3), ("é", 2, 3), ("°", 1, 2), ("Ж", 1, 1), ("λ", 1, 1)],
)
def test_shapes_of_letters(letter: str, parts: int, contours: int) -> None:
    glyph = load_font("bold").glyph(letter)
    assert (len(glyph.parts), sum(len(part) for part in glyph.parts)) == (parts, contours)
    assert 0.1 < glyph.advance < 1.2


def test_a_letter_that_is_missing_is_a_box() -> None:
    font = load_font("medium")
    box, other, known = (font.glyph(letter).parts for letter in "漢字a")
    assert [len(part) for part in box] == [len(part) for part in other] != [len(part) for part in known]


def test_digits_are_equally_wide_so_that_counters_stand_still() -> None:
    font = load_font("bold")
    assert len({font.glyph(digit).advance for digit in "0123456789"}) == 1


@pytest.mark.parametrize("size", [9.0, 15.0, 46.0, 280.0])
def test_masks_have_the_shape_of_the_letter(size: float) -> None:
    mask = text_mask("O", size, "bold")
    above = mask.alpha[: mask.baseline]
    rows = np.flatnonzero(above.max(axis=1) > 128)
    assert rows[-1] - rows[0] + 1 == pytest.approx(0.73 * size, abs=3)
    middle = above[(rows[0] + rows[-1]) // 2]
    inside = np.flatnonzero(middle > 60)
    assert middle[(inside[0] + inside[-1]) // 2] < 60, "the O has no hole"
    assert mask.alpha.shape[1] >= text_width("O", size, "bold")


def test_small_letters_are_as_heavy_as_large_ones() -> None:
    small, large = (text_mask("reps", size).alpha for size in (12.0, 96.0))
    assert small.sum() / 255 == pytest.approx(large.sum() / 255 / 64, rel=0.1)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 50.0, [""]),
        ("one", 500.0, ["one"]),
        ("one two three", 40.0, ["one two", "three"]),
        ("one  two\nthree", 500.0, ["one two three"]),
        ("Donaudampfschiff", 40.0, ["Donauda", "mpfschif", "f"]),
        ("a Donaudampfschiff", 40.0, ["a", "Donauda", "mpfschif", "f"]),
    ],
)
def test_lines_break_between_words(text: str, width: float, lines: list[str]) -> None:
    assert wrap_text(text, 10.0, width) == lines
    assert all(text_width(line, 10.0) <= width for line in lines)
