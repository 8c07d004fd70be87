"""A stick figure that does squats, with what an analysis would say about them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.coach.analysis import (
    Analysis,
    ExerciseFound,
    Fault,
    Hold,
    NotJudged,
    Person,
    Rep,
    RepSet,
    Tempo,
)
from spotter.coach.schema import find_exercise
from spotter.coach.stretch import Stretch
from spotter.motion.angles import angle_table
from spotter.motion.motion import Motion

SQUAT = find_exercise("squat")
PLANK = find_exercise("plank")
FPS = 20.0
REP_S = 2.0
SHALLOW = Fault("too-shallow", "warning", 3.0, 121.0, 110.0, "deg", "Sit a little lower.")
CAVING = Fault("knees-cave-in", "danger", 5.0, 0.62, 0.8, "ratio", "Push your knees out over your toes.")


def knee_angle(time_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """170 degrees standing, 80 at the bottom, a repetition every two seconds."""
    return (125 + 45 * np.cos(2 * np.pi * time_s / REP_S)).astype(np.float32)


def figure(knee_deg: float, width: int, height: int) -> NDArray[np.float32]:
    """The 33 landmarks of somebody seen from the side, who folds at the knees and the hips."""
    unit = height / 10
    fold = math.radians(180 - knee_deg) / 2
    ankle = np.array([width / 2, height * 0.9])
    knee = ankle + 2.2 * unit * np.array([math.sin(fold), -math.cos(fold)])
    hip = knee + 2.2 * unit * np.array([-math.sin(fold), -math.cos(fold)])
    shoulder = hip + 2.4 * unit * np.array([math.sin(fold / 2), -math.cos(fold / 2)])
    places = {
        "ankle": ankle, "knee": knee, "hip": hip, "shoulder": shoulder,
        "elbow": shoulder + unit * np.array([1.0, 0.4]), "wrist": shoulder + unit * np.array([2.0, 0.2]),
        "heel": ankle + unit * np.array([-0.3, 0.2]), "foot_index": ankle + unit * np.array([0.7, 0.3]),
    }  # fmt: skip
    xy = np.repeat((shoulder + unit * np.array([0.2, -1.0]))[None], 33, axis=0)
    for name, place in places.items():
        xy[INDEX[f"left_{name}"]] = place
        xy[INDEX[f"right_{name}"]] = place + np.array([0.08 * unit, 0.0])
    return xy.astype(np.float32)


def motion(
    start_s: float = 0.0, end_s: float = 8.0, person: int = 1, width: int = 320, height: int = 240
) -> Motion:
    """Squats without a pause between two times; the angles other than the knees' are not seen."""
    frame = np.arange(round(start_s * FPS), round(end_s * FPS), dtype=np.int64)
    time_s = frame / FPS
    knee = knee_angle(time_s)
    unseen = np.full(len(frame), np.nan, np.float32)
    angles = {angle.name: unseen for angle in angle_table()}
    knees = {"left_knee": knee, "right_knee": knee + 2}
    sd = {**angles, "left_knee": np.full_like(knee, 5), "right_knee": np.full_like(knee, 7)}
    return Motion(
        person=person,
        time_s=time_s,
        frame=frame,
        shot=np.zeros(len(frame), np.int64),
        xy=np.stack([figure(float(one), width, height) for one in knee]),
        visibility=np.ones((len(frame), 33), np.float32),
        space=np.full((len(frame), 33, 3), np.nan, np.float32),
        values={**angles, **knees, "knee": knee + 1},
        sd=sd,
        views=np.full(len(frame), "side"),
    )


def rep(number: int, faults: Sequence[Fault] = (), complete: bool = True, score: float = 90.0) -> Rep:
    """The squat that ends at ``2 * number`` seconds."""
    end_s = REP_S * number
    return Rep(
        number,
        end_s - 2,
        end_s - 1,
        end_s,
        complete,
        "both",
        90.0,
        Tempo(0.9, 0.2, 0.9),
        0.97,
        score,
        tuple(faults),
    )


def squats(person: int = 1) -> Person:
    """A good squat, a shallow one, one with caving knees, and an attempt."""
    reps = (
        rep(1, score=96.0),
        rep(2, [SHALLOW], score=80.0),
        rep(3, [CAVING], score=60.0),
        rep(4, complete=False, score=math.nan),
    )
    return Person(
        id=person,
        view="side",
        sets=(RepSet(0.0, 8.0, reps),),
        not_judged=(NotJudged("uneven-legs", "The camera sees you from the side; from the front it shows."),),
        summary=("You kept an even pace.", "Push your knees out: in repetition 3 they came to 0.62."),
    )


def plank() -> Person:
    """Two holds, the first of which was spoilt."""
    sag = Fault("hips-sag", "warning", 2.5, 12.0, 8.0, "deg", "Squeeze your glutes.")
    return Person(1, "side", holds=(Hold(0.0, 3.0, (sag,)), Hold(4.0, 8.0)), summary=("You held 7 s.",))


def stretch(*people: Person, exercise: object = SQUAT, start_s: float = 0.0, end_s: float = 8.0) -> Stretch:
    """The stretch in which people did what they did."""
    motions = tuple(motion(start_s, end_s, person.id) for person in people)
    return Stretch(start_s, end_s, exercise, motions, people)  # type: ignore[arg-type]


def analysis(*people: Person, name: str | None = "squat", stem: str = "squat") -> Analysis:
    """The analysis of a clip of 320 by 240 pixels."""
    video: dict[str, object] = {
        "name": stem, "path": f"{stem}.mp4", "width": 320, "height": 240, "fps": FPS, "frames": 160,
    }  # fmt: skip
    return Analysis(video, ExerciseFound(name, "recognised", 0.93), people, {"decoding": 0.5})
