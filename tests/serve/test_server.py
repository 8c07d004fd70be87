"""The server as a program: its port, its end, and what a raw connection can do to it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import pytest
from websockets.exceptions import ConnectionClosed

from spotter.errors import ServeError
from spotter.history.history import History
from spotter.media.reader import open_media
from spotter.serve.config import Config
from spotter.serve.server import listen
from tests.serve.fake import Client, Running

EXAMPLE = Path(__file__).parents[2] / "examples" / "squat.mp4"


@pytest.mark.parametrize(
    "path",
    [
        "/../config.py", "/%2e%2e/config.py", "/..%2fconfig.py", "/static/../../config.py", "//etc/passwd",
        "/%2e%2e%2f%2e%2e%2ferrors.py", "/..\\config.py", "/%5c..%5cconfig.py", "/index.html%00.js",
        "/" + "a" * 5000, "/%2e%2e%2f" * 30 + "etc/passwd", "/%c0%ae%c0%ae/config.py",
    ],
)  # fmt: skip
def test_nothing_outside_the_pages_folder_is_given_out(server: Running, path: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    line.putrequest("GET", path, skip_accept_encoding=True)
    line.endheaders()
    answer = line.getresponse()
    content = answer.read()
    assert answer.status == 404
    assert b"import" not in content and b"root:" not in content


def test_a_large_body_is_cut_off_where_its_length_was_not_told(server: Running) -> None:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    line.putrequest("POST", "/api/v1/keys")
    line.putheader("Transfer-Encoding", "chunked")
    line.putheader("Content-Type", "application/json")
    line.endheaders()
    for _ in range(20):
        line.send(b"%x\r\n%b\r\n" % (100_000, b" " * 100_000))
    line.send(b"0\r\n\r\n")
    assert line.getresponse().status == 413


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000,
        b"\r\n\r\n",
    ],
    ids=["TLS", "endless header", "nothing"],
)
def test_nonsense_on_the_line_disturbs_nobody(server: Running, request_: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        try:
            line.sendall(request_)
            line.settimeout(0.5)
            line.recv(100)
        except OSError:
            pass
        with server.client() as client:
            assert client.look()["seq"] == 1


def test_a_port_that_is_taken_is_told_with_what_to_do(config: Config) -> None:
    with listen(config) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"port {port} .* is taken .* --port {port + 100}"):
            listen(replace(config, port=port))
        with listen(replace(config, port=port), or_next=True) as other:
            assert port < other.getsockname()[1] <= port + 20


def test_an_address_of_another_machine_is_told(config: Config) -> None:
    with pytest.raises(ServeError, match=r"192\.0\.2\.1.*address of this machine"):
        listen(replace(config, host="192.0.2.1"))


def test_it_listens_on_this_machine_alone(server: Running) -> None:
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {"127.0.0.1", "127.0.1.1"}:
        with pytest.raises(OSError):
            socket.create_connection((str(address), server.port), timeout=1)


def spotter_serve(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "SPOTTER_DATA": str(folder), "OMP_NUM_THREADS": "1"}
    environment.pop("DISPLAY", None)
    return subprocess.Popen(
        [sys.executable, "-m", "spotter", "serve", *words], env=environment, text=True, stderr=subprocess.PIPE
    )


def test_the_command_coaches_and_stops_at_ctrl_c(tmp_path: Path) -> None:
    with spotter_serve(tmp_path, "--no-browser", "--port", "0") as process:
        assert process.stderr is not None
        try:
            said = next(line for line in process.stderr if line.startswith("Spotter is at"))
            port = int(said.split(":")[2].split("/")[0])
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            line.request("GET", "/api/v1/health")
            assert json.loads(line.getresponse().read())["status"] == "ok"
            client = Client(port, {"exercise": "squat", "person": "Ada", "countdown_s": 0.0})
            last = squat_until(client, 1)
            assert last["exercise"]["name"] == "squat" and last["stage"] == "set"
            assert len(last["bodies"][0]["points"]) == 33 and last["parts"] is None
            assert last["working"]["degrees"] > 0 and last["rep"]["range_deg"] > 60
            began = time.perf_counter()
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
            slowness = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
            assert time.perf_counter() - began < 2.0 * slowness
            with pytest.raises(ConnectionClosed):
                client.line.recv(timeout=5)
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()
    with History.open(tmp_path / "history.db") as history:
        (entry,) = history.find()
        assert (entry.person, entry.reps) == ("Ada", {"squat": 1})


def squat_until(client: Client, count: int) -> dict[str, Any]:
    """Show the example, each frame after the answer to the one before, until so many squats are counted."""
    if not EXAMPLE.exists():
        pytest.skip(f"there is no {EXAMPLE} yet")
    with open_media(EXAMPLE) as source:
        for frame in source:
            if frame.index % 2:  # fifteen a second are enough to count by
                continue
            image = cv2.resize(frame.image, (640, 360), interpolation=cv2.INTER_AREA)
            jpeg = cv2.imencode(".jpg", image[:, :, ::-1])[1].tobytes()
            if frame.index == 2:
                client.say("skip")
            state = client.look(jpeg, frame.time_s)
            if state["count"] == count:
                return state
    raise AssertionError(f"only {state['count']} squats were counted")


def test_the_command_says_that_its_port_is_taken(config: Config, tmp_path: Path) -> None:
    with listen(config) as taken, spotter_serve(tmp_path, "--port", str(taken.getsockname()[1])) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        assert process.wait(10) == 19
        assert "is taken by another program" in said and "Traceback" not in said
