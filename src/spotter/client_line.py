"""The way to a server: its address, whom to believe that it is the one, and its answers as JSON."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

from spotter.errors import ServeError, UsageError

ROOT = "/api/v1"
"""What every path of the interface begins with."""

_BLOCK_BYTES = 1 << 18

Query = Mapping[str, Any]
"""What is asked: None is left out, of a list each is asked."""


@dataclass(frozen=True, slots=True)
class Line:
    """Opens connections to one server.

    Attributes:
        host, port: where it listens.
        key: that is sent with each request; None for none.
        timeout_s: how long it may say nothing.
        context: of TLS; None for plain HTTP.
        fingerprint: SHA-256 that its certificate must have, 64 small hexadecimal digits; None for any.
    """

    host: str
    port: int
    key: str | None
    timeout_s: float
    context: ssl.SSLContext | None
    fingerprint: str | None

    @classmethod
    def to(
        cls,
        address: str,
        key: str | None,
        verify: bool | Path | str,
        fingerprint: str | None,
        timeout_s: float,
    ) -> Line:
        """A line to an address such as ``https://192.168.0.7:8765``; see ``Client`` for the rest.

        Raises:
            UsageError: the address, the certificate's file or the fingerprint is none.
        """
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise UsageError(f"{address!r} is no address: {error}") from error
        if parts.scheme not in ("http", "https") or not host or parts.path not in ("", "/"):
            raise UsageError(f"{address!r} is no server's address; give one such as http://127.0.0.1:8765")
        if parts.scheme == "http":
            return cls(host, port or 80, key, timeout_s, None, None)
        digits = None if fingerprint is None else fingerprint.replace(":", "").replace(" ", "").lower()
        if digits is not None and (len(digits) != 64 or not set(digits) <= set("0123456789abcdef")):
            raise UsageError(f"{fingerprint!r} is no SHA-256; give 64 hexadecimal digits")
        context = _context(verify if digits is None else False)
        return cls(host, port or 443, key, timeout_s, context, digits)

    @property
    def place(self) -> str:
        """Host and port, as an address has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}"}

    def open(self) -> socket.socket:
        """A connection, over TLS where the address says so.

        Raises:
            ServeError: the server cannot be reached, or its certificate is not to be believed.
        """
        try:
            plain = socket.create_connection((self.host, self.port), self.timeout_s)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context is None:
                return plain
            line = self.context.wrap_socket(plain, server_hostname=self.host)
        except ssl.SSLCertVerificationError as error:
            raise ServeError(
                f"the certificate of {self.place} is not known here ({error.verify_message}); "
                "give the fingerprint that spotter serve --lan shows, or verify= its ca.crt"
            ) from error
        except OSError as error:
            raise self.unreachable(error) from error
        certificate = line.getpeercert(binary_form=True) or b""
        if self.fingerprint not in (None, hashlib.sha256(certificate).hexdigest()):
            line.close()
            raise ServeError(f"{self.place} shows another certificate than the one with that fingerprint")
        return line

    def unreachable(self, error: Exception) -> ServeError:
        """What to tell when a connection fails."""
        why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return ServeError(f"{self.place} cannot be reached ({why}); is spotter serve running there?")

    def ask(
        self,
        method: str,
        steps: Sequence[str],
        query: Query | None = None,
        body: bytes | IO[bytes] | None = None,
        length: int = 0,
    ) -> http.client.HTTPResponse:
        """The answer to a request, not read yet; closing it closes the connection.

        Args:
            method: of HTTP.
            steps: of the path behind ``ROOT``.
            query: of the path.
            body: JSON, or a file.
            length: of a body that is a file.

        Raises:
            ServeError: the server cannot be reached, or refuses; with its own words.
        """
        connection = http.client.HTTPConnection(
            self.host, self.port, timeout=self.timeout_s, blocksize=_BLOCK_BYTES
        )
        connection.sock = self.open()
        headers = {**self.headers, "Connection": "close"}
        if isinstance(body, bytes):
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        elif body is not None:
            headers |= {"Content-Type": "application/octet-stream", "Content-Length": str(length)}
        try:
            # Where not all is wanted, the answer says why.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, _path(steps, query), body, headers)
            answer = connection.getresponse()
            if answer.status >= 400:
                raise refusal(answer.status, answer.read())
            return answer
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self.unreachable(error) from error
        except ServeError:
            connection.close()
            raise


def _context(verify: bool | Path | str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=None if isinstance(verify, bool) else str(verify))
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"{verify} is no certificate that can be read: {error}") from error
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _path(steps: Sequence[str], query: Query | None) -> str:
    path = "/".join((ROOT, *(quote(step, safe="") for step in steps)))
    given = {name: value for name, value in (query or {}).items() if value is not None}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def refusal(status: int, content: bytes) -> ServeError:
    """The server's own words, as far as it has some."""
    try:
        error = json.loads(content)["error"]
        return ServeError(str(error["message"]), str(error["code"]))
    except (ValueError, KeyError, TypeError):
        return ServeError(f"the server answered {status}: {content[:200].decode('utf-8', 'replace')}")
