"""Keeps what the pose engine saw of everybody, frame by frame, until it is made into motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import Body
from spotter.media.frame import Frame

MIN_SEEN_S = 0.5
"""People seen for a shorter time are not analysed: passers-by at the edge, mistakes of the detector."""

_STITCH_REACH = 1.0  # body sizes between the end of one track and the beginning of the next
_STITCH_SIZES = 2.5


@dataclass(frozen=True)
class Track:
    """One person's raw landmarks over the n frames of a recording; NaN where they were not seen.

    Attributes:
        id: the person's number.
        xy: float32 array (n, 33, 2), pixels.
        world: float32 array (n, 33, 3), metres.
        visibility: float32 array (n, 33), 0 to 1, 0 where not seen.
    """

    id: int
    xy: NDArray[np.float32]
    world: NDArray[np.float32]
    visibility: NDArray[np.float32]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Boolean array (n,)."""
        return np.isfinite(self.xy[:, 0, 0])

    @property
    def areas(self) -> NDArray[np.float64]:
        """Area of the body's box in square pixels, array (n,); 0 where not seen."""
        size = self.xy.max(axis=1) - self.xy.min(axis=1)
        return np.asarray(np.nan_to_num(size.prod(axis=1)), np.float64)


class Recording:
    """Frames' times and everybody's landmarks, in order.

    Example::

        recording = Recording()
        for frame in source:
            recording.add(frame, engine.shot, engine.push(frame))
        athlete = recording.largest()
    """

    def __init__(self) -> None:
        self._times: list[float] = []
        self._frames: list[int] = []
        self._shots: list[int] = []
        self._seen: dict[int, list[tuple[int, Body]]] = {}

    def __len__(self) -> int:
        return len(self._times)

    def add(self, frame: Frame, shot: int, bodies: Sequence[Body]) -> None:
        """Take over one frame's people; frames come in order."""
        row = len(self._times)
        self._times.append(frame.time_s)
        self._frames.append(frame.index)
        self._shots.append(shot)
        for body in bodies:
            self._seen.setdefault(body.id, []).append((row, body))

    def split(self, row: int) -> tuple[Recording, Recording]:
        """The frames before a row, and those from it on."""
        parts = Recording(), Recording()
        for part, rows in zip(parts, (slice(None, row), slice(row, None)), strict=True):
            part._times, part._frames, part._shots = self._times[rows], self._frames[rows], self._shots[rows]
        for person, seen in self._seen.items():
            for at, body in seen:
                part, shift = (parts[0], 0) if at < row else (parts[1], row)
                part._seen.setdefault(person, []).append((at - shift, body))
        return parts

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Times of the n frames."""
        return np.array(self._times)

    @property
    def frame(self) -> NDArray[np.int64]:
        """Numbers of the n frames in the video."""
        return np.array(self._frames, np.int64)

    @property
    def shot(self) -> NDArray[np.int64]:
        """Shot that each frame belongs to."""
        return np.array(self._shots, np.int64)

    @property
    def ids(self) -> list[int]:
        """Numbers of everybody who was seen."""
        return sorted(self._seen)

    def track(self, person: int) -> Track:
        """One person's landmarks on all n frames; all NaN where the number is unknown."""
        n = len(self)
        xy = np.full((n, 33, 2), np.nan, np.float32)
        world = np.full((n, 33, 3), np.nan, np.float32)
        visibility = np.zeros((n, 33), np.float32)
        for row, body in self._seen.get(person, ()):
            xy[row], world[row] = body.keypoints.xy, body.keypoints.world
            visibility[row] = body.keypoints.visibility
        return Track(person, xy, world, visibility)

    def everybody(self) -> list[Track]:
        """A track for each person who was seen long enough."""
        tracks = [self.track(person) for person in self.ids]
        step = float(np.median(np.diff(self._times))) if len(self) > 1 else 1.0
        return [t for t in tracks if t.seen.sum() * step >= min(MIN_SEEN_S, len(self) * step)]

    def largest(self) -> Track | None:
        """The athlete: in each shot the person who fills most of the picture for most of the time.

        A person who was lost and found again under another number is stitched together. The result bears
        the number of the longest piece. None where nobody was seen.
        """
        tracks = self.everybody()
        if not tracks:
            return None
        n = len(self)
        chosen = np.zeros(n, np.int64)
        for shot in np.unique(self.shot):
            rows = self.shot == shot
            chosen[rows] = _athlete(tracks, rows)[rows]
        used = [t for t in tracks if (chosen == t.id).any()]
        if not used:
            return None
        main = max(used, key=lambda t: int((chosen == t.id).sum()))
        xy, world, visibility = main.xy.copy(), main.world.copy(), main.visibility.copy()
        for track in used:
            rows = chosen == track.id
            xy[rows], world[rows], visibility[rows] = (
                track.xy[rows],
                track.world[rows],
                track.visibility[rows],
            )
        gone = chosen == 0
        xy[gone], world[gone], visibility[gone] = np.nan, np.nan, 0
        return Track(main.id, xy, world, visibility)


def _athlete(tracks: Sequence[Track], rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each frame of a shot, the number of the track that shows the athlete; 0 for none."""
    chosen = np.zeros(len(rows), np.int64)
    here = [(float(t.areas[rows].sum()), t) for t in tracks if (t.seen & rows).any()]
    here.sort(key=lambda pair: -pair[0])
    for _, track in here:
        mine = track.seen & rows
        free = mine & (chosen == 0)
        is_first = not chosen.any()
        if is_first or (free.sum() >= 0.95 * mine.sum() and _continues(track, mine, tracks, chosen)):
            chosen[free] = track.id
    return chosen


def _continues(
    track: Track, mine: NDArray[np.bool_], tracks: Sequence[Track], chosen: NDArray[np.int64]
) -> bool:
    """Whether a track begins where the athlete was lost, or ends where they were found."""
    taken, own = np.flatnonzero(chosen), np.flatnonzero(mine)
    gaps = np.abs(taken[:, None] - own[[0, -1]][None])
    nearest, end = np.unravel_index(int(gaps.argmin()), gaps.shape)
    there = taken[int(nearest)]
    other = next(t for t in tracks if t.id == chosen[there])
    a, b = other.xy[there], track.xy[own[[0, -1]][int(end)]]
    sizes = [float(np.linalg.norm(np.ptp(points, axis=0))) for points in (a, b)]
    away = float(np.linalg.norm(a.mean(axis=0) - b.mean(axis=0)))
    return away < _STITCH_REACH * max(sizes) and max(sizes) < _STITCH_SIZES * min(sizes)
