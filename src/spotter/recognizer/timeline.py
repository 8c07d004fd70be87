"""What was recognised when: the answers over time, the intervals in them, and their files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.media.writing import write_text
from spotter.recognizer.live import LiveAnswer
from spotter.recognizer.predict import UNKNOWN

SCHEMA = 1
"""Version of the form of timeline.json; it grows when a key changes its meaning or goes."""

TIMELINE_CSV, INTERVALS_CSV, TIMELINE_JSON = "timeline.csv", "intervals.csv", "timeline.json"

WINDOW_S = 1.0
SHORTEST_S = 0.5

# Shares of a window's answers: two classes of a single-label model can never both hold.
_ENTER, _LEAVE = 0.6, 0.4
_ROUNDING = 1e-6
_PAUSE_TIMES = 2.5  # a longer step than this many usual ones is a pause: nothing is known of it


@dataclass(frozen=True, slots=True)
class Interval:
    """A part of the time in which one class was recognised.

    Attributes:
        label: the class.
        start_s: time of the first answer in it.
        end_s: until when its last answer holds: the next answer, or one step on where there is none.
        confidence: mean probability of the class in it, 0 to 1.
    """

    label: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was recognised when.

    Attributes:
        classes: names, in the order of the columns.
        interval_s: how much time was to lie between two answers, in seconds.
        times: float64 array (n,), seconds from the stream's start, growing.
        probabilities: float32 array (n, classes), 0 to 1.
        answers: for each time the classes named; ``("unknown",)`` or nothing where none was.

    >>> timeline = Timeline(("face", "hand"), 0.5, np.arange(6) / 2, np.eye(2)[[0, 0, 0, 1, 1, 1]],
    ...                     (("face",),) * 3 + (("hand",),) * 3)
    >>> [(one.label, one.start_s, one.end_s) for one in timeline.intervals()]
    [('face', 0.0, 1.5), ('hand', 1.5, 3.0)]
    """

    classes: tuple[str, ...]
    interval_s: float
    times: NDArray[np.float64]
    probabilities: NDArray[np.float32]
    answers: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, answers: Sequence[LiveAnswer], classes: tuple[str, ...], interval_s: float) -> Timeline:
        """The timeline of answers in the order of their time; there may be none."""
        return cls(
            classes,
            interval_s,
            np.array([answer.time_s for answer in answers], np.float64),
            np.array([answer.prediction.probabilities for answer in answers], np.float32).reshape(
                len(answers), len(classes)
            ),
            tuple(answer.prediction.labels for answer in answers),
        )

    def __len__(self) -> int:
        return len(self.times)

    @property
    def named(self) -> NDArray[np.bool_]:
        """Whether each class was named at each time: an array (n, classes)."""
        return np.array(
            [[name in answer for name in self.classes] for answer in self.answers], np.bool_
        ).reshape(len(self), len(self.classes))

    @property
    def ends(self) -> NDArray[np.float64]:
        """Until when each answer holds, in seconds: an array (n,)."""
        step_s = self._step_s()
        steps = np.append(np.diff(self.times), step_s)[: len(self)]
        return np.asarray(self.times + np.where(steps > _PAUSE_TIMES * step_s, step_s, steps), np.float64)

    def intervals(
        self, *, window_s: float = WINDOW_S, shortest_s: float = SHORTEST_S
    ) -> tuple[Interval, ...]:
        """When each class was recognised, in the order of their beginning.

        Single wrong answers are outvoted: a class begins where it is named in at least six tenths of the
        answers around, and ends where it is named in at most four tenths. Where nothing is certain, there is
        no interval. Of a multi-label model intervals may overlap; of a single-label one they never do.

        Args:
            window_s: length of the window around each answer, in seconds; 0 takes each as it is.
            shortest_s: intervals shorter than this are left out, in seconds.
        """
        if not len(self):
            return ()
        share, ends = self._shares(window_s), self.ends
        found = [
            Interval(
                name,
                float(self.times[first]),
                float(ends[last]),
                float(self.probabilities[first : last + 1, column].mean()),
            )
            for column, name in enumerate(self.classes)
            for first, last in self._runs(share[:, column])
            if ends[last] - self.times[first] >= shortest_s - _ROUNDING
        ]
        return tuple(sorted(found, key=lambda one: (one.start_s, one.label)))

    def _step_s(self) -> float:
        """The usual time from one answer to the next: longer than the interval where frames are rare."""
        steps = np.diff(self.times)
        return max(self.interval_s, float(np.median(steps))) if len(steps) else self.interval_s

    def _shares(self, window_s: float) -> NDArray[np.float64]:
        """In what share of the answers around each time each class was named: an array (n, classes)."""
        reach = window_s / 2 + _ROUNDING
        first = np.searchsorted(self.times, self.times - reach, "left")
        last = np.searchsorted(self.times, self.times + reach, "right")
        total = np.concatenate([np.zeros((1, len(self.classes))), np.cumsum(self.named, axis=0)])
        return np.asarray((total[last] - total[first]) / (last - first)[:, None], np.float64)

    def _runs(self, share: NDArray[np.float64]) -> list[tuple[int, int]]:
        """First and last row of each stretch in which a class holds, given its share at each time (n,)."""
        runs: list[tuple[int, int]] = []
        begin: int | None = None
        paused = np.append(np.diff(self.times) > _PAUSE_TIMES * self._step_s(), True)
        for row, value in enumerate(share.tolist()):
            if begin is None and value >= _ENTER - _ROUNDING:
                begin = row
            elif begin is not None and value <= _LEAVE + _ROUNDING:
                runs.append((begin, row - 1))
                begin = None
            if begin is not None and paused[row]:
                runs.append((begin, row))
                begin = None
        return runs


def write_timeline(
    folder: Path, timeline: Timeline, intervals: Sequence[Interval], about: Mapping[str, Any]
) -> list[Path]:
    """Write timeline.csv, intervals.csv and timeline.json into a folder.

    Args:
        folder: it is made if it is not there.
        timeline: what was recognised.
        intervals: from it.
        about: more for the JSON document: which video and which model.

    Returns:
        The files.

    Raises:
        OutputError: if they cannot be written.
    """
    texts = {
        TIMELINE_CSV: timeline_csv(timeline),
        INTERVALS_CSV: intervals_csv(intervals),
        TIMELINE_JSON: json.dumps(
            timeline_document(timeline, intervals, about), indent=1, ensure_ascii=False, allow_nan=False
        )
        + "\n",
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    return [folder / name for name in texts]


def timeline_csv(timeline: Timeline) -> str:
    """A row for each answer: its time, the classes named joined by semicolons, every class's probability."""
    rows: list[list[str]] = [["time_s", "answer", *timeline.classes]]
    for time_s, answer, values in zip(
        timeline.times.tolist(), timeline.answers, timeline.probabilities.tolist(), strict=True
    ):
        named = ";".join(answer) or UNKNOWN
        rows.append([f"{time_s:.3f}", named, *(f"{value:.4f}" for value in values)])
    return _table(rows)


def intervals_csv(intervals: Sequence[Interval]) -> str:
    """A row for each interval: class, start and end in seconds, mean probability.

    >>> print(intervals_csv([Interval("hand", 0.4, 2.0, 0.98)]), end="")
    label,start_s,end_s,confidence
    hand,0.400,2.000,0.9800
    """
    rows = [["label", "start_s", "end_s", "confidence"]]
    rows += [
        [one.label, f"{one.start_s:.3f}", f"{one.end_s:.3f}", f"{one.confidence:.4f}"] for one in intervals
    ]
    return _table(rows)


def timeline_document(
    timeline: Timeline, intervals: Sequence[Interval], about: Mapping[str, Any]
) -> dict[str, Any]:
    """The content of timeline.json, ready for ``json.dumps``; see `write_timeline`."""
    return {
        "schema": SCHEMA,
        **about,
        "classes": list(timeline.classes),
        "interval_s": timeline.interval_s,
        "recognised_s": {name: round(seconds_of(intervals, name), 3) for name in timeline.classes},
        "intervals": [
            {
                key: round(value, 4) if isinstance(value, float) else value
                for key, value in asdict(one).items()
            }
            for one in intervals
        ],
        "answers": [
            {
                "time_s": round(time_s, 3),
                "labels": list(answer),
                "probabilities": [round(value, 4) for value in values],
            }
            for time_s, answer, values in zip(
                timeline.times.tolist(), timeline.answers, timeline.probabilities.tolist(), strict=True
            )
        ],
    }


def seconds_of(intervals: Sequence[Interval], label: str) -> float:
    """For how many seconds a class was recognised."""
    return sum(one.end_s - one.start_s for one in intervals if one.label == label)


def _table(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
