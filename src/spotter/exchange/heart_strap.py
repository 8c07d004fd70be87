"""Reads a heart rate strap over Bluetooth LE, and keeps at it when the strap is lost."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from spotter.errors import DeviceError
from spotter.exchange.extras import records_extra
from spotter.exchange.heart_rate import HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE, HeartRecorder

SILENT_S = 10.0
"""A strap that is connected and says nothing for this long is connected anew."""

_LOOK_EVERY_S = 0.25
_FIRST_RETRY_S, _LAST_RETRY_S = 0.5, 8.0
_CONNECT_S = 20.0
_NO_BLUETOOTH = "turn Bluetooth on, and allow this program to use it"


class GattClient(Protocol):
    """What is used of bleak's ``BleakClient``."""

    @property
    def is_connected(self) -> bool:
        """Whether the device is connected now."""

    async def connect(self) -> None:
        """Connect to the device."""

    async def disconnect(self) -> None:
        """Let go of the device."""

    async def start_notify(self, char_specifier: str, callback: Callable[[Any, bytearray], None]) -> None:
        """Have each value of a characteristic handed to a function."""


OpenClient = Callable[[str], GattClient]
"""Makes a client for an address, not connected yet."""


@dataclass(frozen=True, slots=True)
class Strap:
    """A strap in reach.

    Attributes:
        address: its Bluetooth address; on macOS the identifier that the system gives it.
        name: what it calls itself; its address where it says nothing.
        rssi: strength of its signal in dBm; nearer to 0 is stronger.
    """

    address: str
    name: str
    rssi: int


async def scan(seconds: float = 8.0, scanner: Any = None) -> list[Strap]:
    """The heart rate straps in reach, the strongest signal first.

    Args:
        seconds: how long to listen.
        scanner: with ``discover`` as bleak's ``BleakScanner`` has it; that one if None.

    Raises:
        MissingExtraError: bleak is not installed.
        DeviceError: there is no Bluetooth, or it may not be used.
    """
    scanner = scanner or _bleak().BleakScanner
    try:
        found = await scanner.discover(seconds, return_adv=True, service_uuids=[HEART_RATE_SERVICE])
    except Exception as error:  # each system's backend has errors of its own
        raise DeviceError(f"Bluetooth cannot be used ({_reason(error)}); {_NO_BLUETOOTH}") from error
    straps = [
        Strap(device.address, device.name or told.local_name or device.address, told.rssi)
        for device, told in found.values()
        if HEART_RATE_SERVICE in told.service_uuids  # some systems do not filter
    ]
    return sorted(straps, key=lambda strap: -strap.rssi)


class StrapReader:
    """Keeps a strap connected and hands its packets to a recorder.

    A strap that is lost, or says nothing any more, is connected again and again, after half a second at
    first and after eight at most. What it would have sent meanwhile is a gap.

    Args:
        address: of the strap.
        recorder: takes the packets.
        open_client: makes a GATT client; bleak's if None.
        clock: seconds, growing; a packet's time is counted from when the reader was made.
        on_state: called with ``"connected"``, ``"lost"`` or ``"not found: ..."``.

    Raises:
        MissingExtraError: bleak is wanted and not installed.

    Example::

        recorder = HeartRecorder()
        await StrapReader("C8:2B:96:00:00:01", recorder).run(stop)
        recorder.heart_rate()
    """

    def __init__(
        self,
        address: str,
        recorder: HeartRecorder,
        *,
        open_client: OpenClient | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_state: Callable[[str], None] | None = None,
    ) -> None:
        self._address, self._recorder = address, recorder
        self._open_client: OpenClient = open_client or _bleak().BleakClient
        self._clock, self._on_state = clock, on_state or (lambda _: None)
        self._began_s = clock()

    @property
    def time_s(self) -> float:
        """Seconds since the reader was made."""
        return self._clock() - self._began_s

    async def run(self, stop: asyncio.Event) -> None:
        """Read until ``stop`` is set."""
        wait_s = _FIRST_RETRY_S
        while not stop.is_set():
            client = self._open_client(self._address)
            try:
                if not await _connected(client, stop):
                    break
                await client.start_notify(HEART_RATE_MEASUREMENT, self._on_packet)
                self._on_state("connected")
                wait_s = _FIRST_RETRY_S
                await self._stay(client, stop)
                if not stop.is_set():
                    self._on_state("lost")
            except Exception as error:  # each system's backend has errors of its own; the next try may do
                self._on_state(f"not found: {_reason(error)}")
            finally:
                await _let_go(client)
            await _pause(stop, wait_s)
            wait_s = min(2 * wait_s, _LAST_RETRY_S)

    async def _stay(self, client: GattClient, stop: asyncio.Event) -> None:
        """Until the strap is lost, is silent, or the end is wanted."""
        connected_s = self.time_s
        while client.is_connected and not stop.is_set():
            heard_s = self._recorder.heard_s
            last_s = heard_s if heard_s > connected_s else connected_s
            if self.time_s - last_s > SILENT_S:
                return
            await _pause(stop, _LOOK_EVERY_S)

    def _on_packet(self, _characteristic: Any, packet: bytearray) -> None:
        self._recorder.push(self.time_s, bytes(packet))


class LiveHeart:
    """A strap that is read in a thread of its own while a camera is watched; times count from its beginning.

    Attributes:
        recorder: what was heard so far; ask its ``heart_rate()`` at any time.

    Example::

        with LiveHeart("C8:2B:96:00:00:01") as heart:
            began_s = heart.time_s  # when the first frame came
            ...
        session_of(analysis, started, heart_rate=heart.recorder.heart_rate(began_s))
    """

    def __init__(
        self,
        address: str,
        *,
        open_client: OpenClient | None = None,
        on_state: Callable[[str], None] | None = None,
    ) -> None:
        self.recorder = HeartRecorder()
        self._reader = StrapReader(address, self.recorder, open_client=open_client, on_state=on_state)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._read, name="spotter-strap", daemon=True)

    @property
    def time_s(self) -> float:
        """Seconds since the beginning, on the clock of the recorder."""
        return self._reader.time_s

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_CONNECT_S + 5)

    def _read(self) -> None:
        try:
            self._loop.run_until_complete(self._reader.run(self._stop))
        finally:
            self._loop.close()


async def _connected(client: GattClient, stop: asyncio.Event) -> bool:
    """Connect; False if ``stop`` was set before that was done: nobody waits for a strap at the end."""
    connecting, ending = asyncio.ensure_future(client.connect()), asyncio.ensure_future(stop.wait())
    await asyncio.wait((connecting, ending), timeout=_CONNECT_S, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if connecting.done():
        connecting.result()  # raises what went wrong
        return True
    connecting.cancel()
    if not stop.is_set():
        raise TimeoutError(f"no answer within {_CONNECT_S:.0f} s")
    return False


async def _let_go(client: GattClient) -> None:
    try:
        await client.disconnect()
    except Exception:  # it is gone already, which is what was wanted
        return


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until ``stop`` is set."""
    if not stop.is_set():
        await asyncio.wait([waiting := asyncio.ensure_future(stop.wait())], timeout=seconds)
        waiting.cancel()


def _bleak() -> Any:
    with records_extra("a heart rate strap"):
        import bleak
    return bleak


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
