"""The WebSocket of the recognizer: frames come in, the newest labels go out."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi import APIRouter
from starlette.websockets import WebSocket

from spotter.errors import ModelError
from spotter.recognizer.card import RecognizerCard, read_card
from spotter.serve.connection import FrameConnection, stream_limits
from spotter.serve.frames import SentFrame
from spotter.serve.messages import Error, RecognizerHello
from spotter.serve.recognize_stream import RecognizeStream
from spotter.serve.recognizers import find_recognizers
from spotter.serve.services import Served, Services

router = APIRouter()


@router.websocket("/api/v1/recognize")
async def recognize(websocket: WebSocket, served: Served, model: str | None = None) -> None:
    """Say what frames show, by a model that ``GET /api/v1/models`` lists; by the first if none is named."""
    await websocket.accept()
    folders = await asyncio.to_thread(find_recognizers, served.config)
    name = model or next(iter(folders))
    problem = f"there is no model {name!r}"
    if name in folders:
        try:
            card = await asyncio.to_thread(read_card, folders[name])
            return await RecognizeConnection(websocket, served, name, folders[name], card).run()
        except ModelError as error:
            problem = str(error)
    message = f"{problem}; there are: {', '.join(folders)} (more with spotter serve --recognizer FOLDER)"
    await websocket.send_text(Error(code="unknown_model", message=message, fatal=True).model_dump_json())
    await websocket.close(1008, "unknown_model")


class RecognizeConnection(FrameConnection):
    """A client of the recognizer; nothing of it is kept."""

    def __init__(
        self, websocket: WebSocket, served: Services, name: str, folder: Path, card: RecognizerCard
    ) -> None:
        super().__init__(websocket, served.streams, served.config.limits)
        self._name, self._classes = name, list(card.classes)
        self._stream = RecognizeStream(folder, card.classes, self.deliver, self.limits)

    def hello(self) -> RecognizerHello:
        """The model and its classes."""
        return RecognizerHello(model=self._name, classes=self._classes, limits=stream_limits(self.limits))

    def take_frame(self, frame: SentFrame) -> None:
        """Offer a frame to the stream."""
        self._stream.offer(frame)
        self.streams.wake(self._stream)

    def leave_out(self) -> None:
        """Count a frame that is not taken."""
        self._stream.frames.skip()

    def take_text(self, text: str) -> None:
        """There is nothing to say to a recognizer."""
        self.complain("bad_message", "only frames are wanted here")

    def leave(self) -> None:
        """The stream ends with the connection."""
