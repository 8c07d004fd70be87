"""A session as TCX: valid by its schema, a lap a set, and read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import xmlschema
from defusedxml.ElementTree import fromstring

from spotter.coach.heart import HeartRate
from spotter.coach.session import Session
from spotter.exchange.tcx import NAMESPACE, tcx_bytes, write_tcx
from spotter.exchange.tcx_import import read_tcx
from tests.exchange.sessions import BERLIN, EVENING, hold_of, reps_of, squats

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("tcx.xsd"))
TAG = {"t": NAMESPACE}


def laps(session: Session) -> list[tuple[str, str, str | None]]:
    root = fromstring(tcx_bytes(session))
    return [
        (lap.get("StartTime"), lap.findtext("t:Intensity", None, TAG), lap.findtext("t:Notes", None, TAG))
        for lap in root.iterfind(".//t:Lap", TAG)
    ]


OVERLAPPING = (reps_of("squat", 0.0, 3, None), reps_of("lunge", 5.0, 3, None), hold_of("plank", 16.5, 10))


@pytest.mark.parametrize(
    "session",
    [
        squats(),
        squats(heart=False),
        replace(squats(), sets=()),
        replace(squats(), sets=(), duration_s=0.0),
        replace(squats(), sets=OVERLAPPING),
        squats(datetime(2026, 10, 25, 2, 59, tzinfo=BERLIN)),
        replace(squats(), note="a\x00b\x0bc <&> \ufffe \ud800 \U0001f600", summary=()),
        replace(squats(), heart_rate=HeartRate(np.arange(4.0), np.array([0, np.nan, 300, -5], np.float32))),
    ],
    ids=["usual", "no heart", "no sets", "nothing", "overlapping", "summer's end", "not XML", "no readings"],
)
def test_it_is_valid_by_the_schema(session: Session) -> None:
    assert [str(error) for error in SCHEMA.iter_errors(tcx_bytes(session).decode())] == []


def test_the_schema_can_say_no() -> None:
    wrong = tcx_bytes(squats()).replace(b"<Calories>0</Calories>", b"", 1)
    assert not SCHEMA.is_valid(wrong.decode())


def test_a_lap_a_set_and_a_rest() -> None:
    assert laps(squats()) == [
        ("2026-05-04T16:30:00.000Z", "Resting", None),
        ("2026-05-04T16:30:04.250Z", "Active", "Squat, 8 reps, 62.5 kg, score 84, range 94 degrees"),
        ("2026-05-04T16:30:30.750Z", "Resting", None),
        ("2026-05-04T16:31:35.500Z", "Active", "Squat, 5 reps, 80.25 kg, score 82, range 93 degrees"),
        ("2026-05-04T16:31:53.000Z", "Resting", None),
    ]
    assert laps(replace(squats(), sets=OVERLAPPING))[2][2] == "Plank, held 10 s"


@pytest.mark.parametrize("sets", [squats().sets, OVERLAPPING, ()])
def test_every_reading_of_the_heart_is_read_again_once(tmp_path: Path, sets: tuple[object, ...]) -> None:
    session = replace(squats(), sets=sets)  # type: ignore[arg-type]
    write_tcx(session, tmp_path / "a.tcx")
    (recorded,) = read_tcx(tmp_path / "a.tcx")
    assert recorded.started == EVENING
    assert recorded.started.tzinfo == UTC
    assert recorded.duration_s == pytest.approx(130.5, abs=0.01)
    assert recorded.sport == "Other" and recorded.calories is None
    assert recorded.source == "a.tcx (Spotter)"
    assert recorded.heart_rate is not None and session.heart_rate is not None
    np.testing.assert_allclose(recorded.heart_rate.time_s, session.heart_rate.time_s, atol=0.001)
    np.testing.assert_array_equal(recorded.heart_rate.bpm, session.heart_rate.bpm)
