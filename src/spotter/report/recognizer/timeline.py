"""The picture over time of what was recognised when: a lane a class, on a page and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from spotter.media.writing import write_text
from spotter.recognizer.timeline import Interval, Timeline, seconds_of
from spotter.report.axes import HEIGHT, WIDTH, Axes
from spotter.report.curve import Curve, Points
from spotter.report.recognizer.colours import class_colour, css_colour
from spotter.report.recognizer.filmstrip import Filmstrip
from spotter.report.shell import Ring, Tile, page_html, picture_uri
from spotter.report.templates import asset, fragment
from spotter.report.words import clock, counted, number

TIMELINE_PAGE = "timeline.html"

STILLS = 12
"""How many small pictures stand above the lanes."""

_MOST_ROWS = 200
_INTERVAL_PX, _MAX_PX = 8, 2_400
_LONG_S = 60.0


@dataclass(frozen=True, slots=True)
class Watched:
    """All that is shown of one watch.

    Attributes:
        name: of the video or camera.
        model: the model's name.
        timeline: the answers.
        intervals: what was recognised when.
        film: stills of it.
        took_s: array (n,), how long each prediction took, in seconds.
        dropped: how many frames that were due were not looked at.
        warning: what went wrong with the source; empty where all is well.
    """

    name: str
    model: str
    timeline: Timeline
    intervals: tuple[Interval, ...]
    film: Filmstrip
    took_s: NDArray[np.float64]
    dropped: int = 0
    warning: str = ""

    @property
    def span_s(self) -> tuple[float, float]:
        """Begin of the first answer and end of the last, in seconds; one second where there is none."""
        if not len(self.timeline):
            return 0.0, 1.0
        return float(self.timeline.times[0]), float(self.timeline.ends[-1])


@dataclass(frozen=True, slots=True)
class Span:
    """An interval on the page: left end and width in per cent, the curve in it, and its words."""

    left: float
    width: float
    path: str
    hint: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One class on the page.

    Attributes:
        name: of the class.
        length: for how long it was recognised, in words; empty for never.
        light, dark: its colour on a light and on a dark page.
        path: the area under its probability, in the units of `spotter.report.axes`.
        spans: where it was recognised.
    """

    name: str
    length: str
    light: str
    dark: str
    path: str
    spans: tuple[Span, ...]


def write_page(path: Path, watched: Watched) -> None:
    """Write timeline.html.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, timeline_html(watched))


def timeline_html(watched: Watched) -> str:
    """The page: a lane a class with stills above, and a table of the intervals."""
    start_s, end_s = watched.span_s
    axes = Axes(start_s, end_s, 0.0, 1.0)
    body = fragment(
        "recognizer/timeline.html.j2",
        css=Markup(asset("recognizer/timeline.css")),
        lanes=[_lane(watched, place, axes) for place in range(len(watched.timeline.classes))],
        stills=[
            (picture_uri(still.image), clock(still.time_s))
            for still in watched.film.pick(start_s, end_s, STILLS)
        ],
        times=axes.times(),
        min_px=_min_px(watched.intervals, end_s - start_s),
        rows=[_row(watched, one) for one in watched.intervals[:_MOST_ROWS]],
        more=max(0, len(watched.intervals) - _MOST_ROWS),
        width=WIDTH,
        height=HEIGHT,
        about=about(watched),
    )
    share = recognised_share(watched)
    return page_html(
        watched.name,
        body,
        meta=f"What was recognised when, by {watched.model}",
        ring=Ring(share, f"{100 * share:.0f} %", "named"),
        tiles=_tiles(watched),
        notice=watched.warning,
    )


def recognised_share(watched: Watched) -> float:
    """In what share of the time at least one class was recognised, 0 to 1."""
    start_s, end_s = watched.span_s
    covered, until_s = 0.0, start_s
    for one in watched.intervals:
        covered += max(0.0, one.end_s - max(one.start_s, until_s))
        until_s = max(until_s, one.end_s)
    return covered / max(end_s - start_s, 1e-9)


def probability_curve(timeline: Timeline, place: int) -> Points:
    """A class's probability over time, thinned to what a screen shows; the last answer holds to its end."""
    curve = Curve()
    values = timeline.probabilities[:, place].astype(np.float64)
    times = timeline.times
    if len(times):
        times, values = np.append(times, timeline.ends[-1]), np.append(values, values[-1])
    curve.add(times, values, np.full(len(times), np.nan))
    return curve.points()


def part_of(points: Points, start_s: float, end_s: float) -> Points:
    """The part of a curve between two times, with points at both ends."""
    inside = (points.time_s > start_s) & (points.time_s < end_s)
    known = np.isfinite(points.value)
    time_s = np.concatenate([[start_s], points.time_s[inside], [end_s]])
    ends = np.interp([start_s, end_s], points.time_s[known], points.value[known])
    value = np.concatenate([ends[:1], points.value[inside], ends[1:]])
    return Points(time_s, value, np.full(len(time_s), np.nan))


def pieces_of(points: Points) -> list[Points]:
    """A curve's unbroken parts."""
    broken = np.flatnonzero(~np.isfinite(points.value))
    pieces = np.split(np.arange(len(points.value)), broken)
    rows = [piece[np.isfinite(points.value[piece])] for piece in pieces]
    return [Points(points.time_s[row], points.value[row], points.sd[row]) for row in rows if len(row)]


def about(watched: Watched) -> str:
    """The chart in a sentence, for those who cannot see it.

    >>> from spotter.recognizer.timeline import Timeline
    >>> timeline = Timeline(("face",), 1.0, np.arange(2.0), np.ones((2, 1)), (("face",),) * 2)
    >>> about(Watched("a", "m", timeline, timeline.intervals(), Filmstrip(), np.ones(2)))
    'What was recognised from 0:00 to 0:02: face for 2.0 s.'
    """
    start_s, end_s = watched.span_s
    lengths = [
        f"{name} for {length(seconds)}"
        for name in watched.timeline.classes
        if (seconds := seconds_of(watched.intervals, name)) > 0
    ]
    return f"What was recognised from {clock(start_s)} to {clock(end_s)}: {', '.join(lengths) or 'nothing'}."


def length(seconds: float) -> str:
    """A length of time.

    >>> length(4.23), length(75.0)
    ('4.2 s', '1:15 min')
    """
    return f"{number(seconds, 1)} s" if seconds < _LONG_S else f"{clock(seconds)} min"


def moment(seconds: float) -> str:
    """A time in the stream with tenths.

    >>> moment(64.26), moment(59.96)
    ('1:04.3', '1:00.0')
    """
    tenths = round(10 * seconds)
    return f"{clock(tenths // 10)}.{tenths % 10}"


def _lane(watched: Watched, place: int, axes: Axes) -> Lane:
    name, colour = watched.timeline.classes[place], class_colour(place)
    points = probability_curve(watched.timeline, place)
    seconds = seconds_of(watched.intervals, name)
    return Lane(
        name,
        length(seconds) if seconds else "",
        css_colour(colour.light),
        css_colour(colour.dark),
        _area(points, axes),
        tuple(_span(one, points, axes) for one in watched.intervals if one.label == name),
    )


def _span(one: Interval, points: Points, axes: Axes) -> Span:
    left = axes.left(one.start_s)
    return Span(
        left,
        round(axes.left(one.end_s) - left, 3),
        _area(part_of(points, one.start_s, one.end_s), Axes(one.start_s, one.end_s, 0.0, 1.0)),
        f"{one.label} from {moment(one.start_s)} to {moment(one.end_s)}, {_sure(one)}",
    )


def _area(points: Points, axes: Axes) -> str:
    """An SVG path around the area under a curve."""
    paths = []
    for piece in pieces_of(points):
        around = np.concatenate([piece.time_s[:1], piece.time_s, piece.time_s[-1:]])
        paths.append("M" + "L".join(axes.xy(around, np.pad(piece.value, 1))) + "Z")
    return "".join(paths)


def _row(watched: Watched, one: Interval) -> dict[str, str]:
    colour = class_colour(watched.timeline.classes.index(one.label))
    return {
        "label": one.label,
        "light": css_colour(colour.light),
        "dark": css_colour(colour.dark),
        "start": moment(one.start_s),
        "end": moment(one.end_s),
        "length": length(one.end_s - one.start_s),
        "sure": f"{100 * one.confidence:.0f}",
    }


def _sure(one: Interval) -> str:
    return f"{100 * one.confidence:.0f} % sure"


def _tiles(watched: Watched) -> list[Tile]:
    start_s, end_s = watched.span_s
    seen = len({one.label for one in watched.intervals})
    tiles = [
        Tile(length(end_s - start_s), "watched", f"every {watched.timeline.interval_s:g} s"),
        Tile(
            str(len(watched.intervals)),
            "interval" if len(watched.intervals) == 1 else "intervals",
            f"{counted(seen, 'class', 'classes')} of {len(watched.timeline.classes)}",
        ),
    ]
    if len(watched.took_s):
        worst = float(np.quantile(watched.took_s, 0.95))
        tiles.append(
            Tile(
                f"{1000 * float(np.median(watched.took_s)):.1f} ms",
                "a prediction",
                f"95 in 100 within {1000 * worst:.1f} ms",
            )
        )
    if watched.dropped:
        tiles.append(Tile(str(watched.dropped), "left out", "a newer picture came first"))
    return tiles


def _min_px(intervals: Sequence[Interval], length_s: float) -> int:
    """Width at which the usual interval can still be seen."""
    if not intervals:
        return 0
    usual_s = max(float(np.median([one.end_s - one.start_s for one in intervals])), 1e-3)
    return min(round(_INTERVAL_PX * length_s / usual_s), _MAX_PX)
