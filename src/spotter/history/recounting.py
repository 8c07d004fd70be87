"""Works out again what is kept beside the sessions, when a new version works it out in another way."""

from __future__ import annotations

from sqlalchemy import Connection, Table, delete, insert, select

from spotter.history.reading import read_sessions
from spotter.history.rows import Row, derived_rows, owned
from spotter.history.tables import SESSIONS

_AT_ONCE = 200  # sessions in memory


def recount(connection: Connection) -> None:
    """Put totals and figures of all sessions in place of those that are there.

    Args:
        connection: within the transaction of the migration; a thousand sessions take some seconds.
    """
    keys = connection.execute(select(SESSIONS.c.key, SESSIONS.c.person).order_by(SESSIONS.c.key)).all()
    for begin in range(0, len(keys), _AT_ONCE):
        part = keys[begin : begin + _AT_ONCE]
        rows: dict[Table, list[Row]] = {}
        for row, session in zip(part, read_sessions(connection, [row.key for row in part]), strict=True):
            for table, derived in derived_rows(session).items():
                rows.setdefault(table, []).extend(owned(table, derived, row.key, row.person))
        for table, content in rows.items():
            connection.execute(delete(table).where(table.c.session.in_([row.key for row in part])))
            if content:
                connection.execute(insert(table), content)
