"""Sentences a trainer would say: first what was good, then the one thing to change, with the evidence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from spotter.coach.analysis import Fault, Hold, Person, Rep
from spotter.coach.exercise import Exercise, FaultRule
from spotter.coach.words import ENGLISH, Words

_WEIGHT = {"danger": 9, "warning": 3, "hint": 1}
_UNIT = {"deg": "°", "ratio": "", "m": " m"}


def summarise(person: Person, exercise: Exercise, words: Words = ENGLISH) -> tuple[str, ...]:
    """What to tell the person about this exercise, in two to four sentences of a language."""
    if exercise.kind == "hold":
        return _hold_summary(person.holds, exercise, words)
    done = [rep for rep in person.reps if rep.complete]
    if not done:
        return (words("No complete {name} was seen.", **_names(exercise, words)),)
    sentences = [_count_sentence(person, exercise, words)]
    praise = _praise(done, person, exercise)
    if praise:
        sentences.append(words(praise))
    change = one_thing(done, exercise, words)
    sentences.append(change or _steady(done, words))
    return tuple(sentences)


def value_in_words(value: float, unit: str, words: Words = ENGLISH) -> str:
    """A measured value with its unit, as a reader likes it.

    >>> value_in_words(12.34, "deg"), value_in_words(0.756, "leg lengths")
    ('12°', '0.76 leg lengths')
    """
    return words.digits(value, 0 if unit == "deg" else 2) + _UNIT.get(unit, f" {words(unit)}")


def _names(exercise: Exercise, words: Words) -> dict[str, str]:
    """What an exercise is called: as a title, and within an English sentence, of one and of several."""
    name = exercise.title.lower()
    several = name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")
    return {"title": words(exercise.title), "name": name, "names": several}


def _count_sentence(person: Person, exercise: Exercise, words: Words) -> str:
    count, early = person.count, sum(not rep.complete for rep in person.reps)
    clean = sum(rep.complete and not rep.faults and not math.isnan(rep.score) for rep in person.reps)
    text = words.many(count, "You did {number} {name}", "You did {number} {names}", **_names(exercise, words))
    if len(person.sets) > 1:
        text += words(" in {number} sets", number=len(person.sets))
    if clean == count:
        text += words.many(
            count, ", and it was clean", ", and nothing was wrong with any that could be judged"
        )
    elif clean:
        text += words.many(clean, "; {number} of them was clean", "; {number} of them were clean")
    if early:
        text += words.many(
            early,
            ". {number} more turned back early and does not count",
            ". {number} more turned back early and do not count",
        )
    return text + "."


def _praise(done: Sequence[Rep], person: Person, exercise: Exercise) -> str:
    """Praise for a fault that was judged and never found."""
    found = {fault.name for rep in done for fault in rep.faults}
    unjudged = {item.fault for item in person.not_judged}
    for rule in exercise.faults:
        if rule.name not in found | unjudged and rule.name in exercise.praise:
            return exercise.praise[rule.name]
    return ""


def one_thing(done: Sequence[Rep], exercise: Exercise, words: Words = ENGLISH) -> str:
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
    where = (
        words("this time")
        if len(done) == 1
        else words("in {found} of {done} repetitions", found=len(found), done=len(done))
    )
    return _evidence(rules[name], found, where, words)


def _evidence(rule: FaultRule, found: Sequence[Fault], where: str, words: Words) -> str:
    worst = max(found, key=lambda fault: abs(fault.measured - fault.limit))
    title = words(rule.title)
    evidence = words(
        "The one thing to change: {fault}, {where} (at {time} it was {measured}, the limit is {limit}).",
        fault=title[0].lower() + title[1:],
        title=title,
        where=where,
        time=clock(worst.at_s),
        measured=value_in_words(worst.measured, rule.unit, words),
        limit=value_in_words(worst.limit, rule.unit, words),
    )
    return f"{evidence} {words(rule.cue)}"


def clock(time_s: float) -> str:
    """A time as minutes and seconds.

    >>> clock(63.25)
    '1:03.2'
    """
    tenths = int(time_s * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


def _steady(done: Sequence[Rep], words: Words) -> str:
    """A word on the tempo, where nothing was wrong."""
    if len(done) < 3:
        return words("Keep it like this.")
    lengths = np.array([rep.end_s - rep.start_s for rep in done])
    if lengths.std() < 0.15 * lengths.mean():
        return words(
            "Your rhythm was even, {seconds} seconds a repetition. Keep it like this.",
            seconds=words.digits(lengths.mean(), 1),
        )
    return words(
        "Repetitions took between {least} and {most} seconds: next time, try to keep an even rhythm.",
        least=words.digits(lengths.min(), 1),
        most=words.digits(lengths.max(), 1),
    )


def _hold_summary(holds: Sequence[Hold], exercise: Exercise, words: Words) -> tuple[str, ...]:
    names = _names(exercise, words)
    if not holds:
        return (words("No {name} in good posture was held long enough to be timed.", **names),)
    right = sum(hold.end_s - hold.start_s for hold in holds)
    longest = max(hold.end_s - hold.start_s for hold in holds)
    first = words("You held a good {name} for {seconds} seconds", seconds=f"{right:.0f}", **names)
    first += (
        "." if len(holds) == 1 else words(", {seconds} of them without a break.", seconds=f"{longest:.0f}")
    )
    if right == 0:
        first = words("You held a {name}, but not yet in good posture.", **names)
    found = [fault for hold in holds for fault in hold.faults]
    rules = {rule.name: rule for rule in exercise.faults}
    if not found:
        return first, words("Your posture was right all that time. Next time, try ten seconds more.")
    name_of_worst = Counter(fault.name for fault in found).most_common(1)[0][0]
    chosen = [fault for fault in found if fault.name == name_of_worst]
    where = words.many(len(chosen), "{number} time", "{number} times")
    return first, _evidence(rules[name_of_worst], chosen, where, words)
