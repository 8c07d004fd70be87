"""A TLS line that one thread reads while another one writes, which OpenSSL alone does not allow."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from typing import Any


class TwoWay:
    """Stands for a socket over TLS whose reads and writes never meet inside OpenSSL.

    Without it a line stands still now and then: a session ticket of TLS 1.3, which comes when it likes, is
    taken in by the reader in a state that the writer must not see.

    Args:
        line: over TLS, its handshake done.
    """

    def __init__(self, line: ssl.SSLSocket) -> None:
        self._line = line
        self._lock = threading.Lock()
        self._timeout_s = line.gettimeout()
        line.setblocking(False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    def settimeout(self, timeout_s: float | None) -> None:
        """How long a call may take, in seconds."""
        self._timeout_s = timeout_s

    def recv(self, size: int) -> bytes:
        """At most so many bytes; none where the line has ended.

        Raises:
            OSError: the line is lost, or nothing came in time.
        """
        end_s = self._end_s()
        while True:
            try:
                with self._lock:
                    return self._line.recv(size)
            except ssl.SSLWantReadError:
                self._wait(end_s, for_reading=True)
            except ssl.SSLWantWriteError:
                self._wait(end_s, for_reading=False)

    def sendall(self, data: bytes) -> None:
        """Send everything.

        Raises:
            OSError: the line is lost, or does not take it in time.
        """
        end_s, left = self._end_s(), memoryview(data)
        while left:
            try:
                with self._lock:
                    left = left[self._line.send(left) :]
            except ssl.SSLWantWriteError:
                self._wait(end_s, for_reading=False)
            except ssl.SSLWantReadError:
                self._wait(end_s, for_reading=True)

    def shutdown(self, how: int) -> None:
        """End the line in one direction or both, at once."""
        with self._lock:
            socket.socket.shutdown(self._line, how)

    def _end_s(self) -> float | None:
        return None if self._timeout_s is None else time.monotonic() + self._timeout_s

    def _wait(self, end_s: float | None, for_reading: bool) -> None:
        left_s = None if end_s is None else max(0.0, end_s - time.monotonic())
        own = [self._line]
        if not any(select.select(own if for_reading else [], [] if for_reading else own, [], left_s)):
            raise TimeoutError("the line stands still")
