"""The recognizer's WebSocket: labels by the models that the server was started with, and by no others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import cv2
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from spotter.recognizer.predict import Prediction
from spotter.serve.config import Config
from spotter.serve.recognize_timeline import GrowingTimeline
from tests.recognizer import tiny
from tests.serve.fake import Client, Running, huge_png


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_model(tmp_path_factory.mktemp("models") / "farben für alle")


@pytest.fixture
def running(config: Config, model: Path, tmp_path: Path) -> Iterator[Running]:
    broken = tmp_path / "broken"
    broken.mkdir()
    with Running(replace(config, recognizers=(model, broken))) as server:
        yield server


def coloured(name: str) -> bytes:
    pixels = np.full((48, 64, 3), tiny.COLOURS[name][::-1], np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


def recognizing(server: Running, model: str = "") -> Client:
    return Client(server.port, None, f"/api/v1/recognize?model={quote(model)}")


def test_frames_are_labelled(running: Running) -> None:
    with recognizing(running) as client:
        assert client.hello["model"] == "farben für alle"
        assert client.hello["classes"] == list(tiny.CLASSES)
        for name, label in (("red", "red"), ("blue", "blue"), ("grey", "unknown")):
            seq = client.show(coloured(name))
            said = client.next("labels")
            assert (said["seq"], said["label"], said["skipped"]) == (seq, label, 0)
            assert said["probabilities"].keys() == set(tiny.CLASSES)


def test_what_is_wrong_is_said_and_the_stream_goes_on(running: Running) -> None:
    with recognizing(running, "farben für alle") as client:
        for content, code in ((b"nothing", "not_a_picture"), (huge_png(10_000), "too_large")):
            client.show(content)
            assert client.next("error")["code"] == code
        client.line.send("{}")
        assert client.next("error")["code"] == "bad_message"
        client.show(coloured("red"), time_s=9.0)
        assert client.next("labels")["label"] == "red"
        client.show(coloured("red"), time_s=8.0)
        assert client.next("error")["code"] == "time_not_growing"


@pytest.mark.parametrize("name", ["../farben für alle", "other", "/etc", "broken"])
def test_no_other_model_is_loaded(running: Running, name: str) -> None:
    with connect(f"ws://127.0.0.1:{running.port}/api/v1/recognize?model={quote(name)}") as line:
        said = json.loads(line.recv(timeout=5))
        assert (said["code"], said["fatal"]) == ("unknown_model", True)
        with pytest.raises(ConnectionClosed):
            line.recv(timeout=5)


def test_without_a_model_of_ones_own_the_one_on_board_answers(server: Running) -> None:
    with recognizing(server) as client:
        assert client.hello["model"] == "onboard"
        assert client.hello["classes"] == ["face", "hand", "lower_arm", "lower_leg"]
        client.show()
        said = client.next("labels")
        assert sum(said["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_models_of_the_data_folder_are_found_by_name_while_it_runs(server: Running, config: Config) -> None:
    tiny.write_model(config.data / "recognizers" / "mine")
    (config.data / "recognizers" / "unfinished").mkdir()
    with urlopen(f"http://127.0.0.1:{server.port}/api/v1/models") as answer:
        assert json.load(answer)["recognizers"] == ["mine", "onboard"]
    for name in ("", "mine"):
        with recognizing(server, name) as client:
            assert client.hello["model"] == "mine"


def test_the_timeline_grows_and_single_wrong_answers_are_outvoted(running: Running) -> None:
    with recognizing(running) as client:
        told = []
        for step in range(60):
            name = "blue" if step >= 30 else "grey" if step == 10 else "red"
            client.show(coloured(name), time_s=step / 10)
            while (message := client.any())["type"] != "labels":
                told.append(message)
        (red, blue) = told[-1]["intervals"]
        assert (red["label"], red["start_s"]) == ("red", 0.0)
        assert red["end_s"] == pytest.approx(3.0, abs=0.25)
        assert (blue["label"], blue["end_s"]) == ("blue", pytest.approx(told[-1]["until_s"], abs=0.25))
        assert 4 <= len(told) <= 6, "it is told once a second"


def test_a_long_stream_is_told_by_its_end() -> None:
    timeline = GrowingTimeline(("face", "hand"))
    told = []
    for step in range(3000):
        named = "hand" if step % 1000 < 500 else "face"
        shares = (0.1, 0.9) if named == "hand" else (0.9, 0.1)
        timeline.add(step / 5, Prediction((named,), shares, ("face", "hand")))
        told += [message] if (message := timeline.told()) is not None else []
    assert len(told) == 600
    assert told[-1].from_s == pytest.approx(told[-1].until_s - 30)
    assert len(timeline._answers) <= 301
    whole: list[tuple[str, float, float]] = []
    for message in told:  # as a client keeps it
        whole = [one for one in whole if one[1] < message.from_s]
        whole = [(label, start, min(end, message.from_s)) for label, start, end in whole]
        for one in message.intervals:
            if whole and one.start_s == message.from_s and whole[-1][0] == one.label:
                whole[-1] = (one.label, whole[-1][1], one.end_s)
            else:
                whole.append((one.label, one.start_s, one.end_s))
    lengths = [(label, round(end - start)) for label, start, end in whole]
    assert lengths == [*[("hand", 100), ("face", 100)] * 2, ("hand", 100), ("face", 99)]  # last told at 599 s
