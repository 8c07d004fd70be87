"""The smaller sub-commands: what they print and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spotter import __version__
from spotter.cli.app import app, run
from spotter.coach.schema import shipped_exercises

EXAMPLE = Path(__file__).parents[2] / "examples" / "squat.mp4"


def spotter(*words: object) -> int:
    return run(lambda: app([str(word) for word in words], standalone_mode=False))


def test_exercises_are_listed_and_shown_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert spotter("exercises", "list") == 0
    assert len(capsys.readouterr().out.splitlines()) == len(shipped_exercises()) == 12
    assert spotter("exercises", "show", "squat") == 0
    shown = capsys.readouterr().out
    assert "The knees cave in" in shown and "Schoenfeld 2010" in shown
    assert spotter("exercises", "measures") == 0
    assert "left_knee" in capsys.readouterr().out


def test_an_exercise_of_ones_own_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = Path(__file__).parents[2] / "src/spotter/coach/exercises/squat.toml"
    assert spotter("exercises", "check", good) == 0
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(good.read_text().replace('severity = "danger"', 'severity = "deadly"'))
    assert spotter("exercises", "check", wrong) == 10
    said = capsys.readouterr().err
    assert "wrong.toml" in said and "severity" in said and "'danger'" in said


def test_models_are_listed_and_verified(capsys: pytest.CaptureFixture[str]) -> None:
    assert spotter("models", "list") == 0
    assert "pose-landmark-full" in capsys.readouterr().out
    assert spotter("models", "verify", "pose-detection") == 0
    assert spotter("models", "verify", "pose-detektion") == 7
    assert "pose-detection" in capsys.readouterr().err


def test_doctor_finds_this_machine_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert spotter("doctor") == 0
    assert "the pose models are here and run" in capsys.readouterr().out


def test_validate_compares_with_a_persons_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(EXAMPLE, tmp_path / "squat.mp4")
    row = {"video": "squat.mp4", "exercise": "squat", "reps": 5, "event_times_s": [3.0, 6.7]}
    (tmp_path / "truth.json").write_text(json.dumps({"videos": [row]}))
    assert spotter("validate", tmp_path, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["counts_right"] == document["names_right"] == document["n"] == 1
    assert document["clips"][0]["worst_turn_error_s"] < 0.25


def test_validate_without_a_truth_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spotter("validate", tmp_path) == 3
    (tmp_path / "truth.json").write_text('{"clips": []}')
    assert spotter("validate", tmp_path) == 5
    assert "truth.json" in capsys.readouterr().err


END_IN_NATIVE_CODE = """
import sys, threading, time
import openvino
from spotter.cli import app
class Slow:
    def __index__(self):
        begun.set()
        while True:
            time.sleep(0.0001)
begun = threading.Event()
threading.Thread(target=lambda: openvino.Shape([Slow()]), name="spotter-prepare", daemon=True).start()
begun.wait()
print("said before")
sys.argv[1:] = ["--version"]
app.main()
"""


def test_it_ends_well_while_a_thread_is_in_native_code() -> None:
    ended = subprocess.run([sys.executable, "-c", END_IN_NATIVE_CODE], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("said before\n") and __version__ in ended.stdout
