"""Faults of a repetition that goes on: those that its end can only confirm."""

from __future__ import annotations

import numpy as np

from spotter.coach.analysis import Fault, Side
from spotter.coach.counted import Counted
from spotter.coach.exercise import Exercise, FaultRule
from spotter.coach.faults import beyond, judge, sided, verdict, worst_first
from spotter.coach.window import Span
from spotter.motion.motion import Motion
from spotter.motion.view import usual_view

_VIEW_SD_DEG = 4.0  # by as much may the turn to the camera, a median, still change


def sure_faults(motion: Motion, exercise: Exercise, rep: Counted, left_s: float) -> tuple[Fault, ...]:
    """Faults that the finished repetition will have as well, the worst first.

    A part of it that is over does not change any more; the largest value of one that goes on only grows; and
    a mean is believed where it would be a fault even if all that is left were as good as its better end.
    Nothing is said while it is not certain which side moves, or how the camera sees it.

    Args:
        motion: until now.
        exercise: what is done.
        rep: the repetition under way, on the way back.
        left_s: at most how long it will still take.
    """
    now_s = float(motion.time_s[-1])
    span = Span(rep.swing.span.start_s, rep.swing.span.turn_s, now_s)
    views = _possible_views(motion, span)
    return worst_first(
        one.fault
        for one in judge(motion, exercise, span, rep.side)
        if one.fault is not None
        and views <= set(one.rule.views)
        and _on_every_side(motion, one.rule, span, rep.side)
        and (
            _is_over(one.rule, span)
            or _only_grows(one.rule)
            or _mean_stays(motion, one.rule, span, rep.side, left_s)
        )
    )


def _possible_views(motion: Motion, span: Span) -> set[str]:
    """How the camera may be said to see the person when the repetition is over."""
    rows = (motion.time_s >= span.start_s) & (motion.time_s <= span.end_s)
    turned = np.abs(motion.values["azimuth"][rows])
    return {usual_view(np.clip(turned + step, 0, 180)) for step in (-_VIEW_SD_DEG, _VIEW_SD_DEG)}


def _on_every_side(motion: Motion, rule: FaultRule, span: Span, side: Side) -> bool:
    """Whether a fault stays one if only one side turns out to have moved."""
    if "*" not in rule.measure or side != "both":
        return True
    sides: tuple[Side, ...] = ("left", "right")
    verdicts = [verdict(motion, rule, span, one) for one in sides]
    return all(one.fault is not None or one.why_not for one in verdicts)


def _is_over(rule: FaultRule, span: Span) -> bool:
    """Whether the part of the repetition that a rule looks at is over."""
    return rule.during in ("start", "out", "turn") and span.bounds(rule.during)[1] < span.end_s


def _only_grows(rule: FaultRule) -> bool:
    """Whether what a rule measures can only get worse while the repetition goes on."""
    if rule.above is not None:
        return rule.statistic in ("max", "change")
    return rule.statistic == "min"


def _mean_stays(motion: Motion, rule: FaultRule, span: Span, side: Side, left_s: float) -> bool:
    """Whether a mean stays a fault even with its best value of the beginning and of now until the end."""
    if rule.statistic != "mean":
        return False
    first, last = span.bounds(rule.during)
    rows = (motion.time_s >= first) & (motion.time_s <= last)
    means = []
    for name in sided(rule.measure, side):
        values = motion.values[name][rows]
        values = values[np.isfinite(values)]
        if values.size:
            ends = float(values[0]), float(values[-1])
            best = min(ends) if rule.above is not None else max(ends)
            means.append((float(values.mean()) * (last - first) + best * left_s) / (last - first + left_s))
    return any(beyond(rule, mean) > rule.margin for mean in means)
