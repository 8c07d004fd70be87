"""A recording that is analysed again, or in parts: one session, nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from spotter.coach.analysis import Hold, Rep, Tempo
from spotter.coach.heart import HeartRate
from spotter.coach.session import Angles, Session, SessionSet
from spotter.errors import HistoryError
from spotter.history.history import History
from tests.history.material import MOMENT


def rep(number: int, start_s: float, *, complete: bool = True) -> Rep:
    return Rep(number, start_s, start_s + 1, start_s + 2, complete, "both", 90.0, Tempo(1, 0, 1), 1.0, 80.0)


def found(
    *starts: float,
    id: str = "one",
    exercise: str = "squat",
    until_s: float = 60.0,
    weight_kg: float | None = None,
) -> Session:
    """One set with repetitions of two seconds that begin at these times."""
    reps = tuple(rep(number, start_s) for number, start_s in enumerate(starts, start=1))
    one = SessionSet(exercise, starts[0], starts[-1] + 2, reps, (), weight_kg)
    return Session(id, "Ada", MOMENT, until_s, (one,), "gym", (f"{len(reps)} x {exercise}.",))


def times(history: History, id: str) -> list[tuple[str, list[float]]]:
    return [(one.exercise, [rep.start_s for rep in one.reps]) for one in history.get(id).sets]


def test_the_last_analysis_counts_whatever_exercise_was_found_before(history: History) -> None:
    assert not history.put(found(1, 4, 7, id="wrong", exercise="lunge"))
    assert history.put(found(1.1, 4.2, id="right"))
    (entry,) = history.find()
    assert entry.id == "right" and entry.reps == {"squat": 2}
    assert times(history, "right") == [("squat", [1.1, 4.2])]
    assert history.get("right").summary == ("2 x squat.",)
    assert len(history.progress("Ada", "lunge").started) == 0


def test_what_no_analysis_finds_out_stays(history: History) -> None:
    heart = HeartRate(np.array([0.0, 1.0]), np.array([90, 95], np.float32))
    history.put(replace(found(1, 4, weight_kg=40.0), heart_rate=heart, note="tired"))
    history.put(found(1.2, 4.2))
    kept = history.get("one")
    assert kept.heart_rate is not None and kept.heart_rate.bpm.tolist() == [90, 95]
    assert (kept.note, kept.sets[0].weight_kg) == ("tired", 40.0)
    history.put(replace(found(1.2, 4.2, weight_kg=50.0), note="fine"))
    assert (history.get("one").note, history.get("one").sets[0].weight_kg) == ("fine", 50.0)


def test_parts_of_a_recording_add_up(history: History) -> None:
    history.put(found(1, 4, id="a", until_s=10.0))
    history.put(found(21, 24, 27, id="b", exercise="lunge", until_s=40.0), since_s=20.0)
    kept = history.get("b")
    assert times(history, "b") == [("squat", [1, 4]), ("lunge", [21, 24, 27])]
    assert kept.summary == ("2 x squat.", "3 x lunge.") and kept.duration_s == 40.0
    assert len(history.find()) == 1


def test_a_look_at_a_part_keeps_the_rest_also_what_lies_across_its_edges(history: History) -> None:
    attempt = replace(rep(1, 2, complete=False), number=1)
    whole = found(2, 6, 10, 14, 18)
    first = whole.sets[0]
    reps = (attempt, *(replace(one, number=row) for row, one in enumerate(first.reps[1:], start=1)))
    history.put(replace(whole, sets=(replace(first, reps=reps),)))
    # from 7 to 15: the one at 6 lies across the edge and is not found again, the one at 14 is
    history.put(found(10.1, 13.9, until_s=15.0), since_s=7.0)
    assert times(history, "one") == [("squat", [2, 6, 18]), ("squat", [10.1, 13.9])]
    left = history.get("one").sets[0]
    assert [one.number for one in left.reps] == [1, 1, 2] and (left.start_s, left.end_s) == (2, 20)
    assert history.get("one").duration_s == 60.0


def test_holds_and_angles_outside_of_a_part_stay(history: History) -> None:
    def plank(start_s: float, end_s: float, of: tuple[float, float], knee: float) -> Session:
        time_s = np.arange(*of, 1.0)
        values = {"left_knee": np.full(len(time_s), knee, np.float32)}
        if knee > 100:
            values["left_hip"] = np.full(len(time_s), 90, np.float32)
        one = SessionSet("plank", start_s, end_s, (), (Hold(start_s, end_s),))
        return Session(
            "p", "Ada", MOMENT, of[1] - 1, (one,), "gym", angles=Angles(time_s, values, {"left_knee": time_s})
        )

    history.put(plank(1, 3, (0, 10), 50.0))
    history.put(plank(6, 8, (5, 8), 150.0), since_s=5.0)
    kept = history.get("p")
    assert [(one.start_s, one.end_s) for one in kept.sets] == [(1, 3), (6, 8)]
    assert kept.angles is not None and kept.angles.time_s.tolist() == list(range(10))
    assert kept.angles.values["left_knee"].tolist() == [50] * 5 + [150] * 3 + [50] * 2
    hip = kept.angles.values["left_hip"]
    assert np.isnan(hip[:5]).all() and (hip[5:8] == 90).all() and np.isnan(hip[8:]).all()


def test_other_people_moments_and_sources_are_other_sessions(history: History) -> None:
    history.put(found(1, 4, id="a"))
    history.put(replace(found(1, 4, id="b"), person="Eve"))
    history.put(replace(found(1, 4, id="c"), started=MOMENT + timedelta(seconds=1)))
    history.put(replace(found(1, 4, id="d"), source="park"))
    history.put(replace(found(1, 4, id="e"), source=""))
    assert not history.put(replace(found(1, 4, id="f"), source=""))  # nothing says that it is the same
    assert len(history.find()) == 6


def test_two_that_are_there_already_become_one(history: History) -> None:
    history.add(found(1, 4, id="a", weight_kg=20.0))
    history.add(replace(found(30, 33, id="b"), note="later"))
    assert history.put(found(1, id="c", until_s=10.0))
    assert times(history, "c") == [("squat", [1]), ("squat", [30, 33])]
    assert history.get("c").note == "later" and history.get("c").sets[0].weight_kg == 20.0


def test_what_cannot_be_kept_leaves_what_was_there(history: History) -> None:
    history.put(found(1, 4))
    with pytest.raises(HistoryError, match="must end after it began"):
        history.put(replace(found(1, 4), duration_s=float("nan")))
    assert times(history, "one") == [("squat", [1, 4])]


PUTS = """
import sys
from spotter.history.history import History
from tests.history.test_replacing import found
with History.open(sys.argv[1]) as history:
    print("ready", flush=True)
    for number in range(100_000):
        history.put(found(1, 4, 7, id=f"n{number}"))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills")
def test_a_kill_while_one_takes_anothers_place_leaves_one_of_them(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    for _ in range(2):
        command = [sys.executable, "-c", PUTS, str(path)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
        assert writer.stdout is not None and writer.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(0.3)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        with History.open(path) as history:
            (entry,) = history.find()
            assert entry.reps == {"squat": 3} and len(history.get(entry.id).sets[0].reps) == 3
