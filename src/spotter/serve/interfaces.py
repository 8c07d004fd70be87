"""The addresses of this machine's network interfaces, asked of the system by the standard library alone."""

from __future__ import annotations

import ctypes
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_UP, _LOOPBACK, _POINT_TO_POINT, _RUNNING = 0x1, 0x8, 0x10, 0x40  # the same on Linux, macOS and the BSDs
_V4_BYTES, _V6_BYTES = slice(4, 8), slice(8, 24)  # of sockaddr_in and sockaddr_in6
_ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}  # of documentation: nobody's


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """An address of an interface that is on.

    Attributes:
        address: without a zone.
        is_tunnel: whether the interface leads to one other machine, as that of a VPN does.
    """

    address: Address
    is_tunnel: bool = False


class _Interface(ctypes.Structure):
    """``struct ifaddrs`` of getifaddrs(3), as far as it is read."""


_Interface._fields_ = [
    ("next", ctypes.POINTER(_Interface)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.c_void_p),
]


def interface_addresses() -> list[InterfaceAddress]:
    """The addresses of all interfaces that are on, but for those of this machine alone (127.0.0.1).

    Where the system has no getifaddrs(3), as Windows, they are those that this machine's own name stands for.
    """
    if sys.platform == "win32":
        return [InterfaceAddress(address) for address in _named() if not address.is_loopback]
    return _listed()


def routed_addresses() -> list[Address]:
    """The addresses that this machine speaks from to the world, IPv4 first; nothing is sent for it."""
    found = []
    for family, elsewhere in _ELSEWHERE.items():
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as speaker:
            speaker.connect((elsewhere, 9))
            found.append(_plain(speaker.getsockname()[0]))
    return found


def _named() -> set[Address]:
    with suppress(OSError):
        return {_plain(str(found[4][0])) for found in socket.getaddrinfo(socket.gethostname(), None)}
    return set()


def _listed() -> list[InterfaceAddress]:
    library = ctypes.CDLL(None, use_errno=True)
    first = ctypes.POINTER(_Interface)()
    if library.getifaddrs(ctypes.byref(first)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    try:
        return [
            InterfaceAddress(address, bool(one.flags & _POINT_TO_POINT))
            for one in _chain(first)
            if one.flags & _UP and one.flags & _RUNNING and not one.flags & _LOOPBACK
            if (address := _address(one.address)) is not None
        ]
    finally:
        library.freeifaddrs(first)


def _chain(first: ctypes._Pointer[_Interface]) -> Iterator[_Interface]:
    while first:
        yield first.contents
        first = first.contents.next


def _address(pointer: int | None) -> Address | None:
    """The address in a ``struct sockaddr``; None where it is of another kind, such as an Ethernet address."""
    if not pointer:
        return None
    head = ctypes.string_at(pointer, 2)
    family = int.from_bytes(head, sys.byteorder) if sys.platform == "linux" else head[1]
    if family == socket.AF_INET:
        return ipaddress.IPv4Address(ctypes.string_at(pointer, _V4_BYTES.stop)[_V4_BYTES])
    if family == socket.AF_INET6:
        return ipaddress.IPv6Address(ctypes.string_at(pointer, _V6_BYTES.stop)[_V6_BYTES])
    return None


def _plain(address: str) -> Address:
    return ipaddress.ip_address(address.partition("%")[0])
