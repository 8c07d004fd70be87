"""MOT (and STO), the text file of joint angles that OpenSim reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.coach.session import Angles, Session
from spotter.errors import ExchangeError
from spotter.exchange.markers import coordinate_angles
from spotter.exchange.text_table import read_lines, read_rows, single
from spotter.media.writing import write_text
from spotter.motion.angles import measure_angles
from spotter.motion.landmark_file import LandmarkTrack
from spotter.motion.motion import Motion


@dataclass(frozen=True, slots=True)
class Columns:
    """Signals over time.

    Attributes:
        labels: the k columns' names, without the time.
        time_s: float64 array (n,), growing.
        values: float32 array (n, k); NaN where not known.
        in_degrees: whether angles are in degrees, else in radians.
    """

    labels: tuple[str, ...]
    time_s: NDArray[np.float64]
    values: NDArray[np.float32]
    in_degrees: bool


def coordinates_of(angles: Motion | Angles) -> Columns:
    """Joint angles as OpenSim's coordinates, in degrees.

    ``hip_flexion``, ``knee_angle`` and ``elbow_flex`` are clinical flexion, 180 minus the included angle: 0
    is straight and flexion is positive, as in Rajagopal's model of 2016 (Gait2392 counts the knee negative:
    turn its sign there). The included angle does not tell to which side a joint bends, so an extension
    beyond straight is positive too. ``shoulder_elv`` is the arm's elevation against the trunk, 0 hanging, as
    in Saul's model of 2015. Ankle, pelvis and back are left out: what Spotter measures there is not what
    those coordinates are.

    Raises:
        ExchangeError: there is no frame.

    >>> angles = Angles(np.array([0.0]), {"right_knee": np.array([95.0], np.float32)})
    >>> columns = coordinates_of(angles)
    >>> columns.labels, columns.values.tolist()
    (('knee_angle_r',), [[85.0]])
    """
    known = {name: of for name, of in coordinate_angles().items() if of[0] in angles.values}
    if not len(angles.time_s) or not known:
        raise ExchangeError("there are no joint angles to write; analyse a video that shows somebody")
    columns = [
        zero - angles.values[angle] if zero else angles.values[angle] for angle, zero in known.values()
    ]
    values = np.stack(columns, axis=1).astype(np.float32)
    return Columns(tuple(known), np.asarray(angles.time_s, np.float64), values, in_degrees=True)


def write_mot(angles: Motion | LandmarkTrack | Angles | Session, path: Path) -> None:
    """Write joint angles as MOT; `coordinates_of` says which, and with which sign. Unknown ones are ``nan``.

    The times are the frames' own: OpenSim reads uneven ones.

    Args:
        angles: a motion, landmarks, angles, or a session that keeps them.
        path: of the file, usually ``*.mot`` or ``*.sto``.

    Raises:
        ExchangeError: there is no frame, or the session has no angles.
        OutputError: it cannot be written.
    """
    if isinstance(angles, Session):
        if angles.angles is None:
            raise ExchangeError(
                f"session {angles.id} was kept without its joint angles; there are none to write"
            )
        angles = angles.angles
    if isinstance(angles, LandmarkTrack):
        angles = Angles(angles.time_s, measure_angles(angles.space))
    columns = coordinates_of(angles)
    lines = [
        path.stem or "Coordinates",
        "version=1",
        f"nRows={len(columns.time_s)}",
        f"nColumns={1 + len(columns.labels)}",
        "inDegrees=yes",
        "endheader",
        "\t".join(["time", *columns.labels]),
    ]
    for time_s, values in zip(columns.time_s.tolist(), columns.values, strict=True):
        lines.append("\t".join([repr(time_s), *(single(value) or "nan" for value in values)]))
    write_text(path, "\n".join(lines) + "\n")


def read_mot(path: Path) -> Columns:
    """The columns of a MOT or STO file.

    Raises:
        ExchangeError: it cannot be read, is no MOT, or is damaged; with the line.
    """
    lines = read_lines(path)
    stripped = [line.strip() for line in lines]
    if "endheader" not in stripped:
        raise ExchangeError(f"{path}, line {len(lines)}: no MOT file, or cut off: there is no endheader")
    end = stripped.index("endheader")
    head = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in stripped[:end])}
    labels = lines[end + 1].split("\t") if len(lines) > end + 1 else []
    try:
        wanted, count = int(head["nRows"]), int(head["nColumns"])
    except (KeyError, ValueError) as error:
        raise ExchangeError(f"{path}, line {end + 1}: the head must say nRows and nColumns") from error
    if len(labels) != count or labels[0] != "time" or wanted < 0:
        raise ExchangeError(
            f"{path}, line {end + 2}: {len(labels)} columns are named; {count} with time first are wanted"
        )
    rows = read_rows(path, lines, end + 2, count, wanted)
    in_degrees = head.get("inDegrees", "no") == "yes"
    return Columns(tuple(labels[1:]), rows[:, 0].copy(), rows[:, 1:].astype(np.float32), in_degrees)
