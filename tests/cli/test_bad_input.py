"""What the command says to bad input: one sentence, no traceback, an exit code, nothing half-written."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import av
import numpy as np
import pytest

from spotter.cli.app import app, run
from spotter.media.writer import VideoWriter

EXAMPLE = Path(__file__).parents[2] / "examples" / "squat.mp4"
PATIENCE_S = 300  # with a machine that does other things, too


def spotter(*words: object) -> int:
    """Run the command in this process; its exit code."""
    return run(lambda: app([str(word) for word in words], standalone_mode=False))


def write_noise(path: Path, frames: int = 5, width: int = 64, height: int = 48, fps: float = 30) -> Path:
    """A video in which there is nobody."""
    rng = np.random.default_rng(0)
    grain = max(1, width // 240)  # fine noise in a large picture takes long to encode
    with VideoWriter(path, width, height, fps) as writer:
        for i in range(frames):
            noise = rng.integers(0, 60, (-(-height // grain), -(-width // grain), 3), np.uint8)
            writer.write(noise.repeat(grain, 0).repeat(grain, 1)[:height, :width].copy(), i / fps)
    return path


def write_sound(path: Path) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=16000, layout="mono")
        for _ in range(20):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 16000
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def example_frames(stop_s: float) -> list[np.ndarray]:
    with av.open(str(EXAMPLE)) as source:
        return [
            frame.to_ndarray(format="rgb24")
            for frame in source.decode(video=0)
            if frame.time is not None and frame.time < stop_s
        ]


@pytest.fixture
def bad(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "text.mp4").write_text("this is not a video\n" * 50)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder").mkdir()
    return {
        "text": tmp_path / "text.mp4",
        "empty": tmp_path / "empty.mp4",
        "folder": tmp_path / "folder",
        "missing": tmp_path / "missing.mp4",
        "sound": write_sound(tmp_path / "sound.mp4"),
        "nobody": write_noise(tmp_path / "nobody.mp4"),
        "one-frame": write_noise(tmp_path / "one.mp4", frames=1),
    }


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("text", 5, "text.mp4"),
        ("empty", 5, "empty"),
        ("folder", 3, "folder"),
        ("missing", 3, "missing.mp4"),
        ("sound", 5, "sound"),
        ("nobody", 6, "no person"),
        ("one-frame", 6, "no person"),
    ],
)
def test_one_sentence_and_an_exit_code(
    bad: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    code: int,
    words: str,
) -> None:
    out = tmp_path / "out"
    assert spotter("analyze", bad[kind], "--out", out, "--quiet") == code
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert said.out == ""
    assert not out.exists() or not any(out.rglob("*.*")), "nothing half-written stays"


def test_a_file_that_may_not_be_read(
    bad: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(bad["nobody"]))

    monkeypatch.setattr(av, "open", refuse)
    assert spotter("analyze", bad["nobody"], "--quiet") == 4
    assert "permission" in capsys.readouterr().err.lower()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--exercise", "sqat"), 10, "squat"),
        (("--person", "biggest"), 2, "largest, all"),
        (("--height", "18"), 2, "between 50 and 260"),
        (("--start", "5", "--end", "2"), 2, "after the start"),
        (("--exercise", "nowhere.toml"), 10, "nowhere.toml"),
    ],
)
def test_wrong_options(
    bad: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert spotter("analyze", bad["nobody"], "--out", tmp_path / "out", "--quiet", *words) == code
    assert said in capsys.readouterr().err


def test_no_video_and_a_camera_are_not_both_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert spotter("analyze") == 2
    assert spotter("analyze", "a.mp4", "--camera", "0") == 2
    assert "one of them" in capsys.readouterr().err


def test_one_bad_video_does_not_stop_the_others(
    bad: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = spotter(
        "analyze", bad["text"], EXAMPLE, "--end", "2", "--out", tmp_path / "out", "--no-video", "--json"
    )
    said = capsys.readouterr()
    assert code == 5
    assert "text.mp4" in said.err
    assert json.loads(said.out)["video"]["name"] == "squat"
    assert (tmp_path / "out" / "squat" / "report.html").exists()


def test_a_truncated_video_is_analysed_to_its_damage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    whole = tmp_path / "whole.mkv"
    frames = example_frames(3.0)
    with av.open(str(whole), "w") as out:
        stream = out.add_stream("libx264", rate=30)
        stream.height, stream.width, stream.pix_fmt = (*frames[0].shape[:2], "yuv420p")
        for image in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode())
    cut = tmp_path / "cut.mkv"
    shutil.copy(whole, cut)
    os.truncate(cut, whole.stat().st_size * 2 // 3)
    assert spotter("analyze", cut, "--out", tmp_path / "out", "--no-video", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert 0.5 < document["video"]["analysed_to_s"] < 3.0


def test_a_full_disk_keeps_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import spotter.media.writing as writing

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing.os, "replace", full)
    out = tmp_path / "out"
    assert spotter("analyze", EXAMPLE, "--end", "1", "--out", out, "--no-video", "--quiet") == 11
    assert "disk is full" in capsys.readouterr().err
    assert not list(out.rglob("*.part*"))


def test_a_picture_of_nobody_and_8k_and_240_fps(tmp_path: Path) -> None:
    assert (
        spotter("analyze", write_noise(tmp_path / "8k.mp4", 2, 7680, 4320), "--quiet", "--out", tmp_path) == 6
    )
    assert (
        spotter("analyze", write_noise(tmp_path / "fast.mp4", 48, fps=240), "--quiet", "--out", tmp_path) == 6
    )


def said_until_frame(number: int, process: subprocess.Popen[bytes]) -> str:
    """Wait until the bar of a command says that so many frames are done; all that was said until then."""
    assert process.stderr is not None
    said = ""
    too_late = threading.Timer(PATIENCE_S, process.kill)
    too_late.start()
    try:
        while max(map(int, re.findall(r"(\d+) of \d+ frames", said)), default=0) < number:
            piece = os.read(process.stderr.fileno(), 65_536)
            assert piece, f"it ended before frame {number}: {said}"
            said += piece.decode(errors="replace")
    finally:
        too_late.cancel()
    return said


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ on Windows")
def test_interrupting_keeps_what_was_seen(tmp_path: Path) -> None:
    out = tmp_path / "out"
    long = tmp_path / "long.mp4"
    frames = example_frames(4.0) * 6
    with VideoWriter(long, frames[0].shape[1], frames[0].shape[0], 30) as writer:
        for i, image in enumerate(frames):
            writer.write(image, i / 30)
    words = ["analyze", str(long), "--out", str(out), "--exercise", "squat", "--no-video"]
    process = subprocess.Popen(
        [sys.executable, "-m", "spotter", *words],
        env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": "120"},  # a bar that tells every frame
        stderr=subprocess.PIPE,
    )
    said = said_until_frame(60, process)
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=PATIENCE_S)[1].decode()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    document = json.loads((out / "long" / "analysis.json").read_text())
    assert document["video"]["interrupted"] is True
    assert 0 < document["video"]["analysed_to_s"] < len(frames) / 30
    assert (out / "long" / "report.html").exists()
    assert (out / "long" / "angles.csv").exists()
    assert not list(out.rglob("*.part*"))
