"""Joins what was found in one stretch of a video to what was found before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from spotter.coach.analysis import NotJudged, Person, RepSet
from spotter.coach.exercise import Exercise
from spotter.coach.sets import REST_S
from spotter.coach.summary import summarise


def renumber(person: Person, before: Sequence[Person]) -> Person:
    """A person's sets of one stretch, numbered on where their set of the stretch before was cut in two."""
    last = _last_set(person.id, before)
    if last is None or not person.sets or person.sets[0].start_s - last.end_s > REST_S:
        return person
    first = person.sets[0]
    moved = tuple(replace(rep, number=rep.number + last.count) for rep in first.reps)
    return replace(person, sets=(replace(first, reps=moved), *person.sets[1:]))


def join_people(before: Sequence[Person], now: Iterable[Person], exercise: Exercise | None) -> list[Person]:
    """Everybody so far, with what they did in the newest stretch added and their summary made anew."""
    people = {person.id: person for person in before}
    for person in now:
        known = people.get(person.id)
        people[person.id] = person if known is None else _join(known, person, exercise)
    return list(people.values())


def _join(known: Person, more: Person, exercise: Exercise | None) -> Person:
    joined = replace(
        known,
        view=known.view if known.view != "unknown" else more.view,
        sets=_join_sets(known.sets, more.sets),
        holds=known.holds + more.holds,
        not_judged=_join_not_judged(known, more),
    )
    return joined if exercise is None else replace(joined, summary=summarise(joined, exercise))


def _join_not_judged(known: Person, more: Person) -> tuple[NotJudged, ...]:
    """What was judged in neither stretch; a stretch in which nothing was done judged nothing."""
    if not (known.sets or known.holds):
        return more.not_judged
    if not (more.sets or more.holds):
        return known.not_judged
    before = {item.fault for item in known.not_judged}
    return tuple(item for item in more.not_judged if item.fault in before)


def _join_sets(before: tuple[RepSet, ...], more: tuple[RepSet, ...]) -> tuple[RepSet, ...]:
    if not before or not more or more[0].start_s - before[-1].end_s > REST_S:
        return before + more
    whole = RepSet(before[-1].start_s, more[0].end_s, before[-1].reps + more[0].reps)
    return (*before[:-1], whole, *more[1:])


def _last_set(person: int, before: Sequence[Person]) -> RepSet | None:
    known = next((one for one in before if one.id == person), None)
    return known.sets[-1] if known is not None and known.sets else None
