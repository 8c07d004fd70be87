"""Whether a file agrees with its model: the numbers, what is allowed, and what is said of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.recognizer import export_formats
from spotter.recognizer.card import Calibration, RecognizerCard
from spotter.recognizer.dataset import Photo, PhotoSet
from spotter.recognizer.export_pictures import Pictures, pictures_for, synthetic_squares
from spotter.recognizer.parity import LIMITS, Parity, check_file
from spotter.recognizer.parity_report import write_parity

SIDE = 8
CARD = RecognizerCard(("a", "b", "c"), "single", "x", "scratch", SIDE, (1.0,) * 3, (0.0,) * 3)
MULTI = replace(CARD, task="multi", calibration=Calibration(thresholds=(0.5, 0.2, 0.9)))
Floats = NDArray[np.float32]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Compares two tables of probabilities as if the second one came from a file."""

    def checked(
        reference: Any, got: Any, precision: Any = "f32", targets: Any = None, card: RecognizerCard = CARD
    ) -> Parity:
        told = np.asarray(got, np.float32)
        path = tmp_path / "x.onnx"
        path.write_bytes(b"12345")
        fake = replace(export_formats.FORMATS["onnx"], open=lambda _: lambda squares: told[: len(squares)])
        monkeypatch.setitem(export_formats.FORMATS, "onnx", fake)
        squares = np.zeros((len(reference), SIDE, SIDE, 3), np.uint8)
        truth = None if targets is None else np.asarray(targets, np.float32)
        pictures = Pictures(squares[:0], squares, truth, "a test", True)
        return check_file(path, "onnx", precision, card, pictures, np.asarray(reference, np.float32))

    return checked


def test_equal_answers(check: Any) -> None:
    table = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]]
    parity = check(table, table, targets=[[1, 0, 0], [1, 0, 0]])
    assert (parity.difference, parity.agreement, parity.failures) == (0.0, 1.0, ())
    assert (parity.accuracy, parity.model_accuracy, parity.size) == (0.5, 0.5, 5)
    assert parity.latency_ms is not None and parity.latency_ms >= 0


@pytest.mark.parametrize("got", [[[np.nan, 0.2, 0.1]], [[np.inf, 0, 0]], [[0.7, 0.3]], np.empty((0, 3))])
def test_what_is_no_answer_fails(check: Any, got: Any) -> None:
    parity = check([[0.7, 0.2, 0.1]], got)
    assert len(parity.failures) == 1
    assert json.loads(json.dumps(parity.document(), allow_nan=False))["difference"] is None


@pytest.mark.parametrize(
    ("precision", "off", "fails"),
    [("f32", 0.0009, False), ("f32", 0.0011, True), ("f16", 0.009, False), ("f16", 0.011, True)],
)
def test_the_largest_difference(check: Any, precision: str, off: float, fails: bool) -> None:
    """One number of one picture is enough."""
    reference = np.tile([0.7, 0.2, 0.1], (50, 1))
    got = reference.copy()
    got[31, 1] += off
    parity = check(reference, got, precision)
    assert parity.difference == pytest.approx(off, rel=1e-3)
    assert bool(parity.failures) == fails


def test_a_tie_may_turn_and_a_clear_answer_may_not(check: Any) -> None:
    tie = check([[0.4504, 0.45, 0.0996]], [[0.4501, 0.4503, 0.0996]])
    assert (tie.agreement, tie.failures) == (0.0, ())
    clear = check([[0.4511, 0.4495, 0.0994]], [[0.4502, 0.4504, 0.0994]])
    assert clear.failures == ("1 of 1 clear answers are another",)


@pytest.mark.parametrize(
    ("pictures", "lost", "fails"), [(20, 1, False), (20, 2, True), (400, 2, False), (400, 3, True)]
)
def test_int8_may_lose_half_a_point_or_one_picture(check: Any, pictures: int, lost: int, fails: bool) -> None:
    reference = np.tile([0.9, 0.05, 0.05], (pictures, 1))
    got = reference.copy()
    got[:lost] = [0.3, 0.65, 0.05]
    parity = check(reference, got, "int8", np.tile([1, 0, 0], (pictures, 1)))
    assert bool(parity.failures) == fails
    assert parity.agreement == pytest.approx(1 - lost / pictures)


def test_int8_may_gain(check: Any) -> None:
    got = np.tile([0.9, 0.05, 0.05], (50, 1))
    reference = np.tile([0.3, 0.65, 0.05], (50, 1))
    assert check(reference, got, "int8", np.tile([1, 0, 0], (50, 1))).failures == ()


@pytest.mark.parametrize(("changed", "fails"), [(2, False), (3, True)])
def test_int8_without_truth_keeps_99_of_100_clear_answers(check: Any, changed: int, fails: bool) -> None:
    reference = np.tile([0.9, 0.05, 0.05], (250, 1))
    reference[200:] = [0.5, 0.45, 0.05]  # 50 that are not clear
    got = reference.copy()
    got[:changed] = got[200:] = [0.3, 0.65, 0.05]
    assert bool(check(reference, got, "int8").failures) == fails


def test_several_labels_are_answers_of_their_own(check: Any) -> None:
    reference = [[0.6, 0.1, 0.95], [0.4, 0.3, 0.85]]
    got = [[0.6, 0.3, 0.95], [0.4, 0.3, 0.85]]
    parity = check(reference, got, "int8", [[1, 0, 1], [0, 1, 0]], MULTI)
    assert (parity.model_accuracy, parity.accuracy) == (1.0, pytest.approx(5 / 6))
    assert parity.agreement == pytest.approx(5 / 6)


def test_made_up_pictures_are_the_same_every_time() -> None:
    first, again, other = (synthetic_squares(4, 32, seed) for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).mean() > 0.9
    assert first.std() > 20


def test_pictures_are_taken_from_each_class_in_turn(tmp_path: Path) -> None:
    import cv2

    photos = []
    for number in range(12):
        path = tmp_path / f"{number}.png"
        cv2.imwrite(str(path), np.full((10, 10, 3), 20 * number, np.uint8))
        photos.append(Photo(path, ("a",) if number < 8 else ("b",)))
    pictures = pictures_for(CARD, PhotoSet(tuple(photos), ("a", "b")))
    assert pictures.targets is not None
    assert pictures.targets[:4].tolist() == [[1, 0, 0], [0, 1, 0]] * 2
    values = {int(square[0, 0, 0]) for square in (*pictures.calibration, *pictures.squares)}
    assert values == {20 * number for number in range(12)}, "no picture is in both parts"
    unknown = PhotoSet(tuple(replace(photo, labels=("elsewhere",)) for photo in photos), ("elsewhere",))
    assert pictures_for(CARD, unknown).targets is None


def test_the_training_s_folder_is_used_while_it_is_there(tmp_path: Path) -> None:
    import cv2

    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(3):
            cv2.imwrite(str(tmp_path / name / f"{number}.png"), np.full((9, 9, 3), 90 * number, np.uint8))
    card = replace(CARD, training={"folder": str(tmp_path)})
    assert (pictures_for(card, None).real, len(pictures_for(card, None).squares)) == (True, 4)
    gone = replace(CARD, training={"folder": str(tmp_path / "gone")})
    assert not pictures_for(gone, None).real


def test_the_report_says_what_was_compared_and_allowed(check: Any, tmp_path: Path) -> None:
    parity = check([[0.7, 0.2, 0.1]], [[0.7, 0.2, 0.1]], targets=[[1, 0, 0]])
    (tmp_path / "weights.safetensors").write_bytes(b"weights")
    write_parity(tmp_path, tmp_path, [parity])
    text = (tmp_path / "parity.md").read_text("utf-8")
    assert "| x.onnx | 0.00 | 0.0e+00 | 100.0 % | 100.0 % | 100.0 % |" in text
    assert "* f32: 1 pictures, a test." in text
    assert f"within {LIMITS['f32'].difference}" in text
    (row,) = json.loads((tmp_path / "parity.json").read_text("utf-8"))["files"]
    assert row["runtime"].startswith("ONNX Runtime")
