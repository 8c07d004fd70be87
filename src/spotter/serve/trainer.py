"""What a live stream asks about its frames: the coach's session, with its answers as messages."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spotter.body.engine import PoseEngine
from spotter.body.keypoints import Body
from spotter.body.mask import PersonMask
from spotter.body.parts_fast import part_map
from spotter.body.roi import Roi
from spotter.coach.live_session import LiveSession
from spotter.coach.live_state import Target
from spotter.coach.schema import shipped_exercises
from spotter.coach.session import Session
from spotter.media.frame import Frame
from spotter.media.label_png import label_png
from spotter.serve.ahead import LookAhead
from spotter.serve.messages import Change, Command, EndSet, Finish, Skip, Start, State, TargetMessage
from spotter.serve.state import state_message
from spotter.settings import Settings, load_settings

_PARTS_SIDE = 320  # a map of the parts is laid over the picture and may be coarser than it
_MOST_PEOPLE = 2
_NOBODYS_NAME = Settings().person


class Trainer(Protocol):
    """Looks at the frames of one session, one after the other; used by one thread at a time."""

    @property
    def is_done(self) -> bool:
        """Whether the session is over."""

    def look(self, image: NDArray[np.uint8], time_s: float) -> State:
        """What to show and to say after a frame; times grow from call to call."""

    def think(self) -> None:
        """Do, or begin, what can wait until the answer to a frame has gone out."""

    def obey(self, command: Command) -> None:
        """Do what the client says.

        Raises:
            SpotterError: it cannot be done; nothing has changed then.
        """

    def result(self) -> tuple[dict[str, Any], Session | None]:
        """What was done, as a document, and the session to keep; None where nothing was done."""


class Trainers(Protocol):
    """Where trainers come from."""

    def prepare(self) -> None:
        """Load what every trainer needs, so that the first one is there at once."""

    def open(self, start: Start) -> Trainer:
        """A trainer for a new session.

        Raises:
            SpotterError: the exercise, a target or a model is wrong.
        """


class PoseTrainers:
    """Trainers with a pose engine each; the models are loaded once for all.

    Args:
        parallel: how many of them look at a frame at the same time.
    """

    def __init__(self, parallel: int) -> None:
        self._parallel = parallel

    def prepare(self) -> None:
        """Load the models, and what the first looks at pictures load."""
        first = self.open(Start(type="start", exercise=next(iter(shipped_exercises())), countdown_s=0.0))
        first.obey(Skip(type="skip"))
        for second in range(3):
            first.look(np.zeros((48, 64, 3), np.uint8), float(second))
            first.think()

    def open(self, start: Start) -> Trainer:
        """A trainer for a new session; who trains and their height are the settings' unless told."""
        settings = load_settings()
        person = start.person or settings.person
        height_cm = start.height_cm or (settings.height_cm if person == settings.person else None)
        told = start.model_copy(update={"person": person, "height_cm": height_cm})
        return PoseTrainer(told, self._engine(start.parts))

    def _engine(self, masks: bool) -> PoseEngine:
        return PoseEngine(max_people=_MOST_PEOPLE, masks=masks, parallel=self._parallel)


class PoseTrainer:
    """The coach's session before a pose engine, and the parts of the bodies where they are wanted."""

    def __init__(self, start: Start, engine: PoseEngine) -> None:
        self._engine = engine
        self._ahead = LookAhead(engine)
        self._session = LiveSession(
            start.exercise,
            target=_target(start.target),
            countdown_s=start.countdown_s,
            person=start.person or _NOBODYS_NAME,
            weight_kg=start.weight_kg,
            height_cm=start.height_cm,
            engine=self._ahead,
            look_later=True,
            language=start.language,
        )
        self._frames = 0

    @property
    def is_done(self) -> bool:
        """Whether the session is over."""
        return self._session.stage == "done"

    def look(self, image: NDArray[np.uint8], time_s: float) -> State:
        """What to show and to say after a frame."""
        frame = Frame(image, time_s, self._frames)
        self._ahead.look(frame)
        self._ahead.wait()
        live = self._session.push(frame)
        self._frames += 1
        state = state_message(live, *image.shape[:2])
        if self._engine.masks:
            state.parts = parts_png(live.coach.bodies, *image.shape[:2])
        return state

    def think(self) -> None:
        """Begin to find out what was done until now."""
        self._ahead.think(self._session.look)

    def obey(self, command: Command) -> None:
        """Do what the client says."""
        self._ahead.wait()
        match command:
            case Skip():
                self._session.skip()
            case EndSet():
                self._session.end_set()
            case Finish():
                self._session.finish()
            case Change():
                target = None if command.target is None else _target(command.target)
                self._session.change(target=target, exercise=command.exercise)
                if command.parts is not None:
                    self._engine.masks = command.parts

    def result(self) -> tuple[dict[str, Any], Session | None]:
        """What was done, and the session to keep."""
        self._ahead.wait()
        return self._session.summary(), self._session.session()


def parts_png(bodies: Sequence[Body], height: int, width: int) -> str:
    """Which part each pixel is, as base64 of a PNG whose grey levels are the labels of ``PartMap``.

    The PNG has the picture's shape and at most 320 pixels a side.

    Args:
        bodies: found in a picture of this height and width, with masks.
    """
    scale = min(1.0, _PARTS_SIDE / max(height, width))
    small = [_scaled(body, scale) for body in bodies]
    labels = part_map(small, max(1, round(height * scale)), max(1, round(width * scale))).labels
    return base64.b64encode(label_png(labels)).decode("ascii")


def _scaled(body: Body, scale: float) -> Body:
    """The body as a picture of another size shows it."""
    points = replace(body.keypoints, xy=body.keypoints.xy * np.float32(scale))
    if body.mask is None:
        return replace(body, keypoints=points)
    roi = body.mask.roi
    smaller = Roi(roi.x * scale, roi.y * scale, roi.size * scale, roi.rotation)
    return replace(body, keypoints=points, mask=PersonMask(body.mask.values, smaller))


def _target(message: TargetMessage) -> Target:
    return Target(message.reps, message.sets, message.rest_s, message.hold_s)
