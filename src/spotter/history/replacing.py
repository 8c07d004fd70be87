"""A recording that is analysed again, or another part of it: one session, and nothing of it lost or twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, or_, select

from spotter.coach.analysis import Hold, Rep
from spotter.coach.session import Angles, Session, SessionSet
from spotter.history.instants import microseconds
from spotter.history.reading import read_sessions
from spotter.history.tables import SESSIONS


def earlier_ones(connection: Connection, session: Session, person: int) -> list[Session]:
    """Sessions of the same recording: of the person, begun at the moment, of the same source.

    Args:
        connection: within one transaction.
        session: the new one.
        person: the key of its person.
    """
    same = SESSIONS.c.id == session.id
    if session.source:
        recording = and_(
            SESSIONS.c.person == person,
            SESSIONS.c.started_us == microseconds(session.started),
            SESSIONS.c.source == session.source,
        )
        same = or_(same, recording)
    keys = connection.execute(select(SESSIONS.c.key).where(same).order_by(SESSIONS.c.key)).scalars().all()
    return read_sessions(connection, keys)


def joined(session: Session, earlier: Sequence[Session], since_s: float) -> Session:
    """A new session with what stays of earlier ones of the same recording.

    From ``since_s`` to its end the new one counts. Of the earlier ones stays what lies outside of that, and
    what no analysis finds out where the new one does not say it: weights, heart rate and note.

    Args:
        session: the new one.
        earlier: those before, the oldest first.
        since_s: from when on the new one looked, in seconds from the recording's beginning.
    """
    until_s = session.duration_s
    for old in reversed(earlier):
        rest = _left_over(old, session, since_s, until_s)
        sets = session.sets
        if not any(one.weight_kg is not None for one in sets):
            sets = tuple(replace(one, weight_kg=_weight_kg(one, old.sets)) for one in sets)
        session = replace(
            session,
            sets=tuple(sorted((*sets, *rest), key=lambda one: one.start_s)),
            summary=tuple(dict.fromkeys((*(old.summary if rest else ()), *session.summary))),
            not_judged=tuple(dict.fromkeys((*(old.not_judged if rest else ()), *session.not_judged))),
            heart_rate=old.heart_rate if session.heart_rate is None else session.heart_rate,
            angles=_joined_angles(old.angles, session.angles, since_s, until_s),
            duration_s=max(old.duration_s, session.duration_s),
            note=session.note or old.note,
        )
    return session


def _left_over(old: Session, new: Session, since_s: float, until_s: float) -> list[SessionSet]:
    """The sets of an earlier session, without what the new one looked at or found again at its edges."""
    found = [effort for one in new.sets for effort in _efforts(one)]

    def stays(effort: Rep | Hold) -> bool:
        looked_at = since_s <= effort.start_s and effort.end_s <= until_s
        again = any(effort.start_s < other.end_s and other.start_s < effort.end_s for other in found)
        return not looked_at and not again

    left = []
    for one in old.sets:
        rest = replace(one, reps=tuple(filter(stays, one.reps)), holds=tuple(filter(stays, one.holds)))
        if rest == one:
            left.append(one)
        elif efforts := _efforts(rest):
            begins, ends = min(each.start_s for each in efforts), max(each.end_s for each in efforts)
            left.append(replace(rest, start_s=begins, end_s=ends, reps=_numbered(rest.reps)))
    return left


def _efforts(one: SessionSet) -> list[Rep | Hold]:
    return [*one.reps, *one.holds]


def _numbered(reps: Sequence[Rep]) -> tuple[Rep, ...]:
    """Numbered from 1 on; an attempt has the number that it would have had."""
    before = np.cumsum([0, *(rep.complete for rep in reps)])
    return tuple(replace(rep, number=int(count) + 1) for rep, count in zip(reps, before[:-1], strict=True))


def _weight_kg(one: SessionSet, sets: Sequence[SessionSet]) -> float | None:
    """The weight of the set that overlaps most in time; None where none does."""
    overlaps = [
        (min(one.end_s, other.end_s) - max(one.start_s, other.start_s), other.weight_kg) for other in sets
    ]
    overlap_s, weight_kg = max(overlaps, key=lambda each: each[0], default=(0.0, None))
    return weight_kg if overlap_s > 0 else None


def _joined_angles(old: Angles | None, new: Angles | None, since_s: float, until_s: float) -> Angles | None:
    """The new angles, and the old ones outside of what was looked at."""
    if old is None or new is None:
        return old if new is None else new
    outside = (old.time_s < since_s) | (old.time_s > until_s)
    if not outside.any():
        return new
    time_s = np.concatenate([old.time_s[outside], new.time_s])
    order = np.argsort(time_s, kind="stable")

    def columns(
        first: Mapping[str, NDArray[np.float32]], then: Mapping[str, NDArray[np.float32]]
    ) -> dict[str, NDArray[np.float32]]:
        missing = np.full(len(old.time_s), np.nan, np.float32), np.full(len(new.time_s), np.nan, np.float32)
        return {
            name: np.concatenate([first.get(name, missing[0])[outside], then.get(name, missing[1])])[order]
            for name in dict.fromkeys((*then, *first))
        }

    return Angles(time_s[order], columns(old.values, new.values), columns(old.sd, new.sd))
