"""What is left of a live session: the document that a page shows, and the session for the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Fault, NotJudged, Person, Rep, RepSet
from spotter.coach.exercise import Exercise
from spotter.coach.faults import not_judged
from spotter.coach.heart import HeartRate
from spotter.coach.live_notes import thinned
from spotter.coach.live_set import DoneSet
from spotter.coach.live_state import title_of
from spotter.coach.plain import plain
from spotter.coach.session import Angles, Session, SessionSet, session_id
from spotter.coach.summary import one_thing, summarise, value_in_words
from spotter.coach.words import ENGLISH, Words

_MOST_POINTS = 560  # with the gaps between thirty sets these are less than 600
_REST_S = 2.0


def session_from_sets(
    sets: Sequence[DoneSet],
    *,
    person: str,
    started: datetime,
    duration_s: float,
    weight_kg: float | None,
    heart_rate: HeartRate | None,
    angles: Angles | None,
) -> Session | None:
    """The session of the sets that were done; None where there is none."""
    if not sets:
        return None
    people = _people(sets)
    return Session(
        id=session_id(started, person, 1, sets[0].exercise.name, "camera"),
        person=person,
        started=started,
        duration_s=duration_s,
        sets=tuple(
            SessionSet(one.exercise.name, one.start_s, one.end_s, one.reps, one.holds, weight_kg, one.view)
            for one in sets
        ),
        source="camera",
        summary=_sentences(people),
        not_judged=_not_judged(people),
        heart_rate=heart_rate,
        angles=angles,
    )


def summary_document(
    sets: Sequence[DoneSet],
    duration_s: float,
    angles: Angles | None,
    heart_rate: HeartRate | None,
    weight_kg: float | None,
    words: Words,
) -> dict[str, Any]:
    """What was done, ready for JSON and in a language; see `LiveSession.summary`."""
    people = _people(sets)
    usual = max(sets, key=lambda one: (one.count, one.held_s)).exercise if sets else None
    document: dict[str, Any] = plain(
        {
            "exercise": None if usual is None else _exercise(usual, words),
            "duration_s": duration_s,
            "count": sum(one.count for one in sets),
            "attempts": sum(len(one.reps) - one.count for one in sets),
            "held_s": sum(one.held_s for one in sets),
            "sets": _sets(sets, weight_kg, words),
            "best": _notable(sets, words, best=True),
            "worst": _notable(sets, words, best=False),
            "one_thing": None if usual is None else one_thing(_complete(sets, usual), usual, words) or None,
            "sentences": _sentences(people, words),
            "not_judged": _not_judged_in_words(people, words),
            "curve": _curve(sets, angles, usual, words),
            "heart_rate": None
            if heart_rate is None
            else {"time_s": heart_rate.time_s, "bpm": heart_rate.bpm},
        }
    )
    return document


def _exercise(exercise: Exercise, words: Words) -> dict[str, Any]:
    return {"name": exercise.name, "title": words(exercise.title), "kind": exercise.kind}


def _complete(sets: Iterable[DoneSet], exercise: Exercise) -> list[Rep]:
    mine = (one for one in sets if one.exercise.name == exercise.name)
    return [rep for one in mine for rep in one.reps if rep.complete]


def _people(sets: Sequence[DoneSet]) -> list[tuple[Person, Exercise]]:
    """What was done of each exercise, as of a person in a video."""
    exercises = {one.exercise.name: one.exercise for one in sets}
    return [
        (_person([one for one in sets if one.exercise.name == name]), of) for name, of in exercises.items()
    ]


def _person(sets: Sequence[DoneSet]) -> Person:
    return Person(
        id=1,
        view=sets[-1].view,
        sets=tuple(RepSet(one.start_s, one.end_s, one.reps) for one in sets if one.reps),
        holds=tuple(hold for one in sets for hold in one.holds),
        not_judged=not_judged(row for one in sets for row in one.verdicts),
    )


def _sentences(people: Sequence[tuple[Person, Exercise]], words: Words = ENGLISH) -> tuple[str, ...]:
    return tuple(sentence for person, exercise in people for sentence in summarise(person, exercise, words))


def _not_judged(people: Sequence[tuple[Person, Exercise]]) -> tuple[NotJudged, ...]:
    return tuple(one for person, _ in people for one in person.not_judged)


def _not_judged_in_words(people: Sequence[tuple[Person, Exercise]], words: Words) -> list[dict[str, str]]:
    titles = {rule.name: rule.title for _, exercise in people for rule in exercise.faults}
    return [
        {"fault": one.fault, "title": words(titles[one.fault]), "why": words(one.why)}
        for one in _not_judged(people)
    ]


def _sets(sets: Sequence[DoneSet], weight_kg: float | None, words: Words) -> list[dict[str, Any]]:
    rests = [after.start_s - before.end_s for before, after in pairwise(sets)] + [None]
    return [
        {
            "number": one.number,
            "exercise": one.exercise.name,
            "start_s": one.start_s,
            "end_s": one.end_s,
            "count": one.count,
            "attempts": len(one.reps) - one.count,
            "held_s": one.held_s,
            "rest_s": rest_s,
            "weight_kg": weight_kg,
            "view": one.view,
            "reps": [rep_in_words(rep, words) for rep in one.reps],
            "holds": [replace(hold, faults=_faults_in_words(hold.faults, words)) for hold in one.holds],
        }
        for one, rest_s in zip(sets, rests, strict=False)
    ]


def rep_in_words(rep: Rep, words: Words) -> Rep:
    """A repetition whose faults' cues are in a language."""
    return replace(rep, faults=_faults_in_words(rep.faults, words))


def _faults_in_words(faults: Sequence[Fault], words: Words) -> tuple[Fault, ...]:
    return tuple(replace(fault, cue=words(fault.cue)) for fault in faults)


def _notable(sets: Sequence[DoneSet], words: Words, *, best: bool) -> dict[str, Any] | None:
    """The best or the worst repetition and why; None where they do not differ or nothing was judged."""
    judged = [(one, rep) for one in sets for rep in one.reps if rep.complete and np.isfinite(rep.score)]
    if len({rep.score for _, rep in judged}) < 2:
        return None
    one, rep = (max if best else min)(judged, key=lambda pair: pair[1].score)
    return {"set": one.number, "rep": rep.number, "score": rep.score, "why": _why(rep, one.exercise, words)}


def _why(rep: Rep, exercise: Exercise, words: Words) -> str:
    """What a repetition's score comes from, in words."""
    if not rep.faults:
        return words("Nothing was wrong that could be judged.")
    titles = {rule.name: rule.title for rule in exercise.faults}
    worst = rep.faults[0]
    measured, limit = (value_in_words(value, worst.unit, words) for value in (worst.measured, worst.limit))
    more = len(rep.faults) - 1
    text = words(
        "{fault}: {measured}, the limit is {limit}",
        fault=words(titles[worst.name]),
        measured=measured,
        limit=limit,
    )
    return text + (words(", and {number} more", number=more) if more else "") + "."


def _curve(
    sets: Sequence[DoneSet], angles: Angles | None, exercise: Exercise | None, words: Words
) -> dict[str, Any] | None:
    """The working angles over the sets, thinned, and where the repetitions turned."""
    if angles is None or exercise is None:
        return None
    lines = _lines(angles, exercise)
    first = next(iter(lines.values()))
    rows = thinned(angles.time_s, first, _MOST_POINTS)
    rests = np.flatnonzero(np.diff(angles.time_s[rows]) > _REST_S) + 1  # there the pen is lifted
    return {
        "time_s": np.insert(angles.time_s[rows], rests, angles.time_s[rows][rests]).round(2),
        "angles": [
            {
                "name": name,
                "title": words(title_of(name)),
                "degrees": np.insert(line[rows].astype(np.float64), rests, np.nan).round(1),
            }
            for name, line in lines.items()
        ],
        "reps": [
            {"turn_s": rep.turn_s, "set": one.number, "number": rep.number, "faulty": bool(rep.faults)}
            for one in sets
            for rep in one.reps
            if rep.complete
        ],
    }


def _lines(angles: Angles, exercise: Exercise) -> dict[str, NDArray[np.floating]]:
    """The working angles; where both sides move together one, in which the surer side weighs more."""
    names = [name for name in exercise.working_angles if name in angles.values]
    joints = {name.partition("_")[2] for name in names}
    apart = exercise.counting is not None and exercise.counting.sides == "either"
    if len(names) != 2 or len(joints) != 1 or apart:
        return {name: angles.values[name] for name in names}
    sides = np.stack([angles.values[name] for name in names])
    weights = np.where(np.isfinite(sides), np.stack([angles.sd[name] for name in names]) ** -2.0, 0)
    total = weights.sum(axis=0)
    mean = np.where(
        total > 0, (np.nan_to_num(sides) * weights).sum(axis=0) / np.maximum(total, 1e-12), np.nan
    )
    return {joints.pop(): mean}
