"""Text as every database takes it."""

from __future__ import annotations

import re

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class Words(TypeDecorator[str]):
    """A column of text; what UTF-8 or PostgreSQL cannot say becomes U+FFFD, on the way in and in questions.

    That is the character 0, and half characters: Python reads them out of file names that are no UTF-8.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What is handed to the database."""
        if value is None or value.isprintable():  # nearly always, and quick
            return value
        return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", value)
