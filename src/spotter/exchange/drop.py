"""A finished session in a folder that other programs watch, whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from unicodedata import normalize

from spotter.coach.session import Session
from spotter.errors import OutputError, UsageError
from spotter.exchange.fit import fit_bytes
from spotter.exchange.tcx import tcx_bytes
from spotter.media.writing import output_error, temporary_name

KINDS = {"fit": fit_bytes, "tcx": tcx_bytes}
"""What can be dropped: what makes the bytes, by the file's suffix."""

_MOST_NAMES = 10_000


def drop(session: Session, folder: Path, kind: str = "fit") -> Path:
    """Put a session's file into a folder, so that a program that watches it sees it appear whole.

    It is written under a hidden name that ends with ``.part``, then gets its own: the local date and time
    and the exercise, such as ``2026-05-04_183000_squat.fit``. No file is ever replaced: where the name is
    taken by another one, a number is added; where the very same file is there already, nothing is done.

    Args:
        session: that is over.
        folder: made if it is not there.
        kind: ``"fit"`` or ``"tcx"``.

    Returns:
        The file's path.

    Raises:
        UsageError: no such kind.
        OutputError: it cannot be written; nothing is left then.
        ExchangeError: the format cannot say the session's times or weights.
        MissingExtraError: what FIT needs is not installed.

    Example::

        drop(session, Path.home() / "Workouts" / "inbox")
    """
    if kind not in KINDS:
        raise UsageError(f"the kind of file is {kind!r}; allowed are {', '.join(KINDS)}")
    content = KINDS[kind](session)
    wanted = folder / f"{drop_name(session)}.{kind}"
    temporary = temporary_name(wanted)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_through(temporary, content)
        return _name_it(temporary, wanted, content)
    except OSError as error:
        raise output_error(wanted, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def drop_name(session: Session) -> str:
    """When and what, for a file's name, without a suffix: letters, digits, ``-`` and ``_`` only.

    >>> from datetime import UTC, datetime
    >>> from spotter.coach.session import SessionSet
    >>> sets = (SessionSet("squat", 0, 9), SessionSet("lunge", 20, 29))
    >>> drop_name(Session("1", "me", datetime(2026, 5, 4, 18, 30, tzinfo=UTC), 30.0, sets))
    '2026-05-04_183000_squat-and-1-more'
    """
    names = session.exercises
    plain = normalize("NFKD", names[0]).encode("ascii", "ignore").decode() if names else ""
    what = re.sub("[^a-z0-9]+", "-", plain.lower()).strip("-")[:60]
    more = f"-and-{len(names) - 1}-more" if len(names) > 1 else ""
    return f"{session.started:%Y-%m-%d_%H%M%S}_{what or 'session'}{more}"


def _write_through(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it: a name must never point to what is not there yet."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _name_it(temporary: Path, wanted: Path, content: bytes) -> Path:
    for path in _names(wanted):
        try:
            _rename_new(temporary, path)
        except FileExistsError:
            if _is_same(path, content):
                return path
            continue
        return path
    raise OutputError(
        f"{wanted} could not be written: {_MOST_NAMES} files of that name are there; move them away"
    )


def _names(wanted: Path) -> Iterator[Path]:
    yield wanted
    for number in count(2):
        if number > _MOST_NAMES:
            return
        yield wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")


def _rename_new(temporary: Path, path: Path) -> None:
    """Give a file its name unless another one has it.

    A rename replaces, a hard link does not. Disks without hard links, such as memory cards, are asked first.
    """
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        if path.exists():
            raise FileExistsError(path) from error
        os.rename(temporary, path)


def _is_same(path: Path, content: bytes) -> bool:
    with suppress(OSError):
        return path.is_file() and path.read_bytes() == content
    return False
