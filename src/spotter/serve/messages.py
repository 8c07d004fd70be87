"""What is said over the live coach's WebSocket: the messages of both sides, and their JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.json_schema import models_json_schema

from spotter.coach.analysis import Severity, Side
from spotter.coach.live import Phase
from spotter.coach.live_state import Stage
from spotter.coach.words import words_of
from spotter.errors import UsageError

PROTOCOL = 1
"""Version of the protocol; fields are added to it, never renamed or removed."""

Number = float | None
"""A number; NaN, which is not known, goes over the line as null."""

Share = Annotated[float, Field(ge=0, le=1)]


class BadMessageError(Exception):
    """A message of a client that is none; the message says what is wrong with it."""


class _FromClient(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class _FromServer(BaseModel):
    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="null")


def _spoken(language: str) -> str:
    try:
        return words_of(language).language
    except UsageError as error:
        raise ValueError(str(error)) from None


class TargetMessage(_FromClient):
    """What the person wants to do; null is no limit."""

    reps: Annotated[int, Field(ge=1, le=1000)] | None = None
    sets: Annotated[int, Field(ge=1, le=100)] | None = None
    rest_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    hold_s: Annotated[float, Field(gt=0, le=3600)] | None = None


class Start(_FromClient):
    """Begins a session, or goes on with one whose connection was lost."""

    type: Literal["start"]
    exercise: Annotated[str, Field(max_length=100)] = "auto"
    person: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    target: TargetMessage = TargetMessage()
    countdown_s: Annotated[float, Field(ge=0, le=60)] = 3.0
    parts: bool = False
    weight_kg: Annotated[float, Field(ge=0, le=1000)] | None = None
    height_cm: Annotated[float, Field(ge=50, le=260)] | None = None
    language: Annotated[str, Field(max_length=35), AfterValidator(_spoken)] = "en"
    resume: Annotated[str, Field(max_length=100)] | None = None


class Change(_FromClient):
    """Changes what is named while the session goes on."""

    type: Literal["change"]
    exercise: Annotated[str, Field(max_length=100)] | None = None
    target: TargetMessage | None = None
    parts: bool | None = None


class Skip(_FromClient):
    """Ends the guide, the countdown or the rest that goes on now."""

    type: Literal["skip"]


class EndSet(_FromClient):
    """The set is done, rest begins."""

    type: Literal["end_set"]


class Finish(_FromClient):
    """Ends the session; the summary follows."""

    type: Literal["finish"]


Command = Change | Skip | EndSet | Finish
"""What a client may say to a session that goes on."""

ClientMessage = Annotated[Start | Command, Field(discriminator="type")]


class StreamLimits(_FromServer):
    """What the server allows one stream."""

    frame_bytes: int
    frame_side: int
    frames_per_s: int
    resume_s: float
    idle_s: float


class Hello(_FromServer):
    """The server's first message; ``session`` is what a later ``resume`` names."""

    type: Literal["hello"] = "hello"
    protocol: int = PROTOCOL
    session: str
    limits: StreamLimits


class GuideMessage(_FromServer):
    """One thing to change until the camera sees well."""

    name: str
    text: str


class ExerciseMessage(_FromServer):
    """The exercise that is coached."""

    name: str
    title: str
    kind: str


class WorkingMessage(_FromServer):
    """The angle that the exercise works, now."""

    name: str
    title: str
    degrees: Number


class CueMessage(_FromServer):
    """The one thing to say; another ``since_s`` is another cue."""

    name: str
    text: str
    severity: Severity
    since_s: float


class BodyMessage(_FromServer):
    """A body: 33 landmarks as ``[x, y, visibility]``, shares of the picture from its top left."""

    id: int
    points: list[tuple[Number, Number, Number]]


class FaultMessage(_FromServer):
    """One thing that was wrong with a repetition."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    severity: Severity
    at_s: float
    measured: Number
    limit: Number
    unit: str
    cue: str


class TempoMessage(_FromServer):
    """Seconds of a repetition's phases."""

    model_config = ConfigDict(from_attributes=True)

    out: Number
    hold: Number
    back: Number


class RepMessage(_FromServer):
    """One repetition, with the fields of analysis.json."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    start_s: float
    turn_s: float
    end_s: float
    complete: bool
    side: Side
    range_deg: Number
    tempo_s: TempoMessage
    symmetry: Number
    score: Number
    faults: list[FaultMessage]


class Answer(_FromServer):
    """What every answer to a frame tells; ``seq`` and ``time_s`` are the client's own.

    ``skipped`` counts the frames since the last answer that got none.
    """

    seq: int = 0
    time_s: float = 0.0
    work_ms: float = 0.0
    waited_ms: float = 0.0
    skipped: int = 0

    def replace(self, older: Answer) -> None:
        """Take over what must not be lost from an answer that is not sent, because this one is newer."""
        self.skipped += older.skipped + 1


class State(Answer):
    """The answer to a frame: what to show and to say now."""

    type: Literal["state"] = "state"
    stage: Stage
    guide: list[GuideMessage]
    countdown_s: Number
    rest_left_s: Number
    set: int
    sets: int | None
    count: int
    attempts: int
    held_s: float
    phase: Phase
    progress: Number
    exercise: ExerciseMessage | None
    working: WorkingMessage | None
    angles: dict[str, Number]
    bodies: list[BodyMessage]
    person: int | None
    rep: RepMessage | None
    cue: CueMessage | None
    parts: str | None = None
    heart_rate: Number

    def replace(self, older: Answer) -> None:
        """Take over the repetition too."""
        super().replace(older)
        if isinstance(older, State):
            self.rep = self.rep or older.rep


class RecognizerHello(_FromServer):
    """The recognizer's first message: the model that answers, and its classes."""

    type: Literal["hello"] = "hello"
    protocol: int = PROTOCOL
    model: str
    classes: list[str]
    limits: StreamLimits


class Labels(Answer):
    """What a frame shows, to the recognizer; ``label`` is ``unknown`` where it is not sure."""

    type: Literal["labels"] = "labels"
    label: str
    probabilities: dict[str, Share]


class IntervalMessage(_FromServer):
    """A part of the time in which one class was recognised; single wrong answers in it are outvoted."""

    label: str
    start_s: float
    end_s: float
    confidence: float


class TimelineMessage(_FromServer):
    """What was recognised from ``from_s`` on, in place of what was told of that time before.

    An interval that begins at ``from_s`` goes on from the one of its label that ended there.
    """

    type: Literal["timeline"] = "timeline"
    from_s: float
    until_s: float
    intervals: list[IntervalMessage]


class Summary(_FromServer):
    """What was done; ``session`` is its id in the history, or null, and ``why`` says why it is not there."""

    type: Literal["summary"] = "summary"
    session: str | None
    why: str | None
    document: dict[str, Any]


ErrorCode = Literal[
    "bad_message",
    "busy",
    "failed",
    "idle",
    "no_such_session",
    "not_a_picture",
    "not_begun",
    "taken_over",
    "time_not_growing",
    "too_fast",
    "too_large",
    "unknown_exercise",
    "unknown_model",
]


class Error(_FromServer):
    """Something that came cannot be used; after a ``fatal`` one the connection ends."""

    type: Literal["error"] = "error"
    code: ErrorCode
    message: str
    fatal: bool = False
    seq: int | None = None


ServerMessage = Hello | RecognizerHello | State | Labels | TimelineMessage | Summary | Error

_FROM_CLIENT: tuple[type[BaseModel], ...] = (Start, Change, Skip, EndSet, Finish)
_FROM_SERVER: tuple[type[BaseModel], ...] = (
    Hello,
    RecognizerHello,
    State,
    Labels,
    TimelineMessage,
    Summary,
    Error,
)
_READER: TypeAdapter[Start | Command] = TypeAdapter(ClientMessage)


def read_message(text: str) -> Start | Command:
    """A client's message.

    Raises:
        BadMessageError: it is no JSON, no message, or has a field or value that a message has not.

    >>> read_message('{"type": "start", "exercise": "squat", "target": {"reps": 8}}').target.reps
    8
    >>> read_message('{"type": "start", "exercize": "squat"}')
    Traceback (most recent call last):
    ...
    spotter.serve.messages.BadMessageError: start.exercize: Extra inputs are not permitted
    """
    try:
        return _READER.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise BadMessageError(f"{place}: {first['msg']}" if place else first["msg"]) from None


def messages_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every message; ``ClientMessage`` and ``ServerMessage`` are its two sides.

    >>> sorted(messages_schema()["$defs"])[:3]
    ['BodyMessage', 'Change', 'ClientMessage']
    """
    _, schema = models_json_schema(
        [
            *((model, "validation") for model in _FROM_CLIENT),
            *((model, "serialization") for model in _FROM_SERVER),
        ],
        title=f"Messages of Spotter's WebSockets, protocol {PROTOCOL}",
    )
    sides = {"ClientMessage": _FROM_CLIENT, "ServerMessage": _FROM_SERVER}
    for side, models in sides.items():
        schema["$defs"][side] = {"oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in models]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "oneOf": [{"$ref": f"#/$defs/{side}"} for side in sides],
    }
