"""A writer of sessions that may be killed at any moment: it notes an id once it has been confirmed."""

from __future__ import annotations

import os

from bench.history_sessions import made_session, new_id
from spotter.coach.session import Session
from spotter.history.history import History

FRAMES = 300  # ten seconds of angles, so that a session touches every table


def session_of_id(id: str, person: str) -> Session:
    """What a writer writes under an id."""
    return made_session(id, person, reps=20, frames=FRAMES)


def write_for_ever(url: str, notes: str, person: str) -> None:
    """Add one session after another; the id of each confirmed one is a line in the file of notes."""
    with History.open(url, wait_s=120) as history:
        file = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        while True:
            id = new_id()
            history.add(session_of_id(id, person))
            os.write(file, f"{id}\n".encode())
