"""Motion while it happens: each new frame is smoothed by the past alone, and the last half minute is kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import Body, Keypoints
from spotter.media.frame import Frame
from spotter.motion.angles import angle_table
from spotter.motion.build import assemble, metres_per_pixel
from spotter.motion.filters import OneEuro
from spotter.motion.motion import Motion

WINDOW_S = 30.0
"""How much of the past is kept."""

_CAPACITY = 4096  # frames; a camera of 120 frames a second fills half a minute with 3,600

# A resting joint trembles less than a degree, and a quick squat lags less than a tenth of a second.
_MIN_CUTOFF_HZ, _BETA = 1.5, 4.0  # beta in hertz a metre a second


class LiveMotion:
    """Grows by a frame at a time; ``window()`` is the recent motion.

    Example::

        live = LiveMotion()
        live.add(frame, engine.shot, body)
        live.window().values["left_knee"][-1]
    """

    def __init__(self) -> None:
        self._columns: dict[str, NDArray[np.generic]] = {}
        self._first = self._next = 0
        self._person, self._shot = 0, -1
        self._restart()

    def add(self, frame: Frame, shot: int, body: Body | None) -> None:
        """Take over a frame; None where the person was not found."""
        if body is not None and (body.id != self._person or shot != self._shot):
            self._person, self._shot = body.id, shot
            self._restart()
        self._append(self._measure(frame, shot, body.keypoints if body is not None else Keypoints.empty()))
        oldest = frame.time_s - WINDOW_S
        self._first += int(np.searchsorted(self._columns["time_s"][self._first : self._next], oldest))

    def window(self) -> Motion:
        """The motion of the last ``WINDOW_S`` seconds; its arrays are good until the next frame is added."""
        rows = slice(self._first, self._next)
        parts: dict[str, dict[str, NDArray[np.float32]]] = {"values": {}, "sd": {}}
        whole = {}
        for key, column in self._columns.items():
            group, _, name = key.partition("/")
            if name:
                parts[group][name] = np.asarray(column[rows], np.float32)
            else:
                whole[key] = column[rows]
        return Motion(
            person=self._person,
            time_s=np.asarray(whole["time_s"], np.float64),
            frame=np.asarray(whole["frame"], np.int64),
            shot=np.asarray(whole["shot"], np.int64),
            xy=np.asarray(whole["xy"], np.float32),
            visibility=np.asarray(whole["visibility"], np.float32),
            space=np.asarray(whole["space"], np.float32),
            values=parts["values"],
            sd=parts["sd"],
            views=np.asarray(whole["views"], np.str_),
        )

    def latest_angles(self) -> dict[str, float]:
        """The newest frame's angles in degrees; NaN where not seen."""
        if self._next == 0:
            return {angle.name: float("nan") for angle in angle_table()}
        row = self._next - 1
        return {
            angle.name: float(np.float64(self._columns[f"values/{angle.name}"][row]))
            for angle in angle_table()
        }

    def _append(self, one: Motion) -> None:
        """Write a motion of one frame behind the others; half of a full buffer is moved to its front."""
        new: dict[str, NDArray[np.generic]] = {
            "time_s": one.time_s,
            "frame": one.frame,
            "shot": one.shot,
            "xy": one.xy,
            "visibility": one.visibility,
            "space": one.space,
            "views": one.views,
            **{f"values/{name}": column for name, column in one.values.items()},
            **{f"sd/{name}": column for name, column in one.sd.items()},
        }
        if not self._columns:
            self._columns = {
                key: np.empty((2 * _CAPACITY, *column.shape[1:]), column.dtype) for key, column in new.items()
            }
        if self._next == 2 * _CAPACITY:
            keep = slice(max(self._first, self._next - _CAPACITY), self._next)
            for column in self._columns.values():
                column[: keep.stop - keep.start] = column[keep].copy()
            self._first, self._next = 0, keep.stop - keep.start
        for key, column in new.items():
            self._columns[key][self._next] = column[0]
        self._next += 1

    def _restart(self) -> None:
        self._places = OneEuro(_MIN_CUTOFF_HZ, _BETA)
        self._deep = OneEuro(_MIN_CUTOFF_HZ, _BETA)
        self._scale = float("nan")

    def _measure(self, frame: Frame, shot: int, points: Keypoints) -> Motion:
        scale = float(metres_per_pixel(points.xy[None], points.world[None])[0])
        if np.isfinite(scale):
            self._scale = scale if np.isnan(self._scale) else self._scale + 0.02 * (scale - self._scale)
        unit = self._scale if np.isfinite(self._scale) else 1.0
        xy = self._places(frame.time_s, points.xy * unit) / unit
        return assemble(
            self._person,
            np.array([frame.time_s]),
            np.array([frame.index], np.int64),
            np.array([shot], np.int64),
            xy[None],
            self._deep(frame.time_s, points.world)[None],
            points.visibility[None],
            np.array([unit]),
        )
