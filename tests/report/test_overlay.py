"""The overlay: what changes where, at every size, and how long it takes."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from spotter.media.writer import VideoWriter
from spotter.report.drawing import Layer, stamp
from spotter.report.overlay import Shown, draw_overlay
from spotter.report.palette import RIGHT, SEVERITY, Colour
from spotter.report.scene import CueShown, PersonTimeline
from spotter.report.skeleton import Pose, draw_skeleton, side_seen_better
from spotter.report.video import VideoAnnotator
from tests.report import material

Image = NDArray[np.uint8]
SIZES = [(640, 360), (360, 640), (1280, 720), (3840, 2160)]


def grey(width: int, height: int) -> Image:
    return np.full((height, width, 3), 128, np.uint8)


def shown_at(time_s: float, width: int, height: int, person: int = 1) -> Shown:
    timeline = PersonTimeline(person)
    timeline.add(material.SQUAT, material.squats(person))
    knee = float(material.knee_angle(np.array([time_s]))[0])
    pose = Pose(material.figure(knee, width, height), np.ones(33))
    return Shown(timeline.at(time_s), pose, ("left_knee", knee))


def has(image: Image, colour: Colour, box: tuple[slice, slice] = (slice(None), slice(None))) -> bool:
    return bool((np.abs(image[box].astype(int) - colour).max(axis=2) < 12).any())


def around(place: NDArray[np.floating], reach: float) -> tuple[slice, slice]:
    (x, y), reach = place.astype(int).tolist(), round(reach)
    return slice(max(0, y - reach), y + reach), slice(max(0, x - reach), x + reach)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(
    ("time_s", "colour"), [(0.5, RIGHT), (3.0, SEVERITY["warning"]), (5.0, SEVERITY["danger"])]
)
def test_bones_tell_right_from_wrong(width: int, height: int, time_s: float, colour: Colour) -> None:
    one = shown_at(time_s, width, height)
    assert one.pose is not None
    image = draw_overlay(grey(width, height), "Squat", [one], None, time_s)
    knee, hip = one.pose.xy[INDEX["left_knee"]], one.pose.xy[INDEX["left_hip"]]
    unit = min(width, height) / 360
    assert has(image, colour, around((knee + hip) / 2, 8 * unit))
    for other in {RIGHT, SEVERITY["warning"], SEVERITY["danger"]} - {colour}:
        assert not has(image, other, around((knee + hip) / 2, 4 * unit))
    assert has(image, (255, 255, 255), around(knee, 45 * unit)), "the angle is not written at the joint"


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_counter_stands_top_left_and_cue_at_the_bottom(width: int, height: int) -> None:
    unit = min(width, height) / 360
    cue = CueShown(2.5, 4.5, 1, "Sit a little lower: let your hips sink.", "warning")
    image = draw_overlay(
        grey(width, height), "Squat", [replace(shown_at(3.0, width, height), pose=None)], cue, 3.0
    )
    changed = (image != 128).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert rows[0] == pytest.approx(10 * unit, abs=2) and height - rows[-1] == pytest.approx(10 * unit, abs=3)
    assert columns[0] >= 9 * unit
    counter = changed[: height // 2]
    assert np.flatnonzero(counter.any(axis=0))[-1] == pytest.approx(138 * unit, abs=3)
    assert has(image, (255, 255, 255), (slice(0, round(100 * unit)), slice(0, round(140 * unit))))
    bottom = (slice(height - round(60 * unit), height), slice(0, width))
    assert has(image, SEVERITY["warning"], bottom) and has(image, (255, 255, 255), bottom)
    assert not changed[round(110 * unit) : height - round(110 * unit)].any()


def test_the_frame_itself_is_left_alone() -> None:
    frame = grey(640, 360)
    frame.flags.writeable = False
    draw_overlay(frame, "Squat", [shown_at(3.0, 640, 360)], None, 3.0)
    assert (frame == 128).all()


def test_without_an_exercise_only_bones_are_drawn() -> None:
    image = draw_overlay(grey(640, 360), None, [shown_at(0.5, 640, 360)], None, 0.5)
    assert (image[:100, :150] == 128).all() and has(image, RIGHT)


def test_several_people_have_a_plate_and_a_number_each() -> None:
    image = draw_overlay(
        grey(640, 360), "Squat", [shown_at(3.0, 640, 360, person) for person in (1, 2)], None, 3.0
    )
    assert (image[60, 20] != 128).any() and (image[60, 160] != 128).any()
    three = [shown_at(3.0, 360, 640, person) for person in (1, 2, 3)]
    narrow = draw_overlay(grey(360, 640), "Squat", three, None, 3.0)
    assert (narrow[150, 20] != 128).any(), "the third plate has no room beside the others and goes below them"


def test_hidden_landmarks_are_not_drawn() -> None:
    image = grey(320, 240)
    xy = material.figure(120.0, 320, 240)
    draw_skeleton(image, Pose(xy, np.full(33, 0.4)), {}, 1.0)
    draw_skeleton(image, Pose(np.full_like(xy, np.nan), np.ones(33)), {}, 1.0)
    assert (image == 128).all()
    visibility = np.ones(33)
    visibility[INDEX["left_wrist"]] = visibility[INDEX["right_wrist"]] = 0.49
    draw_skeleton(image, Pose(xy, visibility), {}, 1.0)
    wrist, elbow = xy[INDEX["left_wrist"]], xy[INDEX["left_elbow"]]
    assert not has(image, RIGHT, around((wrist + elbow) / 2, 3)) and has(image, RIGHT)


def test_landmarks_far_outside_do_no_harm() -> None:
    image = grey(320, 240)
    draw_skeleton(
        image, Pose(material.figure(120.0, 320, 240) * 1e5, np.ones(33)), {INDEX["nose"]: "hint"}, 1.0
    )
    assert image.shape == (240, 320, 3)


def test_the_better_seen_side_is_chosen() -> None:
    visibility = np.ones(33)
    visibility[INDEX["left_ankle"]] = 0.3
    assert side_seen_better(visibility, ("left_knee", "right_knee", "left_hip")) == "right_knee"
    assert side_seen_better(visibility, ("trunk_lean",)) == "trunk_lean"
    assert side_seen_better(visibility, ()) is None


@pytest.mark.parametrize(("x", "y"), [(-5, -5), (60, 40), (-500, 0), (30, 500)])
def test_a_stamp_is_cut_off_at_the_edge(x: int, y: int) -> None:
    image, layer = grey(64, 48), Layer.empty(20, 20)
    layer.box(0, 0, 20, 20, 0, (255, 0, 0))
    stamp(image, layer, x, y)
    expected = grey(64, 48)
    expected[max(0, y) : max(0, y + 20), max(0, x) : max(0, x + 20)] = (255, 0, 0)
    assert (image == expected).all()


def test_a_stamp_shines_through() -> None:
    image, layer = grey(8, 8), Layer.empty(8, 8)
    layer.box(0, 0, 8, 8, 0, (255, 255, 255), 0.5)
    stamp(image, layer, 0, 0)
    assert image[4, 4].tolist() == pytest.approx([192] * 3, abs=2)
    image = grey(8, 8)
    stamp(image, layer, 0, 0, opacity=0.5)
    assert image[4, 4].tolist() == pytest.approx([160] * 3, abs=2)


@pytest.mark.parametrize(
    ("width", "height", "limit_ms"), [(640, 360, 12), (1280, 720, 16), (3840, 2160, 200)]
)
def test_drawing_is_quick(width: int, height: int, limit_ms: float) -> None:
    """Measured: 1.3, 1.9 and 16 ms; the limits leave room for a busy machine."""
    one, image = shown_at(3.0, width, height), grey(width, height)
    cue = CueShown(2.0, 4.0, 1, "Sit a little lower.", "warning")
    taken = []
    for _ in range(8):
        begin = time.perf_counter()
        draw_overlay(image, "Squat", [one], cue, 3.0)
        taken.append(time.perf_counter() - begin)
    assert 1e3 * min(taken) < limit_ms


class Recorder:
    """Stands in for a writer."""

    def __init__(self) -> None:
        self.images: list[Image] = []
        self.times: list[float] = []

    def write(self, image: Image, time_s: float) -> None:
        self.images.append(image)
        self.times.append(time_s)


def test_the_video_keeps_step_with_the_stretches() -> None:
    frames = [Frame(grey(320, 240), i / material.FPS, i) for i in range(165)]
    recorder = Recorder()
    annotator = VideoAnnotator(frames, recorder)  # type: ignore[arg-type]
    last_s = 79 / material.FPS
    assert annotator.add(material.stretch(material.squats(), end_s=last_s)) == 80
    assert len(recorder.images) == 80
    assert annotator.add(material.stretch(material.squats(), start_s=4.0, end_s=7.95)) == 80
    assert annotator.close() == 5
    assert recorder.times == [frame.time_s for frame in frames]
    assert has(recorder.images[60], SEVERITY["warning"]) and has(recorder.images[100], SEVERITY["danger"])
    assert (recorder.images[-1] == 128).all()


def test_a_real_video_is_annotated(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "annotated.mp4"
    with open_media(clip) as source, VideoWriter(path, 320, 240, material.FPS) as writer:
        annotator = VideoAnnotator(source, writer)
        annotator.add(material.stretch(material.squats()))
        annotator.close()
    with open_media(path) as source:
        frames = list(source)
    assert len(frames) == 160
    assert frames[60].image[20:60, 15:60].std() > frames[60].image[200:, :40].std() + 20
