"""Says which extra of the package is wanted where a library for records is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from spotter.errors import MissingExtraError


@contextmanager
def records_extra(what: str) -> Iterator[None]:
    """Turn a failed import into a sentence about the extra that brings the library.

    Args:
        what: the user wanted, as a noun: ``"writing FIT"``.

    Raises:
        MissingExtraError: an import inside failed.

    >>> with records_extra("writing runes"):
    ...     import runes_of_old
    Traceback (most recent call last):
    ...
    spotter.errors.MissingExtraError: writing runes needs runes_of_old, which is not installed;
    install it with: pip install 'spotter-coach[records]'
    """
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(
            f"{what} needs {error.name}, which is not installed; "
            "install it with: pip install 'spotter-coach[records]'"
        ) from error
