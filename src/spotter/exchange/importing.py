"""What another program or a watch recorded, and which session it belongs to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.coach.heart import HeartRate
from spotter.coach.session import Session
from spotter.errors import ExchangeError, MediaNotFoundError, MediaUnreadableError

_HEAD = 65_536
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_MOST_BPM = 255


@dataclass(frozen=True)
class Recorded:
    """One activity as another program recorded it.

    Attributes:
        started: with a time zone.
        duration_s: how long it took.
        sport: as the program calls it, such as ``"training"`` or ``"TraditionalStrengthTraining"``.
        heart_rate: with times in seconds from ``started``; None if there is none.
        calories: kilocalories; None if not said.
        source: name of the file, or of the device that recorded it.
        warnings: what was wrong with the file and could be lived with.
    """

    started: datetime
    duration_s: float
    sport: str
    heart_rate: HeartRate | None = None
    calories: float | None = None
    source: str = ""
    warnings: tuple[str, ...] = ()


def read_recorded(path: Path) -> tuple[Recorded, ...]:
    """The activities in a FIT, TCX or GPX file, or in Apple Health's export.xml or .zip, in order of time.

    What kind it is, is seen in the file, not in its name. A FIT that is cut or damaged gives what is whole,
    with a warning.

    Raises:
        MediaNotFoundError, MediaUnreadableError: the file is not there, or may not be read.
        ExchangeError: it is of no such kind, holds no activity, or is damaged beyond use.
        MissingExtraError: the libraries that read it are not installed.

    Example::

        for one in read_recorded(Path("export.zip")):
            print(one.started, one.sport, one.duration_s)
    """
    kind = _kind(path)
    if kind == "fit":
        from spotter.exchange.fit_import import read_fit as read
    elif kind == "tcx":
        from spotter.exchange.tcx_import import read_tcx as read
    elif kind == "gpx":
        from spotter.exchange.gpx_import import read_gpx as read
    else:
        from spotter.exchange.apple_health import read_apple_health as read
    try:
        found = read(path)
    except OSError as error:
        raise MediaUnreadableError(f"{path} cannot be read: {error.strerror or error}") from error
    return tuple(sorted(found, key=lambda one: one.started))


def heart_during(recorded: Recorded, started: datetime, duration_s: float) -> HeartRate | None:
    """The heart while something else was recorded, such as a video.

    Args:
        recorded: by a watch, perhaps for longer.
        started: when the other began, with a time zone.
        duration_s: how long it took; infinity for all that is there.

    Returns:
        With times in seconds from ``started``; None where the heart was not recorded meanwhile.
    """
    if recorded.heart_rate is None:
        return None
    shift = (recorded.started.astimezone(UTC) - started.astimezone(UTC)).total_seconds()
    heart = _within(recorded.heart_rate, shift, duration_s)
    return heart if len(heart.time_s) else None


def matched(session: Session, recorded: Recorded) -> Session | None:
    """The session with the heart rate of a recording, if they overlap in time.

    A heart rate that the session has already is kept if it has at least as many readings meanwhile.

    Returns:
        None if the times do not overlap, or the heart was not recorded during the session.

    >>> when = datetime(2026, 5, 4, 18, 30, tzinfo=UTC)
    >>> heart = HeartRate(np.array([0.0, 60.0]), np.array([80, 120], np.float32))
    >>> watch = Recorded(when, 600.0, "training", heart)
    >>> session = matched(Session("1", "me", when.replace(minute=31), 30.0, ()), watch)
    >>> session.heart_rate.time_s, session.heart_rate.bpm
    (array([0.]), array([120.], dtype=float32))
    """
    heart = heart_during(recorded, session.started, session.duration_s)
    if heart is None:
        return None
    own = session.heart_rate
    if own is not None and len(own.time_s) >= len(heart.time_s):
        return session
    return replace(session, heart_rate=heart)


def heart_rate_of(
    times: Sequence[float] | NDArray[np.float64],
    bpm: Sequence[float] | NDArray[np.float32],
    started: datetime,
    beats: Sequence[tuple[float, float]] = (),
) -> HeartRate | None:
    """A heart rate of readings in any order; a reading of 0, which means no contact, leaves a gap.

    Args:
        times: in seconds since 1970-01-01 in UTC.
        bpm: as many; what is no number from 1 to 255 is left out.
        started: from when on the result counts.
        beats: when a beat came, as ``times``, and the seconds since the one before.

    Returns:
        None where no reading is left.

    >>> zero = datetime.fromtimestamp(100, UTC)
    >>> heart_rate_of([103, 101, 102, 101], [70, 80, 0, 81], zero).time_s
    array([1., 3.])
    """
    seconds = np.asarray(times, np.float64) - started.timestamp()
    rates = np.asarray(bpm, np.float64)
    kept = (rates >= 1) & (rates <= _MOST_BPM) & np.isfinite(seconds)
    seconds, first = np.unique(seconds[kept], return_index=True)
    if not len(seconds):
        return None
    intervals = np.asarray(sorted(beats), np.float64).reshape(-1, 2)
    return HeartRate(
        seconds,
        rates[kept][first].astype(np.float32),
        intervals[:, 0] - started.timestamp(),
        intervals[:, 1].astype(np.float32),
    )


def number_of(text: str | None) -> float:
    """A number; NaN for what is none, and for infinity.

    >>> number_of(" 72 "), number_of("-"), number_of(None)
    (72.0, nan, nan)
    """
    try:
        number = float(text or "")
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _within(heart: HeartRate, shift_s: float, duration_s: float) -> HeartRate:
    """The part of a heart rate from 0 to ``duration_s``, after its times were shifted."""
    times, beats = heart.time_s + shift_s, heart.rr_time_s + shift_s
    kept, beaten = (times >= 0) & (times <= duration_s), (beats >= 0) & (beats <= duration_s)
    return replace(
        heart,
        time_s=times[kept],
        bpm=heart.bpm[kept],
        rr_time_s=beats[beaten],
        rr_s=heart.rr_s[beaten],
    )


def _kind(path: Path) -> str:
    """``"fit"``, ``"tcx"``, ``"gpx"`` or ``"apple"``, by what the file begins with."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError as error:
        raise MediaNotFoundError(f"no such file: {path}") from error
    except OSError as error:
        raise MediaUnreadableError(f"{path} cannot be read: {error.strerror or error}") from error
    if not head:
        raise ExchangeError(f"{path} is empty")
    if head[8:12] == b".FIT" or (len(head) < 12 and path.suffix.lower() == ".fit"):
        return "fit"
    if head.startswith(_ZIP):
        return "apple"
    if head.startswith(_GZIP):
        raise ExchangeError(f"{path} is packed with gzip; unpack it and give what was in it")
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:4]
    text = head.replace(b"\0", b"") if wide else head
    for kind, mark in (("tcx", b"TrainingCenterDatabase"), ("apple", b"HealthData"), ("gpx", b"gpx")):
        if mark in text:
            return kind
    raise ExchangeError(f"{path} is neither FIT, TCX, GPX nor Apple Health's export.xml or export.zip")
