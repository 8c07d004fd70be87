"""Single photos on the page of an evaluation: the surest mistakes, and what the network looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spotter.recognizer.judged import Evaluation
from spotter.report.recognizer.looked_at import LookedAt
from spotter.report.recognizer.thumbnails import squares_of, with_heat
from spotter.report.shell import picture_uri

_MISTAKES, _RIGHT_A_CLASS, _MOST_RIGHT = 12, 3, 24
_SIDE = 256
_LIKELIEST = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """One photo and what was said of it.

    Attributes:
        uri: the picture.
        heat_uri: the picture with what spoke for the answer; empty where that is not known.
        name: of the file.
        shows: what it shows.
        answer: what was answered.
        asked: the class that the heat is about.
        likeliest: the likeliest classes, each with its probability (0 to 1) and whether the photo shows it.
    """

    uri: str
    heat_uri: str
    name: str
    shows: str
    answer: str
    asked: str
    likeliest: tuple[tuple[str, float, bool], ...]


def mistake_views(evaluation: Evaluation, looked_at: LookedAt) -> list[Shown]:
    """The surest mistakes."""
    return _views(evaluation, evaluation.mistakes[:_MISTAKES], looked_at)


def right_views(evaluation: Evaluation, looked_at: LookedAt) -> list[Shown]:
    """Some right answers of each class, from very sure to less so; none where heat maps are not to be had."""
    if looked_at.why_not:
        return []
    right = evaluation.right
    number_a_class = max(1, min(_RIGHT_A_CLASS, _MOST_RIGHT // len(evaluation.card.classes)))
    numbers: list[int] = []
    for i in range(len(evaluation.card.classes)):
        inside = np.flatnonzero(right & evaluation.truth[:, i])
        ranked = inside[np.argsort(-evaluation.probabilities[inside, i], kind="stable")]
        spread = np.linspace(0, len(ranked) - 1, min(number_a_class, len(ranked))).round().astype(int)
        numbers += [int(number) for number in ranked[spread] if int(number) not in numbers]
    return _views(evaluation, numbers, looked_at)


def _views(evaluation: Evaluation, numbers: Sequence[int], looked_at: LookedAt) -> list[Shown]:
    photos = [evaluation.photos[number] for number in numbers]
    large = squares_of(photos, _SIDE)
    there = [(number, image) for number, image in zip(numbers, large, strict=True) if image is not None]
    small = squares_of([evaluation.photos[number] for number, _ in there], evaluation.card.side)
    asked = [int(evaluation.probabilities[number].argmax()) for number, _ in there]
    heat = looked_at.heat([image for image in small if image is not None], asked)
    views = []
    for (number, image), one, about in zip(there, heat, asked, strict=True):
        photo = evaluation.photos[number]
        views.append(
            Shown(
                picture_uri(image),
                "" if one is None else picture_uri(with_heat(image, one)),
                photo.path.name,
                ", ".join(photo.labels) or "nothing",
                ", ".join(evaluation.answer(number)),
                evaluation.card.classes[about],
                _likeliest(evaluation, number),
            )
        )
    return views


def _likeliest(evaluation: Evaluation, number: int) -> tuple[tuple[str, float, bool], ...]:
    values = evaluation.probabilities[number]
    order = np.argsort(-values, kind="stable")[:_LIKELIEST]
    return tuple(
        (evaluation.card.classes[i], float(values[i]), bool(evaluation.truth[number, i])) for i in order
    )
