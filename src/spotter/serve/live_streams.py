"""All live streams: how many there may be, who comes back to which, and what becomes of the others."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

from spotter.serve.config import Limits
from spotter.serve.keeper import SessionKeeper
from spotter.serve.live_stream import Deliver, LiveStream
from spotter.serve.messages import Error, Finish, Start
from spotter.serve.scheduler import Job, Scheduler
from spotter.serve.trainer import Trainers


class LiveStreams:
    """The streams that go on, and those that wait for their client; used in the event loop's thread.

    Args:
        trainers: look at the frames.
        scheduler: shares the work out.
        records: take finished sessions.
        limits: how many there may be, and how long they wait.

    Attributes:
        connected: how many clients are connected.
    """

    def __init__(
        self, trainers: Trainers, scheduler: Scheduler, records: SessionKeeper, limits: Limits
    ) -> None:
        self.connected = 0
        self._trainers = trainers
        self._scheduler = scheduler
        self._records = records
        self._limits = limits
        self._streams: dict[str, LiveStream] = {}
        self._waiting: OrderedDict[str, asyncio.TimerHandle] = OrderedDict()

    def connect(self) -> bool:
        """Count a client; False if there are as many as there may be."""
        if self.connected >= self._limits.streams:
            return False
        self.connected += 1
        return True

    def disconnect(self) -> None:
        """A client that was counted has gone."""
        self.connected -= 1

    def begin(self, ident: str, start: Start, deliver: Deliver) -> LiveStream:
        """A new stream; where too many wait for their clients, the one that waited longest is finished."""
        while len(self._waiting) >= self._limits.streams:
            self._give_up(next(iter(self._waiting)))
        stream = LiveStream(ident, start, self._trainers, self._records, self._limits)
        stream.deliver = deliver
        self._streams[ident] = stream
        self._scheduler.wake(stream)
        return stream

    def resume(self, ident: str, deliver: Deliver) -> LiveStream | None:
        """The stream of a client that has come back, taken from its old connection; None if it is gone."""
        stream = self._streams.get(ident)
        if stream is None:
            return None
        stream.tell(Error(code="taken_over", message="the session goes on in another connection", fatal=True))
        timer = self._waiting.pop(ident, None)
        if timer is not None:
            timer.cancel()
        stream.restart_clock()
        stream.deliver = deliver
        if stream.summary is not None:
            deliver(stream.summary)
        return stream

    def wake(self, stream: Job) -> None:
        """There is work for a stream."""
        self._scheduler.wake(stream)

    def leave(self, stream: LiveStream, deliver: Deliver) -> None:
        """A connection has ended; its stream waits for it, unless another connection has taken it over."""
        if stream.deliver != deliver:
            return
        stream.deliver = None
        loop = asyncio.get_running_loop()
        self._waiting[stream.ident] = loop.call_later(self._limits.resume_s, self._give_up, stream.ident)

    async def close(self, timeout_s: float) -> None:
        """Finish every session and wait until all are kept, but no longer than the time."""
        for timer in self._waiting.values():
            timer.cancel()
        self._waiting.clear()
        streams = list(self._streams.values())
        for stream in streams:
            self._finish(stream)
        end_s = time.monotonic() + timeout_s
        for stream in streams:
            await asyncio.to_thread(stream.ended.wait, max(0.0, end_s - time.monotonic()))

    def _give_up(self, ident: str) -> None:
        self._waiting.pop(ident).cancel()
        self._finish(self._streams.pop(ident))

    def _finish(self, stream: LiveStream) -> None:
        stream.command(Finish(type="finish"))
        self._scheduler.wake(stream)
