"""Cameras, played by a file."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from av.device import DeviceInfo

from spotter.errors import MediaNotFoundError, MediaUnreadableError, SpotterError, UsageError
from spotter.media import camera
from spotter.media.camera import list_cameras, open_camera

WEBCAMS = [
    DeviceInfo("/dev/video0", "Integrated Webcam", True, ["video"]),
    DeviceInfo("/dev/video2", "USB Camera", False, ["video"]),
]
NO_SUCH_FILE = av.FileNotFoundError(errno.ENOENT, "No such file or directory")
NOT_SUPPORTED = av.ArgumentError(errno.EINVAL, "Invalid argument")


class Driver:
    """Stands in for `av.open`: answers with an error or with a film, and keeps what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, film: Path | None, errors: list[Exception]) -> None:
        self._open, self._film, self._errors = av.open, film, errors
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        monkeypatch.setattr(av, "open", self)

    def __call__(self, address: str, *, format: str, options: dict[str, str]) -> Any:
        self.asked.append((address, format, options))
        if self._errors:
            raise self._errors.pop(0)
        return self._open(str(self._film))


@pytest.fixture(autouse=True)
def linux_with_two_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(av, "enumerate_input_devices", lambda _: WEBCAMS)


@pytest.fixture
def film(clip: Callable[..., Path], scenes: Any) -> Path:
    times = [100.0, 100.04, 100.075, 100.3]
    return clip("film.mkv", scenes.grey_steps(4), times=times, bframes=0)


def test_frames_come_with_the_time_since_the_first(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(monkeypatch, film, [])
    with open_camera(2, (640, 480), 25) as source:
        frames = list(source)
    assert driver.asked == [
        ("/dev/video2", "v4l2", {"video_size": "640x480", "framerate": "25", "input_format": "mjpeg"})
    ]
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.04, 0.075, 0.3], abs=2e-3)
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert (source.info.name, source.info.path) == ("camera-2", "camera 2")
    assert (source.info.width, source.info.height) == (64, 48)


def test_a_camera_without_what_is_asked_for_gives_what_it_has(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = Driver(monkeypatch, film, [NOT_SUPPORTED, NOT_SUPPORTED])
    with open_camera(0) as source:
        assert len(list(source)) == 4
    assert [options for _, _, options in driver.asked] == [
        {"video_size": "1280x720", "framerate": "30", "input_format": "mjpeg"},
        {"video_size": "1280x720", "framerate": "30"},
        {},
    ]


@pytest.mark.parametrize(
    ("platform", "address", "demuxer"),
    [
        ("darwin", "1:none", "avfoundation"),
        ("win32", "video=@device_pnp_b", "dshow"),
    ],
)
def test_other_systems(
    film: Path, monkeypatch: pytest.MonkeyPatch, platform: str, address: str, demuxer: str
) -> None:
    devices = [
        DeviceInfo("@device_pnp_a", "Built-in", False, ["video"]),
        DeviceInfo("@device_mic", "Microphone", False, ["audio"]),
        DeviceInfo("@device_pnp_b", "USB Camera", False, ["video"]),
    ]
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(av, "enumerate_input_devices", lambda _: devices)
    driver = Driver(monkeypatch, film, [])
    open_camera(1).close()
    assert driver.asked[0][:2] == (address, demuxer)
    assert list_cameras() == {0: "Built-in", 1: "USB Camera"}


@pytest.mark.parametrize(
    ("index", "error", "kind", "says"),
    [
        (1, NO_SUCH_FILE, MediaNotFoundError, "no camera 1: .*0 .Integrated Webcam., 2 .USB Camera."),
        (0, av.PermissionError(errno.EACCES, "Permission denied"), MediaUnreadableError, "group 'video'"),
        (0, av.OSError(errno.EBUSY, "Device or resource busy"), MediaUnreadableError, "another program"),
        (0, NOT_SUPPORTED, MediaUnreadableError, "Integrated Webcam.*could not be started"),
    ],
)
def test_each_failure_has_its_words(
    monkeypatch: pytest.MonkeyPatch, index: int, error: Exception, kind: type[SpotterError], says: str
) -> None:
    Driver(monkeypatch, None, [error] * 3)
    with pytest.raises(kind, match=says):
        open_camera(index)


@pytest.mark.parametrize("found", [[], ValueError("no such format"), NO_SUCH_FILE])
def test_a_machine_without_cameras(monkeypatch: pytest.MonkeyPatch, found: object) -> None:
    def enumerate_nothing(_: str) -> object:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(av, "enumerate_input_devices", enumerate_nothing)
    Driver(monkeypatch, None, [NO_SUCH_FILE])
    with pytest.raises(MediaNotFoundError, match="no camera was found"):
        open_camera(0)


def test_a_negative_index_and_an_unknown_system(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="the first camera is 0"):
        open_camera(-1)
    monkeypatch.setattr(camera.sys, "platform", "plan9")
    with pytest.raises(MediaNotFoundError, match="plan9"):
        open_camera(0)


def test_a_camera_that_is_unplugged_ends_with_a_warning(
    clip: Callable[..., Path], scenes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = clip("film.mkv", scenes.noisy_steps(75), bframes=0, container_options={"live": "1"})
    film.write_bytes(film.read_bytes()[:20_000])
    Driver(monkeypatch, film, [])
    with open_camera(0) as source:
        assert len(list(source)) > 3
