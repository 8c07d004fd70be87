"""What is known of a picture before training: where its people and parts are."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PARTS

CLASSES: Final = ("person", *PARTS)
"""Classes of the models that know parts, in the order of their numbers, which begin with 1."""

PERSON: Final = 1
"""Number of the class person wherever parts of people are classes too."""

Rle = dict[str, Any]
"""A mask in COCO's compressed run-length encoding: ``{"size": [height, width], "counts": bytes}``.

The counts may be worked out when ``rle["counts"]`` is first asked for (`DrawnRle`)."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One thing in a picture.

    Attributes:
        label: number of its class, from 1.
        box: float32 array (4,), left, top, right, bottom in pixels of the picture as stored.
        mask: run-length code of its visible pixels; None where only the box is known.
        crowd: whether it stands for many that were not told apart (judged leniently, never trained on).
        ident: its id in the file that it comes from.
        person: ``ident`` of the person it is a part of; None for a person or where not told.
    """

    label: int
    box: NDArray[np.float32]
    mask: Rle | None
    crowd: bool = False
    ident: int = 0
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Annotated:
    """A picture and all that is marked in it.

    Attributes:
        path: of the picture.
        height, width: in pixels, upright.
        instances: what is marked.
        known: numbers of the classes that are marked in this picture wherever they are seen; others may be
            there unmarked, and are neither rewarded nor punished.
        group: who or what it shows, so that the same person is never in training and in judging.
        ident: its id in the file that it comes from.
    """

    path: Path
    height: int
    width: int
    instances: tuple[Instance, ...]
    known: frozenset[int]
    group: str = ""
    ident: int = 0


@dataclass(frozen=True, slots=True)
class Annotations:
    """A set of annotated pictures.

    Attributes:
        classes: names of the classes; class number i is ``classes[i - 1]``.
        mirrored: the number that each class becomes in a mirrored picture; entry 0 is the background.
        train, val: the pictures to learn from and to judge by.
        notes: sentences on what was left out and why, to be shown.
        source: the layout and files that were read, to be written down with the model.
    """

    classes: tuple[str, ...]
    mirrored: tuple[int, ...]
    train: tuple[Annotated, ...]
    val: tuple[Annotated, ...]
    notes: tuple[str, ...] = ()
    source: dict[str, Any] = field(default_factory=dict)
