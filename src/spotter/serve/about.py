"""What the server says about itself: that it is well, and which messages its WebSockets know."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from spotter import __version__
from spotter.serve.messages import messages_schema
from spotter.serve.services import Served

router = APIRouter(prefix="/api/v1", tags=["server"])


class Health(BaseModel):
    """That the server is well, how many live streams there are, and what it allows."""

    status: str = "ok"
    version: str = __version__
    streams: int
    limits: dict[str, float]


@router.get("/health")
async def health(served: Served) -> Health:
    """Whether the server is well, and its limits."""
    return Health(streams=served.streams.connected, limits=asdict(served.config.limits))


@router.get("/messages.json")
async def messages() -> dict[str, Any]:
    """The WebSockets' messages as JSON Schema."""
    return _schema()


@cache
def _schema() -> dict[str, Any]:
    return messages_schema()
