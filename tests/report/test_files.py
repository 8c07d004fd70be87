"""The files that other programs read: their exact form, what is not known, and what stays after an error."""

from __future__ import annotations

import csv
import errno
import io
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spotter.coach.analysis import Analysis, ExerciseFound, Person, RepSet
from spotter.errors import OutputError
from spotter.media.writing import write_text
from spotter.motion.angles import angle_table
from spotter.report.files import (
    REPS_COLUMNS,
    AnglesCsv,
    analysis_document,
    analysis_json,
    write_analysis,
    write_reps,
)
from tests.report import material


def test_analysis_has_exactly_the_agreed_form() -> None:
    document = analysis_document(material.analysis(material.squats()))
    assert list(document) == ["schema", "video", "exercise", "people", "spent_s", "heart_rate"]
    assert document["heart_rate"] is None
    assert document["schema"] == 1
    assert document["exercise"] == {"name": "squat", "how": "recognised", "confidence": 0.93}
    (person,) = document["people"]
    assert list(person) == ["id", "view", "sets", "holds", "not_judged", "summary"]
    assert person["not_judged"] == [
        {"fault": "uneven-legs", "why": "The camera sees you from the side; from the front it shows."}
    ]
    (one,) = person["sets"]
    assert list(one) == ["start_s", "end_s", "reps", "heart_rate"] and one["heart_rate"] is None
    assert one["reps"][2] == {
        "number": 3,
        "start_s": 4.0,
        "turn_s": 5.0,
        "end_s": 6.0,
        "complete": True,
        "side": "both",
        "range_deg": 90.0,
        "tempo_s": {"out": 0.9, "hold": 0.2, "back": 0.9},
        "symmetry": 0.97,
        "score": 60.0,
        "faults": [
            {
                "name": "knees-cave-in",
                "severity": "danger",
                "at_s": 5.0,
                "measured": 0.62,
                "limit": 0.8,
                "unit": "ratio",
                "cue": "Push your knees out over your toes.",
            }
        ],
    }
    assert one["reps"][3]["complete"] is False
    assert one["reps"][3]["score"] is None


def test_holds_have_their_times() -> None:
    document = analysis_document(material.analysis(material.plank(), name="plank"))
    first, second = document["people"][0]["holds"]
    assert (first["start_s"], first["end_s"], first["faults"][0]["name"]) == (0.0, 3.0, "hips-sag")
    assert second == {"start_s": 4.0, "end_s": 8.0, "faults": [], "heart_rate": None}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (math.nan, None),
        (math.inf, None),
        (np.float32("nan"), None),
        (np.float64(0.1), 0.1),
        (np.int64(7), 7),
        ((1, math.nan), [1, None]),
        ("NaN", "NaN"),
        (True, True),
    ],
)
def test_what_json_cannot_say_is_null(value: object, written: object) -> None:
    one = Analysis({"x": value}, ExerciseFound(None, "recognised", 0.1), ())
    text = analysis_json(one)
    assert json.loads(text)["video"]["x"] == written
    assert "NaN" not in text or value == "NaN"


def test_analysis_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "analysis.json"
    write_analysis(path, material.analysis(material.squats()))
    assert json.loads(path.read_text("utf-8"))["people"][0]["id"] == 1
    assert [one.name for one in path.parent.iterdir()] == ["analysis.json"]


def test_reps_have_a_row_each(tmp_path: Path) -> None:
    second = replace(material.rep(1, [material.SHALLOW, material.CAVING], score=math.nan), side="left")
    person = replace(material.squats(), sets=(*material.squats().sets, RepSet(0.0, 2.0, (second,))))
    path = tmp_path / "reps.csv"
    write_reps(path, [person])
    header, *rows = csv.reader(path.read_text("utf-8").splitlines())
    assert tuple(header) == REPS_COLUMNS
    assert rows[1] == [
        "1", "1", "2", "2.000", "3.000", "4.000", "true", "both", "90.0",
        "0.90", "0.20", "0.90", "0.970", "80.0", "too-shallow",
    ]  # fmt: skip
    assert rows[3][REPS_COLUMNS.index("complete")] == "false"
    assert rows[3][REPS_COLUMNS.index("score")] == ""
    assert rows[4][1:3] == ["2", "1"]
    assert rows[4][-2:] == ["", "too-shallow;knees-cave-in"]


def test_no_people_give_a_header_alone(tmp_path: Path) -> None:
    write_reps(tmp_path / "reps.csv", [])
    assert (tmp_path / "reps.csv").read_text("utf-8") == ",".join(REPS_COLUMNS) + "\n"


def read_angles(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def test_angles_are_appended_stretch_by_stretch(tmp_path: Path) -> None:
    path = tmp_path / "angles.csv"
    with AnglesCsv(path) as table:
        table.add(material.stretch(material.squats(), end_s=4.0))
        assert not path.exists()
        table.add(material.stretch(material.squats(), start_s=4.0, end_s=8.0))
    rows = read_angles(path)
    names = [angle.name for angle in angle_table()]
    assert list(rows[0]) == ["time_s", "person", *names, *(f"{name}_sd" for name in names)]
    assert len(rows) == 160
    assert (rows[20]["time_s"], rows[20]["person"]) == ("1.0000", "1")
    assert (rows[20]["left_knee"], rows[20]["left_knee_sd"]) == ("80.00", "5.00")
    assert rows[20]["left_hip"] == rows[20]["left_hip_sd"] == ""
    assert [one.name for one in tmp_path.iterdir()] == ["angles.csv"]


def test_people_take_turns_on_each_frame(tmp_path: Path) -> None:
    with AnglesCsv(tmp_path / "a.csv") as table:
        table.add(material.stretch(material.squats(1), material.squats(2)))
    rows = read_angles(tmp_path / "a.csv")
    assert [(row["time_s"], row["person"]) for row in rows[:3]] == [
        ("0.0000", "1"),
        ("0.0000", "2"),
        ("0.0500", "1"),
    ]


def test_nothing_to_add_gives_a_header_alone(tmp_path: Path) -> None:
    with AnglesCsv(tmp_path / "a.csv"):
        pass
    assert (tmp_path / "a.csv").read_text("utf-8").startswith("time_s,person,left_knee,right_knee,left_hip")
    assert read_angles(tmp_path / "a.csv") == []


def test_an_abort_keeps_the_stretches_that_are_complete(tmp_path: Path) -> None:
    path = tmp_path / "angles.csv"
    with pytest.raises(KeyboardInterrupt), AnglesCsv(path) as table:
        table.add(material.stretch(material.squats(), end_s=4.0))
        raise KeyboardInterrupt
    assert len(read_angles(path)) == 80


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here to play a full disk")
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spotter.media.writing.temporary_name", lambda path: Path("/dev/full"))
    monkeypatch.setattr("pathlib.Path.unlink", lambda self, missing_ok=False: None)
    with pytest.raises(OutputError, match="the disk is full"):
        write_text(tmp_path / "a.txt", "x" * 10_000)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    for write in (lambda path: write_text(path, ""), AnglesCsv, lambda path: write_reps(path, ())):
        with pytest.raises(OutputError, match="choose a folder"):
            write(tmp_path / "out" / "a.csv")


def test_persons_without_anything_are_listed() -> None:
    assert analysis_document(material.analysis(Person(3, "unknown")))["people"] == [
        {"id": 3, "view": "unknown", "sets": [], "holds": [], "not_judged": [], "summary": []}
    ]


class FullDisk(io.FileIO):
    """Takes 20,000 bytes, then half of what comes, then nothing."""

    def write(self, data: Any) -> int:
        room = 20_000 - self.tell()
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data[:room])


def test_a_disk_that_fills_up_keeps_the_stretches_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "open", lambda self, mode, buffering: FullDisk(self, mode))
    path = tmp_path / "angles.csv"
    with pytest.raises(OutputError, match=r"angles\.csv .* the disk is full"), AnglesCsv(path) as table:
        for start_s in range(0, 100, 2):
            table.add(material.stretch(material.squats(), start_s=start_s, end_s=start_s + 2))
    monkeypatch.undo()
    rows = read_angles(path)
    assert 80 <= len(rows) < 500 and len(rows) % 40 == 0
    assert all(row["right_knee_sd"] == "7.00" for row in rows)
