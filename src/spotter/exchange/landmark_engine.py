"""Plays back landmarks that another program found, in the place of the pose engine."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.body.cuts import CutDetector
from spotter.body.keypoints import INDEX, Body, Keypoints
from spotter.errors import ExchangeError
from spotter.exchange.flat_body import STATURE_M, pointing, stature, turned_depth
from spotter.exchange.landmarks import ForeignLandmarks, LandmarkTrack
from spotter.media.frame import Frame
from spotter.motion.filters import fill_gaps

_HIPS = [INDEX["left_hip"], INDEX["right_hip"]]
_WITHOUT_OWN = {  # where a landmark that the file never has is put: hidden, but every engine gives a place
    "eye": "nose", "mouth": "nose", "ear": "nose", "pinky": "wrist", "index": "wrist", "thumb": "wrist",
    "heel": "ankle", "foot_index": "ankle",
}  # fmt: skip
_FPS = 30.0  # by which short gaps are told where no rate is given

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Played:
    """One person, ready to be handed out: arrays (n, 33, ...), and when they are there."""

    person: int
    xy: NDArray[np.float32]
    world: NDArray[np.float32]
    visibility: NDArray[np.float32]
    there: NDArray[np.bool_]


class PlayedLandmarks:
    """Hands out what another program found, a frame of the file with each frame that is pushed.

    It is an engine for joints like the pose engine (``body.joint_source.JointEngine``). Landmarks that are
    missing for a quarter of a second at most are filled in by straight lines; what is missing for longer, or
    is never there, is given with visibility 0, which motion takes for not known.

    Of 2-D files the depth is not known. The trunk is turned as its width says, limbs lie in the plane of
    their side, and what points at the camera is the less visible the more it does so (`flat_body`): angles
    there are wider in doubt, and of a limb that points straight at the camera not known. Lengths are those
    of somebody 1.70 m tall.

    Args:
        landmarks: see `read_landmarks`.
        size: width and height of the pictures that the landmarks' pixels are of; that of the pushed ones if
            None. It matters where these are shrunk while they are decoded.
        first: number of the file's frame that belongs to the first frame pushed.
        fps: rate of the video.

    Attributes:
        shot: number of the present shot; cuts are looked for in the pictures.
        spent_s: seconds spent in ``"landmarks"`` and ``"tracking"``.

    Example::

        engine = PlayedLandmarks(read_landmarks(Path("squat.json")))
        spotter.analyze("squat.mp4", "squat", engine=engine)
    """

    def __init__(
        self,
        landmarks: ForeignLandmarks,
        *,
        size: tuple[int, int] | None = None,
        first: int = 0,
        fps: float = _FPS,
    ) -> None:
        self._landmarks, self._size, self._fps = landmarks, size, fps
        self._row = first
        self._people: tuple[_Played, ...] | None = None
        self._cuts = CutDetector()
        self.shot = 0
        self.spent_s: defaultdict[str, float] = defaultdict(float)

    def push(self, frame: Frame) -> list[Body]:
        """The people that the file has in this frame; nobody after its last one.

        Raises:
            ExchangeError: the landmarks are far outside of the pictures: it is the file of another video.
        """
        began = time.perf_counter()
        if self._cuts.push(frame.image):
            self.shot += 1
        self.spent_s["tracking"] += time.perf_counter() - began
        began = time.perf_counter()
        if self._people is None:
            self._people = self._prepare(frame.image.shape[1], frame.image.shape[0])
        row, self._row = self._row, self._row + 1
        bodies = [
            _body(one, row) for one in self._people if 0 <= row < self._landmarks.frames and one.there[row]
        ]
        self.spent_s["landmarks"] += time.perf_counter() - began
        return bodies

    def _prepare(self, width: int, height: int) -> tuple[_Played, ...]:
        """The tracks in pixels of the pictures that are pushed."""
        theirs = (1, 1) if self._landmarks.relative else self._size or (width, height)
        scale = np.array([width / theirs[0], height / theirs[1]])
        tracks = self._landmarks.tracks
        if not any(_inside(track, scale, (width, height)) for track in tracks):
            raise ExchangeError(
                f"{self._landmarks.path}: the landmarks lie outside of the pictures of {width} x {height} "
                "pixels; is it the file of this video?"
            )
        time_s = self._landmarks.times(self._fps)
        return tuple(_played(track, time_s, scale) for track in tracks)


def _inside(track: LandmarkTrack, scale: Array, size: tuple[int, int]) -> bool:
    """Whether the usual place of somebody's landmarks is in the picture."""
    places = track.xy[np.isfinite(track.xy[..., 0])]
    middle = np.median(places, axis=0) * scale
    return bool((middle >= 0).all() and (middle <= size).all())


def _played(track: LandmarkTrack, time_s: Array, scale: Array) -> _Played:
    there = track.seen
    found = np.asarray(track.xy, np.float64) * scale
    known = np.isfinite(found[..., 0])
    seen = np.where(known, track.visibility, np.nan)
    short = fill_gaps(time_s, np.concatenate([found, seen[..., None]], axis=2))
    xy, visibility = short[..., :2], np.nan_to_num(short[..., 2])
    height = stature(found)
    world = np.asarray(track.world, np.float64)
    if not np.isfinite(world[there][:, _HIPS]).all():
        world, plane = _lifted(track, time_s, xy, height, float(scale[0]))
        visibility = visibility * plane
    places = _everywhere(time_s, xy)
    return _Played(
        track.person,
        places.astype(np.float32),
        _from_hips(_placed(world, places, height)).astype(np.float32),
        visibility.astype(np.float32),
        there,
    )


def _lifted(
    track: LandmarkTrack, time_s: Array, xy: Array, height: float, scale: float
) -> tuple[Array, Array]:
    """World landmarks from the picture's, and how surely each is known for that."""
    depth = np.asarray(track.depth, np.float64) * scale
    if np.isfinite(depth[np.isfinite(xy[..., 0])]).all():
        plane = np.ones_like(depth)
    else:
        depth, plane = turned_depth(time_s, xy, height), pointing(xy, height)
    metres = STATURE_M / height
    return np.concatenate([xy * metres, depth[..., None] * metres], axis=2), plane


def _everywhere(time_s: Array, xy: Array) -> Array:
    """A place for every landmark in every frame: what is missing is where it was before and will be again."""
    out = xy.copy()
    for row in INDEX.values():
        known = np.isfinite(xy[:, row, 0])
        if known.any():
            for axis in (0, 1):
                out[:, row, axis] = np.interp(time_s, time_s[known], xy[known, row, axis])
    body = np.nan_to_num(np.nanmedian(xy[np.isfinite(xy[..., 0])], axis=0))
    for name, row in INDEX.items():
        if np.isnan(out[:, row]).any():
            side = name.partition("_")[0] + "_"
            part = next((to for of, to in _WITHOUT_OWN.items() if of in name), "hip")
            out[:, row] = out[:, INDEX["nose" if part == "nose" else side + part]]
            out[:, row] = np.where(np.isnan(out[:, row]), body, out[:, row])
    return out


def _placed(world: Array, places: Array, height: float) -> Array:
    """World landmarks with those that are missing laid flat behind their places in the picture."""
    metres = STATURE_M / height if np.isfinite(height) else 0.0
    flat = np.concatenate([places * metres, np.zeros((*places.shape[:2], 1))], axis=2)
    middle = flat[:, _HIPS].mean(axis=1, keepdims=True) - world[:, _HIPS].mean(axis=1, keepdims=True)
    return np.where(np.isfinite(world), world, flat - np.nan_to_num(middle))


def _from_hips(world: Array) -> Array:
    return np.asarray(world - world[:, _HIPS].mean(axis=1, keepdims=True))


def _body(played: _Played, row: int) -> Body:
    visibility = played.visibility[row]
    keypoints = Keypoints(played.xy[row], played.world[row], visibility, visibility)
    return Body(played.person, keypoints, float(visibility.max()))
