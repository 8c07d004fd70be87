"""What no client should send: each is answered plainly, and the stream goes on."""

from __future__ import annotations

import json
import struct
import time

import pytest
from websockets.exceptions import ConnectionClosed

from spotter.serve.frames import HEADER
from tests.serve.fake import Running, frame, huge_png, picture

SQUARE = picture(100, 100, ".png")


def complaint(server: Running, message: str | bytes, start: bool = True) -> dict[str, object]:
    """What a client is told about a message, after which its stream must still go on."""
    with server.client() if start else server.unstarted() as client:
        client.line.send(message)
        said = client.next("error")
        if not start:
            client.say("start")
        assert client.look()["type"] == "state"
        assert not said["fatal"]
        return said


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "bad_message", "header"),
        (b"these are no pixels at all", "not_a_picture", "JPEG, PNG, WebP"),
        (b"\xff\xd8\xff", "not_a_picture", "JPEG"),
        (b"GIF89a" + bytes([64, 0, 48, 0, 0, 0, 0, 0x3B]), "not_a_picture", "JPEG"),
        (picture()[:-200], "not_a_picture", "breaks off"),
        (picture(ending=".png")[:-40], "not_a_picture", "breaks off"),
        (picture(ending=".webp")[:-40], "not_a_picture", "breaks off"),
        (SQUARE[:60] + bytes(400) + SQUARE[460:], "not_a_picture", "cannot be decoded"),
        (huge_png(10_000), "too_large", "10000 by 10000"),
        (huge_png(2**31 - 1), "too_large", "2147483647"),
        (picture() + bytes(4_000_000), "too_large", "4,000,000"),
        (picture() + b"\xff\xda" * 100 + b"\xff\xd9", "not_a_picture", "64 scans"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_frame_that_is_no_picture(server: Running, content: bytes, code: str, words: str) -> None:
    said = complaint(server, frame(1, 0.01, content))
    assert said["code"] == code
    assert words in str(said["message"])
    assert said["seq"] == (None if code == "bad_message" else 1)


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_every_kind_of_picture_is_taken(server: Running, ending: str) -> None:
    with server.client() as client:
        assert client.look(picture(ending=ending))["seq"] == 1


def test_a_huge_picture_costs_nothing(server: Running) -> None:
    with server.client() as client:
        client.look()
        began = time.perf_counter()
        for _ in range(20):
            client.show(huge_png(20_000))
            client.next("error")
        assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize(
    "header",
    [
        HEADER.pack(1, 1, 0.5),
        HEADER.pack(1, 0, float("nan")),
        HEADER.pack(1, 0, float("inf")),
        struct.pack("<I", 1),
    ],
    ids=["no zeros", "nan", "infinite", "short"],
)
def test_a_frame_with_a_wrong_header(server: Running, header: bytes) -> None:
    assert (
        complaint(server, header + (picture() if len(header) == HEADER.size else b""))["code"]
        == "bad_message"
    )


def test_times_must_grow(server: Running) -> None:
    with server.client() as client:
        assert client.look(time_s=5.0)["time_s"] == 5.0
        for time_s in (5.0, 4.9):
            seq = client.show(time_s=time_s)
            said = client.next("error")
            assert (said["code"], said["seq"]) == ("time_not_growing", seq)
        assert client.look(time_s=5.1)["time_s"] == 5.1


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("[]", "object"),
        ("{}", "type"),
        ('{"type": "begin"}', "begin"),
        ('{"type": "skip", "all": true}', "skip.all"),
        ('{"type": "change", "parts": "yes"}', "parts"),
        ('{"type": "change", "target": {"reps": 0}}', "reps"),
        ('{"type": "change", "target": {"reps": 8.5}}', "reps"),
        ('{"type": "change", "target": {"rest_s": NaN}}', "rest_s"),
        ('{"type": "change", "target": {"rest_s": 1e999}}', "rest_s"),
        ("[" * 30_000, "recursion"),
        ('{"type": "start"}', "begun already"),
    ],
)
def test_a_message_that_is_none(server: Running, message: str, words: str) -> None:
    said = complaint(server, message)
    assert said["code"] == "bad_message"
    assert words in str(said["message"])


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ({"exercise": "sqat"}, "unknown_exercise"),
        ({"exercise": "../../squat.toml"}, "unknown_exercise"),
        ({"exercise": None}, "bad_message"),
        ({"person": ""}, "bad_message"),
        ({"person": "x" * 300}, "bad_message"),
        ({"height_cm": 3}, "bad_message"),
        ({"language": "tlh"}, "bad_message"),
        ({"countdown_s": -1}, "bad_message"),
        ({"resume": "whatever"}, "no_such_session"),
    ],
)
def test_a_start_that_cannot_be(server: Running, start: dict[str, object], code: str) -> None:
    assert complaint(server, json.dumps({"type": "start", **start}), start=False)["code"] == code
    assert len(server.trainers.opened) == 1


def test_an_exercise_that_is_a_file_is_not_read(server: Running, tmp_path: object) -> None:
    said = complaint(server, json.dumps({"type": "change", "exercise": f"{tmp_path}/squat.toml"}))
    assert said["code"] == "unknown_exercise"


@pytest.mark.parametrize("message", [frame(1, 0.0), '{"type": "finish"}'], ids=["frame", "finish"])
def test_nothing_comes_before_start(server: Running, message: str | bytes) -> None:
    assert "'start'" in str(complaint(server, message, start=False)["message"])


def test_a_long_message_is_not_even_read(server: Running) -> None:
    assert complaint(server, '{"type": "skip"' + " " * 100_000 + "}")["code"] == "too_large"


def test_what_is_far_too_large_ends_the_connection_and_nothing_else(server: Running) -> None:
    with server.client() as client, server.client() as other:
        with pytest.raises(ConnectionClosed):
            client.show(bytes(20_000_000))
            client.line.recv(timeout=5)
        assert client.line.close_code in (1009, 1006)  # the latter while it still sends
        assert other.look()["seq"] == 1


def test_text_that_is_no_utf8_ends_the_connection_and_nothing_else(server: Running) -> None:
    with server.client() as client, server.client() as other:
        with pytest.raises(ConnectionClosed):
            client.line.send(b"\xff\xfe\xfd", text=True)
            while True:
                client.line.recv(timeout=5)
        assert other.look()["seq"] == 1
