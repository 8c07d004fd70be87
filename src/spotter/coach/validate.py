"""Checks Spotter against clips that a person has counted: a folder with videos and a ``truth.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spotter.coach.analyze import analyze
from spotter.coach.schema import shipped_exercises
from spotter.errors import MediaFormatError, MediaNotFoundError, NoPersonError

TRUTH_FILE = "truth.json"


@dataclass(frozen=True, slots=True)
class Checked:
    """One clip beside its truth.

    Attributes:
        video: the file's name.
        exercise: what it truly shows; None where it shows no exercise that Spotter knows.
        true_count: repetitions counted by the person.
        count: repetitions counted by Spotter, told the exercise; with None, found by itself.
        recognised: the exercise that Spotter finds by itself; None if it finds none.
        turn_errors_s: for each true turning point, how far Spotter's nearest one is from it.
    """

    video: str
    exercise: str | None
    true_count: int
    count: int
    recognised: str | None
    turn_errors_s: tuple[float, ...]

    @property
    def is_right(self) -> bool:
        """Whether the count and the name are."""
        return self.count == self.true_count and self.recognised == self.exercise


def validate(folder: Path) -> Iterator[Checked]:
    """Every clip of a folder that its ``truth.json`` tells of and whose exercise Spotter knows, one by one.

    ``truth.json`` is ``{"videos": [{"video": FILE, "exercise": NAME or null, "reps": N, "event_times_s":
    [SECONDS, ...]}, ...]}``; the times of the turning points may be left out.

    Raises:
        MediaNotFoundError: there is no such file.
        MediaFormatError: it does not have that form.
    """
    for row in _rows(folder):
        exercise = row.get("exercise")
        if exercise is None or exercise in shipped_exercises():
            yield _check(folder / row["video"], exercise, row)


def _rows(folder: Path) -> list[dict[str, Any]]:
    path = folder / TRUTH_FILE
    try:
        rows = json.loads(path.read_text("utf-8"))["videos"]
        return [dict(row, video=str(row["video"]), reps=int(row["reps"])) for row in rows]
    except FileNotFoundError as error:
        raise MediaNotFoundError(
            f"{folder} has no {TRUTH_FILE}; it tells the true counts of the clips"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise MediaFormatError(
            f'{path} is not of the form {{"videos": [{{"video", "exercise", "reps"}}, ...]}}: {error!r}'
        ) from error


def _check(video: Path, exercise: str | None, row: dict[str, Any]) -> Checked:
    try:
        found = analyze(video)
        told = found if exercise in (None, found.exercise.name) else analyze(video, exercise)
    except NoPersonError:
        return Checked(video.name, exercise, row["reps"], 0, None, ())
    turns = [rep.turn_s for person in told.people for rep in person.reps if rep.complete]
    return Checked(
        video=video.name,
        exercise=exercise,
        true_count=row["reps"],
        count=told.count,
        recognised=found.exercise.name,
        turn_errors_s=tuple(
            min((abs(turn - event) for turn in turns), default=float("inf"))
            for event in row.get("event_times_s") or ()
        ),
    )
