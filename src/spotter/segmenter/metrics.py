"""Precision, recall and F1 at a score, the score where F1 is best, and intervals of such figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.segmenter.average_precision_matches import Ranking
from spotter.segmenter.average_precision_overlaps import Floats, Ints

LEVEL = 0.95
"""How often intervals hold what would be found on all such pictures."""

_STEPS = 100  # scores that are tried: a rounder one is easier to write down and fits less to chance


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and where chance in the choice of the pictures may have moved it from.

    Attributes:
        value: 0 to 1; NaN where nothing can be said.
        low, high: ends of its 95 % interval; NaN where there is none.
    """

    value: float
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True, slots=True)
class AtScore:
    """How good finds from a score on are.

    Attributes:
        precision: of what was found, the share that is right.
        recall: of what is marked, the share that was found.
        f1: the harmonic mean of both.
        right, found, wanted: how many were found rightly, were found, are marked.
    """

    precision: Estimate
    recall: Estimate
    f1: Estimate
    right: int
    found: int
    wanted: int


def best_score(rankings: Sequence[Ranking]) -> float:
    """The score, in hundredths, from which on F1 of all classes together is best at an IoU of 0.5.

    Of several that are equally good the one in the middle; NaN where nothing is to be found.
    """
    scores = np.concatenate([one.scores for one in rankings])
    order = np.argsort(-scores, kind="stable")
    right = np.concatenate([one.right[0, 0] for one in rankings])[order].cumsum()
    seen = np.concatenate([one.counted[0, 0] for one in rankings])[order].cumsum()
    wanted = sum(int(one.wanted[0].sum()) for one in rankings)
    if not wanted or not len(scores):
        return math.nan
    tried = np.arange(_STEPS + 1) / _STEPS
    kept = np.searchsorted(-scores[order], -tried, side="right")
    none = np.zeros(1, np.int64)
    hits, finds = np.concatenate([none, right])[kept], np.concatenate([none, seen])[kept]
    f1 = 2 * hits / (finds + wanted)
    best = np.flatnonzero(f1 >= f1.max() - 1e-12)
    return float(tried[best[len(best) // 2]])


def counts_at(rankings: Sequence[Ranking], score: float) -> Ints:
    """How many were found rightly, were found and are marked, at an IoU of 0.5 and from a score on.

    Returns:
        int64 array (pictures, classes, 3).
    """
    pictures = rankings[0].wanted.shape[1]
    table = np.zeros((pictures, len(rankings), 3), np.int64)
    for place, one in enumerate(rankings):
        chosen = one.scores >= score
        for column, what in enumerate((one.right, one.counted)):
            table[:, place, column] = np.bincount(one.pictures[chosen & what[0, 0]], minlength=pictures)
        table[:, place, 2] = one.wanted[0]
    return table


def shares(counts: NDArray[np.integer]) -> Floats:
    """Precision, recall and F1 of counts (..., 3) of right, found and marked things; NaN of nothing.

    >>> shares(np.array([1, 2, 4])).round(3).tolist()
    [0.5, 0.25, 0.333]
    """
    right, found, wanted = np.moveaxis(counts, -1, 0).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.stack([right / found, right / wanted, 2 * right / (found + wanted)], -1)


def at_score(counts: Ints, weights: Ints) -> AtScore:
    """The figures of counts (pictures, 3), with intervals.

    Args:
        counts: of one class, or of all together; see `counts_at`.
        weights: see `resampled`.
    """
    precision, recall, f1 = estimated(counts, weights, shares)
    right, found, wanted = counts.sum(0).tolist()
    return AtScore(precision, recall, f1, right, found, wanted)


def resampled(groups: Sequence[str], choices: int, seed: int = 0) -> Ints:
    """How often each picture is in each of many choices of as many groups, drawn with replacement.

    The bootstrap (Efron 1979): pictures of one person or video say less than as many of several, so groups
    are drawn as a whole.

    Args:
        groups: who or what each picture shows; empty for one that stands alone.
        choices: how many.
        seed: of the drawing.

    Returns:
        int64 array (choices, pictures); of no choice where there are fewer than two groups.

    >>> drawn = resampled(("a", "a", "", ""), 50)
    >>> drawn.shape, (drawn[:, 0] == drawn[:, 1]).all()
    ((50, 4), np.True_)
    """
    names = [(name, -1) if name else ("", place) for place, name in enumerate(groups)]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    count = len(numbers)
    if count < 2:
        return np.zeros((0, len(groups)), np.int64)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), choices)
    return np.asarray(drawn[:, [numbers[name] for name in names]], np.int64)


def estimate(value: float, others: Floats) -> Estimate:
    """A figure with its interval: the middle 95 % of what other choices of the pictures gave.

    >>> found = estimate(0.5, np.linspace(0, 1, 101))
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.5, 0.025, 0.975)
    """
    known = others[np.isfinite(others)]
    if math.isnan(value) or len(known) < 2:
        return Estimate(value)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return Estimate(value, low, high)


def estimated(values: Ints, weights: Ints, of: Callable[[Ints], Floats]) -> list[Estimate]:
    """Figures that are made of sums over pictures, with intervals.

    Args:
        values: what is summed up, (pictures, ...).
        weights: see `resampled`.
        of: makes figures (choices, figures) of sums (choices, ...).
    """
    whole = of(values.sum(0)[None])[0]
    others = of(np.tensordot(weights, values, 1))
    return [estimate(value, column) for value, column in zip(whole.tolist(), others.T, strict=True)]
