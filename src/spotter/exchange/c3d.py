"""C3D, the binary file of marker places that motion laboratories exchange."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np

from spotter.errors import ExchangeError
from spotter.exchange.extras import records_extra
from spotter.exchange.markers import PER_METRE, Markers, Moving, Unit, markers_of
from spotter.media.writing import scratch_beside

_BLOCK = 512
_SEEN, _NOT_SEEN = 0.0, -1.0
_OWN_GROUP, _START = "SPOTTER", "START_S"


def write_c3d(motion: Moving, path: Path, unit: Unit = "mm") -> None:
    """Write a person's landmarks as C3D: points with OpenSim's marker names, Y up, no analog channels.

    A point that was not seen has the residual -1, as the format wants it. C3D counts frames and knows no
    times; when the first frame was, in the video, stands in ``SPOTTER:START_S``.

    Args:
        motion: see `markers_of` for what becomes of its axes and times.
        path: of the file, usually ``*.c3d``.
        unit: ``"mm"``, as laboratories have it, or ``"m"``; ``POINT:UNITS`` says which.

    Raises:
        ExchangeError: the motion has no frame, or it is a session, which keeps no landmarks.
        MissingExtraError: ezc3d is not installed.
        OutputError: it cannot be written.
    """
    ezc3d = _ezc3d()
    markers = markers_of(motion, unit)
    seen = np.asarray(np.isfinite(markers.places).all(axis=2))
    points = np.ones((4, len(markers.labels), len(markers.time_s)))
    points[:3] = np.where(seen[..., None], markers.places, np.nan).transpose(2, 1, 0)
    file = ezc3d.c3d()
    parameters = file["parameters"]["POINT"]
    parameters["UNITS"]["value"] = [unit]
    parameters["RATE"]["value"] = [markers.rate_hz]
    parameters["LABELS"]["value"] = list(markers.labels)
    file["data"]["points"] = points
    file["data"]["meta_points"] = {
        "residuals": np.where(seen.T, _SEEN, _NOT_SEEN)[None],
        "camera_masks": np.zeros((7, *seen.T.shape), bool),
    }
    file.add_parameter("POINT", "X_SCREEN", ["+X"])
    file.add_parameter("POINT", "Y_SCREEN", ["+Y"])
    file.add_parameter(_OWN_GROUP, _START, [float(markers.time_s[0])])
    with scratch_beside(path) as scratch:
        whole = scratch.with_name("points.c3d")  # ezc3d changes names that end otherwise
        file.write(str(whole))
        os.replace(whole, path)


def read_c3d(path: Path) -> Markers:
    """The points of a C3D file; NaN where a point's residual says that it was not seen.

    Raises:
        ExchangeError: it cannot be read, is no C3D, or is damaged; with the byte where it ends too early.
        MissingExtraError: ezc3d is not installed.
    """
    ezc3d = _ezc3d()
    _check_whole(path)
    try:
        file = ezc3d.c3d(str(path))
    except Exception as error:  # ezc3d raises whatever its C++ code does
        raise ExchangeError(f"{path} is damaged: {error}") from error
    group = file["parameters"]["POINT"]
    rate_hz = float(group["RATE"]["value"][0])
    said = "".join(group["UNITS"]["value"][:1])
    unit = next((one for one in PER_METRE if one == said), None)
    if unit is None or not rate_hz > 0:
        raise ExchangeError(
            f"{path}: lengths are in {said!r} at {rate_hz:g} Hz; wanted are m or mm, and a rate"
        )
    points = file["data"]["points"]
    places = points[:3].transpose(2, 1, 0).astype(np.float32)
    places[file["data"]["meta_points"]["residuals"][0].T < 0] = np.nan
    labels = tuple(group["LABELS"]["value"])[: places.shape[1]]
    own = file["parameters"].get(_OWN_GROUP, {})
    start_s = float(own[_START]["value"][0]) if _START in own else 0.0
    time_s = start_s + np.arange(len(places)) / rate_hz
    return Markers(labels, time_s, places, rate_hz, unit)


def _check_whole(path: Path) -> None:
    """The head says how long the file must be, and a parser in C++ is not to find out that it is shorter."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_BLOCK)
    except OSError as error:
        raise ExchangeError(f"{path} cannot be read ({error.strerror})") from error
    if len(head) < _BLOCK or head[1] != 0x50:
        raise ExchangeError(f"{path}, byte 1: no C3D file; its second byte would be 0x50")
    order = {0x55: None, 0x54: "<", 0x56: ">"}.get(_processor(path, head), "<")
    if order is None:
        return  # a VAX's numbers: left to ezc3d
    points, analogs, first, last = struct.unpack_from(order + "4H", head, 2)
    scale, start = struct.unpack_from(order + "fH", head, 12)
    frames = last - first + 1
    if last == 0xFFFF or frames < 0:
        return  # more frames than the head can count
    needed = (start - 1) * _BLOCK + frames * (4 * points + analogs) * (4 if scale < 0 else 2)
    if size < needed:
        raise ExchangeError(f"{path} ends at byte {size}, but its head announces {needed}; it was cut off")


def _processor(path: Path, head: bytes) -> int:
    """The byte that says in which order numbers are written, in the block of parameters."""
    with path.open("rb") as file:
        file.seek((head[0] - 1) * _BLOCK + 3)
        return int.from_bytes(file.read(1) or b"\x54", "big")


def _ezc3d() -> Any:
    with records_extra("C3D"):
        import ezc3d  # type: ignore[import-untyped, unused-ignore]
    return ezc3d
