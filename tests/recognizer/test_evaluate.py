"""Evaluating a recognizer whose answers are known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from spotter.errors import DatasetError
from spotter.recognizer.card import Calibration, RecognizerCard, Task
from spotter.recognizer.dataset import Photo, PhotoSet
from spotter.recognizer.evaluate import evaluate
from spotter.recognizer.judged import named_by
from spotter.recognizer.predict import Recognizer
from spotter.recognizer.robustness import trials
from tests.recognizer import tiny

CLASSES = ("face", "hand", "arm")


class Known:
    """Answers with the row of a table that the picture's grey names."""

    def __init__(self, table: Sequence[Sequence[float]], task: Task = "single", below: float = 0.5) -> None:
        self.table = np.array(table, np.float32)
        self.card = RecognizerCard(
            CLASSES, task, "none", "features", 16, (1.0,) * 3, (0.0,) * 3,
            Calibration(unknown_below=below, thresholds=(0.5, 0.5, 0.2) if task == "multi" else ()),
        )  # fmt: skip

    def probabilities(self, squares: np.ndarray) -> np.ndarray:
        return self.table[squares[:, 8, 8, 0].astype(int) // 2 % len(self.table)]


def photos_of(folder: Path, labels: Sequence[tuple[str, ...]], classes: Sequence[str] = CLASSES) -> PhotoSet:
    """A photo for each row of the table, of the labels given; 16 pixels high, a little wider."""
    photos = []
    for i, shown in enumerate(labels):
        path = folder / f"{i:03d}.png"
        cv2.imwrite(str(path), np.full((16, 20, 3), 2 * i, np.uint8))
        photos.append(Photo(path, shown))
    return PhotoSet(tuple(photos), tuple(classes), any(len(shown) != 1 for shown in labels))


def judged(known: Known, photos: PhotoSet, **options: object):  # type: ignore[no-untyped-def]
    return evaluate(cast(Recognizer, known), photos, **{"robustness": False, **options})  # type: ignore[arg-type]


TABLE = [
    [0.9, 0.1, 0.0],  # face, right
    [0.8, 0.1, 0.1],  # hand, taken for a face
    [0.1, 0.7, 0.2],  # hand, right
    [0.4, 0.3, 0.3],  # arm, unknown
    [0.0, 0.95, 0.05],  # arm, taken for a hand
]
LABELS = [("face",), ("hand",), ("hand",), ("arm",), ("arm",)]


def test_figures_of_known_answers(tmp_path: Path) -> None:
    found = judged(Known(TABLE), photos_of(tmp_path, LABELS))
    assert found.right.tolist() == [True, False, True, False, False]
    assert found.accuracy == 0.4
    assert found.top_accuracy == 0.4
    assert found.answered.tolist() == [True, True, True, False, True]
    assert found.mistakes == [4, 1, 3]  # the surest first, "unknown" after all others
    assert found.answered_accuracy == 0.5
    assert found.confusion is not None
    assert found.confusion.rows == CLASSES
    assert found.confusion.columns == CLASSES
    assert found.confusion.counts.tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 0]]
    assert found.classes["hand"].precision == found.classes["hand"].recall == 0.5
    assert found.interval[0] < 0.4 < found.interval[1]
    assert found.answer(3) == ("face",)


def test_the_photos_classes_may_stand_in_any_order(tmp_path: Path) -> None:
    photos = photos_of(tmp_path, LABELS, ("arm", "hand", "face"))
    assert judged(Known(TABLE), photos).accuracy == 0.4


@pytest.mark.parametrize("name", ["unknown", "Other"])
def test_what_the_model_does_not_know_is_right_as_unknown(tmp_path: Path, name: str) -> None:
    labels = [*LABELS[:3], (name,), (name,)]
    found = judged(Known(TABLE), photos_of(tmp_path, labels, (*CLASSES, name)))
    assert found.right.tolist() == [True, False, True, True, False]
    assert found.confusion is not None
    assert found.confusion.rows[-1] == "unknown"
    assert found.confusion.counts[-1].tolist() == [0, 1, 0, 1]
    assert found.top_accuracy == pytest.approx(2 / 3)
    assert found.reliability.counts.sum() == 3


def test_a_class_that_the_model_does_not_know_is_named(tmp_path: Path) -> None:
    photos = photos_of(tmp_path, [("face",), ("foot",), ("knee",)], ("face", "foot", "knee"))
    with pytest.raises(DatasetError, match=r"show foot, knee, and the model knows face, hand, arm"):
        judged(Known(TABLE), photos)


def test_two_labels_are_too_many_for_a_model_with_one(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"001\.png has 2 labels"):
        judged(Known(TABLE), photos_of(tmp_path, [("face",), ("face", "hand")]))


def test_photos_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    photos = photos_of(tmp_path, LABELS)
    photos.photos[1].path.write_text("no picture")
    photos.photos[3].path.unlink()
    found = judged(Known(TABLE), photos)
    assert [photo.path.name for photo in found.photos] == ["000.png", "002.png", "004.png"]
    assert [one.path.name for one in found.left_out] == ["001.png", "003.png"]
    assert "001.png" in found.left_out[0].why
    assert found.right.tolist() == [True, True, False]


def test_photos_of_which_none_can_be_read_are_an_error(tmp_path: Path) -> None:
    photos = photos_of(tmp_path, LABELS[:2])
    for photo in photos.photos:
        photo.path.write_text("no picture")
    with pytest.raises(DatasetError, match="not one of the 2 photos"):
        judged(Known(TABLE), photos)
    with pytest.raises(DatasetError, match="no photo"):
        judged(Known(TABLE), photos.only(()))


def test_more_photos_than_a_batch_stay_in_order(tmp_path: Path) -> None:
    rows = np.eye(3)[np.arange(120) % 3]
    photos = photos_of(tmp_path, [(CLASSES[i % 3],) for i in range(120)])
    for i in (5, 63, 64, 100):
        photos.photos[i].path.write_text("no picture")
    told: list[tuple[int, int]] = []
    found = judged(Known(rows.tolist()), photos, progress=lambda *done: told.append(done))
    assert len(found) == 116
    assert found.accuracy == 1.0
    assert told == [(64, 120), (120, 120)]


def test_several_labels(tmp_path: Path) -> None:
    table = [[0.9, 0.1, 0.1], [0.6, 0.6, 0.1], [0.1, 0.1, 0.3], [0.2, 0.3, 0.1]]
    labels = [("face",), ("face",), ("hand", "arm"), ()]
    found = judged(Known(table, "multi"), photos_of(tmp_path, labels))
    assert found.right.tolist() == [True, False, False, True]
    assert found.label_accuracy == pytest.approx(10 / 12)
    assert found.confusion is None
    assert found.answer(1) == ("face", "hand")
    assert found.mistakes == [2, 1]  # 0.9 sure that there is no hand, 0.6 sure that there is one
    assert found.mean_average_precision == pytest.approx((1.0 + 1 / 4 + 1.0) / 3)
    json.dumps(found.document(), allow_nan=False)


def test_the_document_has_no_number_that_json_lacks(tmp_path: Path) -> None:
    found = judged(Known(TABLE), photos_of(tmp_path, [("face",)]))
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["accuracy"] == 1.0
    assert document["classes"]["arm"]["recall"] is None
    assert document["calibration"]["bins"][0]["accuracy"] is None
    assert document["robustness"] == []


@pytest.mark.parametrize("task", ["single", "multi"])
def test_answers_are_those_of_the_recognizer(tmp_path: Path, task: Task) -> None:
    recognizer = Recognizer.load(tiny.write_model(tmp_path, task))
    rows = np.random.default_rng(1).dirichlet([0.6] * 3, 200).astype(np.float32)
    for row, named in zip(rows, named_by(recognizer.card, rows), strict=True):
        said = [name for name in recognizer.answer(row).labels if name != "unknown"]
        assert [name for name, one in zip(recognizer.classes, named, strict=True) if one] == said


def colour_photos(folder: Path, count: int) -> PhotoSet:
    photos = []
    for i in range(count):
        name = tiny.CLASSES[i % 3]
        path = folder / f"{name}-{i}.png"
        cv2.imwrite(str(path), tiny.picture(name)[:, :, ::-1])
        photos.append(Photo(path, (name,)))
    return PhotoSet(tuple(photos), tiny.CLASSES)


def test_a_real_network_is_judged_and_tried_on_worse_photos(tmp_path: Path) -> None:
    recognizer = Recognizer.load(tiny.write_model(tmp_path / "model"))
    photos = colour_photos(tmp_path, 9)
    found = evaluate(recognizer, photos)
    assert found.accuracy == 1.0
    plain, *worse = found.robustness
    assert (plain.trial, plain.n, plain.right) == (None, 9, 9)
    assert [result.trial for result in worse] == list(trials())
    accuracy = {
        (result.trial.name, result.trial.strength): result.accuracy for result in worse if result.trial
    }
    assert accuracy["rotated", 90.0] == 1.0
    assert accuracy["dark", 0.12] == 1.0  # less sure, but the likeliest class stays
    again = evaluate(recognizer, photos)
    assert again.robustness == found.robustness
    assert again.document() == found.document()


@pytest.mark.parametrize("trial", trials(), ids=lambda trial: f"{trial.name}-{trial.strength:g}")
def test_a_trial_changes_the_picture_and_always_alike(trial) -> None:  # type: ignore[no-untyped-def]
    image = np.random.default_rng(3).integers(60, 160, (64, 64, 3), np.uint8)
    image[20:40, 10:30] = (200, 40, 30)
    before = image.copy()
    worse = trial.apply(image, 5)
    assert worse.shape == image.shape
    assert worse.dtype == np.uint8
    assert np.abs(worse.astype(int) - image).mean() > 1
    assert (worse == trial.apply(image, 5)).all()
    assert (image == before).all()


def test_strengths_go_up() -> None:
    image = cv2.GaussianBlur(np.random.default_rng(3).integers(0, 255, (64, 64, 3), np.uint8), (0, 0), 2)
    for name in {trial.name for trial in trials()} - {"rotated"}:
        change = [
            float(np.abs(trial.apply(image).astype(int) - image).mean())
            for trial in trials()
            if trial.name == name
        ]
        assert change == sorted(change), name


def test_colours_stay_where_they_are_in_a_jpeg() -> None:
    red = np.full((32, 32, 3), (200, 30, 30), np.uint8)
    jpeg = next(trial for trial in trials() if trial.change == "jpeg")
    assert np.abs(jpeg.apply(red).astype(int) - red).max() < 20
