"""ODIR-5K: both eyes of 5,000 patients with eight diagnoses each, as its folder and spreadsheet come."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile, ZipFile

from spotter.errors import DatasetError, MissingExtraError
from spotter.recognizer.dataset import LeftOut, Photo, PhotoSet
from spotter.recognizer.layouts_csv import Table, read_table
from spotter.recognizer.layouts_folders import PHOTO_EXTENSIONS, walk

DIAGNOSES = {
    "N": "normal",
    "D": "diabetes",
    "G": "glaucoma",
    "C": "cataract",
    "A": "age-related macular degeneration",
    "H": "hypertension",
    "M": "pathological myopia",
    "O": "other",
}
"""The spreadsheet's columns and what they stand for (odir2019.grand-challenge.org)."""

_EYES = ("Left-Fundus", "Right-Fundus")
_SUFFIXES = (".xlsx", ".csv")


def find_odir_table(path: Path) -> Table | None:
    """The spreadsheet of ODIR-5K at a path or in a folder; None if there is none.

    Raises:
        MissingExtraError: if it is an ``.xlsx`` and openpyxl is not installed.
    """
    files = [path] if path.is_file() else [file for file in sorted(path.iterdir()) if file.is_file()]
    for file in files:
        if file.suffix.lower() not in _SUFFIXES or file.name.startswith((".", "~$")):
            continue
        if file.suffix.lower() == ".xlsx" and not _mentions(file, _EYES[0]):
            continue
        try:
            table = _read_sheet(file) if file.suffix.lower() == ".xlsx" else read_table(file)
        except DatasetError:
            continue
        if all(table.has(column) for column in (*_EYES, *DIAGNOSES)):
            return table
    return None


def read_odir_layout(path: Path) -> PhotoSet:
    """Both eyes of each patient with the patient's diagnoses, which is how the spreadsheet gives them.

    Args:
        path: the spreadsheet, or the folder that it lies in; photos may lie in any folder below it.

    Raises:
        DatasetError: if there is no such spreadsheet, or none of its photos is there.
        MissingExtraError: if it is an ``.xlsx`` and openpyxl is not installed.
    """
    table = find_odir_table(path)
    if table is None:
        raise DatasetError(
            f"{path} has no spreadsheet of ODIR-5K: an .xlsx or .csv with the columns "
            f"{', '.join(_EYES)} and {' '.join(DIAGNOSES)}"
        )
    files = {
        file.name: file
        for _, files in walk(table.path.parent)
        for file in files
        if file.suffix.lower() in PHOTO_EXTENSIONS
    }
    photos: dict[str, Photo] = {}
    left_out: list[LeftOut] = []
    for row in range(len(table.rows)):
        _add_patient(table, row, files, photos, left_out)
    if not photos:
        first = f": {left_out[0].why}" if left_out else ""
        raise DatasetError(f"{table.path} names no photo that is there{first}")
    return PhotoSet(tuple(photos.values()), tuple(DIAGNOSES.values()), True, tuple(left_out))


def _add_patient(
    table: Table, row: int, files: dict[str, Path], photos: dict[str, Photo], left_out: list[LeftOut]
) -> None:
    cells = dict(zip((column.casefold() for column in table.columns), table.rows[row], strict=True))
    flags = {letter: cells[letter.casefold()].removesuffix(".0") for letter in DIAGNOSES}
    wrong = [letter for letter, value in flags.items() if value not in ("0", "1")]
    labels = tuple(DIAGNOSES[letter] for letter, value in flags.items() if value == "1")
    patient = cells.get("id", "").removesuffix(".0") or None
    for eye in _EYES:
        name = cells[eye.casefold()]
        if not name or name in photos:  # some copies of the table have a row for each eye
            continue
        path = files.get(name)
        if path is None:
            left_out.append(
                LeftOut(table.path.parent / name, f"{table.where(row)} names {name}, which is not there")
            )
        elif wrong:
            why = f"{table.where(row)} does not say 0 or 1 for {', '.join(wrong)} of {name}"
            left_out.append(LeftOut(path, why))
        else:
            photos[name] = Photo(path, labels, patient)


def _mentions(path: Path, words: str) -> bool:
    """Whether a spreadsheet has some words in it, which a zip of XML says without a library for them."""
    try:
        with ZipFile(path) as book:
            names = [name for name in book.namelist() if name.startswith("xl/") and name.endswith(".xml")]
            return any(words.encode() in book.read(name) for name in names)
    except (BadZipFile, OSError):
        return False


def _read_sheet(path: Path) -> Table:
    """The first sheet of a spreadsheet as text."""
    try:
        from openpyxl import load_workbook  # type: ignore[import-untyped]
        from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError(
            f"{path} is a spreadsheet, and openpyxl, which reads it, is not installed; "
            "pip install 'spotter-coach[train]', or save it as CSV"
        ) from error
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        lines = [
            tuple("" if cell is None else str(cell).strip() for cell in row)
            for row in book.worksheets[0].iter_rows(values_only=True)
        ]
        book.close()
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise DatasetError(
            f"{path} is not a spreadsheet that can be read; save it again as .xlsx or CSV"
        ) from error
    filled = [(number, line) for number, line in enumerate(lines, start=1) if any(line)]
    if not filled:
        raise DatasetError(f"{path} is empty")
    return Table(path, filled[0][1], tuple(line for _, line in filled[1:]), tuple(n for n, _ in filled[1:]))
