"""The month of several people as a document for web pages and other programs."""

from __future__ import annotations

from typing import Any

from spotter.coach.plain import plain
from spotter.history.advice import look_at, went_well
from spotter.history.compare_document import difference_document
from spotter.history.dates import month_title
from spotter.history.document import SCHEMA
from spotter.history.month import MonthSummary, PersonMonth
from spotter.history.month_exercise import ExerciseMonth
from spotter.history.progress_document import record_document


def month_document(summary: MonthSummary) -> dict[str, Any]:
    """A month, ready for ``json.dumps``; what is not known is null.

    ``{"schema": 1, "month", "title", "begins", "ends", "made", "over", "people": [{"person", "days": [...],
    "sessions", "sessions_before", "left_out", "went_well": [...], "look_at": [...], "exercises": [{"name",
    "title", "kind", "days": [...], "sets", "reps", "held_s", "volume_kg", "scores": [...], "adherence":
    [{"aim", "wanted", "done", "of", "share"}], "changes": [DIFFERENCE], "faults": [{"name", "title",
    "severity", "cue", "share", "before", "change": {"value", "low", "high", "missing"}}], "records":
    [RECORD]}]}]}``

    ``ends`` is the first day after the month. DIFFERENCE is as in ``compare_document``, from the month before
    to this one and of one value a session; RECORD is as in ``progress_document``.
    """
    month = summary.month
    return {
        "schema": SCHEMA,
        "month": month.name,
        "title": month_title(month.name),
        "begins": str(month.begins),
        "ends": str(month.ends),
        "made": summary.made.isoformat(),
        "over": summary.over,
        "people": [_person(one, summary) for one in summary.people],
    }


def _person(one: PersonMonth, summary: MonthSummary) -> dict[str, Any]:
    return {
        "person": one.person,
        "days": one.days.astype(str).tolist(),
        "sessions": one.sessions,
        "sessions_before": one.before,
        "left_out": one.left_out,
        "went_well": list(went_well(one, summary)),
        "look_at": list(look_at(one, summary)),
        "exercises": [_exercise(each) for each in one.exercises],
    }


def _exercise(one: ExerciseMonth) -> dict[str, Any]:
    document: dict[str, Any] = plain(
        {
            "name": one.exercise,
            "title": one.title,
            "kind": "hold" if one.is_hold else "reps",
            "days": one.days.astype(str),
            **{name: getattr(one, name) for name in ("sets", "reps", "held_s", "volume_kg", "scores")},
            "adherence": [{**plain(aim), "share": aim.share} for aim in one.adherence],
            "changes": [difference_document(change, one.exercise) for change in one.changes],
            "faults": one.faults,
            "records": [record_document(record) for record in one.records],
        }
    )
    return document
