"""Months of training made up from a seed: what changes in them is known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np

from spotter.coach.analysis import Fault, Hold, NotJudged, Rep, Tempo
from spotter.coach.session import Angles, Session, SessionSet

BEGINNING = datetime(2026, 3, 2, 18, tzinfo=UTC)
"""A Monday."""

_FRAMES_S = 10.0


@dataclass(frozen=True)
class Form:
    """How somebody trains on a day: means, and how much they vary from session to session.

    ``faults`` are shares of the repetitions; ``angle`` is named without its side, and is ``straight`` at the
    near end. Without ``angle`` no angles are kept, without ``score`` nothing is judged.
    """

    range_deg: float = 80.0
    score: float = 80.0
    tempo: tuple[float, float, float] = (1.3, 0.2, 1.1)
    symmetry: float = 0.93
    faults: dict[str, float] = field(default_factory=dict)
    reps: int = 10
    sets: int = 3
    weight_kg: float | None = None
    view: str = "oblique"
    angle: str = ""
    straight: float = 172.0
    opens: bool = False
    spread: float = 1.0
    held_s: float = 0.0
    not_judged: tuple[str, ...] = ()


def session_on(
    person: str, exercise: str, day: float, form: Form, *, seed: int = 0, zone: tzinfo = UTC
) -> Session:
    """A session so many days after the beginning."""
    chance = np.random.default_rng([seed, round(day * 24), *map(ord, person + exercise)])
    started = (BEGINNING + timedelta(days=day)).astimezone(zone)
    off = chance.normal(0, form.spread, 3)
    sets, at_s = [], 5.0
    for _ in range(form.sets):
        one = _hold(form, chance, at_s) if form.held_s else _set(form, chance, at_s, off)
        one = replace(one, exercise=exercise, weight_kg=form.weight_kg, view=form.view)
        sets.append(one)
        at_s = one.end_s + 60.0
    return Session(
        id=f"{exercise}-{person}-{day:g}".lower().replace(" ", "-"),
        person=person,
        started=started,
        duration_s=at_s,
        sets=tuple(sets),
        source=f"{exercise}.mp4",
        not_judged=tuple(NotJudged(name, "not seen") for name in form.not_judged),
        angles=_angles(form, sets) if form.angle else None,
    )


def sessions(
    person: str, exercise: str, days: Iterable[float], forms: Sequence[Form] | Form, *, seed: int = 0
) -> list[Session]:
    """A session on each day; with two forms, from the first to the second in equal steps."""
    listed = list(days)
    first, last = (forms, forms) if isinstance(forms, Form) else (forms[0], forms[-1])
    share = np.linspace(0, 1, len(listed))
    return [
        session_on(person, exercise, day, _between(first, last, float(part)), seed=seed)
        for day, part in zip(listed, share, strict=True)
    ]


def _between(first: Form, last: Form, share: float) -> Form:
    def mixed(one: float, other: float) -> float:
        return one + share * (other - one)

    return replace(
        first,
        range_deg=mixed(first.range_deg, last.range_deg),
        score=mixed(first.score, last.score),
        symmetry=mixed(first.symmetry, last.symmetry),
        tempo=tuple(map(mixed, first.tempo, last.tempo)),
        held_s=mixed(first.held_s, last.held_s),
        reps=round(mixed(first.reps, last.reps)),
        faults={name: mixed(value, last.faults.get(name, 0.0)) for name, value in first.faults.items()},
        weight_kg=None
        if first.weight_kg is None
        else 2.5 * round(mixed(first.weight_kg, last.weight_kg or 0.0) / 2.5),
    )


def _set(form: Form, chance: np.random.Generator, start_s: float, off: np.ndarray) -> SessionSet:
    reps, at_s = [], start_s
    for number in range(1, form.reps + int(chance.integers(0, 2)) + 1):
        rep = _rep(form, chance, number, at_s, off)
        reps.append(rep)
        at_s = rep.end_s + 0.4
    return SessionSet("", start_s, at_s, tuple(reps))


def _rep(form: Form, chance: np.random.Generator, number: int, start_s: float, off: np.ndarray) -> Rep:
    out, hold, back = (
        max(0.05, value + 0.1 * float(off[2]) + float(chance.normal(0, 0.08))) for value in form.tempo
    )
    turn_s = start_s + out + hold / 2
    names = [name for name, share in form.faults.items() if chance.random() < share]
    faults = tuple(
        Fault(name, "warning", turn_s, 12.0, 10.0, "deg", f"Mind: {name.replace('-', ' ')}.")
        for name in names
    )
    score = form.score + 2.0 * float(off[1]) + float(chance.normal(0, 3.0))
    return Rep(
        number=number,
        start_s=start_s,
        turn_s=turn_s,
        end_s=start_s + out + hold + back,
        complete=True,
        side="both",
        range_deg=form.range_deg + 2.5 * float(off[0]) + float(chance.normal(0, 2.0)),
        tempo_s=Tempo(out, hold, back),
        symmetry=min(1.0, form.symmetry + 0.01 * float(off[1]) + float(chance.normal(0, 0.015))),
        score=min(100.0, score) if form.score else math.nan,
        faults=faults,
    )


def _hold(form: Form, chance: np.random.Generator, start_s: float) -> SessionSet:
    held_s = max(5.0, form.held_s + float(chance.normal(0, 0.08 * form.held_s)))
    names = [name for name, share in form.faults.items() if chance.random() < share]
    faults = tuple(Fault(name, "warning", start_s + 2, 12.0, 10.0, "deg", "Mind it.") for name in names)
    return SessionSet("", start_s, start_s + held_s, (), (Hold(start_s, start_s + held_s, faults),))


def _angles(form: Form, sets: Sequence[SessionSet]) -> Angles:
    """The working angle of both sides over each repetition: from straight to the turn and back, eased."""
    times, values = [], []
    for rep in (rep for one in sets for rep in one.reps):
        time_s = np.arange(rep.start_s, rep.end_s, 1 / _FRAMES_S)
        knots = [rep.start_s, rep.start_s + rep.tempo_s.out, rep.end_s - rep.tempo_s.back, rep.end_s]
        share = np.interp(time_s, knots, [0, 1, 1, 0])
        eased = (1 - np.cos(np.pi * share)) / 2
        times.append(time_s)
        values.append(form.straight + (1 if form.opens else -1) * rep.range_deg * eased)
    time_s, value = np.concatenate(times), np.concatenate(values).astype(np.float32)
    sides = {f"left_{form.angle}": value, f"right_{form.angle}": value - 1}
    return Angles(time_s, sides, {name: np.full(len(value), 6.0, np.float32) for name in sides})
