"""The comparison of two sessions as a document for web pages and other programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from spotter.coach.analysis import Hold, Rep
from spotter.coach.plain import plain
from spotter.coach.session import Session
from spotter.history.compare import Comparison, Difference, ExerciseComparison, Pair
from spotter.history.document import SCHEMA
from spotter.history.working import POINTS


def compare_document(comparison: Comparison) -> dict[str, Any]:
    """A comparison, ready for ``json.dumps``; what is not known is null, differences are second less first.

    ``{"schema": 1, "first": SESSION, "second": SESSION, "exercises": [{"name", "title", "same_view",
    "differences": [{"name", "title", "unit", "better", "first", "second", "difference", "low", "high",
    "error", "missing", "verdict", "why_not"}], "pairs": [{"set", "number", "first": REP, "second": REP,
    "difference": {"range_deg", "score", "duration_s"}}], "holds": [{"number", "first_s", "second_s"}],
    "curves": {"angle", "phase": [...], "first": [[...]], "second": [[...]]}}]}``

    SESSION is ``{"id", "person", "started", "source", "view": {EXERCISE: VIEW}}``; REP is null where one
    session had fewer. ``low`` and ``high`` are the ends of the 95 % interval with the error of measuring;
    ``verdict`` is one of ``compare.Verdict``. A curve has 41 places; its phase is 0 at the beginning, 0.5 at
    the turn, 1 at the end.
    """
    sessions = (comparison.first, comparison.second)
    documents = (_session(session, comparison, row) for row, session in enumerate(sessions))
    return {
        "schema": SCHEMA,
        **dict(zip(("first", "second"), documents, strict=True)),
        "exercises": [_exercise(one) for one in comparison.exercises],
    }


def _session(session: Session, comparison: Comparison, row: int) -> dict[str, Any]:
    return {
        "id": session.id,
        "person": session.person,
        "started": session.started.isoformat(),
        "source": session.source,
        "view": {one.exercise: one.views[row] for one in comparison.exercises},
    }


def _exercise(one: ExerciseComparison) -> dict[str, Any]:
    document: dict[str, Any] = plain(
        {
            "name": one.exercise,
            "title": one.title,
            "same_view": one.same_view,
            "differences": [difference_document(each, one.exercise) for each in one.differences],
            "pairs": [_pair(pair) for pair in one.pairs],
            "holds": [
                {"number": number, "first_s": _length(first), "second_s": _length(second)}
                for number, (first, second) in enumerate(one.holds, start=1)
            ],
            "curves": {
                "angle": one.angle,
                "phase": np.linspace(0, 1, POINTS),
                "first": one.curves[0].round(2),
                "second": one.curves[1].round(2),
            },
        }
    )
    return document


def difference_document(one: Difference, exercise: str) -> dict[str, Any]:
    """A difference, ready for ``json.dumps``; see `compare_document`."""
    low, high = one.interval
    document: dict[str, Any] = plain(
        {
            "name": one.measure.name,
            "title": one.measure.title,
            "unit": one.measure.unit,
            "better": one.measure.better_in(exercise) or None,
            "first": one.first,
            "second": one.second,
            "difference": one.shift.value,
            "low": low,
            "high": high,
            "error": one.error,
            "missing": one.shift.missing,
            "verdict": one.verdict,
            "why_not": one.why_not,
        }
    )
    return document


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "set": pair.set_number,
        "number": pair.number,
        "first": _rep(pair.first),
        "second": _rep(pair.second),
        "difference": {name: getattr(pair, name) for name in ("range_deg", "score", "duration_s")},
    }


def _rep(rep: Rep | None) -> dict[str, Any] | None:
    if rep is None:
        return None
    return {
        "range_deg": rep.range_deg,
        "tempo_s": rep.tempo_s,
        "symmetry": rep.symmetry,
        "score": rep.score,
        "duration_s": rep.end_s - rep.start_s,
        "faults": [fault.name for fault in rep.faults],
    }


def _length(hold: Hold | None) -> float | None:
    return None if hold is None else hold.end_s - hold.start_s
