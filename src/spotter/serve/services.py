"""What the server's parts share, and how a route gets at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from spotter.serve.config import Config
from spotter.serve.keeper import SessionKeeper
from spotter.serve.keys import Keys
from spotter.serve.live_streams import LiveStreams
from spotter.serve.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Services:
    """One of each for the whole server.

    Attributes:
        config: what it was started with.
        keys: who may ask, with ``--lan``.
        records: the sessions that are kept.
        scheduler: the threads that work on frames.
        streams: the live streams there are.
    """

    config: Config
    keys: Keys
    records: SessionKeeper
    scheduler: Scheduler
    streams: LiveStreams


def services(connection: HTTPConnection) -> Services:
    """The server's parts, for a route of a request or of a WebSocket."""
    found: Services = connection.app.state.services
    return found


Served = Annotated[Services, Depends(services)]
"""Type of a route's argument that is to hold the server's parts: ``def health(served: Served)``."""
