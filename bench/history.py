"""Times opening the progress page's data and adding a session, with a database of many years."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, func, insert, select, text
from sqlalchemy import Table as SqlTable

from bench.history_sessions import EXERCISES, made_session, new_id
from bench.machine import load
from bench.material import Material
from bench.table import Cell, Table
from spotter.history.history import History
from spotter.history.progress_document import progress_document
from spotter.history.tables import FAULTS, FIGURES, PEOPLE, REPS, SESSIONS, SETS, TOTALS

_SESSIONS, _QUICK_SESSIONS = 100_000, 2_000
_TEMPLATES = 500  # made one by one, then copied inside the database
_SHARE_OF_THE_BUSIEST = 10  # one in ten sessions is of one and the same person
_TIMES, _ADDED = 20, 100
_WANTED_MS = {"open": "below 200", "add": "below 50"}
_NOW = datetime(2040, 1, 1, tzinfo=UTC)  # the made-up sessions go on for years
_BUSIEST, _OTHER = "person 0", "person 1"


def run(material: Material, quick: bool) -> list[Table]:
    """Milliseconds with 100,000 sessions of 50 repetitions."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "history.db")
        return [timed(path, _QUICK_SESSIONS if quick else _SESSIONS)]


def timed(path: Path, sessions: int) -> Table:
    """Fill a database and time it.

    Args:
        path: a SQLite file that is not there yet.
        sessions: a multiple of 500.
    """
    began = time.perf_counter()
    fill(path, sessions)
    filling_s = time.perf_counter() - began

    def page(person: str) -> None:
        with History.open(path) as history:
            for exercise in EXERCISES:
                history.progress(person, exercise)

    rows = [
        _row(f"open, progress of {_OTHER}, all exercises", _times(lambda: page(_OTHER)), "open"),
        _row(f"open, progress of {_BUSIEST} (a tenth of all)", _times(lambda: page(_BUSIEST)), "open"),
    ]
    with History.open(path) as history:
        whole = _times(lambda: progress_document(history.person_progress(_OTHER, now=_NOW)))
        rows.append(_row(f"all of the progress page of {_OTHER}, with trends", whole, "open"))
        rows.append(_row("the 50 newest sessions", _times(lambda: history.find(limit=50)), "open"))
        made = [made_session(new_id(), _OTHER, day=1000 + row) for row in range(_ADDED)]
        left = iter(made)
        rows.append(_row("adding a session of 50", _times(lambda: history.add(next(left)), _ADDED), "add"))
        count = len(history.progress(_BUSIEST, EXERCISES[0]))
    return Table(
        name="history",
        title=f"Milliseconds, with {sessions:,} sessions and {sessions * 50:,} repetitions on SQLite",
        columns=("what", "median", "worst", "of the processor", "wanted"),
        rows=tuple(rows),
        notes=(
            f"{path.stat().st_size / 2**20:.0f} MB, filled in {filling_s:.0f} s",
            f"{_BUSIEST} has {count:,} sessions with {EXERCISES[0]}",
            "libraries were imported before; a session is confirmed when the disk has it",
            load(),
        ),
    )


def fill(path: Path, sessions: int) -> None:
    """Write some hundred sessions, then copy them within the database, as other sessions of other people."""
    if sessions % _TEMPLATES:
        raise ValueError(f"{sessions} is no multiple of {_TEMPLATES}")
    copies = sessions // _TEMPLATES
    busiest = max(1, copies // _SHARE_OF_THE_BUSIEST)
    with History.open(path) as history:
        for row in range(_TEMPLATES):
            history.add(made_session(new_id(), _BUSIEST, day=row))
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            for copy in range(1, copies):
                _copy(connection, copy, max(0, copy - busiest + 1))
        _tidy(engine)
    finally:
        engine.dispose()


def _copy(connection: Connection, copy: int, person: int) -> None:
    """All templates once more, an hour later for each copy, as those of a person by number."""
    name = f"person {person}"
    key = connection.execute(select(PEOPLE.c.key).where(PEOPLE.c.name == name)).scalar()
    if key is None:
        key = connection.execute(insert(PEOPLE).values(name=name).returning(PEOPLE.c.key)).scalar_one()
    shift, later_us = copy * _TEMPLATES, copy * 3_600_000_000
    for table in (SESSIONS, SETS, REPS, FAULTS, TOTALS, FIGURES):
        changed = {
            "key": SESSIONS.c.key + shift,
            "id": func.lower(func.hex(func.randomblob(16))),
            "person": key,
            "started_us": table.c.started_us + later_us if "started_us" in table.c else None,
            "session": table.c.session + shift if "session" in table.c else None,
        }
        _copy_rows(connection, table, changed)


def _copy_rows(connection: Connection, table: SqlTable, changed: dict[str, object]) -> None:
    owner = table.c.key if table is SESSIONS else table.c.session
    columns = [changed.get(column.name, column) for column in table.c]
    chosen = select(*columns).where(owner <= _TEMPLATES)  # type: ignore[call-overload]
    connection.execute(insert(table).from_select([column.name for column in table.c], chosen))


def _tidy(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


def _times(what: Callable[[], object], count: int = _TIMES) -> list[tuple[float, float]]:
    """Milliseconds on the clock, and of the processor: the two differ where others use it too."""
    times = []
    for _ in range(count):
        began, busy = time.perf_counter(), time.process_time()
        what()
        times.append(((time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000))
    return times


def _row(what: str, times: list[tuple[float, float]], wanted: str) -> tuple[Cell, ...]:
    clock, processor = zip(*times, strict=True)
    return (what, statistics.median(clock), max(clock), statistics.median(processor), _WANTED_MS[wanted])
