"""The local server's interface in Python: what docs/api.md tells, as calls."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from spotter.client_line import Line, Query
from spotter.errors import MediaNotFoundError, MediaUnreadableError, ServeError
from spotter.media.writing import output_error, temporary_name

if TYPE_CHECKING:
    from spotter.client_live import Live

Document = dict[str, Any]

_TIMEOUT_S = 60.0  # a followed analysis says something every 15 s


class Client:
    """Asks a running ``spotter serve``; may be used by several threads.

    Every method raises ``ServeError`` where the server cannot be reached or refuses, with the server's own
    words. Answers are dictionaries as docs/api.md tells them.

    Args:
        address: the server's.
        key: wanted where it was started with ``--lan``; see ``with_token``.
        verify: whose certificate is believed over HTTPS: an authority that this machine knows (True), the
            one in a file, such as the server's ``ca.crt``, or any (False), which lets others listen.
        fingerprint: SHA-256 of the server's certificate, as ``spotter serve --lan`` shows it: the one with
            it is believed and no other, whatever ``verify`` says.
        timeout_s: how long the server may say nothing, in seconds.

    Raises:
        UsageError: the address, the fingerprint or the certificate's file is none.

    Example::

        client = Client("http://127.0.0.1:8765")
        done = client.analyze("squat.mp4", exercise="squat", on_progress=print)
        print(done["analysis"]["people"][0]["sets"], done["session"])

    >>> Client("localhost:8765")
    Traceback (most recent call last):
    ...
    spotter.errors.UsageError: 'localhost:8765' is no server's address; give one such as http://127.0.0.1:8765
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8765",
        key: str | None = None,
        *,
        verify: bool | Path | str = True,
        fingerprint: str | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._line = Line.to(address, key, verify, fingerprint, timeout_s)

    @classmethod
    def with_token(
        cls,
        address: str,
        token: str,
        *,
        verify: bool | Path | str = True,
        fingerprint: str | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> Self:
        """A client of a server with ``--lan``, whose token is changed for a key.

        Args:
            address, verify, fingerprint, timeout_s: as of the class.
            token: from the address that the QR code holds; it works once.
        """
        stranger = cls(address, verify=verify, fingerprint=fingerprint, timeout_s=timeout_s)
        body = json.dumps({"token": token}).encode()
        key = stranger._json("POST", ["keys"], body=body)["key"]
        return cls(address, key, verify=verify, fingerprint=fingerprint, timeout_s=timeout_s)

    @property
    def key(self) -> str | None:
        """What lets this client in, until the server ends; None without ``--lan``."""
        return self._line.key

    def health(self) -> Document:
        """That the server is well, its version and its limits."""
        return self._json("GET", ["health"])

    def exercises(self) -> list[Document]:
        """Every exercise, in short."""
        return list(self._json("GET", ["exercises"])["exercises"])

    def exercise(self, name: str) -> Document:
        """One exercise with its faults and their sources."""
        return self._json("GET", ["exercises", name])

    def models(self) -> Document:
        """Model files, and the recognizers that may be asked."""
        return self._json("GET", ["models"])

    def analyze(
        self,
        video: str | Path,
        *,
        exercise: str = "auto",
        person: str | None = None,
        height_cm: float | None = None,
        weight_kg: float | None = None,
        on_progress: Callable[[Document], object] | None = None,
    ) -> Document:
        """Upload a video and wait until it is analysed.

        Args:
            video: a file.
            exercise: a name, or ``"auto"`` to recognise it.
            person: whose session it is in the history; the usual one of the server if None.
            height_cm: that person's height, 50 to 260.
            weight_kg: that was moved, 0 to 2000.
            on_progress: called with the analysis whenever something changed.

        Returns:
            The analysis as ``analyses`` lists it, with ``analysis.json`` under ``"analysis"``.

        Raises:
            ServeError: the analysis failed or was deleted, too.
            MediaNotFoundError, MediaUnreadableError: there is no such file, or it may not be read.
        """
        ident = self.upload(
            video, exercise=exercise, person=person, height_cm=height_cm, weight_kg=weight_kg
        )["id"]
        last: Document = {}
        for last in self.follow(ident):
            if on_progress is not None:
                on_progress(last)
        if last.get("state") == "failed":
            raise ServeError(str(last["message"]), "failed")
        if last.get("state") != "done":
            raise ServeError(
                f"the analysis {ident} of {video} is not done: it was deleted, or the server was ended, "
                "which goes on with it when it is started again",
                "not_done",
            )
        return {**last, "analysis": json.loads(self.file(ident, "analysis.json"))}

    def upload(
        self,
        video: str | Path,
        *,
        exercise: str = "auto",
        person: str | None = None,
        height_cm: float | None = None,
        weight_kg: float | None = None,
    ) -> Document:
        """Upload a video, as ``analyze`` does, but do not wait; the analysis goes on without this client."""
        path = Path(video)
        try:
            with path.open("rb") as file:
                stat = path.stat()
                query = {
                    "name": path.name,
                    "exercise": exercise,
                    "person": person,
                    "height_cm": height_cm,
                    "weight_kg": weight_kg,
                    "modified": datetime.fromtimestamp(stat.st_mtime, UTC).isoformat(),
                }
                with self._line.ask("POST", ["analyses"], query, file, stat.st_size) as answer:
                    return _document(self._read(answer))
        except FileNotFoundError as error:
            raise MediaNotFoundError(f"no such file: {path}") from error
        except OSError as error:
            raise MediaUnreadableError(f"{path} cannot be read: {error.strerror}") from error

    def follow(self, ident: str) -> Iterator[Document]:
        """An analysis, now and whenever something changed, until it has ended or is deleted."""
        with self._line.ask("GET", ["analyses", ident, "events"]) as answer:
            try:
                for line in answer:
                    if line.startswith(b"data: "):
                        yield _document(line[6:])
            except (OSError, HTTPException) as error:
                raise self._line.unreachable(error) from error

    def analyses(self) -> list[Document]:
        """Every uploaded video and how far it is, the newest first."""
        return list(self._json("GET", ["analyses"])["analyses"])

    def file(self, ident: str, name: str) -> bytes:
        """A result of an analysis, such as ``"report.html"``; for large ones see ``save``."""
        with self._line.ask("GET", ["analyses", ident, "files", name]) as answer:
            return self._read(answer)

    def save(self, ident: str, name: str, path: str | Path) -> None:
        """Write a result of an analysis to a file, whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        path = Path(path)
        temporary = temporary_name(path)
        with self._line.ask("GET", ["analyses", ident, "files", name]) as answer:
            try:
                with temporary.open("wb") as file:
                    shutil.copyfileobj(answer, file)
                if answer.length:
                    raise ServeError(
                        f"{name} broke off, {answer.length:,} bytes before its end; get it again"
                    )
                temporary.replace(path)
            except OSError as error:
                raise output_error(path, error) from error
            finally:
                temporary.unlink(missing_ok=True)

    def delete_analysis(self, ident: str) -> None:
        """Stop an analysis, and delete its video and results; the history keeps its session."""
        self._line.ask("DELETE", ["analyses", ident]).close()

    def delete_video(self, ident: str) -> None:
        """Delete the video of an analysis that has ended; the results stay."""
        self._line.ask("DELETE", ["analyses", ident, "video"]).close()

    def people(self) -> list[str]:
        """Names of everybody in the history."""
        return list(self._json("GET", ["people"])["people"])

    def sessions(
        self,
        *,
        person: str | None = None,
        exercise: str | None = None,
        before: datetime | None = None,
        limit: int = 50,
    ) -> list[Document]:
        """Sessions without their repetitions, the newest first; see ``session``.

        Args:
            person, exercise: only theirs, if not None.
            before: begun before, with a time zone.
            limit: at most so many, 1 to 500.
        """
        query = {
            "person": person,
            "exercise": exercise,
            "before": None if before is None else before.isoformat(),
            "limit": limit,
        }
        return list(self._json("GET", ["sessions"], query)["sessions"])

    def session(self, ident: str) -> Document:
        """A whole session with its sets and repetitions; the beginning of its id is enough."""
        return self._json("GET", ["sessions", ident])

    def angles(self, ident: str, names: Sequence[str] | None = None) -> Document:
        """Angles of a session over time; all if no names are given."""
        return self._json("GET", ["sessions", ident, "angles"], {"name": names})

    def delete_session(self, ident: str) -> None:
        """Delete a session, by its whole id."""
        self._line.ask("DELETE", ["sessions", ident]).close()

    def progress(self, person: str, *, exercise: str | None = None, since: date | None = None) -> Document:
        """How a person came along: measures, trends with their uncertainty, records."""
        return self._json("GET", ["progress"], {"person": person, "exercise": exercise, "since": since})

    def compare(self, first: str, second: str) -> Document:
        """Two sessions, repetition over repetition; differences are the second's less the first's."""
        return self._json("GET", ["compare"], {"a": first, "b": second})

    def month(self, month: str, people: Sequence[str] = ()) -> Document:
        """A month such as ``"2026-10"`` of several people; of everybody if nobody is named."""
        return self._json("GET", ["months", month], {"person": people or None})

    def live(
        self,
        *,
        exercise: str = "auto",
        person: str | None = None,
        target: Mapping[str, float | None] | None = None,
        countdown_s: float = 3.0,
        parts: bool = False,
        weight_kg: float | None = None,
        height_cm: float | None = None,
        language: str = "en",
        on_problem: Callable[[str, str], object] | None = None,
    ) -> Live:
        """A session with the live coach, to be used by ``with``; see ``client_live.Live``.

        Args:
            exercise: a name, or ``"auto"`` to recognise it.
            person: whose session it is in the history; the usual one of the server if None.
            target: ``{"reps", "sets", "rest_s", "hold_s"}``, of which any may be missing or None.
            countdown_s: between the guide and the first set.
            parts: whether each state has the map of body parts.
            weight_kg: that is moved.
            height_cm: the person's height, 50 to 260.
            language: what the coach says is in, such as ``"de"``: one of ``GET /api/v1/languages``.
            on_problem: called with code and message of what the server cannot use, in another thread; they
                are logged if None.

        Raises:
            MissingExtraError: the library for WebSockets is not installed.
        """
        from spotter.client_live import Live

        start = {
            "exercise": exercise,
            "person": person,
            "target": dict(target or {}),
            "countdown_s": countdown_s,
            "parts": parts,
            "weight_kg": weight_kg,
            "height_cm": height_cm,
            "language": language,
        }
        return Live(self._line, start, on_problem)

    def _json(
        self, method: str, steps: Sequence[str], query: Query | None = None, body: bytes | None = None
    ) -> Document:
        with self._line.ask(method, steps, query, body) as answer:
            return _document(self._read(answer))

    def _read(self, answer: HTTPResponse) -> bytes:
        try:
            return answer.read()
        except (OSError, HTTPException) as error:
            raise self._line.unreachable(error) from error


def _document(content: bytes) -> Document:
    document: Document = json.loads(content)
    return document
