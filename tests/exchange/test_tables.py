"""Tables and Rerun's recording: what is not known, nothing at all, several people."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from spotter.coach.analysis import Analysis, ExerciseFound, TableName
from spotter.coach.heart import HeartRate
from spotter.coach.session import Angles, session_of
from spotter.errors import ExchangeError, MissingExtraError, OutputError, UsageError
from spotter.exchange.markers import markers_of
from spotter.exchange.mot import write_mot
from spotter.exchange.rerun_file import RerunFile, write_rerun
from spotter.exchange.tables import arrow_table, to_pandas, to_polars, write_parquet
from spotter.motion.motion import Motion
from tests.motion.stick import Pose, clock, make_motion
from tests.report.material import CAVING, analysis, plank, squats, stretch

pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def motion() -> Motion:
    """Somebody whose left wrist is never seen, and who is lost for a while."""
    time_s = clock(1.0)
    gone = (time_s > 0.3) & (time_s < 0.8)
    return make_motion(Pose(azimuth=60, knee=30 * time_s), time_s, gone=gone, hidden=("left_wrist",))


def test_reps_and_holds_with_what_is_not_known_as_null() -> None:
    table = arrow_table(analysis(squats(1), squats(2)))
    rows = table.to_pylist()
    assert len(rows) == 8 and {row["person"] for row in rows} == {1, 2}
    assert rows[3]["score"] is None and rows[3]["complete"] is False
    assert rows[2]["faults"] == ["knees-cave-in"] and rows[0]["faults"] == []
    held = arrow_table(analysis(plank(), name="plank")).to_pylist()
    assert [row["kind"] for row in held] == ["hold", "hold"] and held[0]["range_deg"] is None


def test_tables_have_the_same_types_whatever_is_in_them() -> None:
    empty = Analysis({"name": "a"}, ExerciseFound(None, "recognised", 0.1), ())
    full, nothing, held = (arrow_table(one) for one in (analysis(squats()), empty, analysis(plank())))
    assert full.schema == held.schema == nothing.schema and nothing.num_rows == 0


def test_a_session_says_who_when_and_how_heavy() -> None:
    session = session_of(analysis(squats()), datetime(2026, 5, 4, 18, 30, tzinfo=UTC), weights_kg=[60])
    assert session is not None
    rows = arrow_table(session).to_pylist()
    assert len(rows) == 4
    assert rows[0]["started"] == "2026-05-04T18:30:00+00:00"
    assert (rows[0]["weight_kg"], rows[0]["session"], rows[0]["name"]) == (60.0, session.id, "me")


def test_a_motion_frame_by_frame(motion: Motion) -> None:
    table = arrow_table(motion, landmarks=True)
    assert table.num_rows == len(motion)
    assert table["left_elbow"].null_count == len(motion)
    assert 0 < table["left_knee"].null_count < len(motion)
    np.testing.assert_array_equal(to_pandas(motion)["left_knee"].to_numpy(), motion.values["left_knee"])
    assert to_polars(motion)["left_knee"].null_count() == table["left_knee"].null_count
    np.testing.assert_array_equal(table["nose_away_m"].to_numpy(), motion.space[:, 0, 2])
    assert set(arrow_table(motion).column_names) >= {
        "time_s",
        "view",
        "left_knee",
        "left_knee_sd",
        "trunk_lean",
    }


def test_parquet_reads_back(motion: Motion, tmp_path: Path) -> None:
    from pyarrow import parquet

    angles = Angles(motion.time_s, motion.values, motion.sd)
    heart = HeartRate(np.array([0.0, 5.0]), np.array([80, 90], np.float32))
    for number, one in enumerate((motion, angles, heart, analysis(squats()))):
        path = tmp_path / "new" / f"{number}.parquet"
        write_parquet(one, path)
        assert parquet.read_table(path).equals(arrow_table(one))
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_parquet(heart, tmp_path / "file" / "a.parquet")


def test_what_a_session_does_not_keep_is_told(tmp_path: Path) -> None:
    session = session_of(analysis(squats()), datetime(2026, 5, 4, tzinfo=UTC))
    assert session is not None
    with pytest.raises(ExchangeError, match="without its joint angles"):
        write_mot(session, tmp_path / "a.mot")
    with pytest.raises(ExchangeError, match="no landmarks are kept of squat; analyse the video again"):
        markers_of(session)
    write_mot(
        replace(session, angles=Angles(np.zeros(1), {"left_knee": np.zeros(1, np.float32)})), tmp_path / "b"
    )
    assert (tmp_path / "b").read_text().endswith("180.0\n")


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_a_library_that_is_missing_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    found = analysis(squats())
    wanted = {"pandas": found.to_pandas, "polars": found.to_polars, "pyarrow": found.to_arrow}[library]
    with pytest.raises(
        MissingExtraError, match=rf"pip install {library}|{library}.*spotter-coach\[records\]"
    ):
        wanted()


def test_sets_faults_and_what_was_not_judged() -> None:
    found = analysis(squats(1), squats(2))
    sets = found.to_arrow("sets").to_pylist()
    assert [(row["person"], row["set"], row["reps"], row["attempts"]) for row in sets] == [
        (1, 1, 3, 1),
        (2, 1, 3, 1),
    ]
    assert sets[0]["faults"] == ["too-shallow", "knees-cave-in"] and sets[0]["held_s"] is None
    complete = [rep for rep in found.people[0].reps if rep.complete]
    assert sets[0]["score"] == pytest.approx(sum(rep.score for rep in complete) / 3)
    faults = found.to_pandas("faults")
    assert list(faults["fault"]) == 2 * ["too-shallow", "knees-cave-in"]
    assert list(faults["number"]) == [2, 3, 2, 3] and faults["measured"][1] == CAVING.measured
    assert found.to_polars("not_judged").rows() == [
        (found.exercise.name, person.id, person.view, one.fault, one.why)
        for person in found.people
        for one in person.not_judged
    ]


def test_a_hold_is_a_set_of_its_own() -> None:
    found = analysis(plank(), name="plank")
    held = found.to_arrow("sets").to_pylist()
    assert [(row["kind"], row["set"], row["reps"], row["held_s"]) for row in held] == [
        ("hold", number, 0, hold.end_s - hold.start_s) for number, hold in enumerate(found.people[0].holds, 1)
    ]
    assert held[0]["range_deg"] is None
    assert {row["number"] for row in found.to_arrow("faults").to_pylist()} == {None}


@pytest.mark.parametrize("table", ["reps", "sets", "faults", "not_judged"])
def test_every_table_has_its_columns_where_nothing_is_in_it(table: TableName) -> None:
    empty, full = analysis(name=None), analysis(squats())
    assert empty.to_arrow(table).num_rows == 0 < full.to_arrow(table).num_rows
    assert empty.to_arrow(table).schema == full.to_arrow(table).schema
    session = session_of(full, datetime(2026, 5, 4, tzinfo=UTC))
    assert session is not None
    nothing = replace(session, sets=(), not_judged=())
    assert arrow_table(nothing, table=table).schema == arrow_table(session, table=table).schema
    assert arrow_table(nothing, table=table).num_rows == 0 < arrow_table(session, table=table).num_rows


def test_a_table_that_is_none_is_told() -> None:
    with pytest.raises(UsageError, match="the table is 'rep'; allowed are reps, sets, faults, not_judged"):
        analysis(squats()).to_pandas("rep")  # type: ignore[arg-type]


def test_rerun_holds_landmarks_and_angles(motion: Motion, tmp_path: Path) -> None:
    rerun = pytest.importorskip("rerun")
    path = tmp_path / "new" / "squat.rrd"
    write_rerun(motion, path)
    assert [one.name for one in path.parent.iterdir()] == ["squat.rrd"]
    rows = {}
    for chunk in rerun.chunk.RrdReader(path).stream():
        if not chunk.is_static:
            rows[chunk.entity_path] = rows.get(chunk.entity_path, 0) + chunk.num_rows
    assert rows["/person/1/picture"] == rows["/person/1/space"] == len(motion)
    assert rows["/person/1/angles/right_knee"] == np.isfinite(motion.values["right_knee"]).sum()
    assert "/person/1/angles/left_elbow" not in rows


def test_rerun_takes_stretches_and_says_where_it_cannot_write(tmp_path: Path) -> None:
    pytest.importorskip("rerun")
    path = tmp_path / "two.rrd"
    with RerunFile(path, "two") as file:
        file.add(stretch(squats(1), squats(2)))
        assert not path.exists()
    file.close()
    assert path.stat().st_size > 10_000
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        RerunFile(tmp_path / "file" / "a.rrd")


def test_without_rerun_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rerun", None)
    with pytest.raises(MissingExtraError, match="pip install rerun-sdk"):
        RerunFile(tmp_path / "a.rrd")
    assert not list(tmp_path.iterdir())
