"""Keeps strangers out: checks of host, origin and body size before every request, and headers behind it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from spotter.serve.problems import problem

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content security policy of every answer that brings none of its own."""

DOCUMENT_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:; media-src data:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Policy for a page that is one file, such as report.html: its own script may run, but as a stranger's."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": POLICY,
}
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


class SecurityHeaders:
    """Gives every answer the headers that a browser protects the user by; those that it has already stay."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, sending)


class HostCheck:
    """Answers only to this machine's own names: no foreign page shall reach it by a name of its own.

    A page of evil.example whose name suddenly means 127.0.0.1 (DNS rebinding) still asks for evil.example.

    Args:
        app: what is asked then.
        names: names and addresses of this machine beside its local ones.
    """

    def __init__(self, app: ASGIApp, names: tuple[str, ...] = ()) -> None:
        self._app = app
        self._names = {_plain(name) for name in (*_LOCAL_NAMES, *names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            host = Headers(scope=scope).get("host", "")
            if host_name(host) not in self._names:
                message = f"{host or 'no host'} was asked for, which is not this server; open its own address"
                return await refuse(scope, receive, send, 421, message)
        await self._app(scope, receive, send)


class OriginCheck:
    """Answers a page only if this server gave it out; programs, which send no ``Origin``, are let through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            origin, host = headers.get("origin"), headers.get("host", "")
            secure = scope["scheme"] in ("https", "wss")
            own = f"{'https' if secure else 'http'}://{host}"
            changes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
            cross = headers.get("sec-fetch-site") in ("cross-site", "same-site")
            if (origin is not None and origin.lower() != own.lower()) or (changes and cross):
                message = f"a page of {origin or 'another site'} may not use this server"
                return await refuse(scope, receive, send, 403, message)
        await self._app(scope, receive, send)


class BodyLimit:
    """Takes no more of a request's body than is allowed, whatever its ``Content-Length`` says.

    Args:
        app: what is asked then.
        most: bytes of a body.
        larger: path to how many bytes a POST to it may have instead.
    """

    def __init__(self, app: ASGIApp, most: int, larger: Mapping[str, int]) -> None:
        self._app = app
        self._most = most
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        most = self._larger.get(scope["path"], self._most) if scope["method"] == "POST" else self._most
        said = Headers(scope=scope).get("content-length", "0")
        message = f"the body is too large; at most {most:,} bytes are taken here"
        if not said.isdecimal() or int(said) > most:
            return await refuse(scope, receive, send, 413, message)
        come = 0

        async def receiving() -> Message:
            nonlocal come
            part = await receive()
            come += len(part.get("body", b""))
            if come > most:
                raise HTTPException(413, message)
            return part

        await self._app(scope, receiving, send)


def host_name(host: str) -> str:
    """The name or address in a ``Host`` header, without the port; empty if it is none.

    >>> host_name("LocalHost:8765"), host_name("[::1]:8765"), host_name("127.0.0.1")
    ('localhost', '::1', '127.0.0.1')
    """
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        return _plain(name) if bracket and (not port or port[1:].isdecimal()) else ""
    name, _, port = host.partition(":")
    return _plain(name) if not port or port.isdecimal() else ""


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, message: str) -> None:
    """Answer a request, or a WebSocket's, with an error."""
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await problem(status, message)(scope, receive, send)
    else:
        await WebSocketClose(1008, message)(scope, receive, send)


def _plain(name: str) -> str:
    """A name in one spelling: small letters, no dot at the end, addresses as Python writes them."""
    name = name.lower().removesuffix(".")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name
