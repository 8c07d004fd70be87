"""Sessions made up from a seed, as full as real ones, to fill a database with."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta

import numpy as np

from spotter.coach.analysis import Fault, NotJudged, Rep, Tempo
from spotter.coach.session import Angles, Session, SessionSet

EXERCISES = ("squat", "push-up", "biceps-curl")
_FAULTS = ("too-shallow", "knees-cave-in", "trunk-leans")
_BEGINNING = datetime(2024, 1, 1, 18, tzinfo=UTC)


def made_session(id: str, person: str, *, reps: int = 50, frames: int = 0, day: int = 0) -> Session:
    """A session that depends on nothing but the arguments.

    Args:
        id: also the seed.
        person: whose it is.
        reps: in all, in sets of ten.
        frames: of two angles; none are kept if 0.
        day: how many days after the first one.
    """
    chance = random.Random(id)
    sets = tuple(_set(chance, start * 6.0, min(10, reps - start)) for start in range(0, reps, 10))
    return Session(
        id=id,
        person=person,
        started=_BEGINNING + timedelta(days=day, seconds=chance.randrange(3600)),
        duration_s=reps * 6.0,
        sets=sets,
        source=f"{id}.mp4",
        summary=("Steady.", "Go a little deeper."),
        not_judged=(NotJudged("heels-lift", "the feet were not seen"),),
        angles=_angles(chance, frames) if frames else None,
    )


def new_id() -> str:
    """The id of a session that nobody has."""
    return str(uuid.uuid4())


def _set(chance: random.Random, start_s: float, reps: int) -> SessionSet:
    made = tuple(_rep(chance, number, start_s + 3.0 * number) for number in range(1, reps + 1))
    return SessionSet(
        chance.choice(EXERCISES),
        start_s,
        start_s + 3.0 * reps + 3,
        made,
        (),
        chance.choice((None, 20.0, 42.5)),
    )


def _rep(chance: random.Random, number: int, start_s: float) -> Rep:
    names = [name for name in _FAULTS if chance.random() < 0.15]
    faults = tuple(
        Fault(name, "warning", start_s + 1, chance.uniform(1, 9), 10.0, "deg", f"Mind: {name}.")
        for name in names
    )
    tempo = Tempo(chance.uniform(0.8, 1.6), chance.uniform(0, 0.3), chance.uniform(0.7, 1.4))
    return Rep(
        number, start_s, start_s + 1.4, start_s + 2.8, True, "both", chance.gauss(95, 8), tempo,
        chance.uniform(0.8, 1), chance.uniform(60, 100), faults,
    )  # fmt: skip


def _angles(chance: random.Random, frames: int) -> Angles:
    time_s = np.arange(frames) / 30
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, 1, (2, frames))
    knees = (130 + 40 * np.cos(time_s) + noise).astype(np.float32)
    return Angles(time_s, {"left_knee": knees[0], "right_knee": knees[1]})
