"""Where sessions go when their analysis is done: the history, and a folder that other programs watch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from spotter.coach.analysis import Analysis
from spotter.coach.session import Session
from spotter.errors import SpotterError, UsageError
from spotter.settings import DropFormat, Settings

_NEEDED = ("sqlalchemy", "alembic")  # by the history
_MOST_KG = 2_000


@dataclass(frozen=True, slots=True)
class Records:
    """Where sessions go, and what of them only the user knows.

    Attributes:
        name: whose they are.
        weights_kg: of each set in turn; the last one goes on for those that follow.
        started: when the session began, with a time zone; None to find it out.
        history: whether they are added to the history.
        database: of the history; the user's own one if None.
        drop: folder for a file of each; None for none.
        drop_format: the kind of that file.

    Raises:
        UsageError: the name is empty, or a weight is none.
    """

    name: str = "me"
    weights_kg: tuple[float, ...] = ()
    started: datetime | None = None
    history: bool = True
    database: str | None = None
    drop: Path | None = None
    drop_format: DropFormat = "fit"

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise UsageError("the person has no name; give one with --name")
        for weight in self.weights_kg:
            if not (math.isfinite(weight) and 0 <= weight <= _MOST_KG):
                raise UsageError(f"--weight is {weight:g}; give kilograms from 0 to {_MOST_KG}")


NOWHERE = Records(history=False)
"""Sessions are not kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one session.

    Attributes:
        session: who did what, when.
        when: how it is known when it began, such as ``"as given"``.
        in_history: whether it is in the history now.
        before: whether the recording was there before.
        dropped: its file for other programs; None where none was wanted or it failed.
        problems: why something that was wanted failed.
    """

    session: Session
    when: str
    in_history: bool = False
    before: bool = False
    dropped: Path | None = None
    problems: tuple[SpotterError, ...] = ()


def choose(
    settings: Settings,
    *,
    name: str | None = None,
    weights_kg: tuple[float, ...] = (),
    started: datetime | None = None,
    history: bool | None = None,
    database: str | None = None,
    drop: Path | None = None,
    drop_format: DropFormat | None = None,
) -> Records:
    """Where sessions go by what was asked for now and, where nothing was, by the settings.

    The drop folder of the settings gets the sessions of the settings' person only, and none that the history
    is not to have.

    Args:
        settings: of the user.
        name, weights_kg, started, history, database, drop, drop_format: as in `Records`; None for not said.

    Raises:
        UsageError: a database is named, and nothing is to be kept; or a value is wrong.
        MissingExtraError: what was asked for now needs an extra.

    >>> choose(Settings(person="Ada", drop=Path("/inbox")), name="Eve").drop is None
    True
    """
    if database is not None and history is False:
        raise UsageError("--no-history and --database were both given; leave one of them out")
    if history or database is not None:
        import_module("spotter.history")  # which says what is missing
    own = history is not False and name in (None, settings.person)
    records = Records(
        name=settings.person if name is None else name,
        weights_kg=weights_kg,
        started=started,
        history=database is not None or (settings.keep if history is None else history),
        database=settings.database if database is None else database,
        drop=settings.drop if drop is None and own else drop,
        drop_format=settings.drop_format if drop_format is None else drop_format,
    )
    if records.drop is not None and records.drop_format == "fit":
        from spotter.exchange.extras import records_extra

        with records_extra("writing FIT"):
            import_module("garmin_fit_sdk")  # before the work, not after it
    return records


def history_installed() -> bool:
    """Whether the libraries that the history needs are there."""
    return all(find_spec(name) is not None for name in _NEEDED)


def is_session(analysis: Analysis) -> bool:
    """Whether anything was counted or held.

    >>> from spotter.coach.analysis import ExerciseFound
    >>> is_session(Analysis({}, ExerciseFound(None, "recognised", 0.1), ()))
    False
    """
    return analysis.exercise.name is not None and any(one.count or one.holds for one in analysis.people)


def keep(folder: Path, records: Records, since_s: float = 0.0) -> Kept:
    """Hand the session that an analysis left behind on to where it is wanted.

    One that fails does not stop the other; what the analysis wrote stays whatever happens.

    Args:
        folder: what the analysis left behind.
        records: where to.
        since_s: from when on the recording was analysed, in seconds.

    Raises:
        ExchangeError: nobody did an exercise there.
    """
    from spotter.exchange.session_source import session_from

    found = session_from(folder, started=records.started, name=records.name, weights_kg=records.weights_kg)
    session, problems = found.session, list[SpotterError]()
    before: bool | None = None
    dropped: Path | None = None
    if records.history and history_installed():
        with _noted(problems):
            before = _put(session, records.database, since_s)
    if records.drop is not None:
        with _noted(problems):
            dropped = _drop(session, records.drop, records.drop_format)
    return Kept(session, found.when, before is not None, bool(before), dropped, tuple(problems))


def _put(session: Session, database: str | None, since_s: float) -> bool:
    from spotter.history.history import History

    with History.open(database) as history:
        return history.put(session, since_s)


def _drop(session: Session, folder: Path, kind: DropFormat) -> Path:
    from spotter.exchange.drop import drop

    return drop(session, folder, kind)


@contextmanager
def _noted(problems: list[SpotterError]) -> Iterator[None]:
    """What goes wrong inside is noted, and what follows is done all the same."""
    try:
        yield
    except SpotterError as error:
        problems.append(error)
