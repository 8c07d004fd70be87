"""Hangs up on whoever goes on sending what was refused, but lets the answer reach them first."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LINGER_S = 0.5  # less than the server gives what goes on when it ends


class Unread:
    """Answers a request whose body is not read to its end, and then ends the connection.

    Without it the rest of the body would be read all the same, 20 GB of it, to find the next request behind
    it. Were the connection ended at once, the system would throw away an answer that the client, still
    sending, has not read: so for a moment what comes is read and forgotten.

    Args:
        app: what is asked.
        linger_s: how long that moment is.
    """

    def __init__(self, app: ASGIApp, linger_s: float = _LINGER_S) -> None:
        self._app = app
        self._linger_s = linger_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            return await self._app(scope, receive, send)
        more = True

        async def receiving() -> Message:
            nonlocal more
            message = await receive()
            more = bool(message.get("more_body", False))
            return message

        async def sending(message: Message) -> None:
            if more and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            elif more and not message.get("more_body", False):
                await send({**message, "more_body": True})
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._linger_s):
                        while more:
                            await receiving()
                message = {"type": "http.response.body"}
            await send(message)

        await self._app(scope, receiving, sending)


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
