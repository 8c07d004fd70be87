"""A trainer that says what a test wants the page to show, and what is left of its session at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.coach.session import Session
from spotter.serve.messages import (
    BodyMessage,
    Command,
    CueMessage,
    EndSet,
    ExerciseMessage,
    FaultMessage,
    GuideMessage,
    RepMessage,
    Skip,
    Start,
    State,
    WorkingMessage,
)
from tests.motion.stick import CENTRE, PIXELS_PER_METRE, Pose, raw_landmarks
from tests.serve.fake import FakeTrainer, FakeTrainers, rep, state

SQUAT = ExerciseMessage(name="squat", title="Squat", kind="reps")
PLANK = ExerciseMessage(name="plank", title="Plank", kind="hold")
STEP_BACK = GuideMessage(name="step-back", text="Step back until your feet are in the picture.")
TURN = GuideMessage(name="turn", text="Turn your side to the camera.")
LIGHT = GuideMessage(name="light", text="It is too dark. Turn on a light.")
KNEE = WorkingMessage(name="left_knee", title="Left knee", degrees=94.0)


def cue(text: str = "Knees out", severity: Any = "warning", since_s: float = 1.0) -> CueMessage:
    return CueMessage(name="knees-cave-in", text=text, severity=severity, since_s=since_s)


def squatting() -> BodyMessage:
    """A stick figure at the bottom of a squat, seen from the side in the middle of the picture."""
    pose = Pose(azimuth=60, trunk=35, thigh=85, knee=105, lift=80)
    xy = raw_landmarks(pose, np.zeros(1), noise_m=0.0)["xy"][0]
    metres = (xy - CENTRE) / PIXELS_PER_METRE
    shares = np.clip(0.5 + (metres - (0.0, 0.45)) / (2.0, 1.5), 0.01, 0.99)
    return BodyMessage(id=1, points=[(float(x), float(y), 0.95) for x, y in shares])


class StagedTrainer(FakeTrainer):
    """Says what its director wants; the stages follow the client's commands."""

    def look(self, image: NDArray[np.uint8], time_s: float) -> State:
        """The scene that is on."""
        director: Director = self._trainers  # type: ignore[assignment]
        self.times.append(time_s)
        director.brightness = float(image.mean())
        scene = dict(director.scene)
        new_rep = scene.get("rep")
        if new_rep is not None and (id(self), id(new_rep)) in director.shown:
            scene["rep"] = None  # a repetition is told once
        director.shown.add((id(self), id(new_rep)))
        if "stage" in scene:
            self.stage = scene["stage"]
        shown = state(self.stage).model_copy(update={**scene, "stage": self.stage})
        if shown.set == 1 and shown.count == 0:
            shown.count = len(self.times) // director.frames_per_rep if director.frames_per_rep else 0
        return shown

    def obey(self, command: Command) -> None:
        """Also end a rest, and forget the director's stage: the client chose another."""
        director: Director = self._trainers  # type: ignore[assignment]
        if self not in director.opened:  # of an earlier test, which is given up now
            return super().obey(command)
        director.scene.pop("stage", None)
        if isinstance(command, Skip) and self.stage == "rest":
            self.stage = "set"
            self.obeyed.append(command)
        else:
            super().obey(command)
        if isinstance(command, EndSet) and self.stage == "rest":
            director.scene.setdefault("rest_left_s", 42.0)

    def result(self) -> tuple[dict[str, Any], Session | None]:
        """A document as the coach's, and the session to keep."""
        director: Director = self._trainers  # type: ignore[assignment]
        return director.document, super().result()[1]


@dataclass
class Director(FakeTrainers):
    """Gives staged trainers out and tells them what to show.

    Attributes:
        scene: fields of ``State`` that every answer has.
        document: of the summary.
        frames_per_rep: after so many frames another repetition is counted, where the scene tells no count.
        brightness: mean of the newest frame's pixels, 0 to 255.
        shown: which repetitions were told to whom.
    """

    scene: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=lambda: summary())
    frames_per_rep: int = 0
    brightness: float = float("nan")
    shown: set[tuple[int, int]] = field(default_factory=set)

    def open(self, start: Start) -> FakeTrainer:
        """A trainer for a new session."""
        self.opened.append(StagedTrainer(start, self))
        return self.opened[-1]

    def show(self, **scene: Any) -> None:
        """Let every answer from now on have these fields; the others are as when nothing is known."""
        self.scene = scene

    def reset(self) -> None:
        """As new."""
        self.scene, self.document, self.frames_per_rep = {}, summary(), 0
        self.shown.clear()
        self.opened.clear()


def good_rep(number: int) -> RepMessage:
    return rep(number)


def faulty_rep(number: int) -> RepMessage:
    fault = FaultMessage(
        name="knees-cave-in", severity="warning", at_s=1.0, measured=0.8, limit=0.9, unit="", cue="Knees out"
    )
    return rep(number).model_copy(update={"faults": [fault], "score": 71.0})


def summary() -> dict[str, Any]:
    """What a session of two sets leaves."""
    times = [round(0.1 * step, 2) for step in range(200)]
    degrees = [170.0 - 70.0 * (1 - np.cos(2 * np.pi * time / 4)) / 2 for time in times]
    reps = [[good_rep(1), good_rep(2), faulty_rep(3)], [faulty_rep(1), good_rep(2)]]
    sets = [
        {
            "number": number, "exercise": "squat", "start_s": 10.0 * (number - 1), "end_s": 10.0 * number,
            "count": len(done), "attempts": 0, "held_s": 0.0, "rest_s": 30.0, "weight_kg": 20.0,
            "view": "side", "reps": [one.model_dump(mode="json") for one in done],
        }
        for number, done in enumerate(reps, start=1)
    ]  # fmt: skip
    return {
        "exercise": {"name": "squat", "title": "Squat", "kind": "reps"},
        "duration_s": 128.0, "count": 5, "attempts": 1, "held_s": 0.0, "sets": sets,
        "best": {"set": 1, "rep": 1, "score": 100.0, "why": "Deep and steady."},
        "worst": {"set": 1, "rep": 3, "score": 71.0, "why": "Your knees came together on the way up."},
        "one_thing": "Push your knees out over your toes on the way up.",
        "sentences": ["You did 5 squats in 2 sets.", "Your knees came together in 2 of them."],
        "not_judged": [{"fault": "heels-up", "title": "Heels up", "why": "your feet were not seen"}],
        "curve": {
            "time_s": times,
            "angles": [{"name": "knee", "title": "Knee", "degrees": [round(one, 1) for one in degrees]}],
            "reps": [
                {"turn_s": 2.0, "set": 1, "number": 1, "faulty": False},
                {"turn_s": 6.0, "set": 1, "number": 2, "faulty": False},
                {"turn_s": 10.0, "set": 1, "number": 3, "faulty": True},
            ],
        },
        "heart_rate": None,
    }  # fmt: skip
