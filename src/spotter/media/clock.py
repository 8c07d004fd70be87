"""The time of each frame from its time stamp, repaired where stamps are missing or run backwards."""

from __future__ import annotations

# Further back than this is not jitter but a stream whose clock was started again (clips joined end to end).
_RESTART_S = 0.5


class StreamClock:
    """Turns the stamps of frames, in the order they are shown, into seconds that strictly increase.

    A missing stamp is one frame after the last; a stamp that repeats or jitters back is put half a frame
    after the last, so that the next good stamp is right again; a stamp far back begins a new stretch that
    follows on the last frame.

    Args:
        frame_s: the average time from a frame to the next, in seconds, for where stamps are of no use.

    >>> clock = StreamClock(frame_s=0.1)
    >>> [round(clock.time_of(stamp), 2) for stamp in (0.0, 0.1, None, 0.2, 0.3, 5.0, 0.0, 0.1)]
    [0.0, 0.1, 0.2, 0.25, 0.3, 5.0, 5.1, 5.2]
    """

    def __init__(self, frame_s: float) -> None:
        self._frame_s = frame_s
        self._offset_s = 0.0
        self._last_s: float | None = None

    def time_of(self, stamp_s: float | None) -> float:
        """The time of the next frame, in seconds, given its stamp (None where it has none)."""
        if self._last_s is None:
            self._last_s = 0.0 if stamp_s is None else stamp_s
            return self._last_s
        following_s = self._last_s + self._frame_s
        if stamp_s is None:
            time_s = following_s
        else:
            time_s = stamp_s + self._offset_s
            if time_s <= self._last_s - _RESTART_S:
                self._offset_s += following_s - time_s
                time_s = following_s
            elif time_s <= self._last_s:
                time_s = self._last_s + self._frame_s / 2
        self._last_s = time_s
        return time_s
