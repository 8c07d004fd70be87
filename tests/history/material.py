"""Sessions with everything in them that is hard to keep."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np

from spotter.coach.analysis import Fault, Hold, NotJudged, Rep, Tempo
from spotter.coach.heart import HeartRate
from spotter.coach.session import Angles, Session, SessionSet

MOMENT = datetime(2026, 5, 4, 18, 30, tzinfo=UTC)


def rep(
    number: int = 1, *, range_deg: float = 92.0, score: float = 80.0, faults: tuple[Fault, ...] = ()
) -> Rep:
    """A repetition of which the symmetry is not known."""
    return Rep(
        number, 1.0, 2.0, 3.25, True, "both", range_deg, Tempo(1.0, 0.0, 1.25), math.nan, score, faults
    )


def simple(id: str = "one", person: str = "Ada", started: datetime = MOMENT, *, note: str = "") -> Session:
    """A session of two squats with 20 kg."""
    sets = (SessionSet("squat", 0.5, 9.0, (rep(1), rep(2, range_deg=100.0, score=90.0)), (), 20.0),)
    return Session(id, person, started, 600.0, sets, note=note)


def full(id: str = "full") -> Session:
    """A session that uses every field, with NaN and None where they may be."""
    unknown = Fault("knees-cave-in", "danger", 1.5, math.nan, 12.0, "deg", "Mind the knees: 'out', ümlaut.")
    hint = Fault("too-shallow", "hint", 2.5, 3.0, 2.0, "", "Tiefer; 更深。")
    attempt = Rep(
        2, 4.0, 5.0, 5.5, False, "left", math.nan, Tempo(math.nan, 0.0, 1.0), 0.5, math.nan, (hint, unknown)
    )
    sets = (
        SessionSet("squat", 0.5, 9.0, (rep(1, faults=(unknown,)), attempt), (), 42.5, "side"),
        SessionSet("plank", 20.0, 50.0, (), (Hold(20.0, 35.5, (hint,)), Hold(36.0, 50.0)), None, "oblique"),
        SessionSet("squat", 60.0, 61.0),
    )
    time_s = np.arange(100) / 30
    knee = np.where(time_s > 1, np.nan, 90 + time_s).astype(np.float32)
    angles = Angles(time_s, {"right_knee": knee, "left_knee": knee[::-1].copy()}, {"left_knee": knee / 30})
    heart = HeartRate(
        np.array([0.0, 1.0, 30.0]),
        np.array([90, 91.5, 120], np.float32),
        np.array([0.7]),
        np.array([0.7], np.float32),
        "Polar «H10»",
    )
    return Session(
        id=id,
        person="Zoë O'Neil; DROP TABLE people",
        started=MOMENT,
        duration_s=75.125,
        sets=sets,
        source="Übung.mp4",
        summary=("Good.", "Deeper."),
        not_judged=(NotJudged("heels-lift", "not seen"),),
        heart_rate=heart,
        angles=angles,
        note="tired\nbut fine",
    )
