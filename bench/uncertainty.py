"""Fits the constants behind the angles' uncertainty, and shows on exercises left out that they hold there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Protocol
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from bench.table import Cell, Table
from spotter.motion import angles

Floats = NDArray[np.float64]
Constants = tuple[float, float, float, float]

GRID: tuple[Constants, ...] = tuple(
    product(
        (0.01, 0.015, 0.02, 0.025, 0.03, 0.035),
        (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07),
        (1.0, 2.0, 3.0, 4.0, 5.0),
        (0.0, 0.5, 1.0, 2.0, 3.0),
    )
)
"""What is tried: metres in the picture's plane, metres in depth, degrees that are always there, and how much
more of the first two a landmark that is not seen gets."""

_EVERY = 10  # neighbouring frames hardly differ
_MOST_DEG = 90.0
_STEP_M = 1e-3


class Errors(Protocol):
    """One angle over n frames: what the fit needs of it; see ``bench.angles.Sample``."""

    @property
    def exercise(self) -> str: ...
    @property
    def error(self) -> Floats: ...
    @property
    def sd(self) -> Floats: ...
    @property
    def plane(self) -> Floats: ...
    @property
    def depth(self) -> Floats: ...
    @property
    def seen(self) -> Floats: ...


def spread_of(space: NDArray[np.float32]) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Degrees that each angle is off for a metre of its landmarks' error: in the picture's plane, in depth.

    Args:
        space: array (n, 33, 3) in metres.
    """
    return _spread(space, _STEP_M, 0.0), _spread(space, 0.0, _STEP_M)


def _spread(space: NDArray[np.float32], plane_m: float, depth_m: float) -> dict[str, Floats]:
    surely_seen = np.ones(space.shape[:2], np.float32)
    with (
        mock.patch.object(angles, "_PLANE_SD_M", plane_m),
        mock.patch.object(angles, "_DEPTH_SD_M", depth_m),
        mock.patch.object(angles, "_FLOOR_SD_DEG", 0.0),
    ):
        said = angles.angle_uncertainty(space, surely_seen)
    return {name: np.asarray(sd, np.float64) / _STEP_M for name, sd in said.items()}


def fit_tables(samples: Sequence[Errors]) -> list[Table]:
    """The constants that make the errors likeliest, on all exercises and with each left out in turn."""
    exercises = list(dict.fromkeys(sample.exercise for sample in samples))
    data = {name: _Data([s for s in samples if s.exercise == name]) for name in exercises}
    everything = list(data.values())
    rows = [_row("as Spotter says now", None, everything)]
    if len(exercises) > 1:
        rows.append(_row("fitted on all, seen on all", _fit(everything), everything))
        for name in exercises:
            rest = [data[other] for other in exercises if other != name]
            rows.append(_row(f"fitted without {name}, seen on it", _fit(rest), [data[name]]))
    return [
        Table(
            name="angles-uncertainty",
            title="The constants behind the angles' uncertainty, by how likely they make the errors",
            columns=(
                *("constants", "plane m", "depth m", "floor deg", "unseen"),
                *("in 1 sd %", "in 2 sd %", "rms of z", "likelihood"),
            ),
            rows=tuple(rows),
            notes=("likelihood: mean logarithm of the errors' normal density; higher is better",),
            digits=3,
        )
    ]


class _Data:
    """The errors of one exercise, flat, without NaN, thinned."""

    def __init__(self, samples: Sequence[Errors]) -> None:
        columns = [
            np.concatenate([getattr(sample, name) for sample in samples])
            for name in ("error", "sd", "plane", "depth", "seen")
        ]
        whole = np.isfinite(np.stack(columns)).all(axis=0)
        error, said, plane, depth, seen = (column[whole][::_EVERY] for column in columns)
        self.error: Floats = error
        self.said: Floats = said
        self.plane, self.depth, self.hidden = plane**2, depth**2, 1 - seen

    def sd(self, constants: Constants | None) -> Floats:
        """Uncertainty with these constants; as Spotter says with None."""
        if constants is None:
            return self.said
        plane_m, depth_m, floor_deg, unseen = constants
        variance = (plane_m**2 * self.plane + depth_m**2 * self.depth) * (1 + unseen * self.hidden) ** 2
        return np.asarray(np.sqrt(floor_deg**2 + variance).clip(max=_MOST_DEG))


def _likelihood(data: Sequence[_Data], constants: Constants | None) -> float:
    """Mean logarithm of the normal density of the errors."""
    total = count = 0.0
    for one in data:
        sd = one.sd(constants)
        total -= float((np.log(sd * np.sqrt(2 * np.pi)) + 0.5 * (one.error / sd) ** 2).sum())
        count += one.error.size
    return total / count


def _fit(data: Sequence[_Data]) -> Constants:
    return max(GRID, key=lambda constants: _likelihood(data, constants))


def _row(name: str, constants: Constants | None, data: Sequence[_Data]) -> tuple[Cell, ...]:
    z = np.concatenate([np.abs(one.error / one.sd(constants)) for one in data])
    shares = [float(100 * (z <= times).mean()) for times in (1, 2)]
    figures = (*shares, float(np.sqrt((z**2).mean())), _likelihood(data, constants))
    return name, *(constants or (None,) * 4), *figures
