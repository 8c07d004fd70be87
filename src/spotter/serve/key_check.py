"""Lets nobody in without a key where other machines may ask: the cookie of a page, or a program's header."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from spotter.serve.keys import Keys
from spotter.serve.problems import problem
from spotter.serve.security import refuse

COOKIE = "spotter_key"
KEYS_PATH = "/api/v1/keys"
"""Where a program changes a token for a key; the only path beside ``/?token=`` that is open to all."""

_OPENED = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/">
<title>Spotter</title><p><a href="/">Go on to Spotter</a></p></html>
"""
# The page leads on by itself and not by a redirect: the browser sends a strict cookie only to where its own
# page led, and the QR code was another program's.

_CLOSED = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Spotter: not let in</title><h1>Not let in</h1>
<p>This page is for whoever scanned the QR code that <code>spotter serve --lan</code> shows. The code works
once and for ten minutes. Scan the newest one: it stands in the terminal where the command runs.</p></html>
"""


class KeyCheck:
    """Answers only requests that carry a key; gives a page its key for the token in its address.

    Args:
        app: what is asked then.
        keys: the keys and tokens that were given out.
    """

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        address = (scope.get("client") or ("",))[0]
        if scope["type"] == "http" and scope["path"] == "/":
            token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
            if token:
                return await self._opened(token, address)(scope, receive, send)
        headers = Headers(scope=scope)
        is_exchange = scope["path"] == KEYS_PATH and scope["type"] == "http" and scope["method"] == "POST"
        key = _key(headers)
        if is_exchange or (key and self._keys.knows(key, address)):
            return await self._app(scope, receive, send)
        if scope["type"] == "websocket":
            return await refuse(scope, receive, send, 401, "a key is wanted")
        await self._closed(headers, address)(scope, receive, send)

    def _opened(self, token: str, address: str) -> Response:
        key = self._keys.exchange(token, address)
        if key is None:
            return self._closed_page(address)
        page = HTMLResponse(_OPENED)
        page.set_cookie(COOKIE, key, httponly=True, secure=True, samesite="strict")
        return page

    def _closed(self, headers: Headers, address: str) -> Response:
        """Why nobody is let in, for a person or for a program; a key that is none is taken back."""
        if "text/html" in headers.get("accept", ""):
            answer: Response = self._closed_page(address)
        else:
            answer = problem(
                self._status(address),
                f"a key is wanted: change the token for one by POST {KEYS_PATH}, and send it as "
                "'Authorization: Bearer KEY'",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if COOKIE in headers.get("cookie", ""):
            answer.delete_cookie(COOKIE, httponly=True, secure=True, samesite="strict")
        return answer

    def _closed_page(self, address: str) -> Response:
        return HTMLResponse(_CLOSED, self._status(address))

    def _status(self, address: str) -> int:
        return 429 if self._keys.is_refused(address) else 401


def _key(headers: Headers) -> str:
    """The key that a request carries; empty if none."""
    kind, _, key = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return key.strip()
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie is not None else ""
