"""The folder that an analysis leaves behind, filled stretch by stretch."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

from spotter.body.part_source import PartEngine
from spotter.coach.analysis import Analysis
from spotter.coach.analyze import MAX_SIDE
from spotter.coach.exercise import Exercise
from spotter.coach.heart import HeartRate
from spotter.coach.stretch import Stretch
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from spotter.media.writer import VideoWriter
from spotter.motion.landmark_file import LANDMARKS_NPZ, LandmarkFile
from spotter.report.collect import ReportCollector
from spotter.report.files import AnglesCsv, write_analysis, write_reps
from spotter.report.page import write_report
from spotter.report.parts.analysed import PARTS_CSV, AnalysedParts
from spotter.report.video import VideoAnnotator

_PACKAGES = {"OpenVINO": "openvino", "PyAV": "av", "NumPy": "numpy"}


class Results:
    """Writes angles, landmarks, the video and ``parts.csv`` while an analysis goes on, then the rest.

    A context manager. After an error, what is whole already is kept and nothing half-written stays.

    Args:
        folder: where to; made if it is not there.
        video: the video that is analysed, to draw on and to cut pictures from.
        start_s, end_s: the part of it that is analysed.
        with_video: whether to write ``annotated.mp4``.
        part_engine: also finds body parts, for ``annotated.mp4`` and ``parts.csv``, in a second pass over the
            frames; None for neither.
        on_drawn: called for every frame of the second pass; False stops it.
        heart_rate: of the person, with times as the video's; None for none. An attribute too, which may be
            set anew while a camera records: what is drawn and written from then on has it.

    Raises:
        OutputError: something cannot be written: a full disk, a folder that may not be written to.
    """

    def __init__(
        self,
        folder: Path,
        video: Path,
        *,
        start_s: float | None = None,
        end_s: float | None = None,
        with_video: bool = True,
        part_engine: PartEngine | None = None,
        on_drawn: Callable[[], bool] = lambda: True,
        heart_rate: HeartRate | None = None,
    ) -> None:
        self.folder, self.heart_rate = folder, heart_rate
        self._video, self._start_s, self._end_s = video, start_s, end_s
        self._with_video, self._part_engine, self._on_drawn = with_video, part_engine, on_drawn
        self._collector = ReportCollector()
        self._exercise: Exercise | None = None
        self._angles: AnglesCsv | None = None
        self._landmarks: LandmarkFile | None = None
        self._annotator: VideoAnnotator | None = None
        self._stack = ExitStack()
        self._is_new = not folder.exists()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if error is not None and self._is_new:
            with suppress(OSError):
                self.folder.rmdir()  # only if nothing was kept in it

    def add(self, stretch: Stretch) -> None:
        """Take over a stretch that has been analysed."""
        if self._angles is None or self._landmarks is None:
            self._angles = self._stack.enter_context(AnglesCsv(self.folder / "angles.csv"))
            self._landmarks = self._stack.enter_context(LandmarkFile(self.folder / LANDMARKS_NPZ))
            if self._with_video or self._part_engine is not None:
                self._annotator = self._open_annotator()
        self._exercise = self._exercise or stretch.exercise
        self._angles.add(stretch)
        self._landmarks.add(stretch.motions)
        self._collector.add(stretch)
        if self._annotator is not None:
            self._annotator.add(stretch, self.heart_rate)

    def finish(self, analysis: Analysis) -> list[Path]:
        """Write what needs the whole analysis, and name the files that there are now."""
        if self._annotator is not None and not analysis.video["interrupted"]:
            self._annotator.close()
        self._stack.close()
        if self.heart_rate is not None:
            analysis = replace(analysis, heart_rate=self.heart_rate)
        write_analysis(self.folder / "analysis.json", analysis)
        write_reps(self.folder / "reps.csv", analysis.people)
        write_report(
            self.folder / "report.html",
            analysis,
            self._exercise,
            self._collector,
            self._video,
            {"Spotter": version("spotter-coach")} | {name: version(of) for name, of in _PACKAGES.items()},
            with_parts=self._part_engine is not None,
        )
        names = ("report.html", "annotated.mp4", "analysis.json", "reps.csv", "angles.csv")
        files = [self.folder / name for name in (*names, LANDMARKS_NPZ, PARTS_CSV)]
        return [file for file in files if file.exists()]

    def _open_annotator(self) -> VideoAnnotator:
        """A second pass over the video, and what it ends in."""
        source = self._stack.enter_context(
            open_media(self._video, start_s=self._start_s, end_s=self._end_s, max_side=MAX_SIDE)
        )
        info, writer, parts = source.info, None, None
        if self._with_video:
            writer = self._stack.enter_context(
                VideoWriter(self.folder / "annotated.mp4", info.width, info.height, info.fps)
            )
        if self._part_engine is not None:
            parts = self._stack.enter_context(closing(AnalysedParts(self._part_engine, self.folder)))
        return VideoAnnotator(self._told(source), writer, parts)

    def _told(self, frames: Iterable[Frame]) -> Generator[Frame, None, None]:
        for frame in frames:
            yield frame
            if not self._on_drawn():
                return
