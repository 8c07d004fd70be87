"""Spotter watches a body move: it counts repetitions, measures joint angles, and says what to do better.

Example::

    import spotter

    analysis = spotter.analyze("squat.mp4")
    print(analysis.exercise.name, analysis.count)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spotter.body.part_map import PartMap
    from spotter.coach.analysis import Analysis, Fault, Hold, Person, Rep, RepSet
    from spotter.coach.analyze import analyze
    from spotter.coach.exercise import Exercise
    from spotter.coach.live import Coach, CoachState
    from spotter.errors import SpotterError
    from spotter.media.frame import Frame
    from spotter.recognizer.predict import Prediction, Recognizer
    from spotter.segmentation import segment

__version__ = "0.1.0"

_HOMES = {
    "PartMap": "body.part_map",
    "Analysis": "coach.analysis",
    "Fault": "coach.analysis",
    "Hold": "coach.analysis",
    "Person": "coach.analysis",
    "Rep": "coach.analysis",
    "RepSet": "coach.analysis",
    "analyze": "coach.analyze",
    "Exercise": "coach.exercise",
    "Coach": "coach.live",
    "CoachState": "coach.live",
    "SpotterError": "errors",
    "Frame": "media.frame",
    "Prediction": "recognizer.predict",
    "Recognizer": "recognizer.predict",
    "segment": "segmentation",
}

__all__ = [
    "Analysis",
    "Coach",
    "CoachState",
    "Exercise",
    "Fault",
    "Frame",
    "Hold",
    "PartMap",
    "Person",
    "Prediction",
    "Recognizer",
    "Rep",
    "RepSet",
    "SpotterError",
    "__version__",
    "analyze",
    "segment",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import spotter`` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'spotter' has no attribute {name!r}")
    return getattr(import_module(f"spotter.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
