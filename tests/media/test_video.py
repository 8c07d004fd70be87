"""Videos: their times, their orientation and size, their colours, and the part that is wanted."""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from spotter.errors import UsageError
from spotter.media.reader import open_media

WriteClip = Callable[..., Path]
UNEVEN = [0.0, 0.033, 0.100, 0.110, 0.500, 0.517, 1.250, 1.252, 2.0]


def frames_of(path: Path, scenes: Any, **options: Any) -> list[tuple[int, float]]:
    """The number read off each picture and its time."""
    with open_media(path, **options) as source:
        return [(scenes.number_of(frame.image), round(frame.time_s, 3)) for frame in source]


@pytest.mark.parametrize(
    ("name", "options", "codec"),
    [
        ("a.mp4", {}, "h264"),
        ("a.mov", {}, "h264"),
        ("a.mkv", {}, "h264"),
        ("a.ts", {}, "h264"),
        ("a.flv", {}, "h264"),
        ("a.avi", {"codec": "mpeg4"}, "mpeg4"),
        ("a.mpg", {"codec": "mpeg2video"}, "mpeg2video"),
        ("a.wmv", {"codec": "wmv2"}, "wmv2"),
        ("a.webm", {"codec": "libvpx-vp9"}, "vp9"),
        ("a.gif", {"codec": "gif", "pix_fmt": "rgb8"}, "gif"),
        ("a.mjpeg", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}, "mjpeg"),
        ("a.h264", {}, "h264"),
        ("no-extension", {"file_format": "mp4"}, "h264"),
        ("a: b%03d -x.mp4", {}, "h264"),
    ],
)
def test_every_format_gives_every_frame_at_its_time(
    clip: WriteClip, name: str, options: dict[str, object], codec: str, scenes: Any
) -> None:
    path = clip(name, scenes.grey_steps(30), **options)
    with open_media(path) as source:
        assert (source.info.width, source.info.height, source.info.fps) == (64, 48, 25)
        assert (source.info.codec, source.info.rotation_deg) == (codec, 0)
        frames = list(source)
    assert source.warning is None
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.time_s for frame in frames] == pytest.approx([index / 25 for index in range(30)], abs=1e-3)
    assert [scenes.number_of(frame.image) for frame in frames] == pytest.approx(list(range(30)), abs=1)
    for frame in frames:
        assert frame.image.shape == (48, 64, 3)
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.c_contiguous
        assert frame.image.flags.writeable


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
@pytest.mark.parametrize("bframes", [0, 2])
def test_uneven_times_are_read_back(clip: WriteClip, name: str, bframes: int, scenes: Any) -> None:
    path = clip(name, scenes.grey_steps(len(UNEVEN)), times=UNEVEN, bframes=bframes)
    with open_media(path) as source:
        times = [frame.time_s for frame in source]
    assert source.warning is None
    assert times == pytest.approx(UNEVEN, abs=6e-4)  # Matroska counts in milliseconds
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_time_counts_from_the_first_picture(clip: WriteClip, name: str, scenes: Any) -> None:
    path = clip(name, scenes.grey_steps(5), times=[7 + index / 10 for index in range(5)])
    assert frames_of(path, scenes) == [(index, index / 10) for index in range(5)]


def test_frames_share_no_memory(clip: WriteClip, scenes: Any) -> None:
    path = clip("a.nut", scenes.grey_steps(6), codec="rawvideo", pix_fmt="rgb24")
    with open_media(path) as source:
        frames = list(source)
    for frame in frames:
        frame.image[:] = 255 - frame.image
    assert [scenes.number_of(255 - frame.image) for frame in frames] == list(range(6))


@pytest.mark.parametrize(
    ("clockwise_deg", "mirrored", "seen"),
    [
        (0, False, ["red", "green", "blue", "white"]),
        (90, False, ["blue", "red", "white", "green"]),
        (180, False, ["white", "blue", "green", "red"]),
        (270, False, ["green", "white", "red", "blue"]),
        (0, True, ["green", "red", "white", "blue"]),
        (180, True, ["blue", "white", "red", "green"]),
    ],
)
@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_pictures_are_turned_upright(
    clip: WriteClip, name: str, clockwise_deg: int, mirrored: bool, seen: list[str], scenes: Any
) -> None:
    path = clip(name, [scenes.quadrants()] * 3, clockwise_deg=clockwise_deg, mirrored=mirrored)
    with open_media(path) as source:
        frames = list(source)
    assert source.info.rotation_deg == clockwise_deg
    assert (source.info.width, source.info.height) == ((48, 64) if clockwise_deg in (90, 270) else (64, 48))
    for frame in frames:
        assert frame.image.shape == (source.info.height, source.info.width, 3)
        assert scenes.corners(frame.image) == seen


def turn_track_header(path: Path, clockwise_deg: int) -> None:
    """Write a phone's rotation into the file's track header (ISO 14496-12, 8.3.2)."""
    cos, sin = round(math.cos(math.radians(clockwise_deg))), round(math.sin(math.radians(clockwise_deg)))
    one = 1 << 16
    upright = struct.pack(">9i", one, 0, 0, 0, one, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", cos * one, sin * one, 0, -sin * one, cos * one, 0, 0, 0, 1 << 30)
    data = path.read_bytes()
    start = data.index(upright, data.index(b"tkhd"))
    path.write_bytes(data[:start] + turned + data[start + len(turned) :])


@pytest.mark.parametrize(
    ("clockwise_deg", "seen"),
    [
        (90, ["blue", "red", "white", "green"]),
        (180, ["white", "blue", "green", "red"]),
        (270, ["green", "white", "red", "blue"]),
    ],
)
def test_a_phones_track_header_turns_the_picture(
    clip: WriteClip, clockwise_deg: int, seen: list[str], scenes: Any
) -> None:
    path = clip("phone.mp4", [scenes.quadrants()] * 2)
    turn_track_header(path, clockwise_deg)
    with open_media(path) as source:
        assert source.info.rotation_deg == clockwise_deg
        assert [scenes.corners(frame.image) for frame in source] == [seen, seen]


@pytest.mark.parametrize(
    ("pixel_aspect", "clockwise_deg", "max_side", "size"),
    [
        (Fraction(4, 3), 0, None, (85, 48)),
        (Fraction(1, 2), 0, None, (64, 96)),
        (Fraction(4, 3), 90, None, (48, 85)),
        (Fraction(2, 1), 270, 64, (24, 64)),
        (Fraction(1, 1), 0, 32, (32, 24)),
        (Fraction(1, 1), 0, 1000, (64, 48)),
        (Fraction(1, 1), 0, 1, (1, 1)),
        (Fraction(500, 1), 0, None, (64, 48)),
    ],
)
def test_pixels_become_square_and_sizes_limited(
    clip: WriteClip,
    pixel_aspect: Fraction,
    clockwise_deg: int,
    max_side: int | None,
    size: tuple[int, int],
    scenes: Any,
) -> None:
    path = clip("a.mp4", [scenes.quadrants()] * 2, pixel_aspect=pixel_aspect, clockwise_deg=clockwise_deg)
    with open_media(path, max_side=max_side) as source:
        frames = list(source)
    assert (source.info.width, source.info.height) == size
    assert {frame.image.shape for frame in frames} == {(size[1], size[0], 3)}
    assert all(frame.image.flags.c_contiguous for frame in frames)


@pytest.mark.parametrize(
    ("size", "pix_fmt"), [((65, 49), "yuv420p"), ((33, 48), "yuv444p"), ((64, 31), "gray"), ((1, 1), "bgr0")]
)
def test_odd_sizes(clip: WriteClip, size: tuple[int, int], pix_fmt: str, scenes: Any) -> None:
    path = clip("a.mkv", scenes.grey_steps(3, *size), codec="ffv1", pix_fmt=pix_fmt)
    with open_media(path) as source:
        frames = list(source)
    assert (source.info.width, source.info.height) == size
    assert [scenes.number_of(frame.image) for frame in frames] == [0, 1, 2]


@pytest.mark.parametrize(
    "pix_fmt",
    [
        "yuv420p",
        "yuv422p",
        "yuv444p",
        "yuva420p",
        "yuv420p10le",
        "yuv422p10le",
        "yuv444p16le",
        "bgr0",
        "bgra",
    ],
)
def test_pixel_formats_keep_their_colours(clip: WriteClip, pix_fmt: str, scenes: Any) -> None:
    path = clip("a.mkv", [scenes.quadrants()] * 2, codec="ffv1", pix_fmt=pix_fmt)
    with open_media(path) as source:
        image = [frame.image for frame in source][-1]
    assert np.abs(image.astype(int) - scenes.quadrants())[4:20, 4:28].max() <= 4
    assert scenes.corners(image) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize("pix_fmt", ["gray", "gray10le", "gray16le"])
def test_grey_pictures_get_three_channels(clip: WriteClip, pix_fmt: str, scenes: Any) -> None:
    path = clip("a.mkv", scenes.grey_steps(40), codec="ffv1", pix_fmt=pix_fmt)
    assert [number for number, _ in frames_of(path, scenes)] == pytest.approx(list(range(40)), abs=1)


@pytest.mark.parametrize("colorspace", [1, 5, 2])
@pytest.mark.parametrize("color_range", [1, 2])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le"])
def test_colour_matrix_and_range_are_respected(
    clip: WriteClip, colorspace: int, color_range: int, pix_fmt: str, scenes: Any
) -> None:
    marks = {"colorspace": colorspace, "color_range": color_range}
    path = clip("a.mkv", [scenes.quadrants()] * 2, codec="ffv1", pix_fmt=pix_fmt, marks=marks)
    with open_media(path) as source:
        image = next(iter(source)).image
    assert np.abs(image.astype(int) - scenes.quadrants())[4:20, 4:28].max() <= 4


def test_an_unmarked_high_definition_picture_is_taken_as_bt709(tmp_path: Path, scenes: Any) -> None:
    red_bt709 = (63, 102, 240)
    path = tmp_path / "hd.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv444p"
        frame = av.VideoFrame(1280, 720, "yuv444p")
        for plane, value in zip(frame.planes, red_bt709, strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        container.mux([*stream.encode(frame), *stream.encode(None)])
    with open_media(path) as source:
        assert next(iter(source)).image[360, 640].tolist() == pytest.approx([255, 0, 0], abs=3)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", {}),
        ("a.mkv", {}),
        ("a.ts", {}),
        ("a.gif", {"codec": "gif", "pix_fmt": "rgb8"}),
        ("a.h264", {}),
        ("a.mjpeg", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
    ],
)
@pytest.mark.parametrize(
    ("start_s", "end_s", "first", "last"),
    [(None, None, 0, 49), (0.8, None, 20, 49), (0.81, 1.2, 21, 29), (None, 0.2, 0, 4), (1.96, 99, 49, 49)],
)
def test_only_the_part_that_is_wanted(
    clip: WriteClip,
    name: str,
    options: dict[str, object],
    start_s: float | None,
    end_s: float | None,
    first: int,
    last: int,
    scenes: Any,
) -> None:
    path = clip(name, scenes.grey_steps(50), **options)
    with open_media(path, start_s=start_s, end_s=end_s) as source:
        frames = list(source)
    assert source.warning is None
    assert [scenes.number_of(frame.image) for frame in frames] == list(range(first, last + 1))
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert frames[0].time_s == pytest.approx(first / 25, abs=1e-3)
    if not math.isnan(source.info.duration_s):
        assert source.info.duration_s == pytest.approx(2.0, abs=0.1)
        assert source.info.frame_count == pytest.approx(len(frames), abs=2)


def test_the_frame_shown_at_the_start_is_exact_with_uneven_times(clip: WriteClip, scenes: Any) -> None:
    path = clip("a.mp4", scenes.grey_steps(len(UNEVEN)), times=UNEVEN)
    assert frames_of(path, scenes, start_s=0.11, end_s=1.25) == [(3, 0.11), (4, 0.5), (5, 0.517)]


@pytest.mark.parametrize(
    ("start_s", "end_s", "says"),
    [
        (-1, None, "0 or more"),
        (math.nan, None, "0 or more"),
        (2, 1, "after the start"),
        (1, 1, "after the start"),
        (0, math.nan, "after the start"),
        (2.5, None, "ends before 2.5 s"),
    ],
)
def test_an_impossible_part_is_refused(
    clip: WriteClip, start_s: float, end_s: float | None, says: str, scenes: Any
) -> None:
    with pytest.raises(UsageError, match=says):
        open_media(clip("a.mp4", scenes.grey_steps(30)), start_s=start_s, end_s=end_s)


def test_fps_and_longest_side_are_checked(clip: WriteClip, scenes: Any) -> None:
    path = clip("a.mp4", scenes.grey_steps(3))
    with pytest.raises(UsageError, match="times are its own"):
        open_media(path, fps=10)
    with pytest.raises(UsageError, match="1 or more"):
        open_media(path, max_side=0)


@pytest.mark.parametrize(("count", "fps"), [(1, 25), (2, 25), (60, 240), (5, 5), (5, 1)])
def test_few_frames_and_unusual_rates(clip: WriteClip, count: int, fps: int, scenes: Any) -> None:
    path = clip("a.mp4", scenes.grey_steps(count), fps=fps)
    with open_media(path) as source:
        times = [frame.time_s for frame in source]
    assert times == pytest.approx([index / fps for index in range(count)], abs=1e-4)
    assert (source.info.frame_count, source.info.fps) == (count, fps)
    assert source.warning is None


def test_an_unknown_length_is_said_to_be_unknown(clip: WriteClip, scenes: Any) -> None:
    path = clip("live.mkv", scenes.grey_steps(20), container_options={"live": "1"})
    with open_media(path) as source:
        assert math.isnan(source.info.duration_s)
        assert source.info.frame_count == 0
        assert len(list(source)) == 20
    assert source.warning is None


def test_a_change_of_size_in_the_stream_is_letterboxed(clip: WriteClip, scenes: Any) -> None:
    wide = clip("wide.ts", [np.full((48, 64, 3), 200, np.uint8)] * 5)
    tall = clip("tall.ts", [np.full((64, 32, 3), 200, np.uint8)] * 5)
    wide.write_bytes(wide.read_bytes() + tall.read_bytes())
    with open_media(wide) as source:
        frames = list(source)
    assert {frame.image.shape for frame in frames} == {(48, 64, 3)}
    assert len(frames) == 10
    assert all(later.time_s > earlier.time_s for earlier, later in itertools.pairwise(frames))
    last = frames[-1].image
    assert last[24, 32].tolist() == pytest.approx([200] * 3, abs=3)
    assert last[24, 2].tolist() == [0, 0, 0]


def test_frames_are_handed_out_once_and_not_after_closing(clip: WriteClip, scenes: Any) -> None:
    source = open_media(clip("a.mp4", scenes.grey_steps(10)))
    first = next(iter(source))
    assert [frame.index for frame in (first, next(iter(source)))] == [0, 1]
    source.close()
    source.close()
    assert list(source) == []
