"""progress.csv, compare.csv and the month's table: the numbers behind the pages."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from spotter.coach.analysis import Rep
from spotter.history.compare import Comparison, rep_value
from spotter.history.month import MonthSummary
from spotter.history.person_progress import PersonProgress
from spotter.media.writing import write_text

PROGRESS_COLUMNS = (
    "person", "exercise", "day", "session", "view", "sets", "reps", "attempts", "judged", "held_s",
    "longest_hold_s", "volume_kg", "heaviest_kg", "score", "best_score", "median_range_deg", "best_range_deg",
    "depth_deg", "deepest_deg", "out_s", "hold_s", "back_s", "symmetry", "faults",
)  # fmt: skip
"""Columns of progress.csv, a row a session and exercise; faults with their share of what was judged."""

COMPARE_COLUMNS = (
    "exercise", "set", "repetition", "session", "range_deg", "score", "out_s", "hold_s", "back_s",
    "duration_s", "symmetry", "faults",
)  # fmt: skip
"""Columns of compare.csv, a row a repetition or hold; ``session`` is first or second."""

MONTH_COLUMNS = (
    "person", "exercise", "sessions", "sets", "reps", "held_s", "volume_kg", "measure", "value", "before",
    "difference", "low", "high", "verdict",
)  # fmt: skip
"""Columns of the month's table, a row a person, exercise and measure."""

_WORDS = ("person", "exercise", "day", "session", "view", "faults")
_COUNTS = ("sets", "reps", "attempts", "judged")


def write_progress_table(path: Path, progress: PersonProgress) -> None:
    """Write progress.csv; empty where something is not known.

    Raises:
        OutputError: it cannot be written.
    """
    _write(path, PROGRESS_COLUMNS, _progress_rows(progress))


def write_compare_table(path: Path, comparison: Comparison) -> None:
    """Write compare.csv; empty where something is not known.

    Raises:
        OutputError: it cannot be written.
    """
    _write(path, COMPARE_COLUMNS, _compare_rows(comparison))


def write_month_table(path: Path, summary: MonthSummary) -> None:
    """Write the month's table; empty where something is not known.

    Raises:
        OutputError: it cannot be written.
    """
    _write(path, MONTH_COLUMNS, _month_rows(summary))


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(rows)
    write_text(path, text.getvalue())


def _progress_rows(progress: PersonProgress) -> Iterator[list[str]]:
    for one in progress.exercises:
        sessions = one.sessions
        shares = [(fault.name, fault.share) for fault in one.faults]
        for row in range(len(sessions)):
            faults = "; ".join(f"{name} {share[row]:.3f}" for name, share in shares if share[row] > 0)
            words = {
                "person": progress.person,
                "exercise": one.exercise,
                "day": str(sessions.days[row]),
                "session": sessions.ids[row],
                "view": sessions.views[row],
                "faults": faults,
            }
            yield [
                words[name] if name in _WORDS else _cell(float(sessions.columns[name][row]), name)
                for name in PROGRESS_COLUMNS
            ]


def _compare_rows(comparison: Comparison) -> Iterator[list[str]]:
    for one in comparison.exercises:
        for pair in one.pairs:
            for which, rep in (("first", pair.first), ("second", pair.second)):
                if rep is not None:
                    place = [one.exercise, str(pair.set_number), str(pair.number), which]
                    yield [*place, *_rep_cells(rep)]
        for number, holds in enumerate(one.holds, start=1):
            for which, hold in zip(("first", "second"), holds, strict=True):
                if hold is not None:
                    faults = ";".join(fault.name for fault in hold.faults)
                    length = _cell(hold.end_s - hold.start_s, "")
                    yield [one.exercise, str(number), "", which, *[""] * 5, length, "", faults]


def _month_rows(summary: MonthSummary) -> Iterator[list[str]]:
    for person in summary.people:
        for one in person.exercises:
            place = [person.person, one.exercise, str(len(one.days)), str(one.sets), str(one.reps)]
            place += [_cell(one.held_s, ""), _cell(one.volume_kg, "")]
            if not one.changes:
                yield [*place, *[""] * 7]
            for change in one.changes:
                numbers = (change.second, change.first, change.shift.value, *change.interval)
                cells = [_cell(value, "") for value in numbers]
                yield [*place, change.measure.name, *cells, change.verdict]


def _rep_cells(rep: Rep) -> list[str]:
    values = [rep_value(rep, name) for name in ("range_deg", "score", "out_s", "hold_s", "back_s")]
    values += [rep.end_s - rep.start_s, rep.symmetry]
    return [*(_cell(value, "") for value in values), ";".join(fault.name for fault in rep.faults)]


def _cell(value: float, name: str) -> str:
    if not math.isfinite(value):
        return ""
    return f"{value:.0f}" if name in _COUNTS else f"{value:.3f}"
