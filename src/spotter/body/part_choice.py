"""Taking some of the people out of a part map."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spotter.body.part_map import PartMap


def chosen(found: PartMap, numbers: Mapping[int, int]) -> PartMap:
    """Some of the people, under other numbers; the pixels of the others are nobody's.

    Args:
        found: everybody.
        numbers: for each person who is wanted, by the number in ``found.ids``, the new number.

    Raises:
        ValueError: if nobody has one of the numbers.

    >>> labels = np.array([[1, 2, 2]], np.uint8)
    >>> both = PartMap(labels, np.array([[1, 2, 2]], np.uint8), (4, 7), np.ones((2, 15), np.float32))
    >>> second = chosen(both, {7: 1})
    >>> second.ids, second.people.tolist(), second.labels.tolist()
    ((1,), [[0, 1, 1]], [[0, 2, 2]])
    """
    places = [found.ids.index(ident) for ident in numbers]
    table = np.zeros(256, np.uint8)
    for new, place in enumerate(places, start=1):
        table[place + 1] = new
    people = table[found.people]
    return PartMap(found.labels * (people > 0), people, tuple(numbers.values()), found.scores[places])
