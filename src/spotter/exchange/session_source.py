"""The session in a file or in the folder that an analysis left behind, and when it began."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from spotter.coach.analysis import Analysis
from spotter.coach.session import Angles, Session, session_of
from spotter.errors import ExchangeError
from spotter.exchange.plain import from_plain
from spotter.exchange.session_json import parse_session, read_document
from spotter.media.moments import time_of
from spotter.report.files import SCHEMA

ANALYSIS_JSON = "analysis.json"
"""What a folder of ``spotter analyze`` is known by."""

_ANGLES = "angles.csv"


_LONGEST_S = 1e7  # four months: no video is longer


@dataclass(frozen=True)
class Sourced:
    """A session, and how it is known when it began.

    Attributes:
        session: with its angles, where they are there.
        when: where its time is from, such as ``"as given"``.
    """

    session: Session
    when: str


def session_from(
    path: Path,
    *,
    started: datetime | None = None,
    person: int | None = None,
    name: str = "me",
    weights_kg: Sequence[float] = (),
) -> Sourced:
    """The session in a folder of ``spotter analyze``, in its analysis.json, or in a session's own JSON file.

    An analysis does not know when its video was taken. The time is ``started``; else what the video says
    itself (``created`` in analysis.json); else the time of the video's file, which is when it was over; else
    that of analysis.json.

    Args:
        path: folder or file.
        started: with a time zone.
        person, name, weights_kg: of an analysis, as in ``coach.session.session_of``.

    Raises:
        MediaNotFoundError, MediaUnreadableError: the file is not there, or may not be read.
        ExchangeError: it is neither, is damaged, of a newer version, or nobody did an exercise in it.

    Example::

        session_from(Path("spotter-results/squat")).session.count
    """
    file = path / ANALYSIS_JSON if path.is_dir() else path
    document = read_document(file)
    if isinstance(document, dict) and "people" in document and "video" in document:
        return _of_analysis(file, document, started, person, name, weights_kg)
    session = parse_session(document, str(file))
    if started is None:
        return Sourced(session, "as the session says")
    return Sourced(replace(session, started=started), "as given")


def _of_analysis(
    file: Path,
    document: dict[str, Any],
    started: datetime | None,
    person: int | None,
    name: str,
    weights_kg: Sequence[float],
) -> Sourced:
    if document.get("schema") != SCHEMA:
        raise ExchangeError(
            f"{file} is of schema {document.get('schema')!r}; "
            f"this version of Spotter reads schema {SCHEMA}: update it"
        )
    try:
        analysis: Analysis = from_plain(Analysis, document)
    except ValueError as error:
        raise ExchangeError(f"{file}: {error}") from error
    began, when = (started, "as given") if started is not None else video_began(analysis.video, file)
    chosen = analysis.athlete(person)
    session = session_of(analysis, began, person=person, name=name, weights_kg=weights_kg)
    if chosen is None or session is None:
        who = "nobody" if person is None else f"person {person}"
        raise ExchangeError(f"{file}: {who} did an exercise there, so there is no session")
    return Sourced(replace(session, angles=read_angles(file.with_name(_ANGLES), chosen.id)), when)


def read_angles(path: Path, person: int) -> Angles | None:
    """One person's angles in an angles.csv; None if there is no such file or nothing of this person.

    Raises:
        ExchangeError: it is no table of angles; says in which line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            names, rows = _columns(csv.reader(file), path, str(person))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ExchangeError(f"{path} cannot be read: {error}") from error
    if not rows:
        return None
    table = np.asarray(rows, np.float64)
    columns = {name: table[:, number].astype(np.float32) for number, name in enumerate(names[1:], start=1)}
    angles = {name: column for name, column in columns.items() if not name.endswith("_sd")}
    return Angles(
        table[:, 0],
        angles,
        {name: columns[f"{name}_sd"] for name in angles if f"{name}_sd" in columns},
    )


def _columns(lines: Iterator[list[str]], path: Path, person: str) -> tuple[list[str], list[list[float]]]:
    header = next(lines, [])
    if header[:2] != ["time_s", "person"]:
        raise ExchangeError(f"{path} is no table of angles: its first columns are not time_s and person")
    rows = []
    for number, cells in enumerate(lines, start=2):
        if len(cells) != len(header):
            raise ExchangeError(f"{path} has {len(cells)} cells in line {number}, and {len(header)} columns")
        if cells[1] != person:
            continue
        try:
            rows.append([float(cell) if cell else math.nan for cell in (cells[0], *cells[2:])])
        except ValueError as error:
            raise ExchangeError(f"{path} has a cell that is no number in line {number}: {error}") from error
    return [header[0], *header[2:]], rows


def video_began(video: Mapping[str, object], otherwise: Path) -> tuple[datetime, str]:
    """When a video began, and how that is known.

    Args:
        video: with ``created``, ``path`` and ``duration_s`` as in analysis.json, as far as they are known.
        otherwise: a file whose time is taken where the video's is not there.
    """
    created = time_of(str(video.get("created", "")))
    if created is not None:
        # UTC is what files say that do not know where they are
        known_zone = created.utcoffset() != timedelta(0)
        return created if known_zone else created.astimezone(), "when the video says that it was made"
    try:
        over = _changed(Path(str(video["path"])))
    except (KeyError, OSError, ValueError):
        written = f"when {otherwise.name} was written"
        return _changed(otherwise), f"{written}, for nothing else is known (--started tells it)"
    length = video.get("duration_s")
    seconds = float(length) if isinstance(length, int | float) and 0 <= length <= _LONGEST_S else 0.0
    began = over - timedelta(seconds=seconds)
    return (
        began.astimezone(),
        "when the video's file was written, less its length (--started tells it better)",
    )


def _changed(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime).astimezone()
