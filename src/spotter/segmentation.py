"""Finding the parts of people's bodies in a film: the engines by their names, and a loop around one."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_choice import chosen
from spotter.body.part_map import PartMap
from spotter.body.part_source import OpenEngine, PartEngine
from spotter.errors import UsageError
from spotter.media.frame import Frame
from spotter.media.memory import keep_freed_memory
from spotter.media.prefetch import read_ahead
from spotter.media.reader import open_media
from spotter.models.store import ModelStore

EngineName = Literal["fast", "maskrcnn"]

ENGINES: Final[tuple[EngineName, ...]] = ("fast", "maskrcnn")
"""``"fast"`` works from the pose engine's masks and landmarks; ``"maskrcnn"`` is a network for instances."""

MAX_PEOPLE: Final = 4
"""How many people are followed unless told otherwise."""

_MOST_PEOPLE = 50


def segment(
    source: str | Path,
    engine: EngineName | PartEngine = "fast",
    *,
    model: str | Path | None = None,
    max_people: int = MAX_PEOPLE,
    start_s: float | None = None,
    end_s: float | None = None,
) -> Iterator[tuple[Frame, PartMap]]:
    """The frames of a video, each with the people in it and the parts of their bodies.

    Args:
        source: a video, a picture, or a folder of pictures, which are taken for the frames of one film.
        engine: ``"fast"``, ``"maskrcnn"``, or an engine of your own.
        model: of ``"maskrcnn"``: the folder of a trained model, a segmenter's name in the registry, or
            an .h5 file of Matterport's Mask R-CNN; the model that comes with Spotter if None.
        max_people: how many people are looked for, 1 to 50.
        start_s, end_s: the part of the video that is wanted, in seconds.

    Yields:
        The frame, at the video's own size, and its part map, of the same size.

    Raises:
        SpotterError: one of its children: the video cannot be read, there is no such engine, a model is
            missing.

    Example::

        for frame, found in spotter.segment("squat.mp4"):
            for person in found.ids:
                print(frame.time_s, person, found.areas(person)["torso"])
    """
    opened = engine_opener(engine, model, max_people)() if isinstance(engine, str) else engine
    keep_freed_memory()
    with open_media(source, start_s=start_s, end_s=end_s) as frames, parts_ahead(frames, opened) as ahead:
        yield from ahead


@contextmanager
def parts_ahead(frames: Iterable[Frame], engine: PartEngine) -> Iterator[Iterator[tuple[Frame, PartMap]]]:
    """Frames with their part maps, found in a thread of its own while the caller works on those before.

    Args:
        frames: in order; closed by the caller, after this.
        engine: a new one.
    """
    with closing(_found(frames, engine)) as pairs, closing(read_ahead(pairs, depth=2)) as ahead:
        yield ahead


def _found(frames: Iterable[Frame], engine: PartEngine) -> Generator[tuple[Frame, PartMap], None, None]:
    with closing(read_ahead(frames)) as ahead:
        for frame in ahead:
            yield frame, engine.push(frame)


def engine_opener(engine: str, model: str | Path | None = None, max_people: int = MAX_PEOPLE) -> OpenEngine:
    """What gives engines of a kind; one is opened at once, so that a missing model is told before any work.

    Args:
        engine: one of `ENGINES`.
        model: of ``"maskrcnn"``: the folder of a trained model, a segmenter's name in the registry, or
            an .h5 file of Matterport's Mask R-CNN; the model that comes with Spotter if None.
        max_people: how many people are looked for, 1 to 50.

    Raises:
        UsageError: there is no such engine, it takes no model, or the number of people is wrong.
        ModelError: one of its children: the model is not there or damaged.

    >>> engine_opener("slow")
    Traceback (most recent call last):
    spotter.errors.UsageError: there is no engine 'slow' for body parts; there are fast, maskrcnn
    """
    if not 1 <= max_people <= _MOST_PEOPLE:
        raise UsageError(f"{max_people} people are to be looked for; give a number from 1 to {_MOST_PEOPLE}")
    if engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r} for body parts; there are {', '.join(ENGINES)}")
    if engine == "fast" and model is not None:
        raise UsageError(f"the model {model} is for the engine maskrcnn; the fast engine has its own")
    opener = _fast(max_people) if engine == "fast" else _maskrcnn(model, max_people)
    opener()
    return opener


def _fast(max_people: int) -> OpenEngine:
    from spotter.body.part_engine import FastParts

    return lambda: FastParts(max_people=max_people)


def _maskrcnn(model: str | Path | None, max_people: int) -> OpenEngine:
    network = _network(model)
    return lambda: _Followed(network, max_people)


class _Network(Protocol):
    """What finds people and their parts in single pictures, the surest person first."""

    def part_map(self, image: NDArray[np.uint8]) -> PartMap: ...


def _network(model: str | Path | None) -> _Network:
    """The model in a folder, of that name, or of Matterport's; the one on board if None."""
    from spotter.segmenter.predict import Segmenter

    if model is None or Path(model).is_dir():
        return Segmenter.open(model)
    if Path(model).suffix == ".h5":
        from spotter.segmenter.matterport import open_matterport

        return open_matterport(Path(model))
    if str(model) in ModelStore().cards:
        from spotter.segmenter.known_models import known_model

        return Segmenter.open(known_model(str(model)))
    return Segmenter.open(model)  # which says what is missing there


class _Followed:
    """The surest people that a network finds in each frame, followed from frame to frame."""

    def __init__(self, network: _Network, most: int) -> None:
        from spotter.segmenter.tracked import PersonTracker

        self._network, self._most, self._tracker = network, most, PersonTracker()

    def push(self, frame: Frame) -> PartMap:
        found = self._network.part_map(frame.image)
        if len(found.ids) > self._most:
            found = chosen(found, {ident: ident for ident in found.ids[: self._most]})
        return self._tracker.push(found, frame)
