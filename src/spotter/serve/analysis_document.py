"""An analysis as a client sees it."""

from __future__ import annotations

from pydantic import BaseModel, Field

from spotter.serve.analysis_store import State, Status, Upload


class AnalysisDocument(BaseModel):
    """An uploaded video and how far its analysis is."""

    id: str
    name: str = Field(description="of the video, without any folder")
    created: str = Field(description="when it was uploaded, ISO 8601")
    exercise: str = Field(description="as asked for: a name, or auto")
    person: str | None = Field(description="as asked for; null is the usual one of the server's settings")
    state: State
    frames: int | None = Field(description="how many there are, both passes counted; null where unknown")
    frames_done: int
    seconds_left: float | None
    message: str | None = Field(description="why it failed, or what could not be done beside it")
    session: str | None = Field(description="its id in the history; null if it is not there")
    has_video: bool = Field(description="whether the video is still there")
    files: list[str] = Field(description="names of the results, once it is done")


class AnalysisList(BaseModel):
    """Every analysis, the newest first."""

    analyses: list[AnalysisDocument]


def analysis_document(upload: Upload, status: Status) -> AnalysisDocument:
    """What a client is told of an upload; looks at the disk."""
    return AnalysisDocument(
        id=upload.ident,
        name=upload.wish.name,
        created=upload.created,
        exercise=upload.wish.exercise,
        person=upload.wish.person,
        state=status.state,
        frames=status.frames,
        frames_done=status.frames_done,
        seconds_left=status.seconds_left,
        message=status.message,
        session=status.session,
        has_video=upload.video.exists(),
        files=upload.files if status.state == "done" else [],
    )
