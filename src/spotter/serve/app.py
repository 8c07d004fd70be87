"""Puts the server together: its parts, its routes, and the checks in front of them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI

from spotter import __version__
from spotter.errors import SpotterError
from spotter.serve import (
    about,
    analysis_routes,
    certificate_routes,
    exercise_routes,
    history_routes,
    key_exchange,
    language_routes,
    live_socket,
    problems,
    recognize_socket,
)
from spotter.serve.api_description import DescribedAPI
from spotter.serve.config import Config
from spotter.serve.keeper import SessionKeeper
from spotter.serve.key_check import KeyCheck
from spotter.serve.keys import Keys
from spotter.serve.live_streams import LiveStreams
from spotter.serve.scheduler import Scheduler
from spotter.serve.security import BodyLimit, HostCheck, OriginCheck, SecurityHeaders
from spotter.serve.services import Services
from spotter.serve.static_files import PageFiles
from spotter.serve.trainer import PoseTrainers, Trainers
from spotter.serve.unread import Unread

ROUTERS: tuple[APIRouter, ...] = (
    about.router,
    key_exchange.router,
    certificate_routes.router,
    live_socket.router,
    recognize_socket.router,
    exercise_routes.router,
    language_routes.router,
    history_routes.router,
    analysis_routes.router,
)
"""Every route of the server; a router that has to begin and end something has a ``lifespan`` of its own."""

UPLOAD_PATHS = ("/api/v1/analyses",)
"""Where a POST may have a body as large as an upload."""

_END_S = 1.2  # for the sessions that go on; Ctrl-C has two seconds in all
_LOG = logging.getLogger(__name__)


def create_app(
    config: Config | None = None, *, trainers: Trainers | None = None, keys: Keys | None = None
) -> FastAPI:
    """The server as an ASGI application; its parts are in ``app.state.services`` while it runs.

    Args:
        config: what it is started with.
        trainers: look at the frames of live streams; the coach with a pose engine each if None.
        keys: who may ask, with ``--lan``; nobody yet if None.

    Example::

        uvicorn.run(create_app(Config(port=8765)), port=8765)
    """
    config = config or Config()
    keys = keys or Keys(config.limits.wrong_keys)
    app = DescribedAPI(
        lan=config.lan,
        title="Spotter",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # they would be fetched from another site
        redoc_url=None,
        lifespan=_lifespan(config, keys, trainers or PoseTrainers(config.workers)),
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.stopping = asyncio.Event()  # set by the server before it waits for what goes on
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/", PageFiles(), name="page")
    problems.install(app)
    larger = dict.fromkeys(UPLOAD_PATHS, config.limits.upload_bytes)
    # What is added last is asked first.
    app.add_middleware(BodyLimit, most=config.limits.body_bytes, larger=larger)
    if config.lan:
        app.add_middleware(KeyCheck, keys=keys)
    app.add_middleware(OriginCheck)
    app.add_middleware(HostCheck, names=(config.host, *config.hosts))
    app.add_middleware(problems.Unexpected)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Unread)
    return app


def _lifespan(
    config: Config, keys: Keys, trainers: Trainers
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        records = SessionKeeper(config.database, config.data / "unkept")
        scheduler = Scheduler(config.workers)
        streams = LiveStreams(trainers, scheduler, records, config.limits)
        app.state.services = Services(config, keys, records, scheduler, streams)
        for prepare in (trainers.prepare, records.prepare):
            threading.Thread(target=_prepare, args=[prepare], name="spotter-prepare", daemon=True).start()
        try:
            yield
        finally:
            await streams.close(_END_S)
            scheduler.close(_END_S)
            records.close()

    return lifespan


def _prepare(prepare: Callable[[], None]) -> None:
    """Load what will be wanted; what is missing is told here once, and again to whoever wants it."""
    try:
        prepare()
    except SpotterError as error:
        _LOG.warning("%s", error)
