"""A trainer that looks at nothing, clients, and pictures: what the server's tests are made with."""

from __future__ import annotations

import asyncio
import io
import json
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import cv2
import numpy as np
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection, connect

from spotter.coach.session import Session, SessionSet
from spotter.errors import UsageError
from spotter.serve.app import create_app
from spotter.serve.config import Config
from spotter.serve.frames import HEADER
from spotter.serve.messages import (
    Change,
    Command,
    EndSet,
    Finish,
    RepMessage,
    Skip,
    Start,
    State,
    TempoMessage,
)
from spotter.serve.server import Server, listen

PATIENCE_S = 30.0
STARTED = datetime(2026, 5, 4, 18, tzinfo=UTC)


class FakeTrainer:
    """Counts the frames; each tenth completes a repetition."""

    def __init__(self, start: Start, trainers: FakeTrainers) -> None:
        self.start = start
        self.times: list[float] = []
        self.obeyed: list[Command] = []
        self.thread: int | None = None
        self.stage = "guide"
        self._trainers = trainers
        self._id = str(uuid4())

    @property
    def is_done(self) -> bool:
        return self.stage == "done"

    def look(self, image: NDArray[np.uint8], time_s: float) -> State:
        assert self.thread is None, "two workers look at frames of one stream"
        self.thread = threading.get_ident()
        self._trainers.looking.set()
        self._trainers.gate.wait(PATIENCE_S)
        if self._trainers.takes_s:
            time.sleep(self._trainers.takes_s)
        if self._trainers.breaks and len(self.times) >= 10:
            raise RuntimeError("this trainer was made to break")
        self.times.append(time_s)
        self._trainers.looked.append((self._id, time_s))
        count = len(self.times) // 10
        reps = self.start.target.reps
        if reps is not None and count >= reps:
            self.stage = "done"
        self.thread = None
        return state(self.stage, count, rep=rep(count) if len(self.times) % 10 == 0 else None)

    def think(self) -> None:
        """Nothing is left for later."""

    def obey(self, command: Command) -> None:
        self.obeyed.append(command)
        match command:
            case Skip():
                self.stage = {"guide": "countdown", "countdown": "set"}.get(self.stage, self.stage)
            case EndSet():
                self.stage = "rest"
            case Finish():
                self.stage = "done"
            case Change(target=target) if target is not None and target.reps == 13:
                raise UsageError("thirteen is not wanted here")

    def result(self) -> tuple[dict[str, Any], Session | None]:
        count = len(self.times) // 10
        if not count:
            return {"count": 0}, None
        sets = (SessionSet("squat", 0.0, self.times[-1]),)
        return {"count": count}, Session(self._id, self.start.person or "me", STARTED, self.times[-1], sets)


@dataclass
class FakeTrainers:
    """Gives fake trainers out.

    Attributes:
        takes_s: how long one looks at a frame.
        gate: closed, every look waits for it to be opened.
        looking: set when a look begins.
        breaks: whether a look fails after the tenth frame.
        opened: all that were given out.
        looked: whose frame was looked at, in turn.
    """

    takes_s: float = 0.0
    gate: threading.Event = field(default_factory=threading.Event)
    looking: threading.Event = field(default_factory=threading.Event)
    breaks: bool = False
    opened: list[FakeTrainer] = field(default_factory=list)
    looked: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    def prepare(self) -> None:
        """Nothing has to be loaded."""

    def open(self, start: Start) -> FakeTrainer:
        self.opened.append(FakeTrainer(start, self))
        return self.opened[-1]


def state(stage: Any = "set", count: int = 0, rep: RepMessage | None = None) -> State:
    """A state in which nothing else is known."""
    return State(
        stage=stage, guide=[], countdown_s=None, rest_left_s=None, set=1, sets=None, count=count, attempts=0,
        held_s=0.0, phase="ready", progress=float("nan"), exercise=None, working=None, angles={}, bodies=[],
        person=None, rep=rep, cue=None, heart_rate=float("nan"),
    )  # fmt: skip


def rep(number: int) -> RepMessage:
    """A repetition without a fault."""
    return RepMessage(
        number=number, start_s=0.0, turn_s=1.0, end_s=2.0, complete=True, side="both", range_deg=90.0,
        tempo_s=TempoMessage(out=1.0, hold=0.0, back=1.0), symmetry=None, score=100.0, faults=[],
    )  # fmt: skip


def picture(width: int = 64, height: int = 48, ending: str = ".jpg") -> bytes:
    """A small picture file."""
    pixels = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    return cv2.imencode(ending, pixels)[1].tobytes()


def huge_png(side: int) -> bytes:
    """A PNG of side x side pixels that has no pixels: whoever decodes it allocates them all first."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", b"") + _chunk(b"IEND", b"")


def _chunk(name: bytes, body: bytes) -> bytes:
    import zlib

    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def frame(seq: int, time_s: float, content: bytes | None = None) -> bytes:
    """A frame as it goes over the line."""
    return HEADER.pack(seq, 0, time_s) + (picture() if content is None else content)


class Running:
    """A server in a thread of its own, on a port that was free."""

    def __init__(self, config: Config, trainers: FakeTrainers | None = None) -> None:
        self.trainers = trainers or FakeTrainers()
        self._listener = listen(config)
        self.port = int(self._listener.getsockname()[1])
        self._ready = threading.Event()
        self.app = create_app(config, trainers=self.trainers)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server = Server(self.app, config, self._started)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE_S), "the server did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> float:
        """End it; returns the seconds that took."""
        began = time.perf_counter()
        self.trainers.gate.set()
        self._server.should_exit = True
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), f"the server did not end; what holds it:\n{self._held()}"
        return time.perf_counter() - began

    def _started(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()

    def _held(self) -> str:
        """Where every thread and every task of the server stands."""
        frames, told = sys._current_frames(), []
        for thread in threading.enumerate():
            if thread.ident in frames:
                told += [f"thread {thread.name}", *traceback.format_stack(frames[thread.ident])]
        if self._loop is not None:
            for task in asyncio.all_tasks(self._loop):
                stream = io.StringIO()
                task.print_stack(file=stream)
                told.append(stream.getvalue())
        return "\n".join(line.rstrip() for line in told)

    def client(self, **start: Any) -> Client:
        """A client that has sent ``start``."""
        return Client(self.port, start)

    def unstarted(self) -> Client:
        """A client that has only connected."""
        return Client(self.port, None)


class Client:
    """A client of the live coach, over a real connection."""

    def __init__(self, port: int, start: dict[str, Any] | None, path: str = "/api/v1/live") -> None:
        address = f"ws://127.0.0.1:{port}{path}"
        self._opened = connect(address, compression=None, max_queue=None)
        self.line: ClientConnection = self._opened.__enter__()
        self.hello = self.next("hello")
        self._seq = 0
        if start is not None:
            self.say("start", **start)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    def say(self, kind: str, **fields: Any) -> None:
        self.line.send(json.dumps({"type": kind, **fields}))

    def show(self, content: bytes | None = None, time_s: float | None = None) -> int:
        """Send a frame; returns its number."""
        self._seq += 1
        self.line.send(frame(self._seq, self._seq / 30 if time_s is None else time_s, content))
        return self._seq

    def any(self) -> dict[str, Any]:
        """The next message."""
        message: dict[str, Any] = json.loads(self.line.recv(timeout=PATIENCE_S))
        return message

    def next(self, kind: str, until: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The next message of a kind that fulfils a condition; others are passed over."""
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            message = self.any()
            if message["type"] == kind and until(message):
                return message
        raise AssertionError(f"no such {kind} came")

    def look(self, content: bytes | None = None, time_s: float | None = None) -> dict[str, Any]:
        """Send a frame and wait for its answer."""
        seq = self.show(content, time_s)
        return self.next("state", lambda message: message["seq"] == seq)

    def train(self, reps: int) -> None:
        """Send the frames of so many repetitions, each after the answer to the one before."""
        for _ in range(10 * reps):
            self.look()
