"""What progress is measured by: the table ``measures.toml``."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from spotter.history.working import deeper

Unit = Literal["deg", "s", "share", "points", "kg", "count"]
Better = Literal["more", "less", ""]

_POINTS = " points"


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table.

    Attributes:
        name: such as ``"range_deg"``.
        title: for a reader.
        values: the column of the totals or figures that is followed.
        best: the column with its best repetition; empty where there is none.
        unit: ``"deg"``, ``"s"``, ``"share"`` (0 to 1), ``"points"`` (0 to 100), ``"kg"`` or ``"count"``.
        places: how many decimals are written.
        better: ``"more"``, ``"less"``, ``"deeper"`` or nothing.
        chart: measures of one chart have one name.
        least, most: ends of its scale; None where it has none.
        same_view, other_view: error of the difference between two sessions (95 % limit), filmed from the same
            side or not; None where it is not known.
    """

    name: str
    title: str
    values: str
    unit: Unit
    chart: str
    best: str = ""
    places: int = 0
    better: str = ""
    least: float | None = None
    most: float | None = None
    same_view: float | None = None
    other_view: float | None = None

    def better_in(self, exercise: str) -> Better:
        """Which way is better in an exercise; empty where neither is.

        >>> [measure_table()["depth_deg"].better_in(name) for name in ("squat", "shoulder-press")]
        ['less', 'more']
        """
        if self.better == "deeper":
            return {-1: "less", 1: "more", 0: ""}[deeper(exercise)]  # type: ignore[return-value]
        return self.better  # type: ignore[return-value]


@cache
def measure_table() -> dict[str, Measure]:
    """All measures by name, in the order of the page.

    >>> list(measure_table())[:3]
    ['score', 'range_deg', 'depth_deg']
    """
    rows = tomllib.loads(files("spotter.history").joinpath("measures.toml").read_text("utf-8"))
    return {name: Measure(name, **row) for name, row in rows.items()}


def said(value: float, unit: Unit, places: int = 0, *, signed: bool = False) -> str:
    """A value with its unit, as a reader expects it; a dash where it is not known.

    >>> said(91.6, "deg"), said(0.87, "share"), said(1.25, "s", 1), said(42.5, "kg")
    ('92°', '87 %', '1.2 s', '42.5 kg')
    >>> said(4.0, "deg", signed=True), said(math.nan, "deg") == "\N{EN DASH}"
    ('+4°', True)
    """
    if math.isnan(value):
        return "\N{EN DASH}"
    if unit == "kg":
        decimals = 0 if abs(value) >= 100 or value == round(value) else 1
        return f"{value:{'+' if signed else ''},.{decimals}f} kg"
    number = f"{100 * value if unit == 'share' else value:{'+' if signed else ''}.{places}f}"
    if not float(number):
        number = number.lstrip("+-")  # no sign before a nought
    return number + {"deg": "°", "share": " %", "s": " s"}.get(unit, "")


def change_said(value: float, unit: Unit, places: int, *, signed: bool = False) -> str:
    """A change of a measure; one of a share is told in points, as per cent of per cent mislead.

    >>> change_said(0.0213, "share", 1), change_said(0.85, "deg", 2)
    ('2.1 points', '0.85°')
    """
    if unit == "share":
        return said(100 * value, "count", places, signed=signed) + _POINTS
    return said(value, unit, places, signed=signed)


def span_said(low: float, high: float, unit: Unit, *, signed: bool = True) -> str:
    """From where to where a change may be, with as many decimals as show it.

    >>> span_said(-5.31, -0.28, "points"), span_said(-0.11, 0.09, "share")
    ('-5.3 to -0.3', '-11 to +9 points')
    """
    places = change_places(max(abs(low), abs(high)), unit)
    first, last = (change_said(value, unit, places, signed=signed) for value in (low, high))
    return f"{first.removesuffix(_POINTS)} to {last}"


def change_places(value: float, unit: Unit) -> int:
    """Decimals that show two digits of a change, three at most.

    >>> change_places(0.85, "deg"), change_places(6.3, "deg"), change_places(0.012, "s")
    (2, 1, 3)
    """
    size = 100 * abs(value) if unit == "share" else abs(value)
    if not math.isfinite(size):
        return 0
    return 1 if size <= 0 else min(3, max(0, 1 - math.floor(math.log10(size))))
