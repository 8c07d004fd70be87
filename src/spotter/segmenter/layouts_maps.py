"""Data sets of label maps: Pascal-Person-Part, LIP, CIHP, and our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from spotter.errors import DatasetError
from spotter.media.files import PICTURE_EXTENSIONS, require_readable
from spotter.media.pictures import THREADS
from spotter.segmenter.annotation import Annotated
from spotter.segmenter.data_check import Findings
from spotter.segmenter.layouts_labels import Scheme, instances_of, read_labels, scheme, unknown_labels
from spotter.segmenter.layouts_reading import Part, Reading, files_in, folder_named, folders_named

PASCAL_FOLDERS = (
    "pascal_person_part_gt",
    "pascal_person_parts_gt",
    "SegmentationPersonPart",
    "SegmentationPart",
)

_PASCAL_LISTS = ("pascal_person_part_trainval_list", "ImageSets/SegmentationPersonPart", "splits")
_PARTS: dict[str, Part] = {"train": "train", "training": "train", "val": "val", "validation": "val"}
_NUMBERS_EACH = 1000  # instances that a picture can have before its numbers run into the next one's


@dataclass(frozen=True, slots=True)
class Source:
    """Folders in which a picture and its maps have the same name.

    Attributes:
        images, labels: of the pictures and their label maps.
        people: of maps that number the people; None where there are none.
        part: what the pictures are for; None if that is left to us.
        names: of the pictures that are meant, without their endings; all if None.
    """

    images: Path
    labels: Path
    people: Path | None = None
    part: Part | None = None
    names: tuple[str, ...] | None = None


def pascal_sources(root: Path) -> list[Source]:
    """Pascal-Person-Part (Chen et al. 2014, arXiv:1406.2031) as label maps; the .mat files are not needed."""
    images, labels = folder_named(root, "JPEGImages"), folder_named(root, *PASCAL_FOLDERS)
    if images is None or labels is None:
        return []
    near = [folder for base in (labels.parent, root) for folder in _list_folders(base, _PASCAL_LISTS)]
    return list(_by_lists(images, labels, None, near))


def lip_sources(root: Path) -> list[Source]:
    """LIP, single person (Gong et al. 2017, arXiv:1703.05446)."""
    sources = []
    parts: tuple[Part, ...] = ("train", "val")
    for part in parts:
        images = folder_named(root, f"{part}_images")
        labels = folder_named(root, f"{part}_segmentations")
        if images is not None and labels is not None:
            sources.append(Source(images, labels, part=part))
    return sources


def cihp_sources(root: Path) -> list[Source]:
    """CIHP, several people a picture (Gong et al. 2018, arXiv:1808.00157)."""
    sources: list[Source] = []
    for labels in folders_named(root, "Category_ids"):
        images, people = labels.parent / "Images", labels.parent / "Human_ids"
        if not images.is_dir():
            continue
        told = people if people.is_dir() else None
        if (part := _PARTS.get(labels.parent.name.lower())) is not None:
            sources.append(Source(images, labels, told, part))
        else:
            sources += _by_lists(images, labels, told, _list_folders(labels.parent))
    return sources


def spotter_sources(root: Path) -> list[Source]:
    """Our own: images, labels with 0 to 14 and people, in the folder itself or below train and val."""
    sources: list[Source] = []
    places: tuple[tuple[Path, Part | None], ...] = (
        (root / "train", "train"),
        (root / "val", "val"),
        (root, None),
    )
    for folder, part in places:
        images, labels, people = (folder / name for name in ("images", "labels", "people"))
        if images.is_dir() and any(labels.glob("*.png")):
            sources.append(Source(images, labels, people if people.is_dir() else None, part))
    return sources


SOURCES: dict[str, Callable[[Path], list[Source]]] = {
    "spotter-parts": spotter_sources,
    "pascal-person-part": pascal_sources,
    "lip": lip_sources,
    "cihp": cihp_sources,
}
"""How the folders of each layout are found."""


def has_maps(name: str, path: Path) -> bool:
    """Whether a folder has the folders of a layout."""
    return path.is_dir() and bool(SOURCES[name](path))


def read_maps(name: str, path: Path, found: Findings) -> Reading:
    """Pictures and label maps of a layout.

    Args:
        name: a key of `SOURCES`.
        path: the folder.
        found: gets what is wrong.

    Raises:
        DatasetError: if its folders are not there.
    """
    sources = SOURCES[name](path) if path.is_dir() else []
    if not sources:
        raise DatasetError(f"{path} has not the folders of the layout {name}")
    of = scheme(name)
    facts = list(of.facts)
    if of.people == "map" and any(one.people is None for one in sources):
        facts.append("No map numbers the people, so all that is marked in a picture is taken for one person")
    numbers = count(1, _NUMBERS_EACH)

    def of_part(part: Part | None) -> Iterator[Annotated]:
        for source in sources:
            if source.part == part:
                yield from _annotated(source, of, found, numbers)

    return Reading(
        of.classes,
        of_part("train"),
        of_part("val"),
        of_part(None),
        [one.labels for one in sources],
        tuple(facts),
    )


def _annotated(source: Source, of: Scheme, found: Findings, numbers: Iterator[int]) -> Iterator[Annotated]:
    images = files_in(source.images, PICTURE_EXTENSIONS)
    names = tuple(images) if source.names is None else source.names
    with ThreadPoolExecutor(THREADS) as threads:
        tasks = [(name, images.get(name), number) for name, number in zip(names, numbers)]  # noqa: B905
        for (name, picture, _), read in zip(
            tasks, threads.map(lambda task: _read(source, of, *task), tasks), strict=True
        ):
            one, wrong = read
            for kind, detail in wrong:
                found.add(kind, str(source.labels / f"{name}.png"), detail)
            if one is not None:
                if not one.instances:
                    found.add("nobody", str(picture))
                yield one


def _read(
    source: Source, of: Scheme, name: str, picture: Path | None, number: int
) -> tuple[Annotated | None, list[tuple[str, str]]]:
    """One picture's map, and what is wrong with it as kind and detail."""
    path = source.labels / f"{name}.png"
    if picture is None:
        return None, [("picture missing", f"looked for {name} in {source.images}")]
    if not path.is_file():
        return None, [("label map missing", f"for {picture}")]
    wrong = []
    try:
        labels = read_labels(path)
        people = None if source.people is None else read_labels(source.people / f"{name}.png")
    except DatasetError as error:
        return None, [("label map wrong", str(error))]
    if people is not None and people.shape != labels.shape:
        return None, [("label map wrong", "the map of its people is of another size")]
    if unknown := unknown_labels(labels, of):
        wrong.append(("label unknown", ", ".join(map(str, unknown))))
    things = instances_of(labels, people, of, number)
    known = frozenset(range(1, len(of.classes) + 1))
    height, width = labels.shape
    return Annotated(picture, height, width, things, known, ident=number // _NUMBERS_EACH + 1), wrong


def _list_folders(base: Path, more: Sequence[str] = ()) -> list[Path]:
    return [base, *(base / name for name in ("list", "lists", *more))]


def _by_lists(images: Path, labels: Path, people: Path | None, folders: Sequence[Path]) -> Iterator[Source]:
    """One source for each list of names, train and val; one for all pictures where there are no lists."""
    for folder in folders:
        for pattern in ("{}_id.txt", "{}.txt"):
            lists: dict[Part, Path] = {
                "train": folder / pattern.format("train"),
                "val": folder / pattern.format("val"),
            }
            if all(one.is_file() for one in lists.values()):
                for part, path in lists.items():
                    yield Source(images, labels, people, part, _names(path))
                return
    yield Source(images, labels, people)


def _names(path: Path) -> tuple[str, ...]:
    """The names that a list has, one a line: the first word, without folders and ending."""
    require_readable(path)
    lines = path.read_text("utf-8", errors="replace").splitlines()
    return tuple(Path(line.split()[0]).stem for line in lines if line.strip())
