"""Reads activities of FIT files by the decoder of Garmin's FIT SDK, also of files that are cut."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from spotter.errors import ExchangeError
from spotter.exchange.extras import records_extra
from spotter.exchange.importing import Recorded, heart_rate_of

_HEADERS, _CRC = (12, 14), 2
_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
_AROUND_S = 60.0
_LOST_S = 2.0

Message = Mapping[Any, Any]


@dataclass
class _Read:
    """What was read of a file, in the file's order.

    Attributes:
        sessions, activities, sports, files: messages of these kinds.
        times, bpm: readings of the heart, in seconds since 1970 in UTC.
        beats: when a beat came, as ``times``, and the seconds since the one before.
        moments: times of all records.
    """

    sessions: list[Message] = field(default_factory=list)
    activities: list[Message] = field(default_factory=list)
    sports: list[Message] = field(default_factory=list)
    files: list[Message] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    bpm: list[float] = field(default_factory=list)
    beats: list[tuple[float, float]] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)

    def record(self, message: Message) -> None:
        when = message.get("timestamp")
        if not isinstance(when, datetime):
            return
        self.moments.append(when.timestamp())
        rate = message.get("heart_rate")
        if isinstance(rate, int | float):
            self.times.append(when.timestamp())
            self.bpm.append(float(rate))

    def hrv(self, message: Message) -> None:
        """Beats follow each other; where they fall behind the records, some were lost."""
        told = message.get("time")
        if not self.moments:
            return
        for interval in told if isinstance(told, list | tuple) else [told]:
            if not isinstance(interval, int | float):
                continue
            before = self.beats[-1][0] if self.beats else self.moments[-1] - interval
            when = before + interval
            if when < self.moments[-1] - _LOST_S:
                when = self.moments[-1]
            self.beats.append((when, float(interval)))


def read_fit(path: Path) -> list[Recorded]:
    """The activities in a FIT file; see ``importing.read_recorded``.

    Raises:
        ExchangeError: it is no activity, or nothing whole is in it; says at which byte it ends or is damaged.
        MissingExtraError: Garmin's SDK is not installed.
    """
    content = bytearray(path.read_bytes())
    header = content[0] if content else 0
    if header not in _HEADERS or len(content) < header + _CRC:
        raise ExchangeError(f"{path} ends at byte {len(content)}, within the header of a FIT file")
    (told,) = struct.unpack_from("<I", content, 4)
    if not told:
        # A device that lost its power writes no length; what is there can be read all the same.
        struct.pack_into("<I", content, 4, len(content) - header)
    read, fault = _decode(content)
    warnings = () if fault is None else (_in_words(fault, header, told, content),)
    found = _recorded(read, path.name, warnings)
    if found:
        return found
    if warnings:
        raise ExchangeError(f"{path}: {warnings[0]}; no activity could be read before that")
    kind = read.files[0].get("type", "unknown") if read.files else "unknown"
    raise ExchangeError(f"{path} is a FIT file of the kind {kind!r} and holds no activity")


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why the decoder stopped, and the byte that it had come to."""

    error: Exception
    byte: int


def _decode(content: bytearray) -> tuple[_Read, _Fault | None]:
    with records_extra("reading FIT"):
        from garmin_fit_sdk import Decoder, Profile, Stream
    read = _Read()
    numbers = Profile["mesg_num"]
    listeners = {
        numbers["SESSION"]: read.sessions.append,
        numbers["ACTIVITY"]: read.activities.append,
        numbers["SPORT"]: read.sports.append,
        numbers["FILE_ID"]: read.files.append,
        numbers["RECORD"]: read.record,
        numbers["HRV"]: read.hrv,
    }

    def on_message(number: int, message: dict[str, Any]) -> None:
        if number in listeners:
            listeners[number](message)

    stream = Stream.from_byte_array(content)
    _, errors = Decoder(stream).read(mesg_listener=on_message)
    return read, _Fault(errors[0], stream.position()) if errors else None


def _in_words(fault: _Fault, header: int, told: int, content: bytearray) -> str:
    wanted = header + told + _CRC
    if not told:
        return f"it was never finished: its header says no length; read up to byte {fault.byte}"
    if len(content) < wanted:
        return f"it is cut: it ends at byte {len(content)} of {wanted}"
    if "CRC" in str(fault.error):
        return f"its checksum at byte {wanted - _CRC} is wrong: some of its numbers may be damaged"
    return f"it cannot be read from byte {fault.byte} on ({fault.error})"


def _recorded(read: _Read, name: str, warnings: Sequence[str]) -> list[Recorded]:
    zone = _zone(read.activities)
    found = []
    for message in read.sessions:
        began, took = message.get("start_time"), message.get("total_elapsed_time")
        if isinstance(began, datetime):
            over = began + timedelta(seconds=_number(took))
            found.append(_one(read, message, began.astimezone(zone), over, name, warnings))
    if not found and read.moments:
        began = datetime.fromtimestamp(min(read.moments), zone)
        over = datetime.fromtimestamp(max(read.moments), zone)
        about = read.sports[0] if read.sports else {}
        found.append(_one(read, about, began, over, name, warnings))
    return found


def _one(
    read: _Read, about: Message, began: datetime, over: datetime, name: str, warnings: Sequence[str]
) -> Recorded:
    """One activity with the readings in its time, and a minute around it."""
    low, high = began.timestamp() - _AROUND_S, over.timestamp() + _AROUND_S
    inside = [(when, bpm) for when, bpm in zip(read.times, read.bpm, strict=True) if low <= when <= high]
    said = list(warnings)
    if len(read.sessions) <= 1 and len(inside) < len(read.times):
        said.append(
            f"{len(read.times) - len(inside)} readings of the heart lie outside of the activity's time "
            "and were left out (did the clock jump?)"
        )
    sport, sub_sport = about.get("sport", "unknown"), about.get("sub_sport")
    calories = _number(about.get("total_calories"))
    return Recorded(
        started=began,
        duration_s=max(0.0, (over - began).total_seconds()),
        sport=str(sport if sub_sport in (None, "generic") else sub_sport),
        heart_rate=heart_rate_of(
            [when for when, _ in inside],
            [bpm for _, bpm in inside],
            began,
            [beat for beat in read.beats if low <= beat[0] <= high],
        ),
        calories=calories or None,
        source=name,
        warnings=tuple(said),
    )


def _number(value: object) -> float:
    """0 for what is not said, and for a list, which a damaged file may give."""
    return float(value) if isinstance(value, int | float) else 0.0


def _zone(activities: Sequence[Message]) -> timezone:
    """The zone of the device, of the difference between its local time and UTC; UTC if it is not said."""
    for message in activities:
        utc, local = message.get("timestamp"), message.get("local_timestamp")
        if isinstance(utc, datetime) and isinstance(local, int):
            seconds = local + _EPOCH.timestamp() - utc.timestamp()
            minutes = 15 * round(seconds / 900)
            if abs(minutes) <= 15 * 60:
                return timezone(timedelta(minutes=minutes))
    return UTC
