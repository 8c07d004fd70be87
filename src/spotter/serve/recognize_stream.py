"""One stream of frames before a recognizer: the newest waits here for a worker, which answers with labels."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from spotter.errors import SpotterError
from spotter.recognizer.predict import Recognizer
from spotter.serve.clock import SessionClock
from spotter.serve.config import Limits
from spotter.serve.frames import FrameError, SentFrame, decode_frame
from spotter.serve.live_stream import Deliver
from spotter.serve.mailbox import Mailbox
from spotter.serve.messages import Error, Labels
from spotter.serve.recognize_timeline import GrowingTimeline

_LOG = logging.getLogger(__name__)


class RecognizeStream:
    """What is to be looked at for one client; the model is loaded in the first piece of work.

    Args:
        model: its folder.
        classes: its classes.
        deliver: takes the answers.
        limits: of a frame.
    """

    def __init__(self, model: Path, classes: tuple[str, ...], deliver: Deliver, limits: Limits) -> None:
        self.frames = Mailbox[SentFrame]()
        self._model = model
        self._deliver = deliver
        self._limits = limits
        self._clock = SessionClock()
        self._recognizer: Recognizer | None = None
        self._timeline = GrowingTimeline(classes)

    def offer(self, frame: SentFrame) -> None:
        """Take a frame, in place of one that still waits.

        Raises:
            FrameError: its time does not lie after the last one's.
        """
        self._clock.read(frame)
        self.frames.put(frame)

    def work(self) -> None:
        """Look at the frame that waits."""
        frame, skipped = self.frames.take()
        if frame is None:
            return
        try:
            self._look(frame, skipped)
        except FrameError as error:
            self._deliver(Error(code=error.code, message=str(error), seq=error.seq))
        except SpotterError as error:
            self._deliver(Error(code="failed", message=str(error), fatal=True))
        except Exception:
            _LOG.exception("a recognizer failed")
            told = "the server failed at this stream; its terminal says more"
            self._deliver(Error(code="failed", message=told, fatal=True))

    def _look(self, frame: SentFrame, skipped: int) -> None:
        if self._recognizer is None:
            self._recognizer = Recognizer.load(self._model, threads=1)
        began_s = time.perf_counter()
        found = self._recognizer.predict(decode_frame(frame, self._limits))
        shares = zip(found.classes, found.probabilities, strict=True)
        self._deliver(
            Labels(
                seq=frame.seq,
                time_s=frame.time_s,
                label=found.label,
                probabilities={name: round(min(1.0, max(0.0, share)), 4) for name, share in shares},
                work_ms=round(1000 * (time.perf_counter() - began_s), 2),
                waited_ms=round(1000 * (began_s - frame.arrived_s), 2),
                skipped=skipped,
            )
        )
        self._timeline.add(frame.time_s, found)
        told = self._timeline.told()
        if told is not None:
            self._deliver(told)
