"""Writing a file so that it is there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spotter.errors import OutputError


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 under a temporary name in its folder, then give it its own name.

    Half characters, which Python makes of file names that are no UTF-8, are spelled as in JSON, ``\\udcff``.

    Raises:
        OutputError: if it cannot be written; nothing is left then.
    """
    write_bytes(path, _utf8(text))


def write_bytes(path: Path, content: bytes | memoryview, *, private: bool = False) -> None:
    """Write a whole file under a temporary name in its folder, then give it its own name.

    Args:
        path: where it goes; folders that are missing are made.
        content: all of it.
        private: whether only its owner may read it.

    Raises:
        OutputError: if it cannot be written; nothing is left then.
    """
    temporary = temporary_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if private:
            temporary.touch(0o600, exist_ok=False)
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise output_error(path, error) from error


class GrowingFile:
    """A text file that is written piece by piece under a temporary name, and gets its own when it is closed.

    A piece is written whole or not at all, so that what is there is always made of whole pieces.

    Args:
        path: where it goes; folders that are missing are made.

    Attributes:
        size: bytes of the pieces written so far.

    Raises:
        OutputError: if it cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = GrowingFile(Path(folder, "names.txt"))
    ...     file.write("Ada\\n")
    ...     before = file.size
    ...     file.write("Eve\\n")
    ...     file.cut(before)
    ...     file.close()
    ...     Path(folder, "names.txt").read_text()
    'Ada\\n'
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = temporary_name(path)
        self.size = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._temporary.open("wb", buffering=0)
        except OSError as error:
            raise output_error(path, error) from error

    def write(self, text: str) -> None:
        """Append all of a text in UTF-8, or nothing of it; half characters as ``write_text`` does.

        Raises:
            OutputError: if the disk is full or fails.
        """
        rest = memoryview(_utf8(text))
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError as error:
            self.cut(self.size)
            raise output_error(self._path, error) from error
        self.size = self._file.tell()

    def cut(self, size: int) -> None:
        """Take back what was written after the file was of this size."""
        self._file.seek(self._file.truncate(size))
        self.size = size

    def close(self) -> None:
        """Finish the file and give it its own name; closing twice does no harm.

        Raises:
            OutputError: if the disk fails; nothing is left then.
        """
        if self._file.closed:
            return
        try:
            self._file.close()
            os.replace(self._temporary, self._path)
        except OSError as error:
            self._temporary.unlink(missing_ok=True)
            raise output_error(self._path, error) from error

    def discard(self) -> None:
        """Delete what was written, unless the file has been closed."""
        if not self._file.closed:
            self._file.close()
            self._temporary.unlink(missing_ok=True)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def temporary_name(path: Path) -> Path:
    """A name in the same folder that nothing else has."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


@contextmanager
def scratch_beside(path: Path) -> Iterator[Path]:
    """A path with the same name, in a folder beside it that is gone afterwards.

    Raises:
        OutputError: for what goes wrong with the disk meanwhile.
    """
    folder = temporary_name(path)
    try:
        folder.mkdir(parents=True)
        yield folder / path.name
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def output_error(path: Path, error: OSError) -> OutputError:
    """What to tell the user when a file could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            f"{path} could not be written: the disk is full; free some space or choose another folder"
        )
    reason = error.strerror or str(error)
    return OutputError(f"{path} could not be written ({reason}); choose a folder that you may write to ")
