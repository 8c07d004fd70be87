"""The history over REST: what is told of sessions, how much at a time, and what nobody should ask."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from spotter.history.history import History
from spotter.serve.config import Config
from tests.history.material import MOMENT, full, simple
from tests.history.training import Form, session_on
from tests.serve.fake import Running
from tests.serve.rest import Rest

ZOE = full().person


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("data")
    with History.open(folder / "history.db") as history:
        history.add(full())
        for number in range(7):
            history.add(session_on("Ada", "squat", 7 * number, Form(range_deg=80 + 4 * number, angle="knee")))
        history.add(simple("0a-one", "Bob", MOMENT))
        history.add(simple("0a-two", "Bob", MOMENT + timedelta(days=1)))
    return Config(port=0, data=folder, database=str(folder / "history.db"), workers=1)


@pytest.fixture(scope="module")
def rest(config: Config) -> Iterator[Rest]:
    with Running(config) as server:
        yield Rest(server)


def test_everybody_is_named(rest: Rest) -> None:
    assert rest.get("/people").json == {"people": ["Ada", "Bob", ZOE]}


def test_sessions_are_found_the_newest_first(rest: Rest) -> None:
    found = rest.get("/sessions").json["sessions"]
    assert len(found) == 10
    assert [one["started"] for one in found] == sorted((one["started"] for one in found), reverse=True)
    of_zoe = rest.get(f"/sessions?person={quote(ZOE)}").json["sessions"]
    assert [(one["reps"], one["held_s"]) for one in of_zoe] == [({"plank": 0, "squat": 1}, {"plank": 29.5})]
    assert rest.get("/sessions?person=Ada&exercise=plank").json == {"sessions": []}
    assert rest.get("/sessions?person=Nobody").json == {"sessions": []}


def test_more_sessions_come_page_by_page(rest: Rest) -> None:
    pages, before = [], ""
    while page := rest.get(f"/sessions?person=Ada&limit=3{before}").json["sessions"]:
        pages.append([one["id"] for one in page])
        before = f"&before={quote(page[-1]['started'])}"
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({ident for page in pages for ident in page}) == 7


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=many", "limit"),
        ("before=2026-05-04T18:30:00", "timezone"),
        ("before=yesterday", "before"),
        ("person=" + "x" * 201, "person"),
    ],
)
def test_a_list_that_cannot_be(rest: Rest, query: str, word: str) -> None:
    answer = rest.get(f"/sessions?{query}")
    assert answer.status == 422 and word in answer.complaint


def test_a_whole_session_but_for_its_angles(rest: Rest) -> None:
    session = rest.get("/sessions/full").json
    assert (session["person"], session["note"]) == (ZOE, "tired\nbut fine")
    (_, attempt) = session["sets"][0]["reps"]
    assert attempt["range_deg"] is None and attempt["faults"][0]["cue"] == "Tiefer; 更深。"
    assert session["heart_rate"]["bpm"][1] == 91.5
    assert session["angles"] == ["right_knee", "left_knee"]
    assert rest.get("/sessions/ful").json == session  # the beginning of its id is enough


def test_angles_over_time(rest: Rest) -> None:
    angles = full().angles
    assert angles is not None
    every = rest.get("/sessions/full/angles")
    assert every.headers["content-type"] == "application/json"
    assert set(every.json["values"]) == {"right_knee", "left_knee"} and set(every.json["sd"]) == {"left_knee"}
    assert every.json["time_s"] == pytest.approx(angles.time_s, abs=1e-3)
    right = [math.nan if value is None else value for value in every.json["values"]["right_knee"]]
    assert right == pytest.approx(angles.values["right_knee"], abs=1e-3, nan_ok=True)
    assert None in every.json["values"]["right_knee"]
    one = rest.get("/sessions/full/angles?name=right_knee").json
    assert list(one["values"]) == ["right_knee"] and one["sd"] == {}
    assert rest.get("/sessions/0a-one/angles").json == {"time_s": [], "values": {}, "sd": {}}
    wrong = rest.get("/sessions/full/angles?name=tail")
    assert wrong.status == 404 and "right_knee, left_knee" in wrong.complaint


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/sessions/nothing", 404, "nothing"),
        ("/sessions/0a", 404, "several"),
        ("/sessions/%25", 404, "%"),
        ("/sessions/..%2f..%2fhistory.db", 404, ""),
        ("/sessions/nothing/angles", 404, "nothing"),
        ("/compare?a=full&b=nothing", 404, "nothing"),
        ("/compare?a=full", 422, "b"),
        ("/compare?a=full&b=", 422, "b"),
        ("/progress", 422, "person"),
        ("/progress?person=Nobody", 422, "Nobody"),
        ("/progress?person=Ada&exercise=plank", 422, "plank"),
        ("/progress?person=Ada&since=soon", 422, "since"),
        ("/months/2026-13", 422, "2026-13"),
        ("/months/9999-01", 422, "has not begun"),
        ("/months/26-1", 422, "26-1"),
        ("/months/2026-05?person=Nobody", 422, "Nobody"),
    ],
)
def test_what_is_not_there(rest: Rest, path: str, status: int, word: str) -> None:
    answer = rest.get(path)
    assert answer.status == status and word in answer.complaint


def test_progress_comparison_and_month(rest: Rest) -> None:
    progress = rest.get("/progress?person=Ada&exercise=squat").json
    (squats,) = progress["exercises"]
    assert len(squats["sessions"]["id"]) == 7
    measures = {one["name"]: one for one in squats["measures"]}
    assert measures["range_deg"]["trend"]["direction"] == "rising"
    later = rest.get("/progress?person=Ada&since=2026-04-01").json["exercises"][0]
    assert 0 < len(later["sessions"]["id"]) < 7
    first, last = squats["sessions"]["id"][0], squats["sessions"]["id"][-1]
    compared = rest.get(f"/compare?a={first}&b={last}").json
    assert (compared["first"]["id"], compared["second"]["id"]) == (first, last)
    assert compared["exercises"][0]["pairs"]
    month = rest.get("/months/2026-05").json
    assert {one["person"] for one in month["people"]} == {"Ada", "Bob", ZOE}
    two = rest.get(f"/months/2026-05?person=Bob&person={quote(ZOE)}").json
    assert [one["person"] for one in two["people"]] == ["Bob", ZOE]


def test_only_the_whole_id_deletes(rest: Rest, config: Config) -> None:
    for ident in ("0a", "0a-tw", "", "%25"):
        assert rest.delete(f"/sessions/{ident}").status in (404, 405)
    assert len(rest.get("/sessions?person=Bob").json["sessions"]) == 2
    assert rest.delete("/sessions/0a-two").status == 204
    answer = rest.delete("/sessions/0a-two")
    assert answer.status == 404 and answer.complaint
    assert [one["id"] for one in rest.get("/sessions?person=Bob").json["sessions"]] == ["0a-one"]


def test_a_history_that_cannot_be_opened(tmp_path: Path, config: Config) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database" * 1000)
    with Running(replace(config, data=tmp_path, database=str(broken))) as server:
        for path in ("/people", "/sessions", "/sessions/full", "/progress?person=Ada", "/months/2026-05"):
            answer = Rest(server).get(path)
            assert answer.status == 503 and "broken.db" in answer.complaint
        assert Rest(server).get("/exercises").status == 200
