"""The timeline of a stream that goes on: what was recognised when, told anew once a second."""

from __future__ import annotations

from collections import deque

from spotter.recognizer.live import INTERVAL_S, LiveAnswer
from spotter.recognizer.predict import Prediction
from spotter.recognizer.timeline import Timeline
from spotter.serve.messages import IntervalMessage, TimelineMessage

_TOLD_EVERY_S = 1.0
_TOLD_S = 30.0  # of the newest time; what is older does not change any more
_KEPT_S = 60.0  # so that what is told first is voted on with what was before it
_ROUNDING = 1e-6


class GrowingTimeline:
    """Takes answers and tells the newest part of their timeline; its memory does not grow.

    Args:
        classes: of the model.

    >>> timeline = GrowingTimeline(("face", "hand"))
    >>> for step in range(20):
    ...     timeline.add(step / 10, Prediction(("hand",), (0.1, 0.9), ("face", "hand")))
    >>> [(one.label, one.start_s, one.end_s) for one in timeline.told().intervals]
    [('hand', 0.0, 2.0)]
    >>> timeline.told() is None  # nothing new has come
    True
    """

    def __init__(self, classes: tuple[str, ...]) -> None:
        self._classes = classes
        self._answers: deque[LiveAnswer] = deque()
        self._told_s: float | None = None

    def add(self, time_s: float, prediction: Prediction) -> None:
        """Take an answer; one that comes sooner than the timeline's step after the last is passed over."""
        if self._answers and time_s < self._answers[-1].time_s + INTERVAL_S - _ROUNDING:
            return
        self._answers.append(LiveAnswer(time_s, prediction, 0.0))
        while self._answers[0].time_s < time_s - _KEPT_S:
            self._answers.popleft()

    def told(self) -> TimelineMessage | None:
        """Its newest part, where a second has passed since it was last told; else None."""
        if not self._answers:
            return None
        newest_s = self._answers[-1].time_s
        if self._told_s is not None and newest_s < self._told_s + _TOLD_EVERY_S:
            return None
        self._told_s = newest_s
        from_s = max(self._answers[0].time_s, newest_s - _TOLD_S)
        timeline = Timeline.of(list(self._answers), self._classes, INTERVAL_S)
        return TimelineMessage(
            from_s=round(from_s, 3),
            until_s=round(newest_s, 3),
            intervals=[
                IntervalMessage(
                    label=one.label,
                    start_s=round(max(one.start_s, from_s), 3),
                    end_s=round(one.end_s, 3),
                    confidence=round(one.confidence, 4),
                )
                for one in timeline.intervals()
                if one.end_s > from_s
            ],
        )
