"""What the terminal shows: how far the work is, and at the end what was found and where it is."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.table import Column, Table
from rich.text import Text

from spotter.coach.analysis import Analysis, Fault, Person, RepSet, Severity
from spotter.coach.heart import HeartRate, gaps
from spotter.report.words import (
    amount,
    clock,
    counted,
    duration,
    fault_title,
    mean_score,
    number,
    split_summary,
)

_EVERY_S = 10.0
_STYLES: dict[Severity, str] = {"danger": "bold red", "warning": "yellow", "hint": "cyan"}
_SIGNS: dict[Severity, str] = {"danger": "!!", "warning": "!", "hint": "i"}
_MOST_ROWS = 30
_FILE_WORDS = {
    "report.html": "report",
    "annotated.mp4": "video",
    "analysis.json": "data",
    "angles.csv": "angles",
    "landmarks.npz": "landmarks",
    "reps.csv": "repetitions",
    "parts.csv": "body parts",
}


class Meter(Protocol):
    """Is told of every frame that is done."""

    def advance(self, frames: int = 1) -> None:
        """Count frames as done."""


def error_console(quiet: bool = False) -> Console:
    """The console on standard error, where everything but JSON goes; a quiet one prints nothing."""
    return Console(stderr=True, quiet=quiet, highlight=False)


@contextmanager
def progress(console: Console, what: str, frames: int) -> Iterator[Meter]:
    """Show how far the work is: frames done, frames a second, time left.

    On a terminal that is a bar; elsewhere, as in a log, a plain line every ten seconds.

    Args:
        console: where to.
        what: what is being worked on, such as the video's name.
        frames: how many there will be; 0 where unknown.

    Example:
        >>> with progress(error_console(quiet=True), "squat.mp4", frames=300) as meter:
        ...     meter.advance()
    """
    if not console.is_terminal:
        yield _PlainMeter(console, what, frames)
        return
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(None, "grey37", "cyan", "cyan", table_column=Column(ratio=1)),
        _Counts(table_column=Column(no_wrap=True)),
        console=console,
        expand=True,
        transient=True,
    )
    with bar:
        yield _BarMeter(bar, what, frames)


class _BarMeter:
    def __init__(self, bar: Progress, what: str, frames: int) -> None:
        self._bar = bar
        self._task = bar.add_task(_shortened(what), total=frames or None)

    def advance(self, frames: int = 1) -> None:
        self._bar.advance(self._task, frames)


class _PlainMeter:
    def __init__(self, console: Console, what: str, frames: int) -> None:
        self._console, self._what, self._frames = console, what, frames
        self._done = 0
        self._start_s = self._told_s = time.monotonic()

    def advance(self, frames: int = 1) -> None:
        self._done += frames
        now = time.monotonic()
        if now - self._told_s >= _EVERY_S:
            self._told_s = now
            line = f"{self._what}: {progress_words(self._done, self._frames, now - self._start_s)}"
            self._console.print(line, markup=False, soft_wrap=True)


class _Counts(ProgressColumn):
    """Frames done, frames a second and time left."""

    def render(self, task: Task) -> Text:
        words = progress_words(int(task.completed), int(task.total or 0), task.elapsed or 0.0)
        return Text(words, style="default", no_wrap=True)


def progress_words(done: int, frames: int, elapsed_s: float) -> str:
    """How far it is, in words.

    >>> progress_words(150, 450, 2.0)
    '150 of 450 frames, 75 a second, 0:04 left'
    >>> progress_words(150, 0, 2.0)
    '150 frames, 75 a second'
    """
    rate = done / elapsed_s if elapsed_s > 0 else 0.0
    parts = [f"{done} of {frames} frames" if frames else f"{done} frames"]
    if rate > 0:
        parts.append(f"{rate:.0f} a second")
        if frames:
            parts.append(f"{clock(max(0.0, math.ceil((frames - done) / rate)))} left")
    return ", ".join(parts)


def print_summary(
    analysis: Analysis, titles: Mapping[str, str], files: Iterable[Path], console: Console
) -> None:
    """Print what was found and where it was written.

    Args:
        analysis: what was found.
        titles: fault name to title.
        files: the files that were written.
        console: where to, see `error_console`.
    """
    console.print()
    console.print(_headline(analysis))
    for person in analysis.people if analysis.exercise.name else ():
        _print_person(person, dict(titles), len(analysis.people) > 1, console)
    if analysis.heart_rate is not None:
        console.print(Padding(_heart(analysis.heart_rate), (1, 0, 0, 2), expand=False))
    warning = analysis.video.get("warning")
    if warning:
        console.print(Padding(Text(f"Note: {warning}", style="yellow"), (1, 0, 0, 2), expand=False))
    _print_files(list(files), console)


def _heart(heart: HeartRate) -> Text:
    known = heart.bpm[np.isfinite(heart.bpm)]
    if not len(known):
        return Text("heart never heard")
    silent_s = sum(after_s - before_s for before_s, after_s in gaps(heart))
    line = Text.assemble("heart ", (f"{known.min():.0f} to {known.max():.0f}", "bold"))
    line.append(" beats a minute")
    line.append(f", not heard for {duration(silent_s)}" if silent_s else "")
    return line.append(f", from {heart.source}" if heart.source else "", style="dim")


def _headline(analysis: Analysis) -> Text:
    name = str(analysis.video.get("name") or "video")
    found = analysis.exercise
    line = Text.assemble("  ", (name, "bold"), "  ")
    if found.name is None:
        return line.append("no exercise found, nothing counted")
    line.append(found.name.replace("-", " "), style="bold cyan")
    if found.how == "recognised":
        line.append(f" (recognised, {100 * found.confidence:.0f} % sure)", style="dim")
    return line


def _print_person(person: Person, titles: dict[str, str], several: bool, console: Console) -> None:
    line = Text(f"Person {person.id}: " if several else "")
    if person.holds:
        held_s = person.held_s
        line.append(f"held {held_s:.0f} s", style="bold")
        line.append(f" in {counted(len(person.holds), 'hold', 'holds')}" if len(person.holds) > 1 else "")
    else:
        line.append(counted(person.count, "repetition", "repetitions"), style="bold")
    attempts = len(person.reps) - person.count
    if attempts:
        line.append(f", {counted(attempts, 'attempt', 'attempts')} not counted")
    score = mean_score(person)
    if math.isfinite(score):
        line.append(", score ").append(f"{score:.0f}", style="bold")
    console.print(Padding(line, (0, 0, 0, 2), expand=False))
    for number_of_set, one in enumerate(person.sets, start=1):
        if one.reps:
            console.print(
                Padding(_reps_table(one, number_of_set, len(person.sets) > 1, titles), (1, 0, 0, 2))
            )
    _print_sentences(person, console)


def _print_sentences(person: Person, console: Console) -> None:
    """What was good with a plus, the one thing to change with an arrow."""
    good, change = split_summary(person)
    for i, sentence in enumerate([*good, change] if change else good):
        to_change = i == len(good)
        grid = Table.grid(padding=(0, 1))
        grid.add_row(
            Text(">" if to_change else "+", style="bold yellow" if to_change else "green"), Text(sentence)
        )
        console.print(Padding(grid, (1 if i == 0 or to_change else 0, 0, 0, 2), expand=False))


def _reps_table(one: RepSet, number_of_set: int, several: bool, titles: dict[str, str]) -> Table:
    """The set's repetitions; of a long one, the first ones, as the report has them all."""
    table = Table(
        title=f"Set {number_of_set}" if several else None,
        title_justify="left",
        title_style="bold",
        box=None,
        header_style="dim",
        padding=(0, 2, 0, 0),
    )
    has_sides = any(rep.side != "both" for rep in one.reps)
    for heading in ("rep", *(["side"] if has_sides else []), "at", "out", "hold", "back", "range", "score"):
        table.add_column(heading, justify="left" if heading == "side" else "right", no_wrap=True)
    table.add_column("to work on", ratio=1)
    for rep in one.reps[:_MOST_ROWS]:
        tempo = rep.tempo_s
        table.add_row(
            str(rep.number) if rep.complete else number(math.nan),
            *([rep.side] if has_sides else []),
            clock(rep.turn_s),
            *(number(value, 1) for value in (tempo.out, tempo.hold, tempo.back)),
            amount(rep.range_deg, "deg"),
            number(rep.score),
            _faults_text(rep.faults, titles) if rep.complete else Text("turned back early, not counted"),
            style="" if rep.complete else "dim",
        )
    rest = len(one.reps) - _MOST_ROWS
    if rest > 0:
        table.add_row(
            "...", *[""] * (len(table.columns) - 2), Text(f"{rest} more in the report", style="dim")
        )
    return table


def _faults_text(faults: Iterable[Fault], titles: dict[str, str]) -> Text:
    parts = [
        Text.assemble(
            (f"{_SIGNS[fault.severity]} ", _STYLES[fault.severity]), fault_title(fault.name, titles)
        )
        for fault in faults
    ]
    return Text(", ").join(parts)


def _print_files(files: list[Path], console: Console) -> None:
    console.print()
    for path in files:
        # Unbroken, so that a terminal lets the reader click or copy the whole path.
        line = Text.assemble("  ", (f"{_FILE_WORDS.get(path.name, path.name):<13}", "dim"), str(path))
        console.print(line, soft_wrap=True)


def _shortened(text: str, most: int = 24) -> str:
    return text if len(text) <= most else f"{text[: most - 9]}...{text[-6:]}"
