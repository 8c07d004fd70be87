"""The pictures in the report: the right frame, the person in full, everything drawn."""

from __future__ import annotations

import base64
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.report.collect import Moment, ReportCollector
from spotter.report.palette import SEVERITY
from spotter.report.pictures import Picture, crop_box, draw_moment, take_pictures
from spotter.report.skeleton import Pose
from tests.report import material


def decoded(picture: Picture) -> np.ndarray:
    data = np.frombuffer(base64.b64decode(picture.data), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[:, :, ::-1]


@pytest.fixture
def moments() -> list[Moment]:
    collector = ReportCollector()
    collector.add(material.stretch(material.squats()))
    best, worst = collector.best(1), collector.worst(1)
    assert best and worst
    return [best, worst, *collector.faults(1)]


def test_each_moment_has_its_picture(clip: Path, moments: list[Moment]) -> None:
    pictures = take_pictures(clip, moments, max_side=320)
    assert set(pictures) == set(moments)
    for picture in pictures.values():
        image = decoded(picture)
        assert image.shape == (picture.height, picture.width, 3)
        assert max(image.shape[:2]) <= 800 and min(image.shape[:2]) >= 300


def test_the_bones_lie_on_the_person(clip: Path, moments: list[Moment]) -> None:
    """The figure in the clip is dark; around the drawn knee the frame shows its bones, not the wall."""
    (picture,) = take_pictures(clip, moments[:1], max_side=320).values()
    left, top, right, _ = crop_box(moments[0].pose, 320, 240)
    scale = picture.width / (right - left)
    middle = (moments[0].pose.xy[25] + moments[0].pose.xy[23]) / 2
    x, y = ((middle - (left, top)) * scale).astype(int)
    around = decoded(picture)[y - 30 : y + 30, x - 30 : x + 30]
    assert (around.max(axis=2) < 90).any()


def test_a_fault_is_drawn_in_its_colour_with_its_measurement(clip: Path, moments: list[Moment]) -> None:
    danger = next(one for one in moments if one.fault and one.fault.severity == "danger")
    image = decoded(take_pictures(clip, [danger], max_side=320)[danger]).astype(int)
    near = np.abs(image - SEVERITY["danger"]).max(axis=2) < 40
    plate = near[-image.shape[0] // 5 :, : image.shape[1] // 3]
    assert near[: -image.shape[0] // 5].sum() > 200, "the bones"
    assert plate.sum() > 50, "the measurement, bottom left"


@pytest.mark.parametrize(
    ("points", "shape"),
    [([(300, 100), (340, 400)], 0.8), ([(100, 300), (500, 340)], 1.5), ([(320, 240), (320, 240)], 1.5)],
)
def test_the_person_is_cut_out_with_a_margin(points: list[tuple[int, int]], shape: float) -> None:
    left, top, right, bottom = crop_box(Pose(np.array(points, float), np.ones(2)), 640, 480)
    assert 0 <= left < min(x for x, _ in points) and max(x for x, _ in points) < right <= 640
    assert 0 <= top < min(y for _, y in points) and max(y for _, y in points) < bottom <= 480
    assert (right - left) / (bottom - top) == pytest.approx(shape, rel=0.05)


@pytest.mark.parametrize("shift", [(-500.0, 0.0), (0.0, 900.0), (5000.0, 5000.0)])
def test_somebody_half_outside_still_gives_a_picture(
    shift: tuple[float, float], moments: list[Moment]
) -> None:
    pose = Pose(moments[0].pose.xy + shift, moments[0].pose.visibility)
    left, top, right, bottom = crop_box(pose, 320, 240)
    assert 0 <= left < right <= 320 and 0 <= top < bottom <= 240


def test_nobody_seen_gives_the_whole_frame() -> None:
    pose = Pose(np.full((33, 2), np.nan), np.ones(33))
    assert crop_box(pose, 320, 240) == (0, 0, 320, 240)
    picture = draw_moment(np.zeros((240, 320, 3), np.uint8), Moment(1, 0.0, pose, None, {}, None, None))
    assert (picture.width, picture.height) == (720, 540)


def test_a_moment_after_the_end_is_left_out(clip: Path, moments: list[Moment]) -> None:
    late = Moment(1, 99.0, moments[0].pose, None, {}, None, None)
    assert take_pictures(clip, [late], max_side=320) == {}
