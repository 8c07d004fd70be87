"""Many clients at once: shared out fairly, and neither a flood nor a slow reader disturbs the others."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from dataclasses import replace

from spotter.serve.config import Config, Limits
from spotter.serve.messages import Error, State
from spotter.serve.outbox import Outbox
from spotter.serve.scheduler import Scheduler
from tests.serve.fake import Client, FakeTrainers, Running, frame, picture, rep, state

WORK_S = 0.02


class Turns:
    """Jobs that always want another turn; notes whose turn it was."""

    def __init__(self, scheduler: Scheduler, name: str, noted: list[str], turns: int) -> None:
        self.scheduler, self.name, self.noted, self.left = scheduler, name, noted, turns
        self.done = threading.Event()

    def work(self) -> None:
        self.noted.append(self.name)
        self.left -= 1
        time.sleep(0.002)
        if self.left:
            self.scheduler.wake(self)
        else:
            self.done.set()


def test_nobody_is_served_twice_while_another_waits() -> None:
    scheduler, noted = Scheduler(1), list[str]()
    jobs = [Turns(scheduler, name, noted, 20) for name in "abcd"]
    for job in jobs:
        scheduler.wake(job)
        scheduler.wake(job)
    for job in jobs:
        assert job.done.wait(5)
    assert scheduler.close(5)
    rounds = [noted[row : row + 4] for row in range(4, 72, 4)]  # at first not all may be there yet
    assert {Counter(one).most_common(1)[0][1] for one in rounds} == {1}


def test_a_job_that_fails_does_not_end_the_workers() -> None:
    class Broken:
        def work(self) -> None:
            raise ValueError("as it was made")

    scheduler, noted = Scheduler(1), list[str]()
    scheduler.wake(Broken())
    job = Turns(scheduler, "a", noted, 3)
    scheduler.wake(job)
    assert job.done.wait(5)
    assert scheduler.close(5)


def test_a_job_is_never_served_by_two_workers_at_once() -> None:
    class Alone:
        def __init__(self) -> None:
            self.inside = self.most = self.served = 0

        def work(self) -> None:
            self.inside += 1
            self.most = max(self.most, self.inside)
            time.sleep(0.002)
            self.served += 1
            self.inside -= 1

    scheduler, job = Scheduler(4), Alone()
    for _ in range(200):
        scheduler.wake(job)
        time.sleep(0.0005)
    assert scheduler.close(5)
    assert job.most == 1 and job.served > 20


def stream(client: Client, fps: float, seconds: float, got: list[float]) -> None:
    """Send frames at a steady rate and note when answers come."""

    def listen() -> None:
        try:
            while True:
                client.next("state")
                got.append(time.perf_counter())
        except Exception:  # the end of the connection ends it
            return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    began = time.perf_counter()
    for number in range(round(fps * seconds)):
        time.sleep(max(0.0, began + number / fps - time.perf_counter()))
        client.show()
    time.sleep(0.2)


def test_a_flood_and_a_slow_reader_disturb_nobody(config: Config) -> None:
    trainers = FakeTrainers(takes_s=WORK_S)
    with Running(config, trainers) as server:
        flooding, deaf = server.client(), deaf_client(server.port)
        stop = threading.Event()
        sent = [0]

        def flood() -> None:
            content = picture(320, 240)
            while not stop.is_set():
                try:
                    sent[0] += 1
                    flooding.line.send(frame(sent[0], sent[0] / 1000, content))
                except Exception:
                    return
                time.sleep(0.0008)

        def babble() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                deaf.send(masked(frame(number, number / 30)))
                time.sleep(1 / 30)

        noise = [threading.Thread(target=one, daemon=True) for one in (flood, babble)]
        for thread in noise:
            thread.start()
        got: tuple[list[float], list[float]] = ([], [])
        with server.client() as one, server.client() as two:
            quiet = [
                threading.Thread(target=stream, args=[client, 15, 2.5, list_])
                for client, list_ in zip((one, two), got, strict=True)
            ]
            for thread in quiet:
                thread.start()
            for thread in quiet:
                thread.join()
        stop.set()
        for thread in noise:
            thread.join()
        flooding.line.socket.close()
        deaf.close()
    assert sent[0] > 100
    for answers in got:
        assert len(answers) > 0.8 * 15 * 2.5
    share = Counter(ident for ident, _ in trainers.looked)
    assert max(share.values()) <= 2.5 * 60 * 1.5  # of the flood no more than its rate is looked at


def deaf_client(port: int) -> socket.socket:
    """A client that sends and never reads; its receive buffer is as small as can be."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    line.connect(("127.0.0.1", port))
    line.sendall(
        b"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert b"101" in line.recv(256)
    line.sendall(masked(b'{"type": "start"}', text=True))
    return line


def masked(content: bytes, text: bool = False) -> bytes:
    """A WebSocket frame from a client, masked with zeros."""
    return bytes([0x81 if text else 0x82, 0x80 | 126]) + len(content).to_bytes(2, "big") + bytes(4) + content


def test_too_fast_is_said_once_a_second_and_the_stream_goes_on(config: Config) -> None:
    limits = Limits(frames_per_s=30)
    with Running(replace(config, limits=limits)) as server, server.client() as client:
        began = time.perf_counter()
        for _ in range(60):
            client.show()
        time.sleep(2.0)
        seq = client.show()
        seconds = time.perf_counter() - began
        told = [client.any()]
        while told[-1].get("seq") != seq or told[-1]["type"] != "state":
            told.append(client.any())
        said = [message for message in told if message.get("code") == "too_fast"]
        states = [message for message in told if message["type"] == "state"]
        assert 1 <= len(said) <= seconds + 2 and not said[0]["fatal"]
        assert len(server.trainers.looked) <= 30 * (seconds + 2)
        assert len(states) + sum(one["skipped"] for one in states) == seq


def test_a_slow_reader_gets_the_newest_state_and_no_repetition_is_lost() -> None:
    import asyncio

    async def run() -> list[object]:
        outbox = Outbox()
        for seq in range(1, 6):
            one = state(rep=rep(3) if seq == 2 else None)
            one.seq = seq
            outbox.put(one)
            outbox.put(Error(code="too_fast", message=str(seq)))
        return [await outbox.get(), await outbox.get()]

    error, newest = asyncio.run(run())
    assert isinstance(error, Error) and error.message == "5"
    assert isinstance(newest, State)
    assert (newest.seq, newest.skipped) == (5, 4)
    assert newest.rep is not None and newest.rep.number == 3
