"""Written videos: times, sizes, colours, and nothing left behind when something goes wrong."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from spotter.errors import OutputError
from spotter.media import writer
from spotter.media.reader import open_media
from spotter.media.writer import VideoWriter

UNEVEN = [0.0, 0.033, 0.100, 0.110, 0.500, 0.517, 1.250, 1.252, 2.0]


def write(path: Path, images: list[Any], times: list[float], fps: float = 25) -> None:
    height, width = images[0].shape[:2]
    with VideoWriter(path, width, height, fps) as video:
        for image, time_s in zip(images, times, strict=True):
            video.write(image, time_s)


@pytest.mark.parametrize("offset_s", [0.0, 12.5])
def test_times_and_pictures_come_back(tmp_path: Path, scenes: Any, offset_s: float) -> None:
    path = tmp_path / "out.mp4"
    write(path, scenes.grey_steps(len(UNEVEN)), [offset_s + time_s for time_s in UNEVEN])
    with open_media(path) as source:
        frames = list(source)
    assert source.warning is None
    assert [frame.time_s for frame in frames] == pytest.approx(UNEVEN, abs=1e-4)
    assert [scenes.number_of(frame.image) for frame in frames] == list(range(len(UNEVEN)))
    assert os.listdir(tmp_path) == ["out.mp4"]


@pytest.mark.parametrize("fps", [5, 24000 / 1001, 25, 60, 240])
def test_the_length_is_that_of_its_frames(tmp_path: Path, scenes: Any, fps: float) -> None:
    path = tmp_path / "out.mp4"
    write(path, scenes.grey_steps(30), [index / fps for index in range(30)], fps)
    with open_media(path) as source:
        assert source.info.fps == pytest.approx(fps, rel=1e-3)
        assert source.info.duration_s == pytest.approx(30 / fps, rel=1e-3)
        assert len(list(source)) == 30


def test_times_that_do_not_advance_are_put_just_after(tmp_path: Path, scenes: Any) -> None:
    path = tmp_path / "out.mp4"
    write(path, scenes.grey_steps(4), [0.0, 0.1, 0.1, 0.05])
    with open_media(path) as source:
        times = [frame.time_s for frame in source]
    assert times == pytest.approx([0, 0.1, 0.1, 0.1], abs=1e-4)
    assert len(set(times)) == 4


@pytest.mark.parametrize("size", [(64, 48), (65, 48), (64, 49), (65, 49), (1, 1), (2, 2)])
def test_odd_sizes_are_made_even(tmp_path: Path, scenes: Any, size: tuple[int, int]) -> None:
    path = tmp_path / "out.mp4"
    write(path, scenes.grey_steps(3, *size), [0, 0.1, 0.2])
    with open_media(path) as source:
        assert (source.info.width, source.info.height) == (size[0] + size[0] % 2, size[1] + size[1] % 2)
        assert [scenes.number_of(frame.image) for frame in source] == [0, 1, 2]


@pytest.mark.parametrize("size", [(64, 48), (1280, 720)])
def test_colours_come_back(tmp_path: Path, scenes: Any, size: tuple[int, int]) -> None:
    path = tmp_path / "out.mp4"
    quadrants = scenes.quadrants(*size)
    write(path, [quadrants] * 2, [0, 0.1])
    with open_media(path) as source:
        image = next(iter(source)).image
    height, width = size[1], size[0]
    inner = np.s_[height // 8 : height // 3, width // 8 : width // 3]
    assert np.abs(image[inner].astype(int) - quadrants[inner]).max() <= 6
    assert scenes.corners(image) == ["red", "green", "blue", "white"]


def test_a_browser_can_play_it_while_it_loads(tmp_path: Path, scenes: Any) -> None:
    path = tmp_path / "out.mp4"
    write(path, scenes.grey_steps(60), [index / 25 for index in range(60)])
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (
            1,
            1,
            1,
            1,
        )
        keys = [packet.pts for packet in container.demux(video=0) if packet.is_keyframe]
    assert len(keys) == 2  # one every two seconds, to jump to


def test_a_view_that_is_not_contiguous_can_be_written(tmp_path: Path, scenes: Any) -> None:
    path = tmp_path / "out.mp4"
    write(path, [scenes.quadrants()[:, ::-1], scenes.quadrants()[:, ::-1]], [0, 0.1])
    with open_media(path) as source:
        assert scenes.corners(next(iter(source)).image) == ["green", "red", "white", "blue"]


@pytest.mark.parametrize("error", [RuntimeError("boom"), KeyboardInterrupt()])
@pytest.mark.parametrize("count", [0, 1, 40])
def test_nothing_is_left_after_an_exception(
    tmp_path: Path, scenes: Any, error: BaseException, count: int
) -> None:
    path = tmp_path / "out.mp4"
    path.write_text("what was there before")
    with pytest.raises(type(error)), VideoWriter(path, 64, 48, 25) as video:
        for index, image in enumerate(scenes.grey_steps(count)):
            video.write(image, index / 25)
        raise error
    assert os.listdir(tmp_path) == ["out.mp4"]
    assert path.read_text() == "what was there before"


def test_nothing_is_left_when_nothing_was_written(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4", 64, 48, 25):
        pass
    assert os.listdir(tmp_path) == []


def test_an_older_video_is_replaced_only_at_the_end(tmp_path: Path, scenes: Any) -> None:
    path = tmp_path / "deep" / "out.mp4"
    path.parent.mkdir()
    path.write_text("old")
    video = VideoWriter(path, 64, 48, 25)
    video.write(scenes.quadrants(), 0)
    assert path.read_text() == "old"
    video.close()
    video.close()
    video.abort()
    assert path.read_bytes()[4:8] == b"ftyp"
    assert os.listdir(path.parent) == ["out.mp4"]
    with pytest.raises(ValueError, match="is closed"):
        video.write(scenes.quadrants(), 1)


def test_the_folder_is_made(tmp_path: Path, scenes: Any) -> None:
    path = tmp_path / "a" / "b" / "out.mp4"
    write(path, scenes.grey_steps(2), [0, 1])
    assert path.is_file()
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (np.zeros((64, 48, 3), np.uint8), r"shape \(64, 48, 3\)"),
        (np.zeros((48, 64), np.uint8), r"shape \(48, 64\)"),
        (np.zeros((48, 64, 3), np.float32), "float32"),
    ],
)
def test_a_wrong_picture_is_refused(tmp_path: Path, image: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says), VideoWriter(tmp_path / "out.mp4", 64, 48, 25) as video:
        video.write(image, 0)
    with pytest.raises(ValueError, match="0x48"):
        VideoWriter(tmp_path / "out.mp4", 0, 48, 25)
    with pytest.raises(ValueError, match="crf"):
        VideoWriter(tmp_path / "out.mp4", 64, 48, 25, crf=52)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="needs /dev/full, the disk that is always full (Linux)"
)
def test_a_full_disk_says_what_is_needed(
    tmp_path: Path, scenes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link_to_the_full_disk(self: Path, exist_ok: bool) -> None:
        self.symlink_to("/dev/full")

    monkeypatch.setattr(Path, "touch", link_to_the_full_disk)
    rng = np.random.default_rng(0)
    with (
        pytest.raises(OutputError, match=r"the disk is full: .* needs about \d+ MB.* \d+ MB are free"),
        VideoWriter(tmp_path / "out.mp4", 320, 240, 25) as video,
    ):
        for index in range(200):
            video.write(rng.integers(0, 255, (240, 320, 3), np.uint8), index / 25)
    assert os.listdir(tmp_path) == []
    assert Path("/dev/full").exists()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (av.OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (av.OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (av.InvalidDataError(1, "Invalid data"), "Invalid data"),
    ],
)
def test_a_disk_that_fails_at_the_end(
    tmp_path: Path, scenes: Any, monkeypatch: pytest.MonkeyPatch, error: av.FFmpegError, says: str
) -> None:
    video = VideoWriter(tmp_path / "out.mp4", 64, 48, 25)
    video.write(scenes.quadrants(), 0)

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(writer.os, "replace", fail)
    with pytest.raises(OutputError, match=says):
        video.close()
    assert os.listdir(tmp_path) == []


def test_a_folder_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(OutputError, match=r"could not be written \(Permission denied\)"):
        VideoWriter(tmp_path / "out.mp4", 64, 48, 25)


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(OutputError, match=re.escape(str(tmp_path / "out" / "v.mp4"))):
        VideoWriter(tmp_path / "out" / "v.mp4", 64, 48, 25)
