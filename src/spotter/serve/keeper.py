"""Keeps finished live sessions where the settings say, or in a file of their own where the history fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spotter.coach.session import Session
from spotter.errors import SpotterError
from spotter.exchange.session_json import write_session
from spotter.records import choose
from spotter.settings import load_settings

if TYPE_CHECKING:
    from spotter.history.history import History
    from spotter.settings import DropFormat

_PATIENCE_S = 2.0  # for other writers; the server may have to end meanwhile
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a session.

    Attributes:
        session: its id in the history; None if it is not there.
        why: why it is not there; None if it is.
    """

    session: str | None
    why: str | None


class SessionKeeper:
    """Opens the history when it is first wanted, and keeps sessions in it.

    Args:
        database: as of ``History.open``; what the settings say if None.
        folder: for sessions that the history did not take, one JSON file each.
    """

    def __init__(self, database: str | None, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._history: History | None = None
        self._opening = threading.Lock()
        self._writer = ThreadPoolExecutor(1, "spotter-keeper")

    def prepare(self) -> None:
        """Open the history, if sessions go there, so that the end of the first one does not wait for it.

        Raises:
            SpotterError: as ``history``.
        """
        if load_settings().keep:
            self.history()

    def history(self) -> History:
        """The open history; it may be used by several threads.

        Raises:
            MissingExtraError: the library for it is not installed.
            HistoryError: it cannot be opened; the next call tries again.
            UsageError: the settings cannot be read.
        """
        from spotter.history.history import History

        with self._opening:
            if self._history is None:
                database = self._database or load_settings().database
                self._history = History.open(database, wait_s=_PATIENCE_S)
            return self._history

    def keep(self, session: Session | None) -> Kept:
        """Keep a session; where the history fails, in a file that ``spotter history add`` takes later."""
        if session is None:
            return Kept(None, "nothing was done")
        try:
            records = choose(load_settings(), name=session.person, database=self._database)
            if records.drop is not None:
                self._drop(session, records.drop, records.drop_format)
            if not records.history:
                return Kept(None, "the settings say that sessions are not kept")
            self.history().add(session)
        except SpotterError as error:
            return Kept(None, f"{error}{self._kept_apart(session)}")
        return Kept(session.id, None)

    def keep_soon(self, session: Session | None, then: Callable[[Kept], None]) -> None:
        """Keep a session in a thread of its own, one after the other, then call ``then`` there."""
        self._writer.submit(self._keep_and_tell, session, then)

    def close(self) -> None:
        """Finish what is being kept, and close the history."""
        self._writer.shutdown()
        with self._opening:
            if self._history is not None:
                self._history.close()

    def _keep_and_tell(self, session: Session | None, then: Callable[[Kept], None]) -> None:
        try:
            then(self.keep(session))
        except Exception:  # a thread pool would keep it to itself
            _LOG.exception("a session could not be kept")

    def _drop(self, session: Session, folder: Path, kind: DropFormat) -> None:
        from spotter.exchange.drop import drop

        try:
            drop(session, folder, kind)
        except SpotterError as error:  # the history gets it all the same
            _LOG.warning("%s", error)

    def _kept_apart(self, session: Session) -> str:
        path = self._folder / f"{session.id}.json"
        try:
            write_session(session, path)
        except SpotterError as error:
            return f"; {error}"
        return f"; it is kept in {path}, which this takes in later: spotter history add {path}"
