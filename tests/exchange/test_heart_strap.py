"""A strap that is refused, lost, silent and back again; scanning, pairing, and sensors of other packages."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from spotter.cli import devices
from spotter.coach.heart import gaps
from spotter.errors import DeviceError, MissingExtraError
from spotter.exchange import heart_strap
from spotter.exchange.heart_rate import HeartRecorder
from spotter.exchange.heart_strap import LiveHeart, Strap, StrapReader, scan
from spotter.exchange.known_devices import KnownDevice, devices_file, forget, known_devices, remember
from spotter.exchange.sensors import make_sensor, sensor_names
from tests.exchange.straps import FakeClient, FakeScanner, FakeStrap, advertised

RATE = bytes([0x06, 77])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without waiting."""
    for name in ("_LOOK_EVERY_S", "_FIRST_RETRY_S", "_LAST_RETRY_S"):
        monkeypatch.setattr(heart_strap, name, 0.001)


class Clock:
    """A second goes by at each look."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def read(strap: FakeStrap, until: int) -> tuple[HeartRecorder, list[str]]:
    """Read until the strap has been connected so often."""
    recorder, states = HeartRecorder(), list[str]()

    async def run() -> None:
        stop = asyncio.Event()
        reader = StrapReader("C8", recorder, open_client=strap.open, clock=Clock(), on_state=states.append)
        reading = asyncio.create_task(reader.run(stop))
        while strap.connections < until:
            await asyncio.sleep(0.001)
        stop.set()
        await asyncio.wait_for(reading, 20)

    asyncio.run(run())
    return recorder, states


@pytest.mark.usefixtures("quick")
def test_a_lost_strap_comes_back_and_leaves_a_gap() -> None:
    strap = FakeStrap([[RATE, RATE, "lost"], "refuse", "refuse", "refuse", [RATE, b"\x16", RATE, "lost"]])
    recorder, states = read(strap, until=6)
    heart = recorder.heart_rate()
    assert heart.bpm.tolist() == [77.0] * 4
    assert recorder.skipped == 1
    assert states[:5] == ["connected", "lost", *["not found: Device not found"] * 3]
    assert states.count("connected") >= 2
    assert all(client.let_go for client in strap.clients)
    assert heart.time_s[2] > heart.time_s[1]


@pytest.mark.usefixtures("quick")
def test_a_strap_that_says_nothing_any_more_is_connected_anew() -> None:
    strap = FakeStrap([[RATE], [RATE, "lost"]])
    recorder, states = read(strap, until=3)
    assert states[:3] == ["connected", "lost", "connected"]
    assert len(gaps(recorder.heart_rate())) == 1


@pytest.mark.usefixtures("quick")
def test_a_strap_is_read_beside_other_work() -> None:
    strap = FakeStrap([[RATE, RATE]])
    with LiveHeart("C8", open_client=strap.open) as heart:
        end = time.monotonic() + 10
        while heart.recorder.latest is None and time.monotonic() < end:
            time.sleep(0.001)
    assert heart.recorder.heart_rate().bpm[0] == 77.0
    assert strap.clients[0].let_go


class Unanswered(FakeClient):
    """A strap that is far away: connecting to it takes for ever."""

    async def connect(self) -> None:
        await asyncio.sleep(3600)


def test_nobody_waits_at_the_end_for_a_strap_that_does_not_answer() -> None:
    states = list[str]()
    with LiveHeart("C8", open_client=lambda address: Unanswered(address, []), on_state=states.append):
        time.sleep(0.05)
        ending = time.monotonic()
    assert time.monotonic() - ending < 5
    assert states == []


def test_a_strap_that_does_not_answer_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heart_strap, "_CONNECT_S", 0.01)
    states = list[str]()
    with LiveHeart("C8", open_client=lambda address: Unanswered(address, []), on_state=states.append):
        end = time.monotonic() + 10
        while not states and time.monotonic() < end:
            time.sleep(0.001)
    assert states[0].startswith("not found: no answer within")


def test_scanning_finds_straps_and_nothing_else() -> None:
    scanner = FakeScanner(
        advertised("A1", "Weak", -90), advertised("B2", None, -40), advertised("C3", "Lamp", -10, "180f")
    )
    assert asyncio.run(scan(1.0, scanner)) == [Strap("B2", "B2", -40), Strap("A1", "Weak", -90)]
    assert asyncio.run(scan(1.0, FakeScanner())) == []


def test_without_bluetooth_it_is_said() -> None:
    with pytest.raises(DeviceError, match="turn Bluetooth on"):
        asyncio.run(scan(1.0, FakeScanner(error=OSError("No adapter"))))


def test_without_bleak_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bleak", None)
    with pytest.raises(MissingExtraError, match=r"spotter-coach\[records\]"):
        StrapReader("C8", HeartRecorder())


def test_devices_are_remembered_replaced_and_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "new" / "devices.toml"
    remember(KnownDevice("A1", "Polar"), path)
    remember(KnownDevice("B2", 'Ott"o \u00e9'), path)
    remember(KnownDevice("A1", "Polar H10"), path)
    assert known_devices(path) == (KnownDevice("B2", 'Ott"o \u00e9'), KnownDevice("A1", "Polar H10"))
    assert forget("polar h10", path).address == "A1"
    with pytest.raises(DeviceError, match="paired are: Ott"):
        forget("A1", path)


@pytest.mark.parametrize("text", ["[[device]]\nname = 1", "device = 3", "[[", "\x00"])
def test_a_damaged_list_of_devices_is_said_and_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "devices.toml"
    path.write_text(text)
    with pytest.raises(DeviceError, match="delete it"):
        remember(KnownDevice("A1", "Polar"), path)
    assert path.read_text() == text


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOTTER_HOME", str(tmp_path))
    found = [Strap("A1", "Polar", -40), Strap("B2", "Wahoo", -60)]

    async def fake(_seconds: float) -> list[Strap]:
        return found

    monkeypatch.setattr(heart_strap, "scan", fake)
    run = CliRunner()
    assert "A1   -40 dBm  Polar" in run.invoke(devices.app, ["scan"]).output
    assert "several straps" in str(run.invoke(devices.app, ["pair"]).exception)
    assert "in reach are" in str(run.invoke(devices.app, ["pair", "Garmin"]).exception)
    assert "is remembered" in run.invoke(devices.app, ["pair", "wahoo"]).output
    assert "B2  heart-rate  Wahoo" in run.invoke(devices.app, ["list"]).output
    assert "is forgotten" in run.invoke(devices.app, ["forget", "B2"]).output
    found.clear()
    assert "put it on" in str(run.invoke(devices.app, ["pair"]).exception)
    assert devices_file().parent == tmp_path


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An installed package that offers a barbell, something that is no sensor, and something broken."""
    (tmp_path / "gym_plugin.py").write_text(
        "import numpy as np\n"
        "from spotter.exchange.sensors import SensorSamples\n"
        "class Barbell:\n"
        "    kind, where = 'barbell', 'bar'\n"
        "    def open(self): pass\n"
        "    def read(self): return SensorSamples(np.array([1.0]), {'velocity_m_s': np.array([0.5], 'f4')})\n"
        "    def close(self): pass\n"
    )
    info = tmp_path / "gym_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gym-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[spotter.sensors]\nbar = gym_plugin:Barbell\nlist = builtins:list\nbroken = gym_plugin:Gone\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return SimpleNamespace(folder=tmp_path)


@pytest.mark.usefixtures("plugin")
def test_another_package_brings_a_sensor() -> None:
    assert set(sensor_names()) >= {"bar", "broken", "list"}
    sensor = make_sensor("bar")
    sensor.open()
    assert sensor.kind == "barbell" and sensor.read().values["velocity_m_s"].tolist() == [0.5]
    with pytest.raises(DeviceError, match="lacks methods"):
        make_sensor("list")
    with pytest.raises(DeviceError, match="cannot be loaded"):
        make_sensor("broken")
