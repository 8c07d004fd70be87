"""What the server listens to, where it keeps things, and how much anybody may ask of it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from spotter.models.folders import data_folder

PORT = 8765
"""Where the server listens unless another port is named."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one client, and all together, may ask for; ``GET /api/v1/health`` tells them.

    Attributes:
        frame_bytes: of one camera frame.
        frame_side: of its longer side, in pixels.
        frames_per_s: of one stream; more are dropped.
        streams: live streams at a time, of all clients together.
        resume_s: for how long a stream that lost its connection waits for it to come back.
        idle_s: for how long a connection may say nothing before it is closed.
        message_bytes: of one text message of a WebSocket.
        body_bytes: of a request's body, but for uploads.
        upload_bytes: of an uploaded video.
        analyses: uploaded videos that come, wait or are analysed.
        wrong_keys: how often an address may guess at a token or key within a minute.
    """

    frame_bytes: int = 4_000_000
    frame_side: int = 4096
    frames_per_s: int = 60
    streams: int = 8
    resume_s: float = 300.0
    idle_s: float = 60.0
    message_bytes: int = 64_000
    body_bytes: int = 1_000_000
    upload_bytes: int = 20_000_000_000
    analyses: int = 100
    wrong_keys: int = 10


@dataclass(frozen=True, slots=True)
class Config:
    """What a server is started with.

    Attributes:
        host: address to listen on; 127.0.0.1 unless other machines were let in.
        port: 0 takes any that is free.
        lan: whether other machines were let in: then every request needs a key.
        hosts: further names of this machine that a request's ``Host`` may have.
        data: folder for uploads, results, sessions that no database took, and ``recognizers/`` of one's own.
        database: of the sessions, as ``--database``; the user's own if None.
        recognizers: folders of trained models that a client may ask for by the folder's name.
        workers: frames that are worked on at the same time.
        limits: how much may be asked for.

    >>> Config(port=0).limits.streams
    8
    """

    host: str = "127.0.0.1"
    port: int = PORT
    lan: bool = False
    hosts: tuple[str, ...] = ()
    data: Path = field(default_factory=lambda: own_folder())
    database: str | None = None
    recognizers: tuple[Path, ...] = ()
    workers: int = field(default_factory=lambda: default_workers())
    limits: Limits = Limits()


def own_folder() -> Path:
    """Where the user's sessions lie too: ``$SPOTTER_DATA`` if that is set, else Spotter's data folder."""
    folder = os.environ.get("SPOTTER_DATA")
    return Path(folder).expanduser() if folder else data_folder()


def default_workers() -> int:
    """One worker a core and at most four, so that on a large machine each has several cores for one frame."""
    return min(4, os.cpu_count() or 1)
