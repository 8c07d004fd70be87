"""Reads the outlines of letters from a TrueType font."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Weight = Literal["medium", "bold"]
Contour = NDArray[np.float64]

_FILES: dict[Weight, str] = {"medium": "Roboto-Medium.ttf", "bold": "Roboto-Bold.ttf"}
_CURVE_STEPS = 6

# Bits of a glyph's description (OpenType 1.9, table glyf).
_ON_CURVE, _X_SHORT, _Y_SHORT, _REPEAT, _X_SAME, _Y_SAME = 1, 2, 4, 8, 16, 32
_ARGS_ARE_WORDS, _HAS_SCALE, _MORE_PARTS, _HAS_XY_SCALE, _HAS_MATRIX = 1, 8, 32, 64, 128


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter's shape.

    Attributes:
        advance: how far the next letter stands, in units of the font's size.
        parts: closed contours (n, 2) of each part, y up; inner contours are holes, parts lie over each other.
    """

    advance: float
    parts: tuple[tuple[Contour, ...], ...]


@cache
def load_font(weight: Weight) -> Font:
    """The font that comes with Spotter: Roboto, with Latin, Greek and Cyrillic letters.

    >>> round(load_font("bold").glyph("0").advance, 3)
    0.574
    """
    return Font(files("spotter.report").joinpath("typeface", _FILES[weight]).read_bytes())


class Font:
    """The letters of a TrueType font, read when they are first asked for.

    A letter that the font does not have becomes its empty box.

    Args:
        data: a TrueType file with a Unicode character map of format 4 and glyf outlines.

    Attributes:
        ascent: height of the line above the baseline, in units of the font's size.
        descent: depth below it, positive.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        count = struct.unpack_from(">H", data, 4)[0]
        entries = (struct.unpack_from(">4sLLL", data, 12 + 16 * i) for i in range(count))
        self._tables = {name.decode("ascii"): offset for name, _, offset, _ in entries}
        self._units = self._number("H", "head", 18)
        self._long_offsets = self._number("h", "head", 50) == 1
        self.ascent = self._number("h", "hhea", 4) / self._units
        self.descent = -self._number("h", "hhea", 6) / self._units
        self._wide_metrics = self._number("H", "hhea", 34)
        self._letters = self._read_letters()
        self._glyphs: dict[str, Glyph] = {}

    def glyph(self, letter: str) -> Glyph:
        """The shape of one letter."""
        found = self._glyphs.get(letter)
        if found is None:
            number = self._letters.get(ord(letter), 0)
            metric = min(number, self._wide_metrics - 1)
            advance = self._number("H", "hmtx", 4 * metric) / self._units
            found = self._glyphs[letter] = Glyph(advance, tuple(self._parts(number)))
        return found

    def width(self, text: str) -> float:
        """Width of one line, in units of the font's size.

        >>> font = load_font("medium")
        >>> font.width("rep") == sum(font.glyph(letter).advance for letter in "rep")
        True
        """
        return sum(self.glyph(letter).advance for letter in text)

    def _number(self, kind: str, table: str, offset: int) -> int:
        return int(struct.unpack_from(">" + kind, self._data, self._tables[table] + offset)[0])

    def _read_letters(self) -> dict[int, int]:
        base = self._tables["cmap"]
        count = self._number("H", "cmap", 2)
        offsets = [base + self._number("L", "cmap", 8 + 8 * i) for i in range(count)]
        start = next(offset for offset in offsets if struct.unpack_from(">H", self._data, offset)[0] == 4)
        segments = struct.unpack_from(">H", self._data, start + 6)[0] // 2
        ends, starts, deltas, jumps = (
            np.frombuffer(self._data, ">u2", segments, start + 14 + skip)
            for skip in (0, 2 * segments + 2, 4 * segments + 2, 6 * segments + 2)
        )
        jump_base = start + 16 + 6 * segments
        letters = {}
        for i, (first, last) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            for code in range(first, min(last, 0xFFFE) + 1):
                number = code
                if jumps[i]:
                    place = jump_base + 2 * i + int(jumps[i]) + 2 * (code - first)
                    number = struct.unpack_from(">H", self._data, place)[0]
                letters[code] = (number + int(deltas[i])) & 0xFFFF
        return letters

    def _parts(self, number: int) -> list[tuple[Contour, ...]]:
        kind, step, scale = ("L", 4, 1) if self._long_offsets else ("H", 2, 2)
        begin = self._number(kind, "loca", step * number) * scale
        if self._number(kind, "loca", step * number + step) * scale == begin:
            return []
        place = self._tables["glyf"] + begin
        contours = struct.unpack_from(">h", self._data, place)[0]
        if contours < 0:
            return self._composed(place + 10)
        return [tuple(self._simple(place + 10, contours))]

    def _composed(self, place: int) -> list[tuple[Contour, ...]]:
        parts: list[tuple[Contour, ...]] = []
        more = True
        while more:
            flags, number = struct.unpack_from(">HH", self._data, place)
            shape = ">hh" if flags & _ARGS_ARE_WORDS else ">bb"
            shift = np.array(struct.unpack_from(shape, self._data, place + 4)) / self._units
            place += 4 + struct.calcsize(shape)
            matrix, size = self._matrix(flags, place)
            place += size
            parts += [tuple(contour @ matrix + shift for contour in part) for part in self._parts(number)]
            more = bool(flags & _MORE_PARTS)
        return parts

    def _matrix(self, flags: int, place: int) -> tuple[NDArray[np.float64], int]:
        """The scaling of a part, and how many bytes it takes."""
        count = 1 if flags & _HAS_SCALE else 2 if flags & _HAS_XY_SCALE else 4 if flags & _HAS_MATRIX else 0
        scales = np.array(struct.unpack_from(f">{count}h", self._data, place)) / 16384
        if count == 0:
            return np.eye(2), 0
        return (scales.reshape(2, 2) if count == 4 else np.diag(np.broadcast_to(scales, 2))), 2 * count

    def _simple(self, place: int, contours: int) -> list[Contour]:
        ends = np.frombuffer(self._data, ">u2", contours, place).astype(int) + 1
        place += 2 * contours
        place += 2 + struct.unpack_from(">H", self._data, place)[0]
        flags: list[int] = []
        while len(flags) < ends[-1]:
            flag = self._data[place]
            repeats = self._data[place + 1] if flag & _REPEAT else 0
            flags += [flag] * (1 + repeats)
            place += 2 if flag & _REPEAT else 1
        xs, place = self._coordinates(flags, place, _X_SHORT, _X_SAME)
        ys, _ = self._coordinates(flags, place, _Y_SHORT, _Y_SAME)
        points = np.stack([xs, ys], axis=1) / self._units
        on_curve = np.array(flags) & _ON_CURVE > 0
        starts = [0, *ends[:-1]]
        return [_flatten(points[a:b], on_curve[a:b]) for a, b in zip(starts, ends, strict=True)]

    def _coordinates(
        self, flags: list[int], place: int, short: int, same: int
    ) -> tuple[NDArray[np.int64], int]:
        steps = []
        for flag in flags:
            if flag & short:
                steps.append(self._data[place] if flag & same else -self._data[place])
                place += 1
            elif flag & same:
                steps.append(0)
            else:
                steps.append(struct.unpack_from(">h", self._data, place)[0])
                place += 2
        return np.cumsum(steps), place


def _flatten(points: Contour, on_curve: NDArray[np.bool_]) -> Contour:
    """A contour of quadratic curves as a polygon; between two control points lies a point on the curve."""
    full: list[tuple[NDArray[np.float64], bool]] = []
    for i, (point, on) in enumerate(zip(points, on_curve, strict=True)):
        if not on and not on_curve[i - 1]:
            full.append(((points[i - 1] + point) / 2, True))
        full.append((point, bool(on)))
    first = next(i for i, (_, on) in enumerate(full) if on)
    full = full[first:] + full[: first + 1]
    out = [full[0][0]]
    steps = np.linspace(0, 1, _CURVE_STEPS + 1)[1:, None]
    for i in range(1, len(full)):
        point, on = full[i]
        if on and full[i - 1][1]:
            out.append(point)
        elif not on:
            start, end = full[i - 1][0], full[i + 1][0]
            out.extend((1 - steps) ** 2 * start + 2 * steps * (1 - steps) * point + steps**2 * end)
    return np.array(out)
