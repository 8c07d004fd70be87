"""A folder of collected crops: a folder a class, a table of where each came from, and what was thrown out."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2

from spotter.errors import DatasetError, UsageError
from spotter.media.writing import output_error, write_bytes, write_text
from spotter.recognizer.crops import Crop

TABLE_NAME = "collected.csv"
DISCARDED_NAME = ".discarded"

_COLUMNS = ("file", "part", "side", "person", "video", "time_s", "sharpness", "visibility", "pixels")
_QUALITY = 95
_SUFFIX = ".jpg"


@dataclass(frozen=True, slots=True)
class Discarded:
    """What `discard` did.

    Attributes:
        moved: crops that were moved out.
        gone: crops of the list that are not in the folder, because they were moved before.
    """

    moved: tuple[str, ...]
    gone: tuple[str, ...]


class Collection:
    """Writes crops into ``FOLDER/PART/VIDEO_person1_00012.34s.jpg``, with their mask beside them.

    A folder can be added to: what is there stays, and what was discarded does not come back.

    Args:
        folder: is made when the first crop comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows = _read_rows(folder / TABLE_NAME)

    def count(self, part: str) -> int:
        """How many crops of a part there are."""
        return len(crop_files(self._folder / part))

    def add(self, crop: Crop, video: str) -> bool:
        """Write a crop; False if it is there already, or was discarded.

        Raises:
            OutputError: if it cannot be written.
        """
        stem = f"{video}_person{crop.person}_{crop.time_s:08.2f}s"
        name = f"{crop.place.part}/{stem}{_SUFFIX}"
        path = self._folder / name
        known = name in self._rows and path.exists()  # a killed run leaves crops without their row
        if known or (self._folder / DISCARDED_NAME / name).exists():
            return False
        if crop.mask is not None:
            write_bytes(path.with_name(f"{stem}.mask.png"), cv2.imencode(".png", crop.mask)[1].tobytes())
        picture = cv2.imencode(".jpg", crop.image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
        write_bytes(path, picture.tobytes())
        self._rows[name] = {
            "file": name,
            "part": crop.place.part,
            "side": crop.place.side,
            "person": str(crop.person),
            "video": video,
            "time_s": f"{crop.time_s:.3f}",
            "sharpness": f"{crop.sharpness:.3f}",
            "visibility": f"{crop.place.visibility:.3f}",
            "pixels": str(crop.place.size),
        }
        return True

    def save_table(self) -> None:
        """Write collected.csv.

        Raises:
            OutputError: if it cannot be written.
        """
        if self._rows:
            _write_rows(self._folder / TABLE_NAME, self._rows.values())


def discard(folder: Path, names: Iterable[str]) -> Discarded:
    """Move crops with their masks into ``FOLDER/.discarded``; nothing is deleted.

    Args:
        folder: that `collect` made, or any folder with a folder a class.
        names: of the crops, as ``CLASS/NAME.jpg`` below the folder.

    Raises:
        DatasetError: if the folder is not there.
        UsageError: if a name points out of the folder.
        OutputError: if a crop cannot be moved.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder; give the one that spotter recognizer collect made")
    moved, gone = [], []
    for name in dict.fromkeys(names):
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise UsageError(f"{name!r} lies outside {folder}; the list must name crops in it, a line each")
        if not path.is_file():
            gone.append(name)
            continue
        for file in (path, path.with_suffix(".mask.png")):
            if file.is_file():
                _move(file, folder / DISCARDED_NAME / file.relative_to(folder))
        moved.append(name)
    _move_rows(folder, moved)
    return Discarded(tuple(moved), tuple(gone))


def read_list(path: Path) -> list[str]:
    """The names in a text file, a line each; empty lines and lines that begin with # are comments.

    Raises:
        UsageError: if it cannot be read as text.
    """
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read as a list of crops; save it from review.html, or write a name a line"
        ) from error
    return [line for line in lines if line and not line.startswith("#")]


def read_collected(folder: Path) -> dict[str, dict[str, str]]:
    """The rows of collected.csv by the crop's name, ``PART/NAME.jpg``; empty where there is no table."""
    return _read_rows(folder / TABLE_NAME)


def crop_files(folder: Path) -> list[Path]:
    """The crops of one class, masks left out, in the order of their names."""
    return sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []


def _move(file: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, target)
    except OSError as error:
        raise output_error(target, error) from error


def _move_rows(folder: Path, moved: Iterable[str]) -> None:
    """Take the rows of discarded crops over into a table beside them."""
    rows = _read_rows(folder / TABLE_NAME)
    thrown = [rows.pop(name) for name in moved if name in rows]
    if thrown:
        before = _read_rows(folder / DISCARDED_NAME / TABLE_NAME)
        _write_rows(folder / DISCARDED_NAME / TABLE_NAME, [*before.values(), *thrown])
        _write_rows(folder / TABLE_NAME, rows.values())


def _read_rows(path: Path) -> dict[str, dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path} cannot be read ({error}); move it away and start again") from error
    if any(set(_COLUMNS) - set(row) for row in rows):
        raise DatasetError(
            f"{path} is no table of collected crops: its columns are not {', '.join(_COLUMNS)}; "
            "move it away, or collect into another folder"
        )
    return {row["file"]: row for row in rows}


def _write_rows(path: Path, rows: Iterable[dict[str, str]]) -> None:
    text = io.StringIO()
    table = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_text(path, text.getvalue())
