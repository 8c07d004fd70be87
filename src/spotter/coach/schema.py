"""Reads exercises from TOML, with errors that name the file, the key and the allowed values."""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from spotter.body.keypoints import INDEX
from spotter.coach.analysis import Severity
from spotter.coach.exercise import Counting, Exercise, FarEnd, FaultRule, Gate, Moment, Statistic
from spotter.errors import ExerciseError
from spotter.motion.angles import angle_table
from spotter.motion.measures import units

View = Literal["front", "back", "oblique", "side"]
Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]


def _known_value(name: str) -> str:
    """A value of ``Motion.values``, or an error that offers the nearest names."""
    if name not in units():
        near = difflib.get_close_matches(name, units(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "see `spotter exercises measures`"
        raise ValueError(f"there is no angle or measure {name!r}; {hint}")
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Limits(_Strict):
    measure: str
    during: Moment
    statistic: Statistic = "mean"
    above: float | None = None
    below: float | None = None

    @field_validator("measure")
    @classmethod
    def _known_on_both_sides(cls, name: str) -> str:
        for side in ("left", "right"):
            _known_value(name.replace("*", side))
        return name

    @model_validator(mode="after")
    def _has_a_limit(self) -> _Limits:
        if self.above is None and self.below is None:
            raise ValueError("needs a limit: the key above, or the key below")
        return self


class _Gate(_Limits):
    soft: Annotated[float, Field(gt=0)]
    complete_only: bool = False
    unseen: Annotated[float, Field(ge=0, le=1)] = 0.75


class _Fault(_Limits):
    name: Name
    title: Text
    margin: Annotated[float, Field(ge=0)]
    unit: Text
    views: Annotated[list[View], Field(min_length=1)]
    severity: Severity
    cue: Text
    source: Text
    landmarks: Annotated[list[str], Field(min_length=1)]
    praise: Text | None = None

    @field_validator("landmarks")
    @classmethod
    def _known_landmarks(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in INDEX:
                near = difflib.get_close_matches(name, INDEX, n=1)
                raise ValueError(
                    f"there is no landmark {name!r}" + (f"; did you mean {near[0]}?" if near else "")
                )
        return names

    @model_validator(mode="after")
    def _one_limit_in_its_unit(self) -> _Fault:
        if self.above is not None and self.below is not None:
            raise ValueError("a fault has one limit: the key above, or the key below, not both")
        true_unit = units()[self.measure.replace("*", "left")]
        if self.unit != true_unit:
            raise ValueError(f"unit is {self.unit!r}, but {self.measure} is measured in {true_unit!r}")
        return self


class _Counting(_Strict):
    signal: str
    far_end: FarEnd
    sides: Literal["together", "either"] = "together"
    leading: str | None = None
    turn_signal: str | None = None
    min_range: Annotated[float, Field(gt=0)]
    min_s: Annotated[float, Field(gt=0)] = 0.5
    max_s: Annotated[float, Field(gt=0)] = 15.0

    @model_validator(mode="after")
    def _times_in_order(self) -> _Counting:
        if self.min_s >= self.max_s:
            raise ValueError(
                f"min_s is {self.min_s:g} and max_s is {self.max_s:g}; min_s must be the smaller one"
            )
        return self

    @field_validator("leading")
    @classmethod
    def _known_leading(cls, name: str | None) -> str | None:
        return name if name is None else _known_value(name)

    @model_validator(mode="after")
    def _known_signal(self) -> _Counting:
        for signal in (self.signal, self.turn_signal or self.signal):
            for prefix in ("left_", "right_") if self.sides == "either" else ("",):
                _known_value(prefix + signal)
        return self


class _File(_Strict):
    name: Name
    title: Text
    kind: Literal["reps", "hold"]
    about: Text
    camera: Text
    working_angles: Annotated[list[str], Field(min_length=1)]
    counting: _Counting | None = None
    gate: Annotated[list[_Gate], Field(min_length=1)]
    fault: list[_Fault] = []

    @field_validator("working_angles")
    @classmethod
    def _known_angles(cls, names: list[str]) -> list[str]:
        known = [angle.name for angle in angle_table()]
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=3)
                raise ValueError(
                    f"there is no angle {name!r}" + (f"; did you mean {' or '.join(near)}?" if near else "")
                )
        return names

    @model_validator(mode="after")
    def _counts_or_holds(self) -> _File:
        if (self.kind == "reps") != (self.counting is not None):
            raise ValueError('kind = "reps" needs a table [counting], and kind = "hold" must not have one')
        starred = [one.measure for one in (*self.gate, *self.fault) if "*" in one.measure]
        if self.kind == "hold" and starred:
            raise ValueError(f"a hold has no side that moves: name left or right in {', '.join(starred)}")
        return self


def read_exercise(path: Path) -> Exercise:
    """One exercise from a TOML file.

    Raises:
        ExerciseError: the file cannot be read, is no TOML, or breaks the schema; the message names the
            file, the key and the allowed values.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ExerciseError(
            f"{path}: cannot be read: {error}. Give the path of an exercise's TOML file."
        ) from error
    return parse_exercise(text, str(path))


def parse_exercise(text: str, origin: str) -> Exercise:
    """One exercise from TOML text; ``origin`` names it in errors.

    Raises:
        ExerciseError: as ``read_exercise``.
    """
    try:
        checked = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ExerciseError(f"{origin}: this is not TOML: {error}.") from error
    except ValidationError as error:
        raise ExerciseError(
            "\n".join(_explain(origin, dict(problem)) for problem in error.errors())
        ) from error
    return _exercise(checked)


@cache
def shipped_exercises() -> dict[str, Exercise]:
    """The exercises that come with Spotter, by name.

    >>> shipped_exercises()["squat"].title
    'Squat'
    """
    folder = files("spotter.coach") / "exercises"
    found = [
        parse_exercise(file.read_text("utf-8"), file.name)
        for file in sorted(folder.iterdir(), key=lambda f: f.name)
        if file.name.endswith(".toml")
    ]
    return {exercise.name: exercise for exercise in found}


def find_exercise(name: str) -> Exercise:
    """A shipped exercise by name, or one from a TOML file by its path.

    Raises:
        ExerciseError: there is none of that name, with the nearest names; or the file is wrong.
    """
    if name.endswith(".toml"):
        return read_exercise(Path(name))
    known = shipped_exercises()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=2, cutoff=0.4)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ExerciseError(f"there is no exercise {name!r}.{hint} Known are: {', '.join(known)}.")
    return known[name]


def named_exercise(exercise: str | Exercise | None) -> Exercise | None:
    """An exercise by its name or its file; None for None and ``"auto"``.

    Raises:
        ExerciseError: there is no such exercise.
    """
    if exercise is None or exercise == "auto":
        return None
    return find_exercise(exercise) if isinstance(exercise, str) else exercise


def _explain(origin: str, problem: dict[str, Any]) -> str:
    """One schema error in words: file, key, what came, what was wanted."""
    key = (
        ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in problem["loc"])
        or "the file"
    )
    match problem["type"]:
        case "literal_error":
            return f"{origin}: {key} is {problem['input']!r}; allowed are {problem['ctx']['expected']}."
        case "missing":
            return f"{origin}: {key} is missing."
        case "extra_forbidden":
            return f"{origin}: {key} is not a key that is known here."
        case "value_error":
            return f"{origin}: {key}: {problem['ctx']['error']}."
        case _:
            return (
                f"{origin}: {key} is {problem['input']!r}: {problem['msg'][0].lower()}{problem['msg'][1:]}."
            )


def _exercise(file: _File) -> Exercise:
    counting = Counting(**file.counting.model_dump()) if file.counting else None
    return Exercise(
        name=file.name,
        title=file.title,
        kind=file.kind,
        about=file.about,
        camera=file.camera,
        working_angles=tuple(file.working_angles),
        counting=counting,
        gates=tuple(Gate(**gate.model_dump()) for gate in file.gate),
        faults=tuple(_fault(fault) for fault in file.fault),
        praise={fault.name: fault.praise for fault in file.fault if fault.praise},
    )


def _fault(fault: _Fault) -> FaultRule:
    given = fault.model_dump(exclude={"praise"})
    return FaultRule(**given | {"views": tuple(fault.views), "landmarks": tuple(fault.landmarks)})
