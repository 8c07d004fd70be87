"""Held-back pictures on the page of a training: what is marked beside what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spotter.errors import SpotterError
from spotter.media.pictures import read_picture
from spotter.report.recognizer.colours import css_colour
from spotter.report.recognizer.evaluation import percent
from spotter.report.segmenter.instances import colour_of, draw_things, of_found, of_marked
from spotter.report.segmenter.words import spaced
from spotter.report.shell import picture_uri
from spotter.segmenter.trained import Seen

_SIDE = 480
_QUALITY = 78
_MOST_WORDS = 16


@dataclass(frozen=True, slots=True)
class ExampleView:
    """One picture as it is shown.

    Attributes:
        name: of the file.
        marked, found: the picture with what is marked, and with what was found.
        width, height: of both, in pixels.
        words: what was found and how surely, the surest first.
    """

    name: str
    marked: str
    found: str
    width: int
    height: int
    words: str


def example_views(seen: Sequence[Seen], classes: Sequence[str]) -> list[ExampleView]:
    """The pictures that can still be read."""
    views = []
    for one in seen:
        try:
            views.append(_view(one, classes))
        except SpotterError:
            continue
    return views


def example_legend(seen: Sequence[Seen], classes: Sequence[str]) -> list[tuple[str, str]]:
    """The classes that are seen in the pictures, each with its colour."""
    there = {
        label
        for one in seen
        for label in (*(thing.label for thing in one.picture.instances), *one.found.labels.tolist())
    }
    return [
        (spaced(name), css_colour(colour_of(name, place)))
        for place, name in enumerate(classes)
        if place + 1 in there
    ]


def _view(one: Seen, classes: Sequence[str]) -> ExampleView:
    picture = one.picture
    image = read_picture(picture.path, max_side=_SIDE)
    size = image.shape[:2]
    marked = of_marked(picture.instances, picture.height, picture.width, size)
    marked_uri, found_uri = (
        picture_uri(draw_things(image, things, classes), quality=_QUALITY)
        for things in (marked, of_found(one.found, size))
    )
    return ExampleView(picture.path.name, marked_uri, found_uri, size[1], size[0], _words(one, classes))


def _words(one: Seen, classes: Sequence[str]) -> str:
    if not len(one.found):
        return "Nothing was found."
    rows = list(zip(one.found.labels.tolist(), one.found.scores.tolist(), strict=True))
    said = ", ".join(
        f"{spaced(classes[label - 1])} {percent(score, 0)}" for label, score in rows[:_MOST_WORDS]
    )
    more = len(rows) - _MOST_WORDS
    return f"{said[:1].upper()}{said[1:]}{f' and {more} more' if more > 0 else ''}"
