"""Landmarks as the markers of a motion laboratory: OpenSim's names and axes, an even frame rate."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import LANDMARKS
from spotter.coach.session import Session
from spotter.errors import ExchangeError
from spotter.motion.landmark_file import LANDMARKS_NPZ, LandmarkTrack
from spotter.motion.motion import Motion

Unit = Literal["m", "mm"]
Moving = Motion | LandmarkTrack | Session
"""What is asked for markers; a session has none."""

PER_METRE: Mapping[Unit, float] = {"m": 1.0, "mm": 1000.0}

_STAMP_S = 1.1e-3  # times that are off an even clock by no more than this were only rounded
_PAUSE_STEPS = 1.5  # a longer step between two frames is a gap
_AXES = np.array([1.0, -1.0, -1.0])


@dataclass(frozen=True, slots=True)
class Markers:
    """Places of markers over time, at an even rate.

    Attributes:
        labels: the m markers' names.
        time_s: float64 array (n,), growing evenly.
        places: float32 array (n, m, 3) in ``unit``: right-handed, Y up; NaN where a marker was not seen.
        rate_hz: frames a second.
        unit: ``"m"`` or ``"mm"``.
    """

    labels: tuple[str, ...]
    time_s: NDArray[np.float64]
    places: NDArray[np.float32]
    rate_hz: float
    unit: Unit


@cache
def marker_names() -> tuple[str, ...]:
    """OpenSim's names of the 33 landmarks, in their order.

    >>> marker_names()[0], marker_names()[-1]
    ('Nose', 'RBigToe')
    """
    table = _table()["markers"]
    return tuple(table[name] for name in LANDMARKS)


@cache
def coordinate_angles() -> Mapping[str, tuple[str, float]]:
    """OpenSim's coordinate to Spotter's angle, and the angle that is its zero (180, or 0 for "as it is").

    >>> coordinate_angles()["knee_angle_r"]
    ('right_knee', 180.0)
    """
    table = _table()
    flexions = {name: (angle, 180.0) for name, angle in table["coordinates"].items()}
    return flexions | {name: (angle, 0.0) for name, angle in table["coordinates_as_they_are"].items()}


def markers_of(motion: Moving, unit: Unit = "m") -> Markers:
    """The landmarks of a motion as markers.

    Spotter's axes (x right, y down, z away from the camera) are turned about x, so that X points right, Y up
    and Z towards the camera. The origin lies between the hips in every frame: where the person went in the
    room is not known. Where the frames' times are uneven, places are taken by straight lines between
    neighbouring frames; gaps and cuts stay empty.

    Raises:
        ExchangeError: the motion has no frame, or it is a session, which keeps no landmarks.
    """
    if isinstance(motion, Session):
        raise ExchangeError(
            f"no landmarks are kept of {motion.source or f'session {motion.id}'}; "
            f"analyse the video again: {LANDMARKS_NPZ} in its folder keeps them"
        )
    if not len(motion):
        raise ExchangeError("there is no frame to write; analyse a part of the video that shows somebody")
    flat = np.asarray(motion.space, np.float64).reshape(len(motion), -1)
    clock, even, rate_hz = on_even_clock(motion.time_s, flat, motion.shot)
    places = even.reshape(len(clock), -1, 3) * (_AXES * PER_METRE[unit])
    return Markers(marker_names(), clock, places.astype(np.float32), rate_hz, unit)


def on_even_clock(
    time_s: NDArray[np.float64], values: NDArray[np.float64], shot: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Signals at an even rate: the usual one between frames, from the first frame on.

    Args:
        time_s: array (n,), growing.
        values: array (n, k), NaN where not known.
        shot: array (n,); nothing is taken from two shots at once.

    Returns:
        Times (t,), values (t, k), and the rate in hertz; of a single frame the rate is not known and said to
        be 1.

    >>> time_s = np.array([0.0, 0.1, 0.25, 0.3, 0.9, 1.0])
    >>> clock, even, rate = on_even_clock(time_s, time_s[:, None] * 10)
    >>> len(clock), round(rate, 6), even[:5, 0].round(3).tolist()
    (11, 10.0, [0.0, 1.0, 2.0, 3.0, nan])
    """
    n = len(time_s)
    if n == 1:
        return time_s.copy(), values.copy(), 1.0
    mean_s = float(time_s[-1] - time_s[0]) / (n - 1)
    clock = time_s[0] + np.arange(n) * mean_s
    if np.abs(time_s - clock).max() <= _STAMP_S:
        return clock, values.copy(), _rate(mean_s)
    step_s = float(np.median(np.diff(time_s)))
    count = int(np.floor((time_s[-1] - time_s[0]) / step_s + 1e-6)) + 1
    clock = time_s[0] + np.arange(count) * step_s
    row = np.clip(np.searchsorted(time_s, clock, side="right") - 1, 0, n - 2)
    wide = time_s[row + 1] - time_s[row]
    share = ((clock - time_s[row]) / wide)[:, None]
    before, after = values[row], values[row + 1]
    apart = wide > _PAUSE_STEPS * step_s
    if shot is not None:
        apart |= shot[row] != shot[row + 1]
    between = np.where(apart[:, None], np.nan, before + share * (after - before))
    close = _STAMP_S / wide[:, None]
    even = np.where(share <= close, before, np.where(share >= 1 - close, after, between))
    return clock, even, _rate(step_s)


def _rate(step_s: float) -> float:
    return float(f"{1 / step_s:.6g}")


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = tomllib.loads(
        files("spotter.exchange").joinpath("markers.toml").read_text("utf-8")
    )
    return table
