"""Finding sessions: light entries that leave repetitions and angles where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from spotter.errors import UsageError
from spotter.history.instants import microseconds, restored
from spotter.history.rows import grouped
from spotter.history.tables import PEOPLE, SESSIONS, TOTALS

_LARGEST = 2**31 - 1  # that every database counts to


@dataclass(frozen=True, slots=True)
class Entry:
    """A session in a list.

    Attributes:
        id, person, started, duration_s, source, note: as the session's.
        reps: exercise to how many complete repetitions.
        held_s: exercise to how many seconds were held, where any were.
    """

    id: str
    person: str
    started: datetime
    duration_s: float
    source: str
    note: str
    reps: Mapping[str, int]
    held_s: Mapping[str, float]


def find_entries(
    connection: Connection,
    person: str | None,
    exercise: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
) -> tuple[Entry, ...]:
    """Sessions, the newest first; of those that began at the same moment, the one added last.

    Args:
        connection: within one transaction.
        person, exercise: only theirs, if not None.
        since, until: with a time zone; begun at or after the one, before the other.
        limit: at most so many.

    Raises:
        UsageError: a moment has no time zone.
    """
    chosen = select(SESSIONS, PEOPLE.c.name.label("who")).join(PEOPLE, PEOPLE.c.key == SESSIONS.c.person)
    if person is not None:
        chosen = chosen.where(PEOPLE.c.name == person)
    if exercise is not None:
        chosen = chosen.where(
            select(TOTALS.c.session)
            .where(TOTALS.c.session == SESSIONS.c.key, TOTALS.c.exercise == exercise)
            .exists()
        )
    if since is not None:
        chosen = chosen.where(SESSIONS.c.started_us >= _moment("since", since))
    if until is not None:
        chosen = chosen.where(SESSIONS.c.started_us < _moment("until", until))
    most = None if limit is None else min(limit, _LARGEST)
    chosen = chosen.order_by(SESSIONS.c.started_us.desc(), SESSIONS.c.key.desc()).limit(most)
    found = chosen.subquery()
    columns = (TOTALS.c.session, TOTALS.c.exercise, TOTALS.c.reps, TOTALS.c.held_s)
    totals = connection.execute(
        select(*columns).join(found, found.c.key == TOTALS.c.session).order_by(TOTALS.c.exercise)
    )
    by_session = grouped(totals, "session")
    return tuple(
        Entry(
            row.id,
            row.who,
            restored(row.started_us, row.offset_s, row.zone),
            row.duration_s,
            row.source,
            row.note,
            {total.exercise: total.reps for total in by_session[(row.key,)]},
            {total.exercise: total.held_s for total in by_session[(row.key,)] if total.held_s},
        )
        for row in connection.execute(chosen)
    )


def _moment(what: str, moment: datetime) -> int:
    if moment.utcoffset() is None:
        raise UsageError(f"{what} is {moment.isoformat()}, which says no time zone; give one")
    return microseconds(moment)
