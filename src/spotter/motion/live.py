"""Motion while it happens: the last half minute, cleaned like a file's as soon as a little more is known."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import Body, Keypoints
from spotter.media.frame import Frame
from spotter.motion.angles import MIN_VISIBILITY, angle_table, measure_angles
from spotter.motion.build import JUMP_M, assemble, lift, metres_per_pixel
from spotter.motion.filters import OneEuro, fill_gaps, low_pass, reject_outliers
from spotter.motion.measures import picture_bound, units
from spotter.motion.motion import Motion
from spotter.motion.stature import measured_stature

WINDOW_S = 30.0
"""How much of the past is kept."""

_SETTLED_S, _SETTLED_FRAMES = 0.4, 8
# What is older than both no longer changes, and what is older by twice as much is not felt any more: longer
# than the gaps that are filled, and than the low-pass rings, which at low frame rates rings longer.

_OUTLIER_S = 0.15  # a little more than an outlier's neighbours reach
_CAPACITY = 4096  # frames; a camera of 120 frames a second fills half a minute with 3,600
_STATURE_EVERY_S = 1.0
_STATURE_STEP = 5  # every so many frames are enough to tell how tall somebody is

# What is shown at once trembles less than a degree at rest, and lags a squat by under a tenth of a second.
_MIN_CUTOFF_HZ, _BETA = 1.5, 4.0  # beta in hertz a metre a second


class LiveMotion:
    """Grows by a frame at a time; ``window()`` is the recent motion.

    A file's motion is filtered forwards and backwards in time, which needs some frames to come. So it is
    here: the newest frames are filtered with what is known and again when more is, and are settled after
    half a second. Only the newest angles, which are shown at once, are smoothed by the past alone.

    Args:
        height_m: the person's true height, which sets the scale of all lengths once they were seen standing.

    Example::

        live = LiveMotion()
        live.add(frame, engine.shot, body)
        live.window().values["left_knee"][-1]
    """

    def __init__(self, height_m: float | None = None) -> None:
        self._height_m = height_m
        self._rows = _Rows(2 * _CAPACITY)
        self._first = self._next = 0
        self._piece = self._checked = self._settled = 0  # rows: of this person in this shot, and done of it
        self._person, self._shot = 0, -1
        self._scale, self._stretch = math.nan, 1.0
        self._stature_s = -math.inf
        self._newest = Keypoints.empty()
        self._euro = OneEuro(_MIN_CUTOFF_HZ, _BETA)

    def add(self, frame: Frame, shot: int, body: Body | None) -> None:
        """Take over a frame; None where the person was not found."""
        if body is not None and (body.id != self._person or shot != self._shot):
            self._begin_piece(body.id, shot)
        if self._next == len(self._rows.time_s):
            self._move_to_front()
        points = body.keypoints if body is not None else Keypoints.empty()
        self._rows.put(self._next, frame, shot, points)
        self._next += 1
        self._show(frame.time_s, points)
        oldest = frame.time_s - WINDOW_S
        self._first += int(np.searchsorted(self._rows.time_s[self._first : self._next], oldest))

    def window(self) -> Motion:
        """The motion of the last ``WINDOW_S`` seconds; its arrays are good until the next frame is added."""
        self._settle()
        return self._rows.motion(self._person, self._first, self._next)

    @property
    def settled_s(self) -> float:
        """What is older than this is the same in the next window."""
        return float(self._rows.time_s[self._settled]) if self._settled < self._next else -math.inf

    def forget(self) -> None:
        """Keep nothing of what was so far."""
        self._begin_piece(self._person, self._shot)
        self._first = self._next

    def latest_angles(self) -> dict[str, float]:
        """The newest frame's angles in degrees; NaN where not seen."""
        hidden = self._newest.visibility < MIN_VISIBILITY
        space = lift(self._newest.xy[None], self._newest.world[None])
        space[0, hidden] = np.nan
        return {name: float(value[0]) for name, value in measure_angles(space).items()}

    def _show(self, time_s: float, points: Keypoints) -> None:
        """Smooth the newest landmarks by those before them."""
        unit = self._scale if np.isfinite(self._scale) else 1.0
        smooth = self._euro(time_s, np.concatenate([points.xy * unit, points.world], axis=1))
        self._newest = Keypoints(
            np.asarray(smooth[:, :2] / unit, np.float32),
            np.asarray(smooth[:, 2:], np.float32),
            points.visibility,
            points.presence,
        )

    def _begin_piece(self, person: int, shot: int) -> None:
        """Somebody else, or another shot: what comes is filtered apart from what was."""
        self._settle()
        self._piece = self._checked = self._settled = self._next
        if shot != self._shot:
            self._scale = math.nan
        self._person, self._shot = person, shot
        self._euro = OneEuro(_MIN_CUTOFF_HZ, _BETA)

    def _settle(self) -> None:
        """Clean and measure the frames that are not settled yet."""
        rows, stop = self._rows, self._next
        if self._settled == stop:
            return
        begin = max(self._settled, self._first)
        self._learn_scale()
        self._drop_outliers()
        clock = rows.time_s[:stop]
        context = max(self._piece, self._first, _earlier(clock[: begin + 1]))
        part = slice(context, stop)
        places = low_pass(clock[part], fill_gaps(clock[part], rows.places[part]))[begin - context :]
        visibility = fill_gaps(clock[part], rows.seen[part])[begin - context :]
        new = slice(begin, stop)
        rows.write(
            new,
            assemble(
                self._person,
                clock[new],
                rows.frame[new],
                rows.shot[new],
                places[:, :, :2],
                places[:, :, 2:] * self._stretch,
                np.nan_to_num(visibility),
                np.ones(stop - begin),  # places in the picture stay in pixels until they are asked for
            ),
        )
        self._settled = max(begin, _earlier(clock))

    def _learn_scale(self) -> None:
        """Metres a pixel: the median of this shot, as of a file's; written to all of its frames."""
        rows = self._rows
        here = slice(self._first, self._next)
        this_shot = rows.shot[here] == rows.shot[self._next - 1]
        ratios = rows.ratio[here][this_shot]
        known = ratios[np.isfinite(ratios)]
        if known.size:
            self._scale = float(np.median(known))
            self._learn_stature()
        rows.scale[here][this_shot] = self._scale * self._stretch

    def _learn_stature(self) -> None:
        """How much larger the person is than the model thinks, where their height is known."""
        now = float(self._rows.time_s[self._next - 1])
        if self._height_m is None or now - self._stature_s < _STATURE_EVERY_S:
            return
        self._stature_s = now
        part = slice(max(self._piece, self._first), self._next, _STATURE_STEP)
        raw = self._rows.raw[part]
        placed = np.concatenate([raw[:, :, :2] * self._scale, raw[:, :, 4:]], axis=2)
        stature = measured_stature(placed, np.nan_to_num(self._rows.seen[part]))
        if np.isfinite(stature):
            self._stretch = self._height_m / stature

    def _drop_outliers(self) -> None:
        """Single wild landmarks become NaN; a frame is judged again until all of its neighbours are known."""
        rows, stop = self._rows, self._next
        begin = max(self._checked, self._first)
        clock = rows.time_s[:stop]
        before = max(self._piece, int(np.searchsorted(clock, clock[begin] - _OUTLIER_S)), self._first)
        raw = rows.raw[before:stop]
        step = float(np.median(np.diff(clock[before:]))) if stop - before > 1 else 1.0
        scale = self._scale if np.isfinite(self._scale) else 1.0
        metres = np.concatenate([raw[:, :, :2] * scale, raw[:, :, 2:]], axis=2)
        wild = ~np.isfinite(reject_outliers(metres, step, JUMP_M)[begin - before :])
        rows.places[begin:stop] = np.where(wild, np.nan, raw[begin - before :])
        self._checked = max(begin, int(np.searchsorted(clock, clock[-1] - _OUTLIER_S)))

    def _move_to_front(self) -> None:
        """Half of a full buffer is moved to its beginning."""
        self._settle()
        first = max(self._first, self._next - _CAPACITY)
        self._rows.move(first, self._next)
        self._first, self._next = 0, self._next - first
        self._piece, self._checked, self._settled = (
            max(0, row - first) for row in (self._piece, self._checked, self._settled)
        )


class _Rows:
    """Columns of a fixed length with a row a frame: what came in, and what was made of it."""

    def __init__(self, length: int) -> None:
        self.time_s = np.empty(length)
        self.frame, self.shot = np.empty(length, np.int64), np.empty(length, np.int64)
        self.raw = np.empty((length, len(_NOBODY.xy), 5), np.float32)  # x, y in pixels, and the world's three
        self.places = np.empty_like(self.raw)  # the same without outliers
        self.seen = np.empty(self.raw.shape[:2], np.float32)  # NaN where nobody was found
        self.ratio, self.scale = np.empty(length), np.empty(length)
        self.xy, self.space = np.empty_like(self.raw[..., :2]), np.empty_like(self.raw[..., 2:])
        self.visibility = np.empty_like(self.seen)
        self.values = np.empty((len(_value_names()), length), np.float32)
        self.sd = np.empty((len(angle_table()), length), np.float32)
        self.views = np.empty(length, "<U7")

    def put(self, row: int, frame: Frame, shot: int, points: Keypoints) -> None:
        """Write what came in."""
        self.time_s[row], self.frame[row], self.shot[row] = frame.time_s, frame.index, shot
        self.raw[row, :, :2], self.raw[row, :, 2:] = points.xy, points.world
        self.seen[row] = np.where(np.isnan(points.xy[:, 0]), np.nan, points.visibility)
        self.ratio[row] = metres_per_pixel(points.xy[None], points.world[None])[0]
        self.scale[row] = np.nan

    def write(self, rows: slice, motion: Motion) -> None:
        """Write what was made of it."""
        self.xy[rows], self.space[rows], self.visibility[rows] = motion.xy, motion.space, motion.visibility
        self.values[:, rows] = np.stack(list(motion.values.values()))
        self.sd[:, rows] = np.stack(list(motion.sd.values()))
        self.views[rows] = motion.views

    def motion(self, person: int, first: int, stop: int) -> Motion:
        """The rows as a motion; what tells a place in the picture is turned from pixels into metres."""
        rows = slice(first, stop)
        values = dict(zip(_value_names(), self.values[:, rows], strict=True))
        scale = self.scale[rows].astype(np.float32)
        values |= {name: values[name] * scale for name in picture_bound()}
        return Motion(
            person=person,
            time_s=self.time_s[rows],
            frame=self.frame[rows],
            shot=self.shot[rows],
            xy=self.xy[rows],
            visibility=self.visibility[rows],
            space=self.space[rows],
            values=values,
            sd=dict(zip(_angle_names(), self.sd[:, rows], strict=True)),
            views=self.views[rows],
        )

    def move(self, first: int, stop: int) -> None:
        """Move rows to the front."""
        for name, column in vars(self).items():
            along = column.T if name in ("values", "sd") else column
            along[: stop - first] = along[first:stop].copy()


def _earlier(clock: NDArray[np.float64]) -> int:
    """The row that lies ``_SETTLED_S`` and ``_SETTLED_FRAMES`` before the last one."""
    return max(0, min(len(clock) - _SETTLED_FRAMES, int(np.searchsorted(clock, clock[-1] - _SETTLED_S))))


_NOBODY = Keypoints.empty()


@cache
def _angle_names() -> tuple[str, ...]:
    return tuple(angle.name for angle in angle_table())


@cache
def _value_names() -> tuple[str, ...]:
    """Names of ``Motion.values`` in the order in which they are made."""
    return (*units(), "azimuth")
