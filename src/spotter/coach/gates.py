"""How well a movement fits an exercise: its gates, each believed between 0 and 1."""

from __future__ import annotations

import math

from spotter.coach.analysis import Side
from spotter.coach.exercise import Exercise, Gate
from spotter.coach.window import Span, read
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
