"""Reads the description of a clip: who does what, seen from where (a TOML file)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .body import Subject
from .camera import Camera
from .motions.catalogue import EXERCISES
from .scene import Clothes, Room


class ClipError(ValueError):
    """A description that cannot be rendered; the message names the table and what it allows."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A camera from `start_s` on, until the next shot."""

    start_s: float
    camera: Camera


@dataclass(frozen=True, slots=True)
class Person:
    """One body: its looks, where it starts (x, z metres, heading degrees) and what it does in turn."""

    name: str
    subject: Subject
    clothes: Clothes
    at: tuple[float, float]
    heading: float
    acts: tuple[dict[str, Any], ...]
    equipment: str


@dataclass(frozen=True, slots=True)
class Clip:
    """A whole clip; it lasts until the first person has done everything, or `seconds` where given."""

    exercise: str
    people: tuple[Person, ...]
    shots: tuple[Shot, ...]
    room: Room = field(default_factory=Room)
    size: tuple[int, int] = (640, 480)
    fps: int = 30
    seconds: float = 0.0
    seed: int = 0
    grain: float = 1.2
    crf: int = 23


def load(path: Path) -> Clip:
    """Read a clip from a TOML file."""
    return from_dict(tomllib.loads(path.read_text()))


def from_dict(table: dict[str, Any]) -> Clip:
    """Build a clip from the tables of its TOML file.

    Raises
    ------
    ClipError
        a table has a key that does not exist.
    """
    people = tuple(_person(row, number) for number, row in enumerate(table["people"], 1))
    shots = tuple(_shot(row) for row in table["shots"])
    room = _build(Room, table.get("room", {}), "room")
    clip: Clip = _build(Clip, table.get("clip", {}), "clip", people=people, shots=shots, room=room)
    return clip


def _person(row: dict[str, Any], number: int) -> Person:
    made = {
        "subject": _build(Subject, row.get("subject", {}), "people.subject"),
        "clothes": _build(Clothes, row.get("clothes", {}), "people.clothes"),
        "acts": tuple(row["acts"]),
        "name": row.get("name", f"person {number}"),
        "at": tuple(row.get("at", (0.0, 0.0))),
        "heading": float(row.get("heading", 0.0)),
        "equipment": row.get("equipment", _usual_equipment(row["acts"])),
    }
    rest = {key: value for key, value in row.items() if key not in made}
    person: Person = _build(Person, rest, "people", **made)
    return person


def _usual_equipment(acts: list[dict[str, Any]]) -> str:
    """What is held in the first exercise of the acts."""
    return next((EXERCISES[act["do"]].equipment for act in acts if act["do"] in EXERCISES), "none")


def _shot(row: dict[str, Any]) -> Shot:
    rest: dict[str, Any] = {"elevation": 5.0, "distance": 3.6, "fov": 38.0, "aim": (0.0, 0.85, 0.0)} | row
    start = float(rest.pop("start_s", 0.0))
    return Shot(start, _build(Camera, rest, "shots"))


def _build(kind: type[Any], given: dict[str, Any], where: str, **made: Any) -> Any:
    allowed = {f.name for f in fields(kind)}
    wrong = sorted(set(given) - allowed)
    if wrong:
        raise ClipError(f"[{where}] has no key {', '.join(wrong)}; it knows {', '.join(sorted(allowed))}.")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return kind(**values, **made)
