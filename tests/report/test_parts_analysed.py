"""``spotter analyze --parts``: whose parts they are, in the video, in parts.csv and on the page."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter import segmentation
from spotter.body.keypoints import BONES
from spotter.body.part_map import PartMap
from spotter.cli.app import app, run
from spotter.coach.analysis import Analysis
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from spotter.report.part_colours import PART_COLOURS
from spotter.report.parts.analysed import AnalysedParts, matched
from spotter.report.results import Results
from spotter.report.skeleton import Pose
from spotter.report.templates import asset
from tests.report import material

EXAMPLE = Path(__file__).parents[2] / "examples" / "squat.mp4"
WIDTH, HEIGHT = 320, 240


class Around:
    """Takes for the torso of somebody whatever is around what is dark: the stick figure of the clip."""

    def __init__(self) -> None:
        self.frames: list[int] = []

    def push(self, frame: Frame) -> PartMap:
        self.frames.append(frame.index)
        dark = (frame.image.max(axis=2) < 90).astype(np.uint8)
        body = cv2.dilate(dark, np.ones((61, 61), np.uint8))
        return PartMap(2 * body, body, (41,), np.ones((1, 15), np.float32))


def whole_analysis() -> Analysis:
    analysis = material.analysis(material.squats())
    analysis.video["interrupted"] = False
    return analysis


def pose_at(x: float, y: float, spread: float = 8.0) -> Pose:
    rng = np.random.default_rng(0)
    return Pose(np.array([x, y]) + spread * (rng.random((33, 2)) - 0.5), np.ones(33))


def halves(*numbers: int) -> PartMap:
    """A person in the left half and one in the right."""
    people = np.ones((40, 80), np.uint8)
    people[:, 40:] = 2
    return PartMap(3 * people, people, numbers, np.ones((2, 15), np.float32))


def test_people_are_matched_by_their_landmarks() -> None:
    found = matched(halves(11, 12), {1: pose_at(60, 20), 2: pose_at(20, 20)})
    assert found.ids == (1, 2)
    assert found.person(1)[:, 40:].all() and not found.person(1)[:, :40].any()


def test_who_is_not_analysed_is_left_out() -> None:
    found = matched(halves(11, 12), {1: pose_at(20, 20)})
    assert found.ids == (1,) and not found.labels[:, 40:].any()
    assert matched(halves(11, 12), {}).ids == ()


def test_one_body_is_not_two_peoples() -> None:
    both = {1: pose_at(25, 20, spread=40), 2: pose_at(20, 20)}
    assert matched(halves(11, 12), both).person(2)[:, :40].all()
    assert matched(halves(11, 12), both).ids == (2,)


def test_landmarks_outside_the_picture_or_unseen_do_not_count() -> None:
    xy = np.vstack([pose_at(20, 20).xy[:10], np.full((23, 2), -50.0)])
    assert matched(halves(1, 2), {7: Pose(xy, np.ones(33))}).ids == (7,)
    hidden = pose_at(60, 20).xy.copy()
    hidden[:5] = pose_at(20, 20).xy[:5]
    visibility = np.where(np.arange(33) < 5, 1.0, 0.1)
    assert matched(halves(1, 2), {7: Pose(hidden, visibility)}).person(7)[0, 0]
    nowhere = Pose(np.full((33, 2), np.nan), np.zeros(33))
    assert matched(halves(1, 2), {7: nowhere}).ids == ()
    assert matched(PartMap.empty(4, 4), {7: pose_at(2, 2)}).ids == ()


def test_somebody_elses_body_is_not_taken() -> None:
    """A pose of which only a few landmarks touch what was found."""
    people = np.zeros((40, 80), np.uint8)
    people[:, 40:] = 1
    found = PartMap(people, people, (3,), np.ones((1, 15), np.float32))
    assert matched(found, {1: pose_at(36, 20, spread=16)}).ids == ()


@pytest.mark.parametrize("with_video", [True, False])
def test_the_result_folder_has_the_parts(clip: Path, tmp_path: Path, with_video: bool) -> None:
    engine = Around()
    stretch = material.stretch(material.squats())
    with Results(tmp_path, clip, with_video=with_video, part_engine=engine) as results:
        results.add(stretch)
        files = results.finish(whole_analysis())
    assert tmp_path / "parts.csv" in files
    assert (tmp_path / "annotated.mp4").exists() == with_video
    rows = list(csv.DictReader((tmp_path / "parts.csv").read_text().splitlines()))
    assert engine.frames == list(range(160)), "every frame, in order"
    assert len(rows) == 160 and {row["person"] for row in rows} == {"1"}
    assert [float(row["time_s"]) for row in rows] == pytest.approx(
        [frame / material.FPS for frame in range(160)], abs=2e-3
    )
    assert all(row["body"] == row["torso"] and row["head"] == "" for row in rows)
    page = (tmp_path / "report.html").read_text()
    assert "parts.csv" in page and "left upper arm" in page
    if with_video:
        with open_media(tmp_path / "annotated.mp4") as video:
            image = next(frame.image for frame in video if frame.index == 40)
        limb = material.motion().xy[40][list(BONES[0])].mean(axis=0)
        around = image[int(limb[1]) - 12 : int(limb[1]) + 12, int(limb[0]) - 12 : int(limb[0]) + 12]
        torso = 0.58 * np.array(PART_COLOURS["torso"]) + 0.42 * 120
        assert np.abs(around - torso).max(axis=2).min() < 30, "the part is seen beside the bones"


def test_without_parts_nothing_of_them_is_there(clip: Path, tmp_path: Path) -> None:
    with Results(tmp_path, clip) as results:
        results.add(material.stretch(material.squats()))
        files = results.finish(whole_analysis())
    assert "parts.csv" not in {path.name for path in files} and not (tmp_path / "parts.csv").exists()
    assert "parts.csv" not in (tmp_path / "report.html").read_text()
    assert "parts.csv" in asset("report.html.j2")


def test_an_error_keeps_the_rows_that_are_whole(tmp_path: Path) -> None:
    parts = AnalysedParts(Around(), tmp_path)
    frame = Frame(np.zeros((20, 20, 3), np.uint8), 0.5, 0)
    parts.find(frame, {1: pose_at(10, 10)})
    parts.close()
    parts.close()
    assert len((tmp_path / "parts.csv").read_text().splitlines()) == 2
    assert not list(tmp_path.glob(".*"))


def test_the_command_takes_an_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[Around] = []

    def fast(most: int) -> Callable[[], Around]:
        def open_one() -> Around:
            opened.append(Around())
            return opened[-1]

        return open_one

    monkeypatch.setattr(segmentation, "_fast", fast)

    def analyze(*words: object) -> int:
        return run(lambda: app(["analyze", *map(str, words)], standalone_mode=False))

    words = (EXAMPLE, "--exercise", "squat", "--end", "1", "--out", tmp_path, "--json")
    assert analyze(*words, "--no-video", "--parts", "fast") == 0
    assert json.loads(capsys.readouterr().out)["video"]["frames"] == 30
    assert len(opened[-1].frames) == 30
    assert (tmp_path / "squat" / "parts.csv").is_file()
    assert not (tmp_path / "squat" / "annotated.mp4").exists()
    assert analyze(*words, "--parts", "slow") == 2
    assert "fast, maskrcnn" in capsys.readouterr().err
