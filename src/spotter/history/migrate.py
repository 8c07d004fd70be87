"""Brings a database to the newest version of its tables, with Alembic, when it is opened."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table, text

from spotter.errors import HistoryError
from spotter.history.engine import Database
from spotter.history.recounting import recount
from spotter.history.tables import METADATA

HEAD = "0002"
"""The newest version, the name of the last file in migrations/versions."""

_FOLDER = Path(__file__).parent / "migrations"
_VERSION = table("alembic_version", column("version_num"))
_LOCK = 5_707_687_037  # any number; the same for all who migrate
_ALEMBIC = threading.Lock()  # its operations go to one database at a time, whoever began last in this process


def migrate(database: Database) -> None:
    """Bring the tables to the newest version, all steps in one transaction; one writer at a time.

    Raises:
        HistoryError: they are of a newer version, or of another program.
        sqlalchemy.exc.SQLAlchemyError: the database does not let us.
    """
    with database.reading.begin() as connection:
        if _version(connection) == HEAD:  # nearly always; Alembic is not even imported
            return
    with database.writing.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        version = _version(connection)  # another process may have been faster
        if version != HEAD:
            _upgrade(connection, version, database.place)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    found = connection.execute(select(_VERSION.c.version_num)).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection, version: str | None, place: str) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext, RevisionStep
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(_FOLDER))
    if version is None and (foreign := inspect(connection).get_table_names()):
        raise HistoryError(
            f"{place} holds tables of another program ({foreign[0]}); nothing was changed, "
            "name an empty or a new database"
        )
    if version is not None and version not in {one.revision for one in scripts.walk_revisions()}:
        raise HistoryError(
            f"{place} is of version {version}, and this Spotter knows versions up to {HEAD}; "
            "nothing was changed, update Spotter: pip install -U 'spotter-coach[records]'"
        )

    def steps(_current: object, _context: MigrationContext) -> list[RevisionStep]:
        missing = list(scripts.iterate_revisions(HEAD, version or "base"))
        return [RevisionStep(scripts.revision_map, one, True) for one in reversed(missing)]

    context = MigrationContext.configure(connection, opts={"fn": steps, "target_metadata": METADATA})
    with _ALEMBIC, Operations.context(context):
        context.run_migrations()
    recount(connection)  # what is worked out of the sessions is as this version works it out
