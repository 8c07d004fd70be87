"""The network let in: which addresses, who is let in by real sockets, and the code in the terminal."""

from __future__ import annotations

import http.client
import io
import ipaddress
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest
from rich.console import Console
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from spotter.cli.serve_lan import Door, explain
from spotter.client_tls import TwoWay
from spotter.errors import ServeError
from spotter.serve import lan
from spotter.serve.certificate import Certificate
from spotter.serve.interfaces import InterfaceAddress, interface_addresses, routed_addresses
from spotter.serve.keys import TOKEN_S, Keys
from spotter.serve.lan import (
    everywhere,
    lan_addresses,
    lan_names,
    page_address,
    sorted_addresses,
    wanted_addresses,
)
from tests.serve.fake import PATIENCE_S, Running

NO_NETWORK = "this machine is in no network"
in_a_network = pytest.mark.skipif(not lan_addresses(), reason=NO_NETWORK)


def found(*addresses: str, tunnels: tuple[str, ...] = ()) -> list[InterfaceAddress]:
    return [InterfaceAddress(ipaddress.ip_address(one), one in tunnels) for one in addresses]


@pytest.mark.parametrize(
    ("addresses", "routed", "wanted"),
    [
        ("", "", ""),
        ("127.0.0.1 ::1 fe80::1 0.0.0.0 224.0.0.1 ff02::1", "", ""),
        ("172.17.0.1 192.168.0.7", "192.168.0.7", "192.168.0.7 172.17.0.1"),
        ("fd00::7 2001:db8::7 10.0.0.7", "2001:db8::7", "10.0.0.7 2001:db8::7 fd00::7"),
        ("169.254.3.4 fd00::7", "", "fd00::7 169.254.3.4"),
        ("10.0.0.7 10.0.0.7", "10.0.0.7", "10.0.0.7"),
    ],
)
def test_the_likeliest_address_comes_first(addresses: str, routed: str, wanted: str) -> None:
    known = [ipaddress.ip_address(one) for one in routed.split()]
    assert " ".join(sorted_addresses(found(*addresses.split()), known)) == wanted


def test_a_tunnel_comes_after_the_networks_own_addresses() -> None:
    known = found("10.8.0.2", "192.168.0.7", "fd00::7", tunnels=("10.8.0.2",))
    assert sorted_addresses(known, [known[0].address]) == ("192.168.0.7", "fd00::7", "10.8.0.2")


def test_the_interfaces_addresses_are_this_machines_own() -> None:
    for one in interface_addresses():
        assert not one.address.is_loopback
        family = socket.AF_INET if one.address.version == 4 else socket.AF_INET6
        if not one.address.is_link_local:
            with socket.socket(family, socket.SOCK_STREAM) as ours:
                ours.bind((str(one.address), 0))


def test_the_address_that_it_speaks_from_is_among_them() -> None:
    every = {one.address for one in interface_addresses()}
    assert {one for one in routed_addresses() if not one.is_loopback} <= every


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("Laptop", ("laptop", "laptop.local")),
        ("mac.local", ("mac.local",)),
        ("pc.home.arpa.", ("pc.home.arpa", "pc.local")),
        ("my_pc", ()),
        ("läptop", ()),
        ("", ()),
        ("a" * 64, ()),
        ("localhost", ()),
    ],
)
def test_names_that_can_stand_in_a_certificate(host: str, names: tuple[str, ...]) -> None:
    assert lan_names(host) == names


def test_without_a_network_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "interface_addresses", lambda: found("127.0.0.1", "fe80::1"))
    monkeypatch.setattr(lan, "routed_addresses", list)
    with pytest.raises(ServeError, match=r"in no network.*leave out --lan"):
        wanted_addresses()


@in_a_network
def test_unless_it_was_asked_for_nothing_listens_beyond_this_machine(server: Running) -> None:
    for address in lan_addresses():
        with pytest.raises(OSError):
            socket.create_connection((address, server.port), timeout=2)


@dataclass
class Lan:
    """The command ``spotter serve --lan``, running."""

    process: subprocess.Popen[str]
    folder: Path
    port: int
    lines: Queue[str]
    said: list[str]

    def next_token(self) -> str:
        """The token of the address that is shown next."""
        while True:
            line = self.lines.get(timeout=6 * PATIENCE_S)
            self.said.append(line)
            if token := re.search(r"token=([\w-]+)", line):
                return token.group(1)

    @property
    def trusting(self) -> ssl.SSLContext:
        """Of somebody who has installed the certificate's authority."""
        return ssl.create_default_context(cafile=self.folder / "certificate" / "ca.crt")

    def coach(self, address: str, **headers: str) -> ClientConnection:
        """A connection to the live coach, whose reader and writer are kept apart."""
        plain = socket.create_connection((address, self.port), PATIENCE_S)
        line: Any = TwoWay(self.trusting.wrap_socket(plain, server_hostname=address))
        where = f"ws://{_bracketed(address)}:{self.port}/api/v1/live"
        return connect(where, sock=line, additional_headers=headers, open_timeout=PATIENCE_S)

    def ask(self, address: str, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        """A request from somebody who has installed the certificate's authority."""
        line = http.client.HTTPSConnection(address, self.port, timeout=PATIENCE_S, context=self.trusting)
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        return answer.status, answer.headers, answer.read()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lan]:
    folder = tmp_path_factory.mktemp("lan")
    process = subprocess.Popen(
        [sys.executable, "-m", "spotter", "serve", "--lan", "--port", "0", "--data", str(folder)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}, text=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    first = next(line for line in process.stderr if "open to this network" in line)
    lines: Queue[str] = Queue()
    reader = Thread(target=lambda: [lines.put(line) for line in process.stderr or ()], daemon=True)
    reader.start()
    try:
        yield Lan(process, folder, int(re.findall(r":(\d+)/", first)[0]), lines, [first])
    finally:
        process.kill()
        process.wait()


@in_a_network
def test_by_the_network_only_a_key_lets_in(opened: Lan) -> None:
    tokens = [opened.next_token()]
    for address in (*lan_addresses(), "127.0.0.1", "localhost"):
        for path in ("/", "/api/v1/health", "/js/app.js", "/ca.crt", "/?token=guessed"):
            status, headers, content = opened.ask(address, path)
            assert status == 401 and b"PRIVATE" not in content, (address, path)
            assert "default-src 'none'" in headers["Content-Security-Policy"]
        with pytest.raises(InvalidStatus) as refused:
            opened.coach(address)
        assert refused.value.response.status_code == 401
        status, headers, _ = opened.ask(address, f"/?token={tokens[-1]}")
        assert status == 200
        cookie = headers["Set-Cookie"].partition(";")[0]
        assert opened.ask(address, "/", Cookie=cookie)[0] == 200
        assert opened.ask(address, "/api/v1/health", Cookie=cookie)[0] == 200
        status, headers, content = opened.ask(address, "/ca.crt", Cookie=cookie)
        assert (status, headers["Content-Type"]) == (200, "application/x-x509-ca-cert")
        assert content == (opened.folder / "certificate" / "ca.crt").read_bytes()
        with opened.coach(address, Cookie=cookie) as line:
            assert "hello" in str(line.recv(timeout=PATIENCE_S))
        assert opened.ask(address, f"/?token={tokens[-1]}")[0] == 401
        tokens.append(opened.next_token())  # a fresh one is shown
    assert len(set(tokens)) == len(tokens)


@in_a_network
def test_it_answers_to_its_own_names_alone_and_speaks_tls_alone(opened: Lan) -> None:
    address = lan_addresses()[0]
    assert opened.ask(address, "/", Host="evil.example")[0] == 421
    assert all(opened.ask(address, "/", Host=name)[0] == 401 for name in lan_names())
    plain = http.client.HTTPConnection(address, opened.port, timeout=PATIENCE_S)
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.request("GET", "/")
        plain.getresponse()


@in_a_network
def test_the_terminal_says_what_is_wanted_and_it_ends_at_ctrl_c(opened: Lan) -> None:
    if len(opened.said) == 1:  # the test that asks for tokens was not run here
        opened.next_token()
    said = "".join(opened.said)
    for address in lan_addresses():
        assert page_address(address, opened.port) in said
    assert "too plain for a QR code" in said  # it is no terminal
    assert "not private" in said and said.count("SHA-256 fingerprint") == 1
    opened.process.send_signal(signal.SIGINT)
    assert opened.process.wait(PATIENCE_S) == 0


def test_all_networks_reach_the_address_that_it_listens_on() -> None:
    assert everywhere() == ("::" if socket.has_dualstack_ipv6() else "0.0.0.0")


class Told:
    """A door whose words are kept, before a clock that is set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, width: int = 120) -> None:
        monkeypatch.setattr("spotter.cli.serve_lan._LOOK_S", 0.01)
        monkeypatch.setattr("spotter.cli.serve_lan._ADDRESSES_EVERY_S", 0.0)
        self.now_s = 0.0
        monkeypatch.setattr("spotter.cli.serve_lan.time.monotonic", lambda: self.now_s)
        self.addresses = ["192.168.0.7"]
        self.file = io.StringIO()
        self.keys = Keys(now=lambda: self.now_s)
        console = Console(file=self.file, force_terminal=True, color_system="256", width=width)
        self.door = Door(console, self.keys, ["https://[fd00::7]:8765/"], lambda: self.addresses)

    def tokens(self) -> list[str]:
        return re.findall(r"fd00::7\]:8765/\?token=([\w-]+)", self.file.getvalue())

    def wait(self, until: Callable[[], bool]) -> None:
        for _ in range(500):
            if until():
                return
            self.door._closed.wait(0.01)
        raise AssertionError(f"it did not come to pass: {self.file.getvalue()}")


def test_a_fresh_code_is_shown_when_one_was_used_or_has_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(monkeypatch)
    told.door.open()
    assert len(told.tokens()) == 1 and "▀" in told.file.getvalue()
    assert told.keys.exchange(told.tokens()[0], "10.0.0.9")
    told.wait(lambda: len(told.tokens()) == 2)
    assert "was used" in told.file.getvalue() and "run out" not in told.file.getvalue()
    told.now_s += TOKEN_S + 1
    told.wait(lambda: len(told.tokens()) == 3)
    assert "run out" in told.file.getvalue()
    _, second, third = told.tokens()
    assert not told.keys.exchange(second, "10.0.0.9") and told.keys.exchange(third, "10.0.0.9")
    told.door.close()
    assert len(told.tokens()) <= 4


def test_another_address_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(monkeypatch)
    told.door.open()
    told.addresses = ["192.168.0.7", "10.0.0.4"]
    told.wait(lambda: "another address" in told.file.getvalue())
    told.door._closed.wait(0.1)
    told.door.close()
    assert told.file.getvalue().count("another address") == 1


def test_a_fingerprint_is_printed_as_it_is(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=80)
    fingerprint = ":".join(["AB", "CD"] * 16)
    explain(
        console, ["https://[fd00::7]:8765/"], Certificate(tmp_path, fingerprint, tmp_path, fingerprint, False)
    )
    said = console.file.getvalue().replace("\n  ", "")  # type: ignore[attr-defined]
    assert said.count(fingerprint) == 2 and "https://[fd00::7]:8765/" in said


def test_a_narrow_terminal_gets_the_address_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(monkeypatch, width=30)
    told.door.open()
    told.door.close()
    assert "▀" not in told.file.getvalue() and len(told.tokens()) == 1


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
