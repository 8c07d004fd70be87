"""``spotter serve --lan``: lets other machines of the network in, by a QR code in the terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from rich.console import Console

from spotter.report.terminal import error_console
from spotter.serve.certificate import Certificate, certificate_for
from spotter.serve.config import Config
from spotter.serve.keys import TOKEN_S, Keys
from spotter.serve.lan import everywhere, lan_addresses, lan_names, page_address, wanted_addresses
from spotter.serve.qr import can_show, qr_text
from spotter.serve.server import listen, serve

_LOOK_S = 0.5
_ADDRESSES_EVERY_S = 10.0
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; those of 1.3 are all good


def serve_lan(config: Config, *, or_next: bool) -> None:
    """Serve by HTTPS to whoever has scanned a code, until Ctrl-C.

    Args:
        config: where the data lie, and which port.
        or_next: take the next free port if this one is taken.

    Raises:
        ServeError: this machine is in no network, or the port is taken.
        OutputError: the certificate cannot be written.
    """
    addresses, names = wanted_addresses(), lan_names()
    config = replace(config, host=everywhere(), lan=True, hosts=(*addresses, *names))
    certificate = certificate_for(config.data, (*names, *addresses))
    listener = listen(config, or_next=or_next)
    port = int(listener.getsockname()[1])
    keys = Keys(config.limits.wrong_keys)
    pages = [page_address(host, port) for host in (*addresses, *names)]
    console = error_console()
    door = Door(console, keys, pages)

    def on_ready(_: str) -> None:
        explain(console, pages, certificate)
        door.open()

    settings = {"ssl_certfile": certificate.file, "ssl_ciphers": _CIPHERS}
    try:
        serve(config, listener=listener, keys=keys, on_ready=on_ready, **settings)
    finally:
        door.close()


def explain(console: Console, pages: Sequence[str], certificate: Certificate) -> None:
    """Say what is open to whom, and why the phone will warn.

    Args:
        console: where to.
        pages: the page's addresses, the likeliest first.
        certificate: the server's.
    """
    first, *others = pages
    say = _sayer(console)
    say(f"Spotter is open to this network at {first} (stop it with Ctrl-C).", soft_wrap=True)
    if others:
        say(f"It has these addresses too: {' '.join(others)}", soft_wrap=True)
    say(
        "\nThe phone will warn that the connection is not private, because this computer made its "
        "certificate itself. Pictures go from the phone to this computer and nowhere else. Choose "
        '"Show Details" and "visit this website" (iPhone), or "Advanced" and "Proceed" (Android). The page '
        "says how to be rid of the warning for good.\n"
    )
    if certificate.is_new:
        say("The certificate is new, so a phone that knew the last one warns again.")
    say("Its SHA-256 fingerprint, to compare with what the warning shows:")
    _print_fingerprint(console, certificate.fingerprint)
    say("That of ca.crt, should you install it on the phone:")
    _print_fingerprint(console, certificate.authority_fingerprint)


class Door:
    """Shows how to get in, and does so again when that was used or has run out.

    Args:
        console: where to.
        keys: give the tokens.
        pages: the page's addresses, the likeliest first.
        addresses: asked now and then whether they are still the same.
    """

    def __init__(
        self,
        console: Console,
        keys: Keys,
        pages: Sequence[str],
        addresses: Callable[[], Sequence[str]] = lan_addresses,
    ) -> None:
        self._console = console
        self._say = _sayer(console)
        self._keys = keys
        self._pages = pages
        self._addresses = addresses
        self._token = ""
        self._closed = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="spotter-door", daemon=True)

    def open(self) -> None:
        """Show the first code, and watch over it."""
        self._invite()
        self._watcher.start()

    def close(self) -> None:
        """Show no more."""
        self._closed.set()
        if self._watcher.is_alive():
            self._watcher.join()

    def _watch(self) -> None:
        known = set(self._addresses())
        shown_s = looked_s = time.monotonic()
        while not self._closed.wait(_LOOK_S):
            now_s = time.monotonic()
            if not self._keys.awaits(self._token):
                ran_out = now_s - shown_s >= TOKEN_S
                self._invite("The code has run out." if ran_out else "The code was used, somebody is in.")
                shown_s = now_s
            if now_s - looked_s >= _ADDRESSES_EVERY_S:
                looked_s, before, known = now_s, known, set(self._addresses())
                if not known <= before:
                    self._say(
                        "\nThis computer has another address now, which the certificate does not name. To be "
                        "found under it, stop Spotter with Ctrl-C and start it again."
                    )

    def _invite(self, why: str = "") -> None:
        """Show a fresh code, after why there is one."""
        self._token = self._keys.new_token()
        address = f"{self._pages[0]}?token={self._token}"
        code = qr_text(address)
        self._say(f"\n{why} For the next device:" if why else "\nFor the phone, in the same network:")
        if can_show(self._console, code):
            self._console.print(code)
            self._say(f"Scan this, or open {address}", soft_wrap=True)
        else:
            self._say("(this terminal is too narrow or too plain for a QR code)")
            self._say(f"Open {address}", soft_wrap=True)
        self._say(f"It works once and for {TOKEN_S / 60:.0f} minutes; then a fresh one is shown here.")


def _sayer(console: Console) -> Callable[..., None]:
    """Prints words as they are: an IPv6 address is no markup, and ``:CD:`` in a fingerprint no emoji."""
    return partial(console.print, markup=False, emoji=False, highlight=False)


def _print_fingerprint(console: Console, fingerprint: str) -> None:
    middle = (len(fingerprint) + 1) // 2
    _sayer(console)(f"  {fingerprint[:middle]}\n  {fingerprint[middle:]}", soft_wrap=True)
