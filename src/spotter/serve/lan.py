"""Under which addresses and names other machines of the network find this one."""

from __future__ import annotations

import re
import socket

from spotter.errors import ServeError
from spotter.serve.interfaces import Address, InterfaceAddress, interface_addresses, routed_addresses

_NAME = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)


def lan_addresses() -> tuple[str, ...]:
    """The addresses that a phone can reach this machine by, the likeliest first; empty without a network.

    Likelier is an address that the machine speaks to the world from, IPv4, and one that is no tunnel's. An
    IPv6 address that holds on one link only is left out: browsers cannot open it.
    """
    return sorted_addresses(interface_addresses(), routed_addresses())


def sorted_addresses(found: list[InterfaceAddress], routed: list[Address]) -> tuple[str, ...]:
    """The usable ones of some addresses, the likeliest first.

    Args:
        found: of all interfaces.
        routed: those that the machine speaks to the world from.

    >>> import ipaddress
    >>> home, vpn = map(ipaddress.ip_address, ("192.168.0.7", "10.8.0.2"))
    >>> sorted_addresses([InterfaceAddress(vpn, is_tunnel=True), InterfaceAddress(home)], [vpn])
    ('192.168.0.7', '10.8.0.2')
    """

    def rank(one: InterfaceAddress) -> tuple[bool, bool, int, bool]:
        return one.address.is_link_local, one.is_tunnel, one.address.version, one.address not in routed

    return tuple(
        dict.fromkeys(str(one.address) for one in sorted(found, key=rank) if _is_usable(one.address))
    )


def wanted_addresses() -> tuple[str, ...]:
    """As ``lan_addresses``, for whom there must be one.

    Raises:
        ServeError: this machine is in no network.
    """
    addresses = lan_addresses()
    if not addresses:
        raise ServeError(
            "this machine is in no network, so no phone can reach it; join one, such as the phone's own "
            "hotspot, or leave out --lan"
        )
    return addresses


def lan_names(host: str | None = None) -> tuple[str, ...]:
    """Names by which other machines may find this one: its own, and that under ``.local``.

    What cannot stand in a certificate, such as a name with ``_``, is left out.

    Args:
        host: this machine's name; asked of the system if None.

    >>> lan_names("Laptop"), lan_names("mac.local"), lan_names("my_pc")
    (('laptop', 'laptop.local'), ('mac.local',), ())
    """
    own = (socket.gethostname() if host is None else host).lower().rstrip(".")
    names = dict.fromkeys((own, f"{own.partition('.')[0]}.local"))
    return tuple(name for name in names if _NAME.fullmatch(name) and not name.startswith("localhost"))


def everywhere() -> str:
    """The address to listen on for all networks: IPv6 and IPv4 by one socket where the system can."""
    return "::" if socket.has_dualstack_ipv6() else "0.0.0.0"


def page_address(host: str, port: int) -> str:
    """The page's address at a name or address of this machine.

    >>> page_address("fd00::7", 8765)
    'https://[fd00::7]:8765/'
    """
    return f"https://[{host}]:{port}/" if ":" in host else f"https://{host}:{port}/"


def _is_usable(address: Address) -> bool:
    return not (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or (address.version == 6 and address.is_link_local)
    )
