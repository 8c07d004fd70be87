"""How findings of a model and of its exported file are paired and compared; what is written of it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spotter.media.pictures import read_picture
from spotter.models.weights import WEIGHTS_NAME
from spotter.recognizer.export_pictures import synthetic_squares
from spotter.segmenter import parity
from spotter.segmenter.card import NETWORK_FILE, SegmenterCard
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.detections import Detections
from spotter.segmenter.export_pictures import Pictures, pictures_for
from spotter.segmenter.parity import LIMITS, Parity, check_folder, matched_rows
from spotter.segmenter.parity_report import write_parity
from spotter.segmenter.placement import fitted
from tests.segmenter.judged_material import found
from tests.segmenter.marked_pictures import document, picture, write_document

ROWS = [
    (1, 0.9, (10.0, 10.0, 60.0, 90.0)),
    (2, 0.8, (20.0, 10.0, 40.0, 30.0)),
    (2, 0.6, (50.0, 10.0, 70.0, 30.0)),
]


class Fake:
    """A segmenter that finds what it is told to."""

    def __init__(self, answer: Detections) -> None:
        self._answer = answer

    def detect_in_square(self, square: object, score: float | None = None) -> Detections:
        return self._answer


def checked(
    got: Detections, folder: Path, monkeypatch: pytest.MonkeyPatch, weights: parity.Weights = "f32"
) -> Parity:
    monkeypatch.setattr(parity.Segmenter, "open", lambda folder: Fake(got))
    (folder / NETWORK_FILE).write_bytes(b"12345")
    pictures = Pictures(synthetic_squares(1, 8), "made-up patterns")
    return check_folder(folder, weights, pictures, [found(ROWS)], 0.05)


def test_the_same_findings_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = checked(found(ROWS), tmp_path, monkeypatch)
    assert made.failures == () and made.matched == 1 and made.found == 3 and made.size == 5
    assert (made.boxes, made.scores, made.masks, made.mean_boxes) == (0, 0, 0, 0)


def test_differences_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    same = found(ROWS)
    moved = replace(same, boxes=same.boxes + np.float32([[0.9, 0, 0, 0], [0] * 4, [0] * 4]))
    made = checked(moved, tmp_path, monkeypatch)
    assert made.boxes == pytest.approx(0.9, abs=1e-5) and made.mean_boxes == pytest.approx(0.9 / 12, abs=1e-5)
    assert made.failures == ("boxes differ by 0.075 pixels in the mean, and at most 0.05 is allowed",)
    assert not checked(moved, tmp_path, monkeypatch, "f16").failures
    faint = replace(same, masks=same.masks * np.float32(0.9))
    assert "masks differ by 0.1 in the mean" in checked(faint, tmp_path, monkeypatch).failures[0]


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_what_is_missing_counts_from_both_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    made = checked(found(ROWS[:lost] + ROWS[lost + 1 :]), tmp_path, monkeypatch)
    assert made.matched == pytest.approx(4 / 5)
    assert "80.0 % of the findings are the same, and 99.5 % are wanted" in made.failures
    more = checked(found([*ROWS, (3, 0.7, (0.0, 0.0, 9.0, 9.0))]), tmp_path, monkeypatch)
    assert more.matched == pytest.approx(6 / 7)


def test_what_is_hardly_sure_enough_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [*ROWS, (3, 0.0505, (0.0, 0.0, 9.0, 9.0))]
    assert checked(found(rows), tmp_path, monkeypatch).matched == 1
    rows[-1] = (3, 0.06, (0.0, 0.0, 9.0, 9.0))
    assert checked(found(rows), tmp_path, monkeypatch).matched < 1


def test_another_class_at_the_same_place_is_another_thing() -> None:
    other = [(3, score, box) for _, score, box in ROWS]
    assert matched_rows(found(ROWS), found(other)) == []
    assert matched_rows(found(ROWS), found([])) == matched_rows(found([]), found(ROWS)) == []
    assert matched_rows(found(ROWS), found(ROWS)) == [(0, 0), (1, 1), (2, 2)]


def test_the_report_keeps_other_ways_of_the_same_model(tmp_path: Path) -> None:
    model, out = tmp_path / "model", tmp_path / "out"
    model.mkdir()
    (model / WEIGHTS_NAME).write_bytes(b"weights")
    row = Parity(
        NETWORK_FILE, "f32", "OpenVINO 1", 3, "from a.mp4", 9, 1.0,
        0.1, 0.01, 0.02, 0.001, 0.0001, 0.0002, 5_000_000, 61.0, (),
    )  # fmt: skip
    write_parity(out, model, row)
    failed = replace(row, weights="int8", matched=math.nan, boxes=math.nan, failures=("nothing was found",))
    told = write_parity(out, model, failed)
    assert [one["weights"] for one in told["files"]] == ["f32", "int8"]
    assert json.loads((out / "parity.json").read_text()) == told
    text = (out / "parity.md").read_text()
    assert "| f32 | 5.00 | 9 | 100.0 % | 1e-01 (1e-03) |" in text
    assert "network.onnx with int8 was not written**: nothing was found." in text
    assert f"boxes {LIMITS['int8'].boxes:g} pixels" in text and "f16" not in text
    (model / WEIGHTS_NAME).write_bytes(b"trained again")
    assert [one["weights"] for one in write_parity(out, model, row)["files"]] == ["f32"]


def test_pictures_are_spread_over_a_video(tmp_path: Path) -> None:
    import cv2

    for number in range(10):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((20, 40, 3), 20 * number, np.uint8))
    card = SegmenterCard("parts", ("person",), 32)
    shown = pictures_for(card, tmp_path, most=5)
    assert shown.squares.shape == (5, 32, 32, 3) and shown.source == f"from {tmp_path.name}"
    assert shown.squares[:, 0, 0, 0].tolist() == [0, 40, 80, 120, 160]
    assert (shown.squares[:, 17:] == 0).all()


def test_without_pictures_made_up_ones_are_taken(tmp_path: Path) -> None:
    gone = SegmenterCard("parts", ("person",), 32, training={"data": {"folder": str(tmp_path / "gone")}})
    shown = pictures_for(gone, None, most=3)
    assert len(shown.squares) == 3 and shown.source.startswith("made-up patterns")


@pytest.mark.parametrize(("group", "count"), [(None, 3), (r"person(\d)", 1)])
def test_held_back_pictures_of_the_training_are_taken(tmp_path: Path, group: str | None, count: int) -> None:
    images = [picture(number, f"person{number:02}_1.jpg") for number in range(1, 11)]
    write_document(tmp_path / "instances.json", document(images=images))
    told = {"folder": str(tmp_path), "layout": "coco", "held_share": 0.3, "seed": 4, "group": group}
    held = read_annotations(tmp_path, "coco", held_share=0.3, seed=4, group=group).val
    for data in (told, {"sets": [{"folder": "gone"}, told]}):
        shown = pictures_for(SegmenterCard("parts", ("person",), 32, training={"data": data}), None)
        assert shown.source == "pictures that were kept out of training"
        wanted = [fitted(read_picture(one.path), 32)[0] for one in held]
        assert np.array_equal(shown.squares, wanted) and len(wanted) == count
