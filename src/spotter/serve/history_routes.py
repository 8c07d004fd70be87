"""The sessions that were kept: people, sessions, progress, comparisons and months."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from inspect import getdoc
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response, StreamingResponse

from spotter.coach.session import Angles
from spotter.errors import SessionNotFoundError
from spotter.history.compare import compare
from spotter.history.compare_document import compare_document
from spotter.history.document import entry_document, session_document
from spotter.history.month_document import month_document
from spotter.history.progress_document import progress_document
from spotter.serve.api_description import told
from spotter.serve.services import Served

router = APIRouter(prefix="/api/v1", tags=["history"])

Name = Annotated[str | None, Query(max_length=200)]
Id = Annotated[str, Query(min_length=1, max_length=100)]

_DIGITS = 3  # after the point, of seconds and degrees
_NO_SESSION = told({404: "there is no such session"})


class People(BaseModel):
    """Everybody in the history."""

    people: list[str]


class SessionEntry(BaseModel):
    """A session without its repetitions."""

    id: str
    person: str
    started: str = Field(description="ISO 8601 with the time zone")
    duration_s: float | None
    source: str
    note: str
    reps: dict[str, int] = Field(description="exercise to how many complete repetitions")
    held_s: dict[str, float] = Field(description="exercise to how many seconds were held")


class SessionList(BaseModel):
    """Sessions, the newest first."""

    sessions: list[SessionEntry]


def _answers(document: Callable[..., dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """The response of a route that answers with such a document, as its function describes it."""
    return {
        200: {
            "description": getdoc(document),
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    }


# Routes that read the database are plain functions: the server runs those in threads. Where a document may be
# large they also write its text, for which the event loop would have to stand still.


@router.get("/people")
def list_people(served: Served) -> People:
    """Names of everybody in the history."""
    return People(people=list(served.records.history().people()))


@router.get("/sessions")
def list_sessions(
    served: Served,
    person: Name = None,
    exercise: Name = None,
    before: Annotated[
        AwareDatetime | None, Query(description="begun before; for more, the last one's start")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> SessionList:
    """Sessions without their repetitions, the newest first."""
    found = served.records.history().find(person, exercise, until=before, limit=limit)
    return SessionList(sessions=[SessionEntry(**entry_document(entry)) for entry in found])


@router.get(
    "/sessions/{ident}", responses={**_answers(session_document), **_NO_SESSION}, response_class=Response
)
def get_session(served: Served, ident: str) -> Response:
    """A whole session, but of its angles only the names; the beginning of its id is enough."""
    session = served.records.history().get(ident)
    document = session_document(replace(session, angles=None))
    document["angles"] = None if session.angles is None else list(session.angles.values)
    return _json(document)


@router.get(
    "/sessions/{ident}/angles",
    responses={
        200: {
            "description": '{"time_s": [...], "values": {NAME: [...]}, "sd": {NAME: [...]}}',
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **told({404: "there is no such session, or no angle of that name"}),
    },
    response_class=StreamingResponse,
)
def get_angles(
    served: Served, ident: str, name: Annotated[list[str] | None, Query(max_length=100)] = None
) -> StreamingResponse:
    """Angles and measures of a session over time, with standard deviations; all if none is named."""
    session = served.records.history().get(ident)
    angles = session.angles or Angles(np.zeros(0), {})
    wanted = angles.values if name is None else name
    unknown = [one for one in wanted if one not in angles.values]
    if unknown:
        known = ", ".join(angles.values) or "none"
        raise SessionNotFoundError(f"the session has no angle {unknown[0]!r}; there are: {known}")
    return StreamingResponse(_angles_text(angles, list(wanted)), media_type="application/json")


@router.delete("/sessions/{ident}", status_code=204, responses=_NO_SESSION)
def delete_session(served: Served, ident: str) -> Response:
    """Delete a session with all that belongs to it, by its whole id."""
    history = served.records.history()
    if history.get(ident).id != ident:
        raise SessionNotFoundError(f"no session has the id {ident!r}; to delete one, give its whole id")
    history.delete(ident)
    return Response(status_code=204)


@router.get("/progress", responses=_answers(progress_document), response_class=Response)
def get_progress(
    served: Served,
    person: Annotated[str, Query(min_length=1, max_length=200)],
    exercise: Name = None,
    since: date | None = None,
) -> Response:
    """How a person came along: measures with their trends and uncertainty, weeks, faults, records."""
    return _json(progress_document(served.records.history().person_progress(person, exercise, since)))


@router.get("/compare", responses={**_answers(compare_document), **_NO_SESSION}, response_class=Response)
def compare_sessions(served: Served, a: Id, b: Id) -> Response:
    """Two sessions, repetition over repetition; differences are the second's less the first's."""
    history = served.records.history()
    return _json(compare_document(compare(history.get(a), history.get(b))))


@router.get("/months/{month}", responses=_answers(month_document), response_class=Response)
def get_month(
    served: Served, month: str, person: Annotated[list[str] | None, Query(max_length=50)] = None
) -> Response:
    """A month of several people side by side; of everybody if nobody is named."""
    return _json(month_document(served.records.history().month(month, person or ())))


def _json(document: dict[str, Any]) -> Response:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    return Response(text, media_type="application/json")


def _angles_text(angles: Angles, names: list[str]) -> Iterator[str]:
    """The angles as JSON, piece by piece: half an hour of them is 20 MB."""
    yield f'{{"time_s": {_numbers(angles.time_s)}'
    for key, columns in (("values", angles.values), ("sd", angles.sd)):
        yield f', "{key}": {{'
        there = [name for name in names if name in columns]
        for place, name in enumerate(there):
            yield f"{', ' if place else ''}{json.dumps(name)}: {_numbers(columns[name])}"
        yield "}"
    yield "}"


def _numbers(values: NDArray[Any]) -> str:
    """An array as JSON, null where a number is not known."""
    rounded = np.round(values.astype(np.float64), _DIGITS)
    return json.dumps(rounded.tolist()).replace("NaN", "null")
