"""Goes over pictures, folders and videos, and writes what is found of people's body parts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from spotter.body.part_map import PartMap
from spotter.body.part_source import OpenEngine
from spotter.errors import OutputError, SpotterError, UsageError
from spotter.media.files import PICTURE_EXTENSIONS, media_in
from spotter.media.frame import Frame
from spotter.media.memory import keep_freed_memory
from spotter.media.pictures import read_picture
from spotter.media.reader import open_media
from spotter.report.parts.results import PartResults, Wanted
from spotter.report.terminal import Meter
from spotter.segmentation import parts_ahead


@dataclass(frozen=True, slots=True)
class Source:
    """A picture or a video, or what a path stands for that is neither.

    Attributes:
        path: where it is.
        stem: what the names of its results begin with; no other source of its kind has it.
        is_picture: whether it is a single picture.
        problem: why there is nothing at the path; None where there is something.
    """

    path: Path
    stem: str
    is_picture: bool
    problem: SpotterError | None = None


@dataclass(frozen=True, slots=True)
class Segmented:
    """What came of one source.

    Attributes:
        source: the picture or video.
        width, height: in pixels; 0 where it could not be read.
        frames: how many were looked at.
        people: the numbers of those who were seen.
        files: what was written of it alone.
        warning: what could not be read of it, in a sentence; None where all is well.
        error: why nothing was written of it; None where it was.
    """

    source: Source
    width: int = 0
    height: int = 0
    frames: int = 0
    people: tuple[int, ...] = ()
    files: tuple[Path, ...] = ()
    warning: str | None = None
    error: SpotterError | None = None


StartMeter = Callable[[str, int], AbstractContextManager[Meter]]
"""Begins to show how far the work on something is; given its name and its number of frames, 0 if unknown."""


def sources_of(paths: Iterable[Path], out: Path, wanted: Wanted) -> list[Source]:
    """The pictures and videos that paths stand for: of a folder all that lie in it, in natural order.

    Args:
        paths: files and folders.
        out: where the results go.
        wanted: what is to be written.

    Raises:
        UsageError: if a result would be written over one of the sources.
    """
    sources = []
    taken: set[tuple[bool, str]] = set()
    for path in paths:
        try:
            found = media_in(path)
        except SpotterError as error:
            sources.append(Source(path, path.stem, is_picture=False, problem=error))
            continue
        for file in found:
            is_picture = file.suffix.lower() in PICTURE_EXTENSIONS
            stem, number = file.stem, 2
            while (is_picture, stem) in taken:
                stem, number = f"{file.stem}-{number}", number + 1
            taken.add((is_picture, stem))
            sources.append(Source(file, stem, is_picture))
    _refuse_overwriting(sources, out, wanted)
    return sources


def segment_all(
    sources: Iterable[Source],
    open_engine: OpenEngine,
    results: PartResults,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    start_meter: StartMeter,
    on_failure: Callable[[SpotterError], None],
    stop: threading.Event,
) -> Iterator[Segmented]:
    """Work on one source after the other; one that fails is told, and the others go on.

    Args:
        sources: see `sources_of`.
        open_engine: gives an engine for each of them.
        results: takes what is found; the caller closes it.
        start_s, end_s: the part of videos that is wanted, in seconds.
        start_meter: shows how far it is: pictures in a row together, each video by itself.
        on_failure: is told why a source failed.
        stop: set it to end early; a video is finished with what was seen of it until then.

    Yields:
        What came of each source.

    Raises:
        OutputError: the results cannot be written, so that the other sources would fail too.
    """
    keep_freed_memory()
    job = _Job(open_engine, results, start_s, end_s, start_meter, stop)
    for is_picture, group in groupby(sources, lambda one: one.is_picture and one.problem is None):
        for done in job.pictures(list(group)) if is_picture else map(job.video, group):
            if done is None:
                return
            if done.error is not None:
                on_failure(done.error)
            yield done


class _Job:
    """What stays the same from source to source."""

    def __init__(
        self,
        open_engine: OpenEngine,
        results: PartResults,
        start_s: float | None,
        end_s: float | None,
        start_meter: StartMeter,
        stop: threading.Event,
    ) -> None:
        self._open_engine, self._results = open_engine, results
        self._start_s, self._end_s = start_s, end_s
        self._start_meter, self._stop = start_meter, stop

    def pictures(self, sources: list[Source]) -> Iterator[Segmented | None]:
        """One picture after the other; None when the work is to stop."""
        what = sources[0].path.name if len(sources) == 1 else f"{len(sources)} pictures"
        with self._start_meter(what, len(sources)) as meter:
            for source in sources:
                if self._stop.is_set():
                    yield None
                    return
                yield self._done(source, self._picture)
                meter.advance()

    def video(self, source: Source) -> Segmented | None:
        """A video; None when the work is to stop."""
        return None if self._stop.is_set() else self._done(source, self._video)

    def _done(self, source: Source, work: Callable[[Source], Segmented]) -> Segmented:
        try:
            if source.problem is not None:
                raise source.problem
            return work(source)
        except OutputError:
            raise
        except SpotterError as error:
            return Segmented(source, error=error)

    def _picture(self, source: Source) -> Segmented:
        image = read_picture(source.path)
        found = self._open_engine().push(Frame(image, 0.0, 0))
        found = replace(found, ids=tuple(range(1, len(found.ids) + 1)))  # as in the map of people
        files = self._results.picture(source.path, source.stem, image, found)
        height, width = image.shape[:2]
        return Segmented(source, width, height, 1, _seen(found), tuple(files))

    def _video(self, source: Source) -> Segmented:
        engine = self._open_engine()
        people: set[int] = set()
        frames = 0
        with open_media(source.path, start_s=self._start_s, end_s=self._end_s) as media:
            info = media.info
            with (
                self._start_meter(source.path.name, info.frame_count) as meter,
                self._results.film(source.path, source.stem, info) as film,
                parts_ahead(media, engine) as ahead,
            ):
                for frame, found in ahead:
                    film.add(frame, found)
                    people.update(_seen(found))
                    frames += 1
                    meter.advance()
                    if self._stop.is_set():
                        break
            return Segmented(
                source,
                info.width,
                info.height,
                frames,
                tuple(sorted(people)),
                tuple(film.files),
                media.warning,
            )


def _seen(found: PartMap) -> tuple[int, ...]:
    """The people with at least one pixel."""
    return tuple(ident for ident in found.ids if found.person(ident).any())


def _refuse_overwriting(sources: list[Source], out: Path, wanted: Wanted) -> None:
    given = {source.path.resolve() for source in sources if source.problem is None}
    for source in sources:
        for name in wanted.names(source.stem, source.is_picture) if source.problem is None else ():
            if (out / name).resolve() in given:
                raise UsageError(
                    f"{out / name}, a result of {source.path}, would be written over a picture or video that "
                    "is to be worked on; choose another folder with --out"
                )
