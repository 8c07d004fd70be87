"""The session that an analysis left behind, and when it began."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spotter.coach.analysis import Analysis, ExerciseFound, Hold, Person, RepSet
from spotter.errors import ExchangeError, MediaNotFoundError
from spotter.exchange.session_json import write_session
from spotter.exchange.session_source import session_from
from spotter.report.files import analysis_document
from tests.exchange.sessions import EVENING, rep, same, squats

ANGLES = """time_s,person,left_knee,left_knee_sd
0.0000,1,170.10,2.00
0.0000,2,90.00,9.00
0.0333,1,,
0.0333,2,91.00,9.00
"""


def analysis(**video: Any) -> Analysis:
    """Person 1 did three squats, person 2 one and a long hold."""
    three = RepSet(1.0, 10.0, tuple(rep(number, 3.0 * number) for number in (1, 2, 3)))
    one = RepSet(2.0, 6.0, (rep(1, 2.0),))
    people = (
        Person(1, "side", (three,), summary=("Well done.",)),
        Person(2, "front", (one,), (Hold(10.0, 90.0),)),
    )
    about = {"name": "squat.mp4", "duration_s": 100.0, "analysed_to_s": 99.5, **video}
    return Analysis(about, ExerciseFound("squat", "recognised", 0.9), people)


def left_behind(folder: Path, found: Analysis, change: dict[str, Any] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    document = {**analysis_document(found), **(change or {})}
    (folder / "analysis.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "angles.csv").write_text(ANGLES, encoding="utf-8")
    return folder


def test_who_did_most_with_their_own_angles(tmp_path: Path) -> None:
    found = session_from(left_behind(tmp_path, analysis()), started=EVENING, name="Ada", weights_kg=[60.0])
    session = found.session
    assert (session.started, session.person, session.source, session.count) == (
        EVENING,
        "Ada",
        "squat.mp4",
        3,
    )
    assert (session.duration_s, session.summary, found.when) == (99.5, ("Well done.",), "as given")
    assert session.sets[0].weight_kg == 60.0
    assert session.sets[0].reps[1].faults[0].name == "shallow"
    assert math.isnan(session.sets[0].reps[0].symmetry)
    assert session.angles is not None
    np.testing.assert_array_equal(session.angles.values["left_knee"], np.array([170.1, np.nan], np.float32))
    np.testing.assert_array_equal(session.angles.sd["left_knee"], np.array([2.0, np.nan], np.float32))
    second = session_from(tmp_path / "analysis.json", started=EVENING, person=2).session
    assert [bool(one.holds) for one in second.sets] == [False, True]
    assert second.angles is not None and second.angles.values["left_knee"].tolist() == [90, 91]


def test_when_it_began_is_from_the_best_that_is_there(tmp_path: Path) -> None:
    video = tmp_path / "squat.mp4"
    video.touch()
    over = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)
    os.utime(video, (over.timestamp(), over.timestamp()))
    made = analysis(path=str(video), created="2026-05-01T07:00:00Z")
    found = session_from(left_behind(tmp_path / "a", made))
    assert found.session.started == datetime(2026, 5, 1, 7, 0, tzinfo=UTC)
    assert found.when == "when the video says that it was made"
    made = analysis(path=str(video), created="2026-05-01T11:00:00+04:00")  # a phone that knows where it is
    found = session_from(left_behind(tmp_path / "a", made))
    assert found.session.started.isoformat() == "2026-05-01T11:00:00+04:00"
    for created in (None, "1904-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "soon"):  # a camera without a clock
        unset = analysis(path=str(video), created=created)
        found = session_from(left_behind(tmp_path / "a", unset))
        assert found.session.started == over - timedelta(seconds=100)
        assert found.when.startswith("when the video's file was written, less its length")
    folder = left_behind(tmp_path / "a", analysis(path=str(tmp_path / "gone.mp4")))
    os.utime(folder / "analysis.json", (over.timestamp(), over.timestamp()))
    found = session_from(folder)
    assert (found.session.started, found.when[:34]) == (over, "when analysis.json was written, fo")
    assert found.session.started.utcoffset() is not None


def test_a_sessions_own_file_says_when(tmp_path: Path) -> None:
    write_session(squats(), tmp_path / "a.json")
    found = session_from(tmp_path / "a.json")
    assert same(found.session, squats()) and found.when == "as the session says"
    later = EVENING + timedelta(days=1)
    assert same(session_from(tmp_path / "a.json", started=later).session, replace(squats(), started=later))


def test_an_analysis_in_which_nobody_did_anything(tmp_path: Path) -> None:
    nothing = replace(analysis(), exercise=ExerciseFound(None, "recognised", 0.1))
    with pytest.raises(ExchangeError, match="nobody did an exercise there"):
        session_from(left_behind(tmp_path, nothing))
    with pytest.raises(ExchangeError, match="person 7 did an exercise there"):
        session_from(left_behind(tmp_path, analysis()), person=7)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 2}, "schema 2; this version of Spotter reads schema 1"),
        ({"people": [{"id": "x"}]}, r"people\[0\].id is 'x'; a whole number is wanted"),
        ({"exercise": None}, "exercise is None; an object is wanted"),
    ],
)
def test_a_wrong_analysis_is_said(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ExchangeError, match=said):
        session_from(left_behind(tmp_path, analysis(), change))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n", "is no table of angles"),
        (ANGLES + "0.1,1,5\n", "has 3 cells in line 6, and 4 columns"),
        (ANGLES + "0.1,1,5,x\n", "no number in line 6"),
    ],
)
def test_a_wrong_table_of_angles_is_said(tmp_path: Path, text: str, said: str) -> None:
    left_behind(tmp_path, analysis())
    (tmp_path / "angles.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ExchangeError, match=said):
        session_from(tmp_path)


def test_without_angles_or_without_anything(tmp_path: Path) -> None:
    left_behind(tmp_path, analysis())
    (tmp_path / "angles.csv").unlink()
    assert session_from(tmp_path).session.angles is None
    with pytest.raises(MediaNotFoundError):
        session_from(tmp_path / "none")
