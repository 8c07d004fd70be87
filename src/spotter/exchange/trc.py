"""TRC, the text file of marker places that OpenSim reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spotter.errors import ExchangeError
from spotter.exchange.markers import PER_METRE, Markers, Moving, Unit, markers_of
from spotter.exchange.text_table import read_lines, read_rows, single
from spotter.media.writing import write_text

_HEAD = (
    "DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate", "OrigDataStartFrame",
    "OrigNumFrames",
)  # fmt: skip
_FIRST_ROW = 6  # index of the first line of numbers, after an empty one


def write_trc(motion: Moving, path: Path, unit: Unit = "m") -> None:
    """Write a person's landmarks as TRC: OpenSim's marker names, Y up, an even rate, unseen markers empty.

    Args:
        motion: see `markers_of` for what becomes of its axes and times.
        path: of the file, usually ``*.trc``.
        unit: ``"m"`` or ``"mm"``; the head of the file says which.

    Raises:
        ExchangeError: the motion has no frame, or it is a session, which keeps no landmarks.
        OutputError: it cannot be written.

    Example::

        write_trc(motion, Path("squat.trc"))
        read_trc(Path("squat.trc")).labels
    """
    markers = markers_of(motion, unit)
    count, rate = len(markers.time_s), repr(markers.rate_hz)
    figures = [rate, rate, count, len(markers.labels), unit, rate, 1, count]
    axes = [f"{axis}{number}" for number in range(1, len(markers.labels) + 1) for axis in "XYZ"]
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "\t".join(_HEAD),
        "\t".join(map(str, figures)),
        "Frame#\tTime\t" + "\t\t\t".join(markers.labels) + "\t\t",
        "\t\t" + "\t".join(axes),
        "",
    ]
    flat = markers.places.reshape(count, -1)
    for row in range(count):
        cells = [str(row + 1), repr(float(markers.time_s[row])), *map(single, flat[row])]
        lines.append("\t".join(cells))
    write_text(path, "\n".join(lines) + "\n")


def read_trc(path: Path) -> Markers:
    """The markers of a TRC file.

    Raises:
        ExchangeError: it cannot be read, is no TRC, or is damaged; with the line.
    """
    lines = read_lines(path)
    if not lines or not lines[0].startswith("PathFileType"):
        raise ExchangeError(f"{path}, line 1: no TRC file; it would begin with PathFileType")
    if len(lines) < _FIRST_ROW - 1:
        raise ExchangeError(f"{path}, line {len(lines)}: the file ends in its head; it was cut off")
    head = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=False))
    try:
        rate_hz, count, wanted = float(head["DataRate"]), int(head["NumMarkers"]), int(head["NumFrames"])
        unit = next(one for one in PER_METRE if one == head["Units"])
    except (KeyError, ValueError, StopIteration) as error:
        raise ExchangeError(
            f"{path}, line 3: the head must say DataRate, NumFrames, NumMarkers, and Units m or mm"
        ) from error
    labels = tuple(lines[3].rstrip("\t").split("\t")[2::3])
    if len(labels) != count or count < 1 or wanted < 0:
        raise ExchangeError(f"{path}, line 4: {len(labels)} markers are named, but line 3 says {count}")
    rows = read_rows(path, lines, _FIRST_ROW - 1, 2 + 3 * count, wanted)
    places = rows[:, 2:].reshape(wanted, count, 3).astype(np.float32)
    return Markers(labels, rows[:, 1].copy(), places, rate_hz, unit)
