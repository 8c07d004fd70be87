"""Runs the server: takes a port, serves until it is asked to stop, and ends within two seconds."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import uvicorn
from fastapi import FastAPI

from spotter.errors import ServeError
from spotter.serve.app import create_app
from spotter.serve.config import Config
from spotter.serve.keys import Keys

_TRIES = 20
_END_S = 1
_BUFFER_BYTES = 65_536  # of what is on its way to a client: what lies there is old when it comes
_CONNECTIONS = 128


def listen(config: Config, *, or_next: bool = False) -> socket.socket:
    """A socket that listens where the configuration says.

    Args:
        config: address and port.
        or_next: take the next free port if this one is taken.

    Raises:
        ServeError: the port is taken, or the address is not this machine's.
    """
    for port in range(config.port, config.port + (_TRIES if or_next and config.port else 1)):
        family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
        # asyncio sends small answers at once only on a socket whose protocol it was told.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
            if config.host == "::":  # IPv4 comes in here too
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind((config.host, port))
            listener.listen()
        except OSError as error:
            listener.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ServeError(
                    f"cannot listen on {config.host}: {error.strerror}; give an address of this machine"
                ) from error
            last = error
        else:
            return listener
    reason = "is taken by another program" if last.errno == errno.EADDRINUSE else "may not be used"
    raise ServeError(
        f"port {config.port} of {config.host} {reason}; name another, such as --port {config.port + 100}"
    ) from last


def serve(
    config: Config,
    *,
    listener: socket.socket | None = None,
    keys: Keys | None = None,
    on_ready: Callable[[str], None] = lambda _: None,
    **settings: Any,
) -> None:
    """Serve until Ctrl-C; sessions that go on are finished and kept then.

    Args:
        config: what to serve.
        listener: of ``listen``; made if None.
        keys: who may ask, with ``--lan``; nobody yet if None.
        on_ready: called with the server's address as soon as it answers.
        settings: further ones of ``uvicorn.Config``, such as a certificate's files.

    Raises:
        ServeError: the port is taken, or the address is not this machine's.
    """
    listener = listener or listen(config)
    port = int(listener.getsockname()[1])
    scheme = "https" if settings.get("ssl_certfile") else "http"
    server = Server(
        create_app(replace(config, port=port), keys=keys),
        config,
        lambda: on_ready(f"{scheme}://{config.host}:{port}/"),
        settings,
    )
    with suppress(KeyboardInterrupt):  # how one stops a server; it has ended in good order before
        server.run(sockets=[listener])


class Server(uvicorn.Server):
    """Uvicorn, set up for this server.

    Args:
        app: what answers.
        config: its limits.
        on_ready: called when it answers.
        settings: further ones of ``uvicorn.Config``.
    """

    def __init__(
        self,
        app: FastAPI,
        config: Config,
        on_ready: Callable[[], None] = lambda: None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                ws="websockets-sansio",
                ws_max_size=2 * config.limits.frame_bytes,  # up to here it is told, beyond it is cut off
                ws_per_message_deflate=False,  # pictures get no smaller, and what is small could get large
                loop="asyncio",  # the one that can start a process in a group of its own
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="on",
                limit_concurrency=_CONNECTIONS,
                timeout_graceful_shutdown=_END_S,
                **(settings or {}),
            )
        )
        self._app = app
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; whoever follows or uploads something is told first, for one would wait for them."""
        self._app.state.stopping.set()
        await super().shutdown(sockets)
