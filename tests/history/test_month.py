"""A month of several people: what was wanted, what changed for certain, what to look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from spotter.errors import UsageError
from spotter.history.advice import look_at, went_well
from spotter.history.calendar_month import month_of
from spotter.history.history import History
from spotter.history.month import PersonMonth
from spotter.history.month_document import month_document
from spotter.history.month_exercise import Adherence, ExerciseMonth
from spotter.history.people import Target
from tests.history.material import simple
from tests.history.training import BEGINNING, Form, session_on, sessions

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
MARCH, APRIL = range(0, 30, 3), range(30, 60, 3)  # days after 2 March
GOOD = Form(range_deg=90, score=85, faults={"knees-cave-in": 0.1}, view="oblique")
BAD = replace(GOOD, range_deg=70, score=60, faults={"knees-cave-in": 0.7})


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History.open(tmp_path / "history.db") as opened:
        yield opened


def trained(history: History, person: str, before: Form, after: Form, exercise: str = "squat") -> None:
    for one in (*sessions(person, exercise, MARCH, before), *sessions(person, exercise, APRIL, after)):
        history.add(one)


def april(history: History, *people: str) -> dict[str, PersonMonth]:
    return {one.person: one for one in history.month("2026-04", people, now=NOW).people}


def only(person: PersonMonth) -> ExerciseMonth:
    (found,) = person.exercises
    return found


def test_changes_for_better_and_for_worse(history: History) -> None:
    trained(history, "Ada", BAD, GOOD)
    trained(history, "Ben", GOOD, BAD)
    trained(history, "Cleo", GOOD, GOOD)
    found = april(history)
    assert list(found) == ["Ada", "Ben", "Cleo"]
    verdicts = {
        name: {one.measure.name: one.verdict for one in only(person).changes}
        for name, person in found.items()
    }
    assert verdicts["Ada"]["range_deg"] == verdicts["Ada"]["score"] == "more"
    assert verdicts["Ben"]["range_deg"] == verdicts["Ben"]["score"] == "less"
    assert set(verdicts["Cleo"].values()) == {"no clear difference"}
    summary = history.month("2026-04", now=NOW)
    well, look = went_well(found["Ada"], summary), look_at(found["Ada"], summary)
    assert any("range of motion, +" in one and "since March" in one for one in well)
    assert any("became rarer" in one for one in well)
    assert any("“The knees cave in”, in 1" in one for one in look)
    look = look_at(found["Ben"], summary)
    assert any("range of motion, -" in one for one in look) and any("more frequent" in one for one in look)
    assert not any("record" in one for one in went_well(found["Ben"], summary))


def test_what_was_wanted_and_what_was_done(history: History) -> None:
    trained(history, "Ada", GOOD, replace(GOOD, reps=8, sets=3))
    history.set_target("Ada", "squat", Target(reps=8, sets=4, range_deg=85.0, sessions_a_week=3))
    history.set_target("Ada", "lunge", Target(sessions_a_week=7))
    squat, lunge = april(history)["Ada"].exercises
    assert squat.adherence == (
        Adherence("sessions_a_week", 3, 10, 12.9),
        Adherence("sets", 4, 0, 10),
        Adherence("reps", 8, 30, 30),
        Adherence("range_deg", 85.0, 10, 10),
    )
    assert (lunge.exercise, len(lunge.days)) == ("lunge", 0) and lunge.adherence[0].done == 0
    look = look_at(april(history)["Ada"], history.month("2026-04", now=NOW))
    assert "Squat: 10 sessions of 13 that were wanted (3 a week)." in look
    assert "Lunge: 0 sessions of 30 that were wanted (7 a week)." in look
    assert any("less than half, 4 sets: 0 of 10 sessions" in one for one in look)


def test_of_a_month_that_is_not_over_only_the_days_so_far_are_wanted(history: History) -> None:
    history.add(session_on("Ada", "squat", 0, GOOD))
    history.set_target("Ada", "squat", Target(sessions_a_week=7))
    summary = history.month(None, ["Ada"], now=BEGINNING + timedelta(days=4))
    assert (summary.month.name, summary.over) == ("2026-03", False)
    assert summary.people[0].exercises[0].adherence[0].of == 6.0  # the first to the sixth of March
    assert not any("wanted" in one for one in went_well(summary.people[0], summary))


def test_few_sessions_and_another_view_and_other_faults_are_not_compared(history: History) -> None:
    for one in (*sessions("Ada", "squat", MARCH, BAD), *sessions("Ada", "squat", (30, 33, 36), GOOD)):
        history.add(one)
    few = {one.measure.name: one for one in only(april(history)["Ada"]).changes}
    assert few["range_deg"].verdict == "not enough to say" and few["range_deg"].shift.missing == 1
    trained(history, "Ben", BAD, replace(GOOD, view="front", not_judged=("too-shallow",)))
    other = {one.measure.name: one for one in only(april(history)["Ben"]).changes}
    assert other["range_deg"].why_not == "filmed from another side"
    assert other["score"].why_not == "different faults could be judged"
    assert {one.verdict for one in other.values()} == {"not comparable"}
    trained(history, "Eve", replace(BAD, view="front"), GOOD, "lunge")
    for one in sessions("Eve", "plank", APRIL, Form(held_s=30)):
        history.add(one)
    plank = april(history)["Eve"].exercises[1]
    assert [one.verdict for one in plank.changes] == ["not enough to say"] and plank.is_hold


def test_a_month_without_a_session_says_how_many_there_were(history: History) -> None:
    for one in sessions("Ada", "squat", MARCH, GOOD):
        history.add(one)
    found = april(history)["Ada"]
    assert found.sessions == 0 and found.exercises == () and found.before == 10
    assert look_at(found, history.month("2026-04", now=NOW)) == ("No session this month; 10 in March.",)


def test_records_of_the_month_need_something_to_beat(history: History) -> None:
    for one in sessions("Ada", "squat", APRIL, GOOD):
        history.add(one)
    assert only(april(history)["Ada"]).records == ()
    for one in sessions("Ben", "squat", (*MARCH, *APRIL), (BAD, GOOD)):
        history.add(one)
    names = {one.name for one in only(april(history)["Ben"]).records}
    assert "widest_deg" in names and "streak" not in names
    # what came later does not take a record away from the month in which it was one
    history.add(session_on("Ben", "squat", 90, replace(GOOD, range_deg=150)))
    assert names == {one.name for one in only(april(history)["Ben"]).records}


def test_days_are_those_of_the_wall_and_edges_belong_to_one_month(history: History) -> None:
    from zoneinfo import ZoneInfo

    berlin = ZoneInfo("Europe/Berlin")
    for id, moment in (
        ("march", datetime(2026, 3, 31, 23, 59, tzinfo=berlin)),
        ("april", datetime(2026, 4, 1, 0, 1, tzinfo=berlin)),  # in UTC still March
        ("may", datetime(2026, 5, 1, tzinfo=berlin)),
    ):
        history.add(replace(simple(id), started=moment))
    found = april(history)["Ada"]
    assert (found.sessions, found.before, found.days.astype(str).tolist()) == (1, 1, ["2026-04-01"])


def test_a_session_with_two_exercises_is_one_session(history: History) -> None:
    one = session_on("Ada", "squat", 30, GOOD)
    both = replace(one, sets=(*one.sets, *session_on("Ada", "plank", 30, Form(held_s=30)).sets))
    history.add(both)
    found = april(history)["Ada"]
    assert found.sessions == 1 and len(found.exercises) == 2


@pytest.mark.parametrize("wrong", ["2026-13", "2026", "april", "26-04", "2026-04-01", "2026-07", ""])
def test_months_that_are_none(history: History, wrong: str) -> None:
    history.add(simple())
    with pytest.raises(UsageError, match="give"):
        history.month(wrong, now=NOW)


def test_december_and_leap_years() -> None:
    december = month_of("2027-12", datetime(2028, 3, 1, tzinfo=UTC))
    assert (str(december.ends), december.before.name) == ("2028-01-01", "2027-11")
    february = month_of("2028-02", datetime(2028, 3, 1, tzinfo=UTC))
    assert (february.ends - february.begins) == np.timedelta64(29, "D")
    assert month_of("2028-01", datetime(2028, 3, 1, tzinfo=UTC)).before.name == "2027-12"


def test_the_document_and_people_as_they_were_asked_for(history: History) -> None:
    trained(history, "Ada", BAD, GOOD)
    trained(history, "Ben", GOOD, BAD)
    history.set_target("Ben", "squat", Target(sessions_a_week=2))
    history.add(replace(simple("late", "Ada"), started=datetime(2107, 4, 1, tzinfo=UTC)))
    summary = history.month("2026-04", ["Ben", "Ada", "Ben"], now=NOW)
    document = json.loads(json.dumps(month_document(summary), allow_nan=False))
    assert document["schema"] == 1 and document["title"] == "April 2026" and document["over"] is True
    assert (document["begins"], document["ends"]) == ("2026-04-01", "2026-05-01")
    assert [one["person"] for one in document["people"]] == ["Ben", "Ada"]
    ben, ada = document["people"]
    assert ada["left_out"] == 1 and ada["sessions"] == 10 and len(ada["days"]) == 10
    assert ben["exercises"][0]["adherence"][0]["share"] == pytest.approx(10 / 8.6, abs=0.01)
    assert ada["exercises"][0]["changes"][0]["verdict"] == "more" and ada["exercises"][0]["faults"]
    assert ada["went_well"] and ben["look_at"]
    with pytest.raises(UsageError, match="there is no 'Eve'"):
        history.month("2026-04", ["Ada", "Eve"], now=NOW)


def test_an_empty_history_has_a_month_of_nobody(history: History) -> None:
    assert month_document(history.month("2026-04", now=NOW))["people"] == []
