"""A session as one JSON document, and back without loss."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from spotter.coach.heart import HeartRate
from spotter.coach.session import Angles, Session, SessionSet, check_weight
from spotter.errors import ExchangeError, MediaNotFoundError, MediaUnreadableError, UsageError
from spotter.exchange.plain import from_plain, to_plain
from spotter.media.writing import write_text

SCHEMA = 1
"""Version of the document's form; it grows when a key changes its meaning or goes."""

_KIND = "session"
_MOST_REPS = 2**31  # no set has so many, but a damaged file may
_SURROGATE = re.compile("[\ud800-\udfff]")


def session_document(session: Session) -> dict[str, Any]:
    """What ``json`` can write: the session's fields by their names, with ``schema`` and ``kind`` before them.

    ``time_zone`` names the place of ``started``, such as ``"Europe/Berlin"``, where it is known.

    >>> from datetime import UTC, datetime
    >>> document = session_document(Session("1", "me", datetime(2026, 5, 4, 18, 30, tzinfo=UTC), 60.0, ()))
    >>> document["schema"], document["started"], document["heart_rate"]
    (1, '2026-05-04T18:30:00+00:00', None)
    """
    zone = session.started.tzinfo
    name = zone.key if isinstance(zone, ZoneInfo) else None
    return {"schema": SCHEMA, "kind": _KIND, "time_zone": name, **to_plain(session)}


def session_json(session: Session) -> str:
    """The document as text, ending with a newline.

    Raises:
        ExchangeError: a number is infinite, which JSON cannot say.
    """
    try:
        text = json.dumps(session_document(session), indent=1, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ExchangeError(
            f"session {session.id} holds an infinite number, which JSON cannot say"
        ) from error
    # File names may hold bytes that are no text; they are kept, but UTF-8 has no letters for them.
    return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n"


def write_session(session: Session, path: Path) -> None:
    """Write a session as JSON.

    Raises:
        OutputError: it cannot be written.
        ExchangeError: a number is infinite.
    """
    write_text(path, session_json(session))


def read_session(path: Path) -> Session:
    """Read what ``write_session`` wrote.

    Raises:
        MediaNotFoundError, MediaUnreadableError: the file is not there, or may not be read.
        ExchangeError: it is no session, is damaged, or is of a newer version.
    """
    return parse_session(read_document(path), path.name)


def parse_session(document: object, name: str = "session") -> Session:
    """A session of its document.

    Args:
        document: as read from JSON.
        name: of where it came from, for the message.

    Raises:
        ExchangeError: it is no session, or is of a newer version; says where it is wrong.

    >>> parse_session({"kind": "session", "schema": 9}, "a.json")
    Traceback (most recent call last):
    ...
    spotter.errors.ExchangeError: a.json is of schema 9; this version of Spotter reads schema 1: update it
    """
    if not isinstance(document, dict) or document.get("kind") != _KIND:
        raise ExchangeError(f'{name} is no session: it does not say "kind": "{_KIND}"')
    schema = document.get("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        raise ExchangeError(
            f"{name} is of schema {schema!r:.40}; this version of Spotter reads schema {SCHEMA}: update it"
        )
    try:
        session: Session = from_plain(Session, document)
        _check_sets(session.sets)
        _check_columns(session.heart_rate, session.angles)
    except (ValueError, UsageError) as error:
        raise ExchangeError(f"{name}: {error}") from error
    return _in_zone(session, document.get("time_zone"))


def read_document(path: Path) -> Any:
    """What a JSON file says.

    Raises:
        MediaNotFoundError, MediaUnreadableError: the file is not there, or may not be read.
        ExchangeError: it is no JSON; says in which line.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise MediaNotFoundError(f"no such file: {path}") from error
    except OSError as error:
        raise MediaUnreadableError(f"{path} cannot be read: {error.strerror or error}") from error
    except json.JSONDecodeError as error:
        raise ExchangeError(
            f"{path} is no JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        ) from error
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{path} is no JSON in UTF-8: byte {error.start} is wrong") from error
    except RecursionError as error:
        raise ExchangeError(f"{path} is nested too deeply to be a session") from error


def _check_sets(sets: tuple[SessionSet, ...]) -> None:
    for place, one in enumerate(sets):
        if one.weight_kg is not None:
            check_weight(f"sets[{place}].weight_kg", one.weight_kg)
        for row, rep in enumerate(one.reps):
            if not 0 <= rep.number < _MOST_REPS:
                raise ValueError(f"sets[{place}].reps[{row}].number is {rep.number}; number them from 1")


def _check_columns(heart_rate: HeartRate | None, angles: Angles | None) -> None:
    """Whether times grow, and columns are as long as their times."""
    timed: list[tuple[str, NDArray[np.float64], dict[str, NDArray[Any]]]] = []
    if heart_rate is not None:
        timed.append(("heart_rate.time_s", heart_rate.time_s, {"heart_rate.bpm": heart_rate.bpm}))
        timed.append(("heart_rate.rr_time_s", heart_rate.rr_time_s, {"heart_rate.rr_s": heart_rate.rr_s}))
    if angles is not None:
        kinds = (("values", angles.values), ("sd", angles.sd))
        columns = {f"angles.{kind}.{name}": column for kind, of in kinds for name, column in of.items()}
        timed.append(("angles.time_s", angles.time_s, columns))
    for where, time_s, columns in timed:
        back = np.flatnonzero(~(np.diff(time_s, prepend=-np.inf) >= 0))  # of NaN too
        if len(back):
            raise ValueError(f"{where} does not grow from number {back[0]} to {back[0] + 1}")
        for name, column in columns.items():
            if len(column) != len(time_s):
                raise ValueError(f"{name} has {len(column)} numbers for {len(time_s)} times")


def _in_zone(session: Session, name: object) -> Session:
    """The session in its named zone, unless this machine does not know it or gives it another offset."""
    if not isinstance(name, str):
        return session
    try:
        there = session.started.astimezone(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return session
    return replace(session, started=there) if there.isoformat() == session.started.isoformat() else session
