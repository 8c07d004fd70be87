"""The layouts in which data sets of people and the parts of their bodies come."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

from spotter.errors import DatasetError, UsageError
from spotter.media.files import require_existing
from spotter.segmenter.data_check import Findings
from spotter.segmenter.layouts_coco import is_coco, read_coco
from spotter.segmenter.layouts_coco_parts import (
    has_densepose,
    has_human_parts,
    read_densepose,
    read_human_parts,
)
from spotter.segmenter.layouts_maps import SOURCES, has_maps, read_maps
from spotter.segmenter.layouts_reading import Reading
from spotter.segmenter.people_photos import has_people_photos, read_people_photos

Fits = Callable[[Path], bool]
Read = Callable[[Path, Findings], Reading]


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which pictures and annotations are stored; a table of layouts.toml.

    Attributes:
        name: as it is given on the command line.
        about: a few words for people.
        files: what it expects where.
        fits: whether a folder looks like it.
        read: reads it.
    """

    name: str
    about: str
    files: tuple[str, ...]
    fits: Fits
    read: Read


_READERS: dict[str, tuple[Fits, Read]] = {
    "coco-human-parts": (has_human_parts, read_human_parts),
    "densepose": (has_densepose, read_densepose),
    "coco": (is_coco, read_coco),
    "clothing-people": (has_people_photos, read_people_photos),
    **{name: (partial(has_maps, name), partial(read_maps, name)) for name in SOURCES},
}


@cache
def layouts() -> dict[str, Layout]:
    """All layouts by name, in the order in which they are looked for.

    >>> list(layouts())[:3]
    ['coco-human-parts', 'densepose', 'coco']
    """
    table = tomllib.loads(files(__package__).joinpath("layouts.toml").read_text("utf-8"))
    return {
        name: Layout(name, row["about"], tuple(row["files"]), *_READERS[name]) for name, row in table.items()
    }


def layout_of(path: Path, name: str | None) -> Layout:
    """The layout of a data set: the one that is named, or the first that fits.

    Raises:
        UsageError: if there is no layout of that name.
        MediaNotFoundError: if nothing is at the path.
        DatasetError: if no layout fits; the message lists what each expects.
    """
    known = layouts()
    if name is not None and name not in known:
        raise UsageError(f"there is no layout called {name!r}; choose one of {', '.join(known)}")
    require_existing(path)
    if name is not None:
        return known[name]
    fitting = next((one for one in known.values() if one.fits(path)), None)
    if fitting is None:
        raise DatasetError(
            f"{path} has no annotations that are understood; one of these is wanted in it:\n"
            + "\n".join(f"  {one.name}: {'; '.join(one.files)}" for one in known.values())
        )
    return fitting
