"""A recording for Rerun, the viewer for pictures and space: landmarks and angles on the video's clock."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import BONES, LANDMARKS
from spotter.coach.stretch import Stretch
from spotter.errors import MissingExtraError
from spotter.media.writing import output_error, temporary_name
from spotter.motion.angles import MIN_VISIBILITY
from spotter.motion.motion import Motion

_CLOCK, _FRAMES = "video", "frame"
_ROOT = "person"
_POINT_PX, _POINT_M = 3.0, 0.015


class RerunFile:
    """Writes a ``.rrd`` stretch by stretch; it gets its own name when it is closed, and is whole then.

    A context manager. After an error, what was added is kept; where nothing was, there is no file.

    On the time line ``video`` (seconds) and ``frame``: ``person/1/picture`` the landmarks in pixels,
    ``person/1/space`` in metres from the hips (x right, y down, z away), each with its bones;
    ``person/1/angles/left_knee`` and so on in degrees. What was not seen is not there.

    Args:
        path: where it goes, usually ``*.rrd``; the folder is made if it is not there.
        name: of the video, as the viewer shows it.

    Raises:
        MissingExtraError: the rerun-sdk is not installed.
        OutputError: it cannot be written.

    Example::

        with RerunFile(Path("squat.rrd"), "squat") as file:
            spotter.analyze("squat.mp4", on_stretch=file.add)
    """

    def __init__(self, path: Path, name: str = "spotter") -> None:
        self._rerun = _rerun()
        self._path, self._temporary = path, temporary_name(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._temporary.write_bytes(b"")  # Rerun only warns of what it cannot write
        except OSError as error:
            raise output_error(path, error) from error
        self._stream: Any = self._rerun.RecordingStream("spotter")
        self._stream.save(self._temporary)
        self._stream.send_recording_name(name)
        self._known: set[int] = set()

    def add(self, stretch: Stretch) -> None:
        """Append what was found in a stretch."""
        for motion in stretch.motions:
            self.add_motion(motion)

    def add_motion(self, motion: Motion) -> None:
        """Append one person's movement; times are later than all before."""
        home = f"{_ROOT}/{motion.person}"
        if motion.person not in self._known:
            self._known.add(motion.person)
            self._describe(home)
        picture = np.where(motion.visibility[..., None] >= MIN_VISIBILITY, motion.xy, np.nan)
        for name, places, radius in (("picture", picture, _POINT_PX), ("space", motion.space, _POINT_M)):
            self._add_points(f"{home}/{name}", motion, np.asarray(places, np.float32), radius)
        for name in motion.sd:
            values = motion.values[name]
            known = np.isfinite(values)
            if known.any():
                columns = self._rerun.Scalars.columns(scalars=values[known].astype(np.float64))
                self._send(f"{home}/angles/{name}", motion, known, columns)

    def close(self) -> None:
        """Finish the file and give it its own name; closing twice does no harm.

        Raises:
            OutputError: the disk fails; nothing is left then.
        """
        if self._stream is None:
            return
        self._end()
        try:
            os.replace(self._temporary, self._path)
        except OSError as error:
            self._temporary.unlink(missing_ok=True)
            raise output_error(self._path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or self._known:
            self.close()
        elif self._stream is not None:
            self._end()
            self._temporary.unlink(missing_ok=True)

    def _end(self) -> None:
        self._stream.flush()
        self._stream.disconnect()
        self._stream = None

    def _describe(self, home: str) -> None:
        """What the viewer should know once: names of the landmarks, bones between them, which way is down."""
        rerun = self._rerun
        info = [rerun.AnnotationInfo(id=row, label=name) for row, name in enumerate(LANDMARKS)]
        body = rerun.ClassDescription(info=0, keypoint_annotations=info, keypoint_connections=list(BONES))
        self._stream.log(home, rerun.AnnotationContext([body]), static=True)
        self._stream.log(f"{home}/space", rerun.ViewCoordinates.RDF, static=True)

    def _add_points(self, entity: str, motion: Motion, places: NDArray[np.float32], radius: float) -> None:
        seen = np.isfinite(places).all(axis=2)
        counts = seen.sum(axis=1)
        kind = self._rerun.Points2D if places.shape[2] == 2 else self._rerun.Points3D
        total = int(counts.sum())
        if not total:
            return
        columns = kind.columns(
            positions=places[seen],
            radii=np.full(total, radius, np.float32),
            class_ids=np.zeros(total, np.uint16),
            keypoint_ids=np.nonzero(seen)[1].astype(np.uint16),
        ).partition(counts)
        self._send(entity, motion, np.ones(len(motion), bool), columns)

    def _send(self, entity: str, motion: Motion, rows: NDArray[np.bool_], columns: Any) -> None:
        clocks = [
            self._rerun.TimeColumn(_CLOCK, duration=motion.time_s[rows]),
            self._rerun.TimeColumn(_FRAMES, sequence=motion.frame[rows]),
        ]
        self._stream.send_columns(entity, clocks, columns)


def write_rerun(motion: Motion, path: Path, name: str = "spotter") -> None:
    """Write one person's movement as a ``.rrd``; see `RerunFile`.

    Raises:
        MissingExtraError: the rerun-sdk is not installed.
        OutputError: it cannot be written.
    """
    with RerunFile(path, name) as file:
        file.add_motion(motion)


def _rerun() -> Any:
    try:
        import rerun
    except ImportError as error:
        raise MissingExtraError(
            "a .rrd is written by the rerun-sdk, which is not installed; pip install rerun-sdk"
        ) from error
    return rerun
