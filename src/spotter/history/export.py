"""Everything that is kept, as one JSON file, for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from spotter.coach.plain import plain
from spotter.coach.session import Session
from spotter.history.document import SCHEMA, session_document
from spotter.history.people import read_profile, read_targets
from spotter.history.reading import read_sessions
from spotter.history.tables import PEOPLE, SESSIONS
from spotter.media.writing import GrowingFile

FILE = "history.json"
"""What the JSON file in the folder is called."""

_AT_ONCE = 200  # sessions in memory


def export_json(connection: Connection, folder: Path) -> Path:
    """Write everything into ``history.json``: people with profiles and targets, and whole sessions.

    ``{"schema": 1, "people": [{"name", "profile", "targets"}], "sessions": [SESSION]}``; what is not known
    is null, and a session has the keys of its dataclass. It is written piece by piece, whatever its size.

    Args:
        connection: within one transaction, so that the file is of one moment.
        folder: made if it is not there.

    Returns:
        The file.

    Raises:
        OutputError: it cannot be written; nothing half is left.
    """
    path = folder / FILE
    file = GrowingFile(path)
    try:
        file.write(f'{{"schema": {SCHEMA}, "people": {_json(_people(connection))}, "sessions": [')
        for number, session in enumerate(each_session(connection)):
            file.write((",\n" if number else "\n") + _json(session_document(session)))
        file.write("\n]}\n")
        file.close()
    finally:
        file.discard()
    return path


def each_session(connection: Connection) -> Iterator[Session]:
    """All sessions whole, in order of time, some hundred in memory at once."""
    keys = connection.execute(select(SESSIONS.c.key).order_by(SESSIONS.c.started_us, SESSIONS.c.key))
    chosen = keys.scalars().all()
    for begin in range(0, len(chosen), _AT_ONCE):
        yield from read_sessions(connection, chosen[begin : begin + _AT_ONCE])


def _people(connection: Connection) -> list[dict[str, object]]:
    names = connection.execute(select(PEOPLE.c.name).order_by(PEOPLE.c.name)).scalars().all()
    return [
        {
            "name": name,
            "profile": plain(read_profile(connection, name)),
            "targets": plain(read_targets(connection, name)),
        }
        for name in names
    ]


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False)
