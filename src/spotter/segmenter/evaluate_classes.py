"""Which classes a model and a data set share: by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from spotter.segmenter.annotation import Annotated
from spotter.segmenter.detections import Detections


@dataclass(frozen=True, slots=True)
class SharedClasses:
    """The classes that can be judged, and the numbers that they get.

    Attributes:
        names: of those that both have, in the model's order; class number i is ``names[i - 1]``.
        only_model, only_data: names that only one has, which are left out.
        of_model: for each of the model's numbers, from 0 on, the number that it gets; 0 for none.
        of_data: the same for the data's.
    """

    names: tuple[str, ...]
    only_model: tuple[str, ...]
    only_data: tuple[str, ...]
    of_model: tuple[int, ...]
    of_data: tuple[int, ...]

    @classmethod
    def between(cls, model: Sequence[str], data: Sequence[str]) -> SharedClasses:
        """What two lists of names share; case, spaces and hyphens make no difference.

        >>> SharedClasses.between(("person", "left_hand"), ("Left hand", "dog"))
        SharedClasses(names=('left_hand',), only_model=('person',), only_data=('dog',),
                      of_model=(0, 0, 1), of_data=(0, 1, 0))
        """
        here, there = [key(name) for name in model], [key(name) for name in data]
        shared = [one for one in here if one in there]
        return cls(
            tuple(name for name, one in zip(model, here, strict=True) if one in there),
            tuple(name for name, one in zip(model, here, strict=True) if one not in there),
            tuple(name for name, one in zip(data, there, strict=True) if one not in here),
            (0, *(shared.index(one) + 1 if one in shared else 0 for one in here)),
            (0, *(shared.index(one) + 1 if one in shared else 0 for one in there)),
        )

    def picture(self, picture: Annotated) -> Annotated:
        """A picture with nothing but these classes, under their numbers."""
        kept = [
            replace(one, label=self.of_data[one.label])
            for one in picture.instances
            if self.of_data[one.label] and one.label in picture.known
        ]
        known = frozenset(self.of_data[one] for one in picture.known) - {0}
        return replace(picture, instances=tuple(kept), known=known)

    def found(self, found: Detections, known: frozenset[int]) -> Detections:
        """What was found of those of these classes that are known in a picture, under their numbers."""
        labels = np.asarray(self.of_model, np.int64)[found.labels]
        kept = found.chosen(np.isin(labels, sorted(known)))
        return replace(kept, labels=labels[np.isin(labels, sorted(known))])


def key(name: str) -> str:
    """What makes two names of classes the same.

    >>> key("Left Upper-Arm")
    'left_upper_arm'
    """
    return name.strip().casefold().replace(" ", "_").replace("-", "_")
