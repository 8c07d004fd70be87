"""``spotter recognizer live`` and ``predict``: what they write and print, and how they end."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer

from spotter.cli.app import run
from spotter.cli.recognizer.live import live_command
from spotter.cli.recognizer.predict import predict_command
from spotter.errors import MediaUnreadableError
from spotter.media.reader import open_media
from tests.recognizer import tiny

SCENES = [("red", 1.0), ("grey", 1.0), ("blue", 1.0)]
RESULTS = {"timeline.html", "timeline.png", "timeline.csv", "timeline.json", "intervals.csv"}

app = typer.Typer()
app.command("live")(live_command)
app.command("predict")(predict_command)


def spotter(*words: object) -> int:
    return run(lambda: app([str(word) for word in words], standalone_mode=False))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_model(tmp_path_factory.mktemp("models") / "farben für alle")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_video(tmp_path_factory.mktemp("clips") / "drei farben.mp4", SCENES)


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tiny.FakeCamera]:
    def plug_in(scenes: Sequence[tuple[str, float]] = SCENES, **settings: object) -> tiny.FakeCamera:
        fake = tiny.FakeCamera(tiny.scene_pictures(scenes), 0, **settings)  # type: ignore[arg-type]
        monkeypatch.setattr("spotter.media.camera.open_camera", lambda number: fake)
        return fake

    return plug_in


def results(folder: Path) -> Path:
    (one,) = folder.iterdir()
    return one


def test_a_video_leaves_its_timeline(
    model: Path, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert spotter("live", model, clip, "--out", tmp_path) == 0
    folder = tmp_path / "drei farben"
    assert {path.name for path in folder.iterdir()} == RESULTS
    said = capsys.readouterr()
    assert said.out == "" and "red" in said.err and "not seen" in said.err and str(folder) in said.err
    document = json.loads((folder / "timeline.json").read_text("utf-8"))
    assert document["recognised_s"] == {"red": 1.0, "green": 0, "blue": 1.0}
    assert (document["predictions"], document["frames"], document["dropped"]) == (15, 75, 0)
    assert document["model"] == "farben für alle" and document["warning"] is None


def test_json_is_the_file_and_nothing_else(
    model: Path, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert spotter("live", model, clip, "--out", tmp_path, "--json", "--interval", 0.5, "--seconds", 1.2) == 0
    said = capsys.readouterr()
    assert said.err == ""
    document = json.loads(said.out)
    assert document == json.loads((tmp_path / "drei farben/timeline.json").read_text("utf-8"))
    assert [one["time_s"] for one in document["answers"]] == [0.0, 0.52, 1.0]


def test_the_annotated_video_has_every_frame_and_shows_the_answer(
    model: Path, clip: Path, tmp_path: Path
) -> None:
    assert spotter("live", model, clip, "--out", tmp_path, "--video") == 0
    folder = tmp_path / "drei farben"
    assert {path.name for path in folder.iterdir()} == RESULTS | {"annotated.mp4"}
    with open_media(folder / "annotated.mp4") as source:
        frames = list(source)
    assert len(frames) == 75 and frames[0].image.shape == (48, 64, 3)
    strip = frames[10].image[20:28, -5:].astype(int)  # outside the square: darker than it was written
    assert np.abs(strip - np.array(tiny.COLOURS["blue"])).sum(axis=2).min() > 60


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["{model}"], 2, "--camera"),
        (["{model}", "{clip}", "--camera", "0"], 2, "one of them"),
        (["{model}", "{clip}", "--interval", "0"], 2, "interval"),
        (["{model}", "{clip}", "--seconds", "-3"], 2, "--seconds"),
        (["{model}", "nothing.mp4"], 3, "nothing.mp4"),
        (["{model}", "--camera", "-1"], 2, "camera -1"),
        (["{clip}", "{clip}"], 7, "drei farben.mp4"),
        (["{model}", "{clip}", "--out", "{clip}"], 11, "drei farben.mp4"),
    ],
    ids=["neither", "both", "interval", "seconds", "no video", "no camera", "no model", "no folder"],
)
def test_mistakes_are_told_in_a_sentence(
    words: list[str], code: int, told: str, model: Path, clip: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    filled = [word.format(model=model, clip=clip) for word in words]
    if "--out" not in words:
        filled += ["--out", str(tmp_path)]
    assert spotter("live", *filled) == code
    said = capsys.readouterr().err
    assert said.startswith("spotter: ") and told in said and said.count("spotter:") == 1
    assert not any(tmp_path.iterdir())


def test_a_camera_is_watched_for_some_seconds(
    model: Path, tmp_path: Path, camera: Callable[..., tiny.FakeCamera], capsys: pytest.CaptureFixture[str]
) -> None:
    fake = camera()
    words = ("live", model, "--camera", 0, "--seconds", 2.0, "--out", tmp_path, "--video", "--json")
    assert spotter(*words) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["frames"] == 51 and document["predictions"] + document["dropped"] == 11
    folder = results(tmp_path)
    assert folder.name.startswith("camera-") and fake.closed
    assert {path.name for path in folder.iterdir()} == RESULTS | {"annotated.mp4"}


def test_a_camera_that_is_lost_leaves_what_was_seen(
    model: Path, tmp_path: Path, camera: Callable[..., tiny.FakeCamera], capsys: pytest.CaptureFixture[str]
) -> None:
    camera(lost=MediaUnreadableError("camera 0 has gone; plug it in again"))
    assert spotter("live", model, "--camera", 0, "--out", tmp_path, "--video") == 4
    folder = results(tmp_path)
    assert {path.name for path in folder.iterdir()} == RESULTS | {"annotated.mp4"}
    document = json.loads((folder / "timeline.json").read_text("utf-8"))
    assert document["warning"] == "camera 0 has gone; plug it in again" and document["frames"] == 75
    assert "plug it in again" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "a polite kill"])
def test_an_interrupt_keeps_what_was_seen(
    kind: signal.Signals, model: Path, tmp_path: Path, camera: Callable[..., tiny.FakeCamera]
) -> None:
    camera(on_frame=lambda index: os.kill(os.getpid(), kind) if index == 40 else None)
    before = signal.getsignal(kind)
    assert spotter("live", model, "--camera", 0, "--out", tmp_path) == 0
    document = json.loads((results(tmp_path) / "timeline.json").read_text("utf-8"))
    assert 30 <= document["frames"] <= 46
    assert signal.getsignal(kind) is before


def test_a_second_interrupt_ends_a_camera_that_hangs_and_what_was_kept_on_the_way_stays(
    model: Path, tmp_path: Path, camera: Callable[..., tiny.FakeCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(index: int) -> None:
        if index == 40:
            for _ in range(2):
                time.sleep(0.3)  # until all frames before have been dealt with
                os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("spotter.cli.recognizer.live._KEEP_EVERY_S", 0.0)
    camera(on_frame=hang)
    assert spotter("live", model, "--camera", 0, "--out", tmp_path, "--video") == 130
    assert {path.name for path in results(tmp_path).iterdir()} == {"timeline.csv"}


def test_an_interrupted_video_says_so_with_its_exit_code(
    model: Path, tmp_path: Path, camera: Callable[..., tiny.FakeCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = camera(on_frame=lambda index: os.kill(os.getpid(), signal.SIGINT) if index == 40 else None)
    monkeypatch.setattr("spotter.media.reader.open_media", lambda path, end_s: fake)
    assert spotter("live", model, "film.mp4", "--out", tmp_path) == 130
    assert json.loads((results(tmp_path) / "timeline.json").read_text("utf-8"))["frames"] <= 46


def photos(folder: Path) -> Path:
    for name, colour in (
        ("ein Grün.png", "green"),
        ("a/2.jpg", "red"),
        ("a/10.jpg", "blue"),
        ("g.png", "grey"),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _, data = cv2.imencode(path.suffix, tiny.picture(colour)[:, :, ::-1])
        path.write_bytes(data.tobytes())
    (folder / ".hidden.png").write_text("no")
    (folder / "notes.txt").write_text("no")
    return folder


def test_predict_goes_through_folders_in_natural_order(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = photos(tmp_path / "fotos")
    assert spotter("predict", model, folder) == 0
    said = capsys.readouterr()
    assert said.err == ""
    lines = [line.removeprefix(str(folder) + "/") for line in said.out.splitlines()]
    assert [line.split("  ")[0] for line in lines] == ["ein Grün.png", "g.png", "a/2.jpg", "a/10.jpg"]
    assert ["green" in lines[0], "unknown" in lines[1], "red 100 %" in lines[2]] == [True] * 3


def test_predict_json(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = photos(tmp_path / "fotos")
    assert spotter("predict", model, folder / "a/2.jpg", folder / "g.png", "--json") == 0
    said = capsys.readouterr()
    red, grey = json.loads(said.out)
    assert said.err == "" and list(red) == ["path", "label", "labels", "confidence", "probabilities"]
    assert (red["label"], red["labels"], grey["label"]) == ("red", ["red"], "unknown")
    assert red["path"] == str(folder / "a/2.jpg") and red["confidence"] == red["probabilities"]["red"] > 0.98
    assert sum(grey["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = photos(tmp_path / "fotos")
    (folder / "1 text.jpg").write_text("I am no picture")
    (tmp_path / "leer").mkdir()
    assert spotter("predict", model, folder, tmp_path / "weg.jpg", tmp_path / "leer", "--json") == 5
    said = capsys.readouterr()
    rows = json.loads(said.out)
    assert [Path(row["path"]).name for row in rows if "error" in row] == ["1 text.jpg", "weg.jpg", "leer"]
    assert len([row for row in rows if "label" in row]) == 4
    assert said.err.count("spotter: ") == 3 and "1 text.jpg is not a picture" in said.err
    assert spotter("predict", model, tmp_path / "weg.jpg", folder) == 3


def test_predict_of_a_multi_label_model_names_several(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    multi = tiny.write_model(tmp_path / "multi", "multi")
    for colour in ("yellow", "grey"):
        cv2.imwrite(str(tmp_path / f"{colour}.png"), tiny.picture(colour)[:, :, ::-1])
    assert spotter("predict", multi, tmp_path / "yellow.png", tmp_path / "grey.png", "--json") == 0
    yellow, grey = json.loads(capsys.readouterr().out)
    assert (yellow["label"], yellow["labels"]) == ("red, green", ["red", "green"])
    assert (grey["label"], grey["labels"]) == ("unknown", [])
