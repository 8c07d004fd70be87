"""A WebSocket that takes camera frames and answers them: its limits, its outbox and its end."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from spotter.serve.config import Limits
from spotter.serve.frames import FrameError, SentFrame, read_frame
from spotter.serve.live_streams import LiveStreams
from spotter.serve.messages import Error, ErrorCode, ServerMessage, StreamLimits, Summary
from spotter.serve.outbox import Outbox
from spotter.serve.rate import Rate

_SECOND_S = 0.9  # a camera that gives just as many as are allowed is not always on time
_PATIENCE_S = 2.0  # for a client to take the last message
_CLOSED: dict[ErrorCode, int] = {"busy": 1013, "failed": 1011, "idle": 4000, "taken_over": 4001}
"""Close codes after fatal errors; after a summary it is 1000."""


class FrameConnection(ABC):
    """One client that sends frames, from ``hello`` to its end.

    Args:
        websocket: accepted.
        streams: count the clients.
        limits: of what one may send.
    """

    def __init__(self, websocket: WebSocket, streams: LiveStreams, limits: Limits) -> None:
        self.limits = limits
        self.streams = streams
        self._websocket = websocket
        self._outbox = Outbox()
        self._loop = asyncio.get_running_loop()
        self._frames = Rate(limits.frames_per_s, within_s=_SECOND_S)
        self._messages = Rate(2 * limits.frames_per_s)
        self._told_too_fast = Rate(1)

    @abstractmethod
    def hello(self) -> ServerMessage:
        """The first message."""

    @abstractmethod
    def take_frame(self, frame: SentFrame) -> None:
        """A frame has come.

        Raises:
            FrameError: it is not wanted.
        """

    @abstractmethod
    def leave_out(self) -> None:
        """A frame has come and is not even taken apart, because there are too many."""

    @abstractmethod
    def take_text(self, text: str) -> None:
        """A text message has come."""

    @abstractmethod
    def leave(self) -> None:
        """The connection has ended."""

    async def run(self) -> None:
        """Serve the client until either side ends it."""
        sending = asyncio.create_task(self._send())
        try:
            if not self.streams.connect():
                self.refuse("busy", f"{self.limits.streams} streams go on already; try again later")
                await self._sent(sending)
                return
            try:
                await self._serve(sending)
            finally:
                self.streams.disconnect()
                self.leave()
        finally:
            sending.cancel()

    def deliver(self, message: ServerMessage) -> None:
        """Send a message to the client; may be called in any thread."""
        with suppress(RuntimeError):  # the loop has ended, and with it the connection
            self._loop.call_soon_threadsafe(self._outbox.put, message)

    def complain(self, code: ErrorCode, message: str, seq: int | None = None) -> None:
        """Say that something that came cannot be used."""
        self._outbox.put(Error(code=code, message=message, seq=seq))

    def refuse(self, code: ErrorCode, message: str) -> None:
        """Say why the connection ends, and end it."""
        self._outbox.put(Error(code=code, message=message, fatal=True))

    async def _serve(self, sending: asyncio.Task[None]) -> None:
        self._outbox.put(self.hello())
        receiving = asyncio.create_task(self._receive())
        await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
        if not receiving.done():  # the last message is out
            receiving.cancel()
        elif receiving.result():  # the client is still there, and is told why it ends
            await self._sent(sending)

    async def _sent(self, sending: asyncio.Task[None]) -> None:
        """Wait for the last message to go out, but not for ever."""
        await asyncio.wait({sending}, timeout=_PATIENCE_S)

    async def _send(self) -> None:
        """Send what is in the outbox, up to the message after which the connection ends."""
        with suppress(WebSocketDisconnect, RuntimeError):  # the client has gone; whoever receives sees it too
            while True:
                message = await self._outbox.get()
                await self._websocket.send_text(message.model_dump_json())
                if isinstance(message, Summary):
                    return await self._websocket.close(1000)
                if isinstance(message, Error) and message.fatal:
                    return await self._websocket.close(_CLOSED[message.code], message.code)

    async def _receive(self) -> bool:
        """Take what comes, until nothing does; False if the client has gone."""
        while True:
            try:
                async with asyncio.timeout(self.limits.idle_s):
                    message = await self._websocket.receive()
            except TimeoutError:
                self.refuse("idle", f"nothing came for {self.limits.idle_s:g} s; connect again to go on")
                return True
            if message["type"] == "websocket.disconnect":
                return False
            now_s = time.perf_counter()
            if message.get("bytes") is not None:
                self._take_bytes(message["bytes"], now_s)
            else:
                self._take_text(message.get("text") or "")
            if not self._messages.allows(now_s):  # read no faster than this; the network holds the rest back
                await asyncio.sleep(self._messages.wait_s(now_s))

    def _take_bytes(self, message: bytes, now_s: float) -> None:
        if not self._frames.allows(now_s):
            self.leave_out()
            if self._told_too_fast.allows(now_s):
                most = self.limits.frames_per_s
                self.complain("too_fast", f"more than {most} frames came within a second; they are left out")
            return
        try:
            self.take_frame(read_frame(message, now_s, self.limits))
        except FrameError as error:
            self.complain(error.code, str(error), error.seq)

    def _take_text(self, text: str) -> None:
        if len(text) > self.limits.message_bytes:
            self.complain("too_large", f"a message has at most {self.limits.message_bytes:,} bytes")
        else:
            self.take_text(text)


def stream_limits(limits: Limits) -> StreamLimits:
    """What ``hello`` tells of the limits."""
    return StreamLimits(
        frame_bytes=limits.frame_bytes,
        frame_side=limits.frame_side,
        frames_per_s=limits.frames_per_s,
        resume_s=limits.resume_s,
        idle_s=limits.idle_s,
    )
