"""What ``spotter segment`` says to bad input: one sentence, an exit code, nothing half-written or lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from spotter import segmentation
from spotter.body.part_map import PartMap
from spotter.cli.app import app, run
from spotter.media.frame import Frame
from tests.part_material import Reader, figures, write_picture, write_video

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmentation, "_fast", lambda most: Reader)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "ada.png", *figures(40, 20, 0))


def segment(*words: object) -> int:
    return run(lambda: app(["segment", *map(str, words)], standalone_mode=False))


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if ".part" in path.name]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--engine", "slow"), 2, "fast, maskrcnn"),
        (("--engine", "fast", "--model", "m"), 2, "maskrcnn"),
        (("--engine", "maskrcnn", "--model", "no-such-folder"), 7, "no-such-folder"),
        (("--max-people", "0"), 2, "from 1 to 50"),
        (("--max-people", "51"), 2, "from 1 to 50"),
        (("--maps", "-1"), 2, "--maps"),
        (("--background", "blurr"), 2, "blur, remove"),
        (("--background", "#12345"), 2, "'#20a0ff'"),
        (("--background", "blue.jpg"), 2, "blue.jpg"),
    ],
)
def test_wrong_options_are_told_before_anything_is_written(
    picture: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    out = tmp_path / "out"
    assert segment(picture, "--out", out, *words) == code
    error = capsys.readouterr().err
    assert said in error and len(error.strip().splitlines()) == 1
    assert not out.exists()


def test_a_background_that_is_no_picture(picture: Path, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    assert segment(picture, "--out", tmp_path / "out", "--background", tmp_path / "text.jpg") == 5
    assert not (tmp_path / "out").exists()


def test_bad_files_do_not_stop_the_good_ones(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {name: tmp_path / name for name in ("text.jpg", "text.mp4", "empty.png", "empty.mp4")}
    for name, path in bad.items():
        path.write_text("" if name.startswith("empty") else "no picture\n" * 40)
    (tmp_path / "nothing").mkdir()
    good = write_video(tmp_path / "walk.mp4", frames=2)
    out = tmp_path / "out"
    code = segment(tmp_path / "gone.mp4", *bad.values(), tmp_path / "nothing", picture, good, "--out", out)
    assert code == 3, "of the first that failed"
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("spotter: ")]
    assert len(said) == 6
    for path in (tmp_path / "gone.mp4", *bad.values(), tmp_path / "nothing"):
        assert sum(line.startswith(f"spotter: {path} ") for line in said) == 1, path
    document = json.loads((out / "segments.json").read_text())
    assert [one["file_name"] for one in document["images"]] == ["ada.png", "walk.mp4", "walk.mp4"]
    assert not leftovers(out)


@pytest.mark.parametrize("name", ["text.jpg", "text.mp4", "gone.png"])
def test_where_nothing_can_be_read_nothing_is_written(tmp_path: Path, name: str) -> None:
    if not name.startswith("gone"):
        (tmp_path / name).write_text("no picture\n" * 40)
    assert segment(tmp_path / name, "--out", tmp_path / "out") == (3 if name.startswith("gone") else 5)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_may_not_be_written_to(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert segment(picture, "--out", tmp_path / "file" / "out") == 11
    assert "could not be written" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "in the way"


def test_no_source_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    write_picture(folder / "ada.png", *figures(40, 20, 0))
    assert segment(folder, "--out", folder) == 0
    before = (folder / "ada_parts.png").read_bytes()
    capsys.readouterr()
    assert segment(folder, "--out", folder) == 2, "now the maps are pictures in the folder, too"
    assert "--out" in capsys.readouterr().err
    assert (folder / "ada_parts.png").read_bytes() == before


def test_a_full_disk_ends_the_run_and_keeps_what_is_whole(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from spotter.report.parts import results

    def full(self: object, *_: object) -> None:
        raise results.OutputError("walk_parts.mp4 could not be written: the disk is full")

    other = write_picture(tmp_path / "bob.png", *figures(40, 20, 0))
    video, out = write_video(tmp_path / "walk.mp4", frames=3), tmp_path / "out"
    monkeypatch.setattr(results.VideoWriter, "write", full)
    assert segment(picture, video, other, "--out", out, "--maps", 1) == 11
    assert "disk is full" in capsys.readouterr().err
    names = {path.name for path in out.iterdir()}
    assert names == {"ada_parts.png", "ada_people.png", "ada_overlay.jpg", "segments.json", "areas.csv"}
    document = json.loads((out / "segments.json").read_text())
    assert [one["file_name"] for one in document["images"]] == ["ada.png"]
    assert {one["image_id"] for one in document["annotations"]} == {1}
    assert (out / "areas.csv").read_text().count("\n") == 2


def test_a_mistake_in_the_engine_leaves_nothing_half_written(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(Reader):
        def push(self, frame: Frame) -> PartMap:
            if frame.index == 2:
                raise RuntimeError("a mistake")
            return super().push(frame)

    monkeypatch.setattr(segmentation, "_fast", lambda most: Failing)
    with pytest.raises(RuntimeError, match="a mistake"):
        segment(picture, write_video(tmp_path / "walk.mp4"), "--out", tmp_path / "out", "--maps", 1)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"ada_parts.png", "ada_people.png", "ada_overlay.jpg", "segments.json", "areas.csv"}
    assert len(json.loads((tmp_path / "out" / "segments.json").read_text())["images"]) == 1


def test_a_picture_too_long_for_its_overlay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = write_picture(tmp_path / "long.png", *[np.zeros((1, 66_000), np.uint8)] * 2)
    assert segment(long, "--out", tmp_path / "out") == 5
    assert "65500" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_start_after_the_end_of_the_video(tmp_path: Path) -> None:
    video = write_video(tmp_path / "walk.mp4", frames=3)
    assert segment(video, "--out", tmp_path / "out", "--start", 60) == 2
    assert not (tmp_path / "out").exists()


SLOW = """
import sys, time
sys.path.insert(0, sys.argv[1])
from spotter import segmentation
from spotter.cli.app import app, run
from tests.part_material import Reader

class Slow(Reader):
    def push(self, frame):
        time.sleep(0.1)
        return super().push(frame)

segmentation._fast = lambda most: Slow
sys.exit(run(lambda: app(["segment", *sys.argv[2:]], standalone_mode=False)))
"""


def ended_early(tmp_path: Path, number: int, until: Callable[[Path], bool]) -> tuple[int, Path]:
    """Run the command on a slow video and send it a signal; its exit code and the folder of results."""
    video, out = write_video(tmp_path / "long.mp4", frames=300), tmp_path / "out"
    command = [sys.executable, "-c", SLOW, str(ROOT), str(video), "--out", str(out), "--quiet"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + 60
    while not until(out) and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(number)
    return process.wait(timeout=60), out


def begun(out: Path) -> bool:
    return any(path.stat().st_size > 3000 for path in out.glob(".segments.json.*"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ on Windows")
def test_a_terminated_run_keeps_what_was_seen(tmp_path: Path) -> None:
    code, out = ended_early(tmp_path, signal.SIGTERM, begun)
    assert code == 130
    document = json.loads((out / "segments.json").read_text())
    assert 0 < len(document["images"]) < 300
    assert (out / "long_parts.mp4").stat().st_size > 1000
    assert not leftovers(out)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_killed_run_leaves_no_file_that_looks_whole(tmp_path: Path) -> None:
    code, out = ended_early(tmp_path, signal.SIGKILL, begun)
    assert code == -9
    assert [path for path in out.iterdir() if ".part" not in path.name] == []
