"""``spotter devices``: heart rate straps in reach, and those that were paired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from spotter.exchange.heart_strap import Strap

app = typer.Typer(help="Heart rate straps that Spotter reads over Bluetooth.", no_args_is_help=True)

Seconds = Annotated[float, typer.Option(min=1, max=120, help="How long to listen.")]


@app.command("scan")
def scan_command(seconds: Seconds = 8.0) -> None:
    """List the straps in reach, the strongest signal first. Wear the strap: most sleep otherwise."""
    for strap in _in_reach(seconds):
        typer.echo(f"{strap.address}  {strap.rssi:4d} dBm  {strap.name}")


@app.command("pair")
def pair_command(
    wanted: Annotated[
        str | None,
        typer.Argument(help="Address or name; the only one in reach if left out.", show_default=False),
    ] = None,
    seconds: Seconds = 8.0,
) -> None:
    """Remember a strap, so that `--heart-rate` finds it."""
    from spotter.exchange.known_devices import KnownDevice, devices_file, remember

    strap = choose(_in_reach(seconds), wanted)
    remember(KnownDevice(strap.address, strap.name))
    typer.echo(f"{strap.name} ({strap.address}) is remembered in {devices_file()}")


@app.command("list")
def list_command() -> None:
    """List the devices that were paired, and the sensors that installed packages offer."""
    from spotter.exchange.known_devices import known_devices
    from spotter.exchange.sensors import sensor_names

    for device in known_devices():
        typer.echo(f"{device.address}  {device.kind}  {device.name}")
    for name in sensor_names():
        typer.echo(f"{name}  sensor of an installed package")


@app.command("forget")
def forget_command(
    wanted: Annotated[str, typer.Argument(help="Address or name of a device that was paired.")],
) -> None:
    """Forget a device."""
    from spotter.exchange.known_devices import forget

    gone = forget(wanted)
    typer.echo(f"{gone.name} ({gone.address}) is forgotten")


def choose(straps: list[Strap], wanted: str | None) -> Strap:
    """The strap that is meant.

    Raises:
        DeviceError: none is in reach, none is called so, or several are there and none was named.
    """
    from spotter.errors import DeviceError

    if not straps:
        raise DeviceError(
            "no strap is in reach; put it on, wet its electrodes, and close other programs that use it"
        )
    names = ", ".join(f"{strap.name} ({strap.address})" for strap in straps)
    if wanted is None:
        if len(straps) > 1:
            raise DeviceError(f"several straps are in reach: {names}; name the one that is yours")
        return straps[0]
    for strap in straps:
        if wanted.casefold() in (strap.address.casefold(), strap.name.casefold()):
            return strap
    raise DeviceError(f"no strap {wanted!r} is in reach; in reach are: {names}")


def _in_reach(seconds: float) -> list[Strap]:
    import asyncio

    from spotter.exchange.heart_strap import scan

    return asyncio.run(scan(seconds))
