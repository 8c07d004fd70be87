"""Photos and what they show: the data that a recognizer is trained and judged with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Part = Literal["train", "validation"]


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture and what it shows.

    Attributes:
        path: of the picture.
        labels: what it shows: one class, or any number of them in a multi-label set.
        group: who or what must not be in training and validation both, such as a person; None if not known.
        part: which part of the data its folder or table puts it into; None if that is left to the split.
        mask: a picture of the same size, above 127 where the subject is and not the background; or None.
    """

    path: Path
    labels: tuple[str, ...]
    group: str | None = None
    part: Part | None = None
    mask: Path | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not used, and why."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class PhotoSet:
    """Photos with the classes that they are of.

    Attributes:
        photos: in a stable order.
        classes: names, in the order of a model's outputs.
        multilabel: whether a photo may show several classes, or none.
        left_out: files that were found and are not used.

    >>> one = Photo(Path("a.jpg"), ("hand",))
    >>> PhotoSet((one,), ("face", "hand")).targets()
    array([[0., 1.]], dtype=float32)
    """

    photos: tuple[Photo, ...]
    classes: tuple[str, ...]
    multilabel: bool = False
    left_out: tuple[LeftOut, ...] = ()

    def __len__(self) -> int:
        return len(self.photos)

    def targets(self) -> NDArray[np.float32]:
        """What each photo shows, as an array (photos, classes) of 0 and 1."""
        index = {name: i for i, name in enumerate(self.classes)}
        targets = np.zeros((len(self.photos), len(self.classes)), np.float32)
        for row, photo in enumerate(self.photos):
            targets[row, [index[label] for label in photo.labels]] = 1
        return targets

    def counts(self) -> dict[str, int]:
        """How many photos show each class."""
        return dict(zip(self.classes, self.targets().sum(0).astype(int).tolist(), strict=True))

    def only(self, photos: tuple[Photo, ...]) -> PhotoSet:
        """The same classes with some of the photos."""
        return replace(self, photos=photos)
