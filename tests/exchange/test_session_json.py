"""A session as JSON and back without loss, and as a table."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spotter.coach.analysis import Fault, Hold, NotJudged, Rep, Tempo
from spotter.coach.heart import HeartRate
from spotter.coach.session import Angles, Session, SessionSet
from spotter.errors import ExchangeError, MediaNotFoundError
from spotter.exchange.session_csv import COLUMNS, session_csv
from spotter.exchange.session_json import (
    parse_session,
    read_session,
    session_document,
    session_json,
    write_session,
)
from tests.exchange.sessions import BERLIN, hold_of, same, squats

TEXT = st.text(st.characters(), max_size=8)  # with lone surrogates, as file names may have
NUMBER = st.floats(allow_infinity=False)
WEIGHT = st.floats(0, 10_000)
FAULT = st.builds(
    Fault, TEXT, st.sampled_from(["hint", "warning", "danger"]), NUMBER, NUMBER, NUMBER, TEXT, TEXT
)
FAULTS = st.lists(FAULT, max_size=1).map(tuple)
REP = st.builds(
    Rep, st.integers(0, 2**31 - 1), NUMBER, NUMBER, NUMBER, st.booleans(),
    st.sampled_from(["left", "right", "both"]), NUMBER, st.builds(Tempo, NUMBER, NUMBER, NUMBER), NUMBER,
    NUMBER, FAULTS,
)  # fmt: skip
SET = st.builds(
    SessionSet, TEXT, NUMBER, NUMBER, st.lists(REP, max_size=2).map(tuple),
    st.lists(st.builds(Hold, NUMBER, NUMBER, FAULTS), max_size=1).map(tuple), st.none() | WEIGHT, TEXT,
)  # fmt: skip


@st.composite
def hearts(draw: st.DrawFn) -> HeartRate:
    size, beats = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return HeartRate(
        draw(_times(size)),
        draw(_array(np.float32, size)),
        draw(_times(beats)),
        draw(_array(np.float32, beats)),
    )


@st.composite
def angles(draw: st.DrawFn) -> Angles:
    size = draw(st.integers(0, 3))
    columns = st.dictionaries(TEXT, _array(np.float32, size), max_size=2)
    return Angles(draw(_times(size)), draw(columns), draw(columns))


def _array(kind: Any, size: int) -> st.SearchStrategy[Any]:
    width = 8 * np.dtype(kind).itemsize
    return arrays(kind, size, elements=st.floats(width=width, allow_infinity=False))


def _times(size: int) -> st.SearchStrategy[Any]:
    return arrays(np.float64, size, elements=st.floats(allow_nan=False, allow_infinity=False)).map(np.sort)


MOMENT = st.datetimes(
    datetime(1900, 1, 1),
    datetime(2199, 12, 31),
    timezones=st.sampled_from([UTC, BERLIN, timezone(timedelta(hours=-3, minutes=-30))]),
)
SESSION = st.builds(
    Session, TEXT, TEXT, MOMENT, NUMBER, st.lists(SET, max_size=2).map(tuple), TEXT,
    st.lists(TEXT, max_size=2).map(tuple), st.lists(st.builds(NotJudged, TEXT, TEXT), max_size=1).map(tuple),
    st.none() | hearts(), st.none() | angles(), TEXT,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(SESSION)
def test_nothing_is_lost(session: Session) -> None:
    text = session_json(session).encode("utf-8")
    again = parse_session(json.loads(text))
    assert same(again, session)
    assert again.started.isoformat() == session.started.isoformat()


def test_the_hour_that_comes_twice_stays_the_one_it_was(tmp_path: Path) -> None:
    for fold in (0, 1):
        session = squats(datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold))
        write_session(session, tmp_path / "a.json")
        again = read_session(tmp_path / "a.json").started
        assert again.astimezone(UTC) == session.started.astimezone(UTC)
        assert (again.tzinfo, again.fold) == (BERLIN, fold)


def test_the_document_is_small_and_plain() -> None:
    document = session_document(squats())
    assert (document["schema"], document["kind"], document["time_zone"]) == (1, "session", "Europe/Berlin")
    assert document["angles"]["values"] == {"left_knee": [170.1, None, 168.25]}
    assert document["sets"][0]["reps"][0]["symmetry"] is None


def test_fields_that_came_later_may_be_missing_and_unknown_ones_are_left_out() -> None:
    document = json.loads(session_json(squats()))
    del document["note"]
    document["mood"] = "good"
    assert same(parse_session(document), replace(squats(), note=""))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one: one.update(schema=2), "schema 2; this version of Spotter reads schema 1"),
        (lambda one: one.update(schema=True), "schema True"),
        (lambda one: one.update(kind="cake"), "is no session"),
        (lambda one: one.pop("started"), "started is missing"),
        (lambda one: one.update(started="soon"), "started is 'soon'; a time such as"),
        (lambda one: one.update(started="2026-05-04T18:30:00"), "says no time zone"),
        (lambda one: one.update(sets={}), "sets is {}; a list is wanted"),
        (lambda one: one["sets"][1].pop("start_s"), r"sets\[1\].start_s is missing"),
        (lambda one: one["sets"][0]["reps"][2].update(score="good"), r"sets\[0\].reps\[2\].score is 'good'"),
        (lambda one: one["sets"][0]["reps"][0].update(side="up"), "'left' or 'right' or 'both' is wanted"),
        (lambda one: one["sets"][0]["reps"][0].update(number=1.5), "a whole number is wanted"),
        (lambda one: one.update(duration_s=10**400), "a finite number is wanted"),
        (lambda one: one["heart_rate"].update(bpm=[80, "x"]), r"heart_rate.bpm\[1\] is 'x'"),
        (lambda one: one["heart_rate"].update(bpm=[80]), "bpm has 1 numbers for 121 times"),
        (lambda one: one["heart_rate"]["bpm"].__setitem__(0, 1e300), "that float32 can hold"),
    ],
)
def test_what_is_wrong_is_said(change: Any, said: str) -> None:
    document = json.loads(session_json(squats()))
    change(document)
    with pytest.raises(ExchangeError, match=said):
        parse_session(document, "a.json")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"kind": "session", ', "is no JSON: .* in line 1"),
        (b"\xff\xfe\x00", "is no JSON in UTF-8: byte 0"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "is no session"),
    ],
)
def test_files_that_are_no_session(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(content)
    with pytest.raises(ExchangeError, match=said):
        read_session(file)
    with pytest.raises(MediaNotFoundError):
        read_session(tmp_path / "none.json")


def test_an_infinite_number_is_not_written_as_something_else() -> None:
    with pytest.raises(ExchangeError, match="infinite"):
        session_json(replace(squats(), duration_s=math.inf))


def test_a_row_a_repetition_and_a_row_a_hold() -> None:
    session = replace(squats(), sets=(*squats().sets, hold_of("plank", 120.0, 10.0)))
    rows = list(csv.DictReader(io.StringIO(session_csv(session))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["kind"] for row in rows] == ["rep"] * 15 + ["hold"]
    assert sum(row["complete"] == "true" for row in rows) == session.count == 13
    second = rows[1]
    assert second["time"] == "2026-05-04T18:30:07.250+02:00"
    assert (second["set"], second["number"], second["weight_kg"], second["faults"]) == (
        "1",
        "2",
        "62.5",
        "shallow",
    )
    assert second["symmetry"] == ""
    assert rows[-1]["end_s"] == "130.000"
