"""What a layout's reader hands on, and how files of a data set are found."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from spotter.errors import DatasetError
from spotter.media.files import natural_key
from spotter.segmenter.annotation import Annotated

Part = Literal["train", "val"]

_DEPTH = 4  # folders below the data set's that are looked through
_TRIED = 20  # pictures that are looked for before a folder is taken for theirs


@dataclass(frozen=True, slots=True)
class Reading:
    """Pictures as one layout stores them.

    Attributes:
        classes: names; class number i is ``classes[i - 1]``.
        train, val: pictures that the data set itself puts into one of these parts, each read when it is asked
            for, and once.
        unsplit: pictures that it leaves to us.
        files: what was read, to be written down with the model.
        facts: sentences on what this layout's classes mean.
    """

    classes: tuple[str, ...]
    train: Iterable[Annotated] = ()
    val: Iterable[Annotated] = ()
    unsplit: Iterable[Annotated] = ()
    files: Sequence[Path] = ()
    facts: tuple[str, ...] = ()


def only_match(root: Path, pattern: str) -> Path | None:
    """The file below a folder that fits a pattern; None if there is none.

    Raises:
        DatasetError: if there are several.
    """
    found = sorted(root.glob(pattern), key=natural_key) if pattern else []
    if len(found) > 1:
        names = ", ".join(str(one.relative_to(root)) for one in found)
        raise DatasetError(
            f"{root} has several files for one part: {names}; give the one that is meant by its name"
        )
    return found[0] if found else None


def folders_named(root: Path, *names: str) -> list[Path]:
    """The folders below one that have one of these names, the nearest first."""
    below = [root]
    found: list[Path] = []
    for _ in range(_DEPTH):
        below = [one for folder in below for one in _subfolders(folder)]
        found += [one for one in below if one.name in names]
        below = [one for one in below if one.name not in names]
    return found


def folder_named(root: Path, *names: str) -> Path | None:
    """The nearest folder below one that has one of these names; None if there is none."""
    return next(iter(folders_named(root, *names)), None)


def files_in(folder: Path, endings: Collection[str]) -> dict[str, Path]:
    """The files in a folder that have one of these endings, by their names without it, in natural order.

    Raises:
        DatasetError: if it may not be looked into.
    """
    try:
        found = {one.stem: one for one in folder.iterdir() if one.suffix.lower() in endings}
    except OSError as error:
        raise DatasetError(f"{folder} could not be looked into ({error.strerror or error})") from error
    return {name: found[name] for name in natural_names(found)}


def natural_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names in natural order: 9 before 10."""
    return tuple(sorted(names, key=lambda name: natural_key(Path(name))))


def picture_folder(source: Path, names: Sequence[str], folders: Sequence[Path]) -> Path:
    """The folder with pictures: the one where most of the first few are.

    Args:
        source: the file that names them.
        names: of the pictures, perhaps with folders.
        folders: where they may be.

    Raises:
        DatasetError: if none of them is in any.
    """
    tried = list(islice(names, _TRIED))
    hits = [sum((folder / name).is_file() for name in tried) for folder in folders]
    if tried and not any(hits):
        looked = ", ".join(map(str, dict.fromkeys(folders)))
        raise DatasetError(
            f"{source} names pictures such as {tried[0]}, and none of the first {len(tried)} is there; "
            f"looked in {looked}; put the pictures into one of these folders"
        )
    return folders[hits.index(max(hits))]


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    except OSError:
        return []
    return [folder / name for name in sorted(names)]
