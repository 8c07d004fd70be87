"""Watching a camera or a video: what is in the middle of the picture, asked at a fixed interval."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

from spotter.errors import UsageError
from spotter.media.frame import Frame
from spotter.media.prefetch import read_ahead
from spotter.media.source import MediaSource
from spotter.recognizer.predict import Prediction, Recognizer

INTERVAL_S = 0.2
"""How much of the media's time lies between two predictions unless it is said."""

# Times in a stream are rounded to its ticks: a frame this much early is the frame that was meant.
_EARLY_S = 1e-3
_FAREWELL_S = 5.0


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What a recognizer said of one moment.

    Attributes:
        time_s: of the frame that was looked at, in seconds from the stream's start.
        prediction: the answer.
        took_s: how long cropping, resizing and predicting took, in seconds.
    """

    time_s: float
    prediction: Prediction
    took_s: float


OnFrame = Callable[[Frame, LiveAnswer | None], None]


class Watch(Iterator[LiveAnswer]):
    """The answers about a stream, in the order of their time; made by `watch`.

    Attributes:
        frames: how many pictures have come so far.
    """

    def __init__(
        self,
        source: MediaSource,
        recognizer: Recognizer,
        interval_s: float,
        live: bool,
        on_frame: OnFrame | None,
        stop: threading.Event | None,
    ) -> None:
        self.frames = 0
        self._source, self._on_frame, self._stop = source, on_frame, stop
        self._due = _Due(interval_s)
        self._predictor: _Predictor = _Beside(recognizer) if live else _AtOnce(recognizer)
        self._answers = self._watch()

    @property
    def dropped(self) -> int:
        """How many frames that were due were never looked at, because a newer one came first."""
        return self._predictor.dropped

    def __next__(self) -> LiveAnswer:
        return next(self._answers)

    def close(self) -> None:
        """Stop; the source stays open. Closing twice does no harm."""
        self._answers.close()

    def _watch(self) -> Generator[LiveAnswer, None, None]:
        frames = read_ahead(self._source)
        newest: LiveAnswer | None = None
        lost: Exception | None = None
        try:
            while (frame := _next(frames, self._stop)) is not None:
                if isinstance(frame, Exception):
                    lost = frame
                    break
                self.frames += 1
                if self._due.is_now(frame.time_s):
                    self._predictor.offer(frame)
                for newest in self._predictor.ready():
                    yield newest
                if self._on_frame is not None:
                    self._on_frame(frame, newest)
            yield from self._predictor.finish()
        finally:
            frames.close()
            self._predictor.close()
        if lost is not None:
            raise lost


def watch(
    source: MediaSource,
    recognizer: Recognizer,
    *,
    interval_s: float = INTERVAL_S,
    live: bool = False,
    on_frame: OnFrame | None = None,
    stop: threading.Event | None = None,
) -> Watch:
    """Ask a recognizer at a fixed interval of the media's time what is in the middle of the picture.

    Of a file every interval is answered, as fast as it goes, and the same file gives the same answers. A
    camera waits for nobody: with ``live`` the predictions run in a thread of their own, the picture goes on
    meanwhile, and where several frames have become due since, only the newest is looked at.

    Args:
        source: an open video, folder of pictures or camera; the caller closes it, after the watch.
        recognizer: is asked by nobody else meanwhile.
        interval_s: seconds from one prediction to the next, above 0; the first frame is always looked at.
        live: never let the picture wait for a prediction.
        on_frame: called in the caller's thread with every frame and the newest answer there is (None before
            the first). With a file that answer is about this frame or the last one looked at before it.
        stop: setting it ends the watch after the frame under way; what has been offered is still answered.

    Returns:
        An iterator of answers that also counts what was dropped. What the source raises is raised after
        everything that it gave before is answered: a camera that goes leaves what was seen.

    Raises:
        UsageError: if the interval is not above 0.

    Example::

        with open_camera(0) as camera:
            for answer in watch(camera, recognizer, live=True):
                print(f"{answer.time_s:.1f} s  {answer.prediction.label}")
    """
    if not 0 < interval_s < math.inf:
        raise UsageError(f"the interval is {interval_s:g} s; give seconds above 0, such as {INTERVAL_S:g}")
    return Watch(source, recognizer, interval_s, live, on_frame, stop)


class _Due:
    """Says which frames are to be looked at: the first one in each interval."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._start_s: float | None = None
        self._next = 0

    def is_now(self, time_s: float) -> bool:
        if self._start_s is None:
            self._start_s = time_s
        passed = (time_s - self._start_s + _EARLY_S) / self._interval_s
        if passed < self._next:
            return False
        self._next = math.floor(passed) + 1  # where frames are missing, intervals without one are passed over
        return True


class _Predictor(Protocol):
    """Takes frames and gives answers; see `_AtOnce` and `_Beside`."""

    dropped: int

    def offer(self, frame: Frame) -> None: ...
    def ready(self) -> list[LiveAnswer]: ...
    def finish(self) -> list[LiveAnswer]: ...
    def close(self) -> None: ...


class _AtOnce:
    """Predicts as soon as it is asked, while the next frames are decoded ahead."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._ready: list[LiveAnswer] = []
        self.dropped = 0

    def offer(self, frame: Frame) -> None:
        self._ready.append(_answer(self._recognizer, frame))

    def ready(self) -> list[LiveAnswer]:
        ready, self._ready = self._ready, []
        return ready

    finish = ready

    def close(self) -> None:
        pass


class _Beside:
    """Predicts in a thread of its own; of the frames that wait, only the newest is kept."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._changed = threading.Condition()
        self._waiting: Frame | None = None
        self._ready: list[LiveAnswer] = []
        self._ended = False
        self._error: BaseException | None = None
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="spotter-predict", daemon=True)
        self._thread.start()

    def offer(self, frame: Frame) -> None:
        with self._changed:
            self.dropped += self._waiting is not None
            self._waiting = frame
            self._changed.notify()

    def ready(self) -> list[LiveAnswer]:
        with self._changed:
            ready, self._ready = self._ready, []
            error = self._error
        if error is not None:
            raise error
        return ready

    def finish(self) -> list[LiveAnswer]:
        self._end()
        return self.ready()

    def close(self) -> None:
        with self._changed:
            self._waiting = None
        self._end()

    def _end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(_FAREWELL_S)

    def _run(self) -> None:
        try:
            while (frame := self._take()) is not None:
                answer = _answer(self._recognizer, frame)
                with self._changed:
                    self._ready.append(answer)
        except BaseException as error:  # handed to the caller's thread, which raises it
            self._error = error

    def _take(self) -> Frame | None:
        """The newest frame as soon as there is one; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._ended)
            frame, self._waiting = self._waiting, None
            return frame


def _answer(recognizer: Recognizer, frame: Frame) -> LiveAnswer:
    begin = time.perf_counter()
    prediction = recognizer.predict(frame.image)
    return LiveAnswer(frame.time_s, prediction, time.perf_counter() - begin)


def _next(frames: Iterator[Frame], stop: threading.Event | None) -> Frame | Exception | None:
    """The next frame, None at the end, or what went wrong with the source."""
    if stop is not None and stop.is_set():
        return None
    try:
        return next(frames, None)
    except Exception as error:
        return error
