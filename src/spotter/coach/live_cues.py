"""One cue at a time, and none again too soon."""

from __future__ import annotations

import math

from spotter.coach.analysis import Cue, Severity

CUE_S = 4.0
"""How long a cue stands."""

CUE_AGAIN_S = 12.0
"""The same cue is not given again within this time."""

_WEIGHT: dict[Severity, int] = {"hint": 0, "warning": 1, "danger": 2}


class Cues:
    """Chooses what is said.

    Example::

        cues = Cues()
        cues.say(Cue("too-shallow", "Sit a little lower.", "warning", since_s=3.0))
        cues.at(4.0)
    """

    def __init__(self) -> None:
        self._cue: Cue | None = None
        self._said_s: dict[str, float] = {}

    def at(self, time_s: float) -> Cue | None:
        """The cue that stands at a time; times must grow."""
        if self._cue is not None and time_s - self._cue.since_s > CUE_S:
            self._cue = None
        return self._cue

    def say(self, cue: Cue) -> None:
        """Say something, unless the same was said a short while ago, or something graver is being said."""
        if cue.since_s - self._said_s.get(cue.fault, -math.inf) < CUE_AGAIN_S:
            return
        standing = self.at(cue.since_s)
        if standing is None or _WEIGHT[cue.severity] >= _WEIGHT[standing.severity]:
            self._said_s[cue.fault] = cue.since_s
            self._cue = cue
