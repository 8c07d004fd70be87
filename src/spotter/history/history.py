"""The history: every session that was kept, in one database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, insert, select

from spotter.coach.session import Session
from spotter.errors import SessionNotFoundError
from spotter.history import copying, deletion, people, replacing
from spotter.history.engine import Database, connect
from spotter.history.integrity import check, prepare_file
from spotter.history.listing import Entry, find_entries
from spotter.history.migrate import migrate
from spotter.history.month import MonthSummary, read_month
from spotter.history.people import Profile, Target
from spotter.history.person_progress import PersonProgress, read_person_progress
from spotter.history.problems import told
from spotter.history.progress import Progress, read_progress
from spotter.history.reading import read_sessions
from spotter.history.rows import owned, rows_below, session_row
from spotter.history.tables import PEOPLE, SESSIONS

PATIENCE_S = 10.0
"""How long to wait for other writers."""


class History:
    """Sessions, people, profiles and targets in SQLite or PostgreSQL.

    Each method is one transaction: done for good when it returns, not done at all when it raises. It may be
    used by several threads, and the database by several programs.

    Example:

    >>> import tempfile
    >>> from datetime import UTC
    >>> folder = tempfile.TemporaryDirectory()
    >>> with History.open(Path(folder.name, "history.db")) as history:
    ...     history.add(Session("one", "Ada", datetime(2026, 5, 4, 18, tzinfo=UTC), 600.0, ()))
    ...     [entry.person for entry in history.find()]
    True
    ['Ada']
    >>> folder.cleanup()
    """

    def __init__(self, database: Database, wait_s: float) -> None:
        self._database = database
        self._wait_s = wait_s

    @classmethod
    def open(cls, url_or_path: str | Path | None = None, *, wait_s: float = PATIENCE_S) -> Self:
        """Open a database, looked at and brought to the newest version; it is made if it is not there.

        Args:
            url_or_path: path of a SQLite file, or ``postgresql+psycopg://USER:PASSWORD@HOST/NAME``; the
                user's own one if None: ``history.db`` in ``$SPOTTER_DATA`` or else in Spotter's data folder.
            wait_s: how long to wait for other writers, in seconds.

        Raises:
            HistoryError: it is locked, read-only, damaged, of a newer version or another program's, or cannot
                be reached.
            MissingExtraError: PostgreSQL without psycopg.
        """
        database = connect(url_or_path, wait_s)
        try:
            with told(database.place):
                if database.path is not None:
                    prepare_file(database.path, wait_s)
                migrate(database)
        except BaseException:
            database.reading.dispose()
            raise
        return cls(database, wait_s)

    @property
    def place(self) -> str:
        """Path or address of the database, without a password."""
        return self._database.place

    def close(self) -> None:
        """Close all connections; closing twice does no harm."""
        self._database.reading.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, session: Session) -> bool:
        """Keep a session; when this returns, it survives a power cut.

        Returns:
            False if one of that id is there already; that one stays as it is.

        Raises:
            HistoryError: it ends before it begins, or the database fails; nothing of it is kept then.
            UsageError: its person has no name.
        """
        head, below = session_row(session), rows_below(session)  # before others have to wait
        with self._writing() as connection:
            person = people.person_key(connection, session.person)
            key = people.upsert(connection, SESSIONS, ["id"], {**head, "person": person})
            if key is None:
                connection.rollback()  # the person may be new
                return False
            for table, rows in below.items():
                connection.execute(insert(table), owned(table, rows, key, person))
        return True

    def put(self, session: Session, since_s: float = 0.0) -> bool:
        """Keep a session of a recording that may have been analysed before; see ``add``.

        A person has one session of a recording, told by its beginning and source. From ``since_s`` to the end
        of the new session the new one counts, whatever exercise was found before. What lies outside stays, as
        do weights, heart rate and note where the new one does not say them.

        Args:
            session: what was found now.
            since_s: from when on the recording was looked at, in seconds.

        Returns:
            Whether the recording was kept before.

        Raises:
            HistoryError: it ends before it begins, or the database fails; what was there stays then.
            UsageError: its person has no name.
        """
        session_row(session)  # a session with wrong times is refused as it is, before it is joined to others
        with self._writing() as connection:
            person = people.person_key(connection, session.person)
            earlier = replacing.earlier_ones(connection, session, person)
            whole = replacing.joined(session, earlier, since_s)
            for old in earlier:
                deletion.delete_session(connection, old.id)
            head = {**session_row(whole), "person": person}
            key = connection.execute(insert(SESSIONS).values(head).returning(SESSIONS.c.key)).scalar_one()
            for table, rows in rows_below(whole).items():
                connection.execute(insert(table), owned(table, rows, key, person))
        return bool(earlier)

    def get(self, id: str) -> Session:
        """A whole session.

        Args:
            id: its id, or a beginning of it that no other one has.

        Raises:
            SessionNotFoundError: there is none, or several begin like that.
        """
        with self._reading() as connection:
            key, _ = self._found(connection, id)
            return read_sessions(connection, [key])[0]

    def find(
        self,
        person: str | None = None,
        exercise: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> tuple[Entry, ...]:
        """Sessions without their repetitions, the newest first.

        Args:
            person, exercise: only theirs, if not None.
            since, until: with a time zone; begun at or after the one, before the other.
            limit: at most so many.

        Raises:
            UsageError: a moment has no time zone.
        """
        with self._reading() as connection:
            return find_entries(connection, person, exercise, since, until, limit)

    def progress(self, person: str, exercise: str) -> Progress:
        """How a person came along in an exercise, a row a session; empty where there are none."""
        with self._reading() as connection:
            return read_progress(connection, person, exercise)

    def person_progress(
        self,
        person: str,
        exercise: str | None = None,
        since: date | None = None,
        now: datetime | None = None,
    ) -> PersonProgress:
        """How a person came along: measures with their trends, faults, weeks and records, by exercise.

        Args:
            person: who.
            exercise: only this one, if not None.
            since: sessions before are not shown, but their records count; None for all.
            now: with a time zone; this machine's clock if None. Sessions from the future are left out.

        Raises:
            UsageError: there is no such person, or no session of theirs with that exercise.

        Example::

            progress_document(history.person_progress("Ada"))
        """
        with self._reading() as connection:
            return read_person_progress(connection, person, exercise, since, now)

    def month(
        self, month: str | None = None, people: Sequence[str] = (), now: datetime | None = None
    ) -> MonthSummary:
        """A month of several people side by side.

        Args:
            month: such as ``"2026-10"``; this month if None.
            people: who, in this order; all people if empty.
            now: with a time zone; this machine's clock if None.

        Raises:
            UsageError: there is no such person, or the month is none or has not begun.
        """
        with self._reading() as connection:
            return read_month(connection, month, people, now)

    def people(self) -> tuple[str, ...]:
        """Names of all people, in alphabetical order."""
        with self._reading() as connection:
            return tuple(sorted(connection.execute(select(PEOPLE.c.name)).scalars()))

    def profile(self, person: str) -> Profile:
        """What is known of a person."""
        with self._reading() as connection:
            return people.read_profile(connection, person)

    def set_profile(self, person: str, profile: Profile) -> None:
        """Keep what is known of a person, in place of what was."""
        with self._writing() as connection:
            people.write_profile(connection, person, profile)

    def targets(self, person: str) -> Mapping[str, Target]:
        """Exercise to what a person aims at in it."""
        with self._reading() as connection:
            return people.read_targets(connection, person)

    def set_target(self, person: str, exercise: str, target: Target | None) -> None:
        """Keep what a person aims at in an exercise, in place of what was; None ends it."""
        with self._writing() as connection:
            people.write_target(connection, person, exercise, target)

    def delete(self, id: str) -> str:
        """Delete a session with all that belongs to it.

        Args:
            id: its id, or a beginning of it that no other one has.

        Returns:
            Its id.

        Raises:
            SessionNotFoundError: there is none, or several begin like that.
        """
        with self._writing() as connection:
            _, whole = self._found(connection, id)
            deletion.delete_session(connection, whole)
        return whole

    def delete_person(self, name: str) -> bool:
        """Delete a person and every trace: sessions, profile, targets.

        The database's files are written anew without them. Backups are their keeper's, and so is what a
        server notes of its changes for a while.

        Returns:
            Whether there was one of that name.

        Raises:
            HistoryError: the disk is full or another program reads, so that traces are left; delete it again.
        """
        with self._writing() as connection:
            there = deletion.delete_person(connection, name)
        deletion.scrub(self._database, self._wait_s)
        return there

    def backup(self, path: Path) -> None:
        """Copy everything into one SQLite file, whole or not at all; the same for SQLite and PostgreSQL."""
        copying.backup(self._database, path, self._wait_s)

    def restore(self, path: Path) -> None:
        """Put what a backup holds in place of everything, whole or not at all.

        Raises:
            MediaNotFoundError: there is no such file.
            HistoryError: it is damaged, no backup or of a newer version; nothing is changed then.
        """
        copying.restore(self._database, path, self._wait_s)

    def export_json(self, folder: Path) -> Path:
        """Write everything into one JSON file in a folder; returns the file."""
        from spotter.history.export import export_json

        with self._reading() as connection:
            return export_json(connection, folder)

    def export_parquet(self, folder: Path) -> tuple[Path, ...]:
        """Write everything into Parquet files in a folder, one a table; returns the files."""
        from spotter.history.export_parquet import export_parquet

        with self._reading() as connection:
            return export_parquet(connection, folder)

    def check(self) -> None:
        """Look at every page of a SQLite file, which takes seconds for a large one; a server does so itself.

        Raises:
            HistoryError: something is damaged.
        """
        if self._database.path is not None:
            with told(self.place), closing(sqlite3.connect(self._database.path)) as connection:
                check(connection, self.place)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told(self.place), self._database.reading.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with told(self.place), self._database.writing.begin() as connection:
            yield connection

    def _found(self, connection: Connection, beginning: str) -> tuple[int, str]:
        """Key and id of the session whose id begins like that."""
        begins = SESSIONS.c.id.startswith(beginning, autoescape=True)
        exact_first = select(SESSIONS.c.key, SESSIONS.c.id).order_by(
            SESSIONS.c.id != beginning, SESSIONS.c.id
        )
        rows = connection.execute(exact_first.where(begins).limit(2)).all()
        if not rows or not beginning:
            raise SessionNotFoundError(
                f"no session begins with {beginning!r}; spotter history list shows which there are"
            )
        if len(rows) > 1 and rows[0].id != beginning:
            raise SessionNotFoundError(
                f"several sessions begin with {beginning!r}, such as {rows[0].id} and {rows[1].id}; "
                "give more of it"
            )
        return rows[0].key, rows[0].id
