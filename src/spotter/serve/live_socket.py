"""The WebSocket of the live coach: frames and commands come in, the newest state goes out."""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from starlette.websockets import WebSocket

from spotter.coach.schema import shipped_exercises
from spotter.serve.config import Limits
from spotter.serve.connection import FrameConnection, stream_limits
from spotter.serve.frames import FrameError, SentFrame
from spotter.serve.live_stream import LiveStream
from spotter.serve.live_streams import LiveStreams
from spotter.serve.messages import BadMessageError, Change, Hello, Start, read_message
from spotter.serve.services import Served

router = APIRouter()


@router.websocket("/api/v1/live")
async def live(websocket: WebSocket, served: Served) -> None:
    """Coach the person whose frames come in; see docs/api.md and ``/api/v1/messages.json``."""
    await websocket.accept()
    await LiveConnection(websocket, served.streams, served.config.limits).run()


class LiveConnection(FrameConnection):
    """A client of the live coach; its session waits for it when the connection is lost."""

    def __init__(self, websocket: WebSocket, streams: LiveStreams, limits: Limits) -> None:
        super().__init__(websocket, streams, limits)
        self._ident = secrets.token_urlsafe(16)
        self._stream: LiveStream | None = None

    def hello(self) -> Hello:
        """The name of the session, for a later ``resume``."""
        return Hello(session=self._ident, limits=stream_limits(self.limits))

    def take_frame(self, frame: SentFrame) -> None:
        """Offer a frame to the stream."""
        if self._stream is None:
            raise FrameError("not_begun", "a frame came before 'start'; send that first", frame.seq)
        self._stream.offer(frame)
        self.streams.wake(self._stream)

    def leave_out(self) -> None:
        """Count a frame that is not taken."""
        if self._stream is not None:
            self._stream.skip_one()

    def leave(self) -> None:
        """Let the session wait."""
        if self._stream is not None:
            self.streams.leave(self._stream, self.deliver)

    def take_text(self, text: str) -> None:
        """Begin, or hand a command on."""
        try:
            message = read_message(text)
        except BadMessageError as error:
            return self.complain("bad_message", str(error))
        if isinstance(message, Start | Change) and not _is_known(message.exercise):
            return self.complain(
                "unknown_exercise",
                f"there is no exercise {message.exercise!r}; "
                f"there are: auto, {', '.join(shipped_exercises())}",
            )
        if isinstance(message, Start):
            self._begin(message)
        elif self._stream is None:
            self.complain("not_begun", f"{message.type!r} came before 'start'; send that first")
        else:
            self._stream.command(message)
            self.streams.wake(self._stream)

    def _begin(self, start: Start) -> None:
        if self._stream is not None:
            self.complain("bad_message", "the session has begun already; connect anew for another one")
        elif start.resume is None:
            self._stream = self.streams.begin(self._ident, start, self.deliver)
        else:
            self._stream = self.streams.resume(start.resume, self.deliver)
            if self._stream is None:
                self.complain(
                    "no_such_session", "the session is over or was never begun; send 'start' without 'resume'"
                )


def _is_known(exercise: str | None) -> bool:
    """Whether a client may name this exercise; the path of a file it may not."""
    return exercise is None or exercise == "auto" or exercise in shipped_exercises()
