"""The rendered demo clip from end to end: counts, angles, faults and files as they are promised."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import spotter
from spotter.cli.app import app, run

ROOT = Path(__file__).parents[1]
EXAMPLE, TRUTH = ROOT / "examples" / "squat.mp4", ROOT / "examples" / "squat.json"


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``spotter analyze examples/squat.mp4`` leaves behind."""
    out = tmp_path_factory.mktemp("out")
    assert (
        run(lambda: app(["analyze", str(EXAMPLE), "--out", str(out), "--quiet"], standalone_mode=False)) == 0
    )
    return out / "squat"


@pytest.fixture(scope="session")
def document(results: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((results / "analysis.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="session")
def truth() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(TRUTH.read_text("utf-8"))
    person: dict[str, Any] = loaded["people"][0]
    return person


def test_the_exercise_is_recognised_and_every_rep_counted(
    document: dict[str, Any], truth: dict[str, Any]
) -> None:
    assert document["schema"] == 1
    assert document["exercise"]["name"] == "squat"
    assert document["exercise"]["how"] == "recognised"
    (person,) = document["people"]
    (one_set,) = person["sets"]
    found = [rep["turn_s"] for rep in one_set["reps"]]
    expected = [(rep["turn"] + rep["turn_end"]) / 2 for rep in truth["reps"]]
    assert found == pytest.approx(expected, abs=0.25)
    assert [rep["complete"] for rep in one_set["reps"]] == [rep["scale"] == 1 for rep in truth["reps"]]
    assert [rep["number"] for rep in one_set["reps"]] == [1, 2, 3, 3, 4, 5]


def test_the_faults_are_found_where_they_are_and_nowhere_else(document: dict[str, Any]) -> None:
    reps = document["people"][0]["sets"][0]["reps"]
    faults = [{fault["name"] for fault in rep["faults"]} for rep in reps]
    assert faults == [set(), set(), set(), set(), {"knees-cave-in"}, set()]


def test_a_rep_has_the_promised_form(document: dict[str, Any]) -> None:
    rep = document["people"][0]["sets"][0]["reps"][4]
    promised = {
        "number",
        "start_s",
        "turn_s",
        "end_s",
        "complete",
        "side",
        "range_deg",
        "tempo_s",
        "score",
        "faults",
    }
    assert promised <= set(rep)
    assert set(rep["tempo_s"]) == {"out", "hold", "back"}
    assert {"name", "severity", "at_s", "measured", "limit", "unit", "cue"} <= set(rep["faults"][0])
    assert rep["start_s"] < rep["turn_s"] < rep["end_s"]
    assert rep["start_s"] <= rep["faults"][0]["at_s"] <= rep["end_s"]
    assert sum(rep["tempo_s"].values()) == pytest.approx(rep["end_s"] - rep["start_s"], abs=0.01)


def test_what_this_view_cannot_show_is_said(document: dict[str, Any]) -> None:
    unjudged = {item["fault"]: item["why"] for item in document["people"][0]["not_judged"]}
    assert "uneven-legs" in unjudged
    assert all(why for why in unjudged.values())


@pytest.mark.parametrize(
    ("angle", "mean_error"), [("left_knee", 16), ("right_knee", 18), ("left_hip", 18), ("trunk_lean", 8)]
)
def test_the_angles_are_near_the_truth(
    results: Path, truth: dict[str, Any], angle: str, mean_error: float
) -> None:
    rows = list(csv.DictReader((results / "angles.csv").open()))
    errors = []
    for row, exact in zip(rows, truth["angles"][angle], strict=True):
        if row[angle]:
            errors.append(abs(float(row[angle]) - exact))
    assert len(errors) > 0.9 * len(rows)
    assert np.mean(errors) < mean_error


def test_uncertainties_stand_beside_the_angles(results: Path) -> None:
    rows = list(csv.DictReader((results / "angles.csv").open()))
    assert list(rows[0])[:4] == ["time_s", "person", "left_knee", "right_knee"]
    assert all(0 < float(row["left_knee_sd"]) < 90 for row in rows if row["left_knee"])


def test_the_annotated_video_plays_in_a_browser_and_has_every_frame(results: Path) -> None:
    with av.open(str(EXAMPLE)) as before, av.open(str(results / "annotated.mp4")) as after:
        assert after.streams.video[0].codec_context.name == "h264"
        assert after.streams.video[0].codec_context.pix_fmt == "yuv420p"
        count = sum(1 for _ in after.decode(video=0))
        assert count == sum(1 for _ in before.decode(video=0))


def test_the_python_interface_says_the_same(document: dict[str, Any]) -> None:
    analysis = spotter.analyze(EXAMPLE, "squat", end_s=8.0)
    assert analysis.exercise.how == "given"
    reps = [rep for rep in analysis.people[0].reps if rep.complete]
    expected = [rep for rep in document["people"][0]["sets"][0]["reps"] if rep["end_s"] < 7.5]
    assert [rep.turn_s for rep in reps][: len(expected)] == pytest.approx(
        [rep["turn_s"] for rep in expected], abs=0.1
    )


def test_a_long_video_in_stretches_counts_the_same(
    monkeypatch: pytest.MonkeyPatch, document: dict[str, Any]
) -> None:
    import spotter.coach.analyze as module

    stretches = []
    monkeypatch.setattr(module, "STRETCH_FRAMES", 250)
    analysis = spotter.analyze(EXAMPLE, "squat", on_stretch=stretches.append)
    assert len(stretches) > 1
    assert analysis.count == sum(rep["complete"] for rep in document["people"][0]["sets"][0]["reps"])
    numbers = [rep.number for rep in analysis.people[0].reps if rep.complete]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_live_coach_counts_and_cues_the_same(document: dict[str, Any]) -> None:
    from spotter.media.reader import open_media

    coach = spotter.Coach("squat")
    cues, phases = [], set()
    with open_media(EXAMPLE) as source:
        for frame in source:
            state = coach.push(frame)
            phases.add(state.phase)
            if state.cue is not None and (not cues or cues[-1] != state.cue.fault):
                cues.append(state.cue.fault)
    assert state.count == sum(rep["complete"] for rep in document["people"][0]["sets"][0]["reps"])
    assert cues == ["knees-cave-in"]
    assert {"ready", "out", "far", "back"} <= phases
    assert not math.isnan(state.angles["left_knee"])
