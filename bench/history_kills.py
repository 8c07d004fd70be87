"""Kills writers of sessions at random moments and looks for what was lost, or is half there."""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from bench.history_writer import session_of_id, write_for_ever
from bench.machine import load
from bench.material import Material
from bench.postgres import NoServer, server
from bench.table import Cell, Table
from spotter.history.document import session_document
from spotter.history.history import History

_KILLS, _QUICK_KILLS = 200, 8
_WRITERS = 4
_LONGEST_S = 0.3  # from the moment when all are writing to the kill
_PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was left after the kills.

    Attributes:
        kills: how many.
        confirmed: sessions that a writer had noted.
        lost: of them, those that are not there.
        kept: sessions that are there.
        half: of them, those that are not what the writer wrote.
    """

    kills: int
    confirmed: int
    lost: int
    kept: int
    half: int


def run(material: Material, quick: bool) -> list[Table]:
    """On SQLite, and on PostgreSQL where there is a server."""
    kills = _QUICK_KILLS if quick else _KILLS
    rows: list[tuple[Cell, ...]] = []
    notes = [load()]
    with tempfile.TemporaryDirectory() as name:
        rows.append(_row("SQLite", kill_writers(str(Path(name, "history.db")), Path(name), kills)))
        try:
            with server() as url:
                rows.append(_row("PostgreSQL", kill_writers(url, Path(name), kills)))
        except NoServer as reason:
            notes.append(f"PostgreSQL left out: {reason}")
    return [
        Table(
            name="history-kills",
            title=f"kill -9 at random moments, {_WRITERS} writers at once",
            columns=("database", "kills", "confirmed", "lost", "kept", "half there"),
            rows=tuple(rows),
            notes=tuple(notes),
        )
    ]


def kill_writers(url: str, folder: Path, kills: int, seed: int = 0) -> Outcome:
    """Let four write at once, kill one of them at a random moment, put another in its place, and so on.

    Args:
        url: path or address of an empty database.
        folder: for the writers' notes.
        kills: how many; at the end the last four are killed too.
        seed: of the moments.
    """
    chance = random.Random(seed)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["bench.history_writer"])
    notes: list[Path] = []

    def start() -> tuple[BaseProcess, Path]:
        note = Path(tempfile.mkstemp(prefix="confirmed-", dir=folder)[1])
        notes.append(note)
        process = processes.Process(
            target=write_for_ever, args=(url, str(note), f"person {len(notes)}"), daemon=True
        )
        process.start()
        return process, note

    running = [start() for _ in range(_WRITERS)]
    try:
        for _ in range(kills):
            _wait_until_all_write(running)
            time.sleep(chance.uniform(0, _LONGEST_S))
            victim = running.pop(chance.randrange(_WRITERS))
            _kill([victim])
            running.append(start())
        _wait_until_all_write(running)
    finally:
        _kill(running)
    return _look(url, notes, kills + _WRITERS)


def _wait_until_all_write(running: Iterable[tuple[BaseProcess, Path]]) -> None:
    until = time.monotonic() + _PATIENCE_S
    for process, note in running:
        while note.stat().st_size == 0:
            if not process.is_alive() or time.monotonic() > until:
                raise RuntimeError("a writer ended, or wrote nothing")
            time.sleep(0.005)


def _kill(running: Iterable[tuple[BaseProcess, Path]]) -> None:
    for process, _ in running:
        process.kill()
    for process, _ in running:
        process.join()


def _look(url: str, notes: list[Path], kills: int) -> Outcome:
    confirmed = {
        id: f"person {number}" for number, note in enumerate(notes, 1) for id in note.read_text().split()
    }
    with History.open(url, wait_s=_PATIENCE_S) as history:
        history.check()
        kept = history.find()
        half = 0
        for entry in kept:
            written = session_of_id(entry.id, confirmed.get(entry.id, entry.person))
            whole = session_document(history.get(entry.id)) == session_document(written)
            half += not (whole and sum(entry.reps.values()) == written.count)
    lost = len(confirmed.keys() - {entry.id for entry in kept})
    return Outcome(kills, len(confirmed), lost, len(kept), half)


def _row(database: str, outcome: Outcome) -> tuple[Cell, ...]:
    return (database, outcome.kills, outcome.confirmed, outcome.lost, outcome.kept, outcome.half)
