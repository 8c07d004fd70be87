"""A session as FIT, decoded again by two decoders that are not ours."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import fitdecode
import numpy as np
import pytest
from garmin_fit_sdk import Decoder, Profile, Stream

from spotter.coach.heart import HeartRate
from spotter.coach.schema import shipped_exercises
from spotter.coach.session import Session, SessionSet
from spotter.errors import ExchangeError, MissingExtraError
from spotter.exchange.fit import fit_bytes
from spotter.exchange.fit_developer import EXERCISE, RANGE, SCORE
from spotter.exchange.fit_exercises import UNKNOWN, fit_exercise, fit_table
from tests.exchange.sessions import BERLIN, EVENING, hold_of, reps_of, squats

HALF_SECOND = timedelta(seconds=0.5)


def decoded(content: bytes) -> dict[str, list[dict[Any, Any]]]:
    assert Decoder(Stream.from_byte_array(bytearray(content))).check_integrity()
    messages, errors = Decoder(Stream.from_byte_array(bytearray(content))).read()
    assert errors == []
    return dict(messages)


def decoded_by_another(content: bytes, name: str) -> list[dict[str, Any]]:
    with fitdecode.FitReader(
        io.BytesIO(content),
        check_crc=fitdecode.CrcCheck.RAISE,
        error_handling=fitdecode.ErrorHandling.RAISE,
    ) as reader:
        return [
            {field.name: field.value for field in frame.fields}
            for frame in reader
            if isinstance(frame, fitdecode.FitDataMessage) and frame.name == name
        ]


def session_of_all(exercise: str, started: datetime = EVENING) -> Session:
    if shipped_exercises()[exercise].kind == "hold":
        sets: tuple[SessionSet, ...] = (hold_of(exercise, 2.0, 31.5), hold_of(exercise, 60.0, 25.25))
        return replace(squats(started), sets=sets)
    return squats(started, exercise=exercise)


@pytest.mark.parametrize("exercise", shipped_exercises())
def test_both_decoders_read_what_went_in(exercise: str) -> None:
    session = session_of_all(exercise)
    content = fit_bytes(session)
    began = session.started.astimezone(UTC)
    number = fit_exercise(exercise, weighted=session.sets[0].weight_kg is not None).name
    for sets in (decoded(content)["set_mesgs"], decoded_by_another(content, "set")):
        active = [one for one in sets if one["set_type"] in ("active", 1)]
        assert len(active) == len(session.sets) == 2
        for one, said in zip(session.sets, active, strict=True):
            assert abs(said["start_time"] - (began + timedelta(seconds=one.start_s))) <= HALF_SECOND
            assert abs(said["timestamp"] - (began + timedelta(seconds=one.end_s))) <= HALF_SECOND
            assert said["duration"] == pytest.approx(one.end_s - one.start_s, abs=0.001)
            assert said.get("repetitions") == (one.count if one.reps else None)
            assert said.get("weight") == one.weight_kg
            assert np.ravel(said["category_subtype"])[0] == number
            assert np.ravel(said["category"])[0] in (
                fit_table()[exercise]["category"],
                fit_exercise(exercise).category,
            )
        (rest,) = [one for one in sets if one["set_type"] in ("rest", 0)]
        between = session.sets[1].start_s - session.sets[0].end_s
        assert rest["duration"] == pytest.approx(between, abs=0.001)


def test_every_exercise_has_a_name_that_fit_knows() -> None:
    assert set(fit_table()) == set(shipped_exercises())
    for exercise in shipped_exercises():
        for weighted in (False, True):
            found = fit_exercise(exercise, weighted)
            category = Profile["types"]["exercise_category"][found.category]
            assert found.name in Profile["types"][f"{category}_exercise_name"]


def test_score_and_range_are_developer_fields() -> None:
    content = fit_bytes(squats())
    sets = [one for one in decoded(content)["set_mesgs"] if one["set_type"] == "active"]
    assert [one["developer_fields"] for one in sets] == [
        {SCORE: 83.5, RANGE: 94.5, EXERCISE: "squat"},
        {SCORE: 82.0, RANGE: 93.0, EXERCISE: "squat"},
    ]
    other = [one for one in decoded_by_another(content, "set") if "Score" in one]
    assert [one["Score"] for one in other] == [83.5, 82.0]
    assert [one["Range of motion"] for one in other] == [94.5, 93.0]
    assert [one["Exercise"] for one in other] == ["squat", "squat"]


def test_heart_rate_comes_with_its_gap_and_its_beats() -> None:
    session = squats()
    content = fit_bytes(session)
    began = session.started.astimezone(UTC)
    assert session.heart_rate is not None
    for records in (decoded(content)["record_mesgs"], decoded_by_another(content, "record")):
        told = {
            round((one["timestamp"] - began).total_seconds()): one["heart_rate"]
            for one in records
            if one.get("heart_rate") is not None
        }
        assert told == dict(
            zip(session.heart_rate.time_s.astype(int), session.heart_rate.bpm.astype(int), strict=True)
        )
    beats = [np.atleast_1d(one["time"]) for one in decoded(content)["hrv_mesgs"]]
    np.testing.assert_allclose(np.concatenate(beats), np.full(60, 0.75))
    about = decoded(content)["session_mesgs"][0]
    assert about["max_heart_rate"] == 129 and about["sub_sport"] == "strength_training"


def test_a_session_over_the_end_of_summer_time_is_in_utc_and_says_its_local_end() -> None:
    # At 03:00 the clocks go back to 02:00; the session begins at 02:59 of summer time.
    started = datetime(2026, 10, 25, 2, 59, tzinfo=BERLIN, fold=0)
    messages = decoded(fit_bytes(squats(started)))
    assert messages["file_id_mesgs"][0]["time_created"] == datetime(2026, 10, 25, 0, 59, tzinfo=UTC)
    (activity,) = messages["activity_mesgs"]
    local = datetime(1989, 12, 31, tzinfo=UTC) + timedelta(seconds=activity["local_timestamp"])
    assert local - activity["timestamp"] == timedelta(hours=1)  # winter time by then
    assert activity["timestamp"] == datetime(2026, 10, 25, 1, 1, 10, tzinfo=UTC)


def test_an_exercise_of_the_users_own_keeps_its_name() -> None:
    content = fit_bytes(squats(exercise="my-own-row"))
    (title,) = decoded(content)["exercise_title_mesgs"]
    assert title["wkt_step_name"] == "My own row"
    active = [one for one in decoded(content)["set_mesgs"] if one["set_type"] == "active"]
    assert [one["repetitions"] for one in active] == [8, 5]
    assert fit_exercise("my-own-row").category == UNKNOWN


def test_messages_are_in_order_of_time_and_a_session_without_sets_is_whole() -> None:
    times = [one["timestamp"] for one in decoded_by_another(fit_bytes(squats()), "record")]
    assert times == sorted(times)
    empty = decoded(fit_bytes(replace(squats(heart=False), sets=())))
    assert "set_mesgs" not in empty
    assert len(empty["record_mesgs"]) == 2


def test_sets_that_overlap_or_touch_have_no_rest_between_them() -> None:
    sets = (reps_of("squat", 0.0, 3, None), reps_of("lunge", 5.0, 3, None), hold_of("plank", 16.5, 10))
    kinds = [one["set_type"] for one in decoded(fit_bytes(replace(squats(), sets=sets)))["set_mesgs"]]
    assert kinds == ["active", "active", "active"]


def test_readings_that_a_byte_cannot_hold_are_left_out() -> None:
    heart = HeartRate(np.arange(5.0), np.array([0, np.nan, 255, 254, 300], np.float32))
    records = decoded(fit_bytes(replace(squats(), heart_rate=heart)))["record_mesgs"]
    assert [one["heart_rate"] for one in records if "heart_rate" in one] == [254]


@pytest.mark.parametrize("weight", [-1.0, 5000.0, float("nan")])
def test_a_weight_that_fit_cannot_say_is_told(weight: float) -> None:
    session = replace(squats(), sets=(reps_of("squat", 0.0, 2, weight),))
    with pytest.raises(ExchangeError, match="FIT can say 0 to 4096 kg"):
        fit_bytes(session)


@pytest.mark.parametrize("year", [1990, 2190])
def test_a_time_that_fit_cannot_say_is_told(year: int) -> None:
    with pytest.raises(ExchangeError, match="FIT can say times from July 1998"):
        fit_bytes(squats(datetime(year, 1, 1, tzinfo=UTC)))


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "garmin_fit_sdk", None)
    with pytest.raises(MissingExtraError, match=r"garmin_fit_sdk.*pip install 'spotter-coach\[records\]'"):
        fit_bytes(squats())


def test_the_same_session_gives_the_same_bytes() -> None:
    assert fit_bytes(squats()) == fit_bytes(squats())
