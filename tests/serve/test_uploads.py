"""Uploads that nobody should send: too large, cut short, ill-named; each is answered, and nothing is left."""

from __future__ import annotations

import errno
import http.client
import json
import shutil
import socket
import time
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spotter.serve import analysis_intake
from spotter.serve.analysis_store import file_name
from spotter.serve.config import Config, Limits
from tests.serve.fake import PATIENCE_S, Running
from tests.serve.rest import AT_ONCE, Rest, pretend

Usage = namedtuple("Usage", "total used free")
GIGABYTE = 10**9


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("data")
    return Config(port=0, data=folder, database=str(folder / "history.db"), workers=1)


@pytest.fixture(scope="module")
def shared_server(config: Config) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch, Running(config) as server:
        pretend(patch, AT_ONCE)
        yield server


@pytest.fixture
def rest(shared_server: Running) -> Iterator[Rest]:
    """One server for all; what a test leaves on it is deleted."""
    rest = Rest(shared_server)
    yield rest
    for one in rest.get("/analyses").json["analyses"]:
        rest.delete(f"/analyses/{one['id']}")


@pytest.fixture
def own(config: Config, tmp_path: Path) -> Config:
    """What a server is started with that a test has for itself."""
    return replace(config, data=tmp_path, database=str(tmp_path / "history.db"))


def left(config: Config) -> list[str]:
    """What lies in the uploads' folder, once the server is done with it."""
    folder = config.data / "uploads"
    end_s = time.monotonic() + 2
    while (found := [path.name for path in folder.iterdir() if path.name != ".lock"]) and (
        time.monotonic() < end_s
    ):
        time.sleep(0.02)
    return found


def came(config: Config) -> None:
    """Wait until something of a video lies in the uploads' folder."""
    end_s = time.monotonic() + PATIENCE_S
    while not list((config.data / "uploads").glob("*/video/x.mp4")):
        assert time.monotonic() < end_s
        time.sleep(0.02)


def raw(rest: Rest, head: str, body: bytes = b"") -> socket.socket:
    """A connection over which this was sent."""
    line = socket.create_connection(("127.0.0.1", rest.port), timeout=PATIENCE_S)
    line.sendall(f"POST {head}\r\nHost: localhost\r\n".encode() + body)
    return line


def status_of(line: socket.socket) -> int:
    return int(line.recv(1000).split()[1])


@pytest.mark.parametrize("announced", [5 * GIGABYTE, 20 * GIGABYTE + 1, 10**18])
def test_what_is_announced_too_large_is_not_read(own: Config, announced: int) -> None:
    with Running(replace(own, limits=Limits(upload_bytes=4 * GIGABYTE))) as server:
        line = Rest(server).line()
        line.putrequest("POST", "/api/v1/analyses?name=x.mp4")
        line.putheader("Content-Length", str(announced))
        line.endheaders()
        answer = line.getresponse()
        assert answer.status == 413 and "4,000,000,000 bytes" in json.loads(answer.read())["error"]["message"]
        assert answer.getheader("connection") == "close"
        assert left(own) == []


def test_a_client_that_goes_on_sending_gets_its_answer_and_is_hung_up_on(own: Config) -> None:
    with Running(replace(own, limits=Limits(upload_bytes=1_000_000))) as server:
        line = raw(
            Rest(server), "/api/v1/analyses?name=x.mp4 HTTP/1.1", b"Content-Length: 5000000000\r\n\r\n"
        )
        sent, block = 0, bytes(1 << 20)
        began = time.perf_counter()
        with pytest.raises(OSError):
            while sent < 5 * GIGABYTE:
                line.sendall(block)
                sent += len(block)
        assert sent < 4 * GIGABYTE and time.perf_counter() - began < 5
        assert status_of(line) == 413


def test_a_body_of_unknown_length_is_cut_off(own: Config) -> None:
    with Running(replace(own, limits=Limits(upload_bytes=2_000_000))) as server:
        rest = Rest(server)
        answer = rest.ask("POST", "/analyses?name=x.mp4", iter([bytes(500_000)] * 5))
        assert answer.status == 413 and left(own) == []


def test_a_full_disk_is_told_before_the_video_comes(
    rest: Rest, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, 4 * GIGABYTE))
    line = rest.line()
    line.putrequest("POST", "/api/v1/analyses?name=x.mp4")
    line.putheader("Content-Length", str(5 * GIGABYTE))
    line.endheaders()
    answer = line.getresponse()
    said = json.loads(answer.read())["error"]
    assert answer.status == 507 and "5,000,000,000" in said["message"] and "4,000,000,000" in said["message"]
    assert left(config) == []


def test_a_disk_that_fills_up_meanwhile(rest: Rest, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis_intake, "_LOOK_BYTES", 1_000_000)
    free = iter([10 * GIGABYTE, 10 * GIGABYTE, 1000, 1000, 1000])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, next(free)))
    answer = rest.upload(bytes(8_000_000))
    assert answer.status == 507 and "1,000 bytes are free" in answer.complaint
    assert left(config) == []


def test_a_disk_that_refuses_to_write(rest: Rest, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        if path.parent.name == "video":
            raise OSError(errno.ENOSPC, "No space left on device")

    opened = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, *given, **named: full(path) or opened(path, *given, **named)
    )
    answer = rest.upload(b"x")
    assert answer.status == 507 and "the disk is full" in answer.complaint
    assert left(config) == []


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../x.mp4", "x.mp4"),
        ("/etc/passwd", "passwd"),
        ("C:\\Windows\\win.ini", "win.ini"),
        ("..", "video"),
        (". .", "video"),
        ("a\0b\n.mp4", "a_b_.mp4"),
        ("\u202egpj.exe", "_gpj.exe"),
        ("COM1.mp4", "_COM1.mp4"),
        ("Kniebeuge übung 深蹲.mov", "Kniebeuge übung 深蹲.mov"),
        ("upload.json", "upload.json"),
    ],
)
def test_a_name_stays_in_its_folder(rest: Rest, config: Config, name: str, stored: str) -> None:
    ident = rest.started(b"content", name=name)
    assert rest.ended(ident)["name"] == stored
    assert (config.data / "uploads" / ident / "video" / stored).read_bytes() == b"content"
    assert [path.name for path in config.data.iterdir() if not path.name.startswith("history.db")] == [
        "uploads"
    ]


@pytest.mark.parametrize(
    "name", ["x" * 900 + ".mp4", "\U00020000" * 300 + ".mp4", "x." + "y" * 900, "é" * 999]
)
def test_a_long_name_is_cut(rest: Rest, name: str) -> None:
    stored = rest.ended(rest.started(name=name))["name"]
    assert len(stored.encode()) <= 120 and stored[0] == name[0]
    assert not name.endswith(".mp4") or stored.endswith(".mp4")
    assert file_name(stored) == stored


@pytest.mark.parametrize(
    "path",
    [
        "/analyses/../../secret", "/analyses/..%2f..%2fsecret", "/analyses/20260101-000000-00000000",
        "/analyses/{}/files/../upload.json", "/analyses/{}/files/..%2fupload.json",
        "/analyses/{}/files/%2e%2e%2fupload.json", "/analyses/{}/files/..%5cupload.json",
        "/analyses/{}/files/upload.json", "/analyses/{}/files/.hidden", "/analyses/{}/files/",
        "/analyses/{}/files/a.json%00", "/analyses/{}x", "/analyses/.lock", "/analyses/%00/events",
    ],
)  # fmt: skip
def test_nothing_outside_the_results_is_given_out(rest: Rest, config: Config, path: str) -> None:
    (config.data / "secret").write_text("secret")
    ident = rest.started()
    rest.ended(ident)
    (config.data / "uploads" / ident / "results" / ".hidden").write_text("secret")
    answer = rest.get(path.format(ident))
    assert answer.status == 404 and b"secret\n" not in answer.body and b"wish" not in answer.body


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"name": ""}, "name"),
        ({"exercise": "sqat"}, "sqat"),
        ({"exercise": "/etc/passwd"}, "there is no exercise"),
        ({"person": "  "}, "person"),
        ({"height_cm": 5}, "height_cm"),
        ({"height_cm": "nan"}, "height_cm"),
        ({"weight_kg": "inf"}, "weight_kg"),
        ({"modified": "2026-05-04T18:30:00"}, "timezone"),
        ({"modified": "9999-12-31T23:59:59-12:00"}, "modified"),
    ],
)
def test_a_wish_that_cannot_be(rest: Rest, config: Config, query: dict[str, Any], word: str) -> None:
    answer = rest.upload(b"x", **query)
    assert answer.status == 422 and word in answer.complaint
    assert left(config) == []


def test_an_empty_body(rest: Rest, config: Config) -> None:
    answer = rest.upload(b"")
    assert answer.status == 422 and "empty" in answer.complaint
    assert left(config) == []


def test_a_body_that_breaks_off_half_way(rest: Rest, config: Config) -> None:
    line = raw(
        rest, "/api/v1/analyses?name=x.mp4 HTTP/1.1", b"Content-Length: 10000000\r\n\r\n" + bytes(3_000_000)
    )
    came(config)
    line.close()
    assert left(config) == [] and rest.get("/analyses").json == {"analyses": []}


def test_a_body_that_stops_coming(own: Config) -> None:
    with Running(replace(own, limits=Limits(idle_s=0.3))) as server:
        line = raw(Rest(server), "/api/v1/analyses?name=x.mp4 HTTP/1.1", b"Content-Length: 1000\r\n\r\nabc")
        assert status_of(line) == 408
        assert left(own) == []


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "1, 2", "9" * 5000])
def test_a_length_that_is_none(rest: Rest, config: Config, length: str) -> None:
    line = raw(rest, "/api/v1/analyses?name=x.mp4 HTTP/1.1", f"Content-Length: {length}\r\n\r\nabc".encode())
    assert status_of(line) in (400, 413)
    assert left(config) == []


def test_a_length_that_is_too_short_takes_only_so_much(rest: Rest, config: Config) -> None:
    line = raw(
        rest, "/api/v1/analyses?name=x.mp4 HTTP/1.1", b"Content-Length: 4\r\n\r\n" + b"longer than that"
    )
    assert status_of(line) == 202
    (video,) = (config.data / "uploads").glob("*/video/x.mp4")
    assert video.read_bytes() == b"long"


def test_a_server_that_ends_while_a_video_comes_forgets_it(
    own: Config, caplog: pytest.LogCaptureFixture
) -> None:
    with Running(own) as server:
        line = raw(Rest(server), "/api/v1/analyses?name=x.mp4 HTTP/1.1", b"Content-Length: 1000\r\n\r\nabc")
        came(own)
        assert server.stop() < 3
    assert status_of(line) == 503 and left(own) == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_many_at_once_each_get_their_own(rest: Rest) -> None:
    lines: list[http.client.HTTPConnection] = []
    bodies = [bytes([number]) * 300_000 for number in range(6)]
    for number, body in enumerate(bodies):
        line = rest.line()
        line.putrequest("POST", f"/api/v1/analyses?name={number}.mp4")
        line.putheader("Content-Length", str(len(body)))
        line.endheaders(body[:150_000])
        lines.append(line)
    idents = []
    for line, body in zip(lines, bodies, strict=True):
        line.send(body[150_000:])
        idents.append(json.loads(line.getresponse().read())["id"])
    assert len(set(idents)) == 6
    for number, ident in enumerate(idents):
        assert rest.ended(ident)["name"] == f"{number}.mp4"


def test_a_large_video_passes_through_in_pieces(rest: Rest, config: Config) -> None:
    def parts() -> Iterator[bytes]:
        yield from (bytes([number % 251]) * 70_001 for number in range(300))

    ident = rest.started(parts())
    video = (config.data / "uploads" / ident / "video" / "x.mp4").read_bytes()
    assert video == b"".join(parts())
