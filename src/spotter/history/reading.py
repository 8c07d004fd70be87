"""Sessions put together again from the rows of the tables."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from spotter.coach.analysis import Fault, Hold, NotJudged, Rep, Tempo
from spotter.coach.heart import HeartRate
from spotter.coach.session import Angles, Session, SessionSet
from spotter.history.instants import restored
from spotter.history.packing import unpacked
from spotter.history.rows import grouped
from spotter.history.tables import COLUMNS, FAULTS, HOLDS, PEOPLE, REPS, SESSIONS, SETS


def read_sessions(connection: Connection, keys: Sequence[int]) -> list[Session]:
    """Whole sessions.

    Args:
        connection: within one transaction, so that nothing changes meanwhile.
        keys: of some hundred sessions at most.

    Returns:
        In the order of ``keys``; those that are not there are left out.

    Raises:
        HistoryError: angles or heart rate are damaged.
    """
    heads = connection.execute(
        select(SESSIONS, PEOPLE.c.name.label("who"))
        .join(PEOPLE, PEOPLE.c.key == SESSIONS.c.person)
        .where(SESSIONS.c.key.in_(keys))
    )
    by_key = {row.key: row for row in heads}
    sets = grouped(_rows(connection, SETS, keys), "session")
    reps = grouped(_rows(connection, REPS, keys), "session", "set_place")
    holds = grouped(_rows(connection, HOLDS, keys), "session", "set_place")
    faults = grouped(_rows(connection, FAULTS, keys), "session", "set_place", "of_hold", "effort")
    columns = grouped(_rows(connection, COLUMNS, keys), "session")
    return [
        _session(
            by_key[key],
            tuple(
                _set(
                    one,
                    [_rep(row, faults[key, one.place, False, row.place]) for row in reps[key, one.place]],
                    [_hold(row, faults[key, one.place, True, row.place]) for row in holds[key, one.place]],
                )
                for one in sets[(key,)]
            ),
            columns[(key,)],
        )
        for key in keys
        if key in by_key
    ]


def _rows(connection: Connection, table: Table, keys: Sequence[int]) -> Iterable[Any]:
    chosen = select(table).where(table.c.session.in_(keys))
    return connection.execute(chosen.order_by(*table.primary_key.columns))


def _session(row: Any, sets: tuple[SessionSet, ...], columns: Sequence[Any]) -> Session:
    return Session(
        id=row.id,
        person=row.who,
        started=restored(row.started_us, row.offset_s, row.zone),
        duration_s=row.duration_s,
        sets=sets,
        source=row.source,
        summary=tuple(json.loads(row.summary)),
        not_judged=tuple(NotJudged(fault, why) for fault, why in json.loads(row.not_judged)),
        heart_rate=_heart_rate(columns),
        angles=_angles(columns),
        note=row.note,
    )


def _set(row: Any, reps: Sequence[Rep], holds: Sequence[Hold]) -> SessionSet:
    return SessionSet(
        row.exercise, row.start_s, row.end_s, tuple(reps), tuple(holds), row.weight_kg, row.view
    )


def _rep(row: Any, faults: Sequence[Any]) -> Rep:
    return Rep(
        number=row.number,
        start_s=_number(row.start_s),
        turn_s=_number(row.turn_s),
        end_s=_number(row.end_s),
        complete=row.complete,
        side=row.side,
        range_deg=_number(row.range_deg),
        tempo_s=Tempo(_number(row.out_s), _number(row.hold_s), _number(row.back_s)),
        symmetry=_number(row.symmetry),
        score=_number(row.score),
        faults=_faults(faults),
    )


def _hold(row: Any, faults: Sequence[Any]) -> Hold:
    return Hold(_number(row.start_s), _number(row.end_s), _faults(faults))


def _faults(rows: Sequence[Any]) -> tuple[Fault, ...]:
    return tuple(
        Fault(
            row.name,
            row.severity,
            _number(row.at_s),
            _number(row.measured),
            _number(row.limit),
            row.unit,
            row.cue,
        )
        for row in rows
    )


def _angles(columns: Sequence[Any]) -> Angles | None:
    time = _part(columns, "angles.time")
    if not time:
        return None
    return Angles(time["time_s"], _part(columns, "angles.values"), _part(columns, "angles.sd"))


def _heart_rate(columns: Sequence[Any]) -> HeartRate | None:
    heart = _part(columns, "heart_rate")
    source = next(iter(_part(columns, "heart_rate.source")), "")
    return HeartRate(**heart, source=source) if heart else None


def _part(columns: Sequence[Any], part: str) -> dict[str, Any]:
    return {row.name: unpacked(row.data) for row in columns if row.part == part}


def _number(value: float | None) -> float:
    return math.nan if value is None else value
