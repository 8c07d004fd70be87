"""Who may ask when other machines were let in: tokens that work once, and the keys they are changed for."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from spotter.serve.rate import Rate

TOKEN_S = 600.0
"""How long a token works, in seconds."""

_MOST_TOKENS, _MOST_KEYS, _MOST_GUESSERS = 16, 64, 1024
_BYTES = 24
_LOG = logging.getLogger(__name__)


class Keys:
    """Gives out tokens and keys, and knows them again; used by several threads.

    Only digests are kept, so that comparing takes the same time however much of a guess is right.

    Args:
        wrong_keys: how often an address may be wrong within a minute; then it is refused until that is over.
        now: a clock in seconds that only grows.

    >>> keys = Keys()
    >>> token = keys.new_token()
    >>> key = keys.exchange(token, "10.0.0.7")
    >>> keys.knows(key, "10.0.0.7"), keys.exchange(token, "10.0.0.8")
    (True, None)
    """

    def __init__(self, wrong_keys: int = 10, now: Callable[[], float] = time.monotonic) -> None:
        self._wrong_keys = wrong_keys
        self._now = now
        self._lock = threading.Lock()
        self._tokens: OrderedDict[bytes, float] = OrderedDict()  # digest to when it ends
        self._keys: OrderedDict[bytes, None] = OrderedDict()
        self._guessers: OrderedDict[str, Rate] = OrderedDict()

    def new_token(self) -> str:
        """A token that can be changed for a key, once and within ``TOKEN_S`` seconds."""
        token = secrets.token_urlsafe(_BYTES)
        with self._lock:
            self._tokens[_digest(token)] = self._now() + TOKEN_S
            _shorten(self._tokens, _MOST_TOKENS)
        return token

    def exchange(self, token: str, address: str) -> str | None:
        """A key for a token; None if the token is wrong, used or old, or the address guessed too often."""
        with self._lock:
            if self._is_refused(address):
                return None
            now_s = self._now()
            for digest in [one for one, end_s in self._tokens.items() if end_s <= now_s]:
                del self._tokens[digest]
            found = _find(self._tokens, token)
            if found is None:
                self._count_guess(address)
                return None
            del self._tokens[found]
            self._guessers.pop(address, None)
            key = secrets.token_urlsafe(_BYTES)
            self._keys[_digest(key)] = None
            _shorten(self._keys, _MOST_KEYS)
            return key

    def awaits(self, token: str) -> bool:
        """Whether a token still works: it was given out, not used, and its time is not over."""
        with self._lock:
            found = _find(self._tokens, token)
            return found is not None and self._tokens[found] > self._now()

    def knows(self, key: str, address: str) -> bool:
        """Whether this key was given out; always False for an address that guessed too often."""
        with self._lock:
            if self._is_refused(address):
                return False
            if _find(self._keys, key) is not None:
                return True
            self._count_guess(address)
            return False

    def is_refused(self, address: str) -> bool:
        """Whether an address guessed too often and has to wait."""
        with self._lock:
            return self._is_refused(address)

    def _is_refused(self, address: str) -> bool:
        guesser = self._guessers.get(address)
        return guesser is not None and guesser.wait_s(self._now()) > 0

    def _count_guess(self, address: str) -> None:
        guesser = self._guessers.setdefault(address, Rate(self._wrong_keys, within_s=60.0))
        self._guessers.move_to_end(address)
        _shorten(self._guessers, _MOST_GUESSERS)
        guesser.allows(self._now())
        if guesser.wait_s(self._now()) > 0:  # it is refused from now on, so that this is said once
            _LOG.warning(
                "%s guessed at keys %d times within a minute and is refused", address, self._wrong_keys
            )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _find(known: OrderedDict[bytes, float] | OrderedDict[bytes, None], secret: str) -> bytes | None:
    """The digest of a secret among those known; all are compared, whether it was found or not."""
    wanted, found = _digest(secret), None
    for digest in known:
        if hmac.compare_digest(digest, wanted):
            found = digest
    return found


def _shorten(
    table: OrderedDict[bytes, float] | OrderedDict[bytes, None] | OrderedDict[str, Rate], most: int
) -> None:
    while len(table) > most:
        table.popitem(last=False)
