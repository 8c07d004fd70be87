"""An analysis, a motion or a session as tables for data science: Arrow, pandas, polars, Parquet."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spotter.body.keypoints import LANDMARKS
from spotter.coach.analysis import Analysis, Hold, Rep
from spotter.coach.session import Angles, HeartRate, Session
from spotter.errors import MissingExtraError
from spotter.exchange.extras import records_extra
from spotter.media.writing import write_bytes
from spotter.motion.motion import Motion

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Tabular = Analysis | Motion | Session | Angles | HeartRate
"""What there are tables of."""

_REP = (
    "kind", "number", "start_s", "turn_s", "end_s", "complete", "side", "range_deg", "out_s", "hold_s",
    "back_s", "symmetry", "score", "faults",
)  # fmt: skip


def arrow_table(what: Tabular, *, landmarks: bool = False) -> pyarrow.Table:
    """One table; what is not known is null.

    Of an analysis or a session it has a row a repetition, attempt or hold (``kind`` is ``"rep"`` or
    ``"hold"``), with the faults' names as a list; an analysis has the ``person``'s number, a session their
    ``name``. Of a motion or angles it has a row a frame, with a column an angle or measure and one
    ``<angle>_sd`` each; of a heart rate a row a sample.

    Args:
        what: see there.
        landmarks: of a motion, also the landmarks: ``<name>_x`` and ``_y`` in pixels, ``_visibility``, and
            ``_right_m``, ``_down_m``, ``_away_m`` in metres from the hips.

    Raises:
        MissingExtraError: pyarrow is not installed.

    >>> heart = HeartRate(np.array([0.0, 1.0]), np.array([80, np.nan], np.float32))
    >>> arrow_table(heart).to_pydict()
    {'time_s': [0.0, 1.0], 'bpm': [80.0, None]}
    """
    with records_extra("an Arrow table"):
        import pyarrow
    if isinstance(what, Analysis):
        return _rows(_analysis_rows(what))
    if isinstance(what, Session):
        return _rows(_session_rows(what))
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


def to_pandas(what: Tabular, *, landmarks: bool = False) -> pandas.DataFrame:
    """The same as a pandas ``DataFrame``; what is not known is NaN.

    Raises:
        MissingExtraError: pyarrow or pandas is not installed.
    """
    _need("pandas")
    frame: pandas.DataFrame = arrow_table(what, landmarks=landmarks).to_pandas()
    return frame


def to_polars(what: Tabular, *, landmarks: bool = False) -> polars.DataFrame:
    """The same as a polars ``DataFrame``; what is not known is null.

    Raises:
        MissingExtraError: pyarrow or polars is not installed.
    """
    frame: polars.DataFrame = _need("polars").from_arrow(arrow_table(what, landmarks=landmarks))
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


def _analysis_rows(analysis: Analysis) -> list[dict[str, object]]:
    rows = []
    for person in analysis.people:
        head = {"exercise": analysis.exercise.name, "person": person.id, "view": person.view}
        for number, one in enumerate(person.sets, start=1):
            rows += [head | {"set": number} | _rep_row(rep) for rep in one.reps]
        rows += [
            head | {"set": number} | _hold_row(hold) for number, hold in enumerate(person.holds, start=1)
        ]
    return rows


def _session_rows(session: Session) -> list[dict[str, object]]:
    rows = []
    for number, one in enumerate(session.sets, start=1):
        head = {
            "session": session.id,
            "name": session.person,
            "started": session.started.isoformat(),
            "exercise": one.exercise,
            "set": number,
            "weight_kg": one.weight_kg,
            "view": one.view,
        }
        rows += [head | _rep_row(rep) for rep in one.reps] + [head | _hold_row(hold) for hold in one.holds]
    return rows


def _rep_row(rep: Rep) -> dict[str, object]:
    faults = [fault.name for fault in rep.faults]
    values = (
        "rep", rep.number, rep.start_s, rep.turn_s, rep.end_s, rep.complete, rep.side, rep.range_deg,
        rep.tempo_s.out, rep.tempo_s.hold, rep.tempo_s.back, rep.symmetry, rep.score, faults,
    )  # fmt: skip
    return dict(zip(_REP, values, strict=True))


def _hold_row(hold: Hold) -> dict[str, object]:
    faults = [fault.name for fault in hold.faults]
    known = {"kind": "hold", "start_s": hold.start_s, "end_s": hold.end_s, "faults": faults}
    return dict.fromkeys(_REP) | known


def _rows(rows: Sequence[Mapping[str, object]]) -> pyarrow.Table:
    """Rows as a table whose columns have the same types whatever is in them."""
    import pyarrow

    texts = dict.fromkeys(
        ("session", "name", "started", "exercise", "view", "kind", "side"), pyarrow.string()
    )
    whole = dict.fromkeys(("person", "set", "number"), pyarrow.int64())
    types = texts | whole | {"complete": pyarrow.bool_(), "faults": pyarrow.list_(pyarrow.string())}
    names = list(rows[0]) if rows else ["exercise", "person", "view", "set", *_REP]
    return pyarrow.table(
        {
            name: pyarrow.array(
                [row[name] for row in rows], types.get(name, pyarrow.float64()), from_pandas=True
            )
            for name in names
        }
    )


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
