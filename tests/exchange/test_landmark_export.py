"""``spotter export --to trc|c3d|mot`` from an analysis's folder: what was seen comes out, for each person."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from numpy.typing import NDArray

from spotter.cli.app import run
from spotter.cli.export import export_command
from spotter.coach.analysis import Analysis, ExerciseFound, Person, RepSet
from spotter.exchange.landmark_source import landmarks_from
from spotter.exchange.markers import markers_of
from spotter.exchange.mot import coordinates_of, read_mot
from spotter.exchange.trc import read_trc
from spotter.motion.landmark_file import LANDMARKS_NPZ, LandmarkFile
from spotter.motion.motion import Motion
from spotter.report.files import AnglesCsv, write_analysis
from tests.exchange.sessions import rep
from tests.motion.stick import Pose, clock, make_motion
from tests.report import material

Said = tuple[int, str, str]
Command = Callable[..., Said]
MILLIMETRE = 0.001


@pytest.fixture
def export(capsys: pytest.CaptureFixture[str]) -> Command:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(export_command)

    def call(*words: object) -> Said:
        code = run(lambda: app([str(word) for word in words]))
        return (code, *capsys.readouterr())

    return call


def moving(person: int, start_s: float = 0.0) -> Motion:
    """Two seconds of bending a knee; the left wrist is never seen, nobody for a while."""
    time_s = clock(2.0)
    gone = (time_s > 1.0) & (time_s < 1.4)
    pose = Pose(azimuth=40, knee=(20 + 20 * person) * np.sin(time_s) ** 2, thigh=20)
    made = make_motion(pose, time_s, person=person, gone=gone, hidden=("left_wrist",), noise_m=0.003)
    return replace(made, time_s=made.time_s + start_s, frame=made.frame + round(start_s * 30))


@pytest.fixture(scope="module")
def motions() -> tuple[Motion, ...]:
    return moving(1), moving(2)


def left_behind(folder: Path, motions: tuple[Motion, ...], exercise: str | None = "squat") -> Path:
    """The folder of an analysis in which everybody did two repetitions of the exercise, if there was one."""
    sets = (RepSet(0.0, 5.0, (rep(1, 0.0), rep(2, 2.5))),) if exercise else ()
    people = tuple(Person(motion.person, "oblique", sets) for motion in motions)
    about: dict[str, object] = {"name": "squat.mp4", "duration_s": 6.0}
    found = Analysis(about, ExerciseFound(exercise, "recognised", 0.9), people)
    write_analysis(folder / "analysis.json", found)
    with LandmarkFile(folder / LANDMARKS_NPZ) as file, AnglesCsv(folder / "angles.csv") as angles:
        file.add(motions)
        angles.add(replace(material.stretch(), motions=motions))
    return folder


def parsed_trc(path: Path) -> tuple[dict[str, str], list[str], NDArray[np.float64]]:
    """Head, marker names and numbers (n, 2 + 3m) of a TRC, read without anything of ours."""
    lines = path.read_text("utf-8").split("\n")
    assert lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    head = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    names = [name for name in lines[3].split("\t")[2:] if name]
    columns = lines[4].split("\t")[2:]
    assert columns == [f"{axis}{number}" for number in range(1, len(names) + 1) for axis in "XYZ"]
    assert lines[5] == lines[-1] == ""
    rows = [[float(cell or "nan") for cell in line.split("\t")] for line in lines[6:-1]]
    return head, names, np.array(rows)


def test_trc_says_what_was_seen(tmp_path: Path, export: Command, motions: tuple[Motion, ...]) -> None:
    folder = left_behind(tmp_path / "squat", motions[:1])
    code, out, err = export(folder, "--to", "trc", "--out", tmp_path / "out")
    assert (code, out) == (0, "")
    assert str(tmp_path / "out" / "squat.trc") in err
    head, names, rows = parsed_trc(tmp_path / "out" / "squat.trc")
    assert (head["Units"], head["NumMarkers"], head["NumFrames"]) == ("m", "33", "61")
    assert float(head["DataRate"]) == pytest.approx(30.0)
    np.testing.assert_array_equal(rows[:, 0], np.arange(1, 62))
    np.testing.assert_allclose(rows[:, 1], motions[0].time_s, atol=1e-6)
    turned = motions[0].space * np.array([1, -1, -1])  # OpenSim: X right, Y up, Z towards the camera
    np.testing.assert_allclose(rows[:, 2:].reshape(-1, 33, 3), turned, rtol=0, atol=MILLIMETRE)
    place = dict(zip(names, rows[0, 2:].reshape(33, 3), strict=True))
    assert place["Nose"][1] > place["RHip"][1] > place["RBigToe"][1]
    assert np.isnan(place["LWrist"]).all()
    assert np.isnan(rows[35, 2:]).all()


def test_c3d_says_what_was_seen(tmp_path: Path, export: Command, motions: tuple[Motion, ...]) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    folder = left_behind(tmp_path / "squat", motions[:1])
    assert export(folder, "--to", "c3d", "--out", tmp_path, "--quiet") == (0, "", "")
    file = ezc3d.c3d(str(tmp_path / "squat.c3d"))
    group = file["parameters"]["POINT"]
    assert (group["UNITS"]["value"], group["RATE"]["value"].tolist()) == (["mm"], [30.0])
    assert group["LABELS"]["value"][:2] == ["Nose", "LEyeInner"] and len(group["LABELS"]["value"]) == 33
    points = file["data"]["points"][:3].transpose(2, 1, 0)
    unseen = file["data"]["meta_points"]["residuals"][0].T < 0
    np.testing.assert_array_equal(unseen, np.isnan(motions[0].space[..., 0]))
    turned = motions[0].space * np.array([1, -1, -1])
    np.testing.assert_allclose(points[~unseen] / 1000, turned[~unseen], rtol=0, atol=MILLIMETRE)


def test_mot_has_the_angles_of_the_landmarks(
    tmp_path: Path, export: Command, motions: tuple[Motion, ...]
) -> None:
    folder = left_behind(tmp_path / "squat", motions[:1])
    assert export(folder, "--to", "mot", "--out", tmp_path)[0] == 0
    back, wanted = read_mot(tmp_path / "squat.mot"), coordinates_of(motions[0])
    assert (back.labels, back.in_degrees) == (wanted.labels, True)
    np.testing.assert_array_equal(back.time_s, wanted.time_s)
    np.testing.assert_allclose(back.values, wanted.values, rtol=0, atol=0.1)
    assert np.isfinite(back.values).any() and np.isnan(back.values).any()


def test_several_people_have_a_file_each(
    tmp_path: Path, export: Command, motions: tuple[Motion, ...]
) -> None:
    folder = left_behind(tmp_path / "gym", motions)
    words = (folder / "analysis.json", "--to", "trc", "--to", "csv", "--to", "mot", "--out", tmp_path / "out")
    code, out, _ = export(*words, "--json")
    assert code == 0
    (one,) = json.loads(out)["sessions"]
    assert (one["people"], one["reps"]) == ([1, 2], 2)
    names = [Path(file).name for file in one["files"]]
    assert names == ["gym-person1.trc", "gym-person2.trc", "gym.csv", "gym-person1.mot", "gym-person2.mot"]
    assert sorted(names) == sorted(file.name for file in (tmp_path / "out").iterdir())
    for motion in motions:
        back = read_trc(tmp_path / "out" / f"gym-person{motion.person}.trc")
        np.testing.assert_allclose(back.places, markers_of(motion).places, rtol=0, atol=MILLIMETRE)
    assert export(folder, "--to", "trc", "--out", tmp_path / "two", "--person", "2")[0] == 0
    (only,) = (tmp_path / "two").iterdir()
    assert only.name == "gym.trc"
    np.testing.assert_array_equal(read_trc(only).places, back.places)
    code, _, err = export(folder, "--to", "trc", "--out", tmp_path / "none", "--person", "7")
    assert code == 17 and "there is no person 7; there are 1, 2" in err
    assert not (tmp_path / "none").exists()


def test_a_pause_between_stretches_stays_empty(tmp_path: Path, export: Command) -> None:
    folder = left_behind(tmp_path / "walk", (moving(1),))
    with LandmarkFile(folder / LANDMARKS_NPZ) as file:
        file.add([moving(1), moving(2)])
        file.add([moving(2, start_s=clock(2.0)[-1] + 1 / 30)])
        file.add([moving(1, start_s=10.0)])
    assert export(folder, "--to", "trc", "--out", tmp_path)[0] == 0
    alone, twice = (read_trc(tmp_path / f"walk-person{person}.trc") for person in (1, 2))
    nose = np.isfinite(alone.places[:, 0, 0])
    assert alone.time_s[-1] == pytest.approx(12.0) and nose[alone.time_s > 10.01].any()
    assert not nose[(alone.time_s > 2.01) & (alone.time_s < 9.99)].any()
    assert len(twice.time_s) == 122


def test_no_exercise_is_needed_for_landmarks(
    tmp_path: Path, export: Command, motions: tuple[Motion, ...]
) -> None:
    folder = left_behind(tmp_path / "walk", motions[:1], exercise=None)
    code, out, err = export(folder, "--to", "trc", "--to", "mot", "--out", tmp_path, "--json")
    assert (code, err) == (0, "")
    (one,) = json.loads(out)["sessions"]
    assert sorted(one) == ["files", "path", "people"]
    code, _, err = export(folder, "--to", "trc", "--to", "fit", "--out", tmp_path)
    assert code == 17 and "nobody did an exercise there" in err


@pytest.mark.parametrize("kind", ["trc", "c3d"])
def test_the_folder_of_an_older_spotter_is_told(
    kind: str, tmp_path: Path, export: Command, motions: tuple[Motion, ...]
) -> None:
    if kind == "c3d":
        pytest.importorskip("ezc3d")
    folder = left_behind(tmp_path / "squat", motions)
    (folder / LANDMARKS_NPZ).unlink()
    assert landmarks_from(folder) == ()
    code, _, err = export(folder, "--to", kind, "--out", tmp_path / "out")
    assert code == 17
    assert "no landmarks are kept of squat.mp4; analyse the video again" in err
    assert not (tmp_path / "out").exists()


def test_an_older_folder_has_angles_all_the_same(
    tmp_path: Path, export: Command, motions: tuple[Motion, ...]
) -> None:
    folder = left_behind(tmp_path / "squat", motions[:1])
    (folder / LANDMARKS_NPZ).unlink()
    assert export(folder, "--to", "mot", "--out", tmp_path)[0] == 0
    back = read_mot(tmp_path / "squat.mot").values
    np.testing.assert_allclose(back, coordinates_of(motions[0]).values, rtol=0, atol=0.01)


def test_damaged_landmarks_do_not_stop_the_others(
    tmp_path: Path, export: Command, motions: tuple[Motion, ...]
) -> None:
    bad, good = (left_behind(tmp_path / name, motions[:1]) for name in ("bad", "good"))
    content = (bad / LANDMARKS_NPZ).read_bytes()
    (bad / LANDMARKS_NPZ).write_bytes(content[: len(content) // 2])
    code, _, err = export(bad, good, "--to", "trc", "--out", tmp_path / "out")
    assert code == 17 and f"{bad / LANDMARKS_NPZ} is damaged or cut off" in err
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["good.trc"]
