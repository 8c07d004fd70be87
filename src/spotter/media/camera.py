"""Frames from a camera, with the times at which they were taken."""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import av
from av.container import InputContainer
from av.device import DeviceInfo

from spotter.errors import MediaNotFoundError, MediaUnreadableError, SpotterError, UsageError
from spotter.media.source import MediaSource
from spotter.media.video import VideoSource


@dataclass(frozen=True, slots=True)
class CameraSystem:
    """How an operating system's cameras are reached through ffmpeg.

    Attributes:
        demuxer: ffmpeg's name of the system.
        address: what to open for a camera, given its index and its name ("" where that is not known).
        options: what to ask for besides size and frame rate, most wanted first: compressed pictures, because
            a USB 2 cable cannot carry 720p at 30 frames a second otherwise, then what the camera offers.
        permission: what to do where the system forbids the camera.
    """

    demuxer: str
    address: Callable[[int, str], str]
    options: tuple[dict[str, str], ...]
    permission: str


_SYSTEMS = {
    "linux": CameraSystem(
        demuxer="v4l2",
        address=lambda index, _: f"/dev/video{index}",
        options=({"input_format": "mjpeg"}, {}),
        permission="add yourself to the group 'video' and log in again",
    ),
    "darwin": CameraSystem(
        demuxer="avfoundation",
        address=lambda index, _: f"{index}:none",
        options=({"pixel_format": "nv12"}, {}),
        permission="allow the terminal in System Settings, Privacy & Security, Camera",
    ),
    # Some cameras' own clocks are wrong on Windows, so frames are stamped as they arrive.
    "win32": CameraSystem(
        demuxer="dshow",
        address=lambda index, name: f"video={name or index}",
        options=(
            {"vcodec": "mjpeg", "use_video_device_timestamps": "0"},
            {"use_video_device_timestamps": "0"},
        ),
        permission="allow desktop apps in Settings, Privacy & security, Camera",
    ),
}


def open_camera(index: int, size: tuple[int, int] = (1280, 720), fps: float = 30) -> MediaSource:
    """Open a camera for recording: every frame is handed out, in order, until the source is closed.

    Args:
        index: which camera, from 0.
        size: the (width, height) to ask for, in pixels; a camera that lacks it gives what it has.
        fps: the frames a second to ask for; how many come depends on the camera and the light.

    Returns:
        A source whose frames' ``time_s`` counts from its first frame by the clock that stamps them as they
        are taken, so that a slow reader does not distort them. It has no end. ``info.created`` is now.

    Raises:
        UsageError: if the index is negative.
        MediaNotFoundError: if there is no such camera; the message names those that exist.
        MediaUnreadableError: if the camera is in use by another program, or may not be used.
    """
    if index < 0:
        raise UsageError(f"there is no camera {index}; the first camera is 0")
    source = VideoSource(
        lambda: _open(_system(), index, size, fps),
        name=f"camera-{index}",
        path=f"camera {index}",
        low_delay=True,
    )
    source.info = replace(source.info, created=datetime.now().astimezone())
    return source


def list_cameras() -> dict[int, str]:
    """The names of this machine's cameras by their index; empty where there are none."""
    return {index: device.description for index, device in _cameras(_system()).items()}


def _cameras(system: CameraSystem) -> dict[int, DeviceInfo]:
    try:
        devices = av.enumerate_input_devices(system.demuxer)
    except (av.FFmpegError, ValueError):
        return {}
    cameras = [device for device in devices if "video" in device.media_types or not device.media_types]
    return {_index_of(device, place): device for place, device in enumerate(cameras)}


def _index_of(device: DeviceInfo, place: int) -> int:
    number = re.fullmatch(r"(?:/dev/video)?(\d+)", device.name)
    return int(number[1]) if number else place


def _system() -> CameraSystem:
    try:
        return _SYSTEMS[sys.platform]
    except KeyError:
        raise MediaNotFoundError(
            f"cameras cannot be reached on this system ({sys.platform}); record a video and give its name"
        ) from None


def _open(system: CameraSystem, index: int, size: tuple[int, int], fps: float) -> InputContainer:
    cameras = _cameras(system)
    address = system.address(index, cameras[index].name if index in cameras else "")
    wish = {"video_size": f"{size[0]}x{size[1]}", "framerate": f"{fps:g}"}
    for options in [*(wish | options for options in system.options), system.options[-1]]:
        try:
            return av.open(address, format=system.demuxer, options=options)
        except av.FFmpegError as error:
            failure = error
            if error.errno in (errno.EBUSY, errno.EACCES, errno.EPERM, errno.ENOENT):
                break
    raise _camera_error(system, index, cameras, failure) from failure


def _camera_error(
    system: CameraSystem, index: int, cameras: dict[int, DeviceInfo], failure: av.FFmpegError
) -> SpotterError:
    if failure.errno in (errno.EACCES, errno.EPERM):
        return MediaUnreadableError(f"camera {index} may not be used: {system.permission}")
    if failure.errno == errno.EBUSY:
        return MediaUnreadableError(f"camera {index} is in use by another program; close that and try again")
    if index in cameras:
        return MediaUnreadableError(
            f"camera {index} ({cameras[index].description}) could not be started ({failure.strerror}); "
            "close other programs that may use it, unplug it and plug it in again"
        )
    found = ", ".join(f"{number} ({device.description})" for number, device in sorted(cameras.items()))
    hint = f"the cameras found are {found}" if found else "no camera was found; is it plugged in?"
    return MediaNotFoundError(f"there is no camera {index}: {hint}")
