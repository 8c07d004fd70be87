"""What happens to analyses that wait, run, hang, die or are deleted; workers only pretend to work here."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spotter.serve import analysis_routes
from spotter.serve.analysis_process import WORKER
from spotter.serve.config import Config, Limits
from tests.coached_clip import write_clip
from tests.serve.fake import PATIENCE_S, Running
from tests.serve.rest import AT_ONCE, FOREVER, Rest, pretend


@pytest.fixture
def rest(server: Running) -> Rest:
    return Rest(server)


def running(document: dict[str, Any]) -> bool:
    return bool(document["state"] == "running" and document["frames_done"])


def worker_of(config: Config, ident: str) -> int:
    """The process that works on an upload, which wrote its number down."""
    return int((config.data / "uploads" / ident / "pid").read_text())


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def dies(process: int) -> bool:
    """Whether a process is gone within a moment."""
    end_s = time.monotonic() + PATIENCE_S
    while is_alive(process) and time.monotonic() < end_s:
        time.sleep(0.02)
    return not is_alive(process)


def left(config: Config) -> list[str]:
    """What lies in the uploads' folder."""
    return sorted(path.name for path in (config.data / "uploads").iterdir() if path.name != ".lock")


WRITES_PID = "(video.parent.parent / 'pid').write_text(str(os.getpid()))\n"


def test_one_after_the_other(rest: Rest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = tmp_path / "gate"
    pretend(
        monkeypatch,
        f"say(state='running', frames=10, frames_done=1)\n"
        f"while not Path({str(gate)!r}).exists(): time.sleep(0.01)\n" + AT_ONCE,
    )
    first, second = rest.started(name="first.mp4"), rest.started(name="second.mp4")
    rest.wait(first, running)
    time.sleep(0.2)
    assert rest.analysis(second)["state"] == "waiting" and rest.analysis(second)["frames"] is None
    gate.touch()
    assert rest.ended(second)["state"] == "done" and rest.analysis(first)["files"] == ["a.json"]
    names = [one["name"] for one in rest.get("/analyses").json["analyses"]]
    assert names == ["second.mp4", "first.mp4"]


def test_events_tell_every_step_and_end(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(
        monkeypatch,
        "for done in range(1, 40):\n"
        "  say(state='running', frames=40, frames_done=done, seconds_left=4.5)\n"
        "  time.sleep(0.002)\n" + AT_ONCE,
    )
    ident = rest.started()
    told = list(rest.events(ident))
    assert told[-1]["state"] == "done" and told[-1]["files"] == ["a.json"]
    assert told[-1]["seconds_left"] is None
    done = [one["frames_done"] for one in told]
    assert done == sorted(done) and len(done) > 2
    assert [one["state"] for one in rest.events(ident)] == ["done"]


def test_nobody_who_listens_misses_the_end(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many listen to many quick ones: a change between a look and the wait for the next one must count."""
    pretend(monkeypatch, AT_ONCE)
    idents = [rest.started() for _ in range(8)]
    last: list[str] = []

    def listen(ident: str) -> None:
        last.append([one["state"] for one in rest.events(ident)][-1])

    threads = [
        threading.Thread(target=listen, args=[ident], daemon=True) for ident in idents for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert last == ["done"] * 32


def test_a_quiet_stream_is_kept_alive(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis_routes, "_QUIET_S", 0.05)
    pretend(monkeypatch, FOREVER)
    ident = rest.started()
    rest.wait(ident, running)
    line = rest.line()
    line.request("GET", f"/api/v1/analyses/{ident}/events")
    answer = line.getresponse()
    assert answer.readline().startswith(b"data: {") and answer.readline() == b"\n"
    assert [answer.readline() for _ in range(4)] == [b": still there\n", b"\n"] * 2
    line.close()


def test_deleting_stops_the_work_and_whoever_listens(
    rest: Rest, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, WRITES_PID + FOREVER)
    ident, other = rest.started(), rest.started()
    rest.wait(ident, running)
    process = worker_of(config, ident)
    if sys.platform != "win32":  # apart from Ctrl-C, but of one session, or being nice would not count
        assert os.getpgid(process) == process and os.getsid(process) == os.getsid(0)
    told: list[dict[str, Any]] = []
    listener = threading.Thread(target=lambda: told.extend(rest.events(ident)), daemon=True)
    listener.start()
    time.sleep(0.1)
    assert rest.delete(f"/analyses/{ident}").status == 204
    assert dies(process)
    listener.join(PATIENCE_S)
    assert not listener.is_alive() and told[-1]["state"] == "running"
    assert rest.get(f"/analyses/{ident}").status == 404 and rest.delete(f"/analyses/{ident}").status == 404
    assert rest.get(f"/analyses/{ident}/events").status == 404
    rest.wait(other, running)
    assert left(config) == [other]


def test_deleting_at_any_moment_leaves_nothing(
    rest: Rest, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, AT_ONCE)
    idents = [rest.started() for _ in range(12)]
    for number, ident in enumerate(idents):
        time.sleep(0.007 * number)  # while one waits, starts, runs, ends or is done
        assert rest.delete(f"/analyses/{ident}").status == 204
    assert left(config) == [] and rest.get("/analyses").json == {"analyses": []}
    last = rest.started()
    assert rest.ended(last)["state"] == "done"


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("os._exit(7)", "ended with 7"),
        ("sys.exit(0)", "ended with 0"),
        ("print('no JSON', flush=True); time.sleep(60)", "failed in the server"),
        ("print('x' * 10_000_000, flush=True); time.sleep(60)", "failed in the server"),
        ("say(state='nonsense', message=3, other=1); time.sleep(60)", "failed in the server"),
        ("say(state='failed', message='x.mp4 is no video')", "x.mp4 is no video"),
    ],
)
def test_a_worker_that_fails_is_told_and_the_next_one_works(
    rest: Rest, monkeypatch: pytest.MonkeyPatch, program: str, words: str
) -> None:
    pretend(monkeypatch, program)
    found = rest.ended(rest.started())
    assert found["state"] == "failed" and words in found["message"]
    pretend(monkeypatch, AT_ONCE)
    assert rest.ended(rest.started())["state"] == "done"


TALKS = "for done in range(1, 10**9): say(state='running', frames=10**9, frames_done=done)"
ENDS_NO_LINE = "say(state='running', frames=100, frames_done=7)\nprint('x' * 10_000_000)"
HAS_A_CHILD = (
    "import subprocess\n"
    "child = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(60)'])\n"
    "(video.parent.parent / 'pid').write_text(str(child.pid))\n"
)


@pytest.mark.parametrize(
    "program",
    [WRITES_PID + TALKS, WRITES_PID + ENDS_NO_LINE + "\n" + FOREVER, HAS_A_CHILD + FOREVER],
    ids=["talks all the time", "ends no line", "has a child with its output"],
)
def test_whatever_a_worker_does_the_server_ends(
    config: Config, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    pretend(monkeypatch, program)
    with Running(config) as server:
        rest = Rest(server)
        ident = rest.started()
        rest.wait(ident, lambda document: bool(document["frames_done"]))
        process = worker_of(config, ident)
        assert server.stop() < PATIENCE_S / 3
    assert dies(process)


def test_a_worker_that_cannot_be_started(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spotter.serve.analysis_process.WORKER", ("/nowhere/python",))
    assert "/nowhere/python" in rest.ended(rest.started())["message"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_a_worker_that_is_killed(rest: Rest, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, WRITES_PID + FOREVER)
    ident = rest.started()
    rest.wait(ident, running)
    os.kill(worker_of(config, ident), signal.SIGKILL)
    assert "was killed (SIGKILL)" in rest.ended(ident)["message"]


def test_the_next_server_takes_up_what_was_not_finished(
    config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pretend(monkeypatch, WRITES_PID + FOREVER)
    with Running(config) as server:
        rest = Rest(server)
        done, waiting = rest.started(name="first.mp4"), rest.started(name="second.mp4", person="Ada")
        rest.wait(done, running)
        process = worker_of(config, done)
        listener = threading.Thread(target=lambda: list(rest.events(done)), daemon=True)
        listener.start()
        time.sleep(0.2)
        assert server.stop() < 3
        listener.join(PATIENCE_S)
        assert not listener.is_alive()
        assert not [record for record in caplog.records if record.levelname == "ERROR"]
        assert dies(process)
    (config.data / "uploads" / "20260101-000000-0badcafe" / "video").mkdir(parents=True)  # broke off
    pretend(monkeypatch, AT_ONCE)
    with Running(config) as server:
        rest = Rest(server)
        assert rest.ended(waiting)["person"] == "Ada"
        assert rest.ended(done)["state"] == "done" and rest.analysis(done)["name"] == "first.mp4"
        assert left(config) == sorted([done, waiting])
    pretend(monkeypatch, FOREVER)
    with Running(config) as server:  # what is done stays done
        assert [one["state"] for one in Rest(server).get("/analyses").json["analyses"]] == ["done", "done"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")
def test_the_real_worker_stands_back_and_does_not_outlive_its_server(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "nobody.mp4")
    wish = {"person": None, "weight_kg": None, "exercise": "auto", "height_cm": None}
    request = {"wish": wish, "video": str(clip), "results": str(tmp_path / "results"), "database": None}
    with subprocess.Popen(WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["frames_done"] > 0
        mine = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(19, mine + 10)
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 3


def test_two_servers_do_not_share_a_folder(
    rest: Rest, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, FOREVER)
    ident = rest.started()
    rest.wait(ident, running)
    with Running(replace(config, port=0)) as second:
        other = Rest(second)
        for answer in (other.upload(b"x"), other.get("/analyses"), other.delete(f"/analyses/{ident}")):
            assert answer.status == 503 and "--data" in answer.complaint
        assert other.get("/exercises").status == 200
    assert rest.analysis(ident)["state"] == "running"


def test_the_server_starts_where_nothing_can_be_written(tmp_path: Path, config: Config) -> None:
    (tmp_path / "file").write_text("in the way")
    with Running(replace(config, data=tmp_path / "file")) as server:
        assert Rest(server).get("/health").status == 200
        assert "file" in Rest(server).upload(b"x").complaint


def test_only_so_many_wait(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, FOREVER)
    with Running(replace(config, limits=Limits(analyses=3))) as server:
        rest = Rest(server)
        line = rest.line()  # one that is still coming counts too
        line.putrequest("POST", "/api/v1/analyses?name=slow.mp4")
        line.putheader("Content-Length", "1000")
        line.endheaders(b"begin")
        time.sleep(0.3)
        idents = [rest.started(), rest.started()]
        refused = rest.upload(b"one more")
        assert refused.status == 429 and "3 videos" in refused.complaint
        assert rest.delete(f"/analyses/{idents[1]}").status == 204
        rest.started()
        line.close()
    assert Limits().analyses == 100


def test_the_video_alone_is_deleted_when_it_is_not_looked_at(
    rest: Rest, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, FOREVER)
    ident = rest.started()
    rest.wait(ident, running)
    answer = rest.delete(f"/analyses/{ident}/video")
    assert answer.status == 409 and "wait" in answer.complaint
    rest.delete(f"/analyses/{ident}")
    pretend(monkeypatch, AT_ONCE)
    ident = rest.started()
    assert rest.ended(ident)["has_video"] is True
    for _ in range(2):
        assert rest.delete(f"/analyses/{ident}/video").status == 204
    assert rest.analysis(ident)["has_video"] is False
    assert rest.get(f"/analyses/{ident}/files/a.json").body == b"{}"


def test_a_listener_that_goes_is_forgotten(
    rest: Rest, monkeypatch: pytest.MonkeyPatch, server: Running
) -> None:
    pretend(monkeypatch, FOREVER)
    ident = rest.started()
    lines = []
    for _ in range(20):
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        line.request("GET", f"/api/v1/analyses/{ident}/events")
        assert line.getresponse().status == 200
        lines.append(line)
    assert len(server._server.server_state.tasks) >= 20
    for line in lines:
        line.close()
    end_s = time.monotonic() + PATIENCE_S
    while len(server._server.server_state.tasks) > 1 and time.monotonic() < end_s:
        time.sleep(0.02)
    assert len(server._server.server_state.tasks) <= 1
