"""Medians, bests among judged repetitions, and what could not be judged, of each session and exercise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; what belongs into it is worked out of the sessions afterwards."""
    op.create_table(
        "figures",
        sa.Column("session", sa.Integer, sa.ForeignKey("sessions.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("exercise", sa.Text, primary_key=True),
        *_floats("median_range_deg", "depth_deg"),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("judged", "most_reps")),
        *_floats("widest_deg", "deepest_deg", "best_score", "heaviest_kg", "longest_hold_s"),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("view", "set_reps", "not_judged")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("figures")


def _floats(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float) for name in names]
