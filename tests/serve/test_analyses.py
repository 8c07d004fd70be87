"""A real video on its way through the server: uploaded, analysed, looked at, kept in the history, deleted."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spotter.history.history import History
from spotter.serve import analysis_process
from spotter.serve.config import Config
from tests.serve.fake import Running
from tests.serve.rest import Rest, write_squat

RECORDED = datetime(2026, 5, 4, 16, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def squat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_squat(tmp_path_factory.mktemp("clip") / "squat.mp4")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("data")
    return Config(port=0, data=folder, database=str(folder / "history.db"), workers=1)


@pytest.fixture(scope="module")
def rest(config: Config) -> Iterator[Rest]:
    with Running(config) as server:
        yield Rest(server)


@dataclass(frozen=True)
class Analysed:
    """A video that was analysed, and what was told meanwhile."""

    ident: str
    told: list[dict[str, Any]]

    @property
    def last(self) -> dict[str, Any]:
        return self.told[-1]


@pytest.fixture(scope="module")
def done(rest: Rest, squat: Path) -> Analysed:
    """One analysis for all tests."""
    ident = rest.started(
        squat.read_bytes(), name="../my squat.mp4", person="Ada", exercise="squat", height_cm=170,
        weight_kg=40, modified=RECORDED.isoformat(),
    )  # fmt: skip
    return Analysed(ident, list(rest.events(ident)))


def test_its_progress_is_told_until_it_is_done(done: Analysed) -> None:
    assert done.last["state"] == "done", done.last["message"]
    assert done.told[0]["state"] in ("waiting", "running") and done.told[0]["files"] == []
    steps = [one["frames_done"] for one in done.told]
    assert steps == sorted(steps) and len(set(steps)) > 3
    assert done.last["frames_done"] == done.last["frames"] == 2 * 72
    assert any(one["seconds_left"] for one in done.told) and done.last["seconds_left"] is None


def test_its_results_are_those_of_the_command(rest: Rest, done: Analysed) -> None:
    assert {"report.html", "analysis.json", "annotated.mp4", "reps.csv", "angles.csv"} <= set(
        done.last["files"]
    )
    analysis = rest.get(f"/analyses/{done.ident}/files/analysis.json")
    assert analysis.headers["content-type"] == "application/json"
    (person,) = analysis.json["people"]
    assert sum(rep["complete"] for one in person["sets"] for rep in one["reps"]) == 1
    assert rest.get(f"/analyses/{done.ident}/files/reps.csv").headers["content-type"].startswith("text/csv")


def test_the_report_is_a_strangers_page(rest: Rest, done: Analysed) -> None:
    report = rest.get(f"/analyses/{done.ident}/files/report.html")
    policy = report.headers["content-security-policy"]
    assert report.headers["content-type"] == "text/html; charset=utf-8" and b"my squat" in report.body
    assert policy.startswith("sandbox allow-scripts") and "allow-same-origin" not in policy
    assert "default-src 'none'" in policy and "connect-src" not in policy


def test_the_film_comes_in_ranges(rest: Rest, done: Analysed) -> None:
    path = f"/analyses/{done.ident}/files/annotated.mp4"
    whole = rest.get(path)
    assert whole.headers["accept-ranges"] == "bytes" and whole.headers["content-type"] == "video/mp4"
    part = rest.get(path, Range="bytes=100-199")
    assert (part.status, part.body) == (206, whole.body[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.body)}"
    assert rest.get(path, Range="bytes=-10").body == whole.body[-10:]
    assert rest.get(path, Range=f"bytes={len(whole.body)}-").status == 416
    many = rest.get(path, Range="bytes=" + ",".join(f"{n}-{n}" for n in range(0, 2000, 2)))
    assert many.status in (200, 206, 400, 416)


def test_its_session_is_in_the_history(rest: Rest, done: Analysed, config: Config) -> None:
    with History.open(config.database) as history:
        session = history.get(done.last["session"])
    assert (session.person, session.count, session.exercises) == ("Ada", 1, ("squat",))
    assert session.sets[0].weight_kg == 40
    assert abs((session.started - RECORDED).total_seconds() + session.duration_s) < 1
    assert rest.get(f"/sessions/{done.last['session']}").json["person"] == "Ada"


def test_what_is_no_video_fails_as_it_does_for_the_command(rest: Rest, config: Config) -> None:
    found = rest.ended(rest.started(b"no video at all " * 100, name="../../x.mp4"))
    assert found["state"] == "failed" and found["files"] == [] and found["session"] is None
    assert found["message"].startswith("x.mp4 ") and "video" in found["message"]
    assert str(config.data) not in found["message"]


def test_a_video_that_was_cut_off(rest: Rest, squat: Path) -> None:
    found = rest.ended(rest.started(squat.read_bytes()[:2000]))
    assert found["state"] == "failed" and found["message"]


@pytest.mark.skipif(sys.platform == "win32", reason="a process's files are not limited there")
def test_a_disk_that_is_full_of_results(rest: Rest, squat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import resource, runpy, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "sys.dont_write_bytecode = True\n"  # Python would keep half of a module, and believe it the next time
        "runpy.run_module('spotter.serve.analysis_worker', run_name='__main__')"
    )
    monkeypatch.setattr(analysis_process, "WORKER", (sys.executable, "-c", program))
    found = rest.ended(rest.started(squat.read_bytes(), exercise="squat"))
    assert found["state"] == "failed" and "could not be written" in found["message"]


def test_deleting_it_leaves_the_session_alone(rest: Rest, done: Analysed, config: Config) -> None:
    """The last one, for it takes what the others look at."""
    folder = config.data / "uploads" / done.ident
    assert json.loads((folder / "status.json").read_text())["state"] == "done"
    assert rest.delete(f"/analyses/{done.ident}/video").status == 204
    assert (
        not list(folder.glob("video/*"))
        and rest.get(f"/analyses/{done.ident}/files/report.html").status == 200
    )
    assert rest.delete(f"/analyses/{done.ident}").status == 204
    assert not folder.exists()
    assert rest.get(f"/sessions/{done.last['session']}").status == 200
