"""How well a movement fits an exercise: its gates, each believed between 0 and 1."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Side
from spotter.coach.exercise import Exercise, Gate
from spotter.coach.window import TURN_S, Span, read
from spotter.motion.motion import Motion


def fit(motion: Motion, exercise: Exercise, span: Span, side: Side = "both", complete: bool = True) -> float:
    """How well the movement in ``span`` fits the exercise, 0 to 1: the product of the beliefs in its gates.

    Args:
        side: which side moves; a gate with ``"*"`` looks at it.
        complete: False for an attempt that turned back early, which some gates excuse.
    """
    sides = ("left", "right") if side == "both" else (side,)
    product = 1.0
    for gate in exercise.gates:
        if gate.complete_only and not complete:
            continue
        names = {gate.measure.replace("*", one) for one in sides}
        product *= max(
            belief(gate, read(motion, name, span, gate.during, gate.statistic).value) for name in names
        )
    return product


def belief(gate: Gate, value: float) -> float:
    """Belief that a gate holds, 0 to 1, from the measured value.

    >>> gate = Gate("trunk_lean", "turn", "mean", above=40.0, below=None, soft=20.0)
    >>> belief(gate, 30.0), belief(gate, 40.0), belief(gate, 60.0)
    (0.0, 0.5, 1.0)
    """
    if math.isnan(value):
        return gate.unseen
    inside = []
    if gate.above is not None:
        inside.append((value - gate.above) / gate.soft)
    if gate.below is not None:
        inside.append((gate.below - value) / gate.soft)
    return min(1.0, max(0.0, 0.5 + min(inside)))


def likely(gate: Gate, values: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where a gate's belief is a half or more, array (n,): the values are within its limits."""
    above = -math.inf if gate.above is None else gate.above
    below = math.inf if gate.below is None else gate.below
    return np.asarray(np.where(np.isnan(values), gate.unseen >= 0.5, (values >= above) & (values <= below)))


class Fits:
    """How well movements fit an exercise, each computed once if it no longer changes.

    Example::

        fits = Fits(exercise)
        fits.of(motion, span, "both")
    """

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self._known: dict[tuple[Span, Side, bool], float] = {}

    def of(
        self, motion: Motion, span: Span, side: Side, complete: bool = True, settled_s: float = math.inf
    ) -> float:
        """As ``fit``; remembered where all of the movement lies before ``settled_s``."""
        key = (span, side, complete)
        if key not in self._known:
            value = fit(motion, self.exercise, span, side, complete)
            if span.end_s + TURN_S >= settled_s:
                return value
            self._known[key] = value
        return self._known[key]

    def forget(self, before_s: float) -> None:
        """Forget movements that began before a time."""
        self._known = {key: value for key, value in self._known.items() if key[0].start_s >= before_s}
