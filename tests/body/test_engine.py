"""The pose engine with scripted models: when it searches, whom it follows, and what a cut does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import spotter.body.engine
from spotter.body.detector import Detection
from spotter.body.engine import PoseEngine
from spotter.body.keypoints import Body
from spotter.body.landmarker import Landmarks
from spotter.body.roi import Roi
from spotter.media.frame import Frame
from tests.body.people import BLUE, GREEN, RED, Someone, detection_of, landmarks_of, picture_of

FPS = 25
Script = Callable[[float], Sequence[Someone]]


class Stage:
    """Plays a script of people to the engine, and counts what the engine asks for.

    The models see who is on the stage and not hidden: somebody behind another person is seen as that person.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now: list[Someone] = []
        self.detector_calls: list[float] = []
        self.landmark_calls = 0
        self.time_s = 0.0
        self.detects = True
        monkeypatch.setattr(spotter.body.engine, "Detector", lambda store, parallel: self._detect)
        monkeypatch.setattr(spotter.body.engine, "Landmarker", lambda store, with_mask, parallel: self._look)

    def play(
        self, engine: PoseEngine, script: Script, start_s: float, end_s: float, **picture: Any
    ) -> list[list[Body]]:
        """The engine's answers to the frames of a stretch of time."""
        answers = []
        for index in range(round(start_s * FPS), round(end_s * FPS)):
            self.time_s = index / FPS
            self.now = list(script(self.time_s))
            answers.append(engine.push(Frame(picture_of(*self.now, **picture), self.time_s, index)))
        return answers

    def _detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        self.detector_calls.append(self.time_s)
        return [detection_of(person) for person in self._visible()] if self.detects else []

    def _look(self, image: NDArray[np.uint8], roi: Roi) -> Landmarks:
        """The front-most person well inside the square; else an unbelievable result."""
        self.landmark_calls += 1
        for person in reversed(self.now):
            if abs(person.x - roi.x) < 0.3 * roi.size and abs(person.y - roi.y) < 0.3 * roi.size:
                return landmarks_of(person)
        return landmarks_of(Someone(roi.x, roi.y, roi.size), score=0.1)

    def _visible(self) -> list[Someone]:
        seen: list[Someone] = []
        for person in reversed(self.now):
            if all(abs(person.x - other.x) > 0.15 * other.tall for other in seen):
                seen.append(person)
        return sorted(seen, key=lambda person: person.x)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(monkeypatch)


@pytest.fixture
def engine(stage: Stage) -> PoseEngine:
    return PoseEngine(store=object())  # type: ignore[arg-type]


ONE = Someone(100, 90, 120, RED)
TWO = Someone(230, 90, 120, BLUE)


def ids(answers: list[list[Body]]) -> list[list[int]]:
    return [[body.id for body in bodies] for bodies in answers]


def where(answer: list[Body]) -> dict[int, float]:
    return {body.id: float((body.keypoints.xy[23, 0] + body.keypoints.xy[24, 0]) / 2) for body in answer}


def test_a_person_who_crosses_behind_another_keeps_the_number(stage: Stage, engine: PoseEngine) -> None:
    def script(time_s: float) -> list[Someone]:
        return [Someone(40 + 60 * time_s, 90, 110, BLUE), Someone(280 - 60 * time_s, 90, 120, RED)]

    answers = stage.play(engine, script, 0, 4)
    assert where(answers[10]) == pytest.approx({1: 256, 2: 64}) or where(answers[10]) == pytest.approx(
        {1: 64, 2: 256}
    )
    walker = next(number for number, x in where(answers[10]).items() if x < 100)
    other = 3 - walker
    assert all(set(row) <= {1, 2} for row in ids(answers))
    assert where(answers[-1]) == pytest.approx({walker: 40 + 60 * 3.96, other: 280 - 60 * 3.96})
    assert sum(len(row) < 2 for row in ids(answers)) < 1.2 * FPS  # hidden for about a second


def test_the_detector_runs_only_now_and_then(stage: Stage, engine: PoseEngine) -> None:
    answers = stage.play(engine, lambda t: [replace(ONE, x=100 + 20 * np.sin(t))], 0, 4)
    assert ids(answers) == [[1]] * 100
    assert stage.detector_calls[0] == 0
    assert 4 <= len(stage.detector_calls) <= 9  # for people who come in, twice a second at most
    assert np.diff(stage.detector_calls).min() >= 0.5 - 1e-9
    assert stage.landmark_calls <= 100 + 1


def test_the_detector_rests_when_all_are_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = PoseEngine(store=object(), max_people=1)  # type: ignore[arg-type]
    answers = stage.play(engine, lambda t: [ONE], 0, 2)
    assert ids(answers) == [[1]] * 50
    assert stage.detector_calls == [0.0]


def test_an_empty_picture_is_searched_a_dozen_times_a_second(stage: Stage, engine: PoseEngine) -> None:
    assert ids(stage.play(engine, lambda t: [], 0, 1)) == [[]] * 25
    assert len(stage.detector_calls) == 13
    assert stage.landmark_calls == 0


def test_somebody_who_comes_in_is_found_within_half_a_second(stage: Stage, engine: PoseEngine) -> None:
    answers = ids(stage.play(engine, lambda t: [ONE] if t < 1 else [ONE, TWO], 0, 3))
    first = answers.index([1, 2])
    assert 25 <= first <= 38
    assert answers[first:] == [[1, 2]] * (75 - first)


def test_somebody_lost_beside_others_is_searched_at_once(stage: Stage, engine: PoseEngine) -> None:
    def script(time_s: float) -> list[Someone]:
        return [ONE, TWO] if time_s < 1 or time_s > 1.4 else [ONE]

    answers = ids(stage.play(engine, script, 0, 3))
    assert answers[25] == [1]
    back = next(k for k, row in enumerate(answers) if k > 35 and row == [1, 2])
    assert back / FPS <= 1.4 + 0.2
    assert answers[back:] == [[1, 2]] * (75 - back)
    calls = np.array(stage.detector_calls)
    assert np.count_nonzero((calls > 1) & (calls < 1.4)) >= 3


def test_people_who_leave_are_not_answered(stage: Stage, engine: PoseEngine) -> None:
    answers = ids(stage.play(engine, lambda t: [ONE, TWO] if t < 1 else [TWO], 0, 2))
    assert answers[24] == [1, 2]
    assert set(map(tuple, answers[26:])) in ({(1,)}, {(2,)})


@pytest.mark.parametrize("most", [1, 2, 4])
def test_no_more_people_than_asked_for(stage: Stage, most: int) -> None:
    crowd = [
        Someone(30 + 52 * k, 90, 60, colour) for k, colour in enumerate([RED, BLUE, GREEN, RED, BLUE, GREEN])
    ]
    engine = PoseEngine(store=object(), max_people=most)  # type: ignore[arg-type]
    answers = ids(stage.play(engine, lambda t: crowd, 0, 1))
    assert answers == [list(range(1, most + 1))] * 25


def test_one_person_is_not_found_twice(
    stage: Stage, engine: PoseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = [detection_of(replace(ONE, x=100 + d, tall=120 - d)) for d in (0, 8, 16)]
    monkeypatch.setattr(engine, "_detector", lambda image: near)
    assert ids(stage.play(engine, lambda t: [ONE], 0, 2)) == [[1]] * 50


def test_what_the_landmark_model_does_not_believe_in_is_nobody(
    stage: Stage, engine: PoseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    poster = Someone(250, 60, 80)
    monkeypatch.setattr(engine, "_detector", lambda image: [detection_of(poster), detection_of(ONE)])
    assert ids(stage.play(engine, lambda t: [ONE], 0, 1)) == [[1]] * 25


def test_a_roughly_placed_detection_is_looked_at_again(
    stage: Stage, engine: PoseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look does not believe, but points at the person; the second look does."""
    rough = replace(ONE, x=145)
    look = stage._look

    def hesitant(image: NDArray[np.uint8], roi: Roi) -> Landmarks:
        found = look(image, roi)
        return landmarks_of(ONE, score=0.2) if abs(roi.x - rough.x) < 1 else found

    monkeypatch.setattr(engine, "_landmarker", hesitant)
    monkeypatch.setattr(engine, "_detector", lambda image: [detection_of(rough)])
    answers = stage.play(engine, lambda t: [ONE], 0, 1)
    assert ids(answers) == [[1]] * 25
    assert where(answers[0])[1] == pytest.approx(ONE.x)


def test_a_cut_starts_anew(stage: Stage, engine: PoseEngine) -> None:
    before = stage.play(engine, lambda t: [ONE, TWO], 0, 1, background=200)
    assert engine.shot == 0
    after = stage.play(engine, lambda t: [replace(TWO, colour=GREEN)], 1, 2, background=20)
    assert engine.shot == 1
    assert ids(before)[-1] == [1, 2]
    assert ids(after) == [[3]] * 25  # found in the very first frame, and taken for nobody of before
    assert 1.0 in stage.detector_calls


def test_nobody_is_followed_into_another_shot(stage: Stage, engine: PoseEngine) -> None:
    stage.play(engine, lambda t: [ONE], 0, 1, background=200)
    stage.detects = False
    # somebody stands where the athlete was: without a detection they are not believed to be the athlete
    assert ids(stage.play(engine, lambda t: [ONE], 1, 1.2, background=20)) == [[]] * 5


def test_where_the_time_went(stage: Stage, engine: PoseEngine) -> None:
    stage.play(engine, lambda t: [ONE], 0, 0.5)
    assert set(engine.spent_s) == {"detector", "landmarks", "tracking"}
    assert all(seconds > 0 for seconds in engine.spent_s.values())


def test_bodies_carry_what_was_seen(stage: Stage, engine: PoseEngine) -> None:
    (body,) = stage.play(engine, lambda t: [ONE], 0, 0.04)[0]
    assert body.keypoints.xy == pytest.approx(landmarks_of(ONE).keypoints.xy)
    assert body.score == pytest.approx(0.99)
    assert body.mask is None


def test_people_are_searched_for_beside_following_those_in_sight(
    stage: Stage, engine: PoseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play(engine, lambda _: [ONE], 0, 0.5)
    followed = threading.Event()
    look, detect = stage._look, stage._detect
    monkeypatch.setattr(engine, "_landmarker", lambda *seen: followed.set() or look(*seen))
    monkeypatch.setattr(engine, "_detector", lambda image: detect(image) if followed.wait(10) else [])
    answers = stage.play(engine, lambda _: [ONE, TWO], 0.5, 1.5)
    assert ids(answers)[-1] == [1, 2]
