"""How a person came along in an exercise: a row a session, read at once from the totals."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from spotter.history.tables import PEOPLE, SESSIONS, TOTALS

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Progress:
    """All sessions of a person with an exercise, in order of time; arrays (n,), a number a session.

    Attributes:
        person, exercise: whose, and of what.
        ids: the sessions.
        started: datetime64[us] in UTC.
        offset_s: seconds that the clock on the wall was before UTC then.
        sets, reps, attempts: how many; reps are complete, attempts are not.
        held_s: seconds of held postures.
        best_range_deg, mean_range_deg: range of motion of the complete repetitions, in degrees.
        out_s, hold_s, back_s: their mean tempo, in seconds.
        symmetry: their mean, 0 to 1.
        score: their mean, 0 to 100.
        volume_kg: kilograms times complete repetitions; NaN where no weight is known.
        faults: name to how many repetitions and holds had it.
    """

    person: str
    exercise: str
    ids: tuple[str, ...]
    started: NDArray[np.datetime64]
    offset_s: Counts
    sets: Counts
    reps: Counts
    attempts: Counts
    held_s: Floats
    best_range_deg: Floats
    mean_range_deg: Floats
    out_s: Floats
    hold_s: Floats
    back_s: Floats
    symmetry: Floats
    score: Floats
    volume_kg: Floats
    faults: Mapping[str, Counts]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def days(self) -> NDArray[np.datetime64]:
        """datetime64[D] array (n,): the day on the wall's calendar, whatever daylight saving did later."""
        local: NDArray[np.datetime64] = self.started + self.offset_s.astype("timedelta64[s]")
        return local.astype("datetime64[D]")


_COUNTS = ("offset_s", "sets", "reps", "attempts")
_FLOATS = (
    "held_s", "best_range_deg", "mean_range_deg", "out_s", "hold_s", "back_s", "symmetry", "score",
    "volume_kg",
)  # fmt: skip


def read_progress(connection: Connection, person: str, exercise: str) -> Progress:
    """All sessions of a person with an exercise; arrays of length 0 where there are none."""
    person_key = select(PEOPLE.c.key).where(PEOPLE.c.name == person).scalar_subquery()
    columns = [TOTALS.c[name] for name in (*_COUNTS, *_FLOATS)]
    rows = connection.execute(
        select(SESSIONS.c.id, TOTALS.c.started_us, TOTALS.c.faults, *columns)
        .join(SESSIONS, SESSIONS.c.key == TOTALS.c.session)
        .where(TOTALS.c.person == person_key, TOTALS.c.exercise == exercise)
        .order_by(TOTALS.c.started_us, TOTALS.c.session)
    ).all()
    ids, started_us, faults, *numbers = zip(*rows, strict=True) if rows else [()] * (3 + len(columns))
    counts, floats = numbers[: len(_COUNTS)], numbers[len(_COUNTS) :]
    arrays: dict[str, Any] = {
        name: np.array(values, np.int64) for name, values in zip(_COUNTS, counts, strict=True)
    }
    arrays |= {name: _floats(values) for name, values in zip(_FLOATS, floats, strict=True)}
    return Progress(
        person=person,
        exercise=exercise,
        ids=tuple(ids),
        started=np.array(started_us, np.int64).astype("datetime64[us]"),
        faults=_faults(json.loads(f"[{','.join(faults)}]")),  # one call: ten times faster
        **arrays,
    )


def _floats(values: tuple[float | None, ...]) -> Floats:
    return np.array([math.nan if value is None else value for value in values], np.float64)


def _faults(counted: list[dict[str, int]]) -> dict[str, Counts]:
    """Name to array (n,), in alphabetical order."""
    names = sorted({name for one in counted for name in one})
    return {name: np.array([one.get(name, 0) for one in counted], np.int64) for name in names}
