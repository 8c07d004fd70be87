"""Sentences a trainer would say: first what was good, then the one thing to change, with the evidence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from spotter.coach.analysis import Fault, Hold, Person, Rep
from spotter.coach.exercise import Exercise, FaultRule

_WEIGHT = {"danger": 9, "warning": 3, "hint": 1}
_UNIT = {"deg": "°", "ratio": "", "m": " m"}


def summarise(person: Person, exercise: Exercise) -> tuple[str, ...]:
    """What to tell the person about this exercise, in two to four sentences."""
    if exercise.kind == "hold":
        return _hold_summary(person.holds, exercise)
    done = [rep for rep in person.reps if rep.complete]
    if not done:
        return (f"No complete {exercise.title.lower()} was seen.",)
    sentences = [_count_sentence(person, exercise)]
    praise = _praise(done, person, exercise)
    if praise:
        sentences.append(praise)
    change = one_thing(done, exercise)
    sentences.append(change or _steady(done))
    return tuple(sentences)


def value_in_words(value: float, unit: str) -> str:
    """A measured value with its unit, as a reader likes it.

    >>> value_in_words(12.34, "deg"), value_in_words(0.756, "leg lengths")
    ('12°', '0.76 leg lengths')
    """
    digits = 0 if unit == "deg" else 2
    return f"{value:.{digits}f}{_UNIT.get(unit, ' ' + unit)}"


def _count_sentence(person: Person, exercise: Exercise) -> str:
    count, early = person.count, sum(not rep.complete for rep in person.reps)
    clean = sum(rep.complete and not rep.faults and not math.isnan(rep.score) for rep in person.reps)
    name = exercise.title.lower()
    text = f"You did {count} {name if count == 1 else _plural(name)}"
    if len(person.sets) > 1:
        text += f" in {len(person.sets)} sets"
    if clean == count:
        text += ", and nothing was wrong with any that could be judged" if count > 1 else ", and it was clean"
    elif clean:
        text += f"; {clean} of them {'was' if clean == 1 else 'were'} clean"
    if early:
        text += f". {early} more turned back early and {'does' if early == 1 else 'do'} not count"
    return text + "."


def _plural(name: str) -> str:
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")


def _praise(done: Sequence[Rep], person: Person, exercise: Exercise) -> str:
    """Praise for a fault that was judged and never found."""
    found = {fault.name for rep in done for fault in rep.faults}
    unjudged = {item.fault for item in person.not_judged}
    for rule in exercise.faults:
        if rule.name not in found | unjudged and rule.name in exercise.praise:
            return exercise.praise[rule.name]
    return ""


def one_thing(done: Sequence[Rep], exercise: Exercise) -> str:
    """The fault that matters most, with its evidence and its cue; empty where there was none."""
    rules = {rule.name: rule for rule in exercise.faults}
    weights: Counter[str] = Counter()
    for rep in done:
        for fault in rep.faults:
            weights[fault.name] += _WEIGHT[fault.severity]
    if not weights:
        return ""
    name = weights.most_common(1)[0][0]
    found = [fault for rep in done for fault in rep.faults if fault.name == name]
    return _evidence(
        rules[name], found, "this time" if len(done) == 1 else f"in {len(found)} of {len(done)} repetitions"
    )


def _evidence(rule: FaultRule, found: Sequence[Fault], where: str) -> str:
    worst = max(found, key=lambda fault: abs(fault.measured - fault.limit))
    measured, limit = value_in_words(worst.measured, rule.unit), value_in_words(worst.limit, rule.unit)
    return (
        f"The one thing to change: {rule.title[0].lower()}{rule.title[1:]}, {where} "
        f"(at {clock(worst.at_s)} it was {measured}, the limit is {limit}). {rule.cue}"
    )


def clock(time_s: float) -> str:
    """A time as minutes and seconds.

    >>> clock(63.25)
    '1:03.2'
    """
    tenths = int(time_s * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


def _steady(done: Sequence[Rep]) -> str:
    """A word on the tempo, where nothing was wrong."""
    if len(done) < 3:
        return "Keep it like this."
    lengths = np.array([rep.end_s - rep.start_s for rep in done])
    if lengths.std() < 0.15 * lengths.mean():
        return f"Your rhythm was even, {lengths.mean():.1f} seconds a repetition. Keep it like this."
    return (
        f"Repetitions took between {lengths.min():.1f} and {lengths.max():.1f} seconds: "
        "next time, try to keep an even rhythm."
    )


def _hold_summary(holds: Sequence[Hold], exercise: Exercise) -> tuple[str, ...]:
    name = exercise.title.lower()
    if not holds:
        return (f"No {name} in good posture was held long enough to be timed.",)
    right = sum(hold.end_s - hold.start_s for hold in holds)
    longest = max(hold.end_s - hold.start_s for hold in holds)
    first = f"You held a good {name} for {right:.0f} seconds"
    first += "." if len(holds) == 1 else f", {longest:.0f} of them without a break."
    if right == 0:
        first = f"You held a {name}, but not yet in good posture."
    found = [fault for hold in holds for fault in hold.faults]
    rules = {rule.name: rule for rule in exercise.faults}
    if not found:
        return first, "Your posture was right all that time. Next time, try ten seconds more."
    name_of_worst = Counter(fault.name for fault in found).most_common(1)[0][0]
    chosen = [fault for fault in found if fault.name == name_of_worst]
    return first, _evidence(
        rules[name_of_worst], chosen, f"{len(chosen)} time{'s' if len(chosen) > 1 else ''}"
    )
