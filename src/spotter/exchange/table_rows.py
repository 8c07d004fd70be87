"""Rows of the tables of an analysis or a session: repetitions, sets, faults, and what was not judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from spotter.coach.analysis import Analysis, Fault, Hold, NotJudged, Rep, TableName
from spotter.coach.session import Session, SessionSet
from spotter.errors import UsageError
from spotter.exchange.timeline import mean_range_deg, mean_score

Row = dict[str, object]

_ANALYSIS = ("exercise", "person", "view", "set")
_SESSION = ("session", "name", "started", "exercise", "set", "weight_kg", "view")
_REP = (
    "kind", "number", "start_s", "turn_s", "end_s", "complete", "side", "range_deg", "out_s", "hold_s",
    "back_s", "symmetry", "score", "faults",
)  # fmt: skip
_SET = ("kind", "start_s", "end_s", "reps", "attempts", "held_s", "range_deg", "score", "faults")
_FAULT = ("kind", "number", "fault", "severity", "at_s", "measured", "limit", "unit", "cue")
_NOT_JUDGED = ("fault", "why")


def table_rows(what: Analysis | Session, table: TableName) -> tuple[tuple[str, ...], list[Row]]:
    """Names of a table's columns, the same whatever is in it, and its rows.

    Raises:
        UsageError: there is no such table.

    >>> from spotter.coach.analysis import ExerciseFound
    >>> table_rows(Analysis({}, ExerciseFound(None, "recognised", 0.0), ()), "not_judged")
    (('exercise', 'person', 'view', 'fault', 'why'), [])
    """
    if table == "not_judged":
        return _not_judged(what)
    if table not in _TABLES:
        raise UsageError(f"the table is {table!r}; allowed are {', '.join([*_TABLES, 'not_judged'])}")
    columns, rows_of = _TABLES[table]
    heads = _ANALYSIS if isinstance(what, Analysis) else _SESSION
    rows = [{**head, **row} for head, one in _sets(what) for row in rows_of(one)]
    return (*heads, *columns), rows


def _sets(what: Analysis | Session) -> Iterator[tuple[Row, SessionSet]]:
    """Sets, and what each of their rows begins with; a hold of an analysis is a set of its own."""
    if isinstance(what, Session):
        for number, one in enumerate(what.sets, start=1):
            said = {"exercise": one.exercise, "set": number, "weight_kg": one.weight_kg, "view": one.view}
            yield _about(what) | said, one
        return
    exercise = what.exercise.name or ""
    for person in what.people:
        sets = [SessionSet(exercise, one.start_s, one.end_s, one.reps) for one in person.sets]
        sets += [SessionSet(exercise, one.start_s, one.end_s, (), (one,)) for one in person.holds]
        for number, one in enumerate(sets, start=1):
            yield {"exercise": exercise, "person": person.id, "view": person.view, "set": number}, one


def _effort_rows(one: SessionSet) -> Iterator[Row]:
    for rep in one.reps:
        values = (
            "rep", rep.number, rep.start_s, rep.turn_s, rep.end_s, rep.complete, rep.side, rep.range_deg,
            rep.tempo_s.out, rep.tempo_s.hold, rep.tempo_s.back, rep.symmetry, rep.score, _names(rep.faults),
        )  # fmt: skip
        yield dict(zip(_REP, values, strict=True))
    for hold in one.holds:
        known = {"kind": "hold", "start_s": hold.start_s, "end_s": hold.end_s, "faults": _names(hold.faults)}
        yield dict.fromkeys(_REP) | known


def _set_rows(one: SessionSet) -> Iterator[Row]:
    efforts: list[Rep | Hold] = [*one.reps, *one.holds]
    held_s = sum(hold.end_s - hold.start_s for hold in one.holds)
    values = (
        "hold" if one.holds and not one.reps else "rep", one.start_s, one.end_s, one.count,
        len(one.reps) - one.count, held_s if one.holds else None, mean_range_deg(one), mean_score(one),
        list(dict.fromkeys(name for effort in efforts for name in _names(effort.faults))),
    )  # fmt: skip
    yield dict(zip(_SET, values, strict=True))


def _fault_rows(one: SessionSet) -> Iterator[Row]:
    found = [("rep", rep.number, fault) for rep in one.reps for fault in rep.faults]
    held = [("hold", None, fault) for hold in one.holds for fault in hold.faults]
    for kind, number, fault in (*found, *held):
        values = (
            kind, number, fault.name, fault.severity, fault.at_s, fault.measured, fault.limit, fault.unit,
            fault.cue,
        )  # fmt: skip
        yield dict(zip(_FAULT, values, strict=True))


def _not_judged(what: Analysis | Session) -> tuple[tuple[str, ...], list[Row]]:
    """These belong to a person, not to a set."""
    told: list[tuple[Row, tuple[NotJudged, ...]]]
    if isinstance(what, Session):
        heads, told = _SESSION[:3], [(_about(what), what.not_judged)]
    else:
        heads = _ANALYSIS[:3]
        told = [
            ({"exercise": what.exercise.name, "person": person.id, "view": person.view}, person.not_judged)
            for person in what.people
        ]
    rows = [{**head, "fault": one.fault, "why": one.why} for head, found in told for one in found]
    return (*heads, *_NOT_JUDGED), rows


def _about(session: Session) -> Row:
    return {"session": session.id, "name": session.person, "started": session.started.isoformat()}


def _names(faults: tuple[Fault, ...]) -> list[str]:
    return [fault.name for fault in faults]


_TABLES: Mapping[str, tuple[tuple[str, ...], Callable[[SessionSet], Iterator[Row]]]] = {
    "reps": (_REP, _effort_rows),
    "sets": (_SET, _set_rows),
    "faults": (_FAULT, _fault_rows),
}
