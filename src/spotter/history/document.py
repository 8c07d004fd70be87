"""A session as a JSON document, with the keys of analysis.json where they say the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from spotter.coach.session import Session
from spotter.history.listing import Entry

SCHEMA = 1
"""Version of the form of the documents; it grows when a key changes its meaning or goes."""


def session_document(session: Session) -> dict[str, Any]:
    """A whole session, ready for ``json.dumps``: what is not known is null, ``started`` is in ISO 8601.

    >>> from datetime import UTC, datetime
    >>> document = session_document(Session("a", "Ada", datetime(2026, 5, 4, tzinfo=UTC), math.nan, ()))
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


def plain(value: Any) -> Any:
    """Only what JSON has: arrays and dataclasses taken apart, None for every number that is not finite.

    >>> plain({"range_deg": np.array([90, np.nan], np.float32), "sets": (1, 2)})
    {'range_deg': [90.0, None], 'sets': [1, 2]}
    """
    if is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
