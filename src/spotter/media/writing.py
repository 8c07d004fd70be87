"""Writing a file so that it is there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from spotter.errors import OutputError


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 under a temporary name in its folder, then give it its own name.

    Raises:
        OutputError: if it cannot be written; nothing is left then.
    """
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write a whole file under a temporary name in its folder, then give it its own name.

    Args:
        path: where it goes; folders that are missing are made.
        content: all of it.

    Raises:
        OutputError: if it cannot be written; nothing is left then.
    """
    temporary = temporary_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise output_error(path, error) from error


def temporary_name(path: Path) -> Path:
    """A name in the same folder that nothing else has."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def output_error(path: Path, error: OSError) -> OutputError:
    """What to tell the user when a file could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            f"{path} could not be written: the disk is full; free some space or choose another folder"
        )
    reason = error.strerror or str(error)
    return OutputError(f"{path} could not be written ({reason}); choose a folder that you may write to ")
