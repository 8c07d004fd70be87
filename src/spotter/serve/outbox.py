"""What waits to be sent to one client: of answers only the newest, so that a slow client gets no old ones."""

from __future__ import annotations

import asyncio

from spotter.serve.messages import (
    Error,
    ErrorCode,
    Hello,
    Labels,
    RecognizerHello,
    ServerMessage,
    State,
    Summary,
    TimelineMessage,
)


class Outbox:
    """Messages for one client, in the order that matters; used in the event loop's thread alone.

    It holds at most one message of each kind, and one error of each code, however slowly they are taken.

    Example::

        outbox.put(state)
        await websocket.send_text((await outbox.get()).model_dump_json())
    """

    def __init__(self) -> None:
        self._filled = asyncio.Event()
        self._hello: Hello | RecognizerHello | None = None
        self._errors: dict[ErrorCode, Error] = {}
        self._answer: State | Labels | None = None
        self._timeline: TimelineMessage | None = None
        self._last: Error | Summary | None = None

    def put(self, message: ServerMessage) -> None:
        """Add a message; an answer takes the place of an older one that waits."""
        match message:
            case Hello() | RecognizerHello():
                self._hello = message
            case State() | Labels():
                if self._answer is not None:
                    message.replace(self._answer)
                self._answer = message
            case TimelineMessage():
                self._timeline = message
            case Error(fatal=False):
                self._errors[message.code] = message
            case Error() | Summary():
                self._last = self._last or message
        self._filled.set()

    async def get(self) -> ServerMessage:
        """The next message, waited for; the last one is a summary or a fatal error."""
        while (message := self._take()) is None:
            self._filled.clear()
            await self._filled.wait()
        return message

    def _take(self) -> ServerMessage | None:
        message: ServerMessage | None
        if self._hello is not None:
            message, self._hello = self._hello, None
        elif self._errors:
            message = self._errors.pop(next(iter(self._errors)))
        elif self._answer is not None:
            message, self._answer = self._answer, None
        elif self._timeline is not None:
            message, self._timeline = self._timeline, None
        else:
            message, self._last = self._last, None
        return message
