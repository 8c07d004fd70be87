"""Errors as the answers of the REST interface: one form, the fitting status, and no traceback."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spotter import errors

_STATUS: dict[type[errors.SpotterError], HTTPStatus] = {
    errors.UsageError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.MediaNotFoundError: HTTPStatus.NOT_FOUND,
    errors.MediaFormatError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NoPersonError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ExerciseError: HTTPStatus.NOT_FOUND,
    errors.MissingExtraError: HTTPStatus.NOT_IMPLEMENTED,
    errors.SessionNotFoundError: HTTPStatus.NOT_FOUND,
    errors.HistoryError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ModelError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.OutputError: HTTPStatus.INSUFFICIENT_STORAGE,
}
_LOG = logging.getLogger(__name__)


def problem(
    status: int, message: str, code: str | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    """An answer that says what went wrong.

    Args:
        status: of HTTP.
        message: what came, what was wanted, what to do.
        code: for programs; the status's own words if None.
        headers: further ones.

    >>> problem(404, "there is no such session").body
    b'{"error":{"code":"not_found","message":"there is no such session"}}'
    """
    name = code or HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
    return JSONResponse({"error": {"code": name, "message": message}}, status, headers)


def install(app: FastAPI) -> None:
    """Let an application answer every error in this form."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(errors.SpotterError, _spotter)


class Unexpected:
    """Answers 500 where a route fails as nobody foresaw, and tells the log why."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            _LOG.exception("%s failed", scope.get("path"))
            if scope["type"] != "http" or begun:
                raise
            answer = problem(500, "the server failed at this; its terminal says more")
            await answer(scope, receive, send)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, str(error.detail), headers=headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = " ".join(str(step) for step in first["loc"])
    return problem(422, f"{place}: {first['msg']}")


async def _spotter(_request: Request, error: Exception) -> JSONResponse:
    kinds = (kind for kind in type(error).__mro__ if kind in _STATUS)
    kind = next(kinds, None)
    status = _STATUS[kind] if kind is not None else HTTPStatus.INTERNAL_SERVER_ERROR
    return problem(status, str(error))
