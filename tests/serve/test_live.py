"""The live coach's WebSocket over a real connection: what is said, in which order, and what is kept."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from pydantic import TypeAdapter
from websockets.exceptions import ConnectionClosed

from spotter.history.history import History
from spotter.serve.config import Config, Limits
from spotter.serve.messages import ServerMessage
from tests.serve.fake import Client, FakeTrainers, Running

SERVER_MESSAGE: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)


def test_a_session_from_hello_to_summary(server: Running, config: Config) -> None:
    with server.client(exercise="squat", person="Ada", target={"reps": 3}) as client:
        assert client.hello["protocol"] == 1
        assert client.hello["limits"]["frames_per_s"] == 60
        first = client.look()
        assert (first["stage"], first["count"], first["skipped"]) == ("guide", 0, 0)
        assert first["progress"] is None and first["heart_rate"] is None
        assert 0 <= first["waited_ms"] < 1000 and 0 < first["work_ms"] < 1000
        SERVER_MESSAGE.validate_python(first)
        client.say("skip")
        client.say("skip")
        assert client.look()["stage"] == "set"
        for _ in range(28):
            last = client.look()
        assert (last["stage"], last["count"], last["rep"]["number"]) == ("done", 3, 3)
        summary = client.next("summary")
        assert summary["why"] is None and summary["document"] == {"count": 3}
        with pytest.raises(ConnectionClosed):
            client.line.recv(timeout=5)
        assert client.line.close_code == 1000
    with History.open(config.database) as history:
        assert history.get(summary["session"]).person == "Ada"


def test_finish_ends_it_and_nothing_done_is_not_kept(server: Running, config: Config) -> None:
    with server.client() as client:
        client.look()
        client.say("finish")
        assert client.next("summary") == {
            "type": "summary",
            "session": None,
            "why": "nothing was done",
            "document": {"count": 0},
        }


def test_commands_reach_the_trainer_in_their_order(server: Running) -> None:
    with server.client(exercise="squat") as client:
        client.say("change", exercise="plank", parts=True)
        client.say("end_set")
        assert client.look()["stage"] == "rest"
        assert [command.type for command in server.trainers.opened[0].obeyed] == ["change", "end_set"]
        client.say("change", target={"reps": 13})
        assert client.next("error")["message"] == "thirteen is not wanted here"
        assert client.look()["stage"] == "rest"


def test_the_newest_frame_wins(server: Running) -> None:
    server.trainers.gate.clear()
    with server.client() as client:
        client.show()
        assert server.trainers.looking.wait(5)
        for _ in range(11):
            client.show()
        time.sleep(0.3)  # ten of them are replaced, the last waits
        server.trainers.gate.set()
        states = [client.next("state")]
        while states[-1]["seq"] < 12:
            states.append(client.next("state"))
        assert [state["seq"] for state in states] in ([1, 12], [12])
        assert len(states) + sum(state["skipped"] for state in states) == 12
        assert states[-1]["waited_ms"] > 100
        assert len(server.trainers.looked) == 2
        assert client.look()["skipped"] == 0


def test_a_lost_connection_keeps_the_set(server: Running) -> None:
    with server.client() as client:
        client.train(1)
        ident = client.hello["session"]
        client.line.socket.close()  # no goodbye
    time.sleep(0.2)
    with server.client(resume=ident) as client:
        state = client.look()  # its clock has begun anew
        assert state["count"] == 1 and state["seq"] == 1
    (trainer,) = server.trainers.opened
    assert trainer.times == sorted(trainer.times)
    assert trainer.times[-1] - trainer.times[-2] > 0.1


def test_who_comes_back_takes_over_from_a_connection_that_seems_alive(server: Running) -> None:
    with server.client() as old:
        old.look()
        with server.client(resume=old.hello["session"]) as new:
            assert new.look()["seq"] == 1
            said = old.next("error")
            assert (said["code"], said["fatal"]) == ("taken_over", True)
            with pytest.raises(ConnectionClosed):
                old.line.recv(timeout=5)
            assert old.line.close_code == 4001
            time.sleep(0.1)
            assert new.look()["seq"] == 2
    assert len(server.trainers.opened) == 1


def test_two_pages_have_a_session_each(server: Running) -> None:
    with server.client() as one, server.client() as other:
        one.train(2)
        other.train(1)
        assert one.look()["count"] == 2 and other.look()["count"] == 1


def test_the_summary_is_told_again_to_who_missed_it(server: Running) -> None:
    with server.client() as client:
        client.train(1)
        client.say("finish")
        summary = client.next("summary")
    with server.client(resume=client.hello["session"]) as client:
        assert client.next("summary") == summary


def test_nobody_comes_back_so_the_session_is_kept_all_the_same(config: Config) -> None:
    limits = Limits(resume_s=0.2)
    with Running(replace(config, limits=limits)) as server:
        with server.client() as client:
            client.train(1)
        time.sleep(1.0)
        with History.open(config.database) as history:
            assert len(history.find()) == 1
        with server.client(resume=client.hello["session"]) as late:
            assert late.next("error")["code"] == "no_such_session"
            late.say("start")
            assert late.look()["count"] == 0


def test_the_server_stops_within_two_seconds_and_keeps_what_was_done(config: Config) -> None:
    server = Running(config)
    with server, server.client() as client, server.client() as idle:
        client.train(2)
        idle.look()
        assert server.stop() < 2.0
        with pytest.raises(ConnectionClosed):
            while True:
                client.line.recv(timeout=5)
        assert client.line.close_code == 1012
    with History.open(config.database) as history:
        assert len(history.find()) == 1
    with Running(config) as again, again.client(resume=client.hello["session"]) as client:
        assert client.next("error")["code"] == "no_such_session"
        client.say("start", exercise="squat")
        assert client.look()["count"] == 0


def test_where_the_history_fails_the_summary_says_why_and_a_file_is_kept(config: Config) -> None:
    broken = config.data / "broken.db"
    broken.write_bytes(b"this is no database" * 100)
    with Running(replace(config, database=str(broken))) as server, server.client() as client:
        client.train(1)
        client.say("finish")
        summary = client.next("summary")
    assert summary["session"] is None and summary["document"] == {"count": 1}
    (kept,) = (config.data / "unkept").glob("*.json")
    assert str(broken) in summary["why"] and f"spotter history add {kept}" in summary["why"]


def test_a_stream_that_breaks_says_so_and_keeps_what_was_done(config: Config) -> None:
    with Running(config, FakeTrainers(breaks=True)) as server:
        with server.client() as client:
            client.train(1)
            client.show()
            assert client.next("error")["code"] == "failed"
            with pytest.raises(ConnectionClosed):
                client.line.recv(timeout=5)
            assert client.line.close_code == 1011
        with server.client() as other:
            assert other.look()["count"] == 0
    with History.open(config.database) as history:
        assert len(history.find()) == 1


def test_there_are_only_so_many_streams(config: Config) -> None:
    with Running(replace(config, limits=Limits(streams=2))) as server:
        with server.client() as one, server.client() as two:
            with pytest.raises(AssertionError, match="busy"):
                _third(server)
            assert one.look()["seq"] == two.look()["seq"] == 1
        time.sleep(0.2)
        with server.client() as three:
            assert three.look()["seq"] == 1


def _third(server: Running) -> Client:
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{server.port}/api/v1/live") as line:
        raise AssertionError(line.recv(timeout=5))


def test_who_says_nothing_is_told_and_can_come_back(config: Config) -> None:
    with Running(replace(config, limits=Limits(idle_s=0.3))) as server:
        with server.client() as client:
            client.train(1)
            said = client.next("error")
            assert (said["code"], said["fatal"]) == ("idle", True)
            with pytest.raises(ConnectionClosed):
                client.line.recv(timeout=5)
            assert client.line.close_code == 4000
        with server.client(resume=client.hello["session"]) as client:
            assert client.look()["count"] == 1
