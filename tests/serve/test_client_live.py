"""The Python client of the live coach: pictures, states, commands, and a line that is lost and found."""

from __future__ import annotations

import json
import logging
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pytest
from websockets.sync.server import ServerConnection
from websockets.sync.server import serve as serve_websocket

from spotter import client_live
from spotter.client import Client
from spotter.client_live import HEADER, Live
from spotter.errors import ServeError, UsageError
from spotter.serve import frames
from spotter.serve.config import Config, Limits
from tests.serve.fake import PATIENCE_S, Running, picture

RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # instead of a goodbye
IMAGE = np.full((48, 64, 3), (200, 30, 10), np.uint8)


@pytest.fixture
def client(server: Running) -> Client:
    return Client(f"http://127.0.0.1:{server.port}")


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a session fail that goes on for so long that its test hangs."""
    timers: list[threading.Timer] = []
    enter = Live.__enter__

    def entered(live: Live) -> Live:
        error = ServeError("the test has lost its patience")
        timers.append(threading.Timer(PATIENCE_S, live._fail, [error]))
        timers[-1].start()
        return enter(live)

    monkeypatch.setattr(Live, "__enter__", entered)
    yield
    for timer in timers:
        timer.cancel()


def look(live: Live, shown: Any = IMAGE) -> dict[str, Any]:
    """Show a picture and wait for its state."""
    live.show(shown)
    return next(iter(live))


def soon(is_so: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
    """Whether something is so before long."""
    end_s = time.monotonic() + patience_s
    while not is_so() and time.monotonic() < end_s:
        time.sleep(0.002)
    return is_so()


class Way:
    """A way to a server that can be cut, blocked, or made to swallow everything.

    Attributes:
        taken: how often somebody went it.
    """

    def __init__(self, port: int) -> None:
        self.taken = 0
        self._to = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._ends: set[socket.socket] = set()
        self._cut: set[socket.socket] = set()
        self._blocked: set[socket.socket] = set()
        self._swallowed: set[socket.socket] = set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Reset the connections that there are, as a machine does that was switched off and on."""
        self._cut |= self._ends

    def block(self) -> None:
        """Read no more from the connections that there are."""
        self._blocked |= self._ends

    def swallow(self) -> None:
        """From now on nothing comes through the connections that there are, not even their end."""
        self._swallowed |= self._ends

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._to)
                self._ends = {*self._ends, near, far}
                self.taken += 1
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=[one, other], daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError, ValueError):  # the other direction has closed them
            while source not in self._cut:
                if source in self._blocked or not select.select([source], [], [], 0.02)[0]:
                    time.sleep(0.001)
                    continue
                data = source.recv(65_536)
                if source in self._swallowed:
                    time.sleep(0.001)
                elif data:
                    target.sendall(data)
                else:
                    break
            if source in self._cut:
                for end in (source, target):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        source.close()
        target.close()


@pytest.fixture
def way(server: Running) -> Iterator[Way]:
    with Way(server.port) as way:
        yield way


def test_a_set_from_start_to_summary(client: Client, server: Running) -> None:
    with client.live(exercise="squat", person="Ada", target={"reps": 2}, weight_kg=20) as live:
        assert live.state is None and live.summary is None
        states = [look(live) for _ in range(19)]
        live.show(picture())
        states += list(live)
    assert states[-1]["count"] == 2 and states[-1]["stage"] == "done"
    assert [state["rep"]["number"] for state in states if state["rep"]] == [1, 2]
    assert live.summary is not None and live.summary["document"] == {"count": 2}
    assert client.session(live.summary["session"])["person"] == "Ada"
    (trainer,) = server.trainers.opened
    assert trainer.start.weight_kg == 20 and trainer.times == sorted(trainer.times)


def test_colours_arrive_as_they_were(
    client: Client, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    open_trainer = server.trainers.open

    def opened(start: Any) -> Any:
        trainer = open_trainer(start)
        look_at = trainer.look
        trainer.look = lambda image, time_s: seen.append(image) or look_at(image, time_s)  # type: ignore[method-assign]
        return trainer

    monkeypatch.setattr(server.trainers, "open", opened)
    with client.live() as live:
        look(live)
    assert np.abs(seen[0].astype(int) - IMAGE).max() < 12
    assert HEADER.format == frames.HEADER.format


def test_commands_arrive_in_turn(client: Client, server: Running) -> None:
    with client.live() as live:
        live.skip()
        live.change(target={"reps": 3})
        live.end_set()
        assert look(live)["stage"] == "rest"
        assert live.finish()["document"] == {"count": 0}
        assert live.finish() is live.summary
    assert [one.type for one in server.trainers.opened[0].obeyed] == ["skip", "change", "end_set", "finish"]


def test_the_newest_picture_wins_and_no_repetition_is_lost(client: Client, server: Running) -> None:
    with client.live() as live:
        look(live)
        for _ in range(10):
            before = live.state
            live.show(IMAGE)
            assert soon(lambda before=before: live.state is not before)
        state = next(iter(live))  # nobody has read the nine before
        assert state["seq"] == 11 and state["rep"]["number"] == 1
        server.trainers.gate.clear()
        for _ in range(30):
            live.show(IMAGE)
        server.trainers.gate.set()
        while state["seq"] < 41:
            state = next(iter(live))
    assert len(server.trainers.looked) < 30


@pytest.mark.parametrize(
    "shown",
    [IMAGE[:, :, 0], IMAGE.astype(np.float32), IMAGE[:0], np.zeros((4, 4, 4), np.uint8)],
    ids=["grey", "float", "empty", "four channels"],
)
def test_an_array_that_is_no_picture(client: Client, shown: Any) -> None:
    with client.live() as live, pytest.raises(UsageError, match="RGB uint8"):
        live.show(shown)


def test_what_the_server_cannot_use_is_told_and_it_goes_on(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[str, str]] = []
    with client.live(on_problem=lambda *problem: told.append(problem)) as live:
        live.show(b"no picture")
        live.change(exercise="sqat")
        assert look(live)["seq"] >= 1
        live.show(IMAGE, time_s=0.0)
    assert {code for code, _ in told} >= {"unknown_exercise"}
    with caplog.at_level(logging.WARNING, "spotter.client_live"), client.live() as live:
        live.change(nonsense=1)
        look(live)
    assert "nonsense" in caplog.text


@pytest.mark.parametrize(
    ("start", "code"),
    [({"exercise": "sqat"}, "unknown_exercise"), ({"height_cm": 3.0}, "bad_message")],
    ids=["exercise", "height"],
)
def test_a_start_that_is_refused_ends_it_at_once(client: Client, start: Any, code: str) -> None:
    for ended in (Live.finish, look, lambda live: (live.change(nonsense=1), live.finish())):
        began_s = time.monotonic()
        with client.live(**start, on_problem=lambda *_: None) as live, pytest.raises(ServeError) as refused:
            ended(live)
        assert refused.value.code == code and time.monotonic() - began_s < client_live._END_S / 2
        with pytest.raises(ServeError):
            live.show(IMAGE)


def test_a_listener_that_fails_is_no_reason_to_wait(client: Client) -> None:
    def listener(code: str, message: str) -> None:
        raise ValueError("this listener was made to fail")

    with client.live(on_problem=listener) as live, pytest.raises(ServeError, match="was made to fail"):
        look(live, b"no picture")


@pytest.mark.parametrize("silent", [False, True], ids=["cut", "silent"])
def test_a_lost_line_is_found_again(
    server: Running, way: Way, silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_live, "_PING_S", 0.2)
    monkeypatch.setattr(client_live, "_SILENT_S", 0.5 if silent else PATIENCE_S)
    with Client(f"http://127.0.0.1:{way.port}").live() as live:
        for _ in range(10):
            state = look(live)
        if silent:
            way.swallow()
        else:
            way.cut()
        shown = live.state
        while state["count"] < 2:  # what is shown on the lost line gets no answer
            live.show(IMAGE)
            soon(lambda before=shown: live.state is not before, 0.2)
            shown = state = live.state or state
    assert len(server.trainers.opened) == 1 and way.taken >= 2
    assert live.summary is not None and live.summary["document"]["count"] == 2


def test_a_picture_that_is_stuck_loses_the_line(
    server: Running, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No ping gets past it, so that it must not wait for one."""
    monkeypatch.setattr(client_live, "_SILENT_S", 0.5)
    monkeypatch.setattr(client_live, "_PING_S", PATIENCE_S)
    with Client(f"http://127.0.0.1:{way.port}").live() as live:
        look(live)
        way.block()
        live.show(bytes(50_000_000))  # more than lies on the way
        assert soon(lambda: way.taken == 2)
        assert look(live)["seq"] == 3


def test_an_end_that_was_lost_is_said_again(server: Running, way: Way) -> None:
    with Client(f"http://127.0.0.1:{way.port}").live() as live:
        look(live)
        way.swallow()
        threading.Timer(0.3, way.cut).start()
        assert live.finish()["document"] == {"count": 0}
    assert way.taken == 2


def test_a_server_that_does_not_come_back(config: Config) -> None:
    with (
        Running(replace(config, limits=Limits(resume_s=0.3))) as server,
        pytest.raises(ServeError, match="is spotter serve running"),
        Client(f"http://127.0.0.1:{server.port}").live() as live,
    ):
        look(live)
        server.stop()
        for _ in live:
            pass


def test_a_server_that_has_forgotten_the_session(config: Config) -> None:
    with Running(config) as server:
        port = server.port
        live = Client(f"http://127.0.0.1:{port}").live()
        live.__enter__()
        look(live)
    with Running(replace(config, port=port)), pytest.raises(ServeError) as gone:
        for _ in live:
            pass
    assert gone.value.code == "no_such_session"
    with pytest.raises(ServeError):
        live.show(IMAGE)
    live.__exit__(None, None, None)


def test_too_many_streams(config: Config) -> None:
    with Running(replace(config, limits=Limits(streams=1))) as server:
        client = Client(f"http://127.0.0.1:{server.port}")
        with client.live() as live:
            look(live)
            with pytest.raises(ServeError) as busy, client.live():
                pass
            assert busy.value.code == "busy"
            assert look(live)["seq"] == 2


def pretending(answer: Callable[[ServerConnection], None]) -> Any:
    return serve_websocket(answer, "127.0.0.1", 0)


def test_a_server_that_never_answers_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spotter.client_live._END_S", 0.2)

    def silent(line: ServerConnection) -> None:
        limits = {"resume_s": 1.0}
        line.send(json.dumps({"type": "hello", "session": "x", "limits": limits}))
        for _ in line:
            pass

    with pretending(silent) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        live = Client(f"http://127.0.0.1:{other.socket.getsockname()[1]}").live()
        live.__enter__()
        with pytest.raises(ServeError, match="no summary"):
            live.__exit__(None, None, None)
