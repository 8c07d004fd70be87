"""From an empty database to people, sessions, sets, repetitions, faults, columns and totals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables; written out, as later changes of tables.py must not change this step."""
    _people()
    _sessions()
    _efforts()
    _numbers()


def downgrade() -> None:
    """Drop all tables."""
    for name in (
        "totals", "columns", "faults", "holds", "reps", "sets", "sessions", "targets", "profiles", "people"
    ):  # fmt: skip
        op.drop_table(name)


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("key", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "profiles",
        _key("person", "people"),
        *_floats("height_cm", "weight_kg"),
        sa.Column("birth_year", sa.Integer),
        sa.Column("handedness", sa.Text),
    )
    op.create_table(
        "targets",
        _key("person", "people"),
        sa.Column("exercise", sa.Text, primary_key=True),
        sa.Column("reps", sa.Integer),
        sa.Column("sets", sa.Integer),
        *_floats("range_deg"),
        sa.Column("sessions_a_week", sa.Integer),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("key", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.key", ondelete="CASCADE"), nullable=False),
        sa.Column("started_us", sa.BigInteger, nullable=False),
        sa.Column("offset_s", sa.Integer, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        *_floats("duration_s", nullable=False),
        *_texts("source", "note", "summary", "not_judged"),
    )
    op.create_index("ix_sessions_person_started_us", "sessions", ["person", "started_us"])
    op.create_index("ix_sessions_started_us", "sessions", ["started_us"])
    op.create_table(
        "sets",
        _key("session", "sessions"),
        *_places("place"),
        *_texts("exercise"),
        *_floats("start_s", "end_s", nullable=False),
        *_floats("weight_kg"),
        *_texts("view"),
        sqlite_with_rowid=False,
    )


def _efforts() -> None:
    op.create_table(
        "reps",
        *_places("session", "set_place", "place"),
        sa.Column("number", sa.Integer, nullable=False),
        *_floats("start_s", "turn_s", "end_s"),
        sa.Column("complete", sa.Boolean, nullable=False),
        *_texts("side"),
        *_floats("range_deg", "out_s", "hold_s", "back_s", "symmetry", "score"),
        _of_set(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "holds",
        *_places("session", "set_place", "place"),
        *_floats("start_s", "end_s"),
        _of_set(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "faults",
        *_places("session", "set_place"),
        sa.Column("of_hold", sa.Boolean, primary_key=True),
        *_places("effort", "place"),
        *_texts("name", "severity", "unit", "cue"),
        *_floats("at_s", "measured", "limit"),
        _of_set(),
        sqlite_with_rowid=False,
    )


def _numbers() -> None:
    op.create_table(
        "columns",
        _key("session", "sessions"),
        *_places("place"),
        *_texts("part", "name"),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "totals",
        _key("person", "people"),
        sa.Column("exercise", sa.Text, primary_key=True),
        sa.Column("started_us", sa.BigInteger, primary_key=True),
        _key("session", "sessions"),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("offset_s", "sets", "reps", "attempts")),
        *_floats("held_s", nullable=False),
        *_floats("best_range_deg", "mean_range_deg", "out_s", "hold_s", "back_s"),
        *_floats("symmetry", "score", "volume_kg"),
        *_texts("faults"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_totals_session", "totals", ["session"])


def _key(name: str, table: str) -> sa.Column[int]:
    owner = sa.ForeignKey(f"{table}.key", ondelete="CASCADE")
    return sa.Column(name, sa.Integer, owner, primary_key=True)


def _places(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, primary_key=True) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _floats(*names: str, nullable: bool = True) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float, nullable=nullable) for name in names]


def _of_set() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["session", "set_place"], ["sets.session", "sets.place"], ondelete="CASCADE"
    )
