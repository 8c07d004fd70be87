"""Reads a file in COCO's format: its pictures, annotations and categories, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spotter.errors import DatasetError
from spotter.segmenter import outlines
from spotter.segmenter.data_check import Findings
from spotter.segmenter.layouts_json import listed

_KEPT = ("id", "category_id", "bbox", "segmentation", "iscrowd", "person", "hier", "dp_masks")
_LONGEST = 65535  # pixels of a side: more than any format of pictures has
_LISTS = ("images", "annotations", "categories")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the file tells of it: its path below some folder, and its size in pixels."""

    ident: int
    name: str
    height: int
    width: int


@dataclass(slots=True)
class CocoFile:
    """What a file in COCO's format says.

    Attributes:
        path: of the file.
        pictures: by their ids as they stand in the file.
        annotations: by the id of their picture, in the order of the file; polygons are packed.
        categories: names by their ids.
        highest: the highest id that an annotation has.
    """

    path: Path
    pictures: dict[Any, Picture] = field(default_factory=dict)
    annotations: dict[Any, list[dict[str, Any]]] = field(default_factory=dict)
    categories: dict[Any, str] = field(default_factory=dict)
    highest: int = 0


def read_coco_file(path: Path, found: Findings) -> CocoFile:
    """A file in COCO's format, entry by entry, so that even COCO itself needs little memory.

    Args:
        path: of the file.
        found: gets entries that cannot be used.

    Raises:
        DatasetError: if it is not JSON or not COCO, two pictures or categories have the same id, or there is
            no picture or no category in it.
        MediaNotFoundError, MediaUnreadableError, MediaFormatError: if there is no such file, or it is empty.
    """
    file = CocoFile(path)
    seen = set()
    for name, entry in listed(path, _LISTS):
        if name not in seen:
            seen.add(name)
        elif name == "images":
            _add_picture(file, entry, found)
        elif name == "annotations":
            _add_annotation(file, entry, found)
        else:
            _add_category(file, entry)
    if missing := [name for name in _LISTS if name not in seen]:
        raise DatasetError(
            f'{path} has no list "{missing[0]}", so it is not in COCO\'s format, which has images, '
            "annotations and categories (cocodataset.org/#format-data)"
        )
    if not file.pictures:
        raise DatasetError(f"{path} lists no picture that can be used; {_first_of(found)}")
    if not file.categories:
        raise DatasetError(f'{path} lists no category; it wants [{{"id": 1, "name": "person"}}] or others')
    return file


def _add_picture(file: CocoFile, entry: Any, found: Findings) -> None:
    where = f"picture {_ident(entry)} of {file.path}"
    fields = entry if isinstance(entry, dict) else {}
    ident, name = fields.get("id"), fields.get("file_name")
    height, width = _length(fields.get("height")), _length(fields.get("width"))
    if not _is_key(ident) or not isinstance(name, str) or not name or "\0" in name:
        found.add("picture entry", where, "it wants an id and a file_name")
        return
    if height is None or width is None:
        found.add("picture entry", where, "height and width are to be whole numbers above 0")
        return
    known = file.pictures.get(ident)
    if known is not None and known.name != name:
        raise DatasetError(
            f"{file.path} has two pictures with the id {ident}: {known.name} and {name}; nobody can tell to "
            "which the annotations belong: give each its own id"
        )
    if known is not None:
        found.add("picture twice", where)
        return
    number = ident if type(ident) is int else len(file.pictures) + 1
    file.pictures[ident] = Picture(number, name, height, width)


def _add_annotation(file: CocoFile, entry: Any, found: Findings) -> None:
    if not isinstance(entry, dict) or not _is_key(entry.get("image_id")):
        where = f"annotation {_ident(entry)} of {file.path}"
        found.add("annotation entry", where, "it wants an image_id")
        return
    kept = {key: entry[key] for key in _KEPT if key in entry}
    kept["segmentation"] = outlines.packed(kept.get("segmentation"))
    if type(kept.get("id")) is int:
        file.highest = max(file.highest, kept["id"])
    file.annotations.setdefault(entry["image_id"], []).append(kept)


def _add_category(file: CocoFile, entry: Any) -> None:
    ident, name = (entry.get("id"), entry.get("name")) if isinstance(entry, dict) else (None, None)
    if not _is_key(ident) or not isinstance(name, str) or not name:
        raise DatasetError(
            f"{file.path} has a category {_ident(entry)} without an id or a name; it wants "
            '{"id": 1, "name": "person"}'
        )
    for other, known in file.categories.items():
        if (other == ident) != (known == name):
            raise DatasetError(
                f"{file.path} has two categories with the same id or name: {other} {known!r} and {ident} "
                f"{name!r}; give each its own"
            )
    file.categories[ident] = name


def _is_key(told: object) -> bool:
    return type(told) in (int, str) or (type(told) is float and told == told)


def _length(told: object) -> int | None:
    return told if isinstance(told, int) and 0 < told <= _LONGEST else None


def _ident(entry: object) -> str:
    text = repr(entry.get("id")) if isinstance(entry, dict) else repr(entry)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _first_of(found: Findings) -> str:
    notes = found.notes()
    return notes[0] if notes else 'its list "images" is empty'
