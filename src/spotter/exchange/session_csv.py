"""A session as a table for spreadsheets: a row a repetition."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

from spotter.coach.analysis import Fault, Hold, Rep
from spotter.coach.session import Session, SessionSet
from spotter.exchange.timeline import instant
from spotter.media.writing import write_text

COLUMNS = (
    "session", "person", "started", "exercise", "set", "weight_kg", "view", "kind", "number",
    "start_s", "turn_s", "end_s", "time", "complete", "side", "range_deg",
    "out_s", "hold_s", "back_s", "symmetry", "score", "faults",
)  # fmt: skip
"""``kind`` is ``rep`` or ``hold``; ``time`` is when it began, in the session's time zone; ``faults`` are
names joined by semicolons; what is not known or not of that kind is empty."""


def session_csv(session: Session) -> str:
    """The table as text: a row a repetition or attempt, and a row a held posture.

    >>> from datetime import UTC, datetime
    >>> plank = SessionSet("plank", 2.0, 32.0, holds=(Hold(2.0, 32.0),))
    >>> session = Session("7", "Ada", datetime(2026, 5, 4, 18, 30, tzinfo=UTC), 40.0, (plank,))
    >>> print(session_csv(session).splitlines()[1])
    7,Ada,2026-05-04T18:30:00+00:00,plank,1,,unknown,hold,,2.000,,32.000,2026-05-04T18:30:02.000+00:00,,,,,,,,,
    """
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    for number, one in enumerate(session.sets, start=1):
        for row in _rows(one):
            about = {
                "session": session.id,
                "person": session.person,
                "started": session.started.isoformat(timespec="seconds"),
                "exercise": one.exercise,
                "set": str(number),
                "weight_kg": "" if one.weight_kg is None else f"{one.weight_kg:g}",
                "view": one.view,
                "time": _time(session, row["start_s"]),
            }
            table.writerow({**about, **row})
    return text.getvalue()


def write_csv(session: Session, path: Path) -> None:
    """Write a session as CSV in UTF-8.

    Raises:
        OutputError: it cannot be written.
    """
    write_text(path, session_csv(session))


def _rows(one: SessionSet) -> Iterator[dict[str, str]]:
    yield from (_rep(rep) for rep in one.reps)
    yield from (_hold(hold) for hold in one.holds)


def _rep(rep: Rep) -> dict[str, str]:
    return {
        "kind": "rep",
        "number": str(rep.number),
        "start_s": _cell(rep.start_s, 3),
        "turn_s": _cell(rep.turn_s, 3),
        "end_s": _cell(rep.end_s, 3),
        "complete": "true" if rep.complete else "false",
        "side": rep.side,
        "range_deg": _cell(rep.range_deg, 1),
        "out_s": _cell(rep.tempo_s.out, 2),
        "hold_s": _cell(rep.tempo_s.hold, 2),
        "back_s": _cell(rep.tempo_s.back, 2),
        "symmetry": _cell(rep.symmetry, 3),
        "score": _cell(rep.score, 1),
        "faults": _names(rep.faults),
    }


def _hold(hold: Hold) -> dict[str, str]:
    return {
        "kind": "hold",
        "start_s": _cell(hold.start_s, 3),
        "end_s": _cell(hold.end_s, 3),
        "faults": _names(hold.faults),
    }


def _time(session: Session, start_s: str) -> str:
    if not start_s:
        return ""
    return (
        instant(session, float(start_s)).astimezone(session.started.tzinfo).isoformat(timespec="milliseconds")
    )


def _cell(value: float, places: int) -> str:
    return f"{value:.{places}f}" if math.isfinite(value) else ""


def _names(faults: tuple[Fault, ...]) -> str:
    return ";".join(fault.name for fault in faults)
