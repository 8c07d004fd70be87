"""The straps that the user has paired, kept in one small TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

import tomlkit

from spotter.errors import DeviceError
from spotter.media.writing import write_text
from spotter.models.folders import data_folder


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device that was paired.

    Attributes:
        address: its Bluetooth address; on macOS the identifier that the system gives it.
        name: what it calls itself.
        kind: ``"heart-rate"``.
    """

    address: str
    name: str
    kind: str = "heart-rate"


def devices_file() -> Path:
    """Where they are kept: ``devices.toml`` in the user's data folder."""
    return data_folder() / "devices.toml"


def known_devices(path: Path | None = None) -> tuple[KnownDevice, ...]:
    """The devices that were paired, the latest last.

    Args:
        path: the file; the user's own if None.

    Raises:
        DeviceError: the file cannot be read, or is no list of devices.

    >>> known_devices(Path("no-such-file.toml"))
    ()
    """
    path = path or devices_file()
    try:
        rows = tomllib.loads(path.read_text("utf-8")).get("device", [])
        return tuple(KnownDevice(str(r["address"]), str(r["name"]), str(r["kind"])) for r in rows)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeviceError(f"{path} cannot be read ({error}); delete it and pair the devices again") from error


def remember(device: KnownDevice, path: Path | None = None) -> None:
    """Keep a device; one with the same address is replaced.

    Raises:
        DeviceError: the file with those already known cannot be read.
        OutputError: it cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     remember(KnownDevice("AA:01", "Strap"), Path(folder, "devices.toml"))
    ...     known_devices(Path(folder, "devices.toml"))[0].name
    'Strap'
    """
    path = path or devices_file()
    others = [known for known in known_devices(path) if known.address != device.address]
    _write(path, [*others, device])


def forget(wanted: str, path: Path | None = None) -> KnownDevice:
    """Forget a device by its address or name.

    Raises:
        DeviceError: none has that address or name.
    """
    path = path or devices_file()
    known = known_devices(path)
    gone = [one for one in known if wanted.casefold() in (one.address.casefold(), one.name.casefold())]
    if not gone:
        names = ", ".join(f"{one.name} ({one.address})" for one in known) or "none"
        raise DeviceError(f"no device {wanted!r} is paired; paired are: {names}")
    _write(path, [one for one in known if one != gone[-1]])
    return gone[-1]


def _write(path: Path, devices: list[KnownDevice]) -> None:
    write_text(path, tomlkit.dumps({"device": [asdict(one) for one in devices]}))
