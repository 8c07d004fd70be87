"""Uploaded videos: taking them in, saying how far their analysis is, giving out what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from pydantic import AwareDatetime
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import FileResponse, Response, StreamingResponse

from spotter.coach.schema import shipped_exercises
from spotter.errors import SpotterError, UsageError
from spotter.serve.analysis_document import AnalysisDocument, AnalysisList, analysis_document
from spotter.serve.analysis_intake import check_space, date_file, receive
from spotter.serve.analysis_queue import AnalysisQueue
from spotter.serve.analysis_store import Upload, UploadStore, Wish
from spotter.serve.api_description import told
from spotter.serve.security import DOCUMENT_POLICY
from spotter.serve.services import Served

_YEARS = range(1971, 2200)
_QUIET_S = 15.0  # a line without meaning so often, or a proxy may close the stream
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".mp4": "video/mp4",
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    config = app.state.services.config
    queue = AnalysisQueue(UploadStore(config.data / "uploads"), config.database)
    try:
        await queue.start()
        app.state.analyses = queue
    except SpotterError as error:  # the live coach works all the same
        _LOG.warning("no video can be uploaded: %s", error)
        app.state.analyses = error
    ending = asyncio.create_task(_end(queue, app.state.stopping))
    try:
        yield
    finally:
        ending.cancel()
        await queue.close()


async def _end(queue: AnalysisQueue, stopping: asyncio.Event) -> None:
    await stopping.wait()
    queue.end()


async def _queue(connection: HTTPConnection) -> AnalysisQueue:
    queue: AnalysisQueue | SpotterError = connection.app.state.analyses
    if isinstance(queue, SpotterError):
        raise HTTPException(503, str(queue))
    return queue


Queue = Annotated[AnalysisQueue, Depends(_queue)]


async def _upload(queue: Queue, ident: str) -> Upload:
    found = queue.find(ident)
    if found is None:
        raise HTTPException(404, f"there is no analysis {ident!r}; GET /api/v1/analyses lists them")
    return found


Found = Annotated[Upload, Depends(_upload)]

router = APIRouter(prefix="/api/v1/analyses", tags=["analyses"], lifespan=_lifespan)


@router.post(
    "",
    status_code=202,
    openapi_extra=_BODY,
    responses=told({413: "it is too large", 429: "too many wait already", 507: "the disk is full"}),
)
async def start_analysis(
    request: Request,
    served: Served,
    queue: Queue,
    name: Annotated[str, Query(min_length=1, max_length=1000, description="of the video's file")],
    exercise: Annotated[str, Query(max_length=100)] = "auto",
    person: Annotated[str | None, Query(max_length=200, pattern=r"\S")] = None,
    height_cm: Annotated[float | None, Query(ge=50, le=260)] = None,
    weight_kg: Annotated[float | None, Query(ge=0, le=2000)] = None,
    modified: Annotated[AwareDatetime | None, Query(description="when the file was written")] = None,
) -> AnalysisDocument:
    """Upload a video, which is the request's whole body, and have it analysed."""
    if exercise != "auto" and exercise not in shipped_exercises():
        known = ", ".join(("auto", *shipped_exercises()))
        raise UsageError(f"there is no exercise {exercise!r}; there are: {known}")
    if modified is not None and modified.year not in _YEARS:
        raise UsageError(f"modified is {modified.isoformat()}; give a time from {_YEARS[0]} to {_YEARS[-1]}")
    length = int(request.headers.get("content-length", "0"))
    await asyncio.to_thread(check_space, served.config.data, length)
    limits = served.config.limits
    if queue.length >= limits.analyses:
        raise HTTPException(
            429, f"{limits.analyses} videos come or wait already; try again when some are done"
        )
    try:
        async with queue.coming(Wish(name, exercise, person, height_cm, weight_kg)) as new:
            await receive(request.stream(), new.video, limits.idle_s)
            if modified is not None:
                await asyncio.to_thread(date_file, new.video, modified)
    except asyncio.CancelledError:
        if not queue.ended:
            raise
        raise HTTPException(503, "the server was ended; send the video again when it is back") from None
    return await asyncio.to_thread(analysis_document, new, queue.status(new))


@router.get("")
async def list_analyses(queue: Queue) -> AnalysisList:
    """Every analysis, the newest first."""
    found = queue.all()
    return await asyncio.to_thread(lambda: AnalysisList(analyses=[analysis_document(*one) for one in found]))


@router.get("/{ident}", responses=told({404: "there is no such analysis"}))
async def get_analysis(queue: Queue, found: Found) -> AnalysisDocument:
    """One analysis: how far it is, and which files there are."""
    return await asyncio.to_thread(analysis_document, found, queue.status(found))


@router.get(
    "/{ident}/events",
    responses={
        200: {"description": "the analysis as the data of each event", "content": {"text/event-stream": {}}},
        **told({404: "there is no such analysis"}),
    },
    response_class=StreamingResponse,
)
async def follow_analysis(queue: Queue, found: Found) -> StreamingResponse:
    """How far an analysis is, as server-sent events, until it has ended or is deleted."""
    return StreamingResponse(_events(found, queue), media_type="text/event-stream")


@router.get(
    "/{ident}/files/{name}",
    responses={
        200: {"description": "the file", "content": {"application/octet-stream": {}}},
        206: {"description": "a part of it", "content": {"application/octet-stream": {}}},
        **told({404: "there is no such analysis or file"}),
    },
    response_class=FileResponse,
)
async def get_file(queue: Queue, found: Found, name: str) -> FileResponse:
    """A file that came of it, such as ``report.html`` or ``annotated.mp4``; parts of it by ``Range``."""
    files = await asyncio.to_thread(lambda: found.files) if queue.status(found).state == "done" else []
    if name not in files:
        raise HTTPException(404, f"there is no file {name!r}; there are: {', '.join(files) or 'none yet'}")
    headers = {"Content-Security-Policy": DOCUMENT_POLICY} if name.endswith(".html") else None
    kind = _TYPES.get(PurePath(name).suffix, "application/octet-stream")
    return FileResponse(found.results / name, headers=headers, media_type=kind)


@router.delete("/{ident}", status_code=204, responses=told({404: "there is no such analysis"}))
async def delete_analysis(queue: Queue, found: Found) -> Response:
    """Stop it, and delete the video and everything that came of it; the history keeps its session."""
    await queue.delete(found)
    return Response(status_code=204)


@router.delete(
    "/{ident}/video",
    status_code=204,
    responses=told({404: "there is no such analysis", 409: "it has not ended"}),
)
async def delete_video(queue: Queue, found: Found) -> Response:
    """Delete the uploaded video only; what came of it stays."""
    if queue.status(found).state in ("waiting", "running"):
        raise HTTPException(409, "the video is still looked at; wait for the end, or delete the analysis")
    await asyncio.to_thread(found.delete_video)
    return Response(status_code=204)


async def _events(upload: Upload, queue: AnalysisQueue) -> AsyncIterator[str]:
    async for status in queue.follow(upload, _QUIET_S):
        if status is None:
            yield ": still there\n\n"
        else:
            document = await asyncio.to_thread(analysis_document, upload, status)
            yield f"data: {document.model_dump_json()}\n\n"
