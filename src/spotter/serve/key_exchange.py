"""Where a program changes the token that it was told for a key; a page does so by ``/?token=``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from spotter.serve.key_check import KEYS_PATH
from spotter.serve.services import Served

router = APIRouter(tags=["server"])


class Token(BaseModel):
    """What ``spotter serve --lan`` shows; it works once and for ten minutes."""

    token: Annotated[str, Field(max_length=200)]


class Key(BaseModel):
    """To be sent with every request as ``Authorization: Bearer KEY``."""

    key: str


@router.post(KEYS_PATH)
async def exchange(asked: Token, request: Request, served: Served) -> Key:
    """Change a token for a key."""
    address = request.client.host if request.client is not None else ""
    key = served.keys.exchange(asked.token, address)
    if key is None:
        refused = served.keys.is_refused(address)
        raise HTTPException(
            429 if refused else 401,
            "the token is wrong, used or too old; spotter serve --lan shows a new one",
        )
    return Key(key=key)
