"""What OpenAPI says of the REST interface beyond its routes: errors, and who may ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from spotter.serve.key_check import COOKIE, KEYS_PATH

_ABOUT = """\
What `spotter serve` gives its page and other programs; docs/api.md says how it is used.

The live coach and the recognizer are WebSockets, `/api/v1/live` and `/api/v1/recognize`, whose messages
`/api/v1/messages.json` describes. Fields are added in version 1, never renamed or removed.
"""
_KEYS = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": f"with --lan alone: what POST {KEYS_PATH} gives for a token",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "with --lan alone: what a page gets by opening /?token=",
    },
}


class Complaint(BaseModel):
    """What went wrong."""

    code: str
    message: str


class Problem(BaseModel):
    """The answer to a request that failed; ``code`` is for programs, ``message`` for people."""

    error: Complaint


def told(problems: Mapping[int | str, str]) -> dict[int | str, dict[str, Any]]:
    """Responses of a route that fails with these statuses for these reasons.

    >>> told({404: "there is no such session"})[404]["description"]
    'there is no such session'
    """
    return {status: {"model": Problem, "description": why} for status, why in problems.items()}


class DescribedAPI(FastAPI):
    """FastAPI, which describes itself as its answers are.

    Args:
        lan: whether every request needs a key.
        settings: of FastAPI.
    """

    def __init__(self, *, lan: bool, **settings: Any) -> None:
        super().__init__(
            description=_ABOUT,
            responses=told({"4XX": "what came cannot be used", "5XX": "the server cannot do it"}),
            generate_unique_id_function=_name,
            **settings,
        )
        self._lan = lan

    def openapi(self) -> dict[str, Any]:
        """The description of every route."""
        if self.openapi_schema is None:
            document = super().openapi()
            document.setdefault("components", {})["securitySchemes"] = _KEYS
            wanted: list[dict[str, list[str]]] = [{name: []} for name in _KEYS]
            document["security"] = wanted if self._lan else [{}, *wanted]
            document["paths"][KEYS_PATH]["post"]["security"] = []
            self.openapi_schema = document
        return self.openapi_schema


def _name(route: APIRoute) -> str:
    return route.name
