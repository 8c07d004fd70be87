"""Finds photos and what they show: a folder a class, a table, or the ODIR-5K data set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from spotter.errors import DatasetError, UsageError
from spotter.media.files import require_existing
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.grouping import GroupRule, assumed_rule
from spotter.recognizer.layouts_csv import find_table, is_photo_table, read_csv_layout
from spotter.recognizer.layouts_folders import class_folders, read_folder_layout
from spotter.recognizer.layouts_odir import find_odir_table, read_odir_layout

LABELS_NAME = "labels.csv"
"""A table of this name in a folder says what its photos show, whatever other folders lie there."""

Layout = Literal["auto", "folders", "csv", "odir"]


def read_photos(path: Path, *, group: str | None = None, layout: Layout = "auto") -> PhotoSet:
    """Find the photos below a folder, or those that a table names, and what they show.

    * ``folders``: ``PHOTOS/CLASS/NAME.jpg``, with any folders below a class; or ``PHOTOS/train/CLASS/`` and
      ``PHOTOS/validation/CLASS/`` (or ``val``, ``valid``). A part ``test`` is left for `evaluate`.
    * ``csv``: a table with a column ``file`` and either ``label`` (several with ``;`` or ``|`` between them)
      or a column of 0 and 1 for each class; it may say ``group`` (or ``person``) and ``part`` (or ``split``).
    * ``odir``: ODIR-5K's folder and its spreadsheet; both eyes have the patient's labels.

    ``NAME.mask.png`` beside a photo is its mask. Nothing is decoded here; see `check_photos`.

    Args:
        path: the folder, or the table.
        group: a regular expression that finds in a file's name (with its folders below the class) who is on
            it, in its first bracket or as a whole; or the name of the table's column that says so. Without
            it, names such as ``person0007_1.jpg`` and ``1144_left.jpg`` are understood: see `assumed_groups`.
        layout: how the photos are stored; ``auto`` looks.

    Returns:
        Photos in natural order and the classes in the order of their names (of a table's columns, theirs).
        A class whose folder is empty is among the classes. Files that are not used are in ``left_out``.

    Raises:
        MediaNotFoundError: if the path is not there.
        DatasetError: if no photo can be found, or the table is not to be understood.
        UsageError: if ``group`` finds nothing in any name, or is no regular expression.
        MissingExtraError: if the spreadsheet is an ``.xlsx`` and openpyxl is not installed.
    """
    path = Path(path)
    require_existing(path)
    kind = _found_layout(path) if layout == "auto" else layout
    if kind == "folders":
        if not path.is_dir():
            raise UsageError(
                f"{path} is a file; the layout 'folders' wants a folder with a folder for each class"
            )
        photos = read_folder_layout(path)
    elif kind == "csv":
        table = find_table(path)
        if group is not None and table.has(group):
            return read_csv_layout(table, group)
        photos = read_csv_layout(table, None)
    else:
        return read_odir_layout(path) if group is None else _grouped(read_odir_layout(path), path, group)
    return _grouped(photos, path, group)


def assumed_groups(photos: PhotoSet, path: Path) -> GroupRule | None:
    """By which rule `read_photos` reads off the names who is on the photos, where nothing says it."""
    return assumed_rule(_names(photos, path))


def _found_layout(path: Path) -> Layout:
    if path.is_file():
        return "odir" if find_odir_table(path) is not None else "csv"
    if (path / LABELS_NAME).is_file():
        return "csv"
    if find_odir_table(path) is not None:
        return "odir"
    if class_folders(path):
        return "folders"
    if any(is_photo_table(table) for table in path.glob("*.csv")):
        return "csv"
    raise DatasetError(
        f"{path} has neither folders nor a table in it; give a folder with one folder for each class, such "
        f"as {path.name}/hand and {path.name}/face, or with a table {LABELS_NAME} with the columns file and "
        "label"
    )


def _grouped(photos: PhotoSet, path: Path, pattern: str | None) -> PhotoSet:
    """The photos with who is on them, where their table has not said it."""
    if pattern is None and any(photo.group is not None for photo in photos.photos):
        return photos
    names = _names(photos, path)
    rule = assumed_rule(names) if pattern is None else GroupRule.given(pattern)
    if rule is None:
        return photos
    if pattern is not None:
        rule.require_any(names)
    return photos.only(
        tuple(
            replace(photo, group=rule.group_of(name))
            for photo, name in zip(photos.photos, names, strict=True)
        )
    )


def _names(photos: PhotoSet, path: Path) -> list[str]:
    """Names of the files with their folders, below the class's folder where there is one."""
    root = path if path.is_dir() else path.parent
    names = []
    for photo in photos.photos:
        inside = photo.path.relative_to(root).parts if photo.path.is_relative_to(root) else (photo.path.name,)
        classes = [i for i, part in enumerate(inside[:-1]) if part in photo.labels]
        names.append("/".join(inside[classes[0] + 1 if classes else 0 :]))
    return names
