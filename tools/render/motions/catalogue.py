"""Which exercises exist, how they are done cleanly, and what each built-in fault changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..body import Body
from ..rig import Pose
from . import floor, standing, upper
from .parts import Params


@dataclass(frozen=True, slots=True)
class Exercise:
    """A movement between its start (progress 0) and its far end (progress 1).

    `clean` are its parameters, `faults` what a fault changes in them, `tempo` out, hold, back in seconds.
    """

    pose: Callable[[Body, float, Params], Pose]
    clean: dict[str, float]
    faults: dict[str, dict[str, float]]
    tempo: tuple[float, float, float] = (1.2, 0.2, 1.0)
    equipment: str = "none"
    alternates: bool = False
    sways: bool = True


EXERCISES = {
    "squat": Exercise(
        standing.squat, standing.SQUAT, tempo=(1.4, 0.25, 1.2),
        faults={
            "shallow": {"scale": 0.58}, "knees-in": {"valgus": 34.0}, "leaning": {"lean": 64.0},
            "rounded-back": {"round": 50.0}, "heels-up": {"heels": 18.0}, "one-sided": {"shift": 0.08},
        },
    ),
    "deadlift": Exercise(
        standing.deadlift, standing.DEADLIFT, tempo=(1.6, 0.25, 1.4), equipment="barbell",
        faults={
            "rounded-back": {"round": 55.0}, "squatting": {"depth": 105.0, "lean": 42.0, "shank": 0.26},
            "hips-first": {"depth": 25.0, "lean": 84.0, "shank": 0.0}, "shallow": {"scale": 0.58},
        },
    ),
    "good-morning": Exercise(
        standing.good_morning, standing.GOOD_MORNING, tempo=(1.7, 0.2, 1.4), equipment="back-bar",
        faults={
            "rounded-back": {"round": 55.0}, "knees-bent": {"depth": 70.0, "shank": 0.1, "lean": 70.0},
            "shallow": {"scale": 0.55},
        },
    ),
    "lunge": Exercise(
        standing.lunge, standing.LUNGE, tempo=(1.3, 0.2, 1.2), alternates=True,
        faults={
            "knees-in": {"valgus": 36.0}, "leaning": {"lean": 42.0}, "shallow": {"scale": 0.5},
            "hip-drop": {"hips": 16.0},
        },
    ),
    "side-lunge": Exercise(
        standing.side_lunge, standing.SIDE_LUNGE, tempo=(1.4, 0.25, 1.3), alternates=True,
        faults={
            "knees-in": {"valgus": 38.0}, "leaning": {"lean": 66.0}, "shallow": {"scale": 0.5},
            "trailing-knee-bent": {"trailing": 50.0},
        },
    ),
    "push-up": Exercise(
        floor.push_up, floor.PUSH_UP, tempo=(1.2, 0.2, 1.0), sways=False,
        faults={
            "hips-sag": {"hip": 24.0}, "hips-pike": {"hip": -36.0}, "head-drops": {"head": 45.0},
            "elbows-flare": {"flare": 88.0}, "shallow": {"scale": 0.52},
        },
    ),
    "biceps-curl": Exercise(
        upper.biceps_curl, upper.CURL, tempo=(1.0, 0.2, 1.2), equipment="dumbbells",
        faults={
            "elbows-drift": {"drift": 42.0}, "swing": {"swing": 22.0}, "shallow": {"scale": 0.58},
            "uneven": {"uneven": 0.4}, "not-lowered": {"rest": 62.0, "flex": 72.0},
        },
    ),
    "shoulder-press": Exercise(
        upper.shoulder_press, upper.PRESS, tempo=(1.1, 0.25, 1.2), equipment="dumbbells",
        faults={
            "not-finished": {"scale": 0.66}, "leaning-back": {"swing": 20.0}, "uneven": {"uneven": 0.35},
            "ahead": {"ahead": 0.26},
        },
    ),
    "lateral-raise": Exercise(
        upper.lateral_raise, upper.RAISE, tempo=(1.1, 0.2, 1.3), equipment="dumbbells",
        faults={
            "too-high": {"raise": 108.0}, "too-low": {"scale": 0.62}, "swing": {"swing": 18.0},
            "uneven": {"uneven": 0.35}, "elbows-bent": {"elbow": 70.0}, "shrug": {"shrug": 18.0},
        },
    ),
    "jumping-jack": Exercise(
        upper.jumping_jack, upper.JACK, tempo=(0.5, 0.06, 0.5),
        faults={"arms-low": {"raise": 84.0}, "feet-close": {"spread": 0.16}, "elbows-bent": {"elbow": 75.0}},
    ),
    "sit-up": Exercise(
        floor.sit_up, floor.SIT_UP, tempo=(1.3, 0.2, 1.4), sways=False,
        faults={"shallow": {"scale": 0.36}, "neck-pull": {"neck": 42.0}, "feet-lift": {"heels": 0.14}},
    ),
    "plank": Exercise(
        floor.plank, floor.PLANK, sways=False,
        faults={"hips-sag": {"hip": 20.0}, "hips-pike": {"hip": -36.0}, "head-drops": {"head": 42.0}},
    ),
}  # fmt: skip
