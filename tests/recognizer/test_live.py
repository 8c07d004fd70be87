"""Watching: every interval of a file, a camera that waits for nobody, and how it ends."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spotter.errors import MediaUnreadableError, UsageError
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from spotter.recognizer.live import LiveAnswer, watch
from spotter.recognizer.predict import Prediction, Recognizer
from tests.recognizer import tiny

SCENES = [("red", 1.0), ("green", 0.6), ("grey", 0.4), ("blue", 1.0)]


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    return Recognizer.load(tiny.write_model(tmp_path_factory.mktemp("model")), threads=1)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_video(tmp_path_factory.mktemp("clip") / "scenes.mp4", SCENES)


class Gate:
    """Stands in for a recognizer that is slow: it answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.open = threading.Event(), threading.Event()

    def predict(self, image: Any) -> Prediction:
        self.asked.set()
        assert self.open.wait(10)
        return Prediction(("red",), (1.0,), ("red",))


def shown(answers: list[LiveAnswer]) -> list[tuple[float, str]]:
    return [(round(answer.time_s, 2), answer.prediction.label) for answer in answers]


def our_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("spotter-")]


def test_every_interval_of_a_file_is_answered_rightly(recognizer: Recognizer, clip: Path) -> None:
    with open_media(clip) as source:
        watching = watch(source, recognizer, interval_s=0.2)
        answers = list(watching)
    truth = ["red"] * 5 + ["green"] * 3 + ["unknown"] * 2 + ["blue"] * 5
    assert shown(answers) == [(round(0.2 * i, 2), name) for i, name in enumerate(truth)]
    assert (watching.frames, watching.dropped) == (75, 0)
    assert all(answer.took_s > 0 for answer in answers)


def test_the_same_file_gives_the_same_answers(recognizer: Recognizer, clip: Path) -> None:
    runs = []
    for _ in range(2):
        with open_media(clip) as source:
            runs.append([(one.time_s, one.prediction) for one in watch(source, recognizer, interval_s=0.07)])
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("times", "interval_s", "looked_at"),
    [
        ([0.0, 0.04, 0.08], 0.01, [0.0, 0.04, 0.08]),
        ([0.0, 0.1, 0.2, 0.3, 0.4], 0.2, [0.0, 0.2, 0.4]),
        ([0.0, 0.1999, 0.3999], 0.2, [0.0, 0.1999, 0.3999]),
        ([5.0, 5.1, 5.25, 5.3, 5.45], 0.2, [5.0, 5.25, 5.45]),
        ([0.0, 0.1, 3.05, 3.1, 3.2, 3.4], 0.2, [0.0, 3.05, 3.2, 3.4]),
        ([0.0, 1.0, 2.0], 100.0, [0.0]),
        ([7.0], 0.2, [7.0]),
    ],
    ids=[
        "finer than the frames",
        "steady",
        "stamps a tick early",
        "uneven",
        "a pause",
        "one only",
        "one frame",
    ],
)
def test_frames_are_due_by_the_medias_time(
    recognizer: Recognizer, times: list[float], interval_s: float, looked_at: list[float]
) -> None:
    source = tiny.FakeCamera([(time_s, tiny.picture("red")) for time_s in times], speed=0)
    answers = list(watch(source, recognizer, interval_s=interval_s))
    assert [answer.time_s for answer in answers] == looked_at


def test_the_picture_shows_the_answer_about_itself(recognizer: Recognizer, clip: Path) -> None:
    pairs: list[tuple[float, float, str]] = []

    def on_frame(frame: Frame, newest: LiveAnswer | None) -> None:
        assert newest is not None
        pairs.append((frame.time_s, newest.time_s, newest.prediction.label))

    with open_media(clip) as source:
        list(watch(source, recognizer, interval_s=0.2, on_frame=on_frame))
    assert len(pairs) == 75
    assert all(0 <= at - answered < 0.2 for at, answered, _ in pairs)
    assert [label for at, _, label in pairs if at < 1] == ["red"] * 25


def test_a_slow_prediction_never_holds_up_the_picture_and_the_newest_frame_wins() -> None:
    gate = Gate()
    frames = [(index / 25, tiny.picture("red")) for index in range(50)]
    seen: list[LiveAnswer | None] = []

    def on_camera(index: int) -> None:
        if index == 1:
            assert gate.asked.wait(10)  # the first frame is being looked at, and will be for long

    def on_frame(frame: Frame, newest: LiveAnswer | None) -> None:
        seen.append(newest)
        if frame.index == 49:
            gate.open.set()

    camera = tiny.FakeCamera(frames, speed=0, on_frame=on_camera)
    watching = watch(camera, gate, interval_s=0.2, live=True, on_frame=on_frame)  # type: ignore[arg-type]
    assert [answer.time_s for answer in watching] == [0.0, 1.8]
    assert seen == [None] * 50  # all pictures came by while the first prediction went on
    assert watching.dropped == 8


def test_a_camera_at_its_own_pace_is_answered_like_a_file(recognizer: Recognizer) -> None:
    camera = tiny.FakeCamera(tiny.scene_pictures(SCENES), speed=4)
    watching = watch(camera, recognizer, interval_s=0.2, live=True)
    answers = list(watching)
    assert len(answers) + watching.dropped == 15
    truth = dict(zip([round(0.2 * i, 2) for i in range(15)], "rrrrrgggUUbbbbb", strict=True))
    assert all(truth[time_s] in (name[0], name[0].upper()) for time_s, name in shown(answers))


@pytest.mark.parametrize("live", [False, True])
def test_a_camera_that_goes_leaves_what_was_seen(recognizer: Recognizer, live: bool) -> None:
    lost = MediaUnreadableError("camera 0 has gone")
    camera = tiny.FakeCamera(tiny.scene_pictures([("red", 1.0)]), speed=0, lost=lost)
    watching = watch(camera, recognizer, interval_s=0.2, live=live)
    answers = []
    with pytest.raises(MediaUnreadableError, match="has gone"):
        for answer in watching:
            answers.append(answer)
    assert len(answers) + watching.dropped == 5 and answers[-1].time_s == pytest.approx(0.8)
    assert not our_threads()


def test_what_goes_wrong_beside_is_raised_here() -> None:
    class Broken:
        def predict(self, image: Any) -> Prediction:
            raise ValueError("no such network")

    camera = tiny.FakeCamera(tiny.scene_pictures([("red", 1.0)]), speed=0)
    with pytest.raises(ValueError, match="no such network"):
        list(watch(camera, Broken(), live=True))  # type: ignore[arg-type]
    assert not our_threads()


@pytest.mark.parametrize("live", [False, True])
def test_stop_ends_after_the_frame_under_way(recognizer: Recognizer, live: bool) -> None:
    stop = threading.Event()

    def on_frame(frame: Frame, newest: LiveAnswer | None) -> None:
        if frame.index == 12:
            stop.set()

    camera = tiny.FakeCamera(tiny.scene_pictures(SCENES), speed=0)
    watching = watch(camera, recognizer, interval_s=0.2, live=live, on_frame=on_frame, stop=stop)
    answers = list(watching)
    assert watching.frames == 13
    assert len(answers) + watching.dropped == 3 and answers[-1].time_s == pytest.approx(0.4)
    assert not our_threads()


@pytest.mark.parametrize("live", [False, True])
def test_an_interrupt_and_an_early_end_leave_no_thread(recognizer: Recognizer, live: bool) -> None:
    def on_frame(frame: Frame, newest: LiveAnswer | None) -> None:
        if frame.index == 30:
            raise KeyboardInterrupt

    frames = tiny.scene_pictures(SCENES)
    with pytest.raises(KeyboardInterrupt):
        list(watch(tiny.FakeCamera(frames, 0), recognizer, interval_s=0.1, live=live, on_frame=on_frame))
    assert not our_threads()
    watching = watch(tiny.FakeCamera(frames, 0), recognizer, interval_s=0.01, live=live)
    next(watching)
    watching.close()
    watching.close()
    assert not our_threads() and list(watching) == []


@pytest.mark.parametrize("interval_s", [0.0, -1.0, float("nan"), float("inf")])
def test_an_interval_that_cannot_be_is_told(recognizer: Recognizer, interval_s: float) -> None:
    camera = tiny.FakeCamera([(0.0, np.zeros((8, 8, 3), np.uint8))], 0)
    with pytest.raises(UsageError, match="interval"):
        watch(camera, recognizer, interval_s=interval_s)
