"""The benchmarks: each gives its tables in its quick form, or says why it was left out."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from bench.__main__ import BENCHMARKS, DOCUMENTS, main
from bench.clips import looped, scaled
from bench.coached import GOOD_S, turn_errors
from bench.machine import machine
from bench.material import REPOSITORY, Material
from spotter.body.keypoints import LANDMARKS
from spotter.media.reader import open_media
from spotter.media.writer import VideoWriter
from tests.motion.stick import Pose, landmarks

FRAMES = 132  # every second one of the example's first two squats
FPS = 15
TURNS_S = (2.98, 6.75)
EXAMPLE = REPOSITORY / "examples" / "squat.mp4"

TABLES = {
    "history": ["history"],
    "history_kills": ["history-kills"],
    "counts": ["counts", "counts-in-all"],
    "rendered": ["rendered", "rendered-in-all"],
    "angles": ["angles", "angles-by-view", "angles-by-visibility", "angles-uncertainty"],
    "joints": ["joints"],
    "parts": ["parts", "parts-each", "parts-speed"],
    "fidelity": ["fidelity"],
    "speed": ["speed", "speed-shares"],
    "memory": ["memory"],
    "start": ["start"],
    "live": ["live", "live-streams"],
    "live_counts": ["live-counts", "live-counts-in-all"],
    "live_page": ["live-page", "live-page-in-all"],
    "live_memory": ["live-memory"],
    "retest": ["retest"],
    "recognizer": ["recognizer", "recognizer-speed"],
    "recognizer_augment": ["recognizer-augment"],
    "recognizer_fundus": ["recognizer-fundus"],
    "segmenter_accuracy": ["segmenter-accuracy", "segmenter-accuracy-each"],
    "segmenter": ["segmenter-speed", "segmenter-stages"],
}
"""Benchmark to the names of its tables."""

with_mediapipe = pytest.mark.skipif(
    importlib.util.find_spec("mediapipe") is None, reason="mediapipe is not installed (see `make bench`)"
)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Two squats, with what is true of them, in place of the clips that are not in the repository."""
    if not EXAMPLE.exists():
        pytest.skip(f"there is no {EXAMPLE} yet")
    folder = tmp_path_factory.mktemp("material")
    clip = every_second_frame(scaled(EXAMPLE, folder / "scaled.mp4", 320, 180, frames=2 * FRAMES))
    for name in ("videos/squat.mp4", "rendered/squat-1.mp4"):
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(clip.read_bytes())
    true = {"exercise": "squat", "reps": len(TURNS_S), "event_times_s": TURNS_S, "confidence": "high"}
    _write_json(folder / "videos/truth.json", {"videos": [{"video": "squat.mp4", **true}]})
    joints = landmarks(Pose(azimuth=np.full(FRAMES, 40.0)))
    known = {
        "exercise": "squat",
        "azimuth_deg": 40.0,
        "fps": FPS,
        "reps": [{"bottom": turn, "scale": 1.0} for turn in TURNS_S],
        "frames": [{"xyz": _decimetres(row), "xy": _in_the_picture(row)} for row in joints],
    }
    packed = gzip.compress(json.dumps(known).encode())
    (folder / "rendered/squat-1.json.gz").write_bytes(packed)
    return Material(folder, clip)


def every_second_frame(clip: Path) -> Path:
    """The clip in half the work."""
    target = clip.with_name("short.mp4")
    with open_media(clip) as source, VideoWriter(target, source.info.width, source.info.height, FPS) as video:
        for frame in islice(source, 0, None, 2):
            video.write(frame.image, frame.time_s)
    return target


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def _decimetres(row: np.ndarray) -> dict[str, list[float]]:
    return dict(zip(LANDMARKS, (row * [10, -10, 10]).tolist(), strict=True))


def _in_the_picture(row: np.ndarray) -> dict[str, list[float]]:
    return dict(zip(LANDMARKS, (row[:, :2] * 80 + [160, 90]).tolist(), strict=True))


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("fidelity", marks=with_mediapipe),
        *("angles", "retest", "memory", "speed", "start", "live_counts"),
    ],
)
def test_a_benchmark_gives_its_tables(
    name: str, material: Material, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "--quick", "--out", str(tmp_path)], material) == 0
    printed = capsys.readouterr().out
    assert "left out" not in printed
    assert machine() in printed.replace("\n", " ")
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(TABLES[name])
    for table in TABLES[name]:
        rows = rows_of(tmp_path, table)
        assert rows and {row["machine"] for row in rows} == {machine()}


def test_counts_and_faults_are_set_against_the_truth(material: Material, tmp_path: Path) -> None:
    assert main(["counts", "rendered", "--quick", "--out", str(tmp_path)], material) == 0
    (real,) = rows_of(tmp_path, "counts")
    assert (real["true"], real["counted"], real["auto says"], real["auto counts"]) == ("2", "2", "squat", "2")
    assert real["turns right"] == "2 of 2" and float(real["worst turn s"]) < GOOD_S
    (rendered,) = rows_of(tmp_path, "rendered")
    assert (rendered["true"], rendered["counted"], rendered["attempts"]) == ("2", "2", "0")
    in_all = {row["measured"]: (row["right"], row["of"]) for row in rows_of(tmp_path, "counts-in-all")}
    assert in_all["right name found"] == ("1", "1")
    assert in_all["nothing counted where there is no exercise"] == ("0", "0")


@pytest.mark.parametrize("name", ["counts", "rendered", "angles", "retest", "joints", "parts", "memory"])
def test_without_its_clips_a_benchmark_says_what_is_missing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = Material(tmp_path / "nowhere", tmp_path / "nothing.mp4")
    assert main([name, "--quick", "--out", str(tmp_path)], nothing) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert f"{name}: left out, because there is no {tmp_path}" in printed
    assert not list(tmp_path.glob("*.csv"))


@pytest.mark.parametrize("arguments", [["countz"], ["--quick", "--docs"]])
def test_a_wrong_call_ends_with_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage: python -m bench" in capsys.readouterr().err


def test_the_documents_have_a_place_for_every_table() -> None:
    text = "".join((REPOSITORY / document).read_text(encoding="utf-8") for document in DOCUMENTS)
    assert TABLES.keys() == BENCHMARKS.keys()
    for names in TABLES.values():
        for name in names:
            assert text.count(f"<!-- table {name} -->") == 1
    assert text.count("<!-- table ") == text.count("<!-- end -->")


@pytest.mark.parametrize(
    ("found", "true", "errors"),
    [
        ([], [1.0], [np.inf]),
        ([1.0], [], []),
        ([2.0, 5.0], [1.5, 4.0, 5.0], [0.5, 1.0, 0.0]),
    ],
)
def test_turn_errors(found: list[float], true: list[float], errors: list[float]) -> None:
    assert turn_errors(found, true) == errors


def test_a_looped_clip_goes_on_as_the_clip_does(material: Material, tmp_path: Path) -> None:
    long = looped(material.example, tmp_path / "long.mp4", 2 * FRAMES + 1)
    with open_media(material.example) as source:
        once = [frame.image for frame in islice(source, 10)]
    with open_media(long) as source:
        frames = list(source)
    assert len(frames) == 3 * FRAMES
    assert np.allclose(np.diff([frame.time_s for frame in frames]), 1 / FPS, atol=2e-3)
    for copy in range(3):
        for number, image in enumerate(once):
            assert np.array_equal(frames[copy * FRAMES + number].image, image)
