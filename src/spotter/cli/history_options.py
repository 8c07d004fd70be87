"""Options that the commands of ``spotter history`` share, and how they open the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from spotter.errors import UsageError

if TYPE_CHECKING:
    from spotter.history.history import History

Database = Annotated[
    str | None,
    typer.Option(
        help="A SQLite file, or postgresql+psycopg://USER:PASSWORD@HOST/NAME; else that of the settings.",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Id = Annotated[str, typer.Argument(help="A session's id, or its beginning.", metavar="ID")]
Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="By this machine's clock.", show_default=False),
]


@contextmanager
def opened(database: str | None) -> Iterator[History]:
    """The history that an option or the settings name."""
    from spotter.history.history import History
    from spotter.settings import load_settings

    with History.open(load_settings().database if database is None else database) as history:
        yield history


def whose(history: History, person: str | None) -> str:
    """Who is meant: who was named, else who the settings say, else the only one there is.

    Raises:
        UsageError: nobody was named and there are several, or there is nobody yet.
    """
    from spotter.settings import load_settings

    if person is not None:
        return person
    people = history.people()
    own = load_settings().person
    if own in people:
        return own
    if len(people) == 1:
        return people[0]
    if people:
        raise UsageError(f"several people are kept; name one with --person: {', '.join(people)}")
    raise UsageError(
        "no session is kept yet; spotter history add FOLDER keeps what spotter analyze left behind"
    )


def local(moment: datetime | None) -> datetime | None:
    """A moment by this machine's clock, with its time zone.

    Raises:
        UsageError: it lies at an end of the calendar, where UTC has no such day.
    """
    try:
        return None if moment is None else moment.astimezone()
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{moment} has no local time; give a day from 1900 to 2199") from error
