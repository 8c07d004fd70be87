"""A fake strap at bleak's interface: a script says when it sends, when it is lost, and when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from spotter.exchange.heart_rate import HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE

Step = bytes | str
"""A packet to send, or ``"lost"``."""


@dataclass
class FakeStrap:
    """Each connection plays the next script; ``"refuse"`` as a script makes connecting fail."""

    scripts: list[list[Step] | str]
    connections: int = 0
    clients: list[FakeClient] = field(default_factory=list)

    def open(self, address: str) -> FakeClient:
        script = self.scripts[self.connections] if self.connections < len(self.scripts) else []
        self.connections += 1
        self.clients.append(FakeClient(address, script))
        return self.clients[-1]


class FakeClient:
    """What is used of ``BleakClient``."""

    def __init__(self, address: str, script: list[Step] | str) -> None:
        self.address, self._script = address, script
        self._connected = False
        self._task: asyncio.Task[None] | None = None
        self.let_go = False

    @property
    def is_connected(self) -> bool:
        return self._connected

    async def connect(self) -> None:
        if self._script == "refuse":
            raise OSError("Device not found")
        self._connected = True

    async def disconnect(self) -> None:
        self._connected, self.let_go = False, True
        if self._task is not None:
            self._task.cancel()

    async def start_notify(self, char_specifier: str, callback: Callable[[Any, bytearray], None]) -> None:
        assert char_specifier == HEART_RATE_MEASUREMENT
        self._task = asyncio.create_task(self._play(callback))

    async def _play(self, callback: Callable[[Any, bytearray], None]) -> None:
        for step in self._script:
            await asyncio.sleep(0)
            if isinstance(step, bytes):
                callback(None, bytearray(step))
            else:
                self._connected = False


def advertised(address: str, name: str | None, rssi: int, *services: str) -> tuple[Any, Any]:
    """What a scan answers for one device."""
    told = SimpleNamespace(local_name=None, rssi=rssi, service_uuids=list(services or [HEART_RATE_SERVICE]))
    return SimpleNamespace(address=address, name=name), told


class FakeScanner:
    """What is used of ``BleakScanner``; answers with an error if it has one."""

    def __init__(self, *devices: tuple[Any, Any], error: Exception | None = None) -> None:
        self._devices, self._error = devices, error

    async def discover(self, timeout: float, **options: Any) -> dict[str, tuple[Any, Any]]:
        assert options == {"return_adv": True, "service_uuids": [HEART_RATE_SERVICE]}
        if self._error is not None:
            raise self._error
        return {device.address: (device, told) for device, told in self._devices}
