"""What was taken for what, missed, found twice, or found where nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spotter.segmenter.average_precision_matches import Matches
from spotter.segmenter.average_precision_overlaps import Ints


@dataclass(frozen=True, slots=True)
class Confusion:
    """What was found for what is marked, from a score on and with an IoU of at least 0.5.

    Attributes:
        taken: int64 array (classes, classes): a row for what is marked, a column for what it was taken for;
            each marked thing at most once.
        missed: int64 array (classes,), marked things that nothing was found for.
        again: int64 array (classes, classes): further finds (column) on things of a class (row) that surer
            ones had been found for. In the diagonal it is found twice; elsewhere it is called something else
            too.
        nothing: int64 array (classes,), finds that cover nothing that is marked.
    """

    taken: Ints
    missed: Ints
    again: Ints
    nothing: Ints


def confusion(pictures: Sequence[Matches], classes: int, score: float) -> Confusion:
    """Count what was taken for what.

    What is found rightly is settled first. Then, the surest first, each other find takes what it covers best
    of what is left, whatever its class; if nothing is left it is found again, and if it covers nothing it is
    nothing. Finds on crowds, or on what cannot be judged, do not count.
    """
    taken, again = np.zeros((2, classes, classes), np.int64)
    missed, nothing = np.zeros((2, classes), np.int64)
    for one in pictures:
        free = one.wanted[0].copy()
        kept = one.counted[0, 0] & (one.scores >= score)
        right = kept & one.right[0, 0]
        free[one.truth[right]] = False
        np.add.at(taken, (one.labels[right] - 1, one.labels[right] - 1), 1)
        for row in np.flatnonzero(kept & ~right):
            called = one.labels[row] - 1
            covered = one.near[one.near[:, 0] == row, 1]
            left = covered[free[covered]]
            if len(left):
                free[left[0]] = False
                taken[one.true_labels[left[0]] - 1, called] += 1
            elif len(covered):
                again[one.true_labels[covered[0]] - 1, called] += 1
            else:
                nothing[called] += 1
        np.add.at(missed, one.true_labels[free] - 1, 1)
    return Confusion(taken, missed, again, nothing)
