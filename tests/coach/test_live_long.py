"""A live coach over a long time: what it counts, keeps and takes does not depend on how long it has run."""

from __future__ import annotations

import time
import tracemalloc
from itertools import cycle, islice
from statistics import median

import numpy as np
import pytest

import spotter.coach.live_notes
import spotter.motion.live
from spotter.coach.live_notes import AngleNotes, thinned
from spotter.coach.live_session import LiveSession
from spotter.media.frame import Frame
from spotter.motion.motion import Motion
from tests.coach.moves import MOVES, STANDING, repeat
from tests.coach.test_live import bodies
from tests.coach.test_live_session import ROOM, Played
from tests.motion.stick import clock, make_motion

FPS = 10
PERIOD_S = 2.5


class Endless:
    """Somebody who squats before a session and never stops."""

    def __init__(self) -> None:
        self.engine = Played()
        self.session = LiveSession("squat", engine=self.engine)
        self.session.skip()
        self.session.skip()
        time_s, share = repeat(MOVES["squat"], 1, before_s=0.0, rest_s=0.5, fps=FPS)
        one = bodies(MOVES["squat"].at(share), time_s)[: round(PERIOD_S * FPS)]
        self.people = cycle(one)
        self.frames = 0

    def go_on(self, seconds: float) -> list[float]:
        """Milliseconds that each frame took."""
        spent = []
        for body in islice(self.people, round(seconds * FPS)):
            self.engine.now = [body]
            frame = Frame(ROOM[self.frames % 8], self.frames / FPS, self.frames)
            began = time.perf_counter()
            self.session.push(frame)
            spent.append(1000 * (time.perf_counter() - began))
            self.frames += 1
        return spent


def test_neither_the_work_nor_the_memory_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a window of a fifth of its length, whose rows come round four times."""
    monkeypatch.setattr(spotter.motion.live, "WINDOW_S", 6.0)
    monkeypatch.setattr(spotter.motion.live, "_CAPACITY", 70)
    endless = Endless()
    endless.go_on(7)
    first = endless.go_on(5)
    tracemalloc.start()
    endless.go_on(8)  # longer than the window
    before, _ = tracemalloc.get_traced_memory()
    endless.go_on(10)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 50_000, "bytes in ten seconds: the repetitions themselves are a few hundred"
    assert median(endless.go_on(5)) < 3 * median(first)
    endless.session.finish()
    assert endless.session.summary()["count"] == round(35 / PERIOD_S)


def standing(seconds: float) -> Motion:
    return make_motion(STANDING, clock(seconds, 30))


def test_angles_are_noted_once_each_fifteen_times_a_second() -> None:
    notes, whole = AngleNotes(), standing(6)
    assert notes.angles(0.0) is None
    for until_s in (1.0, 1.0, 2.5, 4.0):
        notes.take(whole, 0.5, until_s)
    angles = notes.angles(begin_s=0.5)
    assert angles is not None
    assert angles.time_s[0] == 0.0
    assert np.diff(angles.time_s).min() > 0.06
    assert len(angles.time_s) == 53  # 3.5 s, and both ends
    assert angles.values["left_knee"] == pytest.approx(180, abs=0.5)
    assert set(angles.sd) == set(angles.values)


def test_hours_of_angles_are_kept_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spotter.coach.live_notes, "_MOST_ROWS", 64)
    notes = AngleNotes()
    notes.take(standing(20), 0.0, 100.0)
    angles = notes.angles(0.0)
    assert angles is not None
    assert 32 <= len(angles.time_s) <= 64
    assert angles.time_s[0] == 0.0 and angles.time_s[-1] > 19
    assert (np.diff(angles.time_s) > 0).all()


def test_a_thinned_curve_keeps_its_highs_and_lows() -> None:
    time_s = np.arange(0, 600, 0.05)
    knee = 130 + 40 * np.sin(2 * np.pi * time_s / 3)
    rows = thinned(time_s, knee, 600)
    assert len(rows) <= 600
    assert (np.diff(rows) > 0).all()
    assert np.ptp(knee[rows]) > 79
    assert thinned(time_s[:500], knee[:500], 600).tolist() == list(range(500))
