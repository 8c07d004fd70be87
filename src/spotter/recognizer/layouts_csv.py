"""Photos named in a table: a column for the file, and one for the label or one for each class."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spotter.errors import DatasetError, MediaFormatError
from spotter.media.files import require_readable
from spotter.recognizer.dataset import LeftOut, Part, Photo, PhotoSet
from spotter.recognizer.layouts_folders import MASK_ENDING, PARTS, TEST_PARTS

_FILE = (
    "file",
    "path",
    "filename",
    "file_name",
    "filepath",
    "file_path",
    "image",
    "image_path",
    "photo",
    "picture",
)
_LABEL = ("label", "labels", "class", "classes", "category", "categories")
_GROUP = ("group", "person", "patient", "subject", "participant", "who")
_PART = ("part", "split", "subset", "set")
_YES = frozenset({"1", "1.0", "true", "yes"})
_NO = frozenset({"0", "0.0", "false", "no"})
_NONE = frozenset({"-", "none of them"})
_SEVERAL = re.compile(r"[;|]")
_DELIMITERS = ",;\t"
_CLASS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text.

    Attributes:
        path: of its file.
        columns: their names, as written.
        rows: cells of each row, as many as there are columns.
        numbers: each row's number in the file as a spreadsheet shows it, the heading being row 1.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]

    def has(self, name: str) -> bool:
        """Whether a column has that name, in whatever case."""
        return self.index((name,)) is not None

    def index(self, names: Iterable[str]) -> int | None:
        """The place of the first of some columns that is there."""
        known = [_plain(column) for column in self.columns]
        return next((known.index(_plain(name)) for name in names if _plain(name) in known), None)

    def where(self, row: int) -> str:
        """A row's place, for people."""
        return f"row {self.numbers[row]} of {self.path}"


@dataclass(frozen=True, slots=True)
class _Meaning:
    """Which columns mean what."""

    file: int
    label: int | None
    classes: tuple[int, ...]
    group: int | None
    part: int | None


def read_table(path: Path) -> Table:
    """Read a CSV file: commas, semicolons or tabs; UTF-8, or else as old spreadsheets write.

    Raises:
        DatasetError: if it is empty, or is no text.
        MediaNotFoundError: if it is not there.
        MediaUnreadableError: if it may not be read.
    """
    try:
        require_readable(path)
    except MediaFormatError as error:
        raise DatasetError(f"{path} is empty; it needs a heading with the columns file and label") from error
    data = path.read_bytes()
    if b"\0" in data[:4096]:
        raise DatasetError(f"{path} is not a table in text; save it as CSV (UTF-8)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    heading = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=heading.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
        lines = [
            (number, row) for number, row in enumerate(reader, start=1) if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise DatasetError(f"{path} is not a table: {error}; save it as CSV (UTF-8)") from error
    if not lines:
        raise DatasetError(f"{path} is empty; it needs a heading with the columns file and label")
    columns = tuple(_clean(cell) for cell in lines[0][1])
    width = len(columns)
    rows = tuple(tuple([*map(_clean, row), *[""] * width][:width]) for _, row in lines[1:])
    return Table(path, columns, rows, tuple(number for number, _ in lines[1:]))


def is_photo_table(path: Path) -> bool:
    """Whether a file is a table with a column for photos' files."""
    try:
        return read_table(path).index(_FILE) is not None
    except DatasetError:
        return False


def find_table(path: Path) -> Table:
    """The table at a path: itself, or labels.csv, or the only table with photos in a folder.

    Raises:
        DatasetError: if there is none, or more than one.
    """
    if path.is_file():
        return read_table(path)
    if (path / "labels.csv").is_file():
        return read_table(path / "labels.csv")
    found = [table for table in sorted(path.glob("*.csv")) if is_photo_table(table)]
    if len(found) == 1:
        return read_table(found[0])
    if found:
        names = ", ".join(table.name for table in found)
        raise DatasetError(f"{path} has several tables of photos ({names}); name the one that is wanted")
    raise DatasetError(
        f"{path} has no table of photos in it; it needs a labels.csv with the columns file and label"
    )


def read_csv_layout(table: Table, group: str | None) -> PhotoSet:
    """Photos of a table; rows that cannot be used are left out, each with the reason.

    Args:
        table: see `read_table`.
        group: the column that says who is on a photo; None for one with a usual name, if there is one.

    Raises:
        DatasetError: if columns are missing, or no row can be used.
    """
    meaning = _meaning(table, group)
    photos: dict[Path, Photo] = {}
    left_out: list[LeftOut] = []
    for row in range(len(table.rows)):
        found = _photo(table, meaning, row)
        if isinstance(found, Photo) and found.path in photos:
            why = f"{table.where(row)} names {found.path.name} a second time; the first row counts"
            left_out.append(LeftOut(found.path, why))
        elif isinstance(found, Photo):
            photos[found.path] = found
        else:
            left_out.append(found)
    if not photos:
        first = f": {left_out[0].why}" if left_out else ": it has a heading only"
        raise DatasetError(f"{table.path} has no row that can be used{first}")
    several = any(len(photo.labels) != 1 for photo in photos.values())
    return PhotoSet(
        tuple(photos.values()), _classes(table, meaning, photos.values()), several, tuple(left_out)
    )


def _meaning(table: Table, group: str | None) -> _Meaning:
    file = table.index(_FILE)
    if file is None:
        raise DatasetError(
            f"{table.path} has no column for the photos' files; its columns are {', '.join(table.columns)}; "
            "call one of them file"
        )
    label = table.index(_LABEL)
    who = table.index(_GROUP if group is None else (group,))
    part = table.index(_PART)
    known = {file, label, who, part}
    classes: tuple[int, ...] = ()
    if label is None:
        classes = tuple(
            place for place in range(len(table.columns)) if place not in known and _is_class(table, place)
        )
        if not classes:
            raise DatasetError(
                f"{table.path} does not say what the photos show; give it a column label, or a column of 0 "
                f"and 1 for each class (its columns are {', '.join(table.columns)})"
            )
    return _Meaning(file, label, classes, who, part)


def _is_class(table: Table, place: int) -> bool:
    """Whether most of a column is 0 and 1; a cell that is not is told row by row."""
    values = [row[place].lower() for row in table.rows if row[place]]
    return bool(values) and sum(one in _YES or one in _NO for one in values) > _CLASS_SHARE * len(values)


def _classes(table: Table, meaning: _Meaning, photos: Iterable[Photo]) -> tuple[str, ...]:
    if meaning.label is None:
        return tuple(table.columns[place] for place in meaning.classes)
    return tuple(sorted({label for photo in photos for label in photo.labels}, key=str.casefold))


def _photo(table: Table, meaning: _Meaning, row: int) -> Photo | LeftOut:
    cells = table.rows[row]
    if not cells[meaning.file]:
        return LeftOut(table.path, f"{table.where(row)} names no file")
    path = table.path.parent / cells[meaning.file].replace("\\", "/")
    labels = _labels(table, meaning, row)
    if isinstance(labels, str):
        return LeftOut(path, labels)
    part = _part(table, meaning, row)
    if isinstance(part, LeftOut):
        return part
    if not path.is_file():
        return LeftOut(path, f"{table.where(row)} names {path}, which is not there")
    mask = path.with_name(path.stem + MASK_ENDING)
    who = cells[meaning.group] if meaning.group is not None else ""
    return Photo(path, labels, who or None, part, mask if mask.is_file() else None)


def _labels(table: Table, meaning: _Meaning, row: int) -> tuple[str, ...] | str:
    """What a row's photo shows, or why that is not known."""
    cells, name = table.rows[row], table.rows[row][meaning.file]
    if meaning.label is not None:
        cell = cells[meaning.label]
        if cell.lower() in _NONE:
            return ()
        labels = tuple(dict.fromkeys(one.strip() for one in _SEVERAL.split(cell) if one.strip()))
        why = f"{table.where(row)} gives {name} no label; write - if it shows none of the classes"
        return labels or why
    shown = []
    for place in meaning.classes:
        value = cells[place].lower()
        if value not in _YES and value not in _NO:
            said = f"{cells[place]!r}" if value else "nothing"
            return f"{table.where(row)} says {said} for {table.columns[place]} of {name}; it must be 0 or 1"
        if value in _YES:
            shown.append(table.columns[place])
    return tuple(shown)


def _part(table: Table, meaning: _Meaning, row: int) -> Part | LeftOut | None:
    value = table.rows[row][meaning.part].lower() if meaning.part is not None else ""
    if not value:
        return None
    if value in PARTS:
        return PARTS[value]
    path = table.path.parent / table.rows[row][meaning.file]
    if value in TEST_PARTS:
        return LeftOut(path, f"{table.where(row)} keeps {path.name} for a test: it is not trained with")
    return LeftOut(
        path, f"{table.where(row)} puts {path.name} into {value!r}; it must be train or validation"
    )


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", cell).strip()


def _plain(column: str) -> str:
    return column.casefold().replace(" ", "_").replace("-", "_")
