"""Makes sets of judged repetitions out of counted ones: tempo, symmetry, score, faults."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from spotter.coach.analysis import Fault, Rep, RepSet, Severity, Tempo
from spotter.coach.counted import Counted
from spotter.coach.exercise import Exercise
from spotter.coach.faults import Verdict, worst_first
from spotter.coach.window import Span, read, surely_seen
from spotter.motion.motion import Motion

REST_S = 8.0
"""A longer pause than this, and than twice a usual repetition, begins a new set."""

PENALTY: Mapping[Severity, float] = MappingProxyType({"hint": 5.0, "warning": 15.0, "danger": 30.0})
"""Points that a fault takes from a repetition's 100."""


def make_rep(
    motion: Motion, exercise: Exercise, counted: Counted, number: int, verdicts: Sequence[Verdict]
) -> Rep:
    """One repetition with all that is known of it.

    Args:
        motion: the person's motion.
        exercise: what was done.
        counted: the repetition.
        number: its number in the set.
        verdicts: what the fault rules said; none is asked of an incomplete attempt.
    """
    swing = counted.swing
    span = swing.span
    faults = worst_first(v.fault for v in verdicts if v.fault is not None)
    return Rep(
        number=number,
        start_s=span.start_s,
        turn_s=span.turn_s,
        end_s=span.end_s,
        complete=swing.complete,
        side=counted.side,
        range_deg=swing.range,
        tempo_s=Tempo(
            out=swing.held_s[0] - span.start_s,
            hold=swing.held_s[1] - swing.held_s[0],
            back=span.end_s - swing.held_s[1],
        ),
        symmetry=symmetry(motion, exercise, span) if counted.side == "both" else math.nan,
        score=score(faults, verdicts),
        faults=faults,
    )


def score(faults: Sequence[Fault], verdicts: Sequence[Verdict]) -> float:
    """100 less the faults' penalties, at least 0; NaN where nothing could be judged."""
    if all(verdict.why_not for verdict in verdicts):
        return math.nan
    return max(0.0, 100.0 - sum(PENALTY[fault.severity] for fault in faults))


def symmetry(motion: Motion, exercise: Exercise, span: Span) -> float:
    """The smaller of the two sides' ranges over the larger one, 0 to 1; NaN where a side was not seen."""
    ranges = [
        read(motion, name, span, "rep", "change").value
        for name in exercise.working_angles
        if surely_seen(motion, name, span, "rep")
    ]
    known = [value for value in ranges if not math.isnan(value)]
    if len(known) < 2 or max(known) <= 0:
        return math.nan
    return min(known) / max(known)


def group_sets(reps: Sequence[Rep]) -> tuple[RepSet, ...]:
    """Repetitions in order of time, split where the person rested; sets without a complete one are left out.

    Numbers are given anew in each set.
    """
    if not reps:
        return ()
    usual = float(np.median([rep.end_s - rep.start_s for rep in reps]))
    groups: list[list[Rep]] = [[reps[0]]]
    for before, rep in pairwise(reps):
        if rep.start_s - before.end_s > max(REST_S, 2 * usual):
            groups.append([])
        groups[-1].append(rep)
    return tuple(
        RepSet(group[0].start_s, group[-1].end_s, tuple(_numbered(group)))
        for group in groups
        if any(rep.complete for rep in group)
    )


def _numbered(reps: Sequence[Rep]) -> list[Rep]:
    done, out = 0, []
    for rep in reps:
        out.append(replace(rep, number=done + 1))
        done += rep.complete
    return out
