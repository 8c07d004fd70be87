"""Measures whether a live stream that goes on for half an hour takes more and more memory."""

from __future__ import annotations

from bench.live_clients import FPS, Film, drive, percentile, server
from bench.machine import load
from bench.material import Material
from bench.table import Cell, Table

_MINUTES, _QUICK_MINUTES = 30.0, 0.05
_ROWS = 6
_WARM_UP_S = 120.0  # until the window of half a minute and the allocator are full
_WANTED_MB = 20.0


def run(material: Material, quick: bool) -> list[Table]:
    """A row every five minutes of one stream."""
    busy = load()
    film = Film.of(material, quick)
    seconds = 60 * (_QUICK_MINUTES if quick else _MINUTES)
    warm_up_s = min(_WARM_UP_S, seconds / 3)
    seen: list[tuple[float, float]] = []
    with server() as running:
        (answers,) = drive(
            running.port,
            film,
            1,
            seconds,
            warm_up_s=warm_up_s,
            every_s=lambda at_s: seen.append((at_s, running.megabytes)),
        )
    first = next(row for row, (at_s, _) in enumerate(seen) if at_s >= warm_up_s)
    rows: list[tuple[Cell, ...]] = []
    for number in range(_ROWS + 1):
        at_s, megabytes = seen[first + round(number / _ROWS * (len(seen) - 1 - first))]
        rows.append(((at_s - warm_up_s) / 60, megabytes, megabytes - seen[first][1]))
    return [
        Table(
            name="live-memory",
            title="Memory of the server while one stream goes on",
            columns=("minutes", "MB", "MB more than at first"),
            rows=tuple(rows),
            notes=(
                f"after {warm_up_s:.0f} s to warm up; {FPS:g} frames a second, of which "
                f"{len(answers.round_ms)} of {answers.sent} were answered, p95 "
                f"{percentile(answers.inside_ms, 95):.1f} ms from arrival to answer; "
                f"repetitions counted: {answers.last.get('count')}",
                f"wanted: at most {_WANTED_MB:g} MB more",
                busy,
            ),
            digits=1,
        )
    ]
