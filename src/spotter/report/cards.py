"""The report's cards: the best and the weakest repetition, and each fault with its measurement."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from spotter.coach.analysis import Fault, Person, Rep, Severity
from spotter.coach.exercise import Exercise
from spotter.report.collect import Moment, ReportCollector
from spotter.report.palette import SEVERITY_RANK
from spotter.report.pictures import Picture
from spotter.report.words import amount, clock, counted, fault_title, limit_in_words, title_of

_SEVERITY_WORDS: dict[Severity, str] = {
    "danger": "Change this first",
    "warning": "Work on this",
    "hint": "Worth a try",
}
Case = tuple[Fault, Rep | None]

_MOST_NUMBERS = 12


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture with its heading, a line of facts and words for those who cannot see it."""

    title: str
    facts: str
    alt: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class Gauge:
    """Where on a line the limit and the measurements lie, in per cent, and on which side all is well."""

    limit: float
    values: tuple[float, ...]
    right_side: str


@dataclass(frozen=True, slots=True)
class FaultCard:
    """One fault: what it is, how often it was, how it was measured, and what to do."""

    title: str
    severity: Severity
    severity_words: str
    when: str
    measured: str
    limit: str
    gauge: Gauge | None
    cue: str
    source: str
    photo: Photo | None


def rep_photos(
    person: Person, collector: ReportCollector, pictures: Mapping[Moment, Picture]
) -> Iterable[Photo]:
    """The best and the weakest repetition, or the longest hold."""
    for title, moment in (
        ("Best repetition" if person.reps else "Longest hold", collector.best(person.id)),
        ("Weakest repetition", collector.worst(person.id)),
    ):
        if moment is None or moment not in pictures:
            continue
        rep = moment.rep
        facts = [_rep_name(person, rep)] if rep else []
        facts.append(clock(moment.time_s))
        if rep and math.isfinite(rep.score):
            facts.append(f"score {rep.score:.0f}")
        if moment.angle is not None and math.isfinite(moment.angle[1]):
            facts.append(f"{title_of(moment.angle[0]).lower()} {amount(moment.angle[1], 'deg')}")
        where = " at its turning point" if rep else ""
        yield Photo(title, " · ".join(facts), f"{title}{where}: {', '.join(facts)}", pictures[moment])


def _rep_name(person: Person, rep: Rep) -> str:
    name = f"Repetition {rep.number}"
    if len(person.sets) < 2:
        return name
    number_of_set = next(
        (i for i, one in enumerate(person.sets, 1) if one.start_s <= rep.turn_s <= one.end_s), 1
    )
    return f"{name} of set {number_of_set}"


def fault_cards(
    person: Person,
    exercise: Exercise | None,
    collector: ReportCollector,
    pictures: Mapping[Moment, Picture],
) -> Iterable[FaultCard]:
    """A card for each fault: the worst kind first, then the most frequent."""
    rules = {rule.name: rule for rule in exercise.faults} if exercise else {}
    titles = {name: rule.title for name, rule in rules.items()}
    moments = {
        one.fault.name: one
        for one in collector.faults(person.id)
        if one.fault is not None and one in pictures
    }
    for name, cases in sorted(_cases(person).items(), key=_worst_first):
        worst = max((fault for fault, _ in cases), key=lambda fault: abs(fault.measured - fault.limit))
        title = fault_title(name, titles)
        moment = moments.get(name)
        yield FaultCard(
            title=title,
            severity=worst.severity,
            severity_words=_SEVERITY_WORDS[worst.severity],
            when=_when(person, cases),
            measured=amount(worst.measured, worst.unit),
            limit=limit_in_words(worst),
            gauge=_gauge([fault for fault, _ in cases]),
            cue=worst.cue,
            source=rules[name].source if name in rules else "",
            photo=_fault_photo(person, title, moment, pictures) if moment else None,
        )


def _cases(person: Person) -> dict[str, list[Case]]:
    """Every fault by name, each time with its repetition (None in a hold)."""
    found: dict[str, list[Case]] = {}
    owners: list[tuple[tuple[Fault, ...], Rep | None]] = [
        (rep.faults, rep) for rep in person.reps if rep.complete
    ]
    owners += [(hold.faults, None) for hold in person.holds]
    for faults, rep in owners:
        for fault in faults:
            found.setdefault(fault.name, []).append((fault, rep))
    return found


def _worst_first(named: tuple[str, list[Case]]) -> tuple[int, int]:
    cases = named[1]
    return -max(SEVERITY_RANK[fault.severity] for fault, _ in cases), -len(cases)


def _fault_photo(person: Person, title: str, moment: Moment, pictures: Mapping[Moment, Picture]) -> Photo:
    assert moment.fault is not None
    owner = _rep_name(person, moment.rep) if moment.rep else "Hold"
    facts = f"{owner} · {clock(moment.time_s)}"
    measured = amount(moment.fault.measured, moment.fault.unit)
    alt = f"{title}: {measured} measured, {limit_in_words(moment.fault)} wanted"
    return Photo(title, facts, alt, pictures[moment])


def _when(person: Person, cases: list[Case]) -> str:
    """How often a fault was, and in which repetitions where that is short to say."""
    reps = [rep for _, rep in cases if rep is not None]
    if not reps:
        return f"{counted(len(cases), 'time', 'times')} while holding"
    if len(reps) == person.count:
        return "In the only repetition" if person.count == 1 else f"In all {person.count} repetitions"
    of_all = f"In {len(reps)} of {person.count} repetitions"
    if len(person.sets) > 1 or len(reps) > _MOST_NUMBERS:
        return of_all
    numbers = ", ".join(str(rep.number) for rep in reps)
    return f"{of_all}: number {numbers}"


def _gauge(faults: list[Fault]) -> Gauge | None:
    """Measurements about the limit; None where none is known."""
    values = [fault.measured for fault in faults if math.isfinite(fault.measured)]
    limit = faults[0].limit
    reach = max((abs(value - limit) for value in values), default=0.0)
    if not values or reach == 0:
        return None
    too_much = values[0] > limit
    low, high = (
        (limit - 0.8 * reach, limit + 1.2 * reach) if too_much else (limit - 1.2 * reach, limit + 0.8 * reach)
    )
    places = tuple(round(100 * (value - low) / (high - low), 1) for value in values)
    return Gauge(round(100 * (limit - low) / (high - low), 1), places, "left" if too_much else "right")
