"""Sessions for the tests of what is exchanged with other programs."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from spotter.coach.analysis import Fault, Hold, NotJudged, Rep, Tempo
from spotter.coach.heart import HeartRate
from spotter.coach.session import Angles, Session, SessionSet

BERLIN = ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 5, 4, 18, 30, tzinfo=BERLIN)


def rep(number: int, start_s: float, *, complete: bool = True, score: float = 80.0) -> Rep:
    fault = Fault("shallow", "warning", start_s + 1, 101.5, 95.0, "deg", "Go deeper: «half» is not enough.")
    return Rep(
        number,
        start_s,
        start_s + 1.2,
        start_s + 2.5,
        complete,
        "both",
        90.0 + number,
        Tempo(1.2, 0.1, 1.2),
        math.nan,
        score,
        (fault,) if number == 2 else (),
    )


def reps_of(exercise: str, start_s: float, count: int, weight_kg: float | None) -> SessionSet:
    """A set of so many repetitions of three seconds, and one attempt after them that does not count."""
    done = [rep(number + 1, start_s + 3.0 * number, score=80.0 + number) for number in range(count)]
    done.append(rep(count + 1, start_s + 3.0 * count, complete=False))
    return SessionSet(exercise, start_s, start_s + 3.0 * count + 2.5, tuple(done), (), weight_kg, "oblique")


def hold_of(exercise: str, start_s: float, seconds: float) -> SessionSet:
    return SessionSet(exercise, start_s, start_s + seconds, (), (Hold(start_s, start_s + seconds),))


def heart_of(seconds: int) -> HeartRate:
    """A reading a second, with ten seconds of a lost strap, and beats for the first minute."""
    times = np.array([one for one in range(seconds) if not 20 <= one < 30], np.float64)
    return HeartRate(
        times,
        (90 + times % 40).astype(np.float32),
        np.arange(60) * 0.75 + 0.75,
        np.full(60, 0.75, np.float32),
        "Polar H10",
    )


def squats(started: datetime = EVENING, *, heart: bool = True, exercise: str = "squat") -> Session:
    """Two sets with a rest of a minute: 8 repetitions with 62.5 kg, and 5 with 80.25 kg."""
    return Session(
        id="5f0c1c1e-0c3a-4d3e-9a57-2d6a5f1b7c11",
        person="Ada Müller",
        started=started,
        duration_s=130.5,
        sets=(reps_of(exercise, 4.25, 8, 62.5), reps_of(exercise, 95.5, 5, 80.25)),
        source="squat.mp4",
        summary=("Good depth.", "Keep the knees out."),
        not_judged=(NotJudged("knees-cave-in", "seen from the side"),),
        heart_rate=heart_of(131) if heart else None,
        angles=Angles(
            np.array([0.0, 1 / 30, 2 / 30]),
            {"left_knee": np.array([170.1, math.nan, 168.25], np.float32)},
            {"left_knee": np.array([2.0, math.nan, 2.5], np.float32)},
        ),
        note="after work",
    )


def same(one: object, other: object) -> bool:
    """Whether two values are equal, where NaN equals NaN and arrays are of one type."""
    if type(one) is not type(other):
        return False
    if is_dataclass(one):
        return all(same(getattr(one, name.name), getattr(other, name.name)) for name in fields(one))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other or (one != one and other != other)
