"""Options of which only some words are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from spotter.errors import UsageError

if TYPE_CHECKING:
    from spotter.recognizer.layouts import Layout

Choice = TypeVar("Choice", bound=str)

LAYOUTS: tuple[Layout, ...] = ("auto", "folders", "csv", "odir")
"""How a recognizer's photos may be arranged."""


def one_of(option: str, given: str, allowed: Sequence[Choice]) -> Choice:
    """The word that was given, as one of those that are allowed.

    Args:
        option: as the user writes it, such as ``"--to"``.
        given: what the user wrote.
        allowed: at least one word.

    Raises:
        UsageError: if it is none of them.

    >>> one_of("--layout", "csv", LAYOUTS)
    'csv'
    """
    for word in allowed:
        if word == given:
            return word
    raise UsageError(f"{option} is {given!r}; allowed are {', '.join(allowed)}")
