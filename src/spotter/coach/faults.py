"""Judges repetitions and holds by an exercise's fault rules, and says what could not be judged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spotter.coach.analysis import Fault, NotJudged, Severity, Side
from spotter.coach.exercise import Exercise, FaultRule
from spotter.coach.window import Span, read, surely_seen
from spotter.motion.motion import Motion
from spotter.motion.view import usual_view

_RANK: dict[Severity, int] = {"danger": 0, "warning": 1, "hint": 2}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one fault rule in one repetition.

    Attributes:
        rule: the rule.
        fault: the fault, or None where there was none.
        why_not: why it could not be judged; empty where it was.
    """

    rule: FaultRule
    fault: Fault | None
    why_not: str = ""


def judge(motion: Motion, exercise: Exercise, span: Span, side: Side) -> list[Verdict]:
    """A verdict on every fault rule for the movement in ``span``."""
    return [verdict(motion, rule, span, side) for rule in exercise.faults]


def view_of(motion: Motion, span: Span) -> str:
    """How the camera saw the person during ``span``."""
    rows = (motion.time_s >= span.start_s) & (motion.time_s <= span.end_s)
    return usual_view(motion.values["azimuth"][rows])


def worst_first(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Faults by severity, then by how far they are beyond their limit."""
    return tuple(
        sorted(
            faults, key=lambda f: (_RANK[f.severity], -abs(f.measured - f.limit) / max(abs(f.limit), 1e-9))
        )
    )


def not_judged(verdicts: Iterable[Sequence[Verdict]]) -> tuple[NotJudged, ...]:
    """Faults that could be judged in no repetition at all, with the most common reason."""
    reasons: dict[str, list[str]] = {}
    judged: set[str] = set()
    for row in verdicts:
        for verdict in row:
            if verdict.why_not:
                reasons.setdefault(verdict.rule.name, []).append(verdict.why_not)
            else:
                judged.add(verdict.rule.name)
    return tuple(
        NotJudged(name, max(set(why), key=why.count)) for name, why in reasons.items() if name not in judged
    )


def verdict(motion: Motion, rule: FaultRule, span: Span, side: Side) -> Verdict:
    """A verdict on one fault rule for the movement in ``span``."""
    view = view_of(motion, span)
    if view not in rule.views:
        return Verdict(rule, None, _wrong_view(view, rule.views))
    readings = [
        read(motion, name, span, rule.during, rule.statistic)
        for name in sided(rule.measure, side)
        if surely_seen(motion, name, span, rule.during)
    ]
    seen = [reading for reading in readings if not math.isnan(reading.value)]
    if not seen:
        return Verdict(rule, None, f"not enough of the {_parts(rule)} was seen")
    worst = max(seen, key=lambda reading: beyond(rule, reading.value))
    if beyond(rule, worst.value) <= rule.margin:
        return Verdict(rule, None)
    return Verdict(
        rule,
        Fault(
            name=rule.name,
            severity=rule.severity,
            at_s=worst.at_s,
            measured=worst.value,
            limit=rule.limit,
            unit=rule.unit,
            cue=rule.cue,
        ),
    )


def beyond(rule: FaultRule, value: float) -> float:
    """How far a value is beyond the limit, in the rule's unit; negative where it is within."""
    return value - rule.limit if rule.above is not None else rule.limit - value


def sided(measure: str, side: Side) -> list[str]:
    """The names that a ``"*"`` in a measure stands for."""
    if "*" not in measure:
        return [measure]
    return [measure.replace("*", one) for one in (("left", "right") if side == "both" else (side,))]


def _wrong_view(view: str, wanted: Sequence[str]) -> str:
    seen = {"unknown": "the camera's view is not clear"}.get(view, f"the camera sees you from the {view}")
    seen = seen.replace("from the oblique", "at an angle").replace("from the back", "from behind")
    names = [{"oblique": "at an angle", "back": "from behind"}.get(v, f"from the {v}") for v in wanted]
    return f"{seen}; this shows only {' or '.join(names)}"


def _parts(rule: FaultRule) -> str:
    """The body parts that a rule looks at, in words."""
    parts = dict.fromkeys(
        name.replace("left_", "").replace("right_", "").replace("_", " ") for name in rule.landmarks
    )
    return " and ".join(parts)
