"""A session taken apart into rows of the tables."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Table

from spotter.coach.analysis import Fault, Rep
from spotter.coach.session import Session, SessionSet
from spotter.history.checking import check_session
from spotter.history.figures import figures_of
from spotter.history.instants import stored
from spotter.history.packing import packed
from spotter.history.tables import COLUMNS, FAULTS, FIGURES, HOLDS, REPS, SETS, TOTALS
from spotter.history.totals import totals_of

Row = dict[str, Any]

HEART_RATE = ("time_s", "bpm", "rr_time_s", "rr_s")
"""Columns of numbers of a session's heart rate, named as the fields of ``HeartRate``."""


def session_row(session: Session) -> Row:
    """A session's row in ``sessions``, but for its person.

    Raises:
        HistoryError, UsageError: it cannot have been; see ``checking.check_session``.
    """
    check_session(session)
    started_us, offset_s, zone = stored(session.started)
    return {
        "id": session.id,
        "started_us": started_us,
        "offset_s": offset_s,
        "zone": zone,
        "duration_s": session.duration_s,
        "source": session.source,
        "note": session.note,
        "summary": json.dumps(session.summary, ensure_ascii=False),
        "not_judged": json.dumps([[one.fault, one.why] for one in session.not_judged], ensure_ascii=False),
    }


def rows_below(session: Session) -> dict[Table, list[Row]]:
    """All rows of a session but its own, in the order in which the tables want them, and not owned yet."""
    rows: dict[Table, list[Row]] = {SETS: [], REPS: [], HOLDS: [], FAULTS: []}
    for place, one in enumerate(session.sets):
        rows[SETS].append(_set_row(one, place))
        for row in _effort_rows(one, place):
            for table, content in row.items():
                rows[table] += content
    rows[COLUMNS] = list(_column_rows(session))
    return {table: content for table, content in (rows | derived_rows(session)).items() if content}


def derived_rows(session: Session) -> dict[Table, list[Row]]:
    """The rows of a session that are worked out of its others, not owned yet."""
    started_us, offset_s, _ = stored(session.started)
    moment = {"started_us": started_us, "offset_s": offset_s}
    return {TOTALS: [{**moment, **total} for total in totals_of(session)], FIGURES: figures_of(session)}


def owned(table: Table, rows: Iterable[Row], session: int, person: int) -> list[Row]:
    """Rows with the keys of the session and, where the table has it, of the person."""
    owner = {"session": session, "person": person} if "person" in table.c else {"session": session}
    return [{**owner, **row} for row in rows]


def _set_row(one: SessionSet, place: int) -> Row:
    return {
        "place": place,
        "exercise": one.exercise,
        "start_s": one.start_s,
        "end_s": one.end_s,
        "weight_kg": None if one.weight_kg is None else _known(one.weight_kg),
        "view": one.view,
    }


def _effort_rows(one: SessionSet, set_place: int) -> Iterator[dict[Table, list[Row]]]:
    for place, rep in enumerate(one.reps):
        where = {"set_place": set_place, "place": place}
        yield {REPS: [{**where, **_rep(rep)}], FAULTS: _faults(rep.faults, set_place, False, place)}
    for place, hold in enumerate(one.holds):
        times = {"start_s": _known(hold.start_s), "end_s": _known(hold.end_s)}
        row = {"set_place": set_place, "place": place, **times}
        yield {HOLDS: [row], FAULTS: _faults(hold.faults, set_place, True, place)}


def _rep(rep: Rep) -> Row:
    return {
        "number": rep.number,
        "start_s": _known(rep.start_s),
        "turn_s": _known(rep.turn_s),
        "end_s": _known(rep.end_s),
        "complete": rep.complete,
        "side": rep.side,
        "range_deg": _known(rep.range_deg),
        "out_s": _known(rep.tempo_s.out),
        "hold_s": _known(rep.tempo_s.hold),
        "back_s": _known(rep.tempo_s.back),
        "symmetry": _known(rep.symmetry),
        "score": _known(rep.score),
    }


def _faults(faults: Sequence[Fault], set_place: int, of_hold: bool, effort: int) -> list[Row]:
    where = {"set_place": set_place, "of_hold": of_hold, "effort": effort}
    return [
        {
            **where,
            "place": place,
            "name": fault.name,
            "severity": fault.severity,
            "unit": fault.unit,
            "cue": fault.cue,
            "at_s": _known(fault.at_s),
            "measured": _known(fault.measured),
            "limit": _known(fault.limit),
        }
        for place, fault in enumerate(faults)
    ]


def _column_rows(session: Session) -> Iterator[Row]:
    columns: list[tuple[str, str, Any]] = []
    if (angles := session.angles) is not None:
        columns.append(("angles.time", "time_s", angles.time_s))
        columns += [("angles.values", name, values) for name, values in angles.values.items()]
        columns += [("angles.sd", name, values) for name, values in angles.sd.items()]
    if (heart := session.heart_rate) is not None:
        columns += [("heart_rate", name, getattr(heart, name)) for name in HEART_RATE]
        columns.append(("heart_rate.source", heart.source, np.zeros(0)))  # only the name says something
    for place, (part, name, values) in enumerate(columns):
        yield {"place": place, "part": part, "name": name, "data": packed(values)}


def _known(value: float) -> float | None:
    """None for NaN; a plain float for one of NumPy, which not every driver takes."""
    return None if math.isnan(value) else float(value)


def grouped(rows: Iterable[Any], *keys: str) -> dict[tuple[Any, ...], list[Any]]:
    """Rows by the values of some of their columns, each list in the rows' order."""
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        found[tuple(getattr(row, key) for key in keys)].append(row)
    return found
