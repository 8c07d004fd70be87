"""Everything that is kept, as Parquet: a file a table, and angles and heart rate taken apart into rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Boolean, Connection, Float, Integer, Table, select
from sqlalchemy.types import TypeEngine

from spotter.coach.session import Session
from spotter.errors import MissingExtraError
from spotter.history.export import each_session
from spotter.history.tables import COLUMNS, METADATA
from spotter.media.writing import scratch_beside

try:
    import pyarrow
    from pyarrow import parquet
except ImportError as error:
    raise MissingExtraError(
        "Parquet needs pyarrow, which is not installed; install it with: pip install 'spotter-coach[records]'"
    ) from error

_AT_ONCE = 50_000  # rows in memory

_ANGLES = pyarrow.schema(
    [
        ("session", pyarrow.string()),
        ("name", pyarrow.string()),
        ("time_s", pyarrow.float64()),
        ("value", pyarrow.float32()),
        ("sd", pyarrow.float32()),
    ]
)
_HEART_RATE = pyarrow.schema(
    [("session", pyarrow.string()), ("time_s", pyarrow.float64()), ("bpm", pyarrow.float32())]
)
_BEATS = pyarrow.schema(
    [("session", pyarrow.string()), ("time_s", pyarrow.float64()), ("rr_s", pyarrow.float32())]
)


def export_parquet(connection: Connection, folder: Path) -> tuple[Path, ...]:
    """Write a Parquet file for each table into a folder, and ``angles``, ``heart_rate`` and ``beats``.

    The tables' files refer to each other by ``key``, as in the database; the other three name a session by
    its id. What is not known is null; of an angle without a standard deviation, ``sd`` is.

    Args:
        connection: within one transaction, so that the files are of one moment.
        folder: made if it is not there; files of the same names are replaced.

    Returns:
        The files.

    Raises:
        OutputError: one cannot be written; it is not there then, or is as it was.
    """
    files = [_write(folder, table.name, *_table(connection, table)) for table in _plain_tables()]
    series = {
        "angles": (_ANGLES, _angles),
        "heart_rate": (_HEART_RATE, _heart_rate),
        "beats": (_BEATS, _beats),
    }
    for name, (schema, columns) in series.items():
        parts = (part for session in each_session(connection) for part in columns(session))
        batches = (_batch(schema, part) for part in parts)
        files.append(_write(folder, name, schema, batches))
    return tuple(files)


def _plain_tables() -> list[Table]:
    return [table for table in METADATA.sorted_tables if table is not COLUMNS]


def _table(connection: Connection, table: Table) -> tuple[pyarrow.Schema, Iterator[pyarrow.RecordBatch]]:
    schema = pyarrow.schema([(column.name, _type(column.type)) for column in table.columns])

    def batches() -> Iterator[pyarrow.RecordBatch]:
        chosen = select(table).order_by(*table.primary_key.columns)
        rows = connection.execution_options(yield_per=_AT_ONCE).execute(chosen).mappings()
        for part in rows.partitions():
            yield pyarrow.RecordBatch.from_pylist([dict(row) for row in part], schema)

    return schema, batches()


def _type(kind: TypeEngine[Any]) -> pyarrow.DataType:
    if isinstance(kind, Boolean):
        return pyarrow.bool_()
    if isinstance(kind, Integer):
        return pyarrow.int64()
    return pyarrow.float64() if isinstance(kind, Float) else pyarrow.string()


def _write(folder: Path, name: str, schema: pyarrow.Schema, batches: Iterable[pyarrow.RecordBatch]) -> Path:
    path = folder / f"{name}.parquet"
    with scratch_beside(path) as scratch:
        with parquet.ParquetWriter(scratch, schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_batch(batch)
        os.replace(scratch, path)
    return path


def _batch(schema: pyarrow.Schema, columns: dict[str, Any]) -> pyarrow.RecordBatch:
    """Arrays as a batch; a text is repeated on every row, and NaN is null."""
    length = len(columns["time_s"])
    arrays = [
        pyarrow.array([columns[field.name]] * length, field.type)
        if isinstance(columns[field.name], str)
        else pyarrow.array(columns[field.name], field.type, from_pandas=True)
        for field in schema
    ]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


def _angles(session: Session) -> Iterator[dict[str, Any]]:
    if (angles := session.angles) is None:
        return
    unknown = np.full(len(angles.time_s), np.nan, np.float32)
    for name, value in angles.values.items():
        sd = angles.sd.get(name, unknown)
        yield {"session": session.id, "name": name, "time_s": angles.time_s, "value": value, "sd": sd}


def _heart_rate(session: Session) -> Iterator[dict[str, Any]]:
    if (heart := session.heart_rate) is not None:
        yield {"session": session.id, "time_s": heart.time_s, "bpm": heart.bpm}


def _beats(session: Session) -> Iterator[dict[str, Any]]:
    if (heart := session.heart_rate) is not None:
        yield {"session": session.id, "time_s": heart.rr_time_s, "rr_s": heart.rr_s}
