"""A person's progress as a document for web pages and other programs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.coach.plain import plain
from spotter.history.document import SCHEMA
from spotter.history.exercise_progress import ExerciseProgress, ExerciseSessions
from spotter.history.person_progress import PersonProgress
from spotter.history.records import Record
from spotter.history.trend import Trend
from spotter.history.weeks import Streak, Weeks


def progress_document(progress: PersonProgress) -> dict[str, Any]:
    """A person's progress, ready for ``json.dumps``; what is not known is null.

    ``{"schema": 1, "person", "made", "since", "longest_streak": {"weeks", "begins", "ends"},
    "running_streak", "left_out": [{"session", "day"}], "exercises": [{"name", "title", "kind", "target",
    "views": {VIEW: COUNT}, "sessions": {"id": [...], "started": [...], "day": [...], "view", "sets", "reps",
    "attempts", "held_s", "volume_kg"}, "measures": [{"name", "title", "unit", "chart", "better", "target",
    "values": [...], "best", "trend": TREND}], "faults": [{"name", "title", "severity", "cue", "count",
    "share": [...], "trend"}], "weeks": {"begins": [...], "sessions", "sets", "reps", "held_s", "volume_kg",
    "trends": {NAME: TREND}}, "records": [{"name", "title", "value", "unit", "day", "session"}]}]}``

    All lists of ``sessions``, ``values``, ``best`` and ``share`` have a place a session, in order of time;
    those of ``weeks`` a place a week. TREND is ``{"direction", "per_week", "low", "high", "days",
    "missing_days", "missing_span_days", "middle_day", "middle"}`` with the direction ``"rising"``,
    ``"falling"``, ``"no clear change"`` or ``"not enough to say"``; its line goes through ``middle`` on
    ``middle_day``, which counts days since 1970-01-01.
    """
    return {
        "schema": SCHEMA,
        "person": progress.person,
        "made": progress.made.isoformat(),
        "since": None if progress.since is None else progress.since.isoformat(),
        "longest_streak": _streak(progress.longest_streak),
        "running_streak": _streak(progress.running_streak),
        "left_out": [{"session": one.session, "day": str(one.day)} for one in progress.left_out],
        "exercises": [_exercise(one) for one in progress.exercises],
    }


def _exercise(one: ExerciseProgress) -> dict[str, Any]:
    return {
        "name": one.exercise,
        "title": one.title,
        "kind": "hold" if one.is_hold else "reps",
        "target": plain(one.target),
        "views": dict(one.views),
        "sessions": _session_columns(one.sessions),
        "measures": [
            {
                "name": each.measure.name,
                "title": each.measure.title,
                "unit": each.measure.unit,
                "chart": each.measure.chart,
                "better": each.measure.better_in(one.exercise) or None,
                "target": each.target,
                "values": column(each.values),
                "best": None if each.best is None else column(each.best),
                "trend": trend_document(each.trend),
            }
            for each in one.measures
        ],
        "faults": [
            {
                "name": each.name,
                "title": each.title,
                "severity": each.severity,
                "cue": each.cue,
                "count": each.count,
                "share": column(each.share),
                "trend": trend_document(each.trend),
            }
            for each in one.faults
        ],
        "weeks": _weeks(one.weeks),
        "records": [record_document(each) for each in one.records],
    }


def _session_columns(sessions: ExerciseSessions) -> dict[str, Any]:
    local = sessions.started + sessions.offset_s.astype("timedelta64[s]")
    clock = np.datetime_as_string(local, "s").tolist()
    zones = {offset: _zone(offset) for offset in set(sessions.offset_s.tolist())}
    offsets = sessions.offset_s.tolist()
    counts = {name: sessions.columns[name].astype(int).tolist() for name in ("sets", "reps", "attempts")}
    return {
        "id": list(sessions.ids),
        "started": [time + zones[offset] for time, offset in zip(clock, offsets, strict=True)],
        "day": sessions.days.astype(str).tolist(),
        "view": list(sessions.views),
        **counts,
        **{name: column(sessions.columns[name]) for name in ("held_s", "volume_kg")},
    }


def _weeks(weeks: Weeks) -> dict[str, Any]:
    return {
        "begins": weeks.begins.astype(str).tolist(),
        **{name: getattr(weeks, name).tolist() for name in ("sessions", "sets", "reps")},
        **{name: column(getattr(weeks, name)) for name in ("held_s", "volume_kg")},
        "trends": {name: trend_document(one) for name, one in weeks.trends.items()},
    }


def trend_document(trend: Trend) -> dict[str, Any]:
    """A trend, ready for ``json.dumps``; see `progress_document`."""
    names = ("per_week", "low", "high", "days", "missing_days", "missing_span_days", "middle_day", "middle")
    document: dict[str, Any] = plain({name: getattr(trend, name) for name in names})
    return {"direction": trend.direction, **document}


def record_document(record: Record) -> dict[str, Any]:
    """A record, ready for ``json.dumps``; see `progress_document`."""
    return {
        "name": record.name,
        "title": record.title,
        "value": round(record.value, 6),
        "unit": record.unit,
        "day": str(record.day),
        "session": record.session or None,
    }


def _streak(streak: Streak) -> dict[str, Any]:
    begins, ends = (str(day) if streak.weeks else None for day in (streak.begins, streak.ends))
    return {"weeks": streak.weeks, "begins": begins, "ends": ends}


def column(values: NDArray[np.float64]) -> list[float | None]:
    """Numbers for JSON: rounded to six places, None for NaN; much faster than one by one.

    >>> column(np.array([1.23456789, np.nan]))
    [1.234568, None]
    """
    listed: list[float | None] = np.round(values, 6).tolist()
    for row in np.flatnonzero(~np.isfinite(values)):
        listed[row] = None
    return listed


def _zone(offset_s: int) -> str:
    """An offset from UTC as ISO 8601 has it.

    >>> _zone(7200), _zone(-12600)
    ('+02:00', '-03:30')
    """
    sign, rest = ("-", -offset_s) if offset_s < 0 else ("+", offset_s)
    return f"{sign}{rest // 3600:02d}:{rest % 3600 // 60:02d}"
