"""A session as a JSON document, with the keys of analysis.json where they say the same."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from spotter.coach.plain import plain
from spotter.coach.session import Session
from spotter.history.listing import Entry

SCHEMA = 1
"""Version of the form of the documents; it grows when a key changes its meaning or goes."""


def session_document(session: Session) -> dict[str, Any]:
    """A whole session, ready for ``json.dumps``: what is not known is null, ``started`` is in ISO 8601.

    >>> from datetime import UTC, datetime
    >>> document = session_document(Session("a", "Ada", datetime(2026, 5, 4, tzinfo=UTC), float("nan"), ()))
    >>> document["started"], document["duration_s"]
    ('2026-05-04T00:00:00+00:00', None)
    """
    fields = {name: getattr(session, name) for name in session.__dataclass_fields__}
    zone = getattr(session.started.tzinfo, "key", None)
    document: dict[str, Any] = plain({**fields, "started": session.started.isoformat(), "zone": zone})
    return document


def entry_document(entry: Entry) -> dict[str, Any]:
    """A session of a list, ready for ``json.dumps``."""
    document: dict[str, Any] = plain({**asdict(entry), "started": entry.started.isoformat()})
    return document
