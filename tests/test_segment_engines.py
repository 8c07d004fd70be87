"""The engines themselves behind ``spotter segment`` and ``spotter analyze --parts``."""

from __future__ import annotations

import csv
import gc
import json
import time
from pathlib import Path

import numpy as np
import pytest

import spotter
from spotter.body.part_map import PARTS, PartMap
from spotter.cli.app import app, run
from spotter.errors import ModelError, UsageError
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from spotter.recognizer.export_pictures import synthetic_squares
from spotter.segmentation import engine_opener
from spotter.segmenter import predict
from spotter.segmenter.layouts_labels import read_labels

EXAMPLE = Path(__file__).parents[1] / "examples" / "squat.mp4"


def command(*words: object) -> int:
    return run(lambda: app([str(word) for word in words], standalone_mode=False))


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the fast engine makes of a third of a second of the example."""
    out = tmp_path_factory.mktemp("fast")
    assert command("segment", EXAMPLE, "--end", 0.3, "--out", out, "--maps", 4, "--quiet") == 0
    return out


def test_the_fast_engine_finds_all_parts_of_the_example(fast: Path) -> None:
    document = json.loads((fast / "segments.json").read_text())
    assert len(document["images"]) == 9 and {one["track_id"] for one in document["annotations"]} == {1}
    table = rows(fast / "areas.csv")
    assert len(table) == 9
    for row in table:
        parts = {name: int(row[name] or 0) for name in PARTS}
        assert 15_000 < int(row["body"]) < 30_000
        assert parts["torso"] == max(parts.values()) and min(parts.values()) > 50
    labels = read_labels(fast / "squat_parts" / "000004.png")
    middles = {name: np.argwhere(labels == 1 + PARTS.index(name)).mean(axis=0) for name in PARTS}
    heights = [
        middles[name][0] for name in ("head", "torso", "left_upper_leg", "left_lower_leg", "left_foot")
    ]
    assert heights == sorted(heights)
    assert middles["right_upper_arm"][1] < middles["left_upper_arm"][1], "she faces the camera"


def test_the_python_name_gives_what_the_command_writes(fast: Path) -> None:
    for frame, found in spotter.segment(EXAMPLE, end_s=0.3):
        if frame.index % 4 == 0:
            assert (found.labels == read_labels(fast / f"squat_parts/{frame.index:06d}.png")).all()


def test_an_analysis_has_the_same_areas(fast: Path, tmp_path: Path) -> None:
    words = ("--exercise", "squat", "--parts", "fast", "--no-video", "--quiet")
    assert command("analyze", EXAMPLE, "--end", 0.3, "--out", tmp_path, *words) == 0
    areas = rows(tmp_path / "squat" / "parts.csv")
    assert areas == [{name: row[name] for name in row if name != "file"} for row in rows(fast / "areas.csv")]


def test_a_picture_of_nobody(tmp_path: Path) -> None:
    frames = list(spotter.segment(write_wall(tmp_path / "wall.png")))
    assert len(frames) == 1 and frames[0][1].ids == ()


def write_wall(path: Path) -> Path:
    import cv2

    cv2.imwrite(str(path), np.full((200, 300, 3), 170, np.uint8))
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with random weights that finds things in made-up patterns."""
    pytest.importorskip("onnx")
    pytest.importorskip("torch")
    from spotter.segmenter.card import NETWORK_FILE, read_card
    from spotter.segmenter.export_onnx import write_onnx
    from spotter.segmenter.model_folder import load_network
    from tests.segmenter import untrained

    folder = untrained.folder(tmp_path_factory.mktemp("segmenter") / "model")
    write_onnx(load_network(folder), read_card(folder), "f16", folder / NETWORK_FILE)
    return folder


def patterns(count: int) -> list[Frame]:
    return [Frame(image, index / 10, index) for index, image in enumerate(synthetic_squares(count, 128))]


def test_the_network_is_an_engine_too(model: Path, tmp_path: Path) -> None:
    import cv2

    for frame in patterns(3):
        cv2.imwrite(str(tmp_path / f"{frame.index}.png"), frame.image[:, :, ::-1])
    words = ("--engine", "maskrcnn", "--model", model, "--out", tmp_path / "out", "--quiet")
    assert command("segment", *(tmp_path / f"{i}.png" for i in range(3)), *words) == 0
    document = json.loads((tmp_path / "out" / "segments.json").read_text())
    assert document["info"]["engine"] == "maskrcnn" and document["info"]["model"] == str(model)
    assert len(document["images"]) == 3


def test_only_so_many_people_are_taken(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = np.zeros((30, 40), np.uint8)
    for place in range(3):
        people[:, 12 * place : 12 * place + 10] = place + 1
    crowd = PartMap(people, people, (1, 2, 3), np.ones((3, 15), np.float32))
    monkeypatch.setattr(predict.Segmenter, "part_map", lambda self, image: crowd)
    engine = engine_opener("maskrcnn", model, 2)()
    for index in range(3):
        found = engine.push(Frame(np.zeros((30, 40, 3), np.uint8), index / 10, index))
        assert found.ids == (1, 2) and found.people.max() == 2 and not found.labels[:, 24:].any()


def test_an_engine_of_each_film_knows_nobody_of_the_one_before(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = np.ones((30, 40), np.uint8)
    one = PartMap(people, people, (1,), np.ones((1, 15), np.float32))
    monkeypatch.setattr(predict.Segmenter, "part_map", lambda self, image: one)
    opener = engine_opener("maskrcnn", model)
    for _ in range(2):
        assert opener().push(Frame(np.zeros((30, 40, 3), np.uint8), 0.0, 0)).ids == (1,)


@pytest.mark.parametrize("most", [0, 51, -3])
def test_a_wrong_number_of_people(most: int) -> None:
    with pytest.raises(UsageError, match="from 1 to 50"):
        engine_opener("fast", None, most)


def test_models_that_are_none(tmp_path: Path) -> None:
    for wrong in ("no-such-model", tmp_path, "pose-detection", tmp_path / "gone.h5"):
        with pytest.raises(ModelError):
            engine_opener("maskrcnn", wrong)


def test_frames_come_ahead_and_errors_come_through(tmp_path: Path) -> None:
    class Failing:
        def push(self, frame: Frame) -> PartMap:
            if frame.index == 3:
                raise ModelError("the third")
            return PartMap.empty(*frame.image.shape[:2])

    seen = []
    with pytest.raises(ModelError, match="the third"):
        for frame, _ in spotter.segment(EXAMPLE, Failing()):
            seen.append(frame.index)
    assert seen == [0, 1, 2]


def test_leaving_early_lets_go_of_the_video(tmp_path: Path) -> None:
    import threading

    before = threading.active_count()
    pairs = spotter.segment(EXAMPLE)
    next(iter(pairs))
    pairs.close()  # type: ignore[attr-defined]
    del pairs
    end_s = time.monotonic() + 30
    while threading.active_count() > before and time.monotonic() < end_s:
        gc.collect()
        time.sleep(0.01)
    assert threading.active_count() <= before
    with open_media(EXAMPLE) as source:
        assert next(iter(source)).index == 0
