"""An analysis, a motion or a session as tables for data science: Arrow, pandas, polars, Parquet."""

from __future__ import annotations

import io
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spotter.body.keypoints import LANDMARKS
from spotter.coach.analysis import Analysis, TableName
from spotter.coach.heart import HeartRate
from spotter.coach.session import Angles, Session
from spotter.errors import ExchangeError, MissingExtraError
from spotter.exchange.extras import records_extra
from spotter.exchange.table_rows import table_rows
from spotter.media.writing import write_bytes
from spotter.motion.motion import Motion

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Tabular = Analysis | Motion | Session | Angles | HeartRate
"""What there are tables of."""

_TEXTS = (
    "session", "name", "started", "exercise", "view", "kind", "side", "fault", "severity", "unit", "cue",
    "why",
)  # fmt: skip
_WHOLE = ("person", "set", "number", "reps", "attempts")


def arrow_table(what: Tabular, *, table: TableName = "reps", landmarks: bool = False) -> pyarrow.Table:
    """One table; what is not known is null.

    Of an analysis or a session it has a row a repetition, attempt or hold (``kind`` is ``"rep"`` or
    ``"hold"``), with the faults' names as a list, or what ``table`` says instead; an analysis has the
    ``person``'s number, a session their ``name``. Of a motion or angles it has a row a frame, with a column
    an angle or measure and one ``<angle>_sd`` each; of a heart rate a row a sample.

    Args:
        what: see there.
        table: of an analysis or a session, ``"reps"``; ``"sets"`` with means over complete repetitions;
            ``"faults"``, a row a fault with what was measured; or ``"not_judged"``, a row a fault and why.
        landmarks: of a motion, also the landmarks: ``<name>_x`` and ``_y`` in pixels, ``_visibility``, and
            ``_right_m``, ``_down_m``, ``_away_m`` in metres from the hips.

    Raises:
        UsageError: there is no such table.
        ExchangeError: a number is larger than a table can hold.
        MissingExtraError: pyarrow is not installed.

    >>> heart = HeartRate(np.array([0.0, 1.0]), np.array([80, np.nan], np.float32))
    >>> arrow_table(heart).to_pydict()
    {'time_s': [0.0, 1.0], 'bpm': [80.0, None]}
    """
    with records_extra("an Arrow table"):
        import pyarrow
    if isinstance(what, Analysis | Session):
        return _table_of_rows(what, table)
    if isinstance(what, HeartRate):
        columns: dict[str, Any] = {"time_s": what.time_s, "bpm": what.bpm}
    else:
        columns = {"time_s": what.time_s}
        if isinstance(what, Motion):
            person = np.full(len(what), what.person)
            columns |= {"frame": what.frame, "shot": what.shot, "person": person, "view": what.views}
        columns |= dict(what.values) | {f"{name}_sd": sd for name, sd in what.sd.items()}
        if isinstance(what, Motion) and landmarks:
            columns |= _landmark_columns(what)
    return pyarrow.table({name: pyarrow.array(one, from_pandas=True) for name, one in columns.items()})


def to_pandas(what: Tabular, *, table: TableName = "reps", landmarks: bool = False) -> pandas.DataFrame:
    """The same as a pandas ``DataFrame``; what is not known is NaN.

    Raises:
        MissingExtraError: pyarrow or pandas is not installed.
    """
    _need("pandas")
    frame: pandas.DataFrame = arrow_table(what, table=table, landmarks=landmarks).to_pandas()
    return frame


def to_polars(what: Tabular, *, table: TableName = "reps", landmarks: bool = False) -> polars.DataFrame:
    """The same as a polars ``DataFrame``; what is not known is null.

    Raises:
        MissingExtraError: pyarrow or polars is not installed.
    """
    made = arrow_table(what, table=table, landmarks=landmarks)
    frame: polars.DataFrame = _need("polars").from_arrow(made)
    return frame


def write_parquet(what: Tabular, path: Path, *, landmarks: bool = False) -> None:
    """Write the table as Parquet.

    Raises:
        MissingExtraError: pyarrow is not installed.
        OutputError: it cannot be written; nothing is left then.
    """
    table = arrow_table(what, landmarks=landmarks)
    from pyarrow import parquet

    content = io.BytesIO()
    parquet.write_table(table, content, compression="zstd")
    write_bytes(path, content.getvalue())


def _table_of_rows(what: Analysis | Session, table: TableName) -> pyarrow.Table:
    """Columns have the same types whatever is in them."""
    import pyarrow

    names, rows = table_rows(what, table)
    types = dict.fromkeys(_TEXTS, pyarrow.string()) | dict.fromkeys(_WHOLE, pyarrow.int64())
    types |= {"complete": pyarrow.bool_(), "faults": pyarrow.list_(pyarrow.string())}
    columns = {}
    for name in names:
        values = [_utf8(row[name]) for row in rows]
        try:
            columns[name] = pyarrow.array(values, types.get(name, pyarrow.float64()), from_pandas=True)
        except OverflowError as error:
            raise ExchangeError(f"a number of the column {name} is larger than a table can hold") from error
    return pyarrow.table(columns)


def _utf8(value: object) -> object:
    """Text without half characters, which Python makes of names that are no UTF-8."""
    if isinstance(value, list):
        return [_utf8(one) for one in value]
    if not isinstance(value, str) or value.isprintable():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _landmark_columns(motion: Motion) -> dict[str, Any]:
    columns = {}
    for row, name in enumerate(LANDMARKS):
        columns[f"{name}_x"], columns[f"{name}_y"] = motion.xy[:, row, 0], motion.xy[:, row, 1]
        columns[f"{name}_visibility"] = motion.visibility[:, row]
        for axis, way in enumerate(("right_m", "down_m", "away_m")):
            columns[f"{name}_{way}"] = motion.space[:, row, axis]
    return columns


def _need(library: str) -> Any:
    try:
        return import_module(library)
    except ImportError as error:
        raise MissingExtraError(f"{library} is not installed; pip install {library}") from error
