"""The tables of the database: people, sessions, sets, repetitions, faults, columns of numbers, totals."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from spotter.history.words import Words

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables, with the same names of constraints on every database.

Unknown numbers are NULL: SQLite has no NaN. What belongs to a session lies side by side in its tables
(``WITHOUT ROWID``), so that reading and deleting a session touches few pages.
"""


def _of_session() -> Column[int]:
    return Column("session", Integer, ForeignKey("sessions.key", ondelete="CASCADE"), primary_key=True)


def _of_person() -> Column[int]:
    return Column("person", Integer, ForeignKey("people.key", ondelete="CASCADE"), primary_key=True)


def _place(name: str = "place") -> Column[int]:
    """Position in an order, from 0."""
    return Column(name, Integer, primary_key=True)


def _of_set() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["session", "set_place"], ["sets.session", "sets.place"], ondelete="CASCADE")


def _seconds(*names: str) -> list[Column[float]]:
    return [Column(name, Float, nullable=False) for name in names]


def _floats(*names: str) -> list[Column[float]]:
    """Numbers that may be unknown."""
    return [Column(name, Float) for name in names]


PEOPLE = Table(
    "people",
    METADATA,
    Column("key", Integer, primary_key=True),
    Column("name", Words, nullable=False, unique=True),
)

PROFILES = Table(
    "profiles",
    METADATA,
    _of_person(),
    *_floats("height_cm", "weight_kg"),
    Column("birth_year", Integer),
    Column("handedness", Words),
)

TARGETS = Table(
    "targets",
    METADATA,
    _of_person(),
    Column("exercise", Words, primary_key=True),
    Column("reps", Integer),
    Column("sets", Integer),
    *_floats("range_deg"),
    Column("sessions_a_week", Integer),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("key", Integer, primary_key=True),
    Column("id", Words, nullable=False, unique=True),
    Column("person", Integer, ForeignKey("people.key", ondelete="CASCADE"), nullable=False),
    Column("started_us", BigInteger, nullable=False),  # since 1970 in UTC
    Column("offset_s", Integer, nullable=False),  # local time minus UTC, as it was then
    Column("zone", Words, nullable=False),  # such as Europe/Berlin; empty where only the offset is known
    *_seconds("duration_s"),
    *(Column(name, Words, nullable=False) for name in ("source", "note", "summary", "not_judged")),
    Index(None, "person", "started_us"),
    Index(None, "started_us"),
)

SETS = Table(
    "sets",
    METADATA,
    _of_session(),
    _place(),
    Column("exercise", Words, nullable=False),
    *_seconds("start_s", "end_s"),
    *_floats("weight_kg"),
    Column("view", Words, nullable=False),
    sqlite_with_rowid=False,
)

REPS = Table(
    "reps",
    METADATA,
    *(_place(name) for name in ("session", "set_place", "place")),
    Column("number", Integer, nullable=False),
    *_floats("start_s", "turn_s", "end_s"),
    Column("complete", Boolean, nullable=False),
    Column("side", Words, nullable=False),
    *_floats("range_deg", "out_s", "hold_s", "back_s", "symmetry", "score"),
    _of_set(),
    sqlite_with_rowid=False,
)

HOLDS = Table(
    "holds",
    METADATA,
    *(_place(name) for name in ("session", "set_place", "place")),
    *_floats("start_s", "end_s"),
    _of_set(),
    sqlite_with_rowid=False,
)

FAULTS = Table(
    "faults",
    METADATA,
    *(_place(name) for name in ("session", "set_place")),
    Column("of_hold", Boolean, primary_key=True),
    _place("effort"),  # place of its repetition or of its hold
    _place(),
    *(Column(name, Words, nullable=False) for name in ("name", "severity", "unit", "cue")),
    *_floats("at_s", "measured", "limit"),
    _of_set(),
    sqlite_with_rowid=False,
)

COLUMNS = Table(
    "columns",
    METADATA,
    _of_session(),
    _place(),
    Column("part", Words, nullable=False),  # angles.time, .values or .sd, heart_rate or its .source
    Column("name", Words, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

TOTALS = Table(
    "totals",
    METADATA,
    _of_person(),
    Column("exercise", Words, primary_key=True),
    Column("started_us", BigInteger, primary_key=True),
    _of_session(),
    Column("offset_s", Integer, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("sets", "reps", "attempts")),
    *_seconds("held_s"),
    *_floats("best_range_deg", "mean_range_deg", "out_s", "hold_s", "back_s"),
    *_floats("symmetry", "score", "volume_kg"),
    Column("faults", Words, nullable=False),
    Index(None, "session"),
    sqlite_with_rowid=False,
)
"""A row a session and exercise, in the order in which progress is read."""

FIGURES = Table(
    "figures",
    METADATA,
    _of_session(),
    Column("exercise", Words, primary_key=True),
    *_floats("median_range_deg", "depth_deg"),
    Column("judged", Integer, nullable=False),
    Column("most_reps", Integer, nullable=False),
    *_floats("widest_deg", "deepest_deg", "best_score", "heaviest_kg", "longest_hold_s"),
    *(Column(name, Words, nullable=False) for name in ("view", "set_reps", "not_judged")),
    sqlite_with_rowid=False,
)
"""More of the same, beside the totals because lists of sessions do without it."""
