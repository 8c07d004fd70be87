"""How much larger the values of one group are than those of another, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from spotter.history.trend import CONFIDENCE

Floats = NDArray[np.float64]

LEAST_EACH = 4
"""Values that each group needs: of three and three, even all differences span only a 90 % interval."""

_MOST_EXACT = 2_500  # pairs; the normal distribution is off by less than a rank beyond


@dataclass(frozen=True, slots=True)
class Shift:
    """The difference between two groups of values, the second less the first.

    Attributes:
        value: NaN where a group has no value.
        low, high: ends of the 95 % interval; NaN where there is too little to say.
        missing: how many values are missing for an interval, in the group that lacks more.
    """

    value: float
    low: float
    high: float
    missing: int


def shift(first: NDArray[np.floating], second: NDArray[np.floating]) -> Shift:
    """The Hodges-Lehmann shift: the median of all differences (Ann. Math. Stat. 34(2):598-611, 1963).

    The interval is that of the rank-sum test turned round (Moses 1965; Hollander, Wolfe and Chicken 2014,
    Nonparametric Statistical Methods, 3rd ed., section 4.3): differences ranked so far from both ends that
    Mann and Whitney's U leaves 2.5 % beyond each. It takes the values for independent of each other, and both
    groups for alike but for the shift.

    Args:
        first, second: arrays (n,) and (m,); NaN is passed over.

    >>> shift(np.array([1.0, 2, 3, 4]), np.array([11.0, 12, 13, 14]))
    Shift(value=10.0, low=7.0, high=13.0, missing=0)
    """
    one, other = (np.asarray(values, np.float64)[np.isfinite(values)] for values in (first, second))
    missing = max(0, LEAST_EACH - min(len(one), len(other)))
    differences = np.sort((other[None, :] - one[:, None]).ravel())
    if not len(differences):
        return Shift(math.nan, math.nan, math.nan, missing)
    value = float(np.median(differences))
    if missing:
        return Shift(value, math.nan, math.nan, missing)
    rank = _rank(*sorted((len(one), len(other))))
    return Shift(value, float(differences[rank - 1]), float(differences[-rank]), 0)


@cache
def _rank(fewer: int, more: int) -> int:
    """The largest rank from either end whose differences hold the true one often enough; from 1.

    >>> [_rank(4, 4), _rank(5, 5), _rank(8, 10)]  # tables of U give 0, 2 and 17, which are counted from 0
    [1, 3, 18]
    """
    pairs, beyond = fewer * more, (1 - CONFIDENCE) / 2
    if pairs > _MOST_EXACT:
        sd = math.sqrt(pairs * (fewer + more + 1) / 12)
        return max(1, math.floor(pairs / 2 + NormalDist().inv_cdf(beyond) * sd))
    return int(np.count_nonzero(np.cumsum(_chances(fewer, more)) <= beyond + 1e-12))


def _chances(fewer: int, more: int) -> Floats:
    """How likely each value of U is, array (fewer * more + 1,): a Gaussian binomial coefficient, normed."""
    chance = np.zeros(fewer * more + 1)
    chance[0] = 1.0
    for size in range(1, fewer + 1):
        longer = more + size
        chance[longer:] -= chance[:-longer].copy()  # times 1 - q ** longer
        for start in range(size):
            chance[start::size] = np.cumsum(chance[start::size])  # over 1 - q ** size
        chance *= size / longer
    return chance
