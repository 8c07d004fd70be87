"""The benchmarks of the live coach in their small form: a real server, real clients."""

from __future__ import annotations

import csv
from pathlib import Path
from threading import Thread

import pytest
from websockets.sync.server import ServerConnection, serve

from bench import live_clients
from bench.__main__ import main
from bench.live_clients import Answers, Film, drive
from bench.material import REPOSITORY, Material, Skipped

pytest.importorskip("fastapi", reason="the extra serve is not installed")

EXAMPLE = REPOSITORY / "examples" / "squat.mp4"


@pytest.fixture
def material(tmp_path: Path) -> Material:
    if not EXAMPLE.exists():
        pytest.skip(f"there is no {EXAMPLE} yet")
    return Material(tmp_path / "nowhere", EXAMPLE)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_streams_are_answered(material: Material, tmp_path: Path) -> None:
    assert main(["live", "--quick", "--out", str(tmp_path)], material) == 0
    alone = rows_of(tmp_path / "live.csv")
    assert 0 < float(alone[0]["p50"]) <= float(alone[0]["p95"]) <= float(alone[0]["p99"])
    assert float(alone[0]["p50"]) < float(alone[3]["p50"])  # inside the server, and there and back
    together = rows_of(tmp_path / "live-streams.csv")
    assert len(together) == 4
    assert all(float(row["frames answered a second"]) > 0 for row in together)


def test_a_stream_without_an_answer_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    def ready_and_silent(line: ServerConnection) -> None:
        line.send("{}")
        line.recv()  # start
        line.recv()  # the frame with which models are loaded
        line.send("{}")
        for _ in line:
            pass

    monkeypatch.setattr(live_clients, "_LAST_S", 0.0)
    monkeypatch.setattr(live_clients, "_PATIENCE_S", 0.2)
    with serve(ready_and_silent, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        with pytest.raises(Skipped, match="none of the 3 frames"):
            drive(port, Film("nothing", "squat", (b"",)), 1, 0.1, warm_up_s=0.0)


def test_memory_is_watched(material: Material, tmp_path: Path) -> None:
    assert main(["live_memory", "--quick", "--out", str(tmp_path)], material) == 0
    rows = rows_of(tmp_path / "live-memory.csv")
    assert len(rows) == 7 and float(rows[0]["MB more than at first"]) == 0
    assert 100 < float(rows[-1]["MB"]) < 2000


def test_a_film_goes_forwards_and_backwards(material: Material) -> None:
    film = Film.of(material, quick=True)
    assert film.pictures == film.pictures[::-1]
    assert film.pictures[0][:2] == b"\xff\xd8"


def test_time_inside_the_server_is_waiting_and_work() -> None:
    assert Answers(work_ms=[10.0, 20.0], waited_ms=[1.0, 0.5]).inside_ms == [11.0, 20.5]
