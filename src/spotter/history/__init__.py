"""Sessions that are kept: a database of what people did, SQLite on their own machine or PostgreSQL."""

from __future__ import annotations

from spotter.errors import MissingExtraError

try:
    import sqlalchemy  # noqa: F401  (every module of this folder needs it)
except ImportError as error:
    raise MissingExtraError(
        "keeping sessions needs SQLAlchemy, which is not installed; "
        "install it with: pip install 'spotter-coach[records]'"
    ) from error
