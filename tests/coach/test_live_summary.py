"""What is left of a live session: the document for a page, and the session for the history."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from spotter.coach.live_state import Target
from tests.coach.moves import MOVES, PLANK, repeat
from tests.coach.test_live import bodies
from tests.coach.test_live_session import FPS, STARTED, Stage


def test_finish_gives_a_summary_and_a_session() -> None:
    stage = Stage(person="Ada", weight_kg=40.0)
    stage.ready()
    stage.do("squat", 3)
    stage.session.finish()
    assert stage.stand(0.5).stage == "done"
    document = json.loads(json.dumps(stage.session.summary(), allow_nan=False))
    assert document["exercise"]["name"] == "squat"
    assert (document["count"], len(document["sets"][0]["reps"])) == (3, 3)
    assert 0 < len(document["curve"]["time_s"]) <= 600
    turns = [rep["turn_s"] for rep in document["curve"]["reps"]]
    assert turns == sorted(turns) and 0 < turns[0] < turns[-1] < document["duration_s"]
    assert document["sentences"]
    session = stage.session.session()
    assert session is not None
    assert (session.person, session.count, session.sets[0].weight_kg) == ("Ada", 3, 40.0)
    assert session.started == STARTED and session.angles is not None
    assert session.sets[0].reps[0].start_s > 0
    assert session.sets[0].view == "oblique"


def test_the_summary_tells_the_best_and_the_worst_repetition_and_why() -> None:
    stage = Stage(target=Target(reps=2, rest_s=20))
    stage.ready()
    stage.do("squat", 2)
    stage.stand(4)
    shallow = replace(MOVES["squat"], far=replace(MOVES["squat"].far, thigh=45, knee=55, trunk=20))
    time_s, share = repeat(shallow, 2, fps=FPS)
    stage.show(bodies(shallow.at(share), time_s))
    stage.session.finish()
    done = json.loads(json.dumps(stage.session.summary(), allow_nan=False))
    assert [one["count"] for one in done["sets"]] == [2, 2]
    assert done["best"] == {
        "set": 1,
        "rep": 1,
        "score": 100,
        "why": "Nothing was wrong that could be judged.",
    }
    assert (done["worst"]["set"], done["worst"]["why"].partition(":")[0]) == (2, "Not deep enough")
    assert done["one_thing"].startswith("The one thing to change: not deep enough")
    curve = done["curve"]
    assert [angle["name"] for angle in curve["angles"]] == ["knee"]
    assert len(curve["angles"][0]["degrees"]) == len(curve["time_s"])
    assert None in curve["angles"][0]["degrees"], "between sets the pen is lifted"
    assert [(rep["set"], rep["faulty"]) for rep in curve["reps"]] == [(1, 0), (1, 0), (2, 1), (2, 1)]


def test_both_sides_have_a_curve_where_they_may_move_by_turns() -> None:
    stage = Stage("biceps-curl")
    stage.ready()
    stage.do("biceps-curl", 2)
    stage.session.finish()
    curve = stage.session.summary()["curve"]
    assert [angle["title"] for angle in curve["angles"]] == ["Left elbow", "Right elbow"]


def test_a_held_posture_is_kept_as_one() -> None:
    stage = Stage("plank", target=Target(hold_s=5, sets=1))
    stage.ready()
    stage.stand(8, PLANK)
    session = stage.session.session()
    assert session is not None
    assert [hold.end_s - hold.start_s for hold in session.sets[0].holds] == [pytest.approx(5, abs=0.3)]
    done = stage.session.summary()
    assert done["count"] == 0 and done["held_s"] == pytest.approx(5, abs=0.3)
    assert done["best"] is None and done["curve"]["reps"] == []
    assert "plank" in done["sentences"][0]
