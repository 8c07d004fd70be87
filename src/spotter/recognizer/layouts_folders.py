"""Photos in folders: one folder a class, perhaps below train and validation."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from spotter.errors import DatasetError
from spotter.media.files import PICTURE_EXTENSIONS, VIDEO_EXTENSIONS, natural_key
from spotter.recognizer.dataset import LeftOut, Part, Photo, PhotoSet

PHOTO_EXTENSIONS = PICTURE_EXTENSIONS | {".gif", ".jpe", ".jfif"}
"""What counts as a photo; of an animation the first picture is taken."""

MASK_ENDING = ".mask.png"

PARTS: dict[str, Part] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
}
"""What the parts are called, in lower case."""

TEST_PARTS = frozenset({"test", "testing"})

_LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx", "@eadir"})
_APPLE = frozenset({".heic", ".heif"})


def class_folders(folder: Path) -> list[Path]:
    """The folders in a folder, in natural order, but for hidden ones and what systems leave behind.

    Raises:
        DatasetError: if it may not be looked into.
    """
    try:
        return sorted(
            (entry for entry in folder.iterdir() if entry.is_dir() and not _is_litter(entry.name)),
            key=natural_key,
        )
    except OSError as error:
        raise _unreadable(folder, error) from error


def read_folder_layout(folder: Path) -> PhotoSet:
    """Photos of a folder with a folder for each class, or with such folders below train and validation.

    Raises:
        DatasetError: if there are no folders, no photos in them, or a folder may not be looked into.
    """
    parts = _part_folders(folder)
    left_out = [_stray(entry) for entry in _files_beside(folder)]
    photos: list[Photo] = []
    classes: dict[str, None] = {}
    if not parts:
        roots: list[tuple[Path, Part | None]] = [(folder, None)]
    else:
        given = set(parts.values()) == {"train", "validation"}
        roots = [(root, part if given else None) for root, part in parts.items()]
        left_out += [_unused(entry) for entry in class_folders(folder) if entry not in parts]
    for root, part in roots:
        for one in class_folders(root):
            label = unicodedata.normalize("NFC", one.name)
            classes.setdefault(label)
            found, unused = _read_class(one, label, part)
            photos += found
            left_out += unused
    if not photos:
        raise DatasetError(_nothing_in(folder, list(classes), left_out))
    names = sorted(classes, key=lambda name: natural_key(Path(name)))
    return PhotoSet(tuple(photos), tuple(names), left_out=tuple(left_out))


def masks_and_photos(files: list[Path]) -> tuple[list[tuple[Path, Path | None]], list[LeftOut]]:
    """Photos of one folder, each with its mask or None; and the files that are neither, but for litter."""
    masks = {file.name[: -len(MASK_ENDING)]: file for file in files if is_mask(file)}
    photos: list[tuple[Path, Path | None]] = []
    left_out = []
    used = set()
    for file in files:
        if is_mask(file) or _is_litter(file.name):
            continue
        if file.suffix.lower() not in PHOTO_EXTENSIONS:
            left_out.append(LeftOut(file, _no_photo(file)))
            continue
        photos.append((file, masks.get(file.stem)))
        used.add(file.stem)
    left_out += [
        LeftOut(mask, f"{mask} is the mask of a photo {stem} that is not beside it")
        for stem, mask in masks.items()
        if stem not in used
    ]
    return photos, left_out


def is_mask(path: Path) -> bool:
    """Whether a file is the mask of the photo beside it, and not a photo.

    >>> is_mask(Path("hand1.mask.png")), is_mask(Path("mask.png"))
    (True, False)
    """
    return path.name.lower().endswith(MASK_ENDING)


def walk(folder: Path) -> Iterator[tuple[Path, list[Path]]]:
    """A folder and those below it, with their files, in natural order; hidden ones are left alone.

    Raises:
        DatasetError: if one may not be looked into.
    """

    def refuse(error: OSError) -> None:
        raise _unreadable(Path(error.filename or folder), error) from error

    for name, folders, files in os.walk(folder, onerror=refuse):
        here = Path(name)
        folders[:] = [
            one.name
            for one in sorted((here / name for name in folders), key=natural_key)
            if not _is_litter(one.name)
        ]
        yield here, sorted((here / name for name in files), key=natural_key)


def _read_class(folder: Path, label: str, part: Part | None) -> tuple[list[Photo], list[LeftOut]]:
    photos: list[Photo] = []
    left_out: list[LeftOut] = []
    for _, files in walk(folder):
        found, unused = masks_and_photos(files)
        photos += [Photo(path, (label,), part=part, mask=mask) for path, mask in found]
        left_out += unused
    return photos, left_out


def _part_folders(folder: Path) -> dict[Path, Part]:
    """The folders that are parts and not classes: they hold folders, and there is one for training."""
    found = {
        one: PARTS[one.name.lower()]
        for one in class_folders(folder)
        if one.name.lower() in PARTS and class_folders(one)
    }
    return found if "train" in found.values() else {}


def _files_beside(folder: Path) -> list[Path]:
    files = (entry for entry in folder.iterdir() if entry.is_file() and not _is_litter(entry.name))
    return sorted((file for file in files if file.suffix.lower() in PHOTO_EXTENSIONS), key=natural_key)


def _stray(file: Path) -> LeftOut:
    return LeftOut(file, f"{file} lies in no class's folder, so nothing says what it shows")


def _unused(folder: Path) -> LeftOut:
    if folder.name.lower() in TEST_PARTS:
        return LeftOut(
            folder, f"{folder} is kept out of training; judge a model with it: spotter recognizer evaluate"
        )
    return LeftOut(folder, f"{folder} is neither train nor validation; its photos are not used")


def _no_photo(file: Path) -> str:
    suffix = file.suffix.lower()
    if suffix in _APPLE:
        return f"{file} is a HEIC picture, which cannot be read; save it as JPEG"
    if suffix in VIDEO_EXTENSIONS:
        return f"{file} is a video; cut photos out of it with: spotter recognizer collect"
    return f"{file} is not a picture by its name"


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name.lower() in _LITTER


def _nothing_in(folder: Path, classes: list[str], left_out: list[LeftOut]) -> str:
    first = f"; {left_out[0].why}" if left_out else ""
    if not classes:
        return (
            f"{folder} has no folders in it; give one folder for each class, such as {folder.name}/hand and "
            f"{folder.name}/face{first}"
        )
    return f"{folder} has no photo in any of its folders ({', '.join(classes[:5])}){first}"


def _unreadable(folder: Path, error: OSError) -> DatasetError:
    reason = error.strerror or str(error)
    return DatasetError(f"{folder} could not be looked into ({reason}); change its permissions")
