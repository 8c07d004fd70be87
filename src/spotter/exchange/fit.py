"""A session as a FIT activity, written by the encoder of Garmin's FIT SDK."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from spotter.coach.session import Session, SessionSet
from spotter.errors import ExchangeError
from spotter.exchange.extras import records_extra
from spotter.exchange.fit_developer import (
    DEVELOPMENT,
    Message,
    developer_fields,
    developer_id,
    field_text,
    set_fields,
)
from spotter.exchange.fit_exercises import UNKNOWN, fit_exercise
from spotter.exchange.timeline import (
    Span,
    exercise_title,
    instant,
    length_s,
    readings,
    spans,
)
from spotter.media.writing import write_bytes

_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
_EARLIEST, _LATEST = 0x10000000, 0xFFFFFFFE
"""Smaller numbers count from when the device was switched on, and the largest means that there is none."""

_MOST_KG = 65534 / 16
_MOST_REPS = 65534
_MOST_S = 0xFFFFFFFE / 1000
_HRV_BEATS = 5


def fit_bytes(session: Session) -> bytes:
    """A FIT activity file of strength training: a ``set`` message a set and a rest, and the heart rate.

    FIT says times in whole seconds of UTC, durations in milliseconds and weights in sixteenths of a kilogram.
    A set has developer fields for its mean score, its mean range and Spotter's name of the exercise.

    Raises:
        ExchangeError: a time, a weight or a count is outside of what FIT can say.
        MissingExtraError: Garmin's SDK is not installed.

    Example::

        Path("squat.fit").write_bytes(fit_bytes(session))
    """
    with records_extra("writing FIT"):
        from garmin_fit_sdk import Encoder, Profile
    developer = developer_id()
    fields = developer_fields()
    encoder = Encoder()
    for key, field in enumerate(fields):
        encoder.add_developer_field(key, developer, field)  # type: ignore[arg-type]
    numbers = Profile["mesg_num"]
    for name, message in _messages(session, developer, fields):
        encoder.write_mesg({"mesg_num": numbers[name], **message})
    return encoder.close()


def write_fit(session: Session, path: Path) -> None:
    """Write a session as a FIT activity; see ``fit_bytes``.

    Raises:
        OutputError: it cannot be written.
        ExchangeError: a time or a weight is outside of what FIT can say.
        MissingExtraError: Garmin's SDK is not installed.
    """
    write_bytes(path, fit_bytes(session))


def fit_time(when: datetime) -> int:
    """Seconds since FIT's epoch, 1989-12-31 in UTC, rounded.

    Raises:
        ExchangeError: before 1998 or after 2126, which FIT cannot say.

    >>> fit_time(datetime(2026, 5, 4, 18, 30, 0, 600_000, tzinfo=UTC))
    1146853801
    """
    seconds = round((when - _EPOCH).total_seconds())
    if not _EARLIEST <= seconds <= _LATEST:
        raise ExchangeError(
            f"the session's time is {when.isoformat()}; FIT can say times from July 1998 to February 2126"
        )
    return seconds


def _messages(session: Session, developer: Message, fields: list[Message]) -> Iterator[tuple[str, Message]]:
    began = fit_time(instant(session, 0.0))
    over = fit_time(instant(session, length_s(session)))
    yield (
        "FILE_ID",
        {
            "type": "activity",
            "manufacturer": DEVELOPMENT,
            "product": 0,
            "serial_number": zlib.crc32(session.id.encode("utf-8", "replace")) or 1,
            "time_created": began,
            "product_name": "Spotter",
        },
    )
    yield "DEVELOPER_DATA_ID", developer
    yield from (("FIELD_DESCRIPTION", field) for field in fields)
    yield (
        "DEVICE_INFO",
        {
            "timestamp": began,
            "device_index": 0,
            "manufacturer": DEVELOPMENT,
            "product": 0,
            "software_version": _software_version(),
            "product_name": "Spotter",
        },
    )
    yield "SPORT", {"sport": "training", "sub_sport": "strength_training", "name": "Strength"}
    yield from _titles(session)
    yield "EVENT", {"timestamp": began, "event": "timer", "event_type": "start"}
    # Programs expect what happened in order of time; a set is written when it is over.
    happened = [*_sets(session), *_records(session, began, over)]
    yield from ((name, message) for _, name, message in sorted(happened, key=lambda one: one[0]))
    yield "EVENT", {"timestamp": over, "event": "timer", "event_type": "stop_all"}
    yield from _summaries(session, began, over)


def _sets(session: Session) -> Iterator[tuple[int, str, Message]]:
    """Sets and the rests between them; what was before the first and after the last set is no rest."""
    line = list(spans(session))
    while line and line[0].of is None:
        line.pop(0)
    while line and line[-1].of is None:
        line.pop()
    for number, span in enumerate(line):
        over = fit_time(instant(session, span.end_s))
        message: Message = {
            "timestamp": over,
            "start_time": fit_time(instant(session, span.start_s)),
            "duration": _seconds(span.duration_s),
            "message_index": number,
            **(_rest() if span.of is None else _active(span, span.of)),
        }
        yield over, "SET", message


def _rest() -> Message:
    return {"set_type": "rest"}


def _active(span: Span, one: SessionSet) -> Message:
    exercise = fit_exercise(one.exercise, weighted=bool(one.weight_kg))
    message: Message = {"set_type": "active", "category": [exercise.category]}
    if exercise.name is not None:
        message["category_subtype"] = [exercise.name]
    if one.reps:
        message["repetitions"] = _repetitions(one.count)
    if one.weight_kg is not None:
        message["weight"] = _kilograms(one.weight_kg)
        message["weight_display_unit"] = "kilogram"
    return {**message, "developer_fields": set_fields(one)}


def _repetitions(count: int) -> int:
    if count > _MOST_REPS:
        raise ExchangeError(f"FIT cannot say a set of {count} repetitions; it can say {_MOST_REPS}")
    return count


def _seconds(seconds: float) -> float:
    if not seconds <= _MOST_S:
        raise ExchangeError(f"FIT cannot say a length of {seconds:.0f} s; it can say {_MOST_S:.0f} s")
    return float(seconds)


def _kilograms(weight_kg: float) -> float:
    if not 0 <= weight_kg <= _MOST_KG:
        raise ExchangeError(f"the weight is {weight_kg} kg; FIT can say 0 to {_MOST_KG:.0f} kg")
    return float(weight_kg)


def _records(session: Session, began: int, over: int) -> Iterator[tuple[int, str, Message]]:
    """A record a second with a heart rate, and one at the beginning and the end, which some programs need."""
    rates: dict[int, int | None] = {began: None, over: None}
    for seconds, bpm in readings(session.heart_rate, 0.0, math.inf):
        when = fit_time(instant(session, float(seconds)))
        if began <= when <= over:
            rates[when] = int(bpm)
    for when, rate in sorted(rates.items()):
        yield when, "RECORD", {"timestamp": when, **({} if rate is None else {"heart_rate": rate})}
    yield from _beats(session, began, over)


def _beats(session: Session, began: int, over: int) -> Iterator[tuple[int, str, Message]]:
    """The times between beats, some a message; FIT gives them no time but their place in the file."""
    heart = session.heart_rate
    if heart is None:
        return
    timed: dict[int, list[float]] = {}
    for seconds, interval in zip(heart.rr_time_s.tolist(), heart.rr_s.tolist(), strict=True):
        when = fit_time(instant(session, seconds))
        if began <= when <= over and 0 < interval < 65.5:
            timed.setdefault(when, []).append(interval)
    for when, intervals in sorted(timed.items()):
        for first in range(0, len(intervals), _HRV_BEATS):
            yield when, "HRV", {"time": intervals[first : first + _HRV_BEATS]}


def _titles(session: Session) -> Iterator[tuple[str, Message]]:
    for number, name in enumerate(session.exercises):
        exercise = fit_exercise(name)
        message: Message = {"message_index": number, "exercise_category": exercise.category}
        if exercise.category != UNKNOWN:
            message["exercise_name"] = exercise.name
        yield "EXERCISE_TITLE", {**message, "wkt_step_name": field_text(exercise_title(name))}


def _summaries(session: Session, began: int, over: int) -> Iterator[tuple[str, Message]]:
    took = _seconds(length_s(session))
    common: Message = {
        "timestamp": over,
        "start_time": began,
        "total_elapsed_time": took,
        "total_timer_time": took,
        "message_index": 0,
        "sport": "training",
        "sub_sport": "strength_training",
        "event_type": "stop",
    }
    rates = readings(session.heart_rate, 0.0, took)[:, 1]
    if rates.size:
        common |= {"avg_heart_rate": round(float(rates.mean())), "max_heart_rate": int(rates.max())}
    yield "LAP", {**common, "event": "lap", "lap_trigger": "session_end"}
    yield (
        "SESSION",
        {**common, "event": "session", "trigger": "activity_end", "first_lap_index": 0, "num_laps": 1},
    )
    local = instant(session, took).astimezone(session.started.tzinfo)
    offset = local.utcoffset() or timedelta()
    yield (
        "ACTIVITY",
        {
            "timestamp": over,
            "total_timer_time": took,
            "num_sessions": 1,
            "type": "manual",
            "event": "activity",
            "event_type": "stop",
            "local_timestamp": over + round(offset.total_seconds()),
        },
    )


def _software_version() -> float:
    """The version as FIT says it, the minor number as hundredths: 0.1.0 is 0.01, and 1.12.3 is 1.12."""
    major, minor, *_ = version("spotter-coach").split(".")
    return int(major) + min(int(minor), 99) / 100
