"""The heart beside an analysis: what a watch recorded meanwhile, or a strap that is read beside a camera."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path

from rich.console import Console

from spotter.coach.heart import HeartRate
from spotter.errors import DeviceError, UsageError
from spotter.exchange.extras import records_extra
from spotter.exchange.heart_strap import LiveHeart, OpenClient
from spotter.exchange.importing import Recorded, heart_during, read_recorded
from spotter.exchange.known_devices import KnownDevice, known_devices
from spotter.exchange.session_source import video_began
from spotter.media.frame import MediaInfo

STRAP = "strap"
"""What is said for the strap that was paired."""

_KIND = "heart-rate"


@dataclass(frozen=True)
class HeartSource:
    """Where the heart rate comes from; from nowhere if neither is there.

    Attributes:
        watch: what a watch recorded, for videos.
        strap: that is read while a camera records.
    """

    watch: tuple[Recorded, ...] = ()
    strap: KnownDevice | None = None


NO_HEART = HeartSource()
"""No heart rate is recorded."""


def heart_source(wanted: str | None, usual: str | None, *, camera: bool, several: bool) -> HeartSource:
    """Where the heart rate comes from, by what was asked for.

    Args:
        wanted: a file of a watch; before a camera ``"strap"``, or a strap's address or name; None for not
            said.
        usual: address of the strap that is worn, as the settings have it; before a camera it is read also
            where nothing was said.
        camera: whether a camera is recorded.
        several: whether more than one person may be analysed: one heart cannot be told to be one of theirs.

    Raises:
        UsageError: the two do not go together.
        DeviceError: no strap is paired.
        MediaNotFoundError, ExchangeError: the file cannot be read.
        MissingExtraError: it, or a strap, needs libraries that are not installed.
    """
    if wanted is not None and several:
        raise UsageError(
            "--heart-rate is of one person, and --person all are several; name one by --person NUMBER"
        )
    if not camera:
        if wanted == STRAP:
            raise UsageError("--heart-rate strap needs --camera; of a video give the file of a watch")
        return NO_HEART if wanted is None else HeartSource(watch=read_recorded(Path(wanted)))
    if wanted is None and (usual is None or several):
        return NO_HEART
    if wanted is not None and Path(wanted).is_file():
        raise UsageError(
            f"--heart-rate is the file {wanted}, which does not go with --camera; give strap, or the file "
            "to spotter export --heart-rate afterwards"
        )
    with records_extra("a heart rate strap"):
        import_module("bleak")  # before the work, not after it
    return HeartSource(strap=_paired(usual) if wanted in (None, STRAP) else _strap(wanted))


def heart_of_video(watch: Sequence[Recorded], info: MediaInfo, started: datetime | None = None) -> HeartRate:
    """The heart during a video, found by the time of day.

    Args:
        watch: what was recorded; that counts which has most readings meanwhile.
        info: of the video.
        started: when the video began, with a time zone; None to find it out, as ``session_from`` does.

    Raises:
        UsageError: nothing was recorded meanwhile; says when the video is taken to have begun.
    """
    facts = {
        "created": info.created and info.created.isoformat(),
        "path": info.path,
        "duration_s": info.duration_s,
    }
    began, how = (started, "as given") if started is not None else video_began(facts, Path(info.path))
    length_s = info.duration_s if math.isfinite(info.duration_s) else math.inf
    found = [
        replace(heart, source=one.source)
        for one in watch
        if (heart := heart_during(one, began, length_s)) is not None
    ]
    if not found:
        when = began.isoformat(timespec="seconds")
        raise UsageError(
            f"--heart-rate holds nothing of {info.name}, which began {when} ({how}); "
            "if it began at another time, give --started"
        )
    return max(found, key=lambda heart: len(heart.time_s))


class StrapBeside:
    """What a strap says while a camera records; nothing without one. Made by `strap_beside`."""

    def __init__(self, name: str = "", live: LiveHeart | None = None) -> None:
        self._name, self._live = name, live
        self._began_s = math.inf

    def on_frame(self, time_s: float) -> None:
        """A frame of this time is here now; the one that came with the least delay joins the two clocks."""
        if self._live is not None:
            self._began_s = min(self._began_s, self._live.time_s - time_s)

    def heart_rate(self) -> HeartRate | None:
        """Everything up to now, with times as the frames'; None while nothing was heard."""
        if self._live is None:
            return None
        heart = self._live.recorder.heart_rate(self._began_s)
        return replace(heart, source=self._name) if len(heart.time_s) else None


@contextmanager
def strap_beside(
    strap: KnownDevice | None, console: Console, open_client: OpenClient | None = None
) -> Iterator[StrapBeside]:
    """Read a strap until the end of the ``with`` statement.

    One that is not found or is lost is tried again all the time, and stops nothing: what it would have said
    is a gap.

    Args:
        strap: which; None for none.
        console: is told when the strap is found or lost, and at the end if it was never heard.
        open_client: makes a GATT client; bleak's if None.

    Raises:
        MissingExtraError: bleak is not installed.
    """
    if strap is None:
        yield StrapBeside()
        return
    said = ""

    def on_state(state: str) -> None:
        nonlocal said
        if state != said:  # it is tried every few seconds
            said = state
            console.print(f"  {_told(strap.name, state)}", markup=False)

    with LiveHeart(strap.address, open_client=open_client, on_state=on_state) as live:
        beside = StrapBeside(strap.name, live)
        yield beside
    if beside.heart_rate() is None:
        console.print(f"  {strap.name} was never heard: there is no heart rate", markup=False)


def _told(name: str, state: str) -> str:
    if state == "connected":
        return f"{name} is connected"
    why = "was lost" if state == "lost" else f"is {state}"
    return f"{name} {why}; it is tried again, and until then the heart rate has a gap"


def _paired(usual: str | None) -> KnownDevice:
    """The strap of the settings, else the one that was paired last."""
    if usual is not None:
        return _strap(usual)
    known = [device for device in known_devices() if device.kind == _KIND]
    if not known:
        raise DeviceError("no strap is paired; put yours on and say: spotter devices pair")
    return known[-1]


def _strap(wanted: str) -> KnownDevice:
    """A strap that was paired, by its address or name; any other by its address."""
    for device in known_devices():
        if wanted.casefold() in (device.address.casefold(), device.name.casefold()):
            return device
    return KnownDevice(wanted, wanted)
