"""The live coach as a client: pictures go to the server, the newest state comes back."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.client_line import ROOT, Line, refusal
from spotter.client_tls import TwoWay
from spotter.errors import MissingExtraError, ServeError, UsageError

try:
    from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
    from websockets.sync.client import ClientConnection, connect
except ImportError as error:
    raise MissingExtraError(
        f"the live coach's client needs {error.name}, which is not installed; "
        "install it with: pip install 'spotter-coach[serve]'"
    ) from error

HEADER = struct.Struct("<IId")
"""Before each picture: its number, zero, and its time in seconds."""

Document = dict[str, Any]

_QUALITY = 80  # of JPEG
_AGAIN_S = 0.5  # between two tries to come back
_END_S = 30.0  # for the summary
_PING_S = 5.0  # after so long the server is asked whether it is there
_SILENT_S = 10.0  # without its answer, or with a picture on its way, the line is lost
_CLOSE_S = 1.0  # for the other side to say goodbye
_FINISH = json.dumps({"type": "finish"})
_LOG = logging.getLogger(__name__)


class Live:
    """A session with the live coach, from ``with`` to its end.

    Pictures are shown without waiting: one that waits to be sent gives way to a newer one. So do states that
    nobody has read, but for the repetition that they tell, which the next state then has. A lost connection
    is found again and the set goes on, as long as the server keeps it. At the block's end the session is
    finished and kept, and ``summary`` says what was done; where the block ends by an error, the server
    finishes it when nobody has come back for some minutes.

    Args:
        line: to the server.
        start: fields of the message ``start``.
        on_problem: called with code and message of what the server cannot use; logged if None.

    Attributes:
        summary: the server's last message; None before.

    Example::

        with Client().live(exercise="squat", target={"reps": 8}) as live:
            for image in camera:
                live.show(image)
                if live.state is not None:
                    print(live.state["count"], live.state["cue"])
                if live.summary is not None:
                    break
        print(live.summary["document"])
    """

    def __init__(
        self, line: Line, start: Document, on_problem: Callable[[str, str], object] | None = None
    ) -> None:
        self.summary: Document | None = None
        self._line = line
        self._start = start
        self._on_problem = on_problem or _logged
        self._changed = threading.Condition()
        self._commands: deque[str] = deque()
        self._frame: bytes | None = None
        self._seq = 0
        self._began_s = time.monotonic()
        self._state: Document | None = None
        self._unread: Document | None = None
        self._failure: ServeError | None = None
        self._first_problem: ServeError | None = None
        self._connection: ClientConnection | None = None
        self._finishing = self._left = False
        self._hello: Document = {}

    def __enter__(self) -> Self:
        self._connection, self._hello = self._connected(self._start)
        for work in (self._receive, self._send):
            threading.Thread(target=work, name="spotter-live", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._failure is None:
                self.finish()
        finally:
            with self._changed:
                self._left = True
                self._changed.notify_all()
            if self._connection is not None:
                self._connection.close()

    @property
    def state(self) -> Document | None:
        """The newest state; None before the first one."""
        with self._changed:
            return self._state

    def show(self, picture: NDArray[np.uint8] | bytes, time_s: float | None = None) -> None:
        """Show the coach a picture.

        Args:
            picture: RGB uint8 (height, width, 3), or a JPEG, PNG or WebP file; 640 by 480 is enough.
            time_s: when it was taken, in seconds of a clock that grows; now if None.

        Raises:
            UsageError: the array is no picture.
            ServeError: the session has ended in failure.
        """
        now_s = time.monotonic() - self._began_s if time_s is None else time_s
        content = picture if isinstance(picture, bytes) else _jpeg(picture)
        with self._changed:
            self._check()
            self._seq += 1
            self._frame = HEADER.pack(self._seq, 0, now_s) + content
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Document]:
        """The newest state as soon as there is one that was not given yet, until the session is over.

        Raises:
            ServeError: the session has ended in failure.
        """
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._unread or self.summary or self._failure)
                self._check()
                state, self._unread = self._unread, None
            if state is None:
                return
            yield state

    def skip(self) -> None:
        """End the guide, the countdown or the rest that goes on now."""
        self._say({"type": "skip"})

    def end_set(self) -> None:
        """The set is done, rest begins."""
        self._say({"type": "end_set"})

    def change(self, **fields: Any) -> None:
        """Change ``exercise``, ``target`` or ``parts``."""
        self._say({"type": "change", **fields})

    def finish(self) -> Document:
        """End the session; it is kept.

        Returns:
            The summary.

        Raises:
            ServeError: the session has ended in failure, or nothing is heard of it.
        """
        with self._changed:
            self._check()
            if not self._finishing:
                self._finishing = True
                self._commands.append(_FINISH)
                self._changed.notify_all()
            self._changed.wait_for(lambda: self.summary or self._failure, _END_S)
            if self.summary is None:
                self._check()
                raise ServeError(f"no summary came within {_END_S:g} s")
            return self.summary

    def _say(self, message: Document) -> None:
        with self._changed:
            self._check()
            self._commands.append(json.dumps(message))
            self._changed.notify_all()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _connected(self, start: Document) -> tuple[ClientConnection, Document]:
        """A connection on which ``start`` was said, and what the server had said before."""
        line = self._line.open()
        line.settimeout(_SILENT_S)  # no ping gets past a picture that is stuck
        try:
            connection = connect(
                f"ws://{self._line.place}{ROOT}/live",  # TLS, where it is wanted, is the socket's
                sock=cast(socket.socket, TwoWay(line)) if isinstance(line, ssl.SSLSocket) else line,
                additional_headers=self._line.headers,
                compression=None,
                max_size=None,
                ping_interval=_PING_S,
                ping_timeout=_SILENT_S,
                close_timeout=_CLOSE_S,
            ).__enter__()
        except InvalidStatus as error:
            raise refusal(error.response.status_code, bytes(error.response.body or b"")) from error
        except (OSError, WebSocketException) as error:
            raise self._line.unreachable(error) from error
        try:
            return connection, self._greeted(connection, start)
        except ServeError:
            connection.close()
            raise

    def _greeted(self, connection: ClientConnection, start: Document) -> Document:
        """What the server says first; then ``start`` is said."""
        try:
            hello: Document = json.loads(connection.recv(self._line.timeout_s))
            if hello["type"] == "error":
                raise ServeError(hello["message"], hello["code"])
            _ = hello["session"], hello["limits"]["resume_s"]
            connection.send(json.dumps({"type": "start", **start}))
        except (OSError, WebSocketException) as error:
            raise self._line.unreachable(error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ServeError(f"{self._line.place} is no live coach: it does not begin with hello") from error
        return hello

    def _send(self) -> None:
        """Send what there is: commands in turn, then the newest picture."""
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._over or (self._connection and (self._commands or self._frame))
                )
                if self._over:
                    return
                connection = self._connection
                assert connection is not None
                message: str | bytes | None
                if self._commands:
                    message = self._commands[0]
                else:
                    message, self._frame = self._frame, None
            assert message is not None
            try:
                connection.send(message)
            except ConnectionClosed:
                self._lost(connection)
            else:
                if isinstance(message, str):
                    with self._changed:
                        self._commands.popleft()

    def _receive(self) -> None:
        """Take what comes; where the connection is lost, find it again."""
        try:
            while (connection := self._connection or self._again()) is not None:
                try:
                    while True:
                        self._take(json.loads(connection.recv()))
                except ConnectionClosed:
                    self._lost(connection)
        except Exception as error:  # of on_problem, or of a server of another kind: whoever waits is told
            _LOG.exception("the live coach's client failed")
            self._fail(ServeError(f"the live coach's client failed: {type(error).__name__}: {error}"))

    def _take(self, message: Document) -> None:
        if message["type"] == "error":
            return self._wrong(message, ServeError(message["message"], message["code"]))
        with self._changed:
            match message["type"]:
                case "state":
                    missed = self._unread
                    if missed is not None:
                        message["rep"] = message["rep"] or missed["rep"]
                    self._state = self._unread = message
                case "summary":
                    self.summary = message
            self._changed.notify_all()

    def _wrong(self, message: Document, error: ServeError) -> None:
        """The server could not use something, or ends the session."""
        if error.code == "not_begun":  # 'start' was refused, which was told first
            self._fail(self._first_problem or error)
        elif error.code == "no_such_session" or (message["fatal"] and error.code != "idle"):
            self._fail(error)  # a session that was idle waits for a connection
        else:
            if message["seq"] is None:
                self._first_problem = self._first_problem or error
            self._on_problem(str(error.code), str(error))

    def _fail(self, error: ServeError) -> None:
        with self._changed:
            self._failure = self._failure or error
            self._changed.notify_all()

    @property
    def _over(self) -> bool:
        return self._left or self.summary is not None or self._failure is not None

    def _lost(self, connection: ClientConnection) -> None:
        with self._changed:
            if self._connection is connection:
                self._connection = None

    def _again(self) -> ClientConnection | None:
        """A new connection to the same session; None if it is over or cannot be found again."""
        end_s = time.monotonic() + self._hello["limits"]["resume_s"]
        while not self._over:
            try:
                connection, _ = self._connected({"resume": self._hello["session"]})
            except ServeError as error:
                if time.monotonic() > end_s:
                    self._fail(error)
                with self._changed:
                    self._changed.wait_for(lambda: self._over, _AGAIN_S)
                continue
            with self._changed:
                if not self._over:
                    self._connection = connection
                    if self._finishing and _FINISH not in self._commands:  # it may have been lost, too
                        self._commands.append(_FINISH)
                    self._changed.notify_all()
                    return connection
            connection.close()
        return None


def _jpeg(image: NDArray[np.uint8]) -> bytes:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise UsageError(
            f"the picture is {image.dtype} {image.shape}; give RGB uint8 (height, width, 3), or a JPEG file"
        )
    _, data = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()


def _logged(code: str, message: str) -> None:
    _LOG.warning("%s: %s", code, message)
