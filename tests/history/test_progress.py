"""Progress of a person: measures, faults, records and weeks, also where hardly anything is known."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from spotter.coach.analysis import Rep
from spotter.coach.session import Session
from spotter.errors import UsageError
from spotter.history.exercise_progress import ExerciseProgress
from spotter.history.history import History
from spotter.history.migrate import HEAD
from spotter.history.people import Target
from spotter.history.progress_document import progress_document
from tests.history.material import MOMENT, full, rep, simple
from tests.history.training import BEGINNING, Form, session_on, sessions

NOW = BEGINNING + timedelta(days=400)
BETTER = (
    Form(range_deg=70, score=65, faults={"knees-cave-in": 0.6}, angle="knee", weight_kg=20),
    Form(range_deg=98, score=85, faults={"knees-cave-in": 0.0}, angle="knee", weight_kg=40),
)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History.open(tmp_path / "history.db") as opened:
        yield opened


def kept(history: History, *made: Session) -> None:
    for one in made:
        assert history.add(one)


def exercise(history: History, person: str = "Ada", since: date | None = None) -> ExerciseProgress:
    return history.person_progress(person, since=since, now=NOW).exercises[0]


def directions(one: ExerciseProgress) -> dict[str, str]:
    return {each.measure.name: each.trend.direction for each in one.measures}


def test_what_gets_better_is_said_to_get_better(history: History) -> None:
    kept(history, *sessions("Ada", "squat", range(0, 140, 4), BETTER))
    found = exercise(history)
    assert directions(found) == {
        "score": "rising", "range_deg": "rising", "depth_deg": "falling", "out_s": "no clear change",
        "hold_s": "no clear change", "back_s": "no clear change", "symmetry": "no clear change",
    }  # fmt: skip
    a_week = found.measure("range_deg").trend  # type: ignore[union-attr]
    assert a_week.low <= 28 / 19.4 <= a_week.high
    assert found.faults[0].name == "knees-cave-in" and found.faults[0].trend.direction == "falling"
    assert found.faults[0].title == "The knees cave in" and "spread the floor" in found.faults[0].cue
    assert found.weeks.trends["volume_kg"].direction == "rising"


def test_median_best_and_depth_of_a_session(history: History) -> None:
    one = session_on("Ada", "squat", 0, replace(BETTER[0], spread=0.0))
    kept(history, one)
    found = exercise(history)
    ranges = [each.range_deg for each in one.sets[0].reps + one.sets[1].reps + one.sets[2].reps]
    measure = found.measure("range_deg")
    assert measure is not None and measure.best is not None
    assert measure.values[0] == pytest.approx(np.median(ranges), abs=1e-6)
    assert measure.best[0] == pytest.approx(max(ranges))
    depth = found.measure("depth_deg")  # the knees are straight at 172 and 171 degrees
    assert depth is not None and depth.values[0] == pytest.approx(171.5 - np.median(ranges), abs=2.0)
    assert depth.measure.better_in("squat") == "less"


def test_depth_needs_angles_and_an_end_that_is_far(history: History) -> None:
    kept(history, session_on("Ada", "squat", 0, Form()))  # no angles kept
    kept(history, session_on("Ben", "deadlift", 0, Form(angle="trunk_lean")))  # may begin at both ends
    kept(history, session_on("Eve", "my-own-lift", 0, Form(angle="knee")))  # an exercise of the user's own
    for person in ("Ada", "Ben", "Eve"):
        found = exercise(history, person)
        assert found.measure("depth_deg") is None and found.measure("range_deg") is not None
        assert "deepest_deg" not in {record.name for record in found.records}
    assert exercise(history, "Eve").title == "My own lift"


def test_records_are_of_complete_and_judged_repetitions_and_of_the_first_day(history: History) -> None:
    attempt = replace(rep(3, range_deg=140.0, score=100.0), complete=False)
    unjudged = rep(3, range_deg=130.0, score=math.nan)

    def with_reps(id: str, days: int, *reps: Rep, weight_kg: float | None) -> Session:
        one = replace(simple().sets[0], reps=reps, weight_kg=weight_kg)
        return replace(simple(id, started=MOMENT + timedelta(days=days)), sets=(one,))

    kept(
        history,
        with_reps("one", 0, rep(1), rep(2, range_deg=100.0, score=90.0), weight_kg=20.0),
        with_reps("two", 7, rep(1, score=90.0), attempt, unjudged, rep(2, range_deg=95.0), weight_kg=None),
        with_reps("three", 14, unjudged, weight_kg=200.0),  # nobody looked at what was lifted there
        with_reps("four", 16, rep(1, range_deg=100.0), rep(2), weight_kg=20.0),
    )
    found = {one.name: one for one in exercise(history).records}
    assert {name: (one.value, one.session) for name, one in found.items()} == {
        "most_reps": (2, "one"),
        "heaviest_kg": (20.0, "one"),
        "widest_deg": (100.0, "one"),
        "best_score": (90.0, "one"),
        "streak": (3, ""),
    }
    assert str(found["widest_deg"].day) == "2026-05-04" and str(found["streak"].day) == "2026-05-18"
    # what was not judged counts as done all the same
    assert exercise(history).sessions.columns["reps"].tolist() == [2, 3, 1, 2]


def test_deepest_follows_the_exercise(history: History) -> None:
    down = Form(range_deg=80, angle="knee", spread=0.0)
    kept(history, *sessions("Ada", "squat", (0, 7), (down, replace(down, range_deg=100))))
    up = replace(down, angle="shoulder", straight=40, opens=True)
    kept(history, *sessions("Ben", "shoulder-press", (0, 7), (up, replace(up, range_deg=100))))
    for person, value in (("Ada", 66), ("Ben", 145)):
        deepest = next(one for one in exercise(history, person).records if one.name == "deepest_deg")
        assert deepest.session.endswith("-7") and deepest.value == pytest.approx(value, abs=4)


def test_holds_have_their_own_measures_and_records(history: History) -> None:
    kept(history, *sessions("Ada", "plank", range(0, 70, 7), (Form(held_s=30), Form(held_s=60))))
    found = exercise(history)
    assert found.is_hold and directions(found) == {"held_s": "rising"}
    assert [one.name for one in found.records] == ["longest_hold_s", "streak"]
    assert found.weeks.reps.sum() == 0 and found.weeks.held_s.min() > 60


def test_the_share_of_a_fault_knows_what_was_not_judged(history: History) -> None:
    often = Form(faults={"too-shallow": 1.0}, spread=0.0)
    never = replace(often, faults={})
    hidden = replace(never, not_judged=("too-shallow",))
    for day, form in enumerate((often, never, hidden)):
        kept(history, session_on("Ada", "squat", day, form))
    share = exercise(history).faults[0].share
    assert share[:2].tolist() == [1.0, 0.0] and math.isnan(share[2])


def test_nothing_one_and_few_sessions(history: History) -> None:
    with pytest.raises(UsageError, match="there is no 'Ada'; spotter history person"):
        history.person_progress("Ada", now=NOW)
    kept(history, session_on("Ada", "squat", 0, Form()))
    one = exercise(history)
    assert set(directions(one).values()) == {"not enough to say"}
    assert one.measures[0].trend.missing_days == 4 and len(one.weeks) == 1
    with pytest.raises(UsageError, match="Ada has no session with 'sqat'; there are squat"):
        history.person_progress("Ada", "sqat", now=NOW)
    history.delete(one.sessions.ids[0])
    empty = history.person_progress("Ada", now=NOW)
    assert empty.exercises == () and empty.longest_streak.weeks == 0
    assert (
        json.loads(json.dumps(progress_document(empty), allow_nan=False))["longest_streak"]["begins"] is None
    )


def test_a_session_without_any_number(history: History) -> None:
    unknown = replace(
        rep(), range_deg=math.nan, score=math.nan, tempo_s=replace(rep().tempo_s, out=math.nan, back=math.nan)
    )
    bare = replace(simple().sets[0], reps=(unknown,), weight_kg=None)
    kept(history, replace(simple(), sets=(bare, replace(bare, exercise="plank", reps=()))))
    squat, plank = sorted(
        history.person_progress("Ada", now=NOW).exercises, key=lambda one: -len(one.measures)
    )
    assert [one.measure.name for one in squat.measures] == ["hold_s"] and squat.records == ()
    assert plank.measures == () and plank.is_hold
    json.dumps(progress_document(history.person_progress("Ada", now=NOW)), allow_nan=False)


def test_sessions_from_the_future_are_left_out_and_named(history: History) -> None:
    made = sessions("Ada", "squat", range(0, 70, 7), BETTER)
    kept(history, *made)
    before = progress_document(history.person_progress("Ada", now=NOW))
    late = replace(made[0], id="late", started=datetime(2107, 1, 1, tzinfo=UTC))
    record = replace(late.sets[0], weight_kg=500.0)
    kept(history, replace(late, sets=(record, replace(record, exercise="lunge"))))
    found = progress_document(history.person_progress("Ada", now=NOW))
    assert found["left_out"] == [{"session": "late", "day": "2107-01-01"}]
    assert found["exercises"] == before["exercises"]
    # one that began an hour from now by another clock is no mistake
    kept(history, replace(made[0], id="soon", started=NOW + timedelta(hours=1)))
    assert len(exercise(history).sessions) == 11


def test_only_future_sessions(history: History) -> None:
    kept(history, replace(simple(), started=datetime(2107, 1, 1, tzinfo=UTC)))
    found = history.person_progress("Ada", now=NOW)
    assert found.exercises == () and len(found.left_out) == 1


def test_a_gap_of_a_year_breaks_streaks_and_not_trends(history: History) -> None:
    days = [*range(0, 70, 7), *range(434, 504, 7)]
    kept(history, *sessions("Ada", "squat", days, BETTER))
    found = history.person_progress("Ada", now=BEGINNING + timedelta(days=510))
    assert found.longest_streak.weeks == found.running_streak.weeks == 10
    one = found.exercises[0]
    assert len(one.weeks) == 72 and (one.weeks.sessions > 0).sum() == 20
    assert directions(one)["range_deg"] == "rising"
    assert np.isfinite(one.weeks.volume_kg).all() and one.weeks.volume_kg[20] == 0.0


def test_the_week_in_which_the_clock_changes(history: History) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    moments = [
        datetime(2026, 3, 29, 0, 30, tzinfo=berlin),  # a Sunday of 23 hours
        datetime(2026, 3, 29, 23, 45, tzinfo=berlin),
        datetime(2026, 3, 30, 0, 15, tzinfo=berlin),  # Monday, and in UTC still Sunday
        datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1),
    ]
    for row, moment in enumerate(moments):
        kept(history, replace(simple(f"s{row}"), started=moment))
    found = exercise(history)
    assert found.sessions.days.astype(str).tolist() == [
        "2026-03-29",
        "2026-03-29",
        "2026-03-30",
        "2026-10-25",
    ]
    assert str(found.weeks.begins[0]) == "2026-03-23" and found.weeks.sessions[:2].tolist() == [2, 1]
    started = progress_document(history.person_progress("Ada", now=NOW))["exercises"][0]["sessions"][
        "started"
    ]
    assert started == [moment.isoformat() for moment in moments]


def test_since_shows_less_and_keeps_records(history: History) -> None:
    best = replace(BETTER[1], weight_kg=100.0, spread=0.0)
    kept(history, session_on("Ada", "squat", 0, best))
    kept(history, *sessions("Ada", "squat", range(30, 100, 7), BETTER))
    found = exercise(history, since=date(2026, 4, 1))
    assert len(found.sessions) == 10 and found.sessions.days.min() >= np.datetime64("2026-04-01")
    assert next(one for one in found.records if one.name == "heaviest_kg").value == 100.0
    nothing = exercise(history, since=date(2030, 1, 1))
    assert (
        len(nothing.sessions) == 0 and nothing.measures == () and len(nothing.weeks) == 0 and nothing.records
    )
    json.dumps(
        progress_document(history.person_progress("Ada", since=date(2030, 1, 1), now=NOW)), allow_nan=False
    )


def test_the_document_has_a_place_for_each_session_and_week(history: History) -> None:
    kept(history, *sessions("Ada", "squat", range(0, 70, 7), BETTER), full())
    history.set_target("Ada", "squat", Target(reps=10, range_deg=95.0))
    document = json.loads(
        json.dumps(progress_document(history.person_progress("Ada", now=NOW)), allow_nan=False)
    )
    assert document["schema"] == 1 and document["person"] == "Ada" and document["since"] is None
    squat = document["exercises"][0]
    assert (squat["name"], squat["title"], squat["kind"]) == ("squat", "Squat", "reps")
    assert squat["target"]["range_deg"] == 95.0 and squat["views"] == {"oblique": 10}
    places = {len(values) for values in squat["sessions"].values()}
    places |= {len(one["values"]) for one in squat["measures"]} | {
        len(one["share"]) for one in squat["faults"]
    }
    assert places == {10}
    weeks = squat["weeks"]
    assert {len(weeks[name]) for name in ("begins", "sessions", "sets", "reps", "volume_kg", "held_s")} == {
        10
    }
    by_name = {one["name"]: one for one in squat["measures"]}
    assert by_name["range_deg"]["target"] == 95.0 and by_name["score"]["target"] is None
    assert by_name["out_s"]["better"] is None and by_name["depth_deg"]["better"] == "less"
    assert by_name["range_deg"]["trend"]["direction"] == "rising"
    assert squat["records"][0]["session"] in squat["sessions"]["id"]


def test_every_database_gives_the_same(address: str, tmp_path: Path) -> None:
    documents = []
    for place in (address, str(tmp_path / "other.db")):
        with History.open(place) as history:
            kept(history, *sessions("Ada", "squat", range(0, 70, 7), BETTER), full())
            documents.append(progress_document(history.person_progress("Ada", now=NOW)))
    assert documents[0] == documents[1]


def test_a_database_of_the_version_before_gets_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    made = sessions("Ada", "squat", range(0, 70, 7), BETTER)
    with History.open(path) as history:
        kept(history, *made, full())
        before = progress_document(history.person_progress("Ada", now=NOW))
    with closing(sqlite3.connect(path)) as connection:  # as version 0001 left it, with totals of its own kind
        connection.execute("DROP TABLE figures")
        connection.execute("UPDATE totals SET score = 1")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    with History.open(path) as history:
        assert progress_document(history.person_progress("Ada", now=NOW)) == before
        assert len(history.person_progress(full().person, now=NOW).exercises) == 2
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
