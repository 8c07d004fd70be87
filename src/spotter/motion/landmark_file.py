"""``landmarks.npz``: everybody's landmarks of a whole video, in pixels and metres, for NumPy to read.

The file is a ZIP of NPY arrays, as ``numpy.savez_compressed`` writes them:

* ``version``: a whole number, 1 for what is told here.
* ``landmarks``: names of the 33 landmarks, in their order.
* ``person<P>/stretch<S>/<NAME>``: what person P did in stretch S of the video, numbered from 1. A long video
  is analysed in stretches of some minutes; who is in several is put together by `read_landmark_file`.

with these names, for n frames:

======================  ==================  ==============================================================
``time_s``              float64 (n,)        seconds from the video's beginning, growing
``frame``               int64 (n,)          number in the video
``shot``                int64 (n,)          of the shot that the frame belongs to
``xy``                  float32 (n, 33, 2)  pixels from the top left corner, in steps of 1/16
``visibility``          float32 (n, 33)     0 to 1, in steps of 1/256
``space``               float32 (n, 33, 3)  metres from the middle of the hips: x right, y down, z away from
                                            the camera, in steps of 1/8192 (0.12 mm); NaN where hidden
``stature_m``           float64 ()          how tall the person is in these metres; NaN if never seen standing
======================  ==================  ==============================================================

NaN is what was not seen. Arrays may be added in a later version; what is here keeps its name and meaning.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import LANDMARKS
from spotter.errors import ExchangeError, MediaNotFoundError, MediaUnreadableError
from spotter.media.writing import output_error, temporary_name
from spotter.motion.motion import Floats, Motion
from spotter.motion.stature import measured_stature

LANDMARKS_NPZ = "landmarks.npz"
"""The file's name in an analysis's folder."""

VERSION = 1
"""Version of the layout; it grows when an array changes its meaning or goes."""

_POINTS = len(LANDMARKS)
_LAYOUT: Mapping[str, tuple[str, tuple[int, ...]]] = {  # each one's type, and its shape a frame
    "time_s": ("float64", ()),
    "frame": ("int64", ()),
    "shot": ("int64", ()),
    "xy": ("float32", (_POINTS, 2)),
    "visibility": ("float32", (_POINTS,)),
    "space": ("float32", (_POINTS, 3)),
}
_STATURE = "stature_m"
# Steps are powers of two: the numbers' last bits are zeros then, which pack well and cost no exactness.
_STEPS = {"xy": 2.0**-4, "visibility": 2.0**-8, "space": 2.0**-13}
_PACKING = 3  # zlib's 6 takes three times as long, for a file that is a fiftieth smaller
_MEMBER = re.compile(r"person(\d+)/stretch(\d+)/(\w+)\.npy")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError)


@dataclass(frozen=True)
class LandmarkTrack:
    """One person's landmarks over a whole video; NaN wherever something was not seen.

    Attributes:
        person: the person's number.
        time_s: float64 array (n,), growing.
        frame: int64 array (n,), the frames' numbers in the video.
        shot: int64 array (n,), number of the shot that each frame belongs to.
        xy: float32 array (n, 33, 2), landmarks in pixels, smoothed.
        visibility: float32 array (n, 33), 0 to 1.
        space: float32 array (n, 33, 3), landmarks in metres: x right, y down, z away from the camera.
        stature_m: how tall the person is in these metres, where they stood most upright; the model's guess
            unless the analysis was told the height; NaN if never seen standing whole.
    """

    person: int
    time_s: NDArray[np.float64]
    frame: NDArray[np.int64]
    shot: NDArray[np.int64]
    xy: Floats
    visibility: Floats
    space: Floats
    stature_m: float

    def __len__(self) -> int:
        return int(self.time_s.size)


class LandmarkFile:
    """Writes a ``landmarks.npz`` stretch by stretch, so that a video's length does not matter.

    A context manager. It gets its own name when it is closed, and holds then every stretch that was added,
    also after an exception from elsewhere. Where the disk fails, nothing of it is left.

    Args:
        path: where it goes; the folder is made if it is not there.

    Raises:
        OutputError: it cannot be written.

    Example::

        with LandmarkFile(Path("landmarks.npz")) as file:
            spotter.analyze("squat.mp4", on_stretch=lambda stretch: file.add(stretch.motions))
        read_landmark_file(Path("landmarks.npz"))[0].space
    """

    def __init__(self, path: Path) -> None:
        self._path, self._temporary = path, temporary_name(path)
        self._stretches = 0
        self._is_open = True
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._archive = zipfile.ZipFile(
                self._temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=_PACKING
            )
        except OSError as error:
            raise output_error(path, error) from error
        with self._or_nothing():
            self._write("version", np.int64(VERSION))
            self._write("landmarks", np.array(LANDMARKS))

    def add(self, motions: Iterable[Motion]) -> None:
        """Append a stretch of the video: who is in it; times are later than all before.

        Raises:
            OutputError: the disk is full or fails; nothing is left of the file then.
        """
        self._stretches += 1
        with self._or_nothing():
            for motion in motions:
                for name, array in _arrays(motion).items():
                    self._write(f"person{motion.person}/stretch{self._stretches}/{name}", array)

    def close(self) -> None:
        """Finish the file and give it its own name; closing twice does no harm.

        Raises:
            OutputError: the disk fails; nothing is left then.
        """
        if not self._is_open:
            return
        with self._or_nothing():
            self._archive.close()
            self._temporary.replace(self._path)
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, name: str, array: NDArray[Any] | np.generic) -> None:
        with self._archive.open(f"{name}.npy", "w") as member:
            np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)

    @contextmanager
    def _or_nothing(self) -> Iterator[None]:
        """Nothing is kept where half a stretch would be, whoever stops it."""
        try:
            yield
        except BaseException as error:
            self._discard()
            if isinstance(error, OSError):
                raise output_error(self._path, error) from error
            raise

    def _discard(self) -> None:
        self._is_open = False
        with suppress(OSError, ValueError):
            self._archive.close()
        with suppress(OSError):
            self._temporary.unlink(missing_ok=True)


def read_landmark_file(path: Path) -> tuple[LandmarkTrack, ...]:
    """Everybody's landmarks, in the order of their numbers; each one's stretches put together.

    Args:
        path: of a ``landmarks.npz``.

    Raises:
        MediaNotFoundError, MediaUnreadableError: the file is not there, or may not be read.
        ExchangeError: it is none, is cut or damaged, or is of a newer version.

    Example::

        for track in read_landmark_file(Path("spotter-results/squat/landmarks.npz")):
            print(track.person, track.stature_m, track.space[:, INDEX["left_knee"]])
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_head(archive, path)
            return _tracks(archive, path)
    except FileNotFoundError as error:
        raise MediaNotFoundError(f"no such file: {path}") from error
    except OSError as error:
        raise MediaUnreadableError(f"{path} cannot be read: {error.strerror or error}") from error
    except _DAMAGED as error:
        raise ExchangeError(
            f"{path} is damaged or cut off ({error}); analyse the video again to get another"
        ) from error


def _arrays(motion: Motion) -> dict[str, NDArray[Any] | np.generic]:
    """What is kept of a motion, by its name in the file.

    A landmark's places in all frames lie one behind the other (Fortran's order): that packs best.
    """
    arrays: dict[str, NDArray[Any] | np.generic] = {}
    for name, (kind, _) in _LAYOUT.items():
        values = np.asarray(getattr(motion, name))
        if name in _STEPS:
            values = np.round(values.astype(np.float64) / _STEPS[name]) * _STEPS[name]
        arrays[name] = np.asfortranarray(values, kind)
    arrays[_STATURE] = np.float64(measured_stature(motion.space, motion.visibility))
    return arrays


def _check_head(archive: zipfile.ZipFile, path: Path) -> None:
    for name in ("version", "landmarks"):
        if f"{name}.npy" not in archive.namelist():
            raise ExchangeError(f"{path} is no file of landmarks: there is no array {name} in it")
    version = _read(archive, "version.npy")
    if version.shape != () or version.dtype.kind not in "iu" or version < 1:
        raise ExchangeError(f"{path} is no file of landmarks: its version is {version.tolist()!r}")
    if version > VERSION:
        raise ExchangeError(
            f"{path} is of version {int(version)}; this version of Spotter reads version {VERSION}: update it"
        )
    if tuple(_read(archive, "landmarks.npy").ravel()) != LANDMARKS:
        raise ExchangeError(f"{path} holds other landmarks than BlazePose's 33")


def _tracks(archive: zipfile.ZipFile, path: Path) -> tuple[LandmarkTrack, ...]:
    stretches: dict[int, set[int]] = defaultdict(set)
    for name in archive.namelist():
        if found := _MEMBER.fullmatch(name):
            stretches[int(found[1])].add(int(found[2]))
    return tuple(_track(archive, path, person, sorted(stretches[person])) for person in sorted(stretches))


def _track(archive: zipfile.ZipFile, path: Path, person: int, stretches: list[int]) -> LandmarkTrack:
    pieces = [_piece(archive, path, f"person{person}/stretch{number}") for number in stretches]
    whole = {
        name: np.ascontiguousarray(np.concatenate([piece[name] for piece in pieces])) for name in _LAYOUT
    }
    if not (np.diff(whole["time_s"], prepend=-np.inf) > 0).all():
        raise ExchangeError(f"{path}: the times of person {person} do not grow")
    statures = [float(piece[_STATURE]) for piece in pieces if np.isfinite(piece[_STATURE])]
    return LandmarkTrack(person=person, **whole, stature_m=max(statures, default=float("nan")))


def _piece(archive: zipfile.ZipFile, path: Path, place: str) -> dict[str, NDArray[Any]]:
    """The arrays of one person in one stretch, each of the kind and shape that it should be."""
    layout = {**_LAYOUT, _STATURE: ("float64", ())}
    names = set(archive.namelist())
    missing = [name for name in layout if f"{place}/{name}.npy" not in names]
    if missing:
        raise ExchangeError(f"{path} is no whole file of landmarks: there is no {place}/{missing[0]} in it")
    piece = {name: _read(archive, f"{place}/{name}.npy") for name in layout}
    frames = piece["time_s"].size
    for name, (kind, tail) in layout.items():
        array, shape = piece[name], () if name == _STATURE else (frames, *tail)
        if array.shape != shape or array.dtype != kind:
            raise ExchangeError(
                f"{path}: {place}/{name} is {array.dtype} {array.shape}; {kind} {shape} is wanted"
            )
    return piece


def _read(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    member: IO[bytes]
    with archive.open(name) as member:
        array: NDArray[Any] = np.lib.format.read_array(member, allow_pickle=False)
        if member.read(1):
            raise ValueError(f"{name} is longer than its array")
    return array
