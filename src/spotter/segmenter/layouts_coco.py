"""Annotations in COCO's format: instances with boxes, and masks as polygons or run-length codes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import Any

from spotter.errors import DatasetError
from spotter.segmenter.annotation import CLASSES, Annotated, Instance
from spotter.segmenter.data_check import Findings
from spotter.segmenter.data_check_coco import instance_of
from spotter.segmenter.layouts_coco_file import CocoFile, Picture, read_coco_file
from spotter.segmenter.layouts_reading import Reading, only_match, picture_folder

FILES = (
    (("annotations/instances_train*.json",), "annotations/instances_val*.json"),
    (("train/instances.json",), "val/instances.json"),
    (("train/_annotations.coco.json",), "valid/_annotations.coco.json"),
    (("instances.json",), ""),
    (("annotations/instances_default.json",), ""),
    (("_annotations.coco.json",), ""),
)
"""Where the files for training and the one for judging are looked for, in this order."""

COCO_PICTURES = ("train2017", "val2017", "train2014", "val2014")
"""The folders that COCO's pictures come in."""

Patterns = Sequence[tuple[tuple[str, ...], str]]


@dataclass(frozen=True, slots=True)
class Marked:
    """One annotation on its way to instances.

    Attributes:
        told: what the file says of it.
        label: number of its class.
        size: (height, width) of its picture.
        where: the entry and its file, for people.
        found: gets what is wrong.
        unused: numbers that no instance has yet.
    """

    told: dict[str, Any]
    label: int
    size: tuple[int, int]
    where: str
    found: Findings
    unused: Iterator[int]

    def instance(self) -> Instance | None:
        """What it is in COCO's own format."""
        return instance_of(self.told, self.label, self.size, self.where, self.found)


Instances = Callable[[Marked], list[Instance]]


def is_coco(path: Path) -> bool:
    """Whether there is a file where COCO's are looked for; a JSON file is taken for one."""
    return path.suffix.lower() == ".json" if path.is_file() else has_files(path, FILES)


def read_coco(path: Path, found: Findings) -> Reading:
    """Pictures of a folder in COCO's layout, or those that one file in COCO's format names.

    Categories that are all among `CLASSES` keep the numbers that these have there, and the classes end with
    the last of them; others are numbered in the order of their ids.
    """
    train, val = read_files(path, FILES, found)
    first = (train + val)[0]
    names = [first.categories[ident] for ident in sorted(first.categories, key=_order)]
    ours = set(names) <= set(CLASSES)
    classes = CLASSES[: 1 + max(map(CLASSES.index, names))] if ours else tuple(names)
    return reading_of(path, (train, val), classes, found, lambda marked: _listed(marked.instance()))


def has_files(path: Path, patterns: Patterns) -> bool:
    """Whether a folder has one of these files."""
    return path.is_dir() and any(only_match(path, one) for train, val in patterns for one in (*train, val))


def read_files(path: Path, patterns: Patterns, found: Findings) -> tuple[list[CocoFile], list[CocoFile]]:
    """The files for training and those for judging; a file that is given by its name is for both.

    Raises:
        DatasetError: if there is none, or one is not in COCO's format.
    """
    if path.is_file():
        return [read_coco_file(path, found)], []
    for train, val in patterns:
        paths = [[only_match(path, one) for one in part] for part in (train, (val,))]
        if any(map(any, paths)):
            here, held = ([read_coco_file(one, found) for one in part if one] for part in paths)
            return here, held
    wanted = ", ".join(one for train, val in patterns for one in (*train, val) if one)
    raise DatasetError(f"{path} has none of the files that are looked for in it: {wanted}")


def reading_of(
    path: Path,
    files: tuple[list[CocoFile], list[CocoFile]],
    classes: tuple[str, ...],
    found: Findings,
    instances: Instances,
    known: frozenset[int] | None = None,
) -> Reading:
    """The pictures of all files, with what is marked in them.

    Args:
        path: folder of the data set, or the one file.
        files: for training and for judging.
        classes: names of the classes; annotations of other categories are left out.
        found: gets what is wrong.
        instances: makes instances of an annotation.
        known: numbers of the classes that are marked; those of the categories if None.

    Raises:
        DatasetError: if the pictures of a file are nowhere.
    """
    unused = count(1 + max(one.highest for part in files for one in part))
    train, val = (
        chain.from_iterable(
            _Reader(one, path, classes, found, instances, known, unused).pictures() for one in part
        )
        for part in map(tuple, files)
    )
    sources = [one.path for part in files for one in part]
    if not files[1]:
        return Reading(classes, unsplit=train, files=sources)
    return Reading(classes, train=train, val=val, files=sources)


class _Reader:
    """Checks what a file says, picture by picture."""

    def __init__(
        self,
        file: CocoFile,
        root: Path,
        classes: tuple[str, ...],
        found: Findings,
        instances: Instances,
        known: frozenset[int] | None,
        unused: Iterator[int],
    ) -> None:
        self._file, self._found, self._instances = file, found, instances
        self._labels = {
            ident: classes.index(name) + 1 for ident, name in file.categories.items() if name in classes
        }
        self._known = frozenset(self._labels.values()) if known is None else known
        names = [one.name for one in file.pictures.values()]
        self._folder = picture_folder(file.path, names, _picture_folders(file.path, root))
        self._taken: set[int] = set()
        self._unused = unused

    def pictures(self) -> Iterator[Annotated]:
        """All pictures, with what is marked in each."""
        for key, picture in self._file.pictures.items():
            things = self._things(self._file.annotations.pop(key, []), picture)
            if not things:
                self._found.add("nobody", f"{picture.name} in {self._file.path}")
            path = self._folder / picture.name
            size = picture.height, picture.width
            yield Annotated(path, *size, tuple(things), self._known, ident=picture.ident)
        for key, strays in self._file.annotations.items():
            for told in strays:
                where = f"annotation {told.get('id')} of {self._file.path}"
                self._found.add("picture unknown", where, f"image_id {key!r}")

    def _things(self, annotations: list[dict[str, Any]], picture: Picture) -> list[Instance]:
        things: list[Instance] = []
        seen: dict[str, dict[str, Any]] = {}
        for told in annotations:
            where = f"annotation {told.get('id')} of {self._file.path} ({picture.name})"
            category = told.get("category_id")
            label = self._labels.get(category) if isinstance(category, Hashable) else None
            if label is None:
                self._found.add("category unknown", where, f"category_id {category!r}")
                continue
            if _same(told, seen.setdefault(repr(told.get("id")), told)):
                self._found.add("annotation twice", where)
                continue
            size = picture.height, picture.width
            marked = Marked(told, label, size, where, self._found, self._unused)
            things += self._with_own_ids(self._instances(marked), where)
        return things

    def _with_own_ids(self, things: list[Instance], where: str) -> list[Instance]:
        """A person and its parts, or another thing, with numbers that no other has."""
        out: list[Instance] = []
        for thing in things:
            ident = thing.ident
            if ident in self._taken:
                self._found.add("id twice", where)
            if ident in self._taken or ident <= 0:
                ident = next(self._unused)
            self._taken.add(ident)
            person = out[0].ident if out and thing.person == things[0].ident else thing.person
            same = (ident, person) == (thing.ident, thing.person)
            out.append(thing if same else replace(thing, ident=ident, person=person))
        return out


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether an annotation is entered again, and not another one by its side."""
    if one is other or "id" not in one:
        return False
    return all(repr(one.get(key)) == repr(other.get(key)) for key in ("id", "category_id", "bbox"))


def _picture_folders(file: Path, root: Path) -> list[Path]:
    """Where the pictures of a file may lie: images/train2017 and train2017 for instances_train2017.json."""
    part = file.stem.rpartition("_")[2]
    near = [file.parent / "images", file.parent]
    if root.is_file() or not part:
        root = file.parent.parent if file.parent.name == "annotations" else file.parent
    parts = (part, *COCO_PICTURES)
    return [*(base / one for one in parts for base in (root / "images", root)), *near, root / "images", root]


def _order(ident: Any) -> tuple[bool, Any]:
    """Sort key of ids that are numbers or texts."""
    return isinstance(ident, str), ident


def _listed(one: Instance | None) -> list[Instance]:
    return [] if one is None else [one]
