"""The plug-in point for sensors of movement: inertial ones on the body, and those on a barbell.

A package offers one by an entry point of the group ``spotter.sensors``, whose object is called without
arguments and gives a `MovementSensor`::

    [project.entry-points."spotter.sensors"]
    my-barbell = "my_package.sensor:MyBarbell"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from spotter.errors import DeviceError

GROUP = "spotter.sensors"
"""Name of the group of entry points."""


@dataclass(frozen=True)
class SensorSamples:
    """What a sensor measured since it was asked last.

    Attributes:
        time_s: float64 array (n,), growing, in seconds of ``time.monotonic``.
        values: quantity to float32 array (n,), NaN where not known. Names carry their unit: of an IMU
            ``acceleration_x_m_s2`` (and y, z), ``turn_x_rad_s``; of a barbell ``velocity_m_s``, ``height_m``.
    """

    time_s: NDArray[np.float64]
    values: Mapping[str, NDArray[np.float32]]


@runtime_checkable
class MovementSensor(Protocol):
    """A sensor that a plug-in brings."""

    @property
    def kind(self) -> Literal["imu", "barbell"]:
        """What it is fixed to: the body, or the bar."""

    @property
    def where(self) -> str:
        """What it is fixed to in words: a landmark's name such as ``"left_wrist"``, or ``"bar"``."""

    def open(self) -> None:
        """Connect; a failure is a DeviceError with a message for the user."""

    def read(self) -> SensorSamples:
        """What came since the last call, without waiting; empty arrays where nothing did."""

    def close(self) -> None:
        """Let go of the device; closing twice does no harm."""


def sensor_names() -> tuple[str, ...]:
    """Names of the sensors that installed packages offer, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def make_sensor(name: str) -> MovementSensor:
    """A new sensor of an installed package, not connected yet.

    Raises:
        DeviceError: no package offers one of that name, or the package is broken.

    >>> make_sensor("no-such-sensor")
    Traceback (most recent call last):
    spotter.errors.DeviceError: no installed package offers a sensor 'no-such-sensor'; offered are: none
    """
    points = entry_points(group=GROUP, name=name)
    if not points:
        offered = ", ".join(sensor_names()) or "none"
        raise DeviceError(f"no installed package offers a sensor {name!r}; offered are: {offered}")
    try:
        maker: Callable[[], object] = next(iter(points)).load()
        sensor = maker()
    except Exception as error:  # anything may go wrong in somebody else's package
        raise DeviceError(f"the sensor {name!r} cannot be loaded ({error}); update its package") from error
    if not isinstance(sensor, MovementSensor):
        raise DeviceError(f"the sensor {name!r} lacks methods of spotter.exchange.sensors.MovementSensor")
    return sensor
