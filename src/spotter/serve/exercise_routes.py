"""What the coach knows: the exercises with their figures, and the models on this machine."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from spotter.coach.analysis import Severity
from spotter.coach.exercise import Exercise
from spotter.coach.schema import shipped_exercises
from spotter.coach.words import Words, words_of
from spotter.errors import ExerciseError
from spotter.models.card import ModelCard
from spotter.models.store import ModelStore
from spotter.serve.api_description import told
from spotter.serve.figures import figure_svg
from spotter.serve.recognizers import find_recognizers
from spotter.serve.services import Served

router = APIRouter(prefix="/api/v1", tags=["knowledge"])

_NO_EXERCISE = told({404: "there is no such exercise"})


class ExerciseShort(BaseModel):
    """An exercise: how it is done, and where the camera stands."""

    name: str
    title: str
    kind: Literal["reps", "hold"]
    about: str = Field(description="how it is done")
    camera: str = Field(description="where to put the camera")
    working_angles: list[str] = Field(description="angles that are drawn at their joints")
    figure: str = Field(description="address of its figure")


class FaultDocument(BaseModel):
    """What may go wrong, where the limit is, and by which source."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    title: str
    severity: Severity
    cue: str = Field(description="what to do")
    measure: str
    during: str = Field(description="the part of the repetition that is looked at")
    above: float | None
    below: float | None
    unit: str
    views: list[str] = Field(description="camera views that can show it")
    source: str = Field(description="guideline or paper for the limit")


class ExerciseDocument(ExerciseShort):
    """An exercise with what is judged in it."""

    faults: list[FaultDocument]


class ExerciseList(BaseModel):
    """Every exercise, in short."""

    exercises: list[ExerciseShort]


class ModelDocument(BaseModel):
    """A model file: what for, from where, and whether it is here."""

    name: str
    task: str
    licence: str
    source: str
    bytes: int
    state: Literal["ready", "missing", "damaged"]


class ModelList(BaseModel):
    """Every model file, and the trained recognizers there are."""

    models: list[ModelDocument]
    recognizers: list[str] = Field(description="what /api/v1/recognize?model= may name")


@router.get("/exercises")
async def list_exercises(language: str = "en") -> ExerciseList:
    """Every exercise, in short and in a language."""
    words = words_of(language)
    return ExerciseList(exercises=[_short(exercise, words) for exercise in shipped_exercises().values()])


@router.get("/exercises/{name}", responses=_NO_EXERCISE)
async def get_exercise(name: str, language: str = "en") -> ExerciseDocument:
    """One exercise: how it is done, where the camera stands, and what is judged by which source."""
    found, words = _find(name), words_of(language)
    told_faults = (replace(rule, title=words(rule.title), cue=words(rule.cue)) for rule in found.faults)
    faults = [FaultDocument.model_validate(rule) for rule in told_faults]
    return ExerciseDocument(**_short(found, words).model_dump(), faults=faults)


@router.get(
    "/exercises/{name}/figure.svg",
    responses={200: {"description": "the drawing", "content": {"image/svg+xml": {}}}, **_NO_EXERCISE},
    response_class=Response,
)
async def get_figure(name: str) -> Response:
    """The two ends of an exercise as a drawing."""
    return Response(figure_svg(_find(name).name), media_type="image/svg+xml")


@router.get("/models")
def list_models(served: Served) -> ModelList:
    """Every model file: its task, licence and size, where it comes from and whether it is here."""
    store = _store()
    return ModelList(
        models=[_model(card, store.status(name).state) for name, card in store.cards.items()],
        recognizers=list(find_recognizers(served.config)),
    )


@cache
def _store() -> ModelStore:
    """One for all requests, because it checks each file's checksum once."""
    return ModelStore()


def _find(name: str) -> Exercise:
    known = shipped_exercises()
    if name not in known:
        raise ExerciseError(f"there is no exercise {name!r}; there are: {', '.join(known)}")
    return known[name]


def _short(exercise: Exercise, words: Words) -> ExerciseShort:
    return ExerciseShort(
        name=exercise.name,
        title=words(exercise.title),
        kind=exercise.kind,
        about=words(exercise.about),
        camera=words(exercise.camera),
        working_angles=list(exercise.working_angles),
        figure=f"/api/v1/exercises/{exercise.name}/figure.svg",
    )


def _model(card: ModelCard, state: Literal["ready", "missing", "damaged"]) -> ModelDocument:
    return ModelDocument(
        name=card.name,
        task=card.task,
        licence=card.licence,
        source=card.source,
        bytes=card.size,
        state=state,
    )
