"""The worst pictures on the page of an evaluation: what is marked beside what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from spotter.errors import SpotterError
from spotter.media.pictures import read_picture
from spotter.report.recognizer.colours import css_colour
from spotter.report.recognizer.evaluation import percent
from spotter.report.segmenter.instances import Drawn, colour_of, draw_things, of_found, of_marked
from spotter.report.segmenter.words import spaced
from spotter.report.shell import picture_uri
from spotter.segmenter.judged import Evaluation, Shown
from spotter.segmenter.metrics_confusion import Confusion

_SIDE = 480
_QUALITY = 78


@dataclass(frozen=True, slots=True)
class WorstView:
    """One picture as it is shown.

    Attributes:
        name: of the file.
        f1: as it is written.
        marked, found: the picture with what is marked, and with what was found.
        width, height: of both, in pixels.
        words: what went wrong, a sentence a kind.
    """

    name: str
    f1: str
    marked: str
    found: str
    width: int
    height: int
    words: tuple[str, ...]


def worst_views(evaluation: Evaluation) -> list[WorstView]:
    """The worst pictures that can still be read."""
    views = []
    for shown in evaluation.worst:
        try:
            views.append(_view(shown, evaluation.classes))
        except SpotterError:
            continue
    return views


def legend(evaluation: Evaluation) -> list[tuple[str, str]]:
    """The classes that are seen in the worst pictures, each with its colour."""
    seen = {
        label
        for shown in evaluation.worst
        for label in (*(one.label for one in shown.picture.instances), *shown.found.labels.tolist())
    }
    return [
        (spaced(name), css_colour(colour_of(name, place)))
        for place, name in enumerate(evaluation.classes)
        if place + 1 in seen
    ]


def _view(shown: Shown, classes: Sequence[str]) -> WorstView:
    picture = shown.picture
    image = read_picture(picture.path, max_side=_SIDE)
    size = image.shape[:2]
    marked = of_marked(picture.instances, picture.height, picture.width, size)
    found = of_found(shown.found, size)
    if not any(one.mask is not None for one in marked):  # boxes beside boxes, where no mask is known
        found = [Drawn(one.label, one.box, None) for one in found] if marked else found
    marked_uri, found_uri = (
        picture_uri(draw_things(image, things, classes), quality=_QUALITY) for things in (marked, found)
    )
    return WorstView(
        picture.path.name,
        percent(shown.f1, 0),
        marked_uri,
        found_uri,
        size[1],
        size[0],
        _words(shown.confusion, classes),
    )


def _words(mixed: Confusion, classes: Sequence[str]) -> tuple[str, ...]:
    """What went wrong in a picture."""
    off = mixed.taken.copy()
    np.fill_diagonal(off, 0)
    swapped = [
        f"{spaced(classes[row])} taken for {spaced(classes[column])}" for row, column in np.argwhere(off)
    ]
    kinds = (
        ("Missed", _listed(classes, mixed.missed.tolist())),
        ("", ", ".join(swapped)),
        ("Found again", _listed(classes, mixed.again.sum(0).tolist())),
        ("Nothing there", _listed(classes, mixed.nothing.tolist())),
    )
    said = (f"{head}: {text}" if head else text for head, text in kinds if text)
    return tuple(sentence[:1].upper() + sentence[1:] for sentence in said)


def _listed(classes: Sequence[str], counts: Iterable[int]) -> str:
    counted = Counter(dict(zip(classes, counts, strict=True)))
    return ", ".join(
        f"{spaced(name)} ({count})" if count > 1 else spaced(name) for name, count in counted.items() if count
    )
