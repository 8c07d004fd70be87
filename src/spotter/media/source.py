"""What every source of frames has in common: what it is, its frames in order, and a way to close it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from spotter.errors import UsageError
from spotter.media.frame import Frame, MediaInfo

# Times that people copy from a report are rounded to the millisecond.
_TIME_TOLERANCE_S = 5e-4


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """The part of a stream that is wanted: from ``start_s`` up to, but not including, ``end_s``, in seconds.

    Raises:
        UsageError: if ``start_s`` is negative, or ``end_s`` is not after it.

    >>> window = TimeWindow(start_s=1.0, end_s=2.5)
    >>> window.is_before(0.9), window.is_after(2.5), window.overlap_s(2.0)
    (True, True, 1.0)
    """

    start_s: float = 0.0
    end_s: float = math.inf

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < math.inf:
            raise UsageError(f"the start is {self.start_s:g} s; give seconds from the beginning, 0 or more")
        if not self.end_s > self.start_s:
            raise UsageError(
                f"the end ({self.end_s:g} s) must come after the start ({self.start_s:g} s); "
                "both count from the beginning of the video"
            )

    @classmethod
    def between(cls, start_s: float | None, end_s: float | None) -> TimeWindow:
        """A window where None means the beginning or the end of the stream."""
        return cls(0.0 if start_s is None else start_s, math.inf if end_s is None else end_s)

    def is_before(self, time_s: float) -> bool:
        """Whether a frame at ``time_s`` comes before the window."""
        return time_s < self.start_s - _TIME_TOLERANCE_S

    def is_after(self, time_s: float) -> bool:
        """Whether a frame at ``time_s`` comes after the window."""
        return time_s >= self.end_s - _TIME_TOLERANCE_S

    def overlap_s(self, duration_s: float) -> float:
        """How many seconds of a stream of ``duration_s`` lie in the window; NaN where that is unknown."""
        if math.isnan(duration_s):
            return math.nan
        return max(0.0, min(self.end_s, duration_s) - self.start_s)


class MediaSource(ABC):
    """Frames in the order of their time, from a file, a folder or a camera.

    A context manager; its frames can be gone through once. Every frame's picture has the size that ``info``
    gives, and ``time_s`` strictly increases.

    Attributes:
        info: what the stream says about itself.
        warning: a sentence for the user about what could not be read; None where all is well. It is known
            once the frames have been gone through.
    """

    def __init__(self, info: MediaInfo) -> None:
        self.info = info
        self.warning: str | None = None
        self._stream = self._frames()

    @abstractmethod
    def _frames(self) -> Generator[Frame, None, None]:
        """Decode and yield the frames."""

    @abstractmethod
    def _release(self) -> None:
        """Give back what the source holds open."""

    def __iter__(self) -> Iterator[Frame]:
        return self._stream

    def close(self) -> None:
        """Stop decoding and release the file or the camera; closing twice does no harm."""
        self._stream.close()
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
