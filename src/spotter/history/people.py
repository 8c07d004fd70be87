"""People: who they are and what they aim at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Table, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from spotter.errors import UsageError
from spotter.history.checking import check_name
from spotter.history.tables import PEOPLE, PROFILES, TARGETS

Handedness = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a person; None is not said.

    Attributes:
        height_cm: 50 to 280.
        weight_kg: 10 to 700.
        birth_year: from 1900 on.
        handedness: ``"left"`` or ``"right"``.

    Raises:
        UsageError: a value that no person has.
    """

    height_cm: float | None = None
    weight_kg: float | None = None
    birth_year: int | None = None
    handedness: Handedness | None = None

    def __post_init__(self) -> None:
        _within("a height in cm", self.height_cm, 50, 280)
        _within("a weight in kg", self.weight_kg, 10, 700)
        _within("a year of birth", self.birth_year, 1900, date.today().year)
        if self.handedness not in (None, "left", "right"):
            raise UsageError(f"handedness is {self.handedness!r}; allowed are left, right")


@dataclass(frozen=True, slots=True)
class Target:
    """What a person aims at in an exercise; None is no aim.

    Attributes:
        reps: in a set.
        sets: in a session.
        range_deg: of a repetition.
        sessions_a_week: with this exercise.

    Raises:
        UsageError: a value that nobody can aim at.
    """

    reps: int | None = None
    sets: int | None = None
    range_deg: float | None = None
    sessions_a_week: int | None = None

    def __post_init__(self) -> None:
        _within("repetitions of a set", self.reps, 1, 10_000)
        _within("sets of a session", self.sets, 1, 1_000)
        _within("a range in degrees", self.range_deg, 1, 360)
        _within("sessions a week", self.sessions_a_week, 1, 100)


def person_key(connection: Connection, name: str) -> int:
    """The key of a person, who is added if not there; the row is locked until the transaction's end.

    Raises:
        UsageError: the name is empty, too long, or cannot be shown.
    """
    check_name(name)
    key: int = upsert(connection, PEOPLE, ["name"], {"name": name}, {"name": name})
    return key


def upsert(
    connection: Connection,
    table: Table,
    unique: list[str],
    row: Mapping[str, Any],
    change: Mapping[str, Any] | None = None,
) -> Any:
    """Insert a row, or change the one that is there already.

    Args:
        table: where to.
        unique: columns of which two rows never have the same values.
        row: all its columns.
        change: columns of the row that is there; nothing is changed if None.

    Returns:
        First column of the primary key; None if the row was there and nothing was changed. Counting the rows
        instead would be wrong: not every driver counts what a conflict left out.
    """
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = make(table).values(**row)
    if change:
        new = new.on_conflict_do_update(index_elements=unique, set_=dict(change))
    else:
        new = new.on_conflict_do_nothing(index_elements=unique)
    return connection.execute(new.returning(*table.primary_key.columns)).scalar()


def read_profile(connection: Connection, person: str) -> Profile:
    """What is known of a person; of one who is not there, nothing."""
    columns = [column for column in PROFILES.c if column.name != "person"]
    row = connection.execute(select(*columns).join(PEOPLE).where(PEOPLE.c.name == person)).first()
    return Profile(**row._mapping) if row else Profile()


def write_profile(connection: Connection, person: str, profile: Profile) -> None:
    """Keep what is known of a person, in place of what was; who is not there is added."""
    content = asdict(profile)
    row = {"person": person_key(connection, person), **content}
    upsert(connection, PROFILES, ["person"], row, content)


def read_targets(connection: Connection, person: str) -> dict[str, Target]:
    """Exercise to what a person aims at in it, in alphabetical order."""
    columns = [column for column in TARGETS.c if column.name != "person"]
    chosen = select(*columns).join(PEOPLE).where(PEOPLE.c.name == person).order_by(TARGETS.c.exercise)
    rows = [dict(row._mapping) for row in connection.execute(chosen)]
    return {row.pop("exercise"): Target(**row) for row in rows}


def write_target(connection: Connection, person: str, exercise: str, target: Target | None) -> None:
    """Keep what a person aims at in an exercise, in place of what was; None ends it."""
    key = person_key(connection, person)
    connection.execute(delete(TARGETS).where(TARGETS.c.person == key, TARGETS.c.exercise == exercise))
    if target is not None:
        connection.execute(insert(TARGETS).values(person=key, exercise=exercise, **asdict(target)))


def _within(what: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not least <= value <= most:
        raise UsageError(f"{value} is not {what}; give {least} to {most}")
