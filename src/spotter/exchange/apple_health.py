"""Reads workouts and their heart rate of Apple Health's export, whose size does not matter."""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from spotter.errors import ExchangeError
from spotter.exchange.importing import Recorded, heart_rate_of, number_of
from spotter.exchange.xml_reading import feed, local, pieces_of
from spotter.media.moments import time_of

HEART_RATE = "HKQuantityTypeIdentifierHeartRate"
"""Type of the records that are read."""

_ENERGY = "HKQuantityTypeIdentifierActiveEnergyBurned"
_ACTIVITY = "HKWorkoutActivityType"
_KILOCALORIES = {"kcal": 1.0, "Cal": 1.0, "kJ": 1 / 4.184, "cal": 1e-3, "J": 1 / 4184}
_DOCTYPE = re.compile(rb"<!DOCTYPE.*?\]>", re.DOTALL)
_NOT_XML = bytes(byte for byte in range(32) if byte not in b"\t\n\r")


@dataclass(slots=True)
class _Workout:
    """A workout, and the heart's readings during it: seconds since 1970 and beats a minute."""

    started: datetime
    over: datetime
    sport: str
    source: str
    calories: float = math.nan
    times: array[float] = field(default_factory=lambda: array("d"))
    bpm: array[float] = field(default_factory=lambda: array("f"))


def read_apple_health(path: Path) -> list[Recorded]:
    """The workouts in export.xml, or in the export.zip that holds it; see ``importing.read_recorded``.

    The file is read twice, piece by piece: first for the workouts, which stand at its end, then for the
    heart rate during them. Only that is kept in memory.

    Raises:
        ExchangeError: it holds no workout, is damaged, or is refused.
        MissingExtraError: defusedxml is not installed.
    """
    workouts: list[_Workout] = []
    _pass(path, _WorkoutsTarget(workouts))
    if not workouts:
        raise ExchangeError(f"{path} holds no workout")
    workouts.sort(key=lambda one: one.started)
    _pass(path, _HeartTarget(workouts))
    return [_recorded(one) for one in workouts]


class _WorkoutsTarget:
    """Collects the workouts, with the energy that newer exports say in an element of its own."""

    def __init__(self, found: list[_Workout]) -> None:
        self._found = found
        self._open: _Workout | None = None

    def start(self, tag: str, attrib: dict[str, str]) -> None:
        name = local(tag)
        if name == "Workout":
            self._open = _workout(attrib)
            if self._open is not None:
                self._found.append(self._open)
        elif name == "WorkoutStatistics" and self._open is not None and attrib.get("type") == _ENERGY:
            self._open.calories = _kilocalories(attrib.get("sum"), attrib.get("unit"))

    def end(self, tag: str) -> None:
        if local(tag) == "Workout":
            self._open = None

    def data(self, text: str) -> None: ...

    def close(self) -> None: ...


class _HeartTarget:
    """Gives each reading of the heart to the workouts that were going on."""

    def __init__(self, workouts: list[_Workout]) -> None:
        self._workouts = workouts
        self._starts = [one.started.timestamp() for one in workouts]
        self._ends = [one.over.timestamp() for one in workouts]
        self._longest = max(over - start for start, over in zip(self._starts, self._ends, strict=True))

    def start(self, tag: str, attrib: dict[str, str]) -> None:
        if attrib.get("type") != HEART_RATE or local(tag) != "Record":
            return
        when = _time(attrib.get("startDate"))
        if when is None:
            return
        seconds = when.timestamp()
        row = bisect_right(self._starts, seconds) - 1
        while row >= 0 and self._starts[row] >= seconds - self._longest:
            if seconds <= self._ends[row]:
                self._workouts[row].times.append(seconds)
                self._workouts[row].bpm.append(number_of(attrib.get("value")))
            row -= 1

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...

    def close(self) -> None: ...


def _workout(attrib: dict[str, str]) -> _Workout | None:
    started, over = _time(attrib.get("startDate")), _time(attrib.get("endDate"))
    if started is None or over is None or over < started:
        return None
    return _Workout(
        started,
        over,
        attrib.get("workoutActivityType", "").removeprefix(_ACTIVITY) or "unknown",
        attrib.get("sourceName", ""),
        _kilocalories(attrib.get("totalEnergyBurned"), attrib.get("totalEnergyBurnedUnit")),
    )


def _recorded(one: _Workout) -> Recorded:
    return Recorded(
        started=one.started,
        duration_s=(one.over - one.started).total_seconds(),
        sport=one.sport,
        heart_rate=heart_rate_of(one.times, one.bpm, one.started),
        calories=one.calories if one.calories > 0 else None,
        source=one.source,
    )


def _time(text: str | None) -> datetime | None:
    """Apple writes ``2026-05-04 18:30:00 +0200``, with the offset that held then."""
    if text is None:
        return None
    day, _, rest = text.partition(" ")
    return time_of(f"{day}T{rest.replace(' ', '')}")


def _kilocalories(number: str | None, unit: str | None) -> float:
    return number_of(number) * _KILOCALORIES.get(unit or "kcal", math.nan)


def _pass(path: Path, target: _WorkoutsTarget | _HeartTarget) -> None:
    with _opened(path) as file:
        feed(_repaired(pieces_of(file)), str(path), target)


def _repaired(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The file without what Apple writes wrongly: a broken document type (iOS 16), and control characters.

    A document type that defines entities is left in, so that it is refused.
    """
    first = True
    for piece in pieces:
        if piece[:2] in (b"\xff\xfe", b"\xfe\xff"):
            yield piece
            yield from pieces
            return
        if first:
            kind = _DOCTYPE.search(piece)
            if kind and b"<!ENTITY" not in kind.group():
                piece = piece[: kind.start()] + piece[kind.end() :]
            first = False
        yield piece.translate(None, _NOT_XML)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The export.xml itself, or the one in the archive, whatever it is called in the phone's language."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            if file.read(2) == b"PK":
                raise ExchangeError(f"{path} is an archive that is cut or damaged; export it again")
            file.seek(0)
            yield file
        return
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [
                one
                for one in archive.infolist()
                if one.filename.lower().endswith(".xml") and "cda" not in one.filename.lower()
            ]
            if not inside:
                raise ExchangeError(f"{path} holds no export.xml of Apple Health")
            with archive.open(max(inside, key=lambda one: one.file_size)) as unpacked:
                yield unpacked
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise ExchangeError(f"{path} cannot be unpacked: {error}") from error
