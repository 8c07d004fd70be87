"""The page about a set of photos: what is wrong with it, how much there is of each class, how it looks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from spotter.media.writing import write_text
from spotter.recognizer.check import Finding, PhotoCheck
from spotter.recognizer.dataset import Photo
from spotter.report.recognizer.colours import class_colour, css_colour
from spotter.report.recognizer.thumbnails import thumbnail_uris
from spotter.report.shell import Tile, page_html
from spotter.report.templates import asset, fragment
from spotter.report.words import counted

CHECK_PAGE = "check.html"

_SHEET = 48  # pictures of each class
_CASES = 18  # of a finding that are shown
_PER_CASE = 6  # pictures of one case
_SIDE = 112
_WORDS = {"stop": "impossible", "warning": "warning", "hint": "good to know"}
_SIGNS = {"stop": "danger", "warning": "warning", "hint": "hint"}


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture on the page; its address is empty where it cannot be read."""

    name: str
    uri: str

    @property
    def folder(self) -> str:
        """What stands before the file's own name."""
        return self.name.removesuffix(self.file)

    @property
    def file(self) -> str:
        """The file's own name."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a finding on the page."""

    why: str
    pictures: tuple[Thumbnail, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Block:
    """A finding on the page: its sign and word of gravity, title, advice, cases, how many are not shown."""

    sign: str
    word: str
    title: str
    advice: str
    count: int
    cases: tuple[Case, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A class on the page: its figures, its share of the largest class in per cent, and some photos."""

    name: str
    light: str
    dark: str
    photos: int
    groups: int
    train: int
    validation: int
    share: float
    pictures: tuple[Thumbnail, ...]


def write_check_page(path: Path, check: PhotoCheck, root: Path) -> None:
    """Write check.html.

    Args:
        path: where it goes.
        check: see `check_photos`.
        root: the photos' folder or table; files are named from there.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, check_html(check, root))


def check_html(check: PhotoCheck, root: Path) -> str:
    """The page as text; see `write_check_page`."""
    folder = root if root.is_dir() else root.parent
    blocks = [_block(finding, folder) for finding in check.findings]
    sheets = _sheets(check, folder)
    body = fragment(
        "recognizer/check.html.j2",
        css=Markup(asset("recognizer/check.css")),
        blocks=blocks,
        sheets=sheets,
        parts=any(sheet.train or sheet.validation for sheet in sheets),
        grouped=check.groups is not None,
        sizes=_sizes(check),
        multi=check.photos.multilabel,
    )
    return page_html(
        root.resolve().name,
        body,
        meta="A look at the photos, before anything is trained with them",
        tiles=_tiles(check),
        notice="" if check.trainable else "Nothing can be trained with these photos as they are; see below.",
    )


def shown_path(path: Path, folder: Path) -> str:
    """A file's name from a folder on.

    >>> shown_path(Path("photos/hand/1.jpg"), Path("photos"))
    'hand/1.jpg'
    """
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _tiles(check: PhotoCheck) -> list[Tile]:
    least = min((one.photos for one in check.classes), default=0)
    tiles = [
        Tile(str(len(check.photos)), "photos", f"{len(check.photos.left_out)} not used"),
        Tile(str(len(check.classes)), "classes", f"{least} photos in the smallest"),
    ]
    if check.groups is not None:
        tiles.append(Tile(str(check.groups), "people or things", _sides(check)))
    grave = sum(len(one.cases) for one in check.findings if one.severity != "hint")
    hints = sum(len(one.cases) for one in check.findings if one.severity == "hint")
    return [*tiles, Tile(str(grave), "to look into", f"and {counted(hints, 'hint', 'hints')}")]


def _sides(check: PhotoCheck) -> str:
    both = [len(one.cases) for one in check.findings if one.kind == "group_across_parts"]
    return f"{both[0]} in training and validation both" if both else "none will be on both sides"


def _sizes(check: PhotoCheck) -> str:
    """How large the photos are, in a sentence."""
    if not len(check.sides):
        return ""
    shorter = check.sides.min(axis=1)
    low, middle, high = (int(np.quantile(shorter, at)) for at in (0, 0.5, 1))
    return f"The shorter side has {middle} pixels in the middle, {low} at least and {high} at most."


def _block(finding: Finding, folder: Path) -> Block:
    shown = finding.cases[:_CASES]
    wanted = [path for case in shown for path in case.paths[:_PER_CASE]]
    pictures = dict(zip(wanted, _thumbnails(wanted, folder), strict=True))
    cases = tuple(
        Case(
            _short(case.why, folder),
            tuple(pictures[path] for path in case.paths[:_PER_CASE]),
            max(0, len(case.paths) - _PER_CASE),
        )
        for case in shown
    )
    return Block(
        _SIGNS[finding.severity],
        _WORDS[finding.severity],
        finding.title,
        finding.advice,
        len(finding.cases),
        cases,
        len(finding.cases) - len(shown),
    )


def _sheets(check: PhotoCheck, folder: Path) -> list[Sheet]:
    most = max((one.photos for one in check.classes), default=0) or 1
    sheets = []
    for place, one in enumerate(check.classes):
        members = [photo for photo in check.photos.photos if one.name in photo.labels]
        colour = class_colour(place)
        sheets.append(
            Sheet(
                one.name,
                css_colour(colour.light),
                css_colour(colour.dark),
                one.photos,
                one.groups,
                one.train,
                one.validation,
                round(100 * one.photos / most, 2),
                tuple(_thumbnails([photo.path for photo in _spread(members)], folder)),
            )
        )
    return sheets


def _spread(photos: Sequence[Photo]) -> list[Photo]:
    """At most so many photos as a sheet shows, evenly out of all."""
    if len(photos) <= _SHEET:
        return list(photos)
    return [photos[i] for i in np.linspace(0, len(photos) - 1, _SHEET).round().astype(int)]


def _thumbnails(paths: Sequence[Path], folder: Path) -> list[Thumbnail]:
    uris = thumbnail_uris(paths, _SIDE)
    return [Thumbnail(shown_path(path, folder), uri or "") for path, uri in zip(paths, uris, strict=True)]


def _short(why: str, folder: Path) -> str:
    """The same words with names from the folder on."""
    return why.replace(f"{folder}{os.sep}", "")
