"""Files that are damaged, cut short, forbidden, or something else than their name says."""

from __future__ import annotations

import errno
import itertools
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import pytest

from spotter.errors import MediaFormatError, MediaNotFoundError, MediaUnreadableError, SpotterError
from spotter.media.reader import open_media

WriteClip = Callable[..., Path]
WriteSound = Callable[[str, str], Path]
FASTSTART = {"movflags": "faststart"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("a.mp4", {"container_options": FASTSTART}, "breaks off at 1.. s, but was to be 3.0 s long"),
        ("a.mp4", {"container_options": FRAGMENTS}, "is damaged at 1.. s"),
        ("a.mkv", {}, "breaks off at 1.. s, but was to be 3.0 s long"),
        ("a.mkv", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}, "breaks off at 1.. s"),
        ("a.webm", {"codec": "libvpx-vp9"}, "breaks off at 1.. s"),
        ("a.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}, "is damaged at 1.. s"),
    ],
)
def test_a_video_cut_short_gives_what_is_there(
    clip: WriteClip, scenes: Any, name: str, options: dict[str, Any], says: str
) -> None:
    path = clip(name, scenes.noisy_steps(75), **options)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    with open_media(path) as source:
        assert source.warning is None
        frames = list(source)
    assert 38 <= len(frames) <= 50
    assert [frame.time_s for frame in frames] == pytest.approx([i / 25 for i in range(len(frames))], abs=0.05)
    assert source.warning is not None
    assert str(path) in source.warning
    assert re.search(says, source.warning)


@pytest.mark.parametrize("container_options", [FASTSTART, FRAGMENTS, {}])
@pytest.mark.parametrize("filler", [bytes(2000), b"\xa5" * 2000])
def test_a_hole_in_the_middle_is_left_out(
    clip: WriteClip, scenes: Any, container_options: dict[str, str], filler: bytes
) -> None:
    path = clip("a.mp4", scenes.noisy_steps(75), container_options=container_options)
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(data[:middle] + filler + data[middle + len(filler) :])
    with open_media(path) as source:
        frames = list(source)
    assert 55 <= len(frames) < 75
    assert frames[-1].time_s == pytest.approx(74 / 25)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert all(later.time_s > earlier.time_s for earlier, later in itertools.pairwise(frames))
    assert source.warning is not None
    assert re.search(r"is damaged at 1\.. s \(.+\); what could not be decoded was left out", source.warning)


def test_reading_that_fails_for_good_ends_the_stream_with_a_warning(
    clip: WriteClip, scenes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clip("a.mkv", scenes.grey_steps(30), bframes=0)

    class FailingDisk:
        """A container that stops giving packets after the twentieth."""

        def __init__(self, container: Any) -> None:
            self.container, self.attempts = container, 0
            self.packets = itertools.islice(container.demux(video=0), 20)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.container, name)

        def demux(self, _: object) -> Any:
            self.attempts += 1
            yield from self.packets
            raise av.OSError(errno.EIO, "Input/output error")

    disk = FailingDisk(av.open(str(path)))
    monkeypatch.setattr(av, "open", lambda *_, **__: disk)
    with open_media(path) as source:
        frames = list(source)
    assert disk.attempts == 5
    assert [scenes.number_of(frame.image) for frame in frames] == list(range(20))
    assert source.warning is not None
    assert re.search(r"breaks off at 0\.. s|could not be read past 0\.. s", source.warning)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("text.mp4", b"This is no video.\n" * 100, "not a video or picture"),
        ("empty.mp4", b"", r"empty \(0 bytes\)"),
        ("empty.jpg", b"", r"empty \(0 bytes\)"),
        ("zeros.mp4", bytes(5000), "not a video or picture"),
        ("titles.srt", b"1\n00:00:01,000 --> 00:00:02,000\nhello\n\n", "no picture"),
        ("notes.txt", b"Monday: squats.\n", "not a video or picture"),
        ("text.jpg", b"This is no picture.\n", "not a picture that can be read"),
        (
            "list.mp4",
            b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n",
            "not a video",
        ),
    ],
)
def test_what_is_no_video_is_refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MediaFormatError, match=says) as raised:
        open_media(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("keep", [1, 40, 4000])
def test_an_unfinished_recording_is_refused(clip: WriteClip, scenes: Any, keep: int) -> None:
    path = clip("a.mp4", scenes.noisy_steps(30))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(MediaFormatError, match="never finished"):
        open_media(path)


def test_a_video_of_which_nothing_decodes_is_refused(clip: WriteClip, scenes: Any) -> None:
    path = clip("a.mp4", scenes.noisy_steps(30), container_options=FASTSTART)
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    path.write_bytes(data[:start] + b"\xff" * (len(data) - start))
    with pytest.raises(MediaFormatError, match="not one picture in it could be decoded"):
        open_media(path)


def test_sound_alone_is_refused(sound: WriteSound) -> None:
    path = sound("song.m4a", "aac")
    with pytest.raises(MediaFormatError, match="sound but no picture"):
        open_media(path)


def test_the_cover_of_a_song_is_no_video(sound: WriteSound, scenes: Any) -> None:
    jpeg = cv2.imencode(".jpg", scenes.quadrants())[1].tobytes()
    picture = b"\0image/jpeg\0\x03\0" + jpeg
    frame = b"APIC" + struct.pack(">IH", len(picture), 0) + picture
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    path = sound("song.mp3", "libmp3lame")
    path.write_bytes(b"ID3\x03\0\0" + size + frame + path.read_bytes())  # ID3v2.3 with one picture
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 1
    with pytest.raises(MediaFormatError, match="sound but no picture"):
        open_media(path)


@pytest.mark.parametrize(
    ("name", "hints"),
    [
        ("sqat.mp4", ["squat.mp4"]),
        ("Squat.MP4", ["squat.mp4"]),
        ("squat.mov", ["squat.mp4"]),
        ("zzz.webm", []),
    ],
)
def test_a_missing_file_gets_the_names_that_come_close(tmp_path: Path, name: str, hints: list[str]) -> None:
    for present in ("squat.mp4", "deadlift.mp4", "squat.docx"):
        (tmp_path / present).touch()
    with pytest.raises(MediaNotFoundError, match="is not there") as raised:
        open_media(tmp_path / name)
    message = str(raised.value)
    assert ("did you mean" in message) == bool(hints)
    assert all(hint in message for hint in hints)
    assert "docx" not in message


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFoundError, match=r"no folder .*videos"):
        open_media(tmp_path / "videos" / "squat.mp4")


@pytest.mark.parametrize("name", ["a.mp4", "a.jpg"])
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "no permission"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
)
def test_a_file_that_may_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: OSError, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"something")

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(MediaUnreadableError, match=says):
        open_media(path)


def test_a_file_that_ffmpeg_may_not_read(
    clip: WriteClip, scenes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clip("a.mp4", scenes.grey_steps(3))

    def refuse(*_: object, **__: object) -> None:
        raise av.PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(av, "open", refuse)
    with pytest.raises(MediaUnreadableError, match="no permission"):
        open_media(path)


def test_a_title_in_another_encoding_does_no_harm(clip: WriteClip, scenes: Any) -> None:
    path = clip("a.avi", scenes.grey_steps(3), codec="mpeg4", title="Kniebeuge, \u00fcben")
    path.write_bytes(path.read_bytes().replace("\u00fc".encode(), b"\xfc\xfc"))
    with open_media(path) as source:
        assert len(list(source)) == 3


def test_a_message_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("no video")
    for wrong in (path, tmp_path / "missing.mp4", tmp_path):
        with pytest.raises(SpotterError) as raised:
            open_media(wrong)
        assert "\n" not in str(raised.value)
