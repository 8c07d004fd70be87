"""What FIT calls an exercise: its category and its name in the SDK's profile."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from spotter.exchange.extras import records_extra

UNKNOWN = 65534
"""FIT's category of an exercise that it has no name for."""


@dataclass(frozen=True, slots=True)
class FitExercise:
    """An exercise as FIT writes it.

    Attributes:
        category: number in the profile's ``exercise_category``.
        name: number in the names of that category; None for a user's own exercise.
    """

    category: int
    name: int | None


@cache
def fit_exercise(exercise: str, weighted: bool = False) -> FitExercise:
    """How FIT writes an exercise; one that FIT has no name for is of its unknown category.

    Args:
        exercise: as Spotter calls it.
        weighted: whether a weight was moved; FIT has other names for some exercises then.

    Raises:
        MissingExtraError: Garmin's SDK is not installed.

    >>> fit_exercise("squat"), fit_exercise("squat", weighted=True).name
    (FitExercise(category=28, name=61), 62)
    >>> fit_exercise("my-own-row")
    FitExercise(category=65534, name=None)
    """
    with records_extra("writing FIT"):
        from garmin_fit_sdk import Profile
    row = fit_table().get(exercise)
    if row is None:
        return FitExercise(UNKNOWN, None)
    types = Profile["types"]
    name = row.get("weighted", row["name"]) if weighted else row["name"]
    return FitExercise(
        _number(types["exercise_category"], row["category"]),
        _number(types[f"{row['category']}_exercise_name"], name),
    )


@cache
def fit_table() -> Mapping[str, Mapping[str, str]]:
    """The rows of ``fit_exercises.toml`` by Spotter's name of the exercise.

    >>> fit_table()["plank"]["category"]
    'plank'
    """
    return tomllib.loads((files("spotter.exchange") / "fit_exercises.toml").read_text("utf-8"))


def _number(names: Mapping[int | str, str], wanted: str) -> int:
    return next(int(number) for number, name in names.items() if name == wanted)
