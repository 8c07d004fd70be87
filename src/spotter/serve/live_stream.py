"""One live stream: its newest frame and its commands wait here for a worker, and answers go out from here."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from spotter.errors import ExerciseError, SpotterError, UsageError
from spotter.serve.clock import SessionClock
from spotter.serve.config import Limits
from spotter.serve.frames import FrameError, SentFrame, decode_frame
from spotter.serve.keeper import Kept, SessionKeeper
from spotter.serve.mailbox import Mailbox
from spotter.serve.messages import Command, Error, Finish, ServerMessage, Start, Summary
from spotter.serve.trainer import Trainer, Trainers

Deliver = Callable[[ServerMessage], None]
"""Takes a message for the client; may be called in any thread."""

_LOG = logging.getLogger(__name__)


class LiveStream:
    """A session and what is to be done for it.

    Frames and commands come from one thread and work is done in others, by one at a time; a frame that comes
    while an older one waits takes its place.

    Args:
        ident: its secret name, for the client that comes back.
        start: what the client began it with.
        trainers: give the trainer, in the first piece of work.
        records: take the session when it is over.
        limits: of a frame.

    Attributes:
        ident: as given.
        deliver: where its messages go; None while no client is connected.
        summary: what was told at its end; None before.
        ended: set when nothing more will come.
    """

    def __init__(
        self, ident: str, start: Start, trainers: Trainers, records: SessionKeeper, limits: Limits
    ) -> None:
        self.ident = ident
        self.deliver: Deliver | None = None
        self.summary: Summary | None = None
        self.ended = threading.Event()
        self._start = start
        self._trainers = trainers
        self._records = records
        self._limits = limits
        self._clock = SessionClock()
        self._commands: deque[Command] = deque()
        self._frames = Mailbox[tuple[SentFrame, float]]()
        self._trainer: Trainer | None = None
        self._is_over = False

    def offer(self, frame: SentFrame) -> None:
        """Take a frame, in place of one that still waits.

        Raises:
            FrameError: its time does not lie after the last one's.
        """
        self._frames.put((frame, self._clock.read(frame)))

    def skip_one(self) -> None:
        """Count a frame that was not even taken."""
        self._frames.skip()

    def command(self, command: Command) -> None:
        """Take a command; all are obeyed in turn, before the frame that waits."""
        self._commands.append(command)

    def restart_clock(self) -> None:
        """A client has come back, whose clock may have begun anew."""
        self._clock.restart()

    def work(self) -> None:
        """Obey what was commanded and look at the frame that waits."""
        try:
            if not self._opened():
                return
            while self._commands:
                self._obey(self._commands.popleft())
            taken, skipped = self._frames.take()
            if taken is not None and not self._is_over:
                self._look(*taken, skipped)
        except SpotterError as error:  # no model, or a target that cannot be: it cannot go on
            self._fail(str(error))
        except Exception:
            _LOG.exception("a live stream failed")
            self._fail("the server failed at this stream; its terminal says more")

    def tell(self, message: ServerMessage) -> None:
        """Send a message to the client, if there is one."""
        deliver = self.deliver
        if deliver is not None:
            deliver(message)

    def _opened(self) -> bool:
        """Whether there is a trainer to work with; made now if this is the first piece of work."""
        if self._trainer is None and not self._is_over:
            self._trainer = self._trainers.open(self._start)
        return not self._is_over

    def _look(self, frame: SentFrame, time_s: float, skipped: int) -> None:
        assert self._trainer is not None
        began_s = time.perf_counter()
        try:
            image = decode_frame(frame, self._limits)
        except FrameError as error:
            self.tell(Error(code=error.code, message=str(error), seq=error.seq))
            return
        state = self._trainer.look(image, time_s)
        state.seq, state.time_s, state.skipped = frame.seq, frame.time_s, skipped
        state.work_ms = round(1000 * (time.perf_counter() - began_s), 2)
        state.waited_ms = round(1000 * (began_s - frame.arrived_s), 2)
        self.tell(state)
        self._trainer.think()
        if self._trainer.is_done:
            self._end()

    def _obey(self, command: Command) -> None:
        if self._is_over:
            return
        assert self._trainer is not None
        try:
            self._trainer.obey(command)
        except ExerciseError as error:
            self.tell(Error(code="unknown_exercise", message=str(error)))
        except UsageError as error:
            self.tell(Error(code="bad_message", message=str(error)))
        if isinstance(command, Finish) or self._trainer.is_done:
            self._end()

    def _end(self) -> None:
        """The session is over: keep it, and tell what was done."""
        assert self._trainer is not None
        self._is_over = True
        document, session = self._trainer.result()
        self._trainer = None  # its memory is not needed while the client reads the summary

        def tell(kept: Kept) -> None:
            self.summary = Summary(session=kept.session, why=kept.why, document=document)
            self.ended.set()
            self.tell(self.summary)

        self._records.keep_soon(session, tell)

    def _fail(self, message: str) -> None:
        """It cannot go on: say so, and keep what was done until now, if that can still be told."""
        self.tell(Error(code="failed", message=message, fatal=True))
        trainer, self._trainer, self._is_over = self._trainer, None, True
        session = None
        if trainer is not None:
            try:
                session = trainer.result()[1]
            except Exception:
                _LOG.exception("what a stream did before it failed is lost")
        self._records.keep_soon(session, lambda _: self.ended.set())
