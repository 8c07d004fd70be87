"""The clock of a session whose frames come from a client's clock, which may begin anew when it comes back."""

from __future__ import annotations

from spotter.serve.frames import FrameError, SentFrame

_STEADY_S = 1.0  # a clock that is off by less went on while the connection was lost


class SessionClock:
    """Turns a client's times into times that grow over the whole session.

    The client's own times are kept as long as its clock goes on. A page that was loaded again begins at 0;
    then the session goes on after as much time as has really passed.

    >>> clock = SessionClock()
    >>> clock.read(SentFrame(1, 0.5, arrived_s=100.0, picture=b""))
    0.5
    >>> clock.restart()
    >>> clock.read(SentFrame(1, 0.0, arrived_s=110.0, picture=b""))
    10.5
    """

    def __init__(self) -> None:
        self._ahead_s = 0.0
        self._last: tuple[float, float] | None = None
        self._restarted = False

    def restart(self) -> None:
        """The connection was lost: the next time may be of a clock that began anew."""
        self._restarted = True

    def read(self, frame: SentFrame) -> float:
        """The session's time of a frame.

        Raises:
            FrameError: it does not lie after the frame before.
        """
        now_s = frame.time_s + self._ahead_s
        if self._last is not None:
            last_s, last_arrived_s = self._last
            if self._restarted:
                expected_s = last_s + max(frame.arrived_s - last_arrived_s, 1e-3)
                if now_s <= last_s or abs(now_s - expected_s) > _STEADY_S:
                    self._ahead_s = expected_s - frame.time_s
                    now_s = expected_s
            elif now_s <= last_s:
                raise FrameError(
                    "time_not_growing",
                    f"frame {frame.seq} is of {frame.time_s:g} s, which is not after the frame before it",
                    frame.seq,
                )
        self._restarted = False
        self._last = now_s, frame.arrived_s
        return now_s
