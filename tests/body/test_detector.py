"""The person detector: anchors, decoding, non-maximum suppression, and the picture in the model's square."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import spotter.body.detector
from spotter.body.detector import INPUT_SIDE, Detection, Detector, anchors

Candidate = tuple[float, float, float, float, float]
"""Centre x and y, width and height in model pixels, and the logit of the score."""


class FakeStore:
    """Has a path for every model."""

    def path(self, name: str) -> Path:
        return Path(name)


class FakeSession:
    """Answers with prepared candidates, and keeps the last tensor."""

    candidates: list[Candidate]
    seen: NDArray[np.float32]

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def run(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        type(self).seen = tensor
        boxes = np.zeros((1, 2254, 12), np.float32)
        scores = np.full((1, 2254, 1), -100.0, np.float32)
        for row, (x, y, width, height, logit) in enumerate(self.candidates):
            at = 137 * (row + 1)  # any anchor can say anything
            centre = anchors()[at] * INPUT_SIDE
            boxes[0, at, :4] = x - centre[0], y - centre[1], width, height
            points = [(x, y), (x, y - height), (x, y - height / 2), (x + width, y)]
            boxes[0, at, 4:] = (np.array(points) - centre).reshape(-1)
            scores[0, at, 0] = logit
        return [boxes, scores]


@pytest.fixture
def detect(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the detector on a picture of a size, with what the model is to say."""
    monkeypatch.setattr(spotter.body.detector, "Session", FakeSession)

    def run(
        candidates: list[Candidate], width: int = INPUT_SIDE, height: int = INPUT_SIDE
    ) -> list[Detection]:
        FakeSession.candidates = candidates
        return Detector(FakeStore())(np.zeros((height, width, 3), np.uint8))  # type: ignore[arg-type]

    return run


def logit(score: float) -> float:
    return float(np.log(score / (1 - score)))


def test_anchors_are_three_grids_row_by_row() -> None:
    centres = anchors()
    assert centres.shape == (28 * 28 * 2 + 14 * 14 * 2 + 7 * 7 * 6, 2)
    for first, cells, count in ((0, 28, 2), (1568, 14, 2), (1960, 7, 6)):
        step = 1 / cells
        assert centres[first] == pytest.approx([step / 2, step / 2])
        assert (centres[first : first + count] == centres[first]).all()
        assert centres[first + count] == pytest.approx([1.5 * step, step / 2])  # the next one is to the right
        assert centres[first + cells * count] == pytest.approx([step / 2, 1.5 * step])
    assert centres[-1] == pytest.approx([6.5 / 7, 6.5 / 7])
    assert not centres.flags.writeable


def test_nobody(detect: Any) -> None:
    assert detect([]) == []
    assert detect([(100, 100, 50, 50, logit(0.49))]) == []


def test_a_person_is_placed_in_pixels(detect: Any) -> None:
    (found,) = detect([(112, 100, 40, 60, logit(0.8))])
    assert found.box == pytest.approx([92, 70, 132, 130], abs=1e-3)
    assert found.points == pytest.approx(np.array([[112, 100], [112, 40], [112, 70], [152, 100]]), abs=1e-3)
    assert found.score == pytest.approx(0.8)
    assert (found.roi.x, found.roi.y, found.roi.size) == pytest.approx((112, 100, 2 * 60 * 1.25))
    assert found.roi.rotation == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("width", "height", "at"),
    [
        (448, 448, (224, 200)),
        (640, 360, (320, (100 - 49) / 0.35)),  # bars above and below: 63 - 14 = 49 model pixels
        (360, 640, ((112 - 49) / 0.35, 100 / 0.35)),
        (3840, 2160, (1920, (100 - 49) * 3840 / 224)),
        (100, 50, (50, (100 - 56) / 2.24)),
    ],
)
def test_the_bars_around_the_picture_are_taken_off(
    detect: Any, width: int, height: int, at: tuple[float, float]
) -> None:
    (found,) = detect([(112, 100, 40, 40, logit(0.9))], width, height)
    assert found.points[0] == pytest.approx(at, abs=0.01 * width)
    assert found.points[0] == pytest.approx(at, rel=1e-3)


def test_overlapping_candidates_are_averaged_by_their_scores(detect: Any) -> None:
    (found,) = detect([(100, 100, 50, 50, logit(0.9)), (110, 100, 50, 50, logit(0.6))])
    x = (0.9 * 100 + 0.6 * 110) / 1.5
    assert found.box == pytest.approx([x - 25, 75, x + 25, 125], abs=1e-3)
    assert found.points[0] == pytest.approx([x, 100], abs=1e-3)
    assert found.score == pytest.approx(0.9)


def test_two_people_the_surer_first(detect: Any) -> None:
    found = detect([(50, 100, 40, 80, logit(0.6)), (170, 100, 40, 80, logit(0.95))])
    assert [round(person.score, 2) for person in found] == [0.95, 0.6]
    assert [person.points[0][0] for person in found] == pytest.approx([170, 50], abs=1e-3)


def test_a_chain_of_neighbours_is_not_one_person(detect: Any) -> None:
    """The middle one belongs to the best; what only overlaps the middle one is somebody else."""
    found = detect(
        [(60, 100, 40, 40, logit(0.9)), (80, 100, 40, 40, logit(0.7)), (100, 100, 40, 40, logit(0.8))]
    )
    assert len(found) == 2
    assert found[1].points[0][0] == pytest.approx(100, abs=1e-3)
    assert found[0].points[0][0] == pytest.approx((0.9 * 60 + 0.7 * 80) / 1.6, abs=1e-3)


@pytest.mark.parametrize(
    ("shift", "people"), [(20, 1), (23, 2)]
)  # overlaps of 1/3 and 0.27 around the limit of 0.3
def test_how_much_overlap_makes_one_person(detect: Any, shift: float, people: int) -> None:
    assert len(detect([(80, 100, 40, 40, logit(0.9)), (80 + shift, 100, 40, 40, logit(0.8))])) == people


def test_boxes_without_area_and_wild_scores_do_no_harm(detect: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = detect([(50, 50, 0, 0, 1e6), (50, 50, 0, 0, 1e6), (150, 150, 20, 20, 3.0)])
    assert [round(person.score, 3) for person in found] == [1.0, 1.0, 0.953]


@pytest.mark.parametrize(("width", "height"), [(320, 180), (180, 320), (224, 224), (1920, 1080), (60, 40)])
def test_the_model_sees_the_picture_whole_and_undistorted(
    monkeypatch: pytest.MonkeyPatch, width: int, height: int
) -> None:
    monkeypatch.setattr(spotter.body.detector, "Session", FakeSession)
    FakeSession.candidates = []
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, width // 2 :] = 255  # the upper right quarter is white
    Detector(FakeStore())(image)  # type: ignore[arg-type]
    seen = FakeSession.seen
    assert (seen.shape, seen.dtype) == ((1, INPUT_SIDE, INPUT_SIDE, 3), np.float32)
    assert (seen.min(), seen.max()) == (-1, 1)
    rows, columns = np.nonzero(seen[0, :, :, 0] > 0)
    scale = INPUT_SIDE / max(width, height)
    assert columns.min() == pytest.approx(112, abs=2)
    assert columns.max() == pytest.approx(112 + scale * width / 2 - 1, abs=2)
    assert rows.min() == pytest.approx(112 - scale * height / 2, abs=2)
    assert rows.max() == pytest.approx(111, abs=2)
