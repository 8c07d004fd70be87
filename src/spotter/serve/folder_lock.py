"""Keeps a folder for one process; the system gives it free however that process ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from error

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FolderLock:
    """A folder that this process alone changes, until ``close``.

    Args:
        folder: made if it is not there.

    Raises:
        BlockingIOError: somebody has it.
        OSError: it cannot be made or written to.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     lock = FolderLock(Path(name))
    ...     lock.close()
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / ".lock").open("wb")
        try:
            _take(self._file)
        except OSError:
            self._file.close()
            raise

    def close(self) -> None:
        """Give the folder free; closing twice does no harm."""
        self._file.close()
