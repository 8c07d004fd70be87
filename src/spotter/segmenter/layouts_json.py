"""Reads the lists of a large JSON document entry by entry, so that it is never in memory as a whole."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TextIO

from spotter.errors import DatasetError
from spotter.media.files import require_readable

_BLOCK = 1 << 22
_LONGEST_ENTRY = 1 << 27  # characters; a larger one is a file that breaks off, or something else
_SPACE = " \t\n\r"


def listed(path: Path, names: Collection[str]) -> Iterator[tuple[str, Any]]:
    """The entries of some lists of a document that is one JSON object.

    Args:
        path: the file, in UTF-8.
        names: keys of the lists; whatever else is in the object is passed over.

    Yields:
        The key and one entry of its list, in the order of the file; and the key with None once before the
        first, so that an empty list can be told from a missing one.

    Raises:
        MediaNotFoundError, MediaUnreadableError, MediaFormatError: if there is no such file, or it is empty.
        DatasetError: if it breaks off, is no JSON, or one of these is no list.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.json")
    ...     _ = path.write_text('{"info": {}, "images": [{"id": 3}]}')
    ...     list(listed(path, {"images"}))
    [('images', None), ('images', {'id': 3})]
    """
    require_readable(path)
    with path.open(encoding="utf-8-sig") as file:
        text = _Text(path, file)
        text.expect("{", "it is not a JSON object")
        while not text.passed("}"):
            name = text.value()
            if not isinstance(name, str):
                raise text.broken("a name was due")
            text.expect(":", "a colon was due")
            if name in names:
                text.expect("[", f'"{name}" is not a list')
                yield name, None
                while not text.passed("]"):
                    yield name, text.value()
                    text.separator("]")
            else:
                text.value()
            text.separator("}")


class _Text:
    """A document of which some blocks are in memory."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path, self._file = path, file
        self._text, self._at, self._before = "", 0, 0
        self._decode = json.JSONDecoder().raw_decode

    def expect(self, sign: str, otherwise: str) -> None:
        """Go past a sign that must come now."""
        if not self.passed(sign):
            raise self.broken(otherwise)

    def passed(self, sign: str) -> bool:
        """Go past a sign if it comes now."""
        if self._peek() != sign:
            return False
        self._at += 1
        return True

    def separator(self, end: str) -> None:
        """Go past a comma, or stay before the end of the list."""
        if not self.passed(",") and self._peek() != end:
            raise self.broken(f"a comma or {end} was due")

    def value(self) -> Any:
        """The next value."""
        self._peek()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
                if end < len(self._text) or not self._more():  # what ends with the block may go on after it
                    self._at = end
                    return value
            except RecursionError:
                raise self.broken("lists too deep in each other") from None
            except ValueError as error:
                if len(self._text) - self._at > _LONGEST_ENTRY or not self._more():
                    raise self._wrong_value(error) from None

    def broken(self, why: str) -> DatasetError:
        """What to tell the user."""
        if not self._peek():
            return self._cut_off()
        return DatasetError(
            f"{self._path} is not JSON as COCO has it: {why} at character {self._before + self._at}, before "
            f"{self._text[self._at : self._at + 30]!r}"
        )

    def _wrong_value(self, error: ValueError) -> DatasetError:
        unfinished = isinstance(error, json.JSONDecodeError) and (
            error.msg.startswith("Unterminated") or error.pos >= len(self._text.rstrip(_SPACE))
        )
        return self._cut_off() if unfinished else self.broken(getattr(error, "msg", str(error)))

    def _cut_off(self) -> DatasetError:
        return DatasetError(
            f"{self._path} breaks off after {self._before + len(self._text)} characters: it is not whole; "
            "get it again from where it came"
        )

    def _peek(self) -> str:
        """The next sign but for white space; empty at the end of the document."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read another block; forget what has been read."""
        try:
            block = self._file.read(max(_BLOCK, len(self._text) - self._at))
        except UnicodeDecodeError as error:
            raise DatasetError(
                f"{self._path} is not a text in UTF-8 (byte {error.start} of a block); give the JSON file"
            ) from error
        if not block:
            return False
        self._before += self._at
        self._text, self._at = self._text[self._at :] + block, 0
        return True
