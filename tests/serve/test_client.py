"""The Python client against a server that runs: what it gives back, and how it fails."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from spotter.client import Client
from spotter.errors import MediaNotFoundError, OutputError, ServeError, UsageError
from spotter.history.history import History
from spotter.serve.certificate import authority_file, certificate_for
from spotter.serve.config import Config, Limits
from spotter.serve.server import Server
from tests.history.material import MOMENT, full, simple
from tests.serve.fake import Running
from tests.serve.rest import FOREVER, pretend

RESULT = (
    "results.mkdir()\n"
    "for done in range(5): say(state='running', frames=4, frames_done=done); time.sleep(0.02)\n"
    "told = {'wish': request['wish'], 'size': video.stat().st_size}\n"
    "(results / 'analysis.json').write_text(json.dumps(told))\n"
    "(results / 'annotated.mp4').write_bytes(bytes(3_000_000))\n"
    "say(state='done', session='abc')"
)


@pytest.fixture
def client(server: Running) -> Client:
    return Client(f"http://127.0.0.1:{server.port}")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "my squat.mp4"
    path.write_bytes(b"video" * 1000)
    return path


def test_it_tells_what_the_coach_knows(client: Client) -> None:
    assert client.health()["status"] == "ok" and client.key is None
    assert "squat" in [one["name"] for one in client.exercises()]
    assert client.exercise("squat")["faults"] and client.models()["models"]
    for name in ("sqat", "../health", "a/b?c", "%"):
        with pytest.raises(ServeError) as refused:
            client.exercise(name)
        assert refused.value.code == "not_found"
    with pytest.raises(ServeError, match=r"there is no exercise 'sqat'; there are: .*squat"):
        client.exercise("sqat")


def test_a_video_is_analysed(client: Client, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, RESULT)
    told: list[dict[str, Any]] = []
    done = client.analyze(video, exercise="squat", person="Ada", weight_kg=20, on_progress=told.append)
    assert done["state"] == "done" and done["session"] == "abc"
    assert done["analysis"]["size"] == 5000
    wish = done["analysis"]["wish"]
    assert (wish["name"], wish["exercise"], wish["weight_kg"]) == ("my squat.mp4", "squat", 20)
    assert told[-1] == {name: value for name, value in done.items() if name != "analysis"}
    assert len(told) > 2 and [one["id"] for one in client.analyses()] == [done["id"]]


def test_results_are_saved_and_deleted(
    client: Client, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, RESULT)
    ident = client.analyze(video)["id"]
    client.save(ident, "annotated.mp4", tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").stat().st_size == 3_000_000
    with pytest.raises(OutputError):
        client.save(ident, "annotated.mp4", tmp_path / "no folder" / "film.mp4")
    with pytest.raises(ServeError, match=r"no file .other"):
        client.save(ident, "other.mp4", tmp_path / "other.mp4")
    assert sorted(path.name for path in tmp_path.glob("*.mp4")) == ["film.mp4", "my squat.mp4"]
    client.delete_video(ident)
    assert client.analyses()[0]["has_video"] is False
    client.delete_analysis(ident)
    assert client.analyses() == []
    with pytest.raises(ServeError, match="there is no analysis"):
        client.delete_analysis(ident)


def test_an_analysis_that_fails_or_is_deleted(
    client: Client, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, "say(state='failed', message='nobody was seen')")
    with pytest.raises(ServeError, match="nobody was seen"):
        client.analyze(video)
    pretend(monkeypatch, FOREVER)

    def delete(document: dict[str, Any]) -> None:
        if document["frames_done"]:
            client.delete_analysis(document["id"])

    with pytest.raises(ServeError, match="it was deleted, or the server was ended"):
        client.analyze(video, on_progress=delete)


def test_files_that_are_not_there(client: Client, tmp_path: Path) -> None:
    with pytest.raises(MediaNotFoundError, match="no such file"):
        client.analyze(tmp_path / "nothing.mp4")


def test_what_is_refused_is_told_in_the_servers_words(config: Config, video: Path) -> None:
    with Running(replace(config, limits=Limits(upload_bytes=1_000_000))) as server:
        client = Client(f"http://127.0.0.1:{server.port}")
        with pytest.raises(ServeError, match="there is no exercise 'sqat'"):
            client.upload(video, exercise="sqat")
        video.write_bytes(bytes(300_000_000))  # more than lies on the way: the answer comes while it is sent
        with pytest.raises(ServeError, match="1,000,000 bytes"):
            client.upload(video)
        assert client.analyses() == []


def test_the_history(client: Client, config: Config) -> None:
    with History.open(config.database) as history:
        history.add(full())
        history.add(simple("one"))
        history.add(simple("two", started=MOMENT.replace(month=6)))
    assert client.people() == ["Ada", full().person]
    assert [one["id"] for one in client.sessions(person="Ada")] == ["two", "one"]
    newest = client.sessions(limit=1)[0]
    before = client.sessions(before=datetime.fromisoformat(newest["started"]))
    assert {one["id"] for one in before} == {"one", "full"}
    assert client.session("full")["source"] == "Übung.mp4"
    assert list(client.angles("full", ["left_knee"])["values"]) == ["left_knee"]
    assert client.progress("Ada", exercise="squat")["person"] == "Ada"
    assert client.compare("one", "two")["second"]["id"] == "two"
    assert len(client.month("2026-05")["people"]) == 2
    client.delete_session("two")
    with pytest.raises(ServeError, match="two"):
        client.session("two")


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1:8765", "ftp://a", "http://", "http://a:b", "http://a/b", "http://[::1"]
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(UsageError):
        Client(address)


@pytest.mark.parametrize("fingerprint", ["", "AB:CD", "x" * 64])
def test_a_fingerprint_that_is_none(fingerprint: str) -> None:
    with pytest.raises(UsageError, match="SHA-256"):
        Client("https://127.0.0.1:8765", fingerprint=fingerprint)


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ServeError, match="is spotter serve running"):
            Client(f"http://127.0.0.1:{taken.getsockname()[1]}").health()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"nonsense",
        b"HTTP/1.1 500 Oops\r\n\r\nnot JSON",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
    ],
)
def test_a_server_that_is_another(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            line, _ = listener.accept()
            with line:
                line.recv(10_000)
                line.sendall(said)

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ServeError):
            Client(f"http://127.0.0.1:{listener.getsockname()[1]}").health()


class Lan(Running):
    """A server that wants a key, and shows a certificate of its own."""

    def __init__(self, config: Config) -> None:
        super().__init__(replace(config, lan=True))
        self.certificate = certificate_for(config.data, ["127.0.0.1", "localhost"])
        settings = {"ssl_certfile": str(self.certificate.file)}
        self._server = Server(self.app, config, self._started, settings)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def token(self) -> str:
        return str(self.app.state.services.keys.new_token())


@pytest.fixture
def lan(config: Config) -> Iterator[Lan]:
    with Lan(config) as running:
        yield running


def test_a_token_is_changed_for_a_key(lan: Lan, config: Config) -> None:
    authority = authority_file(config.data)
    token = lan.token()
    client = Client.with_token(lan.address, token, verify=authority)
    assert client.health()["status"] == "ok"
    assert Client(lan.address, client.key, verify=str(authority)).people() == []
    assert Client(lan.address, client.key, fingerprint=lan.certificate.fingerprint).people() == []
    assert Client(lan.address, client.key, verify=False).people() == []
    with pytest.raises(ServeError, match="the token is wrong, used or too old"):
        Client.with_token(lan.address, token, verify=authority)
    with pytest.raises(ServeError, match="a key is wanted"):
        Client(lan.address, verify=authority).health()


def test_a_server_is_believed_by_its_certificate_alone(
    lan: Lan, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ServeError, match="is not known here"):
        Client(lan.address).health()
    other = certificate_for(tmp_path / "other", ["127.0.0.1"])
    with pytest.raises(ServeError, match="is not known here"):
        Client(lan.address, verify=other.authority).health()
    with pytest.raises(ServeError, match="another certificate"):
        Client(lan.address, fingerprint=other.fingerprint).health()
    with pytest.raises(UsageError, match="no certificate"):
        Client(lan.address, verify=tmp_path / "nothing.crt")
    here = socket.getaddrinfo("127.0.0.1", lan.port, type=socket.SOCK_STREAM)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
    with pytest.raises(ServeError, match=r"is not known here.*other\.local"):  # this name is not in it
        Client(f"https://other.local:{lan.port}", verify=authority_file(config.data)).health()


def test_the_live_coach_beyond_this_machine(lan: Lan) -> None:
    client = Client.with_token(lan.address, lan.token(), fingerprint=lan.certificate.fingerprint)
    with client.live(exercise="squat") as live:
        live.show(bytes.fromhex("ffd8ff"))
    assert live.summary is not None
    with pytest.raises(ServeError, match="a key is wanted"), Client(lan.address, verify=False).live():
        pass
