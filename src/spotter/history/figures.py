"""More of what a session comes to in each of its exercises: medians, and the best of what was judged."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.coach.analysis import Rep
from spotter.coach.session import Session, SessionSet
from spotter.history.working import deeper, depths


def figures_of(session: Session) -> list[dict[str, Any]]:
    """A row for each exercise of a session, as the table ``figures`` has it, but for the session.

    Medians are over complete repetitions. ``judged`` is in how many complete repetitions and holds a fault
    could have been found. ``most_reps`` (of a set), ``widest_deg``, ``deepest_deg``, ``best_score`` and
    ``heaviest_kg`` look only at repetitions that are complete and were judged: a record is none that nobody
    looked at. ``set_reps`` are the complete repetitions of each set.

    >>> from datetime import UTC, datetime
    >>> from spotter.coach.analysis import Tempo
    >>> reps = tuple(
    ...     Rep(1, 0, 1, 2, True, "both", degrees, Tempo(1, 0, 1), math.nan, score)
    ...     for degrees, score in ((92.0, 80.0), (94.0, 90.0), (120.0, math.nan))
    ... )
    >>> sets = (SessionSet("squat", 0, 2, reps, (), 20.0),)
    >>> figures = figures_of(Session("a", "Ada", datetime.now(UTC), 2, sets))[0]
    >>> figures["median_range_deg"], figures["widest_deg"], figures["most_reps"], figures["set_reps"]
    (94.0, 94.0, 2, '[3]')
    """
    return [_figures(session, exercise) for exercise in session.exercises]


def _figures(session: Session, exercise: str) -> dict[str, Any]:
    sets = [one for one in session.sets if one.exercise == exercise]
    complete = [tuple(rep for rep in one.reps if rep.complete) for one in sets]
    judged = [[rep for rep in reps if not math.isnan(rep.score)] for reps in complete]
    reps = tuple(rep for one in complete for rep in one)
    good = [rep for one in judged for rep in one]
    depth = depths(reps, exercise, session.angles)
    deep = depth[np.array([not math.isnan(rep.score) for rep in reps], bool)]
    weights = [one.weight_kg for one, found in zip(sets, judged, strict=True) if found]
    holds = [hold.end_s - hold.start_s for one in sets for hold in one.holds]
    return {
        "exercise": exercise,
        "median_range_deg": _of(np.median, [rep.range_deg for rep in reps]),
        "depth_deg": _of(np.median, depth),
        "judged": len(good) + len(holds),
        "most_reps": max(map(len, judged), default=0),
        "widest_deg": _of(np.max, [rep.range_deg for rep in good]),
        "deepest_deg": _of(lambda values: values[(deeper(exercise) * values).argmax()], deep),
        "best_score": _of(np.max, [rep.score for rep in good]),
        "heaviest_kg": max((one for one in weights if one is not None), default=None),
        "longest_hold_s": max(holds, default=None),
        "view": _view(sets, complete),
        "set_reps": json.dumps(list(map(len, complete))),
        "not_judged": json.dumps([one.fault for one in session.not_judged], ensure_ascii=False),
    }


def _of(statistic: Any, values: Sequence[float] | NDArray[np.float64]) -> float | None:
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return float(statistic(known)) if len(known) else None


def _view(sets: Sequence[SessionSet], complete: Sequence[Sequence[Rep]]) -> str:
    """How the camera saw most repetitions, or most holds where there are none."""
    seen: Counter[str] = Counter()
    for one, reps in zip(sets, complete, strict=True):
        seen[one.view] += len(reps) + len(one.holds)
    return seen.most_common(1)[0][0]
