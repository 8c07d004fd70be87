"""Measures the live coach over its WebSocket: how soon it answers, and how it shares itself out."""

from __future__ import annotations

from bench.live_clients import FPS, SIZE, Answers, Film, drive, percentile, server
from bench.machine import load
from bench.material import Material
from bench.table import Cell, Table

_SECONDS, _QUICK_SECONDS = 60.0, 1.0
_WARM_UP_S, _QUICK_WARM_UP_S = 3.0, 0.5
_STREAMS = 4
_WANTED_MS, _WANTED_FPS = 35.0, 10.0


def run(material: Material, quick: bool) -> list[Table]:
    """One stream alone, then four at once, each with frames of a clip as a page sends them."""
    busy = load()
    film = Film.of(material, quick)
    seconds = _QUICK_SECONDS if quick else _SECONDS
    warm_up_s = _QUICK_WARM_UP_S if quick else _WARM_UP_S
    with server() as running:
        before_s = running.processor_s
        (alone,) = drive(running.port, film, 1, seconds, warm_up_s=warm_up_s)
        used_s = running.processor_s - before_s
        many = drive(running.port, film, _STREAMS, seconds, warm_up_s=warm_up_s)
    said = (
        f"{film.name} at {SIZE[0]}x{SIZE[1]} as JPEG, {FPS:g} frames a second a stream, for {seconds:g} s",
        busy,
    )
    return [_alone(alone, used_s, said), _together(many, seconds, said)]


def _alone(answers: Answers, used_s: float, said: tuple[str, ...]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        ("from arrival to answer", *_spread(answers.inside_ms), f"p95 below {_WANTED_MS:g}"),
        ("of that, waiting for a worker", *_spread(answers.waited_ms), None),
        ("of that, work", *_spread(answers.work_ms), None),
        ("from sending to having the answer", *_spread(answers.round_ms), None),
    ]
    kept = len(answers.round_ms) / answers.sent
    return Table(
        name="live",
        title="One live stream: milliseconds a frame",
        columns=("what", "p50", "p95", "p99", "wanted"),
        rows=tuple(rows),
        notes=(
            f"{100 * kept:.1f} % of {answers.sent} frames were answered, the others skipped for newer ones; "
            f"{1000 * used_s / max(1, len(answers.round_ms)):.0f} ms of processor time a frame, with loading",
            *said,
        ),
        digits=1,
    )


def _together(many: list[Answers], seconds: float, said: tuple[str, ...]) -> Table:
    paces = [len(answers.round_ms) / seconds for answers in many]
    rows: list[tuple[Cell, ...]] = [
        (
            f"stream {number}",
            pace,
            percentile(answers.inside_ms, 50),
            percentile(answers.inside_ms, 95),
            f"{_WANTED_FPS:g} a second",
        )
        for number, (pace, answers) in enumerate(zip(paces, many, strict=True), start=1)
    ]
    return Table(
        name="live-streams",
        title=f"{_STREAMS} live streams at once",
        columns=("stream", "frames answered a second", "p50 ms", "p95 ms", "wanted"),
        rows=tuple(rows),
        notes=(
            "milliseconds from arrival to answer; the slowest stream gets "
            f"{100 * min(paces) / max(paces):.0f} % of what the fastest gets",
            *said,
        ),
        digits=1,
    )


def _spread(values: list[float]) -> tuple[float, float, float]:
    return percentile(values, 50), percentile(values, 95), percentile(values, 99)
