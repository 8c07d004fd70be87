"""Options that say when something was."""

from __future__ import annotations

from datetime import datetime

from spotter.errors import UsageError


def moment_of(option: str, text: str | None) -> datetime | None:
    """A time as a user writes it; without a zone it is by this machine's clock.

    Args:
        option: as the user writes it, such as ``"--started"``.
        text: in ISO 8601; None for not said.

    Raises:
        UsageError: it is no time.

    >>> moment_of("--started", "2026-05-04T18:30+02:00").isoformat()
    '2026-05-04T18:30:00+02:00'
    """
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
        return given if given.tzinfo is not None else given.astimezone()
    except (ValueError, OverflowError) as error:  # the second one near the calendar's ends
        raise UsageError(f"{option} is {text!r}; give a time such as 2026-05-04T18:30") from error
