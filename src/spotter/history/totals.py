"""What a session comes to in each of its exercises: counts and means, so that progress is read at once."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from spotter.coach.analysis import Hold, Rep
from spotter.coach.session import Session, SessionSet


def totals_of(session: Session) -> list[dict[str, Any]]:
    """A row for each exercise of a session, as the table ``totals`` has it, but for person, session and time.

    Means are over complete repetitions, and over those of them where the number is known; None where it is of
    none. The volume is kilograms times complete repetitions, over the sets whose weight is known.

    >>> from datetime import UTC, datetime
    >>> from spotter.coach.analysis import Rep, Tempo
    >>> rep = Rep(1, 0, 1, 2, True, "both", 92.0, Tempo(1, 0, 1), math.nan, 80.0)
    >>> sets = (SessionSet("squat", 0, 2, (rep,), (), 20.0),)
    >>> total = totals_of(Session("a", "Ada", datetime.now(UTC), 2, sets))[0]
    >>> total["reps"], total["best_range_deg"], total["symmetry"], total["volume_kg"]
    (1, 92.0, None, 20.0)
    """
    return [
        _total(exercise, [one for one in session.sets if one.exercise == exercise])
        for exercise in session.exercises
    ]


def _total(exercise: str, sets: Sequence[SessionSet]) -> dict[str, Any]:
    efforts = [rep for one in sets for rep in one.reps]
    reps = [rep for rep in efforts if rep.complete]
    holds = [hold for one in sets for hold in one.holds]
    judged: list[Rep | Hold] = [*efforts, *holds]
    names = Counter(name for one in judged for name in {fault.name for fault in one.faults})
    volumes = [one.weight_kg * one.count for one in sets if one.weight_kg is not None]
    return {
        "exercise": exercise,
        "sets": len(sets),
        "reps": len(reps),
        "attempts": len(efforts) - len(reps),
        "held_s": math.fsum(hold.end_s - hold.start_s for hold in holds),
        "best_range_deg": max(_known(rep.range_deg for rep in reps), default=None),
        "mean_range_deg": _mean(rep.range_deg for rep in reps),
        "out_s": _mean(rep.tempo_s.out for rep in reps),
        "hold_s": _mean(rep.tempo_s.hold for rep in reps),
        "back_s": _mean(rep.tempo_s.back for rep in reps),
        "symmetry": _mean(rep.symmetry for rep in reps),
        "score": _mean(rep.score for rep in reps),
        "volume_kg": math.fsum(volumes) if volumes else None,
        "faults": json.dumps(names, ensure_ascii=False),
    }


def _known(values: Iterable[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]


def _mean(values: Iterable[float]) -> float | None:
    known = _known(values)
    return math.fsum(known) / len(known) if known else None
