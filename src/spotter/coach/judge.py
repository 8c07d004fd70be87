"""Coaches one person on one exercise: counts, judges and sums up a motion."""

from __future__ import annotations

from dataclasses import replace

from spotter.coach.analysis import Fault, Hold, Person
from spotter.coach.counted import find_reps
from spotter.coach.exercise import Exercise
from spotter.coach.faults import judge, not_judged, worst_first
from spotter.coach.holds import find_holds, judge_hold
from spotter.coach.sets import group_sets, make_rep
from spotter.coach.summary import summarise
from spotter.coach.window import Span
from spotter.motion.motion import Motion
from spotter.motion.view import usual_view


def coach_person(motion: Motion, exercise: Exercise | None) -> Person:
    """All that one person did in a motion; without an exercise, only who and from where."""
    view = usual_view(motion.values["azimuth"])
    if exercise is None:
        return Person(motion.person, view)
    person = _holds(motion, exercise, view) if exercise.kind == "hold" else _reps(motion, exercise, view)
    return replace(person, summary=summarise(person, exercise))


def _reps(motion: Motion, exercise: Exercise, view: str) -> Person:
    reps, verdicts = [], []
    for counted in find_reps(motion, exercise):
        row = judge(motion, exercise, counted.swing.span, counted.side) if counted.swing.complete else []
        reps.append(make_rep(motion, exercise, counted, number=0, verdicts=row))
        if row:
            verdicts.append(row)
    return Person(motion.person, view, sets=group_sets(reps), not_judged=not_judged(verdicts))


def _holds(motion: Motion, exercise: Exercise, view: str) -> Person:
    """The times in the right posture; what went wrong is told with the part before it, or the first one."""
    found: list[Hold] = []
    verdicts = []
    for first, last in find_holds(motion, exercise):
        start_s, end_s = float(motion.time_s[first]), float(motion.time_s[last])
        row = judge(motion, exercise, Span(start_s, start_s, end_s), "both")
        verdicts.append(row)
        parts, faults = judge_hold(motion, [v.rule for v in row if not v.why_not], first, last)
        if faults and not parts:  # never right: no time counts, but the person must hear why
            parts = [Hold(start_s, start_s)]
        found += [_with_faults(part, parts, faults) for part in parts]
    return Person(motion.person, view, holds=tuple(found), not_judged=not_judged(verdicts))


def _with_faults(part: Hold, parts: list[Hold], faults: list[Fault]) -> Hold:
    def owner(fault: Fault) -> Hold:
        before = [one for one in parts if one.start_s <= fault.at_s]
        return before[-1] if before else parts[0]

    return replace(part, faults=worst_first(fault for fault in faults if owner(fault) is part))
